"""Quantities, wherever a number is taken: every parameter of every model, found by introspection."""

import functools
import re

import neo
import numpy as np
import pytest
import quantities as pq
from pyNN import errors
from pyNN.core import IndexBasedExpression
from pyNN.parameters import LazyArray, Sequence
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.standardmodels import StandardSynapseType

import pyurbanczik as sim
from backend_cython.model.schema import Parameter, State
from backend_cython.synapses.dynamic import DynamicSynapses
from pyurbanczik import electrodes
from pyurbanczik.connectivity import connectors
from pyurbanczik.nest_names import cells as nest_cells
from pyurbanczik.nest_names import electrodes as nest_electrodes
from pyurbanczik.nest_names import synapses as nest_synapses
from pyurbanczik.neurons import components, dendritic
from pyurbanczik.neurons.base import CellType
from pyurbanczik.parameters.units import SPELLINGS, TARGETS_UNITS
from pyurbanczik.synapses import stdp
from pyurbanczik.synapses.base import SynapseType


def _offered(base, *tables):
    found = [cls for cls in vars(sim).values() if isinstance(cls, type) and issubclass(cls, base)]
    return [*found, *(cls for table in tables for cls in table.values())]


CELLS = [cls for cls in _offered(CellType, nest_cells.NATIVE_CELL_TYPES) if cls is not sim.PointNeuron]
SYNAPSES = [cls for cls in _offered(SynapseType, nest_synapses.NATIVE_SYNAPSE_TYPES) if cls is not sim.STDPMechanism]
# with the choice that has all parameters
SYNAPSES.append(functools.partial(sim.DendriticErrorSynapse, error="potential", kernel="exponential"))
ELECTRODES = _offered(electrodes.CurrentSource, nest_electrodes.NATIVE_ELECTRODE_TYPES)


def parameters_of(classes):
    """(class, parameter, default, unit) of the numbers among the parameters."""
    tables = [(cls, cls() if isinstance(cls, functools.partial) else cls) for cls in classes]
    return [
        pytest.param(make, name, default, cls.units[name], id=f"{name_of(make)}.{name}")
        for make, cls in tables
        for name, default in cls.default_parameters.items()
        if isinstance(default, float) and name in cls.units
    ]


def name_of(cls):
    return cls.func.__name__ if isinstance(cls, functools.partial) else cls.__name__


def scaled(value, unit):
    """`value` in a unit that is a thousand times as large, and a quantity of another dimension."""
    unit = TARGETS_UNITS.get(unit, [unit])[0]
    if unit == "dimensionless":
        return value * 100.0 * pq.percent, value * pq.kg
    one = pq.Quantity(1.0, SPELLINGS.get(unit, unit))
    return value / 1e3 * pq.UnitQuantity(f"thousand_{unit}", 1e3 * one), value * pq.kg


@pytest.mark.parametrize("cls, name, default, unit", parameters_of(CELLS))
def test_parameters_of_cells(sim, cls, name, default, unit):
    quantity, wrong = scaled(default, unit)
    for given in (quantity, [1.0 * quantity, 1.0 * quantity], lambda i: quantity * np.ones(i.shape)):
        read = sim.Population(2, cls(**{name: given})).get(name)
        np.testing.assert_allclose(read, default, rtol=1e-14)
    cells = sim.Population(2, cls())
    cells.set(**{name: quantity})
    np.testing.assert_allclose(cells.get(name), default, rtol=1e-14)
    for refused in (lambda: cls(**{name: wrong}), lambda: cells.set(**{name: wrong})):
        with pytest.raises(errors.InvalidParameterValueError, match=rf"{cls.__name__}\.{name}: .*kg is not allowed"):
            refused()


@pytest.mark.parametrize("cls, name, default, unit", parameters_of(SYNAPSES))
def test_parameters_of_synapses(sim, cls, name, default, unit):
    quantity, wrong = scaled(default, unit)
    assert cls(**{name: quantity}).parameter_space[name].base_value == pytest.approx(default, rel=1e-14)
    with pytest.raises(errors.InvalidParameterValueError, match=rf"{name_of(cls)}\.{name}: .*kg is not allowed"):
        cls(**{name: wrong})


@pytest.mark.parametrize("cls, name, default, unit", parameters_of(ELECTRODES))
def test_parameters_of_electrodes(sim, cls, name, default, unit):
    quantity, wrong = scaled(default, unit)
    source = cls(**{name: quantity})
    assert getattr(source, name) == pytest.approx(default, rel=1e-14)
    with pytest.raises(errors.InvalidParameterValueError, match=rf"{cls.__name__}\.{name}: .*kg is not allowed"):
        setattr(source, name, wrong)


@pytest.mark.parametrize(
    "times",
    [
        [0.001, 0.002] * pq.s,
        [0.001 * pq.s, 2.0 * pq.ms],
        Sequence([0.001, 0.002] * pq.s),
        neo.SpikeTrain([0.001, 0.002] * pq.s, t_stop=1.0),
        [[0.001, 0.002] * pq.s],
    ],
)
def test_spike_times(sim, times):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
    np.testing.assert_array_equal(source.get("spike_times").value, [1.0, 2.0])
    with pytest.raises(errors.InvalidParameterValueError, match=r"SpikeSourceArray\.spike_times: .* must be in ms"):
        source.set(spike_times=[1.0] * pq.mV)


def test_spike_trains_of_a_segment(sim):
    segment = neo.Segment()
    segment.spiketrains.extend([neo.SpikeTrain([k * 1e-3] * pq.s, t_stop=1.0) for k in (1, 2)])
    sources = sim.Population(2, sim.SpikeSourceArray(spike_times=segment.spiketrains))
    assert [train.value.tolist() for train in sources.get("spike_times")] == [[1.0], [2.0]]


def test_what_yields_quantities_later(sim):
    volts = RandomDistribution("normal", mu=-0.065 * pq.V, sigma=1.0 * pq.mV, rng=NumpyRNG(seed=1))
    plain = RandomDistribution("normal", mu=-65.0, sigma=1.0, rng=NumpyRNG(seed=1))
    np.testing.assert_array_equal(*(sim.Population(3, sim.IF_cond_exp(v_rest=d)).get("v_rest") for d in (volts, plain)))
    for given in (LazyArray(0.02) * pq.s, LazyArray(lambda i: (20.0 + 0 * i) * pq.ms) + 0.0 * pq.s, 20.0 * pq.ms):
        assert sim.Population(3, sim.IF_cond_exp(tau_m=given)).get("tau_m") == pytest.approx(20.0)


def test_weights_have_the_unit_of_their_target(sim):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    targets = {"nA": sim.IF_curr_exp, "uS": sim.IF_cond_exp, "mV": sim.IF_curr_delta}
    for unit, cell in targets.items():
        cells = sim.Population(1, cell())
        one = pq.Quantity(1.0, unit)
        for weight in (5e-3 * (1e3 * one.units), lambda d, one=one: (5.0 + 0 * d) * one):
            synapse = sim.StaticSynapse(weight=weight)
            projection = sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
            assert projection.get("weight", "list", with_address=False) == pytest.approx([5.0])
        for other in targets.keys() - {unit}:
            wrong = 5 * pq.Quantity(1.0, other)
            with pytest.raises(errors.ConnectionError, match=r"StaticSynapse\.weight: a weight in .* must be in"):
                sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=wrong))
            with pytest.raises(errors.InvalidParameterValueError, match=rf"StaticSynapse\.weight: .*must be in {unit}"):
                projection.set(weight=wrong)
            with pytest.raises(errors.InvalidParameterValueError, match=rf"StaticSynapse\.weight: .*must be in {unit}"):
                projection[0].weight = wrong
        assert projection.get("weight", "list", with_address=False) == pytest.approx([5.0])


def test_times():
    sim.setup(timestep=1e-4 * pq.s, min_delay=0.1 * pq.ms, max_delay=1 * pq.s)
    assert (sim.get_time_step(), sim.get_min_delay(), sim.get_max_delay()) == (0.1, 0.1, 1000.0)
    assert sim.run_until(0.001 * pq.s) == 1.0 and sim.run(1 * pq.ms) == 2.0
    for refused in (lambda: sim.run(1 * pq.mV), lambda: sim.run_until(1 * pq.m), lambda: sim.setup(timestep=1 * pq.mV)):
        with pytest.raises(errors.InvalidParameterValueError, match="must be in ms"):
            refused()
    for refused in (lambda: sim.run(1e18), lambda: sim.run_until(10**400), lambda: sim.run(True)):
        with pytest.raises(errors.InvalidParameterValueError, match=r"run(_until)?\.\w+: .* is not allowed"):
            refused()


@pytest.mark.parametrize(
    "value",
    [
        np.ma.masked_array([1.0, 2.0], [False, True]),
        np.array([1.0, 2.0]) * 1j,
        np.array([1, 2], "m8[ms]"),
        np.array(["1", "2"]),
        ["1", "2"],
        [True, 2.0],
        np.array([True, False]),
        10**400,
        [10**400, 1],
        1e308,
        5e-324,
        np.longdouble("1e400"),
    ],
    ids=str,
)
def test_what_is_no_number_or_too_large_is_refused_by_name(sim, value):
    with pytest.raises(errors.InvalidParameterValueError, match=r"IF_cond_exp\.cm: .* is not allowed"):
        sim.IF_cond_exp(cm=value)


def test_delays_are_bounded(sim):
    cells = sim.Population(1, sim.IF_cond_exp())
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.0))
    with pytest.raises(errors.ConnectionError, match=r"StaticSynapse\.delay: .* ms is not allowed; it must be at most"):
        projection.set(delay=1e9)


CORES = {cls.core for cls in CELLS if cls.core}


@pytest.mark.parametrize("core", sorted(CORES, key=lambda core: core.__name__), ids=lambda core: core.__name__)
def test_the_core_alone_names_units_too(sim, core):
    cells = core(sim.simulator.state.network, 1)
    for change, table in (
        (lambda name: cells.set({name: np.nan}), core.PARAMETERS),
        (lambda name: cells.initialize(name, np.nan), core.STATES),
    ):
        for name, declared in table.items():
            unit = "" if declared.unit == "dimensionless" else f" {declared.unit}"
            with pytest.raises(ValueError, match=rf"{core.__name__}\.{re.escape(name)}: nan{unit} is not allowed"):
                change(name)


@pytest.mark.parametrize(
    "given, message",
    [
        ({"soma": {"C_m": 1e-4}}, r"soma_C_m: 0\.0001 pF \(index 0\) .* must be at least [\d.]+ pF \("),
        ({"dendritic": {"C_m": 1e-4}}, r"dendritic_C_m: 0\.0001 pF \(index 0\) .* must be at least [\d.]+ pF \("),
        ({"soma": {"tau_syn_ex": 1e-9}}, r"soma_tau_syn_ex: 1e-09 ms \(index 0\) .* must be at least 0\.0001 ms \("),
        ({"phi_max": 1e8, "t_ref": 0.0}, r"phi_max: 100000000\.0 1/ms \(index 0\) .* must be at most 1e\+07 1/ms \("),
    ],
)
def test_checks_between_parameters_speak_of_what_was_typed(sim, given, message):
    native = sim.native_cell_type("pp_cond_exp_mc_urbanczik")
    cells = sim.Population(1, native())
    for refused in (lambda: sim.Population(1, native(**given)), lambda: cells.set(**given)):
        with pytest.raises(errors.InvalidParameterValueError, match=rf"^pp_cond_exp_mc_urbanczik\.{message}"):
            refused()


def test_bounds_of_native_synapses_speak_of_what_was_typed(sim):
    native = sim.native_synapse_type("urbanczik_synapse")
    with pytest.raises(
        errors.InvalidParameterValueError, match=r"urbanczik_synapse\.weight: 90\.0 pA .* Wmax, 80\.0 pA"
    ):
        native(weight=90.0, Wmax=80.0)
    cells = sim.Population(1, sim.UrbanczikSenn())
    projection = sim.Projection(
        sim.Population(1, sim.SpikeSourceArray()), cells, sim.AllToAllConnector(), native(weight=70.0, Wmax=80.0)
    )
    with pytest.raises(
        errors.InvalidParameterValueError, match=r"urbanczik_synapse\.weight: 90\.0 pA .* Wmax, 80\.0 pA"
    ):
        projection.set(weight=90.0)


# ---- what has no parameters of its own among those above


COMPONENTS = [
    *stdp.Component.__subclasses__(),
    *_offered(components.Component),
    *_offered(dendritic.Part),
]


def numbers_of(cls):
    """{name: (default, unit)} of the numbers that a component of a cell or rule takes."""
    declared = cls.declared if hasattr(cls, "declared") else cls.core.PARAMETERS
    terms = getattr(cls, "terms", {})
    return {
        name: (
            getattr(cls, "default_parameters", {}).get(name, parameter.default),
            terms[name].unit if name in terms else parameter.unit,
        )
        for name, parameter in declared.items()
    }


@pytest.mark.parametrize(
    "cls, name",
    [pytest.param(cls, name, id=f"{cls.__name__}.{name}") for cls in COMPONENTS for name in numbers_of(cls)],
)
def test_parameters_of_components(sim, cls, name):
    default, unit = numbers_of(cls)[name]
    quantity, wrong = scaled(default, unit)
    part = cls(**{name: quantity})
    space = part.parameters if isinstance(part, dendritic.Part) else part.parameter_space
    value = getattr(space[name], "base_value", space[name])
    assert value == pytest.approx(default, rel=1e-14)
    with pytest.raises(errors.InvalidParameterValueError, match=rf"{cls.__name__}\.{name}: .*kg is not allowed"):
        cls(**{name: wrong})


def composed():
    responses = {f"r{k}": cls() for k, cls in enumerate(_offered(components.PostSynapticResponse))}
    for membrane in _offered(components.Membrane):
        yield f"PointNeuron {membrane.__name__}", sim.PointNeuron(membrane(), **responses)
    for rate in _offered(dendritic.RateFunction):
        yield f"DendriticNeuron {rate.__name__}", sim.DendriticNeuron(basal=sim.Dendrite(), rate_function=rate())


def all_celltypes():
    """(name, cell type) of all cells that users can make."""
    yield from composed()
    for cls in CELLS:
        if cls.core:
            yield cls.__name__, cls()


@pytest.mark.parametrize(
    "celltype, name",
    [pytest.param(cell, name, id=f"{kind}.{name}") for kind, cell in composed() for name in cell.default_parameters],
)
def test_parameters_of_composed_cells(sim, celltype, name):
    cells = sim.Population(2, celltype)
    default = cells.get(name)
    quantity, wrong = scaled(default, celltype.units[name])
    for given in (quantity, [1.0 * quantity] * 2, lambda i: quantity * np.ones(i.shape)):
        cells.set(**{name: given})
        np.testing.assert_allclose(cells.get(name), default, rtol=1e-14)
    with pytest.raises(errors.InvalidParameterValueError, match=rf"\.{re.escape(name)}: .*kg is not allowed"):
        cells.set(**{name: wrong})


@pytest.mark.parametrize(
    "celltype, name",
    [pytest.param(cell, name, id=f"{kind}.{name}") for kind, cell in all_celltypes() for name in cell.states],
)
def test_initial_values_of_cells(sim, celltype, name):
    cells, term = sim.Population(2, celltype), celltype.states[name]
    quantity, wrong = scaled(0.5, term.unit)
    for given in (quantity, [1.0 * quantity] * 2, lambda i: quantity * np.ones(i.shape)):
        cells.initialize(**{name: given})
        np.testing.assert_allclose(cells.initial_values[name].evaluate(simplify=True), 0.5, rtol=1e-14)
        np.testing.assert_allclose(cells.core.value(term.core), 0.5 * term.factor, rtol=1e-14)
    with pytest.raises(errors.InvalidParameterValueError, match=rf"\.{re.escape(name)}: .*kg is not allowed"):
        cells.initialize(**{name: wrong})


@pytest.mark.parametrize(
    "cls", [c for c in SYNAPSES if getattr(c, "default_initial_values", None)], ids=lambda cls: cls.__name__
)
def test_initial_values_of_synapses(sim, cls):
    cells = sim.Population(1, sim.IF_curr_exp())
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), cls(weight=0.1))
    for name, term in cls.states.items():
        default = projection.initial_values[name].evaluate(simplify=True)
        quantity, wrong = scaled(default, term.unit)
        projection.initialize(**{name: quantity})
        np.testing.assert_allclose(projection.initial_values[name].evaluate(simplify=True), default, rtol=1e-14)
        with pytest.raises(errors.InvalidParameterValueError, match=rf"\.{name}: .*kg is not allowed"):
            projection.initialize(**{name: wrong})


def test_states_in_the_unit_of_weights(sim):
    """No synapse type has one; a new one may."""

    class Kept(DynamicSynapses):
        PARAMETERS = {"weight": Parameter(0.0, "nA or uS")}
        STATES = {"w": State("weight", "nA or uS")}

    class KeptSynapse(SynapseType, StandardSynapseType):
        core = Kept

    sources = sim.Population(1, sim.SpikeSourceArray())
    for cells, units in ((sim.IF_curr_exp, (pq.pA, pq.uS)), (sim.IF_cond_exp, (pq.nS, pq.nA))):
        projection = sim.Projection(sources, sim.Population(1, cells()), sim.AllToAllConnector(), KeptSynapse())
        projection.initialize(w=100.0 * units[0])
        assert projection.initial_values["w"].evaluate(simplify=True) == pytest.approx(0.1)
        with pytest.raises(errors.InvalidParameterValueError, match=r"\.w: 1\.0 (uS|nA) is not allowed"):
            projection.initialize(w=1.0 * units[1])


def test_modulators(sim):
    cells = sim.Population(2, sim.IF_curr_exp())
    half, wrong = 50.0 * pq.percent, 1.0 * pq.kg
    steps = sim.Modulator(times=[0.0, 1e-3] * pq.s, values=[half, 1.0])
    assert steps.value == 0.5 and sim.Modulator(value=[half, half]).value.tolist() == [0.5, 0.5]
    steps.set(2 * half)
    assert steps.value == 1.0
    sim.run(2.0)
    assert sim.Modulator(times=[0.0, 1e-3] * pq.s, values=[half, 1.0]).value == 1.0
    trace = sim.SpikeModulator(cells, tau=0.02 * pq.s, weight=half, baseline=half)
    assert trace.value == 0.5
    trace.set(baseline=4 * half, tau=0.01 * pq.s)
    assert trace.value == 2.0
    for refused, name in (
        (lambda: sim.Modulator(value=wrong), "value"),
        (lambda: sim.Modulator(times=[0.0] * pq.kg, values=[1.0]), "times"),
        (lambda: sim.Modulator(times=[0.0], values=[wrong]), "values"),
        (lambda: steps.set(wrong), "value"),
        *(
            (lambda name=name: sim.SpikeModulator(cells, **{name: wrong}), name)
            for name in ("tau", "weight", "baseline")
        ),
        *((lambda name=name: trace.set(**{name: wrong}), name) for name in ("tau", "weight", "baseline")),
    ):
        with pytest.raises(errors.InvalidParameterValueError, match=rf"Modulator\.{name}: .*kg is not allowed"):
            refused()
    assert steps.value == 1.0 and trace.value == 2.0


def sequences():
    for cls in CELLS:
        for name, default in cls.default_parameters.items():
            if isinstance(default, Sequence):
                yield pytest.param(cls, name, id=f"{cls.__name__}.{name}")


@pytest.mark.parametrize("cls, name", list(sequences()))
def test_sequences_of_cells(sim, cls, name):
    quantity, wrong = scaled(2.0, cls.units[name])
    cells = sim.Population(1, cls())
    for given in ([quantity], Sequence([quantity]), [[quantity]], np.array([1.0]) * quantity):
        try:
            cells.set(**{name: given})
        except errors.InvalidParameterValueError as error:
            # weights need times
            assert "one weight for each spike time" in str(error) or "for each" in str(error)
            cells = sim.Population(1, cls(spike_times=[1.0], **{name: given}))
        assert cells.get(name).value.tolist() == pytest.approx([2.0], rel=1e-14)
    with pytest.raises(errors.InvalidParameterValueError, match=rf"{cls.__name__}\.{name}: "):
        cells.set(**{name: [wrong]})


@pytest.mark.parametrize("name", connectors.OWN, ids=lambda cls: cls.__name__)
def test_weights_and_delays_of_every_connector(sim, name):
    own, cells = getattr(sim, name.__name__), sim.Population(3, sim.IF_curr_exp())
    arguments = {
        "FixedProbabilityConnector": [1.0],
        "DistanceDependentProbabilityConnector": ["d >= 0"],
        "IndexBasedProbabilityConnector": [Everywhere()],
        "DisplacementDependentProbabilityConnector": [lambda d: np.ones(d.shape[1:])],
        "FixedNumberPreConnector": [2],
        "FixedNumberPostConnector": [2],
        "FixedTotalNumberConnector": [2],
        "FromListConnector": [[(0, 1)]],
        "ArrayConnector": [np.ones((3, 3), dtype=bool)],
        "CloneConnector": [sim.Projection(cells, cells, sim.OneToOneConnector(), sim.StaticSynapse())],
        "SmallWorldConnector": [2.0, 0.0],
    }
    if own.__name__ in ("CSAConnector", "FromFileConnector"):
        pytest.skip("needs a package or a file; it connects through the others")
    for weight, delay in (
        (5.0 * pq.pA, 1e-3 * pq.s),
        (lambda d: 5.0 * pq.pA * np.ones(np.shape(d)), lambda d: 1e-3 * pq.s * np.ones(np.shape(d))),
        (RandomDistribution("uniform", low=5.0 * pq.pA, high=5.0 * pq.pA), 1000.0 * pq.us),
    ):
        synapse = sim.StaticSynapse(weight=weight, delay=delay)
        projection = sim.Projection(cells, cells, own(*arguments.get(own.__name__, ())), synapse)
        values = np.array(projection.get(["weight", "delay"], "list", with_address=False))
        assert len(values)
        np.testing.assert_allclose(values, np.broadcast_to([0.005, 1.0], values.shape), rtol=1e-12)


class Everywhere(IndexBasedExpression):
    """Probability 1."""

    def __call__(self, i, j):
        return np.ones(np.broadcast(i, j).shape)


def test_times_of_callbacks_and_intervals_of_records(sim):
    cells = sim.Population(1, sim.IF_curr_exp())
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse(weight=0.1))
    cells.record("v", sampling_interval=1e-3 * pq.s)
    projection.record("u", sampling_interval=500.0 * pq.us)
    called = []

    def callback(t):
        called.append(t)
        return (t + 2.0) * 1e-3 * pq.s

    sim.run(6.0 * pq.ms, callbacks=[callback])
    assert called == pytest.approx([0.0, 2.0, 4.0, 6.0])
    (signal,), (sampled,) = (x.get_data().segments[0].analogsignals for x in (cells, projection))
    assert float(signal.sampling_period.rescale("ms")) == 1.0 and float(sampled.sampling_period.rescale("ms")) == 0.5
    for refused in (
        lambda: sim.run(1.0, callbacks=[lambda t: 1.0 * pq.mV]),
        lambda: cells.record("v", sampling_interval=1.0 * pq.mV),
        lambda: projection.record("u", sampling_interval=1.0 * pq.mV),
    ):
        with pytest.raises(errors.InvalidParameterValueError, match="must be in ms"):
            refused()
