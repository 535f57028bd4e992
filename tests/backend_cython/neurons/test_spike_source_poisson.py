"""Poisson sources: the intervals are the exponential draws of their streams."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.recorder import SpikeRecorder
from backend_cython.neurons.spike_source_poisson import SpikeSourcePoisson
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.numerics.philox import uniforms

from ..helpers import H


def make(size=1, seed=5, threads=1, **parameters):
    network = Network(H, seed, threads)
    sources = SpikeSourcePoisson(network, size)
    sources.set(parameters)
    return network, sources, SpikeRecorder(sources)


def steps(recorder, cell=0):
    cells, step = recorder.data
    return step[cells == cell]


def expected(seed, stream, rate, n_steps, after=0.0, first=0):
    """Steps that end behind the times of a process that begins `after` ms."""
    times = after + np.cumsum(-1e3 / rate * np.log(uniforms(seed, stream, 20_000, first)))
    due = np.ceil(times / H)
    return due[due <= n_steps]


@pytest.mark.parametrize("rate", [1.0, 40.0, 999.0, 200_000.0])
def test_intervals_are_the_draws_of_the_stream(rate):
    network, sources, recorder = make(3, rate=rate)
    n_steps = {1.0: 200_000, 40.0: 20_000, 999.0: 5000, 200_000.0: 500}[rate]
    network.run(n_steps)
    for i in range(3):
        np.testing.assert_array_equal(steps(recorder, i), expected(5, sources.first_stream + i, rate, n_steps))
    assert len(np.unique(recorder.data[1])) < len(recorder.data[1]) or rate < 100.0


@pytest.mark.parametrize("reset", [False, True])
def test_start_and_duration(reset):
    network, _, recorder = make(2, rate=[900.0, 5000.0], start=[3.0, 0.0], duration=[4.0, 2.5])
    network.run(200)
    if reset:
        network.reset()
        network.run(200)
    for i, (begin, end) in enumerate([(30, 70), (0, 25)]):
        got = steps(recorder, i)
        assert len(got)
        assert begin < got.min() and got.max() <= end
    np.testing.assert_array_equal(steps(recorder), expected(5, 0, 900.0, 70, after=3.0))


@pytest.mark.parametrize("parameters", [{"rate": 0.0}, {"rate": 1e3, "duration": 0.0}, {"rate": 1e3, "start": 1e9}])
def test_silence(parameters):
    network, _, recorder = make(2, **parameters)
    network.run(1000)
    assert len(recorder.data[0]) == 0


def test_a_source_without_an_end():
    network, _, recorder = make(rate=1e3, duration=np.inf)
    network.run(1000)
    assert len(steps(recorder)) > 50


def test_a_rate_from_zero_and_back():
    network, sources, recorder = make(rate=0.0)
    network.run(100)
    sources.set({"rate": 2000.0})
    network.run(100)
    sources.set({"rate": 0.0})
    network.run(100)
    got = steps(recorder)
    assert len(got) > 5
    assert got.min() > 100 and got.max() <= 200


def test_a_new_rate_draws_from_now_on_and_leaves_other_sources_alone():
    network, sources, recorder = make(2, rate=300.0)
    network.run(1000)
    drawn = len(steps(recorder)) + 1
    sources.set({"rate": 700.0}, [0])
    network.run(1000)
    later = steps(recorder)[steps(recorder) > 1000]
    np.testing.assert_array_equal(later, expected(5, 0, 700.0, 2000, after=100.0, first=drawn))
    np.testing.assert_array_equal(steps(recorder, 1), expected(5, 1, 300.0, 2000))


def test_setting_the_same_again_changes_nothing():
    network, sources, recorder = make(rate=300.0)
    network.run(500)
    sources.set({"rate": 300.0, "start": 0.0})
    network.run(500)
    np.testing.assert_array_equal(steps(recorder), expected(5, 0, 300.0, 1000))


@pytest.mark.parametrize("rate", [1.0, 2000.0])
def test_a_source_made_amid_a_run_begins_there(rate):
    """Nothing of the time before it is made up for, also at the default rate."""
    network = Network(H, 5)
    network.run(500_000)
    sources = SpikeSourcePoisson(network, 1)
    sources.set({"rate": rate})
    recorder = SpikeRecorder(sources)
    network.run(100)
    assert len(steps(recorder)) < 0.01 * rate + 20
    assert len(steps(recorder)[steps(recorder) == 500_001]) < 5


def test_reset_repeats_the_run_with_the_rate_set_last():
    network, sources, recorder = make(rate=50.0)
    network.run(500)
    sources.set({"rate": 400.0})
    network.reset()
    network.run(5000)
    first = steps(recorder)
    np.testing.assert_array_equal(first, expected(5, 0, 400.0, 5000))
    network.reset()
    network.run(5000)
    np.testing.assert_array_equal(steps(recorder), first)


def test_mean_and_variance_of_the_counts():
    """4.5 standard errors: a false alarm once in 10^5 for each of the two."""
    n, mean = 1000, 50.0
    network, _, recorder = make(n, rate=100.0)
    network.run(5000)
    counts = np.bincount(recorder.data[0], minlength=n)
    assert abs(counts.mean() - mean) < 4.5 * np.sqrt(mean / n)
    assert abs(counts.var() / mean - 1) < 4.5 * np.sqrt(2 / n)


@pytest.mark.parametrize(
    "name, value",
    [
        ("rate", -1.0),
        ("rate", np.inf),
        ("rate", np.nan),
        ("start", -0.1),
        ("start", np.inf),
        ("duration", -1.0),
        ("duration", np.nan),
    ],
)
def test_impossible_parameters_are_refused(name, value):
    network, sources, recorder = make(rate=300.0)
    with pytest.raises(
        ValueError, match=rf"^SpikeSourcePoisson\.{name}: {value} (Hz|ms) is not allowed; it must be zero or pos"
    ):
        sources.set({name: value})
    network.run(1000)
    np.testing.assert_array_equal(steps(recorder), expected(5, 0, 300.0, 1000))


def test_sources_do_not_share_numbers_with_neurons():
    network = Network(H, 5)
    first, cells, second = (
        SpikeSourcePoisson(network, 2),
        UrbanczikSenn(network, 3),
        SpikeSourcePoisson(network, 1),
    )
    assert [p.first_stream for p in (first, cells, second)] == [0, 2, 5]
