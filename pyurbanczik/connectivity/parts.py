"""The core projections of which a projection between groups of cells consists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np

from backend_cython.model.numbering import within

from ..parameters.changes import refused_as_value
from ..parameters.hints import Cells


def pick(value: Any, positions: Any) -> Any:
    """The values of some connections; a number is that of all, and None stays None."""
    return value if positions is None or not np.ndim(value) else value[positions]


class Part:
    """A core projection, and which connections it has.

    Attributes
    ----------
    core : backend_cython.model.projection.Projection
    numbers : integer array or None
        Those of its connections among all, in its order; None if they are all, in order.
    """

    def __init__(self, core: Any, numbers: np.ndarray | None) -> None:
        self.core, self.numbers = core, numbers
        in_order = numbers is None or bool((numbers[1:] > numbers[:-1]).all())
        self._sorter = None if numbers is None or in_order else np.argsort(numbers)

    def within(self, where: np.ndarray | None) -> tuple:
        """Which of its connections are among `where` (None: all), and where in `where` they stand."""
        return within(self.numbers, where, self._sorter)


class Parts:
    """Core projections, one for each pair of populations, as if they were one.

    Connections are known by their numbers in canonical order. Names, values and units are those of the core.

    Parameters
    ----------
    size : int
        Number of connections.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._parts = []

    def add(self, core: Any, numbers: np.ndarray | None) -> None:
        self._parts.append(Part(core, numbers))

    def __iter__(self) -> Iterator[Part]:
        return iter(self._parts)

    def get(self, name: str) -> np.ndarray:
        """Present values of a parameter."""
        values = np.empty(self.size)
        for part in self._parts:
            values[slice(None) if part.numbers is None else part.numbers] = part.core.get(name)
        return values

    def change(
        self, values: Mapping[str, Any], where: np.ndarray | None = None, delay_steps: Any = None
    ) -> Callable[[], None]:
        """Check what parameters (and delays) of the connections `where` (None: all) must be together.

        Returns
        -------
        function
            It makes the change, which nothing can refuse any more.

        Raises
        ------
        pyNN.errors.InvalidParameterValueError
            For values that are not allowed together.
        """
        changes = []
        for part in self._parts:
            chosen, places = part.within(where)
            own = {name: pick(value, places) for name, value in values.items()}
            here = None if where is None else chosen
            with refused_as_value():
                changes.append(part.core.change(own, here, pick(delay_steps, places), checked=True))
        return lambda: _call(changes)

    def change_states(self, values: Mapping[str, Any], owner: str) -> Callable[[], None]:
        """As `change`, for state variables of all connections."""
        changes = []
        for part in self._parts:
            own = {name: pick(value, part.numbers) for name, value in values.items()}
            with refused_as_value():
                changes.append(part.core.change_states(own, owner=owner, checked=True))
        return lambda: _call(changes)

    def can_sample(self, variable: str) -> bool:
        """Whether a variable has a value at any time, or only while a spike passes."""
        return all(variable in part.core.variables for part in self._parts)


def _call(changes):
    for change in changes:
        change()


def pairs(pre_group: Cells, post_group: Cells, pre: np.ndarray, post: np.ndarray) -> Iterator[tuple]:
    """Divide connections (canonical order) among pairs of populations.

    Yields
    ------
    pre population, post population, indices in either, numbers
        Connections in canonical order; `numbers` are theirs among all, None if they are all, in order.
    """
    pre_members, post_members = _members(pre_group), _members(post_group)
    pre_member, pre_index = _locate(pre_members, pre)
    post_member, post_index = _locate(post_members, post)
    pair = pre_member * len(post_members) + post_member
    for number, ((source, its), (target, others)) in enumerate(product(pre_members, post_members)):
        numbers = np.flatnonzero(pair == number) if np.ndim(pair) else None
        here, there = pick(pre_index, numbers), pick(post_index, numbers)
        if not (_increase(its) and _increase(others)):
            # the cells of a view need not be in the order of their population
            order = np.lexsort((there, here))
            here, there = here[order], there[order]
            numbers = order if numbers is None else numbers[order]
        yield source, target, here, there, numbers


def _members(group):
    """``[(population, indices in it), ...]`` of a population, view or assembly, in the order of its cells."""
    return [(cells.root, cells.root_indices) for cells in group.members]


def _increase(indices):
    return indices is None or (indices[1:] > indices[:-1]).all()


def _locate(group, index):
    """For indices in a group: the number of the member (0 if there is but one) and the index in its population."""
    if len(group) == 1:
        indices = group[0][1]
        return 0, index if indices is None else indices[index]
    indices = [np.arange(population.size) if own is None else own for population, own in group]
    bounds = np.cumsum([0, *map(len, indices)])
    return np.searchsorted(bounds, index, side="right") - 1, np.concatenate(indices)[index]
