"""Numbers that lie beyond bounds are drawn again."""

import numpy as np
import pytest

from backend_cython.numerics.redraws import alternating_integers, within


def drawn_again(numbers, sizes, low, high):
    """The same in plain words; also how many numbers were used."""
    left = iter(numbers)
    found, used = [], 0
    for size in sizes:
        part = [next(left) for _ in range(size)]
        used += size
        while beyond := [k for k, number in enumerate(part) if not low <= number <= high]:
            for k in beyond:
                part[k] = next(left)
            used += len(beyond)
        found += part
    return found, used


@pytest.mark.parametrize("low, high", [(-0.5, 0.3), (-np.inf, 0.0), (1.0, np.inf), (-np.inf, np.inf)])
@pytest.mark.parametrize("at_once", [1, 20, 10_000])
def test_parts_are_drawn_one_after_the_other(low, high, at_once):
    rng = np.random.default_rng(1)
    numbers, sizes = rng.normal(size=10_000), rng.integers(0, 20, 60)
    expected, used = drawn_again(numbers, sizes, low, high)
    out, part, made, spent, ahead = np.empty(sizes.sum()), 0, 0, 0, 0
    while part < len(sizes):
        ahead += at_once
        before = part
        part, took = within(numbers[spent:ahead], sizes, part, low, high, 1000, out[made:])
        spent += took
        made += sizes[before:part].sum()
    assert out.tolist() == expected
    assert spent == used


def test_bounds_are_within():
    out = np.empty(2)
    assert within(np.array([0.0, 1.0]), np.array([2]), 0, 0.0, 1.0, 1000, out) == (1, 2)
    assert out.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("most, expected", [(1, (0, -1)), (2, (0, -1)), (3, (1, 5))])
def test_a_part_that_is_drawn_again_too_often(most, expected):
    """As many times, and one more time, as in PyNN."""
    numbers = np.array([9.0, 9.0, 9.0, 9.0, 0.5, 9.0])
    found = within(numbers, np.array([1]), 0, 0.0, 1.0, most, np.empty(1))
    assert found == expected


@pytest.mark.parametrize("bound", [-1.0, 1.0])
def test_bounds_are_within_and_the_last_number_is_used(bound):
    for numbers in ([bound], [2 * bound, bound], [2 * bound, 3 * bound, bound]):
        out = np.empty(1)
        assert within(np.array(numbers), np.array([1]), 0, -1.0, 1.0, 5, out) == (1, len(numbers))
        assert out[0] == bound
        assert within(np.array(numbers[:-1]), np.array([1]), 0, -1.0, 1.0, 5, out) == (0, 0)


@pytest.mark.parametrize(
    "bounds", [(5, 5), (7, 1000), (1000, 7), (1, 6), (6, 1), (1, 2), (2, 1), (1, 1), (8, 9), (64, 65)]
)
@pytest.mark.parametrize("n", [0, 1, 500])
def test_alternating_integers(bounds, n):
    plain, quick = np.random.RandomState(3), np.random.RandomState(3)
    expected = [[plain.randint(bound) for bound in bounds] for _ in range(n)]
    assert alternating_integers(quick, n, bounds).T.tolist() == expected
    assert plain.randint(1 << 30) == quick.randint(1 << 30)
