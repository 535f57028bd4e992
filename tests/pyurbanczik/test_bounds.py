"""With parameters, weights, initial values and currents at their bounds every state stays finite."""

import itertools

import numpy as np
import pytest

import pyurbanczik as sim
from backend_cython.model.schema import LARGEST, RULES
from pyurbanczik import electrodes
from pyurbanczik.nest_names import cells as nest_cells
from pyurbanczik.nest_names import electrodes as nest_electrodes
from pyurbanczik.nest_names import synapses as nest_synapses
from pyurbanczik.neurons.base import CellType
from pyurbanczik.neurons.components import Membrane, PostSynapticResponse
from pyurbanczik.neurons.dendritic import RateFunction
from pyurbanczik.synapses import dendritic_error, stdp
from pyurbanczik.synapses.base import SynapseType


def offered(base):
    """Classes that users can make objects of."""
    found = [cls for cls in vars(sim).values() if isinstance(cls, type) and issubclass(cls, base)]
    return [cls for cls in dict.fromkeys(found) if cls not in (sim.NativeCellType, sim.NativeSynapseType)]


PLAIN = [cls for cls in offered(CellType) if cls.core] + list(nest_cells.NATIVE_CELL_TYPES.values())
COMPOSED = {
    **{
        f"PointNeuron {membrane.__name__}": lambda membrane=membrane: sim.PointNeuron(
            membrane(), **{f"r{k}": response() for k, response in enumerate(offered(PostSynapticResponse))}
        )
        for membrane in offered(Membrane)
    },
    **{
        f"DendriticNeuron {rate.__name__}": lambda rate=rate: sim.DendriticNeuron(
            basal=sim.Dendrite(), apical=sim.Dendrite(), rate_function=rate()
        )
        for rate in offered(RateFunction)
    },
}
TYPES = {**{cls.__name__: cls for cls in PLAIN}, **COMPOSED}
CELLS = {name: make for name, make in TYPES.items() if make().receptor_types}
SOURCES = {name: make for name, make in TYPES.items() if not make().receptor_types}
RULES_OF_STDP = [
    [cls for cls in stdp.Component.__subclasses__() if issubclass(cls, kind)]
    for kind in (stdp.synapses.STDPTimingDependence, stdp.synapses.STDPWeightDependence)
]
SYNAPSES = {
    **{cls.__name__: cls for cls in offered(SynapseType) if cls is not sim.STDPMechanism},
    **nest_synapses.NATIVE_SYNAPSE_TYPES,
    **{
        f"{timing.__name__} {weight.__name__}": lambda timing=timing, weight=weight: sim.STDPMechanism(
            timing(), weight()
        )
        for timing, weight in itertools.product(*RULES_OF_STDP)
    },
}
CHOICES = itertools.product(*dendritic_error.CHOICES.values())
SYNAPSES |= {
    f"DendriticErrorSynapse {' '.join(chosen)}": lambda chosen=chosen, **given: sim.DendriticErrorSynapse(
        **dict(zip(dendritic_error.CHOICES, chosen)), **given
    )
    for chosen in CHOICES
}
ELECTRODES = [*offered(electrodes.CurrentSource), *nest_electrodes.NATIVE_ELECTRODE_TYPES.values()]

CHOICES = {"least": lambda least, most: least, "most": lambda least, most: most}
choices = pytest.mark.parametrize("choice", [*CHOICES, *range(4)])


def chooser(choice):
    if choice in CHOICES:
        return CHOICES[choice]
    rng = np.random.default_rng([choice])
    return lambda least, most: (least, most)[rng.integers(2)]


def set_to_bounds(change, table, choose):
    """Set one number after the other to the bound of its rule, as far as those set before allow it."""
    reached = 0
    for name, declared in table.items():
        rule = RULES[declared.allowed]
        try:
            change(name, choose(rule.least, min(rule.most, LARGEST)))
            reached += 1
        except (ValueError, MemoryError):
            continue
    assert reached > len(table) / 4 or len(table) == 1


def check_signals(*recorded):
    for container in recorded:
        for segment in container.get_data().segments:
            for signal in (*segment.analogsignals, *segment.irregularlysampledsignals):
                assert np.isfinite(signal.magnitude).all(), signal.name
            for train in segment.spiketrains:
                assert np.isfinite(train.magnitude).all()


@choices
@pytest.mark.parametrize("name", CELLS)
def test_cells(sim, name, choice):
    choose, celltype = chooser(choice), CELLS[name]()
    cells = sim.Population(1, celltype)
    core = cells.core
    set_to_bounds(lambda name, value: core.set({name: value}), core.PARAMETERS, choose)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[0.2, 0.5, 0.6]))
    for receptor in celltype.receptor_types:
        for sign in (1.0, -1.0):
            try:
                synapse = sim.StaticSynapse(weight=sign * LARGEST)
                sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
                break
            except sim.errors.ConnectionError:
                continue
    cells.record([name for name in celltype.recordable if name != "spikes"])
    try:
        sim.run(1.0)
    except OverflowError as error:
        # without refractory time and with a rate that knows no bounds
        assert "the rate of cell 0 is too high" in str(error)
    check_signals(cells)


@choices
@pytest.mark.parametrize("name", CELLS)
def test_initial_values_of_cells(sim, name, choice):
    choose = chooser(choice)
    cells = sim.Population(1, CELLS[name]())
    core = cells.core
    set_to_bounds(lambda name, value: core.initialize(name, value), core.STATES, choose)
    cells.record([name for name in cells.celltype.recordable if name != "spikes"])
    sim.run(1.0)
    check_signals(cells)


@choices
@pytest.mark.parametrize("name", SOURCES)
def test_sources(sim, name, choice):
    choose, celltype = chooser(choice), SOURCES[name]()
    cells = sim.Population(1, celltype)
    core = cells.core
    if core.PARAMETERS:
        set_to_bounds(lambda name, value: core.set({name: value}), core.PARAMETERS, choose)
    sequences = [name for name, value in celltype.default_parameters.items() if hasattr(value, "value")]
    if sequences:
        for name in sequences:
            rule = RULES[celltype.entry(name).allowed]
            try:
                cells.set(**{name: [[choose(rule.least, min(rule.most, LARGEST))]]})
            except ValueError:
                continue
    cells.record("spikes")
    sim.run(0.2)
    check_signals(cells)


def connected(synapse):
    """A projection with a synapse of the kind between cells with which it can be made, that spike."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[0.2, 0.5, 0.6, 1.5]))
    for post, receptor in (
        (sim.IF_curr_exp(i_offset=100.0, tau_refrac=0.1), "excitatory"),
        (sim.UrbanczikSenn(theta=-100.0, tau_refrac=0.1, phi_max=1e4), "dendritic_exc"),
        (sim.DendriticNeuron(basal=sim.Dendrite(), theta=-100.0, tau_refrac=0.1, phi_max=1e4), "basal_exc"),
    ):
        for pre in (source, sim.Population(1, sim.IF_curr_exp(i_offset=100.0, tau_refrac=0.1))):
            cells = sim.Population(1, post)
            try:
                return cells, sim.Projection(pre, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
            except sim.errors.ConnectionError:
                continue
    raise AssertionError("no cells were found to connect")


def record_all(cells, projection):
    names = list(projection.synapse_type.recordable)
    if names:
        projection.record(names)
    cells.record([name for name in cells.celltype.recordable if name != "spikes"])


def check_projection(cells, projection):
    check_signals(cells, *([projection] if projection.synapse_type.recordable else []))
    for name in projection.synapse_type.default_parameters:
        assert np.isfinite(projection.get(name, "list", with_address=False)).all(), name
    core = next(iter(projection.table.parts)).core
    for name in core.variables:
        assert np.isfinite(core.value(name)).all(), name


@choices
@pytest.mark.parametrize("name", SYNAPSES)
def test_synapses(sim, name, choice):
    cells, projection = connected(SYNAPSES[name]())
    core = next(iter(projection.table.parts)).core
    set_to_bounds(lambda name, value: core.set({name: value}), core.kind.PARAMETERS, chooser(choice))
    record_all(cells, projection)
    sim.run(2.0)
    check_projection(cells, projection)


@choices
@pytest.mark.parametrize("name", SYNAPSES)
def test_synapses_onto_cells_at_bounds(sim, name, choice):
    cells, projection = connected(SYNAPSES[name]())
    choose, core = chooser(choice), next(iter(projection.table.parts)).core
    target = cells.core
    set_to_bounds(lambda name, value: target.set({name: value}), target.PARAMETERS, choose)
    set_to_bounds(lambda name, value: core.set({name: value}), core.kind.PARAMETERS, choose)
    record_all(cells, projection)
    sim.run(2.0)
    check_projection(cells, projection)


@choices
@pytest.mark.parametrize("name", [name for name in SYNAPSES if SYNAPSES[name]().default_initial_values])
def test_initial_values_of_synapses(sim, name, choice):
    cells, projection = connected(SYNAPSES[name](weight=1.0))
    core = next(iter(projection.table.parts)).core
    set_to_bounds(lambda name, value: core.initialize({name: value}), core.kind.STATES, chooser(choice))
    record_all(cells, projection)
    sim.run(2.0)
    check_projection(cells, projection)


@choices
@pytest.mark.parametrize("cls", ELECTRODES, ids=lambda cls: cls.__name__)
def test_electrodes(sim, cls, choice):
    choose, source = chooser(choice), cls()
    rules = {**electrodes.CurrentSource.rules, **cls.rules}
    for name, default in cls.default_parameters.items():
        if name not in cls.units:
            continue
        rule = RULES[rules.get(name, "finite")]
        value = choose(rule.least, min(rule.most, LARGEST))
        try:
            setattr(source, name, value if isinstance(default, (int, float)) else [value])
        except ValueError:
            continue
    populations = [sim.Population(1, make()) for make in CELLS.values()]
    for cells in populations:
        if cells.celltype.injectable:
            source.inject_into(cells)
            cells.record(["v"] if "v" in cells.celltype.recordable else [])
    source.record()
    sim.run(1.0)
    check_signals(*populations)
    assert np.isfinite(source.get_data().magnitude).all()
