"""Values as users give them, turned into checked floats and arrays, and the errors that refuse the others.

A *homogeneous* value stays a float and everything else becomes a float64 array, so that nothing downstream
has to ask what it got. Errors are those of :mod:`pyNN.errors` and name the class, the parameter, the value
and what is allowed.
"""

from collections.abc import Iterator
from copy import deepcopy
from numbers import Real

import numpy as np
from lazyarray import larray
from pyNN import errors
from pyNN.parameters import LazyArray
from pyNN.random import RandomDistribution

from backend_cython.model import schema as declare


class InvalidConnectionError(errors.ConnectionError, errors.InvalidParameterValueError):
    """A connection that cannot exist: both a `ConnectionError` of PyNN and a `ValueError`."""


class NonExistentParameterError(errors.NonExistentParameterError):
    """A name that a model does not have."""

    def __str__(self):
        return (
            f"{self.model_name} has no parameter {self.parameter_name!r}; it has "
            f"{', '.join(self.valid_parameter_names) or 'none'}"
        )


def refuse(owner, name, value, allowed):
    """Raise the error for an impossible value of a parameter."""
    raise errors.InvalidParameterValueError(f"{owner}.{name}: {value} is not allowed; it must be {allowed}")


def check(owner, name, values, allowed):
    """Return `values` as float64 if they obey the rule `allowed` of `backend_cython.model.schema`."""
    try:
        return declare.check(owner, name, values, allowed)
    except ValueError as error:
        raise errors.InvalidParameterValueError(str(error)) from None


def is_lazy(value):
    """Whether `value` must be evaluated for a size: a distribution, function, lazy array or iterator."""
    return isinstance(value, (RandomDistribution, larray, Iterator)) or callable(value)


def is_number(value):
    """Whether `value` is one real number (truth values are not)."""
    if isinstance(value, np.ndarray):
        return value.ndim == 0 and value.dtype.kind in "iuf"
    return isinstance(value, Real) and not isinstance(value, bool)


def eager(owner, name, value, allowed="finite"):
    """Check a number, list or array at once; leave what has to be evaluated for a size as it is."""
    if is_lazy(value):
        return value
    if is_number(value):
        value = float(value)
    elif isinstance(value, (list, tuple, np.ndarray)):
        try:
            value = np.array(value, dtype=np.float64)
        except (TypeError, ValueError):
            refuse(owner, name, repr(value), "a number, or an array of numbers")
    else:
        refuse(owner, name, repr(value), "a number, an array, a function of the index or a RandomDistribution")
    check(owner, name, value, allowed)
    return value


def evaluate(owner, name, value, size):
    """Values for `size` cells: a float if they are all given by one number, else an array of shape (size,).

    Raises
    ------
    pyNN.errors.InvalidDimensionsError
        If an array has another length.
    pyNN.errors.InvalidParameterValueError
        If `value` is no number and yields none.
    """
    if is_lazy(value):
        lazy = LazyArray(value, shape=(size,), dtype=float)
        try:
            value = lazy.evaluate(simplify=True)
        except (TypeError, ValueError) as error:
            raise errors.InvalidParameterValueError(f"{owner}.{name}: {value!r} yields no numbers ({error})") from error
    if is_number(value):
        return float(value)
    if isinstance(value, bool):
        refuse(owner, name, repr(value), "a number")
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        refuse(owner, name, repr(value), "a number, or an array of numbers")
    if array.ndim == 0:
        return float(array)
    if array.shape != (size,):
        raise errors.InvalidDimensionsError(
            f"{owner}.{name}: an array of shape {array.shape} is not allowed; it must have {size} elements"
        )
    return array


def private_copy(value):
    """A copy to evaluate, so that the random numbers of a distribution start from its state every time.

    PyNN draws the values of parameters like this, and scripts rely on getting the same ones from every
    simulator.
    """
    return deepcopy(value) if is_lazy(value) and not isinstance(value, Iterator) else value


def to_steps(time, timestep):
    """Nearest number of time steps."""
    return int(np.rint(time / timestep))


def to_time(steps, timestep):
    """The time (ms) of a number of steps, or of an array of them.

    Where the time step divides a millisecond, steps are divided by their number in a millisecond: 3 steps of
    0.1 ms are 0.3 ms then, and not the next larger double, which multiplying by a rounded 0.1 yields.
    """
    per_millisecond = np.rint(1.0 / timestep)
    if abs(per_millisecond * timestep - 1.0) < 1e-12:
        return steps / per_millisecond
    return steps * timestep


def interval_steps(owner, interval, timestep):
    """A sampling interval (ms; None means every step) as a number of time steps."""
    if interval is None:
        return 1
    if not is_number(interval) or not np.isfinite(interval) or interval <= 0:
        refuse(owner, "sampling_interval", repr(interval), f"a positive multiple of the time step, {timestep} ms")
    steps = to_steps(interval, timestep)
    if steps < 1 or abs(steps * timestep - interval) > 1e-6 * timestep:
        refuse(owner, "sampling_interval", interval, f"a positive multiple of the time step, {timestep} ms")
    return steps


def fill(array, indices, values):
    """Write `values` into `array`, at `indices` or everywhere if that is None."""
    array[slice(None) if indices is None else indices] = values


def simplify(values):
    """One number if all are equal (as PyNN's `get` returns them), else the array."""
    if values.dtype == object:
        alike = all(np.array_equal(value.value, values[0].value) for value in values)
    else:
        alike = (values == values[0]).all() if values.size else False
    return values[0] if values.size and alike else values
