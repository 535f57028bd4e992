"""Which cells of a group are meant by what a user gives."""

import numpy as np

from .parameters import refuse


def checked_selector(owner, name, selector, size, allowed):
    """A slice as it is, and a mask of `size` cells or a sequence of their numbers as an array."""
    if isinstance(selector, slice):
        try:
            selector.indices(size)
        except (TypeError, ValueError):
            refuse(owner, name, repr(selector), allowed)
        return selector
    try:
        chosen = np.array(selector)
    except (TypeError, ValueError):
        refuse(owner, name, repr(selector), allowed)
    if chosen.ndim == 1 and not chosen.size:
        return chosen.astype(int)
    if chosen.ndim != 1 or chosen.dtype.kind not in "iub" or (chosen.dtype == bool and chosen.size != size):
        refuse(owner, name, repr(selector), allowed)
    if chosen.dtype != bool and (chosen.min() < -size or chosen.max() >= size):
        refuse(owner, name, repr(selector), f"numbers of cells, below {size}")
    return chosen


def numbers_of(group, cells):
    """The index of a cell, or indices of several, in a view or assembly.

    Raises
    ------
    IndexError
        If one of them does not belong to it.
    """
    known = group.all_cells.astype(np.int64)
    wanted = np.array(getattr(cells, "all_cells", cells), dtype=np.int64)
    order = np.argsort(known, kind="stable")
    place = np.searchsorted(known, wanted, sorter=order)
    place = order[np.minimum(place, known.size - 1)] if known.size else np.zeros_like(wanted)
    found = known[place] == wanted if known.size else np.zeros(wanted.shape, dtype=bool)
    if not np.all(found):
        raise IndexError(f"{group.label} has no cell {np.atleast_1d(wanted)[~np.atleast_1d(found)][0]}")
    return int(place) if wanted.ndim == 0 else place
