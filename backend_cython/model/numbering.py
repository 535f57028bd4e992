"""Numbers of connections: those in a projection and those in a part of it, and the order of what they log."""

from typing import Any

import numpy as np


def within(positions: np.ndarray | None, where: np.ndarray | None, order: np.ndarray | None = None) -> tuple[Any, Any]:
    """Of the connections `where` (None: all) those of a part: their numbers in it, and positions in `where`.

    Parameters
    ----------
    positions : integer array or None
        Numbers of the connections of the part (None: all, in order).
    order : integer array, optional
        In which `positions` increase, if they do not.
    """
    if positions is None:
        return slice(None) if where is None else where, slice(None)
    if where is None:
        return slice(None), positions
    if not len(positions):
        return positions, positions
    at = np.minimum(np.searchsorted(positions, where, sorter=order), len(positions) - 1)
    if order is not None:
        at = order[at]
    found = np.flatnonzero(positions[at] == where)
    return at[found], found


def in_order_of_events(
    pre_index: np.ndarray, connection: np.ndarray, step: np.ndarray, value: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Events in order of time, and then of spikes; those of one connection are in order."""
    order = np.lexsort((connection, step))
    connection, step, value = connection[order].astype(np.int32), step[order], value[order]
    again = (np.diff(step) == 0) & (np.diff(connection) == 0)
    if not again.any():
        return connection, step, value
    # several spikes of a cell in one step reach all of its synapses one after the other
    first = np.flatnonzero(np.concatenate([[True], ~again]))
    spike = np.arange(len(step)) - np.repeat(first, np.diff(np.append(first, len(step))))
    order = np.lexsort((connection, spike, pre_index[connection], step))
    return connection[order], step[order], value[order]
