"""Connectors that PyNN leaves unfinished, and agreement of all of them with PyNN's own bookkeeping."""

from copy import deepcopy

import numpy as np
import pytest
from pyNN import errors, mock
from pyNN.parameters import LazyArray
from pyNN.random import NumpyRNG, RandomDistribution

from pyurbanczik.connectivity import probability
from pyurbanczik.connectivity.connection_list import _ordered


def edges(projection):
    return {(i, j) for i, j, _ in projection.get("weight", format="list")}


def small_world(sim, n=40, **arguments):
    cells = sim.Population(n, sim.UrbanczikSenn(), structure=sim.Line(dx=1.0))
    connector = sim.SmallWorldConnector(rng=NumpyRNG(seed=1), **arguments)
    return sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.1, delay="0.1+0.1*d"))


@pytest.mark.parametrize("self_connections", [True, False, "NoMutual"])
def test_a_world_without_rewiring_is_the_neighbourhood(sim, self_connections):
    found = edges(small_world(sim, degree=2.5, rewiring=0.0, allow_self_connections=self_connections))
    allowed = {True: lambda i, j: True, False: lambda i, j: i != j, "NoMutual": lambda i, j: i < j}[self_connections]
    assert found == {(i, j) for i in range(40) for j in range(40) if abs(i - j) < 2.5 and allowed(i, j)}


def test_rewiring_keeps_the_number_of_connections(sim):
    projection = small_world(sim, n=200, degree=3.5, rewiring=0.25, allow_self_connections=False)
    found = edges(projection)
    near = {(i, j) for i, j in found if abs(i - j) < 3.5}
    assert len(found) == 200 * 6 - 2 * (1 + 2 + 3)
    assert all(i != j for i, j in found)
    # binomial: 1188 connections, each far with a probability of about 0.25
    assert abs(len(found) - len(near) - 0.25 * 1188) < 5 * np.sqrt(1188 * 0.25 * 0.75)
    sources, targets, delay = np.array(projection.get("delay", format="list")).T
    np.testing.assert_allclose(delay, 0.1 + 0.1 * np.abs(sources - targets))


def test_a_number_of_connections(sim):
    found = edges(small_world(sim, degree=4.0, rewiring=0.5, n_connections=3))
    assert np.bincount([i for i, _ in found]).tolist() == [3] * 40


def test_a_world_is_reproducible_and_describes_itself(sim):
    worlds = [edges(small_world(sim, degree=3.0, rewiring=0.3)) for _ in range(2)]
    assert worlds[0] == worlds[1]
    assert sim.SmallWorldConnector(3.0, 0.3).describe(template=None)["parameters"]["degree"] == 3.0


@pytest.mark.parametrize(
    "arguments",
    [
        {"degree": 0.0, "rewiring": 0.1},
        {"degree": 1.0, "rewiring": 1.1},
        {"degree": 1.0, "rewiring": 0.1, "n_connections": -1},
        {"degree": 1.0, "rewiring": 0.1, "allow_self_connections": "no"},
    ],
)
def test_impossible_worlds(sim, arguments):
    with pytest.raises(errors.InvalidParameterValueError, match="SmallWorldConnector"):
        sim.SmallWorldConnector(**arguments)


@pytest.mark.parametrize("arity", [0, 2])
def test_connection_sets(sim, arity):
    csa = pytest.importorskip("csa")
    cells = sim.Population(6, sim.UrbanczikSenn())
    mask = csa.cross([0, 2], [1, 3]) - csa.oneToOne
    connection_set = mask if arity == 0 else csa.cset(mask, 0.25, 0.7)
    synapse = sim.StaticSynapse(weight=0.5, delay=0.3)
    projection = sim.Projection(cells, cells, sim.CSAConnector(connection_set), synapse)
    values = (0.5, 0.3) if arity == 0 else (0.25, 0.7)
    assert projection.get(["weight", "delay"], format="list") == [(i, j, *values) for i in (0, 2) for j in (1, 3)]


def uniform(low, high):
    return RandomDistribution("uniform", (low, high), rng=NumpyRNG(seed=77))


CONNECTORS = {
    "AllToAll": lambda sim, rng: sim.AllToAllConnector(),
    "AllToAll without self": lambda sim, rng: sim.AllToAllConnector(allow_self_connections=False),
    "OneToOne": lambda sim, rng: sim.OneToOneConnector(),
    "FixedProbability": lambda sim, rng: sim.FixedProbabilityConnector(0.3, rng=rng),
    "FixedProbability without self": lambda sim, rng: sim.FixedProbabilityConnector(
        0.3, allow_self_connections=False, rng=rng
    ),
    "DistanceDependent": lambda sim, rng: sim.DistanceDependentProbabilityConnector("exp(-d/4)", rng=rng),
    "Displacement": lambda sim, rng: sim.DisplacementDependentProbabilityConnector(
        lambda d: np.exp(-np.abs(d[0]) / 4), rng=rng
    ),
    "IndexBased": lambda sim, rng: sim.IndexBasedProbabilityConnector(_Diagonal(), rng=rng),
    "FixedNumberPre": lambda sim, rng: sim.FixedNumberPreConnector(4, rng=rng),
    "FixedNumberPre again": lambda sim, rng: sim.FixedNumberPreConnector(15, with_replacement=True, rng=rng),
    "FixedNumberPre random": lambda sim, rng: sim.FixedNumberPreConnector(
        RandomDistribution("uniform_int", (1, 6), rng=rng), rng=rng
    ),
    "FixedNumberPost": lambda sim, rng: sim.FixedNumberPostConnector(4, rng=rng),
    "FixedNumberPost without self": lambda sim, rng: sim.FixedNumberPostConnector(
        4, allow_self_connections=False, rng=rng
    ),
    "FixedNumberPost again": lambda sim, rng: sim.FixedNumberPostConnector(15, with_replacement=True, rng=rng),
    "FixedTotalNumber": lambda sim, rng: sim.FixedTotalNumberConnector(30, rng=rng),
    "FromList": lambda sim, rng: sim.FromListConnector([(3, 2, 0.1, 0.4), (0, 1, 0.2, 0.3), (3, 1, 0.3, 0.2)]),
    "Array": lambda sim, rng: sim.ArrayConnector(np.eye(12, dtype=bool)),
}


def drawn(name, *parameters, rng=None):
    return RandomDistribution(name, parameters, rng=rng or NumpyRNG(seed=78))


def from_one_generator(weight, delay):
    rng = NumpyRNG(seed=79)
    return {"weight": drawn(*weight, rng=rng), "delay": drawn(*delay, rng=rng)}


class Own(NumpyRNG):
    """A generator of which nobody knows how it goes on."""

    def next(self, n=None, *arguments, **keywords):
        found = super().next(n, *arguments, **keywords)
        return found if n is None else found[::-1]

    def __deepcopy__(self, memo):
        copied = Own()
        copied.rng = deepcopy(self.rng, memo)
        return copied


# functions, since generators go on
SYNAPSES = {
    "numbers": lambda rng: {"weight": 0.5, "delay": 1.0},
    "of the distance": lambda rng: {"weight": "0.1+0.01*d", "delay": "0.2+0.1*d"},
    "random": lambda rng: {"weight": uniform(0.0, 1.0), "delay": uniform(0.1, 2.0)},
    "clipped": lambda rng: {
        "weight": drawn("normal_clipped", 0.5, 0.1, 0.0, np.inf),
        "delay": drawn("normal_clipped", 0.3, 1.0, 0.2, 0.5),
    },
    "one of them": lambda rng: {"weight": drawn("normal_clipped", 0.5, 1.0, 0.0, 0.7), "delay": 0.3},
    "of other kinds": lambda rng: {"weight": drawn("gamma", 2.0, 0.1), "delay": drawn("uniform_int", 1, 9)},
    "of more kinds": lambda rng: {"weight": drawn("normal", 2.0, 0.1), "delay": drawn("lognormal", 1.0, 0.2)},
    "one generator": lambda rng: from_one_generator(
        ("normal_clipped", 0.5, 0.5, 0.0, 1.0), ("normal_clipped", 0.5, 0.5, 0.1, 2.0)
    ),
    "one generator for kinds": lambda rng: from_one_generator(
        ("uniform", 0.5, 0.5), ("normal_clipped", 0.5, 0.5, 0.1, 2.0)
    ),
    "a generator of one's own": lambda rng: {"weight": drawn("normal_clipped", 0.5, 0.5, 0.0, 1.0, rng=Own(seed=5))},
    "the connector's generator": lambda rng: {
        "weight": drawn("normal_clipped", 0.5, 0.1, 0.0, 0.6, rng=rng),
        "delay": drawn("uniform", 0.1, 9.0, rng=rng),
    },
    "with operations": lambda rng: {"weight": LazyArray(uniform(0.0, 1.0)) * 2.0, "delay": uniform(0.1, 2.0)},
    "arrays": lambda rng: {"weight": np.arange(144.0).reshape(12, 12), "delay": 0.1 + np.arange(144.0).reshape(12, 12)},
    "an array": lambda rng: {"weight": np.arange(144.0).reshape(12, 12), "delay": uniform(0.1, 2.0)},
}


class _Diagonal(mock.IndexBasedExpression):
    def __call__(self, i, j):
        return np.where(np.abs(i - j) < 4, 0.5, 0.1)


@pytest.mark.parametrize("synapse", SYNAPSES)
@pytest.mark.parametrize("connector", CONNECTORS)
@pytest.mark.parametrize("to_itself", [True, False])
def test_the_same_connections_and_values_as_pynn_makes(connector, synapse, to_itself):
    """Seeds give what they give in PyNN's own implementation of the interface."""
    if connector == "FromList" and "array" in synapse:
        pytest.skip("PyNN refuses arrays beside a list")
    import pyurbanczik

    found, left = [], []
    for sim, cell in ((pyurbanczik, "SpikeSourceArray"), (mock, "SpikeSourceArray")):
        sim.setup(timestep=0.1, min_delay=0.1)
        target = "UrbanczikSenn" if sim is pyurbanczik else "IF_cond_exp"
        post = sim.Population(12, getattr(sim, target)(), structure=sim.space.Line(dx=0.7))
        pre = post if to_itself else sim.Population(12, getattr(sim, cell)())
        rng = NumpyRNG(seed=4)
        projection = sim.Projection(
            pre, post, CONNECTORS[connector](sim, rng), sim.StaticSynapse(**SYNAPSES[synapse](rng))
        )
        found.append(sorted(projection.get(["weight", "delay"], format="list")))
        left.append(rng.next(3).tolist())
    assert len(found[0]) == len(found[1]) > 0
    assert left[0] == left[1]
    ours, pynns = map(np.array, found)
    np.testing.assert_array_equal(ours[:, :3], pynns[:, :3])
    # which delay acts is the simulator's own business
    np.testing.assert_allclose(ours[:, 3], np.maximum(1, np.floor(10 * pynns[:, 3] + (0.5 + 1e-9))) / 10, rtol=1e-12)


def test_connections_are_the_same_however_many_are_drawn_at_once(sim, monkeypatch):
    found = []
    for at_once in (1, 35, 1 << 18):
        monkeypatch.setattr(probability, "AT_ONCE", at_once)
        pre, post = (sim.Population(n, sim.IF_curr_exp()) for n in (17, 23))
        connector = sim.FixedProbabilityConnector(0.2, rng=NumpyRNG(seed=4))
        weights = np.arange(17.0 * 23.0).reshape(17, 23)
        projection = sim.Projection(pre, post, connector, sim.StaticSynapse(weight=weights))
        found.append(projection.get("weight", format="list"))
    assert len(found[0]) > 40
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("n, cells", [(1, 1), (300, 20), (300, 1000), (5, 10**6)])
def test_canonical_order_is_what_sorting_gives(n, cells):
    rng = np.random.default_rng(1)
    pre, post = rng.integers(0, cells, (2, n)).astype(np.int32)
    for targets in (post, np.sort(post)):
        order, number = np.lexsort((targets, pre)), np.arange(float(n))
        first, (second, numbers) = _ordered(pre, targets, [targets, number])
        np.testing.assert_array_equal(numbers, order)
        np.testing.assert_array_equal(first, pre[order])
        np.testing.assert_array_equal(second, targets[order])
        assert first.dtype == second.dtype == np.int32


def test_what_is_drawn_for_connections_leaves_the_generators_alone(sim):
    rng = NumpyRNG(seed=6)
    weight = drawn("normal_clipped", 0.5, 0.5, 0.0, 1.0, rng=rng)
    cells = sim.Population(20, sim.IF_curr_exp())
    once, again = (
        sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight)) for _ in range(2)
    )
    assert once.get("weight", "list") == again.get("weight", "list")
    assert rng.next(5).tolist() == NumpyRNG(seed=6).next(5).tolist()


def test_numbers_that_are_never_within_their_bounds(sim):
    cells = sim.Population(3, sim.IF_curr_exp())
    rng = NumpyRNG(seed=6)
    synapse = sim.StaticSynapse(weight=drawn("normal_clipped", 0.0, 1.0, 50.0, 60.0, rng=rng))
    with pytest.raises(Exception, match="Maximum number of redraws exceeded"):
        sim.Projection(cells, cells, sim.AllToAllConnector(), synapse)
    assert rng.next(5).tolist() == NumpyRNG(seed=6).next(5).tolist()


def test_a_generator_of_numpy_that_is_none_of_pynns(sim):
    """Whatever draws in its place starts from its state as well."""
    cells = sim.Population(20, sim.IF_curr_exp())
    found = []
    for generator in (np.random.RandomState(np.random.PCG64(3)), np.random.default_rng(3)):
        rng = NumpyRNG()
        rng.rng = generator
        synapse = sim.StaticSynapse(weight=drawn("normal_clipped", 0.5, 0.5, 0.0, 1.0, rng=rng))
        made = [sim.Projection(cells, cells, sim.AllToAllConnector(), synapse) for _ in range(2)]
        first, second = (projection.get("weight", "list", with_address=False) for projection in made)
        assert first == second
        found.append(first)
    assert found[0] != found[1]
