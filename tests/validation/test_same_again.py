"""Equal seeds give equal bits: however a run is divided, after a reset, on any number of threads."""

import numpy as np
import pytest

import pyurbanczik as sim

from . import ours
from .cases import random_case, steps


def free_case(**changes):
    case = random_case(81, "free", eta=0.1, duration=500.0)
    for name, value in changes.items():
        setattr(case, name, value)
    return case


def assert_identical(a, b):
    for name in a.traces:
        np.testing.assert_array_equal(a.traces[name], b.traces[name], err_msg=name)
    for x, y in zip(a.spikes, b.spikes):
        np.testing.assert_array_equal(x, y)
    for (k, v), (m, w) in zip(a.events, b.events):
        np.testing.assert_array_equal(k, m)
        np.testing.assert_array_equal(v, w)


ALL = (*ours.TRACES, "v_star", "rate", "rate_star", "error")


@pytest.mark.parametrize("parts", [(250.0, 250.0), (0.1, 499.9), (123.4, 0.1, 300.0, 76.5), (0.0, 500.0)])
def test_a_divided_run_equals_a_whole_one(parts):
    whole = ours.run(free_case(), traces=ALL)
    network = ours.Network(free_case(), traces=ALL)
    for part in parts:
        network.run(part)
    assert sum(map(len, whole.spikes)) > 5
    assert_identical(whole, network.result())


def test_a_run_a_step_at_a_time_equals_a_whole_one():
    whole = ours.run(free_case(duration=30.0))
    network = ours.Network(free_case(duration=30.0))
    for _ in range(300):
        network.run(0.1)
    assert_identical(whole, network.result())


def test_same_seed_same_run_other_seed_other_run():
    first, again, other = (ours.run(free_case(seed=seed)) for seed in (1, 1, 2))
    assert_identical(first, again)
    assert any(len(a) != len(b) or np.any(a != b) for a, b in zip(first.spikes, other.spikes))


def test_a_repeated_trial_repeats_itself():
    network = ours.Network(free_case(), traces=ALL)
    network.run()
    weights = network.plastic.get("weight", format="list")
    sim.reset(repeat=True)
    network.run()
    first, second = network.cells.get_data().segments
    for name in ALL:
        np.testing.assert_array_equal(ours.signal(first, name), ours.signal(second, name), err_msg=name)
    for a, b in zip(*(ours.spike_steps(segment, 0.1, 3) for segment in (first, second))):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(weights, network.plastic.get("weight", format="list"))
    first, second = network.plastic.get_data("weight").segments
    for a, b in zip(first.irregularlysampledsignals, second.irregularlysampledsignals):
        assert a.annotations["presynaptic_index"] == b.annotations["presynaptic_index"]
        np.testing.assert_array_equal(a.times.magnitude, b.times.magnitude)
        np.testing.assert_array_equal(a.magnitude, b.magnitude)


@pytest.mark.parametrize("threads", [2, 3])
def test_the_number_of_threads_changes_nothing(threads):
    assert_identical(ours.run(free_case(), threads=1), ours.run(free_case(), threads=threads))


def test_recording_changes_nothing():
    with_traces, without = ours.run(free_case(), traces=ALL), ours.run(free_case(), traces=())
    with_traces.traces = {}
    assert_identical(with_traces, without)


def test_spike_times_set_anew_between_runs_equal_those_given_at_once():
    case = free_case()
    whole = ours.run(case)
    later = free_case()
    network = ours.Network(later)
    network.sources.set(spike_times=[sim.Sequence(t[t <= 200.0]) for t in case.trains])
    network.run(200.0)
    network.sources.set(spike_times=[sim.Sequence(t[t > 200.0]) for t in case.trains])
    network.run(300.0)
    assert_identical(whole, network.result())
    assert any(np.any(steps(t, 0.1) > 2000) for t in case.trains)
