"""Many arrays in one."""

import numpy as np
import pytest

from backend_cython.numerics.trains import copied, joined


class Holder:
    def __init__(self, value):
        self.value = value


def test_arrays_and_holders_of_arrays_lie_one_behind_the_other():
    grid = np.arange(12.0).reshape(3, 4)
    arrays = [np.array([0.5]), np.empty(0), grid[1], grid[:, 2], grid[2, ::-1]]
    frozen = np.array([7.0, 8.0])
    frozen.flags.writeable = False
    together, counts = joined([*arrays, Holder(frozen)], Holder)
    np.testing.assert_array_equal(together, np.concatenate([*arrays, frozen]))
    np.testing.assert_array_equal(counts, [1, 0, 4, 3, 4, 2])
    assert together.dtype == np.float64 and counts.dtype == np.int64


def test_what_comes_back_is_a_copy():
    array = np.array([1.0, 2.0])
    together, _ = joined([array], Holder)
    array[0] = 5.0
    assert together.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("sequences", [[], [np.empty(0), np.empty(0)]])
def test_there_may_be_nothing(sequences):
    together, counts = joined(sequences, Holder)
    assert together.shape == (0,) and counts.tolist() == [0] * len(sequences)


@pytest.mark.parametrize(
    "other",
    [
        [1.0, 2.0],
        np.array([1, 2]),
        np.array([1.0, 2.0], dtype=np.float32),
        np.array([1.0, 2.0], dtype=">f8"),
        np.frombuffer(b"x" * 17, dtype=np.uint8)[1:].view(np.float64),
        np.array([[1.0]]),
        np.array(1.0),
        np.ma.array([1.0, 2.0]),
        Holder([1.0, 2.0]),
    ],
)
def test_anything_else_is_left_to_the_caller(other):
    assert joined([np.array([1.0]), other], Holder) is None


@pytest.mark.parametrize("ascending", [False, True])
def test_a_copy_of_numbers_within_bounds(ascending):
    for numbers in (np.array([0.0, 1.0, 1.0, 5.0]), np.arange(9.0)[::2], np.empty(0), np.arange(200_000.0)):
        copy = copied(numbers, 0.0, 1e6, ascending)
        np.testing.assert_array_equal(copy, numbers)
        assert not np.shares_memory(copy, numbers)


@pytest.mark.parametrize("ascending", [False, True])
def test_bounds_themselves_are_allowed(ascending):
    assert copied(np.array([0.0, 7.0]), 0.0, 7.0, ascending).tolist() == [0.0, 7.0]
    assert copied(np.array([0.0, 7.0]), 0.0, np.nextafter(7.0, 0.0), ascending) is None
    assert copied(np.array([0.0, 7.0]), np.nextafter(0.0, 1.0), 7.0, ascending) is None


@pytest.mark.parametrize("wrong", [-0.5, 7.5, np.nan, np.inf, -np.inf])
def test_no_copy_of_numbers_out_of_bounds(wrong):
    for place in range(3):
        numbers = np.array([1.0, 1.0, 1.0])
        numbers[place] = wrong
        assert copied(numbers, 0.0, 7.0, False) is None


def test_no_copy_of_numbers_that_are_not_in_order():
    numbers = np.array([1.0, 3.0, 2.0])
    assert copied(numbers, 0.0, 7.0, True) is None
    np.testing.assert_array_equal(copied(numbers, 0.0, 7.0, False), numbers)


def test_no_copy_of_other_numbers():
    assert copied(np.arange(3), 0.0, 7.0, False) is None
    assert copied(np.zeros((2, 2)), 0.0, 7.0, False) is None
