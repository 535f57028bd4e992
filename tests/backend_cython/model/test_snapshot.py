"""Snapshots of parts, joined and cut."""

import numpy as np
import pytest

from backend_cython.engine.saving import Piece, join
from backend_cython.model.snapshot import Snapshot

PARTS = [
    Piece(
        Snapshot(
            {"a": 1},
            {"x": np.array([1.0, 3.0]), "only here": np.array([[5], [6]])},
            {"t": (np.array([0, 1, 1]), np.array([10.0, 30.0, 31.0]))},
            {"s": (np.array([1, 4]), np.array([0, 0]))},
            {"same": (np.array([7]),)},
        ),
        (np.array([0, 2]),),
        False,
    ),
    Piece(
        Snapshot(
            {"a": 1, "b": 2},
            {"x": np.array([0.0, 2.0])},
            {"t": (np.array([1]), np.array([20.0]))},
            {"s": (np.array([1, 3]), np.array([1, 1]))},
            {"same": (np.array([7]),)},
        ),
        (np.array([-1, 1]),),
        False,
    ),
]


def test_parts_are_joined_in_the_order_of_their_addresses():
    whole = join(PARTS)
    np.testing.assert_array_equal(whole.address[0], [-1, 0, 1, 2])
    snapshot = whole.snapshot
    np.testing.assert_array_equal(snapshot.rows["x"], [0, 1, 2, 3])
    np.testing.assert_array_equal(snapshot.rows["only here"], [[0], [5], [0], [6]])
    np.testing.assert_array_equal(snapshot.tables["t"], [[1, 2, 3, 3], [10, 20, 30, 31]])
    np.testing.assert_array_equal(snapshot.spikes["s"], [[1, 1, 3, 4], [0, 1, 1, 0]])
    np.testing.assert_array_equal(snapshot.shared["same"], [[7]])
    assert snapshot.facts == {"a": 1, "b": 2}


def test_a_part_is_what_is_selected_of_the_whole():
    snapshot = join(PARTS).snapshot.select(np.array([1, 3]), 4)
    np.testing.assert_array_equal(snapshot.rows["x"], PARTS[0].snapshot.rows["x"])
    np.testing.assert_array_equal(snapshot.tables["t"], PARTS[0].snapshot.tables["t"])


def test_what_everybody_has_is_taken_from_one():
    mine = PARTS[0]._replace(everywhere=True)
    np.testing.assert_array_equal(join([mine, mine]).snapshot.rows["x"], [1, 3])


def test_rows_that_do_not_belong_are_refused():
    with pytest.raises(ValueError, match="x has 2 rows for 3"):
        PARTS[1].snapshot.check_rows(3)
    with pytest.raises(ValueError, match="t has a number that is not one of 1"):
        Snapshot(tables=PARTS[1].snapshot.tables).check_rows(1)
    with pytest.raises(ValueError, match="the columns of t differ"):
        Snapshot(tables={"t": (np.arange(2), np.arange(3))}).check_rows(2)
