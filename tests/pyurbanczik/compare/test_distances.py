"""Distances of spike trains against values that are known."""

import numpy as np
import pytest

from pyurbanczik.compare.judge.distances import spike_distance, van_rossum_distance


def test_van_rossum_of_one_spike():
    assert van_rossum_distance(np.array([5.0]), np.array([])) == pytest.approx(1.0)
    assert van_rossum_distance(np.array([5.0]), np.array([5.0])) == 0.0
    apart = van_rossum_distance(np.array([5.0]), np.array([8.0]), tau=2.0)
    assert apart**2 == pytest.approx(2.0 - 2.0 * np.exp(-1.5))


def test_van_rossum_is_the_integral_of_filtered_trains():
    rng = np.random.default_rng(1)
    a, b = (np.sort(rng.uniform(0.0, 100.0, n)) for n in (12, 9))
    t = np.linspace(0.0, 300.0, 600_001)
    filtered = [sum(np.where(t >= s, np.exp(-np.maximum(t - s, 0.0) / 10.0), 0.0) for s in train) for train in (a, b)]
    integral = np.trapezoid((filtered[0] - filtered[1]) ** 2, t) * 2.0 / 10.0
    assert van_rossum_distance(a, b) ** 2 == pytest.approx(integral, rel=1e-3)


def test_van_rossum_agrees_with_elephant():
    elephant = pytest.importorskip("elephant.spike_train_dissimilarity")
    import neo
    import quantities as pq

    rng = np.random.default_rng(2)
    a, b = (np.sort(rng.uniform(0.0, 100.0, n)) for n in (12, 9))
    trains = [neo.SpikeTrain(train * pq.ms, t_stop=100.0 * pq.ms) for train in (a, b)]
    expected = elephant.van_rossum_distance(trains, time_constant=10.0 * pq.ms)[0, 1]
    assert van_rossum_distance(a, b) == pytest.approx(expected)


def test_spike_distance():
    a = np.array([10.0, 30.0, 55.0])
    assert spike_distance(a, a, 80.0) == 0.0
    near, far = (spike_distance(a, a + shift, 80.0) for shift in (1.0, 8.0))
    assert 0.0 < near < far < 1.0
    assert spike_distance(a, a + 8.0, 80.0) == pytest.approx(spike_distance(a + 8.0, a, 80.0))


def test_spike_distance_by_hand():
    """One spike at 4 and one at 6 of 10 ms: each interval from its ends, as the paper defines it."""
    # [0, 4): differences 0 and 2 of one train, 0 and 2 of the other, whose interval is 6 long
    t = np.linspace(0.0, 10.0, 100_001)[:-1] + 5e-5

    def line(spike):
        before = t < spike
        return np.where(before, 2.0 * t / spike, 2.0 * (10.0 - t) / (10.0 - spike)), np.where(
            before, spike, 10.0 - spike
        )

    (s1, n1), (s2, n2) = line(4.0), line(6.0)
    expected = np.mean((s1 * n2 + s2 * n1) / (2.0 * (0.5 * (n1 + n2)) ** 2))
    assert spike_distance(np.array([4.0]), np.array([6.0]), 10.0) == pytest.approx(expected, rel=1e-4)
