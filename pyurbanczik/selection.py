"""Which cells of a group are meant by what a user gives."""

from typing import Any

import numpy as np

from .hints import Cells
from .parameters import refuse


def checked_selector(owner: str, name: str, selector: Any, size: int, allowed: str) -> Any:
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
    # so that no cell is meant twice
    return chosen if chosen.dtype == bool else np.where(chosen < 0, chosen + size, chosen)


def numbers_of(group: Cells, cells: Any) -> Any:
    """The index of a cell, or indices of several, in a view or assembly.

    Raises
    ------
    IndexError
        If one of them does not belong to it.
    """
    if not isinstance(cells, int):
        cells = getattr(cells, "all_cells", cells)
    return places_of(group.label, cells, group.all_cells.astype(np.int64))


def places_of(owner: str, wanted: np.ndarray | None, known: np.ndarray) -> Any:
    """The place of one number (an int), or places of several (an array), in an array in which each occurs once.

    Raises
    ------
    IndexError
        For a number that is not there.
    """
    wanted = np.array(wanted, dtype=np.int64)
    order = np.argsort(known, kind="stable")
    place = order[np.minimum(np.searchsorted(known, wanted, sorter=order), known.size - 1)]
    foreign = wanted[known[place] != wanted]
    if foreign.size:
        raise IndexError(f"{owner} has no cell {foreign.flat[0]}")
    return int(place) if wanted.ndim == 0 else place
