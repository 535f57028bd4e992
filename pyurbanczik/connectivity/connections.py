"""Single connections of a projection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyNN import common

from ..objects.copies import Lasting

if TYPE_CHECKING:
    from ..projections import Projection


class Connection(Lasting, common.Connection):
    """One connection of a projection: its parameters are attributes that can be read and set."""

    __slots__ = ("_index", "_projection")
    picklable = "what get() of its projection returns"

    def __init__(self, projection: Projection, index: int) -> None:
        object.__setattr__(self, "_projection", projection)
        object.__setattr__(self, "_index", index)

    @property
    def presynaptic_index(self) -> int:
        return int(self._projection.table.pre_index[self._index])

    @property
    def postsynaptic_index(self) -> int:
        return int(self._projection.table.post_index[self._index])

    @property
    def presynaptic_cell(self) -> common.IDMixin:
        return self._projection.pre[self.presynaptic_index]

    @property
    def postsynaptic_cell(self) -> common.IDMixin:
        return self._projection.post[self.postsynaptic_index]

    source = presynaptic_cell
    target = postsynaptic_cell

    def __getattr__(self, name):
        if name.startswith("__") or name == "label":
            raise AttributeError(name)
        value = self._projection.table.value(name)
        return float(value[self._index] if np.ndim(value) else value)

    def __setattr__(self, name, value):
        self._projection.table.change({name: value}, np.array([self._index]))

    def as_tuple(self, *attribute_names: str) -> tuple:
        """The values of some attributes."""
        for name in attribute_names:
            if not isinstance(name, str):
                raise TypeError(f"Connection.as_tuple: {name!r} is not allowed; it must be the name of an attribute")
        return tuple(getattr(self, name) for name in attribute_names)

    def __repr__(self):
        return f"Connection({self.presynaptic_index} → {self.postsynaptic_index} of {self._projection.label!r})"


class Connections(Lasting):
    """The connections of a projection as a sequence, made as they are asked for."""

    picklable = Connection.picklable

    def __init__(self, projection: Projection) -> None:
        self._projection = projection

    def __len__(self):
        return len(self._projection)

    def __getitem__(self, i):
        return self._projection[i]

    def __iter__(self):
        return (Connection(self._projection, i) for i in range(len(self)))
