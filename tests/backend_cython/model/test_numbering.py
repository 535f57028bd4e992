"""Numbers of connections in a projection and in its parts."""

import numpy as np
import pytest

from backend_cython.model.numbering import in_order_of_events, within

INCREASING, MIXED = np.array([2, 5, 6, 9]), np.array([6, 2, 9, 5])


@pytest.mark.parametrize("positions, order", [(INCREASING, None), (MIXED, np.argsort(MIXED))])
@pytest.mark.parametrize("where", [[], [9, 0, 2, 7, 6, 20], [1, 3, 30], [5]])
def test_connections_of_a_part(positions, order, where):
    where = np.array(where, dtype=int)
    own, chosen = within(positions, where, order)
    np.testing.assert_array_equal(positions[own], where[chosen])
    np.testing.assert_array_equal(where[chosen], where[np.isin(where, positions)])


def test_connections_of_the_whole_and_of_nothing():
    where, numbers = np.array([3, 1]), np.arange(10)
    own, chosen = within(None, where)
    assert (numbers[own].tolist(), where[chosen].tolist()) == ([3, 1], [3, 1])
    own, chosen = within(INCREASING, None)
    assert (INCREASING[own].tolist(), numbers[chosen].tolist()) == (INCREASING.tolist(), INCREASING.tolist())
    assert [len(found) for found in within(INCREASING[:0], where)] == [0, 0]


def test_events_come_by_step_and_then_by_connection():
    pre = np.array([0, 0, 1])
    found = in_order_of_events(pre, np.array([2, 0, 1, 0]), np.array([5, 5, 4, 4]), np.array([0.2, 0.0, 0.1, 0.3]))
    assert [column.tolist() for column in found] == [[0, 1, 0, 2], [4, 4, 5, 5], [0.3, 0.1, 0.0, 0.2]]


def test_a_spike_reaches_all_synapses_of_its_cell_before_the_next_one_of_the_step():
    pre = np.array([0, 0, 1])
    found = in_order_of_events(pre, np.array([0, 0, 1, 1, 2]), np.full(5, 7), np.array([0.1, 0.2, 0.3, 0.4, 0.5]))
    assert [column.tolist() for column in found] == [[0, 1, 0, 1, 2], [7] * 5, [0.1, 0.3, 0.2, 0.4, 0.5]]
