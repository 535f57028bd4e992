"""Which cells of a group are meant by what a user gives."""

from typing import Any

import numpy as np

from .entries import refuse


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
        refuse(owner, name, repr(selector), f"numbers below {size}")
    # so that no cell is meant twice
    return chosen if chosen.dtype == bool else np.where(chosen < 0, chosen + size, chosen)


class NoSuchCellError(IndexError, ValueError):
    """A cell that is not one of a group: what PyNN's populations raise for it, and what its views do."""


def places_of(owner: str, wanted: np.ndarray, known: np.ndarray) -> Any:
    """The place of one number (an int), or places of several (an array), in an array in which each occurs once.

    Raises
    ------
    NoSuchCellError
        For a number that is not there.
    """
    order = np.argsort(known, kind="stable")
    place = order[np.minimum(np.searchsorted(known, wanted, sorter=order), known.size - 1)]
    return checked_places(owner, wanted, place, known[place] == wanted)


def checked_places(owner: str, wanted: np.ndarray, places: np.ndarray, found: np.ndarray) -> Any:
    """`places` of the numbers `wanted`, an int for one, if all of them were `found`."""
    if not np.all(found):
        raise NoSuchCellError(f"{owner} has no cell {wanted[~found].flat[0]}")
    return int(places) if wanted.ndim == 0 else places
