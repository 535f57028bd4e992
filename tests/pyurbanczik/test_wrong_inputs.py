"""Every parameter of every model, electrode and connector refuses what no such parameter can be, by its name."""

import inspect

import numpy as np
import pytest
import quantities as pq
from pyNN import errors

import pyurbanczik as sim
from pyurbanczik.nest_names.cells import NATIVE_CELL_TYPES
from pyurbanczik.nest_names.electrodes import NATIVE_ELECTRODE_TYPES
from pyurbanczik.nest_names.synapses import NATIVE_SYNAPSE_TYPES

from .fuzz_calls import fault_of

REFUSALS = (ValueError, TypeError, errors.InvalidParameterValueError, errors.InvalidDimensionsError)
REFUSALS += (errors.ConnectionError, errors.NonExistentParameterError)

# No number of a model is any of these.
NEVER = {
    "NaN": float("nan"),
    "infinity": float("inf"),
    "minus infinity": float("-inf"),
    "1e308": 1e308,
    "10**400": 10**400,
    "text": "abc+",
    "bytes": b"1",
    "True": True,
    "complex": 1 + 2j,
    "timedelta": np.timedelta64(1, "s"),
    "length": 1.0 * pq.m,
    "object": object(),
    "dictionary": {"a": 1.0},
    "masked": np.ma.masked_array([1.0, 2.0], mask=[False, True]),
    "array of texts": np.array(["1", "2"]),
    "array of complex": np.array([1j, 2.0]),
    "list with NaN": [1.0, float("nan")],
    "ragged": [[1.0], [1.0, 2.0]],
    "list with a text": [1.0, "2"],
}
# What may be infinite, since it is the end of time or a duration
ENDLESS = {"stop", "duration", "start", "sampling_interval"}


def _models(kind):
    found = {}
    for name in dir(sim):
        cls = getattr(sim, name)
        if isinstance(cls, type) and issubclass(cls, kind) and getattr(cls, "core", None) is not None:
            found[cls.__name__] = cls
    return found


CELLS = {**_models(sim.neurons.base.CellType), **NATIVE_CELL_TYPES}
SYNAPSES = {**_models(sim.synapses.base.SynapseType), **NATIVE_SYNAPSE_TYPES}
SYNAPSES.pop("STDPMechanism", None)
ELECTRODES = {cls.__name__: cls for cls in (sim.DCSource, sim.ACSource, sim.StepCurrentSource, sim.NoisyCurrentSource)}
ELECTRODES.update(NATIVE_ELECTRODE_TYPES)
MODELS = {**CELLS, **SYNAPSES, **ELECTRODES}


def wrong_for(cls, name):
    """The values of `NEVER` that this parameter refuses."""
    sequence = np.ndim(getattr(cls.default_parameters[name], "value", cls.default_parameters[name])) > 0
    for what, value in NEVER.items():
        if name in ENDLESS and what in ("infinity", "1e308"):
            continue
        # to end before all times, and what is true or false
        if (name, what) == ("stop", "minus infinity") or (what == "True" and cls.default_parameters[name] is False):
            continue
        if sequence and what == "ragged":
            continue
        yield what, value


CASES = [
    pytest.param(cls, name, id=f"{model}.{name}") for model, cls in MODELS.items() for name in cls.default_parameters
]


def test_there_are_many():
    assert sum(len(list(wrong_for(*case.values))) for case in CASES) > 2000


@pytest.mark.parametrize("cls, name", CASES)
def test_parameters_of_models(sim, cls, name):
    accepted, unnamed = [], []
    for what, value in wrong_for(cls, name):
        try:
            model = cls(**{name: value})
            if cls in CELLS.values():
                # arrays are compared with the number of cells, and functions evaluated, only now
                sim.Population(2, model)
            accepted.append(what)
        except REFUSALS as error:
            if cls.__name__ not in str(error) or name not in str(error):
                unnamed.append(f"{what}: {error!r:.150}")
        except Exception as error:
            unnamed.append(f"{what}: {error!r:.150}")
    assert not accepted and not unnamed, f"accepted: {accepted}\nwithout a name: {unnamed}"


@pytest.mark.parametrize("name", [name for name in CELLS if name != "PointNeuron"])
def test_parameters_that_are_set(sim, name):
    cells = sim.Population(2, CELLS[name]())
    before = {parameter: cells.get(parameter) for parameter in cells.celltype.default_parameters}
    faults = []
    for parameter in before:
        for what, value in wrong_for(CELLS[name], parameter):
            try:
                cells.set(**{parameter: value})
                faults.append(f"{parameter}: {what} is accepted")
            except REFUSALS as error:
                if name not in str(error) or parameter not in str(error):
                    faults.append(f"{parameter}: {what}: {error!r:.150}")
            except Exception as error:
                faults.append(f"{parameter}: {what}: {error!r:.150}")
    assert not faults
    assert repr({parameter: cells.get(parameter) for parameter in before}) == repr(before)


@pytest.mark.parametrize("name", list(CELLS))
def test_initial_values(sim, name):
    cells = sim.Population(2, CELLS[name]())
    faults = []
    for state in cells.celltype.states:
        for what, value in NEVER.items():
            try:
                cells.initialize(**{state: value})
                faults.append(f"{state}: {what} is accepted")
            except REFUSALS as error:
                if name not in str(error) or state not in str(error):
                    faults.append(f"{state}: {what}: {error!r:.150}")
            except Exception as error:
                faults.append(f"{state}: {what}: {error!r:.150}")
    assert not faults


# What each argument of a connector may be; the others of `WRONG` it refuses.
ABSTRACT = (sim.Connector, sim.CSAConnector, sim.MapConnector, sim.FixedNumberConnector)
CONNECTORS = {
    name: cls
    for name, cls in vars(sim).items()
    if isinstance(cls, type) and issubclass(cls, sim.Connector) and cls not in ABSTRACT
}
MINIMUM = {
    "ArrayConnector": {"array": np.ones((2, 2), dtype=bool)},
    "CloneConnector": {"reference_projection": None},
    "DisplacementDependentProbabilityConnector": {"disp_function": lambda d: d[0] * 0.0},
    "DistanceDependentProbabilityConnector": {"d_expression": "d < 2"},
    "FixedNumberPostConnector": {"n": 1},
    "FixedNumberPreConnector": {"n": 1},
    "FixedProbabilityConnector": {"p_connect": 0.5},
    "FixedTotalNumberConnector": {"n": 1},
    "FromFileConnector": {"file": "x.txt"},
    "FromListConnector": {"conn_list": [(0, 0)]},
    "IndexBasedProbabilityConnector": {"index_expression": None},
    "SmallWorldConnector": {"degree": 1.0, "rewiring": 0.1},
}
WRONG_ARGUMENTS = [float("nan"), "nonsense", -1.5, 1j, object(), [[1.0], [2.0, 3.0]]]
CONNECTOR_CASES = [
    pytest.param(name, argument, id=f"{name}.{argument}")
    for name in CONNECTORS
    if name not in ("CloneConnector", "IndexBasedProbabilityConnector")
    for argument in inspect.signature(CONNECTORS[name].__init__).parameters
    if argument not in ("self", "location_selector", "args", "kwargs", "file", "column_names")
]


@pytest.mark.parametrize("name, argument", CONNECTOR_CASES)
def test_arguments_of_connectors(sim, name, argument):
    cells = sim.Population(2, sim.IF_cond_exp())
    faults = []
    for value in WRONG_ARGUMENTS:
        try:
            connector = CONNECTORS[name](**{**MINIMUM.get(name, {}), argument: value})
            sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.001))
            faults.append(f"{value!r} is accepted")
        except REFUSALS as error:
            if name not in str(error) or argument not in str(error):
                faults.append(f"{value!r}: {error!r:.150}")
        except Exception as error:
            faults.append(f"{value!r}: {error!r:.150}")
    assert not faults
    assert not simulator_projections()


def simulator_projections():
    return sim.simulator.state.network.projections.members


HUGE = 10**400
NUMBERS = [float("nan"), float("inf"), -1.5, 1e308, HUGE, "1", b"1", True, 1j, np.timedelta64(1, "s"), 1.0 * pq.m]
NUMBERS += [[1.0, 2.0], {}, object(), lambda: 1.0]
FUNCTIONS = {
    "run.simtime": lambda sim, cells, v: sim.run(v),
    "run_until.time_point": lambda sim, cells, v: sim.run_until(v),
    "setup.timestep": lambda sim, cells, v: sim.setup(timestep=v),
    "setup.min_delay": lambda sim, cells, v: sim.setup(min_delay=v),
    "setup.max_delay": lambda sim, cells, v: sim.setup(max_delay=v),
    "setup.rng_seed": lambda sim, cells, v: sim.setup(rng_seed=v),
    "setup.threads": lambda sim, cells, v: sim.setup(threads=v),
    "record.sampling_interval": lambda sim, cells, v: cells.record("v", sampling_interval=v),
    "record.variables": lambda sim, cells, v: cells.record(v),
    "record.locations": lambda sim, cells, v: cells.record("v", locations=v),
    "get.parameter_names": lambda sim, cells, v: cells.get(v),
    "sample.n": lambda sim, cells, v: cells.sample(v),
    "Population.size": lambda sim, cells, v: sim.Population(v, sim.IF_cond_exp()),
    "inject.current_source": lambda sim, cells, v: cells.inject(v),
    "inject.location": lambda sim, cells, v: cells.inject(sim.DCSource(), location=v),
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_arguments_of_functions(sim, function):
    cells = sim.Population(2, sim.IF_cond_exp(), label="cells")
    argument = function.split(".")[1]
    faults = []
    for value in NUMBERS:
        # any integer is a seed; a sample is never larger than the population, and point neurons have no locations
        if (argument in ("rng_seed", "n") and value is HUGE) or (argument == "locations" and value == "1"):
            continue
        try:
            FUNCTIONS[function](sim, cells, value)
            faults.append(f"{value!r} is accepted")
        except (*REFUSALS, errors.RecordingError, KeyError) as error:
            if argument not in str(error) and not isinstance(
                error, (errors.RecordingError, errors.NonExistentParameterError)
            ):
                faults.append(f"{value!r}: {error!r:.150}")
        except Exception as error:
            faults.append(f"{value!r}: {error!r:.150}")
    assert not faults
    assert sim.get_current_time() == 0.0


def test_a_cell_or_a_connection_where_it_does_not_belong(sim):
    """Whatever they are asked for, they answer that they have no such attribute."""
    cells = sim.Population(2, sim.IF_cond_exp(), label="cells")
    projection = sim.Projection(cells, cells, sim.AllToAllConnector())
    for thing in (cells[0], projection[0]):
        assert not hasattr(thing, "nonsense") and hasattr(thing, "tau_m" if thing is cells[0] else "weight")
        for give, told in (
            (lambda x: sim.Projection(x, cells, sim.AllToAllConnector()), "presynaptic_neurons must be"),
            (lambda x: cells.inject(x), "inject.current_source: .* is not allowed"),
            (lambda x: cells.record("v", to_file=x), "record.to_file: .* is not allowed"),
            (lambda x: cells.write_data(x), "write_data.io: .* is not allowed"),
            (lambda x: cells.save_positions(x), "save_positions.file: .* is not allowed"),
            (lambda x: projection.save("weight", x), "save.file: .* is not allowed"),
        ):
            with pytest.raises((errors.ConnectionError, errors.InvalidParameterValueError), match=told):
                give(thing)
    assert not cells.get_data().segments[0].analogsignals


# Where the structures lie, and of what they are made.
STRUCTURES = {
    "Line": {},
    "Grid2D": {},
    "Grid3D": {},
    "RandomStructure": {"boundary": sim.Sphere(1.0)},
    "Cuboid": {"width": 1.0, "height": 1.0, "depth": 1.0},
    "Sphere": {"radius": 1.0},
    "Space": {},
}


@pytest.mark.parametrize("structure", STRUCTURES)
def test_arguments_of_structures(structure):
    cls = getattr(sim, structure)
    faults = []
    for name in list(inspect.signature(cls.__init__).parameters)[1:]:
        for what, value in NEVER.items():
            try:
                cls(**{**STRUCTURES[structure], name: value})
                faults.append(f"{name}: {what} is accepted")
            except REFUSALS as error:
                if f"{structure}.{name}" not in str(error):
                    faults.append(f"{name}: {what}: {error!r:.150}")
    assert not faults


@pytest.mark.parametrize("engine", ["unknown", 3, None, int, ["string"]], ids=repr)
def test_engines_of_descriptions(sim, engine):
    cells = sim.Population(2, sim.UrbanczikSenn())
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), receptor_type="soma_exc")
    stdp = sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence())
    things = [cells, cells[:1], sim.Assembly(cells), projection, cells.celltype, sim.StaticSynapse(), stdp]
    things += [sim.SpikePairRule(), sim.LIF(), sim.DCSource(), sim.native_cell_type("pp_cond_exp_mc_urbanczik")()]
    for thing in things:
        for arguments in ({"engine": engine}, {"template": 3}):
            with pytest.raises(
                errors.InvalidParameterValueError, match=r"describe\.(engine|template): .* is not allowed"
            ):
                thing.describe(**arguments)
        assert thing.describe(template="$name")


# Of each class of what lasts: arguments with which it is made.
MADE_WITH = {
    "Population": lambda sim, cells: dict(
        size=2, cellclass=sim.IF_cond_exp, cellparams={}, structure=sim.Line(), initial_values={}, label="new"
    ),
    "PopulationView": lambda sim, cells: dict(parent=cells, selector=slice(0, 1), label="new"),
    "Assembly": lambda sim, cells: dict(label="new"),
    "Projection": lambda sim, cells: dict(
        presynaptic_neurons=cells,
        postsynaptic_neurons=cells,
        connector=sim.AllToAllConnector(),
        synapse_type=sim.StaticSynapse(),
        source="spikes",
        receptor_type="excitatory",
        space=sim.Space(),
        label="new",
    ),
    "Modulator": lambda sim, cells: dict(value=1.0),
    "SpikeModulator": lambda sim, cells: dict(population=cells, tau=1.0, weight=1.0, baseline=0.0),
}
MAKING = [
    (cls, name)
    for cls in MADE_WITH
    for name, parameter in inspect.signature(getattr(sim, cls).__init__).parameters.items()
    if name != "self" and parameter.kind is not parameter.VAR_POSITIONAL and name not in ("times", "values")
]
# What has no truth value, is compared element by element, or is empty while it is looked at.
AWKWARD = {"array": np.zeros((2, 2)), "iterator": iter([1.0]), "list of texts": ["a", "b"], "empty list": []}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("cls, name", MAKING)
def test_arguments_of_what_lasts(sim, cls, name):
    cells = sim.Population(2, sim.IF_cond_exp(), label="cells")
    good = MADE_WITH[cls](sim, cells)
    getattr(sim, cls)(**good)
    taken = {"label": ["text"], "size": []}
    faults = []
    for what, value in {**NEVER, **AWKWARD}.items():
        if what in taken.get(name, ()) or (name, what) in (("selector", "empty list"),):
            continue
        try:
            getattr(sim, cls)(**{**good, name: value})
            faults.append(f"{what} is accepted")
        except Exception as error:
            if fault_of(error):
                faults.append(f"{what}: {fault_of(error)}")
    assert not faults
