"""Connections on their way to the core, divided among pairs of populations."""

from collections.abc import Iterator
from itertools import product

import numpy as np
from pyNN.common import Population

from ..hints import Cells


def members(group: Cells) -> list[tuple]:
    """``[(population, indices in it), ...]`` of a population, view or assembly, in the order of its cells."""
    parts = getattr(group, "populations", [group])
    return [(part, None) if isinstance(part, Population) else (part._population, part._indices) for part in parts]


def pairs(pre_group: Cells, post_group: Cells, pre: np.ndarray, post: np.ndarray) -> Iterator[tuple]:
    """Divide connections (canonical order) among pairs of populations.

    Yields
    ------
    pre population, post population, indices in either, positions
        Connections in canonical order; `positions` are their numbers among all, None if they are all, in order.
    """
    pre_members, post_members = members(pre_group), members(post_group)
    pre_member, pre_index = _locate(pre_members, pre)
    post_member, post_index = _locate(post_members, post)
    pair = pre_member * len(post_members) + post_member
    for number, ((source, _), (target, _)) in enumerate(product(pre_members, post_members)):
        positions = np.flatnonzero(pair == number) if np.ndim(pair) else None
        own = slice(None) if positions is None else positions
        here, there = pre_index[own], post_index[own]
        step = np.diff(here)
        if (step < 0).any() or (np.diff(there)[step == 0] < 0).any():
            # the cells of a view need not be in the order of their population
            order = np.lexsort((there, here))
            here, there = here[order], there[order]
            positions = order if positions is None else positions[order]
        yield source, target, here, there, positions


def _locate(group, index):
    """For indices in a group: the number of the member (0 if there is but one) and the index in its
    population.
    """
    if len(group) == 1:
        indices = group[0][1]
        return 0, index if indices is None else indices[index]
    sizes = [population.size if indices is None else len(indices) for population, indices in group]
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    member = np.searchsorted(bounds, index, side="right") - 1
    where = np.concatenate(
        [np.arange(population.size) if indices is None else indices for population, indices in group]
    )
    return member, where[index]


def within(positions: np.ndarray | None, where: np.ndarray | None) -> tuple:
    """For a part of the connections: which of its own are meant (None: all), and where their values stand.

    `positions` are the numbers of the part's connections among all (None: in order), `where` the numbers of
    the connections that are meant (None: all).
    """
    if where is None:
        return None, slice(None) if positions is None else positions
    if positions is None:
        return where, slice(None)
    chosen = np.flatnonzero(np.isin(positions, where))
    order = np.argsort(where, kind="stable")
    return chosen, order[np.searchsorted(where[order], positions[chosen])]
