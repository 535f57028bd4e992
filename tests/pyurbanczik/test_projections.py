"""Projections: building, order, get and set, refusals."""

import tracemalloc

import numpy as np
import pytest
from pyNN import common, errors
from pyNN.connectors import Connector

from pyurbanczik.parameters import InvalidConnectionError


@pytest.fixture
def source(sim):
    return sim.Population(4, sim.SpikeSourceArray(spike_times=[5.0, 15.0]), label="source")


@pytest.fixture
def cells(sim):
    return sim.Population(3, sim.UrbanczikSenn(), label="cells")


def rule(sim, **parameters):
    return sim.UrbanczikSennSynapse(**{"weight": 0.05, "w_max": 0.2, "delay": 0.5, **parameters})


class Generic(Connector):
    """Hides a connector from the short cuts."""

    def __init__(self, connector):
        super().__init__()
        self.connector = connector

    def connect(self, projection):
        self.connector.connect(projection)


def same(a, b):
    names = a.synapse_type.get_parameter_names()
    return a.get(names, format="list") == b.get(names, format="list")


@pytest.mark.parametrize(
    "make",
    [
        lambda sim: sim.AllToAllConnector(),
        lambda sim: sim.OneToOneConnector(),
        lambda sim: sim.FromListConnector([(3, 2, 0.1, 0.3), (0, 1, 0.2, 0.4), (0, 0, 0.3, 0.5), (3, 2, 0.4, 0.6)]),
        lambda sim: sim.FromListConnector([(3, 2, 1.0), (0, 1, 2.0)], column_names=["delay"]),
        lambda sim: sim.FromListConnector([(1, 0), (2, 1)]),
        lambda sim: sim.FromListConnector([]),
    ],
)
@pytest.mark.parametrize("weight", [0.1, np.linspace(0.0, 0.11, 12).reshape(4, 3)])
def test_short_cuts_equal_the_generic_path(sim, source, cells, make, weight):
    if isinstance(weight, np.ndarray) and "FromList" in type(make(sim)).__name__:
        weight = 0.05
    synapse = sim.StaticSynapse(weight=weight, delay=0.7)
    fast = sim.Projection(source, cells, make(sim), synapse)
    slow = sim.Projection(source, cells, Generic(make(sim)), synapse)
    assert same(fast, slow)


def test_self_connections(sim, cells):
    def pairs(pre, post, connector):
        prj = sim.Projection(pre, post, connector, sim.StaticSynapse(weight=0.1))
        return [(i, j) for i, j, _ in prj.get("weight", format="list")]

    without = sim.AllToAllConnector(allow_self_connections=False)
    for pre, post in ((cells, cells), (cells[1:], cells), (cells, cells[:2])):
        assert pairs(pre, post, without) == pairs(pre, post, Generic(without))
    assert pairs(cells, cells, without) == [(i, j) for i in range(3) for j in range(3) if i != j]


def test_random_weights_are_those_of_the_generic_path(sim, source, cells):
    def synapse():
        rng = sim.NumpyRNG(seed=3)
        return sim.StaticSynapse(
            weight=sim.RandomDistribution("uniform", (0, 1), rng=rng),
            delay=sim.RandomDistribution("uniform", (0.1, 1), rng=rng),
        )

    a = sim.Projection(source, cells, sim.AllToAllConnector(), synapse())
    expected = np.random.RandomState(3).uniform(0, 1, 12).reshape(3, 4).T
    np.testing.assert_array_equal(a.get("weight", format="array"), expected)
    assert same(a, sim.Projection(source, cells, Generic(sim.AllToAllConnector()), synapse()))


def test_every_connector(sim, source, cells, tmp_path):
    table = tmp_path / "connections"
    table.write_text("# columns = ['i', 'j', 'weight', 'delay']\n0 1 0.1 0.5\n2 2 0.2 0.6\n")

    class Index(sim.IndexBasedExpression):
        def __call__(self, i, j):
            return np.array((i + j) % 2 == 0)

    rng = sim.NumpyRNG(seed=1)
    known = sim.Projection(source, cells, sim.OneToOneConnector(), sim.StaticSynapse())
    for connector, n in (
        (sim.AllToAllConnector(), 12),
        (sim.FixedProbabilityConnector(0.5, rng=rng), None),
        (sim.DistanceDependentProbabilityConnector("d < 1.5", rng=rng), 8),
        (sim.FixedNumberPreConnector(2, rng=rng), 6),
        (sim.FixedNumberPostConnector(2, rng=rng), 8),
        (sim.FixedTotalNumberConnector(7, rng=rng), 7),
        (sim.OneToOneConnector(), 3),
        (sim.ArrayConnector(np.eye(4, 3, dtype=bool)), 3),
        (sim.CloneConnector(known), 3),
        (sim.FromListConnector([(0, 1), (3, 2)]), 2),
        (sim.FromFileConnector(str(table)), 2),
        (sim.IndexBasedProbabilityConnector(Index(), rng=rng), 6),
        (sim.DisplacementDependentProbabilityConnector(lambda d: d[0] > 0, rng=rng), 3),
    ):
        projection = sim.Projection(source, cells, connector, sim.StaticSynapse(weight=0.1))
        assert n is None or len(projection) == projection.size() == n, connector
        addresses = [row[:2] for row in projection.get("weight", format="list")]
        assert addresses == sorted(addresses)


def test_one_order_everywhere(sim, source, cells):
    prj = sim.Projection(
        source,
        cells,
        sim.FromListConnector([(3, 0, 0.1, 0.5), (1, 2, 0.2, 0.6), (1, 0, 0.3, 0.7), (1, 2, 0.4, 0.8)]),
        sim.StaticSynapse(),
    )
    expected = [(1, 0, 0.3, 0.7), (1, 2, 0.2, 0.6), (1, 2, 0.4, 0.8), (3, 0, 0.1, 0.5)]
    names = ["presynaptic_index", "postsynaptic_index", "weight", "delay"]
    assert prj.get(["weight", "delay"], format="list") == expected
    assert [c.as_tuple(*names) for c in prj.connections] == expected
    assert [prj[i].as_tuple(*names) for i in range(len(prj))] == expected
    assert prj.get("weight", format="list", with_address=False) == [0.3, 0.2, 0.4, 0.1]
    for operation, value in (("sum", 0.2 + 0.4), ("first", 0.2), ("last", 0.4), ("min", 0.2), ("max", 0.4)):
        array = prj.get("weight", format="array", multiple_synapses=operation)
        assert array[1, 2] == value
        assert np.isnan(array[0]).all()
    with pytest.raises(ValueError):
        prj.get("weight", format="array", multiple_synapses="mean")
    with pytest.raises(IndexError):
        prj[4]


def test_connections_can_be_set_one_by_one(sim, source, cells):
    prj = sim.Projection(source, cells, sim.AllToAllConnector(), rule(sim))
    connections = list(prj.connections)
    assert isinstance(connections[0], common.Connection)
    connections[2].weight = 0.123
    connections[2].delay = 1.0
    prj[3].eta = 0.5
    assert prj.get("weight", format="list", with_address=False) == [0.05, 0.05, 0.123] + [0.05] * 9
    assert prj[2].delay == 1.0 and prj[1].delay == 0.5
    assert prj[3].eta == 0.5
    assert prj[2].presynaptic_cell == source[0] and prj[2].postsynaptic_cell == cells[2]
    for name, bad in (("weight", 5.0), ("delay", 0.0), ("eta", -1.0), ("weight", np.nan), ("weight", "a")):
        with pytest.raises(ValueError):
            setattr(prj[2], name, bad)
    with pytest.raises(errors.NonExistentParameterError):
        prj[2].tau = 1.0


def test_values_read_back_bit_for_bit(sim, source, cells):
    rng = np.random.default_rng(2)
    weights, delays = rng.uniform(0, 0.2, (4, 3)), rng.integers(1, 31, (4, 3)) / 10.0
    prj = sim.Projection(source, cells, sim.AllToAllConnector(), rule(sim, weight=weights, delay=delays, eta=0.17))
    np.testing.assert_array_equal(prj.get("weight", format="array"), weights)
    np.testing.assert_array_equal(prj.get("delay", format="array"), delays)
    assert prj.get("eta", format="array")[0, 0] == 0.17
    prj.set(weight=weights.T.reshape(4, 3), delay=0.3)
    np.testing.assert_array_equal(prj.get("weight", format="array"), weights.T.reshape(4, 3))
    assert set(prj.get("delay", format="list", with_address=False)) == {0.3}


def test_set_in_many_forms(sim, source, cells):
    prj = sim.Projection(
        source,
        cells,
        sim.FromListConnector([(0, 0), (3, 0), (1, 1), (1, 0), (2, 1)]),
        sim.StaticSynapse(weight=0.1, delay=0.1),
    )
    nan = np.nan
    given = np.array([[1, nan, nan], [2, 3, nan], [nan, 5, nan], [6, nan, nan]])
    prj.set(weight=given)
    np.testing.assert_array_equal(prj.get("weight", format="array"), given)
    prj.set(weight=[1.0, 2.0, 3.0, 4.0, 5.0])
    assert prj.get("weight", format="list", with_address=False) == [1.0, 2.0, 3.0, 4.0, 5.0]
    for function in (lambda d: 0.5 + d, "0.5 + d"):
        prj.set(delay=function)
        assert prj.get("delay", format="list", with_address=False) == [0.5, 1.5, 0.5, 1.5, 3.5]
    rng = sim.NumpyRNG(seed=4)
    prj.set(weight=sim.RandomDistribution("uniform", (0, 1), rng=rng))
    expected = np.random.RandomState(4).uniform(0, 1, 12).reshape(4, 3)
    np.testing.assert_array_equal(prj.get("weight", format="array")[~np.isnan(given)], expected[~np.isnan(given)])
    for bad in (
        np.where(np.isnan(given), 1.0, nan),
        [1.0, 2.0],
        np.ones((2, 2)),
        None,
        "x + ",
        [nan] * 5,
        nan,
    ):
        with pytest.raises(ValueError):
            prj.set(weight=bad)


def test_one_value_a_pair_with_several_connections(sim, source, cells):
    prj = sim.Projection(source, cells, sim.FromListConnector([(0, 0), (1, 0), (1, 0)]), sim.StaticSynapse(weight=0.1))
    prj.set(weight=[1.0, 2.0])
    assert prj.get("weight", format="list", with_address=False) == [1.0, 2.0, 2.0]


@pytest.mark.parametrize(
    "bad",
    [
        dict(eta=-0.1),
        dict(eta=np.nan),
        dict(tau_Delta=0.0),
        dict(tau_Delta=-1.0),
        dict(w_min=0.1, w_max=0.05),
        dict(weight=0.3),
        dict(weight=0.01, w_min=0.02),
        dict(weight=np.inf),
        dict(weight=-0.1),
        dict(delay=0.0),
        dict(delay=0.05),
        dict(delay=np.nan),
        dict(delay=-1.0),
        dict(dendritic_delay_fraction=1.5),
        dict(w_min=-0.1),
        dict(w_max=np.nan),
        dict(weight="a"),
        dict(eta=None),
    ],
)
def test_impossible_values_are_refused_everywhere(sim, source, cells, bad):
    with pytest.raises(errors.InvalidParameterValueError):
        rule(sim, **bad)
    prj = sim.Projection(source, cells, sim.AllToAllConnector(), rule(sim))
    names = prj.synapse_type.get_parameter_names()
    before = prj.get(names, format="list")
    with pytest.raises(errors.InvalidParameterValueError):
        prj.set(**{"tau_Delta": 50.0, **bad})
    assert prj.get(names, format="list") == before
    if all(isinstance(value, float) for value in bad.values()):
        lazy = {
            name: sim.RandomDistribution("uniform", (value, value)) for name, value in bad.items() if np.isfinite(value)
        }
        if lazy and len(lazy) == len(bad):
            with pytest.raises(errors.InvalidParameterValueError):
                sim.Projection(source, cells, sim.FixedProbabilityConnector(1.0), rule(sim, **lazy))
    sim.run(1.0)


@pytest.mark.parametrize("timestep", [0.1, 0.3])
def test_the_delay_that_acts_is_read_back(sim, timestep):
    """However it was given: it is on the grid, halves up, and as it was given if it already is there."""
    sim.setup(timestep=timestep)
    source, cells = sim.Population(3, sim.SpikeSourceArray()), sim.Population(1, sim.UrbanczikSenn())
    given = np.array([[1.5], [2.2], [3.0]]) * timestep
    acting = np.array([2, 2, 3]) * timestep
    prj = sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=given))
    columns = prj.get("delay", format="list", with_address=False)
    np.testing.assert_allclose(columns, acting, rtol=1e-15)
    np.testing.assert_array_equal(prj.get("delay", format="array")[:, 0], columns)
    assert [connection.delay for connection in prj.connections] == columns
    assert columns[2] == given[2, 0]
    assert (sim.get_min_delay(), sim.get_max_delay()) == (min(columns), max(columns))

    prj.set(delay=5.4 * timestep)
    assert prj.get("delay", format="array").max() == pytest.approx(5 * timestep, rel=1e-15) == sim.get_max_delay()
    prj[1].delay = 1.2 * timestep
    assert prj[1].delay == pytest.approx(timestep, rel=1e-15) == sim.get_min_delay()
    assert prj[0].delay == pytest.approx(5 * timestep, rel=1e-15)


def test_delay_limits_of_setup(sim):
    sim.setup(timestep=0.1, min_delay=0.5, max_delay=2.0)
    assert sim.StaticSynapse().parameter_space["delay"].base_value == 0.5
    for delay in (0.4, 2.5):
        with pytest.raises(InvalidConnectionError, match="delay"):
            sim.StaticSynapse(delay=delay)
    sim.StaticSynapse(delay=2.0)


def test_unknown_names_are_refused(sim, source, cells):
    prj = sim.Projection(source, cells, sim.AllToAllConnector(), rule(sim))
    for attempt in (
        lambda: sim.UrbanczikSennSynapse(tau=1.0),
        lambda: prj.set(tau=1.0),
        lambda: prj.initialize(u=1.0),
        lambda: prj.get("tau", format="list"),
        lambda: sim.StaticSynapse(eta=1.0),
        lambda: prj[0].tau,
    ):
        with pytest.raises(errors.NonExistentParameterError):
            attempt()
    with pytest.raises(errors.ConnectionError):
        sim.Projection(source, cells, sim.AllToAllConnector(), receptor_type="excitatory")


def test_the_default_receptor_may_be_named(sim, source, cells):
    iaf = sim.Population(1, sim.IF_curr_exp())
    for target, synapse in (
        (cells, None),
        (cells, rule(sim)),
        (iaf, sim.StaticSynapse(weight=-0.1)),
        (iaf, sim.TsodyksMarkramSynapse()),
    ):
        default, named = (
            sim.Projection(source, target, sim.AllToAllConnector(), synapse, receptor_type=name)
            for name in (None, "default")
        )
        assert named.receptor_type == default.receptor_type in target.receptor_types
    gaps = sim.Projection(iaf, iaf, sim.AllToAllConnector(), sim.ElectricalSynapse(), receptor_type="default")
    assert len(gaps) == 1
    assert sim.connect(source, iaf, weight=-1.0, receptor_type="default").receptor_type == "inhibitory"


def test_negative_weights_are_refused(sim, source, cells):
    for receptor in ("soma_exc", "soma_inh", "dendritic_exc", "dendritic_inh"):
        with pytest.raises(InvalidConnectionError, match="zero or positive"):
            sim.Projection(
                source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=-0.1), receptor_type=receptor
            )
    prj = sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))
    with pytest.raises(InvalidConnectionError):
        prj.set(weight=-1.0)
    assert prj[0].weight == 0.1


def test_plastic_synapses_onto_dendrites_only(sim, source, cells):
    for receptor in ("soma_exc", "soma_inh"):
        with pytest.raises(InvalidConnectionError, match="receptor"):
            sim.Projection(source, cells, sim.AllToAllConnector(), rule(sim), receptor_type=receptor)
    with pytest.raises(errors.ConnectionError):
        sim.Projection(cells, source, sim.AllToAllConnector(), rule(sim))
    assert sim.Projection(source, cells, sim.AllToAllConnector(), rule(sim)).receptor_type == "dendritic_exc"


def test_wrong_arguments(sim, source, cells):
    with pytest.raises(TypeError):
        sim.Projection(source, cells, "all", rule(sim))
    from pyNN.standardmodels.synapses import StaticSynapse

    with pytest.raises(TypeError):
        sim.Projection(source, cells, sim.AllToAllConnector(), StaticSynapse)
    with pytest.raises(errors.ConnectionError):
        sim.Projection(source, 3, sim.AllToAllConnector())
    for bad in ((4, 0), (0, 3), (-1, 0), (0.5, 0)):
        with pytest.raises(errors.ConnectionError, match="index"):
            sim.Projection(source, cells, sim.FromListConnector([(0, 0), bad]))
    sim.setup()
    with pytest.raises(RuntimeError, match="setup"):
        sim.Projection(source, cells, sim.AllToAllConnector())


def conductances(sim, connect):
    """Somatic conductances after spikes have arrived through whatever `connect` builds."""
    sim.setup(timestep=0.1)
    sources = [sim.Population(n, sim.SpikeSourceArray(spike_times=[1.0])) for n in (2, 3)]
    cells = [sim.Population(n, sim.UrbanczikSenn()) for n in (2, 2)]
    weights = np.arange(1.0, 21.0).reshape(5, 4) * 1e-3
    delays = 0.1 * (1 + np.arange(20).reshape(5, 4) % 3)
    connect(sources, cells, weights, delays)
    for population in cells:
        population.record("gsyn_exc")
    sim.run(3.0)
    return np.hstack([population.get_data().segments[0].analogsignals[0].magnitude for population in cells])


def test_assemblies_and_views_connect_the_cells_they_name(sim):
    def whole(sources, cells, weights, delays):
        pre, post = sources[0] + sources[1], cells[0] + cells[1]
        prj = sim.Projection(
            pre,
            post,
            sim.AllToAllConnector(),
            sim.StaticSynapse(weight=weights, delay=delays),
            receptor_type="soma_exc",
        )
        np.testing.assert_array_equal(prj.get("weight", format="array"), weights)
        prj.set(weight=2 * weights)
        prj[7].weight = 2 * weights.flat[7]
        np.testing.assert_array_equal(prj.get("weight", format="array"), 2 * weights)
        np.testing.assert_array_equal(prj.get("delay", format="array"), delays)

    def piecewise(sources, cells, weights, delays):
        for a, rows in ((0, slice(0, 2)), (1, slice(2, 5))):
            for b, columns in ((0, slice(0, 2)), (1, slice(2, 4))):
                sim.Projection(
                    sources[a],
                    cells[b],
                    sim.AllToAllConnector(),
                    sim.StaticSynapse(weight=2 * weights[rows, columns], delay=delays[rows, columns]),
                    receptor_type="soma_exc",
                )

    def backwards(sources, cells, weights, delays):
        pre, post = sources[0][::-1] + sources[1][np.array([0, 1, 2])], cells[0][::-1] + cells[1][::-1]
        order = np.ix_([1, 0, 2, 3, 4], [1, 0, 3, 2])
        prj = sim.Projection(
            pre,
            post,
            sim.AllToAllConnector(),
            sim.StaticSynapse(weight=weights[order], delay=delays[order]),
            receptor_type="soma_exc",
        )
        np.testing.assert_array_equal(prj.get("weight", format="array"), weights[order])
        prj.set(weight=2 * weights[order])
        np.testing.assert_array_equal(prj.get("weight", format="array"), 2 * weights[order])

    expected = conductances(sim, piecewise)
    assert expected.max() > 0.05
    np.testing.assert_allclose(conductances(sim, whole), expected, rtol=1e-12)
    np.testing.assert_allclose(conductances(sim, backwards), expected, rtol=1e-12)


def test_delays_arrive_when_they_should(sim, cells):
    for fraction in (0.0, 0.5, 1.0):
        sim.setup(timestep=0.1)
        source = sim.Population(3, sim.SpikeSourceArray(spike_times=[1.0]))
        cells = sim.Population(3, sim.UrbanczikSenn())
        sim.Projection(
            source,
            cells,
            sim.OneToOneConnector(),
            rule(sim, delay=np.diag([0.1, 0.9, 2.0]) + 1.0 - np.eye(3), dendritic_delay_fraction=fraction),
        )
        cells.record("isyn_exc")
        sim.run(4.0)
        signal = cells.get_data().segments[0].analogsignals[0].magnitude
        assert [int(np.argmax(column > 0)) for column in signal.T] == [11, 19, 30]


def test_the_part_of_the_delay_on_the_axon_is_fixed(sim, source, cells):
    prj = sim.Projection(source, cells, sim.AllToAllConnector(), rule(sim, delay=1.0, dendritic_delay_fraction=0.0))
    for change in (dict(delay=2.0), dict(dendritic_delay_fraction=1.0)):
        with pytest.raises(InvalidConnectionError):
            prj.set(**change)
    prj.set(delay=1.0)
    assert prj[0].delay == 1.0


def test_default_receptors_of_assemblies(sim, source, cells):
    both = cells + sim.Population(1, sim.UrbanczikSenn())
    assert sim.Projection(source, both, sim.AllToAllConnector(), rule(sim)).receptor_type == "dendritic_exc"


def test_arrays_of_another_shape_are_refused(sim, source, cells):
    for weight in (np.ones((3, 3)), [0.1] * 12):
        with pytest.raises(errors.InvalidDimensionsError, match="weight"):
            sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight))
    with pytest.raises(errors.InvalidParameterValueError, match="weight"):
        sim.StaticSynapse(weight="0.1 * distance")
    prj = sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight="0.1 * d"))
    assert prj[2].weight == pytest.approx(0.2)


def test_saving(sim, source, cells, tmp_path):
    prj = sim.Projection(source, cells, sim.OneToOneConnector(), rule(sim))
    prj.save("all", str(tmp_path / "all"))
    prj.save("weight", str(tmp_path / "weights"), format="array")
    assert np.loadtxt(tmp_path / "all").shape == (3, 9)
    assert np.loadtxt(tmp_path / "weights").shape == (4, 3)


def test_repr_and_description(sim, source, cells):
    prj = sim.Projection(source, cells, sim.AllToAllConnector(), rule(sim))
    assert prj.label == "source→cells"
    assert "source" in prj.describe()
    assert "0 → 1" in repr(prj[1])


def test_a_plastic_synapse_with_a_weight_of_its_own_takes_at_most_40_bytes(sim):
    sources, cells = sim.Population(300, sim.SpikeSourceArray()), sim.Population(1000, sim.UrbanczikSenn())
    weight = sim.RandomDistribution("uniform", low=0.0, high=0.1, rng=sim.NumpyRNG(1))
    rule = sim.UrbanczikSennSynapse(weight=weight, w_max=0.2)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        projection = sim.Projection(sources, cells, sim.AllToAllConnector(), rule, receptor_type="dendritic_exc")
        used = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    sums = 1000 * 8 * 4 * (32 + 2 + 2)  # of the cells
    assert (used - sums) / len(projection) <= 40
