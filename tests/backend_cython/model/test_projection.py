"""What every kind of projection offers."""

import numpy as np
import pytest

from backend_cython.engine import thread_choice
from backend_cython.engine.network import Network
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SampleRecorder
from backend_cython.model.saving import restoring_projection, save_projection
from backend_cython.neurons.standard_cells import IF_cond_exp
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.synapses.multi_quantal import MultiQuantalSynapses
from backend_cython.synapses.simple_stochastic import SimpleStochasticSynapses
from backend_cython.synapses.static import StaticSynapses
from backend_cython.synapses.stdp import composed
from backend_cython.synapses.stdp_rules import AdditiveWeightDependence, SpikePairRule
from backend_cython.synapses.tsodyks_markram import TsodyksMarkramSynapses
from backend_cython.synapses.urbanczik_senn import UrbanczikSennSynapses

from ..helpers import Ear, H, all_pairs, in_ms, source, static

KINDS = (StaticSynapses, UrbanczikSennSynapses)


@pytest.fixture
def ends():
    network = Network(H)
    return source(network, [], [], []), UrbanczikSenn(network, 2)


def make(kind, ends, pre=(0, 1, 2), post=(0, 1, 0), delay=1, parameters=None, **options):
    values = {"weight": 0.05} if parameters is None else parameters
    return Projection(kind, *ends, "dendritic_exc", list(pre), list(post), delay, values, **options)


@pytest.mark.parametrize("kind", KINDS)
def test_connections_keep_their_order(ends, kind):
    pre, post = [0, 0, 0, 2, 2], [0, 0, 1, 0, 1]
    weight, delay = np.linspace(0.01, 0.05, 5), [5, 1, 3, 1, 2]
    synapses = make(kind, ends, pre, post, delay, {"weight": weight})
    assert synapses.size == 5
    assert synapses.pre_index.tolist() == pre
    assert synapses.post_index.tolist() == post
    assert synapses.get_delay_steps().tolist() == delay
    np.testing.assert_array_equal(synapses.get("weight"), weight)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "case, message",
    [
        ({"pre": [0, 1, 3]}, r"\.pre_index: 0 to 3 is not allowed; it must lie between 0 and 2$"),
        ({"pre": [-1, 1, 2]}, r"\.pre_index: -1 to 2 is not allowed; it must lie between 0 and 2$"),
        ({"post": [0, 2, 0]}, r"\.post_index: 0 to 2 is not allowed; it must lie between 0 and 1$"),
        ({"post": [0, -1, 0]}, r"\.post_index: -1 to 0 is not allowed"),
        ({"post": [0, 1]}, ": 3 presynaptic, but 2 postsynaptic indices$"),
        ({"pre": [1, 0, 2]}, r": connections must be sorted by \(pre_index, post_index\)$"),
        ({"pre": [0, 0, 2], "post": [1, 0, 0]}, ": connections must be sorted"),
        ({"delay": 0}, r"\.delay: 0 steps is not allowed; it must be at least one time step$"),
        ({"delay": [1, 1, -3]}, r"\.delay: -3 steps is not allowed"),
        ({"delay": [3, -1, 3], "axonal_steps": 2}, r"\.delay: "),
        ({"axonal_steps": -1, "delay": 3}, r"\.delay: "),
        ({"parameters": {"weight": np.nan}}, r"\.weight: nan .*is not allowed; it must be "),
        ({"parameters": {"weight": [0.01, np.inf, 0.01]}}, r"\.weight: inf .*\(index 1\) is not allowed"),
        ({"parameters": {"weight": [0.01, 0.02]}}, ""),
    ],
)
def test_impossible_connections_are_refused(ends, kind, case, message):
    """Nothing of them stays behind: the network runs as if they had not been asked for."""
    with pytest.raises(ValueError, match=f"^{kind.__name__}.*{message}"):
        make(kind, ends, **case)
    with pytest.raises(ValueError, match=f"^Mine.*{message}"):
        make(kind, ends, owner="Mine", **case)
    assert ends[0].network.projections.members == []
    ends[0].network.run(5)


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_names_are_refused(ends, kind):
    with pytest.raises(KeyError, match=f"{kind.__name__} has no 'x'; it has weight"):
        make(kind, ends, parameters={"x": 1.0})
    synapses = make(kind, ends)
    for act in (lambda: synapses.get("x"), lambda: synapses.set({"x": 1.0})):
        with pytest.raises(KeyError, match=f"{kind.__name__} has no 'x'; it has weight"):
            act()
    with pytest.raises(ValueError, match=r"has no receptor 'x'|receptor_type: 'x' of UrbanczikSenn is not allowed"):
        Projection(kind, *ends, "x", [0], [0], 1, {})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "values, indices, expected",
    [
        (0.02, None, [0.02, 0.02, 0.02]),
        ([0.01, 0.02, 0.03], None, [0.01, 0.02, 0.03]),
        (0.02, [2], [0.05, 0.05, 0.02]),
        ([0.01, 0.02], [2, 0], [0.02, 0.05, 0.01]),
        (0.02, [-1], [0.05, 0.05, 0.02]),
        (0.02, np.array([True, False, True]), [0.02, 0.05, 0.02]),
        (0.02, slice(0, 2), [0.02, 0.02, 0.05]),
        (0.02, [], [0.05, 0.05, 0.05]),
    ],
)
def test_set(ends, kind, values, indices, expected):
    synapses = make(kind, ends)
    synapses.network.run(10)
    synapses.set({"weight": values}, indices)
    np.testing.assert_allclose(synapses.get("weight"), expected, rtol=1e-15)
    synapses.set({})
    np.testing.assert_allclose(synapses.get("weight"), expected, rtol=1e-15)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "values, indices, error",
    [
        (np.nan, None, ValueError),
        ([0.01, np.inf, 0.02], None, ValueError),
        ([0.01, 0.02], None, ValueError),
        ([0.01, 0.02], [1], ValueError),
        (0.02, [3], IndexError),
        (0.02, [-4], IndexError),
        (0.02, [0, 10**6], IndexError),
    ],
)
def test_a_refused_change_leaves_everything_as_it_was(ends, kind, values, indices, error):
    synapses = make(kind, ends)
    with pytest.raises(error):
        synapses.set({"weight": values}, indices)
    assert synapses.get("weight").tolist() == [0.05] * 3
    synapses.network.run(5)


def test_get_returns_copies(ends):
    synapses = make(StaticSynapses, ends)
    for values in (
        synapses.get("weight"),
        synapses.get_delay_steps(),
        synapses.post_index,
        synapses.pre_index,
    ):
        values[:] = 77
    assert synapses.get("weight").tolist() == [0.05] * 3
    assert synapses.get_delay_steps().tolist() == [1, 1, 1]
    assert synapses.post_index.tolist() == [0, 1, 0]


@pytest.mark.parametrize("kind", KINDS)
def test_delays_can_be_set(ends, kind):
    synapses = make(kind, ends)
    synapses.set_delay_steps(7, [1])
    synapses.set_delay_steps([2, 3], [0, 2])
    assert synapses.get_delay_steps().tolist() == [2, 7, 3]
    for values, indices in ((0, None), (0, [1]), (-1, [2]), ([1, 2], None)):
        with pytest.raises(ValueError):
            synapses.set_delay_steps(values, indices)
    with pytest.raises(IndexError):
        synapses.set_delay_steps(1, [3])
    assert synapses.get_delay_steps().tolist() == [2, 7, 3]
    synapses.network.run(20)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("axonal", [0, 3])
def test_a_projection_without_connections(ends, kind, axonal):
    synapses = make(kind, ends, [], [], 1, axonal_steps=axonal)
    ends[0].set_spikes(in_ms([[0, 2], [2], []]))
    synapses.record_events()
    recorder = SampleRecorder(synapses, "weight", [])
    synapses.network.run(10)
    synapses.set({"weight": 0.01})
    synapses.set({"weight": []})
    synapses.set_delay_steps(5)
    synapses.network.run(10)
    synapses.network.reset()
    synapses.network.run(10)
    assert synapses.size == len(recorder.data.T) == 0
    for values in (
        *synapses.events,
        synapses.get_delay_steps(),
        synapses.pre_index,
        synapses.post_index,
        *(synapses.get(name) for name in synapses.kind.PARAMETERS),
    ):
        assert values.shape == (0,)


def test_one_cell_onto_itself():
    network = Network(H)
    cell = UrbanczikSenn(network, 1)
    cell.set({"phi_max": 1e9, "rate_slope": 0.0, "tau_refrac": 1.0})
    synapses = static(cell, cell, 4, axonal=1)
    network.run(100)
    assert cell.value("gsyn_exc")[0] > 1e-3
    assert synapses.size == 1


def test_parallel_connections_add_up():
    network = Network(H)
    ear, pairs = Ear(network), ([0, 0, 0], [0, 0, 0])
    static(source(network, [1]), ear.cells, [2, 2, 5], weight=[1e-3, 2e-3, 4e-3], pairs=pairs)
    network.run(10)
    assert ear.heard() == [(3, 0, 3.0), (6, 0, 4.0)]


def test_rows_without_connections_are_skipped():
    network = Network(H)
    ear = Ear(network, 3)
    static(source(network, [1], [2], [3], [4], [5]), ear.cells, pairs=([1, 3, 3], [2, 0, 1]))
    network.run(10)
    assert ear.heard() == [(3, 2, 1.0), (5, 0, 1.0), (5, 1, 1.0)]


@pytest.mark.parametrize("kind", KINDS)
def test_events(ends, kind):
    """Each presynaptic spike once a selected connection, at its own step, whatever the axon."""
    ends[0].set_spikes(in_ms([[0, 5, 5], [2], [5, 9]]))
    synapses = make(kind, ends, [0, 0, 1, 2], [0, 1, 0, 1], 1, axonal_steps=2)
    with pytest.raises(ValueError, match=f"^{kind.__name__}: events are not recorded$"):
        _ = synapses.events
    synapses.clear_events()
    synapses.record_events([0, 3])
    synapses.network.run(8)
    connection, step, weight = synapses.events
    assert list(zip(connection.tolist(), step.tolist())) == [(0, 0), (0, 5), (0, 5), (3, 5)]
    np.testing.assert_allclose(weight, 0.05, rtol=1e-3)
    assert synapses.count_events("weight") == 4
    synapses.clear_events()
    assert [len(column) for column in synapses.events] == [0, 0, 0]
    synapses.record_events()
    synapses.network.run(10)
    assert synapses.events[1].tolist() == [9]
    synapses.network.reset()
    assert [len(column) for column in synapses.events] == [0, 0, 0]
    synapses.network.run(20)
    assert synapses.events[1].tolist() == [0, 0, 2, 5, 5, 5, 5, 5, 9]


@pytest.mark.parametrize("kind", KINDS)
def test_thousands_of_events_in_one_step(kind):
    network = Network(H)
    src, cells = source(network, *[[3, 7]] * 50), UrbanczikSenn(network, 60)
    synapses = Projection(kind, src, cells, "dendritic_exc", *all_pairs(src, cells), 1, {"weight": 1e-4})
    synapses.record_events()
    network.run(10)
    connection, step, _ = synapses.events
    np.testing.assert_array_equal(connection, np.tile(np.arange(3000), 2))
    np.testing.assert_array_equal(step, np.repeat([3, 7], 3000))


@pytest.mark.parametrize("indices", [[4], [-5], [0, 99]])
def test_events_of_connections_outside_are_refused(ends, indices):
    synapses = make(UrbanczikSennSynapses, ends, [0, 0, 1, 2], [0, 1, 0, 1])
    with pytest.raises(IndexError):
        synapses.record_events(indices)


def test_delivery_within_the_step():
    """Without a delay behind the synapse, input of an axon is in the record of the very step it arrives."""
    network = Network(H)
    ear, both = Ear(network), Ear(network)
    src = source(network, [0, 4])
    static(src, ear.cells, 0, axonal=3)
    static(src, both.cells, 0, axonal=3)
    static(src, both.cells, 3)
    network.run(10)
    assert ear.heard() == [(3, 0, 1.0), (7, 0, 1.0)]
    assert both.heard() == [(3, 0, 2.0), (7, 0, 2.0)]


def test_delays_set_to_none_behind_an_axon():
    network = Network(H)
    ear = Ear(network)
    synapses = static(source(network, [0, 10]), ear.cells, 2, axonal=3)
    network.run(9)
    synapses.set_delay_steps(0)
    network.run(9)
    assert ear.steps() == [5, 13]


# ---- groups: a projection as a whole does not show them


def divided(threads, kind=StaticSynapses, n=60):
    """Connections with many delays on both sides of the synapse, whose targets several threads have."""
    network = Network(H, 1, threads)
    src, cells = source(network, *[[0, 2, 2, 9]] * 6), UrbanczikSenn(network, 5)
    pairs = all_pairs(src, cells)
    pre, post = (np.repeat(index, 2) for index in pairs)
    values = {"weight": 1e-3 * np.arange(1, n + 1), **({"w_max": 1.0} if kind is UrbanczikSennSynapses else {})}
    axonal, delay = np.arange(n) % 4, 1 + np.arange(n) % 3
    return Projection(kind, src, cells, "dendritic_exc", pre, post, delay, values, axonal_steps=axonal)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_everything_is_by_number_of_connection(kind, threads):
    synapses = divided(threads, kind)
    # a group for each axonal delay, whose rows are divided among threads only if they have to be
    assert len(synapses.groups) == (4 if kind.UNDIVIDED else 4 * threads)
    assert len(synapses.deliveries) == 4 * threads
    # which have the spikes in the axons in common
    assert len(synapses.axons.members) == threads
    np.testing.assert_array_equal(synapses.get("weight"), 1e-3 * np.arange(1, 61))
    np.testing.assert_array_equal(synapses.get_delay_steps(), 1 + np.arange(60) % 3)
    np.testing.assert_array_equal(synapses.axonal_steps, np.arange(60) % 4)
    np.testing.assert_array_equal(synapses.pre_index, np.repeat(np.arange(6), 10))
    synapses.set({"weight": [0.7, 0.5]}, [58, 3])
    synapses.set_delay_steps([9, 8], [59, 0])
    assert synapses.get("weight")[[3, 4, 58]].tolist() == [0.5, 0.005, 0.7]
    assert synapses.get_delay_steps()[[0, 1, 59]].tolist() == [8, 2, 9]
    recorder = SampleRecorder(synapses, "weight", [7, 2, 58, 1])
    synapses.network.run(3)
    np.testing.assert_allclose(recorder.data, np.tile([8e-3, 3e-3, 0.7, 2e-3], (4, 1)), rtol=1e-3)


UNDIVIDED = {
    StaticSynapses: {},
    composed(SpikePairRule, AdditiveWeightDependence): {"tau_plus": 15.0 + np.arange(10) % 2, "A_plus": 0.1},
    TsodyksMarkramSynapses: {"tau_facil": 20.0},
    SimpleStochasticSynapses: {},
    MultiQuantalSynapses: {"n": 3.0, "tau_facil": 20.0},
}


def undivided(kind, threads, axonal):
    """Synapses onto cells that lie apart in memory if several threads have them; some rows reach only one of them."""
    network = Network(H, 1, threads)
    src = source(network, *[[0, 1, 2, 2, 9]] * 4)
    cells = IF_cond_exp(network, 7)
    cells.set({"i_offset": 0.9})
    pre = np.array([0, 0, 0, 0, 1, 2, 2, 3, 3, 3])
    post = np.array([0, 2, 5, 5, 6, 0, 1, 0, 3, 6])
    values = {"weight": 0.01 * (1 + post), **UNDIVIDED[kind]}
    return Projection(kind, src, cells, "excitatory", pre, post, 1 + post % 2, values, axonal_steps=axonal)


@pytest.mark.parametrize("by_turns", [True, False])
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("kind", UNDIVIDED)
@pytest.mark.parametrize("axonal", [0, 3, np.arange(10) // 2])
def test_rows_are_undivided(kind, threads, by_turns, axonal, monkeypatch):
    """Threads have parts of them, one thread alone has all, and whoever it is changes nothing."""
    monkeypatch.setattr(thread_choice, "BY_TURNS", by_turns)
    one, other = undivided(kind, 1, axonal), undivided(kind, threads, axonal)
    assert len(other.groups) == len(np.unique(axonal))
    if len(other.groups) == 1:
        assert [part.partition for part in other.deliveries] == list(range(threads))
    np.testing.assert_array_equal(other.post_index, one.post_index)
    found = []
    for synapses in (one, other):
        synapses.record_events([0, 2, 3, 4, 9])
        traces = [SampleRecorder(synapses, name, [9, 1, 2, 6]) for name in synapses.variables]
        traces += [SampleRecorder(synapses.post, name, np.arange(7)) for name in ("v", "gsyn_exc")]
        # before there is any spike, with some of them on axons, and after the last one
        for n_steps in (11, 29, 0):
            for restore in restoring_projection(synapses, save_projection(synapses)):
                restore()
            synapses.network.run(n_steps)
        assert np.unique(synapses.events[1]).tolist() == [0, 1, 2, 9]
        synapses.set({"weight": [0.2, 0.3]}, [3, 4])
        synapses.set_delay_steps([5, 2], [2, 5])
        synapses.network.reset()
        synapses.network.run(40)
        found.append((*synapses.events, *(trace.data for trace in traces)))
    for a, b in zip(*found):
        np.testing.assert_array_equal(a, b)
    assert (np.ptp(found[0][-1], axis=0) > 0.0).tolist() == [True] * 4 + [False] + [True] * 2
    connection, step, _ = found[0][:3]
    assert connection[step == 0].tolist() == [0, 2, 3, 4, 9]


def test_events_come_in_one_order():
    """Of time, and then of spikes, of which a cell may have several in one step."""
    found = []
    for threads in (1, 2, 3):
        synapses = divided(threads)
        synapses.record_events([0, 1, 2, 3, 10, 55])
        synapses.network.run(20)
        found.append([column.tolist() for column in synapses.events])
    assert found[0] == found[1] == found[2]
    connection, step, _ = found[0]
    assert step == sorted(step)
    assert connection[6:18] == [0, 1, 2, 3, 0, 1, 2, 3, 10, 10, 55, 55]


@pytest.mark.parametrize(
    "kind, bad, error",
    [
        (StaticSynapses, {"weight": [0.1] * 59 + [np.nan]}, ValueError),
        (UrbanczikSennSynapses, {"tau_Delta": 30.0, "weight": [0.1] * 59 + [1.5]}, ValueError),
        (MultiQuantalSynapses, {"tau_rec": 30.0, "n": [2.0] * 59 + [1e12]}, MemoryError),
        (MultiQuantalSynapses, {"tau_rec": 30.0, "n": 1e18}, MemoryError),
    ],
)
def test_what_one_group_refuses_changes_none(kind, bad, error):
    synapses = divided(3, kind)
    synapses.network.run(10)
    before = [synapses.get(name) for name in kind.PARAMETERS] + [synapses.value(name) for name in synapses.variables]
    with pytest.raises(error):
        synapses.set(bad, delay_steps=5)
    with pytest.raises(ValueError):
        synapses.set({"weight": 0.2}, delay_steps=[5] * 59 + [-1])
    after = [synapses.get(name) for name in kind.PARAMETERS] + [synapses.value(name) for name in synapses.variables]
    np.testing.assert_equal(after, before)
    np.testing.assert_array_equal(synapses.get_delay_steps(), 1 + np.arange(60) % 3)
    synapses.network.run(10)


def test_a_change_is_made_when_it_is_asked_for():
    synapses = divided(2)
    change = synapses.change({"weight": 0.5}, [4], 7)
    assert synapses.get("weight")[4] == 0.005
    change()
    assert (synapses.get("weight")[4], synapses.get_delay_steps()[4]) == (0.5, 7)


@pytest.mark.parametrize("delay, axonal", [(2**30 + 1, 0), (1, 2**31), (2**32 + 1, 0)])
def test_delays_that_wrap_round_are_refused(ends, delay, axonal):
    with pytest.raises(
        ValueError, match=r"^StaticSynapses\.delay: \d+ steps is not allowed; it must be at most 107374182"
    ):
        make(StaticSynapses, ends, delay=delay, axonal_steps=axonal)
