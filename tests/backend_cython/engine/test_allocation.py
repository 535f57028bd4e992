"""Memory of large arrays is used again, but never under somebody's hands."""

import gc

import numpy as np
import pytest

from backend_cython.engine import allocation as memory
from backend_cython.engine.allocation import (
    KEPT,
    LARGE,
    PAGE,
    PLACED,
    empty,
    large_zeros,
    table_layout,
    take_places,
    zeros,
)


@pytest.fixture(autouse=True)
def no_blocks_of_others(monkeypatch):
    monkeypatch.setattr(memory, "_blocks", [])


def address(array):
    return array.__array_interface__["data"][0]


def test_small_arrays_are_ordinary():
    before = len(memory._blocks)
    assert empty(LARGE - 1).shape == (LARGE - 1,)
    assert empty(0).shape == (0,)
    assert len(memory._blocks) == before


def test_memory_is_used_again_once_nobody_refers_to_it():
    n = LARGE + 12345
    array = empty(n)
    where = address(array)
    del array
    again = empty(n)
    assert address(again) == where
    assert again.shape == (n,) and again.dtype == np.float64


@pytest.mark.parametrize("n", [1 << 44, 1 << 61])
def test_what_does_not_fit_is_an_error_of_memory(n):
    with pytest.raises(MemoryError, match=f"no room for {8 * n} bytes"):
        empty(n)


def test_large_zeros_are_zeros_whoever_had_the_memory():
    for n in (0, 3, LARGE + 777):
        array = large_zeros(n)
        array += 1.0
        where = address(array)
        del array
        again = large_zeros(n)
        assert again.shape == (n,) and not again.any()
        if n > LARGE:
            assert address(again) == where


def test_memory_that_a_view_still_shows_is_left_alone():
    n = LARGE + 54321
    array = empty(n)
    array[:] = 1.0
    view = array.view(np.int64)[5:10].reshape(1, -1).T
    where, shown = address(array), view.copy()
    del array
    other = empty(n)
    other[:] = 2.0
    assert address(other) != where
    np.testing.assert_array_equal(view, shown)


def test_memory_in_a_young_reference_cycle_is_found(monkeypatch):
    monkeypatch.setattr(memory, "_blocks", [])
    n = LARGE + 98765
    gc.collect()
    cycle = [empty(n)]
    where = address(cycle[0])
    cycle.append(cycle)
    del cycle
    assert address(empty(n)) == where


def test_unused_memory_is_bounded():
    arrays = [empty(KEPT // 2 + i) for i in range(6)]
    del arrays
    held = empty(KEPT + 1)
    assert sum(block.size for block in memory._blocks) <= KEPT + held.size + KEPT // 2


def distances(addresses):
    """How far apart each two of them are, in whatever page."""
    behind = np.array(addresses) % PAGE
    between = (behind - behind[:, np.newaxis])[~np.eye(len(behind), dtype=bool)] % PAGE
    return np.minimum(between, PAGE - between)


@pytest.mark.parametrize("n", [249, 256, 1000, 1024, 3200, 4096])
def test_arrays_that_loops_go_through_together_begin_at_different_places_of_a_page(n):
    row, length = table_layout(n, 2)
    assert n <= row < n + PAGE // 8
    assert 2 * row <= length < 2 * row + PAGE // 8
    place = take_places(2)
    # some other arrays lie between a table and a longer one in its stead
    arrays = [zeros(n, dtype) for dtype in ["float64", "int64"] * 7]
    table = zeros(16 * length, place=place)
    for first in range(0, table.size, length):
        rows = table[first:], table[first + row :]
        assert distances([address(array) for array in (*rows, *arrays)]).min() >= 256


@pytest.mark.parametrize("n", [1, 3, 15, 16, 100, PLACED // 8 - 8])
def test_small_rows_lie_close_to_each_other(n):
    row, length = table_layout(n, 3)
    assert n <= row < n + 8
    assert table_layout(1, 3)[0] == 1
    assert length == 3 * row


def test_no_rows_need_no_memory():
    assert table_layout(1000, 0)[1] == 0
    assert zeros(0).shape == (0,)
