"""Values of one attribute of all connections: from whatever a user gives, and into arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN import errors
from pyNN.parameters import ParameterSpace
from pyNN.random import RandomDistribution

from ..parameters import is_lazy, private_copy
from ..parameters.expressions import of_distance
from ..recording.merging import numbering

if TYPE_CHECKING:
    from ..parameters import Entry
    from ..projections import Projection


def evaluate(projection: Projection, entry: Entry, value: Any) -> Any:
    """A float, or one value a connection, from any of the forms that `Projection.set` takes, in the unit of `entry`."""
    owner, name = entry.owner, entry.name
    if isinstance(value, str) or is_lazy(value):
        postponed = of_distance(entry, value) if isinstance(value, str) else entry.postpone(private_copy(value))
        space = ParameterSpace({name: postponed}, {name: float}, projection.shape)
        # a method of PyNN, for its own connectors as well
        lazy = projection._handle_distance_expressions(space)[name]
        try:
            if callable(lazy.base_value):
                return at_connections(lazy, projection.table.pre_index, projection.table.post_index)
            return _drawn(projection, lazy)
        except (errors.InvalidParameterValueError, errors.InvalidDimensionsError):
            raise
        except (TypeError, ValueError, ArithmeticError) as error:
            entry.refuse(f"{value!r}, which yields no numbers ({error}),", "a number for each connection")
    else:
        value = entry.convert(value)
        if not np.ndim(value):
            return value
        if value.ndim == 1:
            return _one_each(projection, owner, name, value)
    if value.shape != projection.shape:
        raise errors.InvalidDimensionsError(
            f"{owner}.{name}: an array of shape {value.shape} is not allowed; it must be of shape "
            f"{projection.shape}, or have one value a connection"
        )
    return value[projection.table.pre_index, projection.table.post_index]


def at_connections(lazy: Any, pre: np.ndarray, post: np.ndarray) -> Any:
    """The values of a lazy array (shape: pre, post) for connections, evaluated target by target as PyNN does."""
    order, values = np.argsort(post, kind="stable"), np.empty(len(post))
    if not callable(lazy.base_value) and not lazy.operations:
        values[order] = lazy[pre[order], post[order]]
        return values
    for rows in np.split(order, np.flatnonzero(np.diff(post[order])) + 1):
        if rows.size:
            values[rows] = lazy[pre[rows], int(post[rows[0]])]
    return values


def _drawn(projection, lazy):
    """Values from a matrix that is drawn for all pairs of cells, as PyNN does; further connections between the same two
    cells get numbers of their own.
    """
    own = projection.table.pre_index, projection.table.post_index
    matrix = np.broadcast_to(lazy.evaluate(simplify=False), projection.shape)
    values = matrix[own].astype(float)
    pre, post, numbers = numbering(projection)
    first = _first_of_pairs(pre, post)
    if isinstance(lazy.base_value, RandomDistribution) and first.size < len(pre):
        further = np.ones(len(pre), dtype=bool)
        further[first] = False
        whole = matrix[pre, post].astype(float)
        whole[further] = at_connections(lazy, pre[further], post[further])
        values = whole if numbers is None else whole[numbers]
    return values


def _one_each(projection, owner, name, value):
    """One value a connection, given in canonical order for connections or for connected pairs (of all processes)."""
    pre, post, numbers = numbering(projection)
    n = len(pre)
    if value.size != n:
        first = _first_of_pairs(pre, post)
        if value.size != first.size:
            raise errors.InvalidDimensionsError(
                f"{owner}.{name}: {value.size} values are not allowed; there must be one for each of {n} connections"
            )
        value = np.repeat(value, np.diff(np.append(first, n)))
    return value if numbers is None else value[numbers]


def _first_of_pairs(pre, post):
    """Positions at which the connections of another pair of cells begin."""
    if not len(pre):
        return np.empty(0, dtype=int)
    return np.flatnonzero(np.concatenate([[True], (np.diff(pre) != 0) | (np.diff(post) != 0)]))


def arrays(
    shape: tuple[int, ...], pre: np.ndarray, post: np.ndarray, columns: list, operation: Callable[..., Any] | str | None
) -> list:
    """One array of that shape for each column of values, NaN where there is no connection."""
    first = _first_of_pairs(pre, post)
    pre, post = pre[first], post[first]
    result = []
    for value in columns:
        if first.size < value.size:
            value = _reduce(value, first, operation)
        array = np.full(shape, np.nan)
        array[pre, post] = value
        result.append(array)
    return result


def _reduce(value, first, operation):
    """One value for each pair of cells with several connections."""
    if operation == "first":
        return value[first]
    if operation == "last":
        return value[np.append(first[1:], value.size) - 1]
    return {"sum": np.add, "min": np.minimum, "max": np.maximum}[operation].reduceat(value, first)
