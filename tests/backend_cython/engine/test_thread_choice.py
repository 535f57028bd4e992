"""Whether threads share a run is decided by the time that it takes."""

import numpy as np
import pytest

from backend_cython.engine import thread_choice
from backend_cython.engine.network import Network
from backend_cython.engine.thread_choice import ThreadChoice
from backend_cython.model import cells
from backend_cython.neurons.spike_source_poisson import SpikeSourcePoisson
from backend_cython.neurons.standard_cells import IF_cond_exp, IF_curr_exp
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from tests.backend_cython.helpers import H

STEP = 1e-5  # s


@pytest.fixture(autouse=True)
def as_users_have_it(monkeypatch):
    monkeypatch.setattr(thread_choice, "BY_TURNS", False)


def play(choice, seconds, cost):
    """Let `cost`, seconds a step of (one thread, all threads), decide; parts of the time and of the steps together."""
    passed = together = steps = shared = 0.0
    while passed < seconds:
        n, all_of_them = choice.steps, choice.together
        taken = n * cost(passed)[all_of_them]
        choice.note(n, taken)
        passed, steps = passed + taken, steps + n
        together, shared = together + all_of_them * taken, shared + all_of_them * n
    return together / passed, passed / steps


@pytest.mark.parametrize("gain", (1.2, 1.9))
def test_threads_that_gain_are_used(gain):
    share, step = play(ThreadChoice(64), 2.0, lambda _: (STEP, STEP / gain))
    assert share > 0.85
    assert step < 1.04 * STEP / gain


def test_one_thread_is_hardly_tried_where_it_clearly_loses():
    choice = ThreadChoice(64)
    play(choice, 0.1, lambda _: (STEP, 0.6 * STEP))
    share, _ = play(choice, 1.0, lambda _: (STEP, 0.6 * STEP))
    assert share > 0.98


@pytest.mark.parametrize("loss", (1.02, 1.2, 5.0, 50.0))
def test_threads_that_lose_cost_little(loss):
    _, step = play(ThreadChoice(64), 3.0, lambda _: (STEP, STEP * loss))
    assert step < 1.04 * STEP


def test_a_neighbour_that_comes_and_goes_is_noticed():
    choice = ThreadChoice(64)

    def cost(passed):
        return (1.5 * STEP, 20.0 * STEP) if 1.0 < passed < 2.0 else (STEP, 0.6 * STEP)

    assert play(choice, 1.0, cost)[0] > 0.9
    assert play(choice, 1.0, lambda passed: cost(passed + 1.0))[0] < 0.1
    assert play(choice, 2.0, lambda passed: cost(passed + 2.0))[0] > 0.7


def test_an_accident_is_forgiven():
    """A thread that stands back for some milliseconds, once, does not end the work of all threads."""
    choice = ThreadChoice(64)

    def cost(passed):
        return STEP, (20.0 if 0.100 < passed < 0.110 else 0.6) * STEP

    assert play(choice, 0.3, cost)[0] > 0.85


def test_threads_are_tried_again_soon_after_a_first_loss():
    """A stall of 10 ms in the first trial."""
    choice, stalls = ThreadChoice(64), [10e-3]

    def cost(_):
        return STEP, (stalls.pop() / 64 if stalls and choice.together else 0.6 * STEP)

    assert play(choice, 0.6, cost)[0] > 0.5


def test_a_trial_can_wait():
    choice = ThreadChoice(64)
    waited = 0
    for _ in range(2000):
        if choice.together:
            choice.postpone()
            waited += 1
        choice.note(choice.steps, choice.steps * STEP)
    assert not choice.together
    assert 10 < waited < 300
    assert play(choice, 1.0, lambda _: (STEP, 0.6 * STEP))[0] > 0.85


def test_short_runs_have_one_thread():
    share, _ = play(ThreadChoice(64), 1e-3, lambda _: (STEP, 0.6 * STEP))
    assert share == 0.0


def test_short_pieces_are_judged_together():
    """Runs of few steps: threads that have to be called for each gain nothing."""
    choice, passed, step = ThreadChoice(64), 0.0, 0
    while passed < 1.0:
        seconds = 2e-5 if choice.together else 1e-5
        choice.note(1, seconds)
        passed, step = passed + seconds, step + 1
    assert passed < 1.04e-5 * step


def busy_machine(rng):
    """Two neighbours that compute all the time: each thread has its processor for some ms, and then it has not.

    Threads that meet in every piece have to have both at the same time.
    """

    def cost(_):
        stopped = rng.random(2) < 0.2
        return STEP * (1.0 + 4.0 * stopped[0]), 0.6 * STEP * (1.0 + 8.0 * stopped.any() + 8.0 * stopped.all())

    return cost


def test_noise_is_not_taken_for_gain():
    cost = busy_machine(np.random.default_rng(1))
    alone = np.mean([cost(0.0)[0] for _ in range(10000)])
    _, step = play(ThreadChoice(64), 20.0, cost)
    assert step < 1.05 * alone


def test_pieces_last_about_a_millisecond():
    for step in (1e-8, 1e-6, 1e-4):
        choice, steps = ThreadChoice(64), []
        for _ in range(100):
            # trials have shorter ones
            steps += [choice.steps] * (not choice.together)
            choice.note(choice.steps, choice.steps * step)
        assert np.median(steps) == 64 or 0.4e-3 < np.median(steps) * step < 2.1e-3
        assert not np.any(np.array(steps) % 64)


def test_both_ways_by_turns(monkeypatch):
    monkeypatch.setattr(thread_choice, "BY_TURNS", True)
    choice, ways = ThreadChoice(64), []
    for _ in range(4):
        ways.append((choice.steps, choice.together))
        choice.note(choice.steps, 1.0)
    assert ways == [(64, True), (64, False)] * 2


def test_few_cells_stay_together(monkeypatch):
    monkeypatch.setattr(cells, "LEAST_CELLS", 16)
    bounds = {n: UrbanczikSenn(Network(H, 1, threads=3), n).bounds_of_partitions().tolist() for n in (1, 31, 32, 48)}
    assert bounds == {1: [0, 1, 1, 1], 31: [0, 31, 31, 31], 32: [0, 16, 32, 32], 48: [0, 16, 32, 48]}


def test_quick_cells_are_divided_if_they_are_many(monkeypatch):
    monkeypatch.setattr(cells, "LEAST_CELLS", 16)
    monkeypatch.setattr(cells, "LEAST_QUICK_CELLS", 32)
    network = Network(H, 1, threads=2)
    makes = (IF_curr_exp, IF_cond_exp, IF_curr_exp)
    bounds = [make(network, 48).bounds_of_partitions().tolist() for make in makes]
    # the last ones have company on both threads
    assert bounds == [[0, 48, 48], [0, 24, 48], [0, 24, 48]]


def test_few_cells_go_to_the_thread_with_the_fewest(monkeypatch):
    monkeypatch.setattr(cells, "LEAST_CELLS", 16)
    network = Network(H, 1, threads=2)
    sizes = (15, 41, 9, 15, 3)
    bounds = [UrbanczikSenn(network, n).bounds_of_partitions().tolist() for n in sizes]
    # nothing is on the second one before a population is divided
    assert bounds == [[0, 15, 15], [0, 20, 41], [0, 0, 9], [0, 0, 15], [0, 3, 3]]
    assert network.cells_of_threads == [38, 45]


def test_sources_are_divided_as_cells_where_all_threads_have_some(monkeypatch):
    monkeypatch.setattr(cells, "LEAST_CELLS", 16)
    monkeypatch.setattr(cells, "LEAST_SOURCES", 64)
    network = Network(H, 1, threads=2)
    makes = (SpikeSourcePoisson, UrbanczikSenn, SpikeSourcePoisson, SpikeSourcePoisson)
    bounds = [make(network, n).bounds_of_partitions().tolist() for make, n in zip(makes, (40, 40, 40, 20))]
    assert bounds == [[0, 40, 40], [0, 20, 40], [0, 20, 40], [0, 0, 20]]
