"""From what users give to checked numbers."""

import numpy as np
import pytest
import quantities as pq
from pyNN import errors
from pyNN.parameters import LazyArray
from pyNN.random import NumpyRNG, RandomDistribution

from pyurbanczik import parameters as values
from pyurbanczik.parameters import Entry


@pytest.mark.parametrize(
    "given, expected",
    [
        (1, 1.0),
        (np.float32(0.5), 0.5),
        (np.array(2.0), 2.0),
        ([1, 2, 3], [1.0, 2.0, 3.0]),
        (lambda i: 2.0 * i, [0.0, 2.0, 4.0]),
        (lambda i: 7.0, 7.0),
        (iter([1.0, 2.0, 3.0]), [1.0, 2.0, 3.0]),
        (LazyArray(3.0, shape=(3,)) + 1, 4.0),
    ],
)
def test_forms_of_values(given, expected):
    result = Entry("Owner", "name").values(given, 3)
    np.testing.assert_array_equal(result, expected)
    assert isinstance(result, float) or result.dtype == np.float64


def test_random_values():
    distribution = RandomDistribution("normal", (0.0, 1.0), rng=NumpyRNG(seed=5))
    first = Entry("Owner", "name").values(distribution, 3)
    np.testing.assert_array_equal(first, np.random.RandomState(5).normal(0.0, 1.0, 3))
    np.testing.assert_array_equal(first, Entry("Owner", "name").values(distribution, 3))


@pytest.mark.parametrize("given", ["a", None, {"a": 1}, 1j, [[1.0], [2.0, 3.0]], ["a"], [1.0, None, "x"]])
def test_what_is_no_number_is_refused(given):
    with pytest.raises(errors.InvalidParameterValueError, match=r"Owner\.name: .* is not allowed"):
        Entry("Owner", "name").take(given)


def test_errors_name_everything():
    with pytest.raises(errors.InvalidParameterValueError) as caught:
        Entry("UrbanczikSenn", "soma_cm", "positive", "nF").take([1.0, -0.5])
    for part in ("UrbanczikSenn.soma_cm", "-0.5 nF", "index 1", "positive"):
        assert part in str(caught.value)
    with pytest.raises(errors.InvalidDimensionsError, match="3 elements"):
        Entry("Owner", "name").values([1.0, 2.0], 3)


@pytest.mark.parametrize("interval", [0.1, 1.0, 0.3, 100, 0.1 * pq.s])
def test_intervals(interval):
    expected = 100.0 if isinstance(interval, pq.Quantity) else interval
    assert values.checked_interval("Owner", interval, 0.1) == expected


@pytest.mark.parametrize("interval", [0.0, -1.0, 0.25, float("nan"), 1e300, "1", True, None, 1 * pq.mV, [1.0]])
def test_impossible_intervals(interval):
    with pytest.raises(errors.InvalidParameterValueError, match=r"Owner\.sampling_interval: .* not allowed"):
        values.checked_interval("Owner", interval, 0.1)


@pytest.mark.parametrize("timestep", [0.1, 0.05, 0.025, 0.01, 0.2, 0.125, 1.0])
def test_times_are_the_decimals_that_users_write(timestep):
    decimals = round(np.log10(1000 / timestep))
    for steps in range(1, 2000):
        assert values.to_time(steps, timestep) == float(f"{steps * timestep:.{decimals}f}")
    np.testing.assert_array_equal(values.to_time(np.arange(3), 0.3), [0.0, 0.3, 0.6])
    assert values.to_time(3, 2.0) == 6.0


def test_simplifying():
    assert values.simplify(np.full(3, 2.0)) == 2.0
    np.testing.assert_array_equal(values.simplify(np.array([1.0, 2.0])), [1.0, 2.0])
