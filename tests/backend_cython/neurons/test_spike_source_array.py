"""Given spikes, and their factors."""

from collections import Counter

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.recorder import SpikeRecorder
from backend_cython.neurons.spike_source_array import SpikeSourceArray

from ..helpers import Ear, H, in_ms, source, static


def run(network, src, n_steps):
    recorder = SpikeRecorder(src)
    network.run(n_steps)
    cell, step = recorder.data
    return [step[cell == i].tolist() for i in range(src.size)]


@pytest.fixture
def network():
    return Network(H)


def test_spikes_come_at_the_nearest_step(network):
    src = SpikeSourceArray(network, 1)
    src.set_spikes([[0.0, 0.04, 0.06, 0.3, 0.9999999, 1.04]])
    assert run(network, src, 20) == [[0, 0, 1, 3, 10, 10]]


def test_first_and_last_step(network):
    assert run(network, source(network, [0, 10, 11], [], [10], [11]), 10) == [[0, 10], [], [10], []]


@pytest.mark.parametrize("size", [1, 2])
def test_without_spikes(network, size):
    assert run(network, SpikeSourceArray(network, size), 10) == [[]] * size
    src = SpikeSourceArray(network, size)
    src.set_spikes([[]] * size)
    assert run(network, src, 10) == [[]] * size


def test_some_sources_get_new_spikes_and_the_others_keep_theirs(network):
    src = source(network, [1, 4], [2], [3])
    src.set_spikes(in_ms([[5], [0, 4]]), indices=[2, 0])
    assert run(network, src, 10) == [[0, 4], [2], [5]]


@pytest.mark.parametrize("indices", [slice(0, None, 2), slice(None, None, -2), np.array([True, False, True])])
def test_indices_may_be_slices_or_masks(network, indices):
    src = source(network, [1, 4], [2], [3])
    src.set_spikes(in_ms([[7], [8, 9]]), indices=indices)
    new = [[7], [2], [8, 9]]
    assert run(network, src, 10) == (new[::-1] if isinstance(indices, slice) and indices.step < 0 else new)


def test_no_source_gets_new_spikes(network):
    src = source(network, [1], [2])
    src.set_spikes([], indices=[])
    assert run(network, src, 5) == [[1], [2]]


def test_all_sources_get_new_spikes_amid_a_run(network):
    """What is past or present by then is not emitted any more."""
    src, recorder = source(network, [1, 8], [2]), None
    recorder = SpikeRecorder(src)
    network.run(5)
    src.set_spikes(in_ms([[3, 5, 6], [0, 7, 15]]))
    network.run(10)
    cell, step = recorder.data
    assert list(zip(step.tolist(), cell.tolist())) == [(1, 0), (2, 1), (6, 0), (7, 1), (15, 1)]


def test_spikes_of_step_0_may_be_given_until_the_first_run(network):
    src = SpikeSourceArray(network, 1)
    src.set_spikes([[0.0, 0.1]])
    src.set_spikes([[0.0, 0.2]])
    recorder = SpikeRecorder(src)
    network.run(0)
    src.set_spikes([[0.0, 0.3]])
    network.run(5)
    assert recorder.data[1].tolist() == [0, 3]


def test_reset_begins_again_with_what_was_given_last(network):
    src = source(network, [0, 2])
    assert run(network, src, 10) == [[0, 2]]
    network.reset()
    assert run(network, src, 10) == [[0, 2]]
    src.set_spikes(in_ms([[1, 11]]))
    network.reset()
    assert run(network, src, 10) == [[1]]


def test_a_source_made_amid_a_run(network):
    network.run(5)
    src = SpikeSourceArray(network, 2)
    src.set_spikes(in_ms([[0, 5, 6], [7]]))
    assert run(network, src, 5) == [[6], [7]]


def test_factors_multiply_the_weight(network):
    ear = Ear(network, 2)
    src = source(network, [1, 2, 2], [4], weights=[[1.0, 2.0, -0.5], [3.0]])
    static(src, ear.cells, 1, weight=[1e-3, 2e-3], pairs=([0, 1], [0, 1]))
    network.run(10)
    assert ear.heard() == [(2, 0, 1.0), (3, 0, 1.5), (5, 1, 6.0)]


def test_new_spikes_of_some_sources_keep_the_factors_of_the_others(network):
    ear = Ear(network)
    src = source(network, [1], [2], weights=[[2.0], [3.0]])
    src.set_spikes(in_ms([[4, 5]]), indices=[1])
    static(src, ear.cells)
    network.run(10)
    assert ear.heard() == [(2, 0, 2.0), (5, 0, 1.0), (6, 0, 1.0)]


@pytest.mark.parametrize(
    "times, weights, message",
    [
        ([[1.0], [2.0]], None, r"\.spike_times: 2 sequences for 3 sources$"),
        (
            [[1.0], [2.0, np.nan], [3.0]],
            None,
            r"\.spike_times: nan ms \(source 1\) is not allowed; it must be finite and not ",
        ),
        ([[], [2.0], [3.0, np.inf]], None, r"\.spike_times: inf ms \(source 2\)"),
        ([[-0.1], [2.0], [3.0]], None, r"\.spike_times: -0\.1 ms \(source 0\)"),
        (
            [[9.0], [2.0], [3.0, 5.0, 4.0]],
            None,
            r"\.spike_times: 4\.0 ms \(source 2\) is not allowed; it must be not smaller than the time before",
        ),
        ([[], [2.0, 1.0], []], None, r"\.spike_times: 1\.0 ms \(source 1\)"),
        ([[1.0], [2.0], []], [[1.0], [2.0]], r"\.spike_weights: 2 sequences for 3 sources$"),
        (
            [[1.0], [2.0], []],
            [[1.0], [2.0, 3.0], []],
            r"\.spike_weights: 2 weights for 1 spike times \(source 1\) is not allowed; there must ",
        ),
        (
            [[1.0], [2.0, 3.0], []],
            [[1.0], [2.0, np.nan], []],
            r"\.spike_weights: nan \(source 1\) is not allowed; it must be finite$",
        ),
    ],
)
def test_refused_spikes_leave_the_former_ones(network, times, weights, message):
    src = source(network, [1], [2], [3])
    for owner in (None, "Mine"):
        with pytest.raises(ValueError, match=f"^{owner or 'SpikeSourceArray'}{message}"):
            src.set_spikes(times, weights=weights, owner=owner)
    assert run(network, src, 60) == [[1], [2], [3]]


def test_refusals_name_the_source_that_was_meant(network):
    with pytest.raises(ValueError, match=r"nan ms \(source 2\)"):
        source(network, [], [], []).set_spikes([[1.0], [np.nan]], indices=[0, 2])


@pytest.mark.parametrize("indices", [[2], [-3], [0, 10**6]])
def test_sources_outside_are_refused(network, indices):
    src = source(network, [1], [2])
    with pytest.raises(IndexError):
        src.set_spikes([[1.0]] * len(indices), indices)
    assert run(network, src, 5) == [[1], [2]]


def test_times_may_fall_from_one_source_to_the_next(network):
    assert run(network, source(network, [8, 9], [], [], [1], [0]), 10) == [[8, 9], [], [], [1], [0]]


def test_two_dimensional_times_are_refused(network):
    with pytest.raises(ValueError, match=r"^SpikeSourceArray\.spike_times: one-dimensional sequences"):
        SpikeSourceArray(network, 1).set_spikes([[[1.0, 2.0]]])


@pytest.mark.parametrize(
    "times",
    [
        [],
        [0.0],
        [-0.0, 0.1],
        [k * H for k in range(1000)],
        [k * H for k in (0, 1, 1, 2)],
        [0.1, 0.25, 0.30000000000000004],
        [0.04, 0.05, 0.06],
        [0.1, 2.0**46 * H, 2.0**49 * H, 1e300],
    ],
)
def test_a_single_source_spikes_as_one_of_several(network, times):
    """Whose steps are not found in the same way."""
    alone = SpikeSourceArray(network, 1).prepared_spikes([np.array(times)])
    step, _, factor, time = SpikeSourceArray(network, 2).prepared_spikes([np.array(times), np.empty(0)])
    np.testing.assert_array_equal(alone[0][:-1], step[:-1])
    np.testing.assert_array_equal(alone[2][:-1], factor[:-1])
    assert (alone[3] is None) == (time is None)
    assert len(alone[1]) == max(Counter(step[:-1].tolist()).values(), default=1)


@pytest.mark.parametrize("times", [[0.2, 0.1], [0.1, np.nan, 0.3], [-0.1, 0.1], [0.1, np.inf], [np.nan]])
def test_times_of_a_single_source_are_checked(network, times):
    with pytest.raises(ValueError, match="spike_times"):
        SpikeSourceArray(network, 1).prepared_spikes([np.array(times)])


def test_given_arrays_are_copied(network):
    times = np.array([0.1, 0.2])
    src = SpikeSourceArray(network, 1)
    src.set_spikes([times])
    times[:] = 0.5
    assert run(network, src, 10) == [[1, 2]]


def test_random_trains_set_anew_all_the_time_equal_those_given_at_once(network):
    rng = np.random.default_rng(1)
    trains = [np.sort(rng.integers(0, 400, rng.integers(0, 60))) for _ in range(5)]
    src = SpikeSourceArray(network, 5)
    recorder = SpikeRecorder(src)
    for begin in range(0, 400, 50):
        first = begin if begin else -1
        src.set_spikes(in_ms([train[(train > first) & (train <= begin + 50)] for train in trains]))
        network.run(50)
    cell, step = recorder.data
    for i, train in enumerate(trains):
        np.testing.assert_array_equal(step[cell == i], train)


@pytest.mark.parametrize("size", [1, 2])
def test_recorders_know_when_spikes_were_due(network, size):
    given = [[0.04, 0.06, 0.33], [0.1, 0.32]][:size]
    src = SpikeSourceArray(network, size)
    src.set_spikes(given)
    recorder = SpikeRecorder(src)
    network.run(10)
    cell, _ = recorder.data
    assert [recorder.due[cell == i].tolist() for i in range(size)] == given
    assert [times.tolist() for times in src.times()] == given


def test_spikes_on_the_grid_need_no_times(network):
    src = source(network, [1, 4])
    recorder = SpikeRecorder(src)
    network.run(10)
    assert recorder.due is None
    src.set_spikes([[1.24]])
    network.run(10)
    assert recorder.due.tolist() == [-1.0, -1.0, 1.24]


@pytest.mark.parametrize("last_step", [5, 3000, 10**7, 2 * 10**12])
def test_spikes_come_by_step_and_then_by_source_whatever_lies_between_them(network, last_step):
    rng = np.random.default_rng(last_step)
    counts = rng.integers(0, 40, 50)
    trains = [np.sort(rng.integers(0, last_step, n)) for n in counts]
    factors = rng.random(counts.sum())
    src = SpikeSourceArray(network, len(trains))
    step, cell, factor, _ = src.prepared_spikes((np.concatenate(trains) * H, counts), weights=(factors, counts))
    source_of = np.repeat(np.arange(len(trains)), counts)
    order = np.lexsort((source_of, np.concatenate(trains)))
    np.testing.assert_array_equal(step[:-1], np.concatenate(trains)[order])
    np.testing.assert_array_equal(cell[:-1], source_of[order])
    np.testing.assert_array_equal(factor[:-1], factors[order])


@pytest.mark.parametrize("on_grid", [True, False])
def test_new_spikes_of_some_among_many_are_as_if_all_were_given_at_once(network, on_grid):
    rng = np.random.default_rng(3)

    def trains(n):
        return [np.sort(rng.integers(0, 300, 5)) * H + (not on_grid) * 0.01 for _ in range(n)]

    given, new, some = trains(30), trains(4), np.array([17, 3, 29, 4])
    src, expected = SpikeSourceArray(network, 30), SpikeSourceArray(network, 30)
    src.set_spikes(given)
    src.set_spikes(new, indices=some)
    for cell, train in zip(some, new):
        given[cell] = train
    expected.set_spikes(given)
    assert src.digest() == expected.digest() and src.on_grid == expected.on_grid
    for ours, cell in zip(src.times(some), some):
        np.testing.assert_array_equal(ours, given[cell])


FOLLOWING = 0.1 * np.arange(1, 90)
TRAINS_OF_TIMES = {
    "on the grid": FOLLOWING,
    "next to it": np.nextafter(FOLLOWING, 0.0),
    "added up": np.cumsum(np.full(89, 0.1)),
    "anywhere": np.sort(np.random.default_rng(1).uniform(0.0, 9.0, 89)),
    "in the middle": FOLLOWING + 0.05,
    "next to the middle": np.nextafter(FOLLOWING + 0.05, 0.0),
    "twice": np.repeat(FOLLOWING, 2),
    "far away": np.append(FOLLOWING, [1e13, 1e14, 1e300]),
    "at once": np.zeros(3),
}


@pytest.mark.parametrize("train", TRAINS_OF_TIMES.values(), ids=TRAINS_OF_TIMES)
def test_any_times_come_at_the_nearest_step(network, train):
    """Alone, and among others that are quickly done or not."""
    alone, several = SpikeSourceArray(network, 1), SpikeSourceArray(network, 3)
    spikes = [SpikeRecorder(alone), SpikeRecorder(several)]
    alone.set_spikes([train])
    several.set_spikes([FOLLOWING, train, TRAINS_OF_TIMES["anywhere"]])
    network.run(100)
    steps = np.floor(train / H + 0.5)
    for recorder, cell in zip(spikes, (0, 1)):
        cells, step = recorder.data
        assert step[cells == cell].tolist() == steps[steps <= 100].tolist()
    for cells, cell in ((alone, 0), (several, 1)):
        assert cells.times()[cell].tolist() == train.tolist()
