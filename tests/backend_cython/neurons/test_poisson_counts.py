"""Poisson sources with many spikes a step, whose numbers of spikes are drawn."""

import numpy as np
import pytest
from scipy import stats

from backend_cython.neurons import spike_source_poisson
from tests.reference.poisson import counts

from .test_spike_source_poisson import expected, make, steps

# probability that a correct source fails one of the comparisons of distributions
FALSE_ALARM = 1e-5


def seen(recorder, size, n_steps):
    """Number of spikes of each cell in each step, from the first step on."""
    cells, step = recorder.data
    found = np.zeros((size, n_steps + 1), int)
    np.add.at(found, (cells, step), 1)
    assert not found[:, 0].any()
    return found[:, 1:]


def check_law(found, mean):
    """Compare with the Poisson distribution; classes with fewer than ten expected go into the last."""
    top = int(stats.poisson.isf(10.0 / found.size, mean))
    low = int(stats.poisson.ppf(10.0 / found.size, mean))
    inside = np.arange(low + 1, top)
    law = [stats.poisson.cdf(low, mean), *stats.poisson.pmf(inside, mean), stats.poisson.sf(top - 1, mean)]
    classes = np.bincount(np.clip(found.ravel(), low, top) - low, minlength=top - low + 1)
    assert stats.chisquare(classes, found.size * np.array(law)).pvalue > FALSE_ALARM


@pytest.mark.parametrize("mean", [0.1, 0.8, 2.7, 16.0])
def test_numbers_are_those_of_the_twin(mean):
    network, _, recorder = make(70, rate=1e4 * mean)
    network.run(80)
    found = seen(recorder, 70, 80)
    for i in (0, 1, 63, 64, 69):
        np.testing.assert_array_equal(found[i], counts(5, i, mean, 10))


@pytest.mark.parametrize("mean", [0.1, 0.8, 5.0, 16.0])
def test_distribution_of_the_numbers(mean):
    network, _, recorder = make(400, rate=1e4 * mean)
    network.run(160)
    found = seen(recorder, 400, 160)
    check_law(found, mean)
    check_law(found.reshape(400, 20, 8).sum(axis=2), 8 * mean)
    # and of each of the steps that are drawn together
    per_step = found.reshape(400, 20, 8).sum(axis=(0, 1))
    assert stats.chisquare(per_step).pvalue > FALSE_ALARM


def test_steps_and_cells_are_independent():
    """Correlations of as many pairs have a standard error of 1 / sqrt(n); a chi-square test of all lags at once."""
    network, _, recorder = make(256, rate=12_000.0)
    network.run(400)
    z = (seen(recorder, 256, 400) - 1.2) / np.sqrt(1.2)
    pairs = [(z[:, lag:], z[:, :-lag]) for lag in range(1, 18)]
    pairs += [(z[lag:], z[:-lag]) for lag in (1, 2, 63, 64)]
    pairs += [(z[1:, 1:], z[:-1, :-1])]
    # steps of one draw, that is, within eight
    blocks = z.reshape(256, 50, 8)
    pairs += [(blocks[:, :, k], blocks[:, :, k + 1]) for k in range(7)]
    scores = [np.sum(a * b) / np.sqrt(a.size) for a, b in pairs]
    assert stats.chi2.sf(np.square(scores).sum(), len(scores)) > FALSE_ALARM


@pytest.mark.parametrize("at", [40, 43])
def test_a_new_rate_holds_from_the_next_step_on(at):
    network, sources, recorder = make(500, rate=3000.0)
    network.run(at)
    sources.set({"rate": 20_000.0}, np.arange(250))
    network.run(21)
    found = seen(recorder, 500, at + 21)
    check_law(found[:, :at], 0.3)
    check_law(found[250:], 0.3)
    check_law(found[:250, at:], 2.0)
    np.testing.assert_array_equal(found[300], counts(5, 300, 0.3, 8)[: at + 21])
    again = counts(5, 7, 2.0, 3, number=-(-at // 8))
    np.testing.assert_array_equal(found[7, at:], again[at % 8 :][:21])


@pytest.mark.parametrize("many, few", [(5000.0, 50.0), (5000.0, 0.0), (5000.0, 300_000.0)])
def test_from_numbers_to_intervals_and_back(many, few):
    network, sources, recorder = make(300, rate=many)
    for rate in (few, many):
        network.run(101)
        sources.set({"rate": rate})
    network.run(101)
    found = seen(recorder, 300, 303)
    check_law(found[:, 202:], 1e-4 * many)
    if few:
        np.testing.assert_array_equal(
            steps(recorder, 4)[(steps(recorder, 4) > 101) & (steps(recorder, 4) <= 202)],
            expected(5, 4, few, 202, after=10.1, first=_drawn(many, 101, 4)),
        )
    else:
        assert not found[:, 101:202].any()


def _drawn(rate, n_steps, stream):
    """Draws that so many steps take, if none needs more than one."""
    assert counts(5, stream, 1e-4 * rate, n_steps // 8 + 1).reshape(-1, 8).sum(axis=1).max() <= 21
    return n_steps // 8 + 1


def test_intervals_of_others_in_the_population_are_as_ever():
    network, _, recorder = make(100, rate=np.where(np.arange(100) % 3, 90.0, 9000.0))
    network.run(1000)
    found = seen(recorder, 100, 1000)
    for i in (1, 65, 98):
        np.testing.assert_array_equal(np.repeat(np.arange(1, 1001), found[i]), expected(5, i, 90.0, 1000))
    for i in (0, 66, 99):
        np.testing.assert_array_equal(found[i], counts(5, i, 0.9, 125))


def test_part_of_a_step_has_its_part_of_the_spikes():
    n = 4000
    network, _, recorder = make(n, rate=10_000.0, start=0.575, duration=1.6)
    network.run(30)
    found = seen(recorder, n, 30)
    assert not found[:, :5].any() and not found[:, 22:].any()
    check_law(found[:, 5], 0.25)
    check_law(found[:, 6:21], 1.0)
    check_law(found[:, 21], 0.75)


@pytest.mark.parametrize(
    "window, mean", [({"duration": 0.0}, 0.0), ({"start": 1e9}, 0.0), ({"start": 0.52, "duration": 0.03}, 0.6)]
)
def test_windows_that_are_empty_or_within_a_step(window, mean):
    n = 4000
    network, _, recorder = make(n, rate=20_000.0, **window)
    network.run(30)
    found = seen(recorder, n, 30)
    assert not np.delete(found, 5, axis=1).any()
    if mean:
        check_law(found[:, 5], mean)
    else:
        assert not found.any()


def run_in(parts, threads=1, reset=False):
    network, _, recorder = make(700, threads=threads, rate=np.linspace(10.0, 30_000.0, 700), start=0.33)
    network.run(3)
    if reset:
        network.reset()
    for n in parts:
        network.run(n)
    return sorted(zip(*(column.tolist() for column in recorder.data)))


@pytest.mark.parametrize("other", [{"parts": [1] * 61}, {"threads": 2}, {"threads": 3, "parts": [5, 13, 43]}])
def test_threads_and_splits_of_runs_change_nothing(other):
    assert run_in(**{"parts": [61], **other}) == run_in([61])


def test_a_reset_repeats_the_run():
    assert run_in([64], reset=True) == run_in([61])


@pytest.mark.parametrize("limit, mean", [("LEAST_COUNTED", 0.1), ("MOST_COUNTED", 16.0)])
def test_who_is_counted(limit, mean):
    assert getattr(spike_source_poisson, limit) == mean
    network, sources, recorder = make(2, rate=[1e4 * mean, 1e4 * mean * (0.99 if mean < 1 else 1.01)])
    network.run(80)
    found = seen(recorder, 2, 80)
    np.testing.assert_array_equal(found[0], counts(5, 0, mean, 10))
    np.testing.assert_array_equal(steps(recorder, 1), expected(5, 1, sources.get("rate")[1], 80))
