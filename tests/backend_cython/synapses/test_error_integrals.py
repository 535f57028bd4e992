"""What a plastic synapse learns does not depend on which loops compute it, nor on how its parameters are stored: bit
by bit. All synapses of a test are onto the same neurons, so that they see the same errors.
"""

import tracemalloc

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SampleRecorder
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.synapses.urbanczik_senn import UrbanczikSennSynapses

from ..helpers import H, Lab, all_pairs, source, static

# More targets than a loop takes at once, even if every other one is left out.
N_CELLS = 300
TRAINS = [np.arange(3, 1500, 91), np.array([5, 6, 700, 1400])]
RULE = {"weight": 0.001, "eta": 0.7, "w_max": 9.0}


@pytest.fixture(params=[1, 40, 170])
def delay(request):
    """Up to more than a block of the sums."""
    return request.param


@pytest.fixture
def ends():
    network = Network(H, 3)
    cells = UrbanczikSenn(network, N_CELLS)
    cells.set({"soma_i_offset": 6.0, "theta": -62.0})
    return source(network, *TRAINS), cells


def connect(ends, delay, targets=slice(None), receptor="dendritic_exc", **rule):
    """The inputs to some of the cells, with rules given for all cells."""
    pre, post = all_pairs(*ends)
    chosen = np.isin(post, np.arange(N_CELLS)[targets])
    rule = {name: value if np.ndim(value) == 0 else value[chosen] for name, value in {**RULE, **rule}.items()}
    synapses = Projection(UrbanczikSennSynapses, *ends, receptor, pre[chosen], post[chosen], delay, rule)
    synapses.record_events()
    return synapses, np.flatnonzero(chosen)


def same_for(whole, part, where):
    """The connections `where` of `whole` are those of `part`."""
    connection, step, weight = whole.events
    mine = np.isin(connection, where)
    assert np.ptp(weight[mine]) > 1e-5
    np.testing.assert_array_equal(np.searchsorted(where, connection[mine]), part.events[0])
    np.testing.assert_array_equal(step[mine], part.events[1])
    np.testing.assert_array_equal(weight[mine], part.events[2])
    np.testing.assert_array_equal(whole.get("weight")[where], part.get("weight"))


@pytest.mark.parametrize("targets", [np.s_[::2], np.s_[1::2], np.s_[7:8], np.s_[150:], [0, 1, 2, 4, 5, 299]])
def test_targets_next_to_each_other_or_scattered(ends, delay, targets):
    (whole, _), (part, where) = connect(ends, delay), connect(ends, delay, targets)
    for n in (700, 800):
        ends[0].network.run(n)
        same_for(whole, part, where)


def test_targets_with_several_synapses_from_one_source(ends, delay):
    whole, _ = connect(ends, delay)
    twice = Projection(UrbanczikSennSynapses, *ends, "dendritic_exc", [0] * 4, [7, 8, 8, 10], delay, RULE)
    twice.record_events()
    ends[0].network.run(1500)
    assert twice.get("weight").tolist() == whole.get("weight")[[7, 8, 8, 10]].tolist()


def test_input_that_arrives_from_scattered_synapses():
    """All synapses of the row add to their own targets alone."""
    network = Network(H)
    cells = UrbanczikSenn(network, N_CELLS)
    inputs = source(network, [5])
    targets = np.r_[0:140:3, 290]
    weight = 0.001 * np.arange(1, len(targets) + 1)
    Projection(
        UrbanczikSennSynapses,
        inputs,
        cells,
        "dendritic_exc",
        np.zeros(len(targets), int),
        targets,
        4,
        {"weight": weight},
    )
    network.run(9)
    expected = np.zeros(N_CELLS)
    expected[targets] = weight
    np.testing.assert_array_equal(cells.value("isyn_exc"), expected)


@pytest.mark.parametrize("name, other", [("eta", 0.2), ("w_min", 0.001), ("w_max", 0.001), ("weight", 0.002)])
def test_parameters_that_are_equal_or_differ_elsewhere(ends, delay, name, other):
    value = {**RULE, "w_min": 0.0}[name]
    varied = np.full(2 * N_CELLS, value)
    varied[[130, 599]] = other
    (equal, _), (different, _) = connect(ends, delay), connect(ends, delay, **{name: varied})
    ends[0].network.run(1500)
    rest = np.flatnonzero(varied == value)
    if name in ("eta", "weight"):
        assert np.all(equal.get("weight")[[130, 599]] != different.get("weight")[[130, 599]])
    np.testing.assert_array_equal(equal.get("weight")[rest], different.get("weight")[rest])
    if name != "weight":
        np.testing.assert_array_equal(different.get(name), varied)


@pytest.mark.parametrize("receptor, reached", [("dendritic_exc", 1), ("dendritic_inh", 0)])
def test_bounds_of_each_synapse(ends, delay, receptor, reached):
    """They cut off what is read, and nothing else."""
    bounds = 0.001 * np.linspace(0.0, 1.0, 2 * N_CELLS), 0.001 * np.linspace(3.0, 1.0, 2 * N_CELLS)
    free, _ = connect(ends, delay, receptor=receptor)
    bounded, _ = connect(ends, delay, receptor=receptor, w_min=bounds[0], w_max=bounds[1])
    ends[0].network.run(1500)
    weight = bounded.get("weight")
    assert np.sum(weight == bounds[reached]) > 50
    np.testing.assert_array_equal(weight, np.clip(free.get("weight"), *bounds))
    connection, _, carried = free.events
    np.testing.assert_array_equal(bounded.events[2], np.clip(carried, *(bound[connection] for bound in bounds)))


@pytest.mark.parametrize("name, other", [("eta", 0.2), ("w_min", 0.0), ("w_max", 8.0), ("weight", 0.002)])
def test_one_number_that_becomes_many_amid_a_run(ends, delay, name, other):
    """As if there had been many from the beginning."""
    value = {**RULE, "w_min": 1e-9}[name]
    elsewhere = np.full(2 * N_CELLS, value)
    elsewhere[400] *= 0.9
    one, many = (connect(ends, delay, **{"w_min": 1e-9, name: given})[0] for given in (value, elsewhere))
    unchanged, _ = connect(ends, delay, w_min=1e-9)
    ends[0].network.run(700)
    for synapses in (one, many):
        synapses.set({name: other}, [3, 131, 299])
    ends[0].network.run(800)
    rest = np.arange(2 * N_CELLS) != 400
    np.testing.assert_array_equal(one.get("weight")[rest], many.get("weight")[rest])
    if name in ("eta", "weight"):
        assert np.all(one.get("weight")[[3, 131, 299]] != unchanged.get("weight")[[3, 131, 299]])
    if name != "weight":
        expected = np.full(2 * N_CELLS, value)
        expected[[3, 131, 299]] = other
        np.testing.assert_array_equal(one.get(name), expected)


@pytest.mark.parametrize("name, one", [("eta", 0.3), ("w_min", 0.0004), ("w_max", 7.0)])
def test_many_numbers_that_become_one_again(ends, name, one):
    synapses, _ = connect(ends, 1)
    many = one * np.linspace(0.5, 1.5, 2 * N_CELLS)
    for given in (many, one, many, np.full(2 * N_CELLS, one)):
        synapses.set({name: given})
        np.testing.assert_array_equal(synapses.get(name), np.broadcast_to(given, 2 * N_CELLS))


def test_reset_to_one_weight_or_many(ends):
    (one, _), (many, _) = connect(ends, 1), connect(ends, 1, weight=np.linspace(0.0, 0.1, 2 * N_CELLS))
    ends[0].network.run(700)
    one.set({"weight": 0.5}, [8])
    ends[0].network.reset()
    assert one.get("weight").tolist() == [0.001] * 8 + [0.5] + [0.001] * (2 * N_CELLS - 9)
    np.testing.assert_array_equal(many.get("weight"), np.linspace(0.0, 0.1, 2 * N_CELLS))


@pytest.mark.parametrize("targets", [slice(None), np.s_[::2]])
def test_weights_recorded_or_not(ends, delay, targets):
    synapses = [connect(ends, delay, targets)[0] for _ in range(2)]
    pre, post = synapses[0].pre_index, synapses[0].post_index
    silent = Projection(UrbanczikSennSynapses, *ends, "dendritic_exc", pre, post, delay, RULE)
    columns = np.random.default_rng(1).permutation(len(pre))
    sampled = SampleRecorder(synapses[1], "weight", columns, 7)
    ends[0].network.run(1400)
    for other in synapses:
        np.testing.assert_array_equal(other.get("weight"), silent.get("weight"))
    np.testing.assert_array_equal(sampled.data[-1], silent.get("weight")[columns])


def test_neurons_with_time_constants_of_their_own_among_equal_ones():
    """A row in several segments, some of them longer than a loop."""
    cm = np.full(N_CELLS, 0.3)
    cm[[5, 150, 151]] = 0.2
    lab = Lab(TRAINS, n_cells=N_CELLS, cell={"dendrite_cm": cm}).run(1500)
    for k in (4, 5, 6, 149, 150, 151, 152, 299, 300, 305, 599):
        lab.check(k, tau_L=cm[k % N_CELLS] / 0.03, tolerance=1e-7)


def test_errors_of_the_last_steps_are_kept_with_chunks_and_without():
    """A change of time constants needs them; another connection, with a delay of one step, makes intervals short."""
    weights = []
    for shortest in (20, 1):
        lab = Lab(TRAINS, n_cells=2, delay=20)
        static(source(lab.network, []), lab.cells, delay=shortest)
        lab.run(703)
        assert lab.network.interval == shortest
        lab.cells.set({"dendrite_cm": 0.6}, [1])
        lab.run(797)
        lab.check(0)
        weights.append(lab.synapses.events[2])
    np.testing.assert_array_equal(*weights)


def test_memory_of_a_synapse():
    """Both integrals, target and delay; no array of what is equal for all."""
    network = Network(H)
    inputs, cells = source(network, *[[]] * 100), UrbanczikSenn(network, 1000)
    pre, post = all_pairs(inputs, cells)
    post = post.astype(np.int32)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    synapses = Projection(UrbanczikSennSynapses, inputs, cells, "dendritic_exc", pre, post, 1, RULE)
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    sums = 1000 * 8 * 4 * (32 + 2 + 2)
    assert (used - sums) / synapses.size < 8 + 8 + 4 + 4 + 2
