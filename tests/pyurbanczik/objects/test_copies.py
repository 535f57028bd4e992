"""Copies and pickles of what the package offers: they work, or say in one sentence why not and what to do instead."""

import copy
import inspect
import pickle

import numpy as np
import pytest
from pyNN.common.control import BaseState
from pyNN.random import RandomDistribution

import pyurbanczik
from pyurbanczik.objects.copies import Lasting

# What a class is made with, if it needs anything.
ARGUMENTS = {
    "ArrayConnector": lambda sim: [np.eye(3, dtype=bool)],
    "ArrayParameter": lambda sim: [[1.0, 2.0]],
    "Assembly": lambda sim: [sim.Population(1, sim.IF_cond_exp())],
    "CSAConnector": None,  # needs the package csa
    "CloneConnector": lambda sim: [projection(sim)],
    "Connector": lambda sim: [],
    "Cuboid": lambda sim: [1.0, 2.0, 3.0],
    "DisplacementDependentProbabilityConnector": lambda sim: [displacement],
    "DistanceDependentProbabilityConnector": lambda sim: ["d < 2"],
    "FixedNumberConnector": None,  # abstract
    "FixedNumberPostConnector": lambda sim: [1],
    "FixedNumberPreConnector": lambda sim: [1],
    "FixedProbabilityConnector": lambda sim: [0.5, True, None, sim.NumpyRNG(seed=1)],
    "FixedTotalNumberConnector": lambda sim: [3],
    "FromFileConnector": lambda sim: [__file__],
    "FromListConnector": lambda sim: [[(0, 0, 0.1, 0.2)]],
    "GSLRNG": None,  # needs the package pygsl
    "IndexBasedProbabilityConnector": lambda sim: [Near()],
    "LazyArray": lambda sim: [2.0],
    "Network": lambda sim: [],
    "ParameterSpace": lambda sim: [{"a": 1.0}],
    "PointNeuron": lambda sim: [sim.LIF(tau_m=10.0)],
    "Population": lambda sim: [2, sim.IF_cond_exp()],
    "PopulationView": lambda sim: [sim.Population(2, sim.IF_cond_exp()), slice(1)],
    "Projection": lambda sim: projection_arguments(sim),
    "RandomDistribution": lambda sim: ["normal", (0.0, 1.0), sim.NumpyRNG(seed=2)],
    "RandomStructure": lambda sim: [sim.Sphere(1.0)],
    "STDPMechanism": lambda sim: [sim.SpikePairRule(), sim.AdditiveWeightDependence()],
    "Sequence": lambda sim: [[1.0, 2.0]],
    "SmallWorldConnector": lambda sim: [1.0, 0.5],
    "Sphere": lambda sim: [1.0],
    "SpikeModulator": lambda sim: [sim.Population(2, sim.IF_cond_exp())],
}
ABSTRACT = {
    *("AbstractRNG", "IndexBasedExpression", "StandardCellType", "StandardCurrentSource", "StandardSynapseType"),
    *("NativeCellType", "NativeElectrodeType", "NativeSynapseType"),
}
CLASSES = [
    name
    for name, thing in vars(pyurbanczik).items()
    if isinstance(thing, type) and name not in ABSTRACT and ARGUMENTS.get(name, True) is not None
]


def displacement(d):
    return abs(d[0]) < 2


class Near(pyurbanczik.IndexBasedExpression):
    def __call__(self, i, j):
        return 1.0 * (abs(i - j) < 2)


def projection_arguments(sim):
    cells = sim.Population(3, sim.IF_cond_exp(), label="cells")
    return [cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1)]


def projection(sim):
    return sim.Projection(*projection_arguments(sim))


def made(sim, name):
    parts = {
        "PointNeuron": lambda: {"slow": sim.CurrExpPostSynapticResponse(tau_syn=2.0), "fast": sim.ExpPSR()},
        "DendriticNeuron": lambda: {"basal": sim.Dendrite(), "rate_function": sim.Softplus(gain=2.0)},
    }
    return getattr(sim, name)(*ARGUMENTS.get(name, lambda sim: [])(sim), **parts.get(name, dict)())


def value(thing, within=()):
    """What of an object can be compared."""
    if id(thing) in within:
        return "itself"
    within = (*within, id(thing))
    if isinstance(thing, np.random.Generator):
        return value(thing.bit_generator.state, within)
    if inspect.ismethod(thing):
        return thing.__name__
    if isinstance(thing, (str, bytes, int, float, bool, type(None), type)) or (inspect.isroutine(thing)):
        return thing
    if isinstance(thing, np.ndarray):
        return thing.tolist()
    if isinstance(thing, np.random.RandomState):
        return value(thing.get_state(), within)
    if isinstance(thing, dict):
        return {str(key): value(thing[key], within) for key in sorted(thing, key=str)}
    if isinstance(thing, (list, tuple, set, frozenset)):
        return [value(item, within) for item in thing]
    if isinstance(thing, (Lasting, BaseState)):
        return id(thing)
    return type(thing).__name__, value(vars_of(thing), within)


def vars_of(thing):
    return {key: item for key, item in getattr(thing, "__dict__", {}).items() if item is not thing}


WAYS = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{
        f"pickle {protocol}": lambda thing, protocol=protocol: pickle.loads(pickle.dumps(thing, protocol))
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
    },
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", CLASSES)
def test_copies_of_every_class(sim, name, way):
    thing = made(sim, name)
    try:
        twin = WAYS[way](thing)
    except TypeError as error:
        assert way.startswith("pickle")
        assert "cannot be pickled; pickle what" in str(error)
        return
    if twin is not thing:
        assert type(twin) is type(thing)
        assert repr(value(vars(twin))) == repr(value(vars(thing)))


@pytest.mark.parametrize("way", WAYS)
def test_copies_of_what_belongs_to_the_simulation(sim, way):
    cells = sim.Population(2, sim.IF_cond_exp())
    for thing in (cells.recorder, projection(sim)._recorder, sim.simulator.state, sim.simulator.state.files):
        if way.startswith("pickle"):
            with pytest.raises(TypeError, match="is part of a simulation and cannot be pickled; pickle what"):
                WAYS[way](thing)
        else:
            assert WAYS[way](thing) is thing


@pytest.mark.parametrize("kind", ["cell", "synapse", "electrode"])
@pytest.mark.parametrize("way", WAYS)
def test_copies_of_native_types(sim, kind, way):
    for name in {
        "cell": ["pp_cond_exp_mc_urbanczik", "spike_generator", "poisson_generator"],
        "synapse": ["urbanczik_synapse", "static_synapse"],
        "electrode": ["dc_generator"],
    }[kind]:
        try:
            make = getattr(sim, f"native_{kind}_type")(name)
        except pyurbanczik.errors.NoModelAvailableError:
            continue
        thing = make()
        if kind == "electrode" and way.startswith("pickle"):
            with pytest.raises(TypeError, match="cannot be pickled; pickle what"):
                WAYS[way](thing)
            continue
        twin = WAYS[way](thing)
        assert twin is thing or repr(value(twin)) == repr(value(thing))


@pytest.mark.parametrize("way", WAYS)
def test_a_copy_draws_the_same_for_itself(sim, way):
    for rng in (sim.NumpyRNG(seed=5), sim.NativeRNG(seed=5)):
        rng.next(3)
        twin = WAYS[way](rng)
        drawn = rng.random(4)
        np.testing.assert_array_equal(twin.random(4), drawn)
    cell = sim.IF_cond_exp(tau_m=RandomDistribution("uniform", low=10.0, high=20.0, rng=sim.NumpyRNG(seed=1)))
    first, second = sim.Population(4, WAYS[way](cell)), sim.Population(4, cell)
    np.testing.assert_array_equal(first.get("tau_m"), second.get("tau_m"))
