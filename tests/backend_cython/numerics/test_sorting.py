"""Sorts of integers, against NumPy's."""

import numpy as np
import pytest

from backend_cython.numerics.sorting import are_in_order, by_key, order_of, put_in_order


@pytest.mark.parametrize("keys", [[], [0], [3, 0, 3, 1, 0, 3], [5, 4, 3, 2, 1, 0]])
def test_elements_with_the_same_key_stay_in_their_order(keys):
    keys = np.array(keys, dtype=np.int32)
    numbers, indices = np.arange(len(keys)) / 2, np.arange(len(keys), dtype=np.int32)
    order = np.argsort(keys, kind="stable")
    (numbers, indices), counts = by_key(keys, 7, [numbers, indices])
    np.testing.assert_array_equal(order_of(keys), order)
    np.testing.assert_array_equal(indices, order)
    np.testing.assert_array_equal(numbers, order / 2)
    np.testing.assert_array_equal(counts, np.bincount(keys, minlength=7))
    assert (numbers.dtype, indices.dtype) == (np.float64, np.int32)


@pytest.mark.parametrize("wrong", [-1, 2, 2**31 - 1, -(2**31)])
def test_there_are_no_other_keys(wrong):
    with pytest.raises(IndexError, match=f"^{wrong} is not one of 2 keys$"):
        by_key(np.array([0, wrong], dtype=np.int32), 2, [np.zeros(2)])


def test_order_of_pairs():
    pre, post = np.array([0, 0, 1, 1], dtype=np.int32), np.array([1, 3, 0, 0], dtype=np.int32)
    assert are_in_order(pre, post)
    assert are_in_order(pre[:0], post[:0])
    assert not are_in_order(pre[::-1].copy(), post)
    assert not are_in_order(pre, np.array([1, 0, 2, 3], dtype=np.int32))


@pytest.mark.parametrize(
    "n, most", [(1, 5), (2, 1), (1000, 3), (1000, 1 << 20), (1000, 1 << 54), (1000, 1 << 55), (5, (1 << 63) - 1)]
)
@pytest.mark.parametrize("least", [0, 1 << 30])
def test_steps_in_order_of_time(n, most, least):
    given = np.append(np.minimum(np.random.default_rng(n).integers(most, size=n) + least % most, most), -7)
    steps = given.copy()
    order = put_in_order(steps, n)
    expected = np.argsort(given[:n], kind="stable")
    np.testing.assert_array_equal(np.arange(n) if order is None else order, expected)
    np.testing.assert_array_equal(steps, [*given[:n][expected], -7])
    assert put_in_order(steps, n) is None
