"""Values as users give them, turned into checked floats and arrays.

A *homogeneous* value stays a float and everything else becomes a float64 array, so that nothing downstream
has to ask what it got.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from itertools import islice
from typing import Any, NamedTuple, NoReturn

import numpy as np
from pyNN import errors
from pyNN.parameters import LazyArray

from backend_cython.model import schema as declare

from .refusals import refuse
from .units import TargetUnit, Unfit, is_lazy, lazily, numbers


class Entry(NamedTuple):
    """Where users give a number: every one of them passes an entry, once.

    Attributes
    ----------
    owner, name : str
        The class and the parameter to name in errors.
    allowed : str
        The rule that values obey, a key of `backend_cython.model.schema.RULES`.
    unit : str, optional
        The unit of plain numbers, into which quantities are converted; without it these are refused.
    factor : float
        The core's number for a value of 1.
    """

    owner: str
    name: str
    allowed: str = "finite"
    unit: str | TargetUnit | None = None
    factor: float = 1.0

    def refuse(self, value: Any, allowed: str) -> NoReturn:
        """Raise the error for an impossible value."""
        refuse(self.owner, self.name, value, allowed)

    def convert(self, value: Any) -> float | np.ndarray:
        """A number, list or array in the declared unit, as a float or a float64 array."""
        try:
            return numbers(value, self.unit)
        except Unfit as unfit:
            self.refuse(unfit.value, unfit.allowed)

    def check(self, values: Any) -> Any:
        """Return `values` (float or float64 array) if they obey the rule."""
        if type(values) is float and declare.obeys(values, self.allowed, self.factor):
            return values
        try:
            declare.check(
                self.owner, self.name, values, self.allowed, str(self.unit) if self.unit else None, self.factor
            )
        except ValueError as error:
            raise errors.InvalidParameterValueError(str(error)) from None
        return values

    def take(self, value: Any) -> Any:
        """The checked numbers of a value, or, if it must be evaluated for a size, what yields plain numbers then."""
        if is_lazy(value):
            return self.postpone(value)
        return self.check(self.convert(value))

    def number(self, value: Any) -> float:
        """One checked number."""
        if type(value) is not float:
            if is_lazy(value):
                self.refuse(repr(value), "a number")
            value = self.convert(value)
            if np.ndim(value):
                self.refuse(value, "one number")
        return self.check(value)

    def postpone(self, value: Any) -> Any:
        """What yields plain numbers when it is evaluated for a size."""
        try:
            return lazily(value, self.convert, self._asking)
        except Unfit as unfit:
            self.refuse(unfit.value, unfit.allowed)

    def _asking(self, function):
        """A function of indices or distances that yields one value or those of an array of their shape."""

        def asked(*arguments):
            with yielding(self.owner, self.name, function):
                found = function(*arguments)
                shape, wanted = np.shape(found), np.broadcast_shapes(*map(np.shape, arguments))
            if np.size(found) != 1 and shape != wanted:
                raise errors.InvalidDimensionsError(
                    f"{self.owner}.{self.name}: {function!r}, which yields an array of shape {shape}, is not allowed; "
                    f"it must yield one of shape {wanted}, or a number"
                )
            return found

        return asked

    def values(self, value: Any, size: int, moving: bool = False) -> float | np.ndarray:
        """Checked values for `size` cells: a float if they are all given by one number, else an array.

        Random numbers begin where their generator stands; with `moving` it stands behind them afterwards.
        """
        if is_lazy(value):
            value = self.postpone(value)
            return self._checked(value, size) if moving else self.evaluate(value, size)
        return self.of_size(self.check(self.convert(value)), size)

    def evaluate(self, value: Any, size: int) -> float | np.ndarray:
        """Checked values for `size` cells of what was postponed."""
        return self._checked(private_copy(value), size)

    def _checked(self, postponed, size):
        return self.check(self.of_size(_yielded(self.owner, self.name, postponed, size), size))

    def of_size(self, values: Any, size: int) -> float | np.ndarray:
        """Return a float, or an array of shape (size,) that need not be of one number."""
        if np.ndim(values) and values.shape != (size,):
            raise errors.InvalidDimensionsError(
                f"{self.owner}.{self.name}: an array of shape {values.shape} is not allowed; "
                f"it must have {size} elements"
            )
        return values


def _yielded(owner, name, value, size):
    with yielding(owner, name, value):
        if isinstance(value, Iterator):
            return np.array(list(islice(value, size)), dtype=np.float64)
        lazy = LazyArray(value, shape=(size,), dtype=float)
        # NumPy would drop the units of what a function returns for all indices at once
        found = lazy[:] if callable(lazy.base_value) else lazy.evaluate(simplify=True)
        return numbers(found)


@contextmanager
def yielding(owner: str, name: str, value: Any) -> Iterator[None]:
    """Where a function, an iterator or a distribution is asked for numbers: its errors name the parameter."""
    try:
        yield
    except Unfit as unfit:
        refuse(owner, name, unfit.value, unfit.allowed)
    except (errors.InvalidParameterValueError, errors.InvalidDimensionsError, MemoryError):
        raise
    except Exception as error:
        raise errors.InvalidParameterValueError(
            f"{owner}.{name}: {value!r}, which fails ({type(error).__name__}: {error}), is not allowed; "
            "it must yield numbers"
        ) from error


def private_copy(value: Any) -> Any:
    """A copy to evaluate, so that the random numbers of a distribution start from its state every time.

    PyNN draws the values of parameters like this, and scripts rely on getting the same ones from every
    simulator.
    """
    return deepcopy(value) if is_lazy(value) and not isinstance(value, Iterator) else value


def extent(values: Any) -> tuple[float, float]:
    """The least and the greatest of values: a float, or an array that is not empty."""
    return (values, values) if isinstance(values, float) else (values.min(), values.max())


def fill(array: np.ndarray, indices: np.ndarray | None, values: Any) -> None:
    """Write `values` into `array`, at `indices` or everywhere if that is None."""
    array[slice(None) if indices is None else indices] = values


def simplify(values: np.ndarray) -> Any:
    """One number if all are equal (as PyNN's `get` returns them), else the array."""
    if values.size == 1:
        return values[0]
    if values.dtype == object:
        alike = all(np.array_equal(value.value, values[0].value) for value in values)
    else:
        alike = (values == values[0]).all() if values.size else False
    return values[0] if values.size and alike else values
