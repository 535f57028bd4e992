"""Parameters of connections are as they were set, whether one number is stored or one for each."""

import numpy as np
import pytest

from backend_cython.model.uniform_array import Column

ALL = slice(None)


@pytest.mark.parametrize(
    "changes",
    [
        [],
        [(2.5, ALL)],
        [([1.0, 2.0, 3.0, 4.0], ALL)],
        [(2.5, ALL), (2.5, [1, 3])],
        [(2.5, ALL), (4.0, [1, 3])],
        [(2.5, ALL), ([4.0, 5.0], [3, 1])],
        [([1.0, 2.0, 3.0, 4.0], ALL), (1.0, [2])],
        [([1.0, 2.0, 3.0, 4.0], ALL), ([2.0] * 4, ALL), (3.0, [0])],
        [(2.5, []), ([], [])],
    ],
)
def test_what_was_set_last(changes):
    column, plain = Column(4), np.zeros(4)
    for values, where in changes:
        where = where if isinstance(where, slice) else np.array(where, dtype=int)
        column.set(values, where)
        plain[where] = values
    np.testing.assert_array_equal(column.get(), plain)


def test_it_holds_a_copy():
    given = np.array([1.0, 2.0])
    column = Column(2)
    column.set(given, ALL)
    given[0] = 7.0
    assert column.get().tolist() == [1.0, 2.0]


def test_there_may_be_no_connections():
    column = Column(0)
    column.set(1.5, ALL)
    column.set(np.empty(0), ALL)
    assert column.get().shape == (0,)
