"""PyNN's own constructors keep units, which NumPy drops when they make arrays of lists."""

import functools

import numpy as np
from pyNN.connectors import FromListConnector
from pyNN.parameters import ArrayParameter, LazyArray
from quantities import Quantity

from .entries import refuse
from .units import has_units, with_units


def _keeping(construct):
    """A constructor whose arguments keep their units."""

    @functools.wraps(construct)
    def __init__(self, *arguments, **keywords):
        keywords = {name: with_units(value) for name, value in keywords.items()}
        construct(self, *map(with_units, arguments), **keywords)

    return __init__


def _keeping_values(construct):
    @functools.wraps(construct)
    def __init__(self, value):
        # Trains of spikes are made by the ten thousand, nearly all of plain arrays, which are kept as they are.
        if type(value) is np.ndarray:
            self.value = value
        else:
            construct(self, with_units(value))

    return __init__


def _keeping_lazily(construct):
    @functools.wraps(construct)
    def __init__(self, value, shape=None, dtype=None):
        # nearly all are made of a number
        if type(value) is not float:
            array = with_units(value)
            if array is not value:
                value, dtype = array, None
        construct(self, value, shape, dtype)

    return __init__


def _refusing_units(set_item):
    @functools.wraps(set_item)
    def __setitem__(self, addr, new_value):
        if has_units(new_value) and not isinstance(self.base_value, Quantity):
            refuse(type(self).__name__, f"[{addr!r}]", str(new_value), "a plain number, as the others are")
        set_item(self, addr, new_value)

    return __setitem__


def keep_units() -> None:
    """Let PyNN's constructors keep quantities in lists.

    Scripts import these classes from PyNN, and what they dropped could not be noticed later. Nothing else changes: what
    has no units goes the same way as before.
    """
    ArrayParameter.__init__ = _keeping_values(ArrayParameter.__init__)
    FromListConnector.__init__ = _keeping(FromListConnector.__init__)
    LazyArray.__init__ = _keeping_lazily(LazyArray.__init__)
    LazyArray.__setitem__ = _refusing_units(LazyArray.__setitem__)
