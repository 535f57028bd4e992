"""Plain numbers out of what users give: numbers, arrays, lists, quantities, and what yields them later.

Nothing here knows a parameter. What cannot be turned into numbers raises `Unfit`, which says what would do.
"""

from __future__ import annotations

import functools
import operator
import reprlib
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import copy
from numbers import Real
from typing import Any

import numpy as np
import quantities as pq
from lazyarray import larray
from neo.core.basesignal import BaseSignal
from pyNN.core import IndexBasedExpression
from pyNN.parameters import LazyArray
from pyNN.random import RandomDistribution

# Units that the declarations write in another way than the package quantities.
SPELLINGS = {"/ms": "1/ms", "degrees": "degree"}
# Units of which the target of a connection decides: those of currents, of conductances, and of jumps of the potential.
# The one in which the core has 1 for each stands in the same place of every line.
TARGETS_UNITS = {"nA or uS": ("nA", "uS", "mV"), "pA or nS": ("pA", "nS", "uV")}
# The parameters of a distribution that have the unit of what it yields; the others have none.
WITH_UNIT = {
    "exponential": {"beta"},
    "gamma": {"theta"},
    "normal": {"mu", "sigma"},
    "normal_clipped": {"mu", "sigma", "low", "high"},
    "normal_clipped_to_boundary": {"mu", "sigma", "low", "high"},
    "uniform": {"low", "high"},
    "uniform_int": {"low", "high"},
}
PLAIN = {int, float, np.float64, np.int64, np.float32}
KINDS = {"b": "truth values", "c": "complex numbers", "M": "dates", "m": "time differences", "U": "text", "S": "text"}
NUMBERS = "a number, or an array of numbers"

_factors = {}


class TargetUnit:
    """A unit of which the target of connections decides: the first quantity settles it for those that follow.

    Parameters
    ----------
    declared : str
        A key of `TARGETS_UNITS`.
    """

    def __init__(self, declared: str) -> None:
        self.declared = declared
        self.settled: str | None = None

    def __str__(self):
        return self.settled or self.declared

    def __deepcopy__(self, memo):
        # what is evaluated from a copy of parameters settles the unit all the same
        return self

    def settle(self, quantity: pq.Quantity) -> str:
        """The unit in which to express a quantity."""
        units = [self.settled] if self.settled else TARGETS_UNITS[self.declared]
        dimension = quantity.dimensionality.simplified
        for unit in units:
            if dimension == pq.Quantity(1.0, unit).dimensionality.simplified:
                self.settled = unit
                return unit
        raise Unfit(_text(quantity), f"in {' or '.join(units)}")

    @staticmethod
    def of(declared: str, cells_unit: str) -> Any:
        """The unit onto cells whose weights are in `cells_unit` (nA, uS or mV)."""
        return TARGETS_UNITS[declared][TARGETS_UNITS["nA or uS"].index(cells_unit)]


class Unfit(Exception):
    """What a value is that stands for no numbers, and what would be allowed in its place."""

    def __init__(self, value: Any, allowed: str) -> None:
        super().__init__(value, allowed)
        self.value, self.allowed = value, allowed


def is_lazy(value: Any) -> bool:
    """Whether `value` must be evaluated for a size: a distribution, function, lazy array or iterator."""
    return isinstance(value, (RandomDistribution, larray, Iterator)) or (
        callable(value) and not isinstance(value, type)
    )


# Real numbers by their classes, but not by their meaning.
NO_NUMBERS = (bool, np.timedelta64)


def is_integer(value: Any) -> bool:
    """Whether `value` is a whole number by its type (truth values and durations are not)."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, NO_NUMBERS)


def numbers(value: Any, unit: str | TargetUnit | None = None) -> float | np.ndarray:
    """What `value` is in `unit`: a float, or a float64 array.

    Parameters
    ----------
    value : number, quantity, or array or (nested) list of them
        Plain numbers are in `unit` already.
    unit : str, optional
        Without it quantities are refused.

    Raises
    ------
    Unfit
        For what is no real number (truth values, text, complex numbers, dates, masked entries), does not fit into a
        float, or has another dimension.
    """
    if isinstance(value, Real) and not isinstance(value, NO_NUMBERS):
        try:
            return float(value)
        except OverflowError:
            raise Unfit(reprlib.repr(value), f"at most {sys.float_info.max:g}") from None
    if isinstance(value, pq.Quantity):
        return _expressed(value, unit)
    if isinstance(value, (np.ndarray, np.generic)):
        return _from_array(value, unit)
    if isinstance(value, (list, tuple, range)):
        return _from_list(value, unit)
    raise Unfit(reprlib.repr(value), NUMBERS)


def _expressed(value, unit):
    if unit is None:
        raise Unfit(_text(value), "a number without a unit")
    if isinstance(unit, TargetUnit):
        unit = unit.settle(value)
    key = *value.dimensionality.items(), unit
    if key not in _factors:
        try:
            factor = float(pq.Quantity(1.0, value.units).rescale(SPELLINGS.get(unit, unit)))
        except ValueError:
            raise Unfit(_text(value), f"in {unit}" if unit != "dimensionless" else "without a unit") from None
        _factors[key] = factor
    plain = _from_array(np.asarray(value.magnitude), None)
    if isinstance(value, BaseSignal) and plain.ndim == 2 and plain.shape[1] == 1:
        plain = plain[:, 0]
    # 5 pA are 5 / 1000 nA, not 5 times a rounded thousandth
    factor = _factors[key]
    if factor == 1.0:
        return plain
    return plain * factor if factor >= 1.0 else plain / (1.0 / factor)


def _text(quantity):
    return f"{quantity}" if quantity.size < 6 else f"an array in {quantity.dimensionality.string}"


def _from_array(value, unit):
    if isinstance(value, np.ma.MaskedArray):
        if np.ma.is_masked(value):
            raise Unfit("an array with masked entries", NUMBERS)
        value = value.data
    foreign = next((name for name in ("unit", "units", "dim") if hasattr(value, name)), None)
    if foreign:
        raise Unfit(f"an array with units of its own ({type(value).__name__})", "a number or one of Quantities")
    if value.dtype.kind in "iuf":
        return np.array(value, dtype=np.float64, subok=False) if value.ndim else float(value)
    if value.dtype == object:
        return numbers(value.tolist(), unit)
    raise Unfit(f"{KINDS.get(value.dtype.kind, value.dtype)} ({reprlib.repr(value)})", NUMBERS)


def _from_list(value, unit):
    try:
        if set(map(type, value)) <= PLAIN:
            return np.array(value, dtype=np.float64)
        return np.array([numbers(item, unit) for item in value], dtype=np.float64)
    except OverflowError:
        raise Unfit("a number that is too large", f"at most {sys.float_info.max:g}") from None
    except ValueError:
        raise Unfit(reprlib.repr(value), NUMBERS) from None


def has_units(value: Any) -> bool:
    """Whether `value` is a quantity, or a list (or list of lists) in which there are some."""
    if isinstance(value, np.ndarray) and value.dtype == object:
        value = value.tolist()
    if isinstance(value, (np.ndarray, str, bytes, Mapping)) or not isinstance(value, Collection):
        return isinstance(value, pq.Quantity)
    return not set(map(type, value)) <= PLAIN and any(map(has_units, value))


def with_units(value: Any) -> Any:
    """`value`; a list (or list of lists) in which there are quantities as an array of objects.

    NumPy would make an array of plain numbers of it.
    """
    if isinstance(value, np.ndarray) or not has_units(value):
        return value
    array = np.empty(np.shape(value), dtype=object)
    for index in np.ndindex(array.shape):
        array[index] = functools.reduce(operator.getitem, index, value)
    return array


def _has_quantity(distribution):
    return any(isinstance(value, pq.Quantity) for value in distribution.parameters.values())


def lazily(value: Any, convert: Callable[[Any], Any], asking: Callable[[Any], Any]) -> Any:
    """What is to be evaluated later, such that it yields plain numbers then.

    Parameters
    ----------
    value : RandomDistribution, LazyArray, function or iterator
    convert : function
        Makes plain numbers of what `value` yields.
    asking : function
        Makes one whose errors name the parameter of a function that is asked for values.
    """
    if isinstance(value, RandomDistribution):
        return _distribution(value, convert)
    if isinstance(value, larray):
        return _lazy_array(value, convert, asking)
    if isinstance(value, Iterator):
        return map(convert, value)
    if isinstance(value, IndexBasedExpression):
        return _Expression(value, convert, asking)
    function = asking(value)
    return lambda *indices: convert(function(*indices))


class _Expression(IndexBasedExpression):
    """A function of the indices of two cells, in plain numbers."""

    def __init__(self, expression: Any, convert: Callable[[Any], Any], asking: Callable[[Any], Any]) -> None:
        self.expression, self.convert, self.asking = expression, convert, asking

    def __call__(self, i: Any, j: Any) -> Any:
        expression = copy(self.expression)
        expression.projection = self.projection
        return self.convert(self.asking(expression)(i, j))


def _distribution(value, convert):
    """The generator draws plain numbers whatever the parameters are: they are converted before."""
    if not _has_quantity(value):
        return value
    with_unit = WITH_UNIT.get(value.name, ())
    plain = copy(value)
    plain.parameters = {
        name: convert(given) if name in with_unit else numbers(given, "dimensionless")
        for name, given in value.parameters.items()
    }
    return plain


def _lazy_array(value, convert, asking):
    base = value.base_value
    if not value.operations:
        return LazyArray(lazily(base, convert, asking) if is_lazy(base) else convert(base), shape=value.shape)
    if isinstance(base, RandomDistribution) and _has_quantity(base):
        raise Unfit(str(base), "without units, since the lazy array does arithmetic with it")
    lazy = LazyArray(value)
    lazy.operations = [*value.operations, (convert, None)]
    if callable(base) and not isinstance(base, RandomDistribution | IndexBasedExpression):
        lazy.base_value = asking(base)
    if isinstance(base, pq.Quantity):
        lazy.base_value = base.magnitude if base.ndim else float(base.magnitude)
        lazy.operations.insert(0, (operator.mul, base.units))
    return lazy
