"""What the arguments of connectors may be: one rule for each name, whichever connector has it.

A rule is a function ``(owner, name, value) → value`` that refuses what is not allowed, naming the class, the argument,
the value, and what is allowed.
"""

import os
from itertools import chain

import numpy as np
from pyNN.core import IndexBasedExpression
from pyNN.random import AbstractRNG, RandomDistribution
from pyNN.recording.files import BaseFile
from quantities import Quantity

from ..parameters import is_number, refuse

PROBABILITY = "a probability, from 0 to 1"
# Sums and products of floats may yield a little more than the 1 that is meant.
ROUNDING = 1e-9


def is_whole(value):
    """Whether `value` is one integer (truth values are not)."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def check_choice(owner, name, value, choices):
    """Refuse `value` unless it is one of `choices`."""
    if not any(type(value) is type(choice) and value == choice for choice in choices):
        refuse(owner, name, repr(value), f"one of {', '.join(map(repr, choices))}")


def check_probabilities(owner, name, shown, values):
    """Refuse `values`, which `shown` (an expression or function) yields, unless they are probabilities."""
    values = np.asarray(values)
    if values.dtype.kind not in "biuf":
        refuse(owner, name, f"{shown!r}, which yields {values!r},", PROBABILITY)
    wrong = ~((values >= 0) & (values <= 1 + ROUNDING))
    if wrong.any():
        refuse(owner, name, f"{shown!r}, which yields {values[wrong].flat[0]:g},", PROBABILITY)
    return values


def _rule(is_allowed, allowed, convert=lambda value: value):
    def rule(owner, name, value):
        number = _pure(value)
        if not is_allowed(number):
            refuse(owner, name, repr(value), allowed)
        return convert(number)

    return rule


def _pure(value):
    """A quantity without a dimension (a ratio, a percentage) as a number; anything else as it is."""
    if isinstance(value, Quantity) and value.ndim == 0 and not value.simplified.dimensionality:
        return float(value.simplified.magnitude)
    return value


def _is_number(value):
    return is_number(value) and not isinstance(value, Quantity)


def _is_truth(value):
    return isinstance(value, bool | np.bool_)


def _is_array_of_truths(value):
    array = _as_array(value)
    return array is not None and array.ndim == 2 and (array.dtype == bool or np.isin(array, (0, 1)).all())


def _as_array(value):
    """A list or array of numbers or truth values as an array; None for anything else."""
    if not isinstance(value, list | tuple | np.ndarray) or isinstance(value, Quantity | np.ma.MaskedArray):
        return None
    try:
        array = np.asarray(value)
    except ValueError:
        return None
    return array if array.dtype.kind in "biuf" else None


def _expression(owner, name, value):
    """A function, or a text to be a function of an array of distances or displacements `d`."""
    if not isinstance(value, str):
        if not callable(value):
            refuse(owner, name, repr(value), "a function of d, or the text of a Python expression in d")
        return value
    try:
        compile(value.strip(), name, "eval")
    except (SyntaxError, ValueError) as error:
        refuse(owner, name, repr(value), f"a Python expression in d ({error})")
    return value


def _list_of_connections(owner, name, value):
    try:
        table = _with_quantities(value)
    except (TypeError, ValueError):
        table = None
    if table is not None:
        return table
    table = _as_array(value)
    if table is None or table.dtype == bool or (table.size and (table.ndim != 2 or table.shape[1] < 2)):
        allowed = "rows (presynaptic index, postsynaptic index, values ...) of numbers, all of the same length"
        refuse(owner, name, repr(value), allowed)
    return table.astype(float)


def _with_quantities(rows):
    """Rows in which there are quantities as an array of objects, to be converted when the units are known; or None."""
    if isinstance(rows, Quantity) or (isinstance(rows, np.ndarray) and rows.dtype != object):
        return None
    if not any(issubclass(kind, Quantity) for kind in set(map(type, chain(*rows)))):
        return None
    table = np.empty((len(rows), len(rows[0])), dtype=object)
    for k, row in enumerate(rows):
        if len(row) != len(rows[0]):
            return None
        for column, cell in enumerate(row):
            table[k, column] = cell
    return table


def converted(owner, name, column, unit):
    """A column of numbers, or of quantities as numbers in `unit` (None: there must be none)."""
    allowed = "a number" if unit is None else f"a number, or a quantity in {unit}"
    values = np.empty(len(column))
    for k, cell in enumerate(column):
        number = cell
        if isinstance(cell, Quantity):
            try:
                number = cell.rescale(unit or "").magnitude.item()
            except (ValueError, LookupError):
                refuse(owner, name, str(cell), allowed)
        if not is_number(number):
            refuse(owner, name, repr(cell), allowed)
        values[k] = number
    return values


def _column_names(owner, name, value):
    if value is None:
        return None
    if isinstance(value, str) or not all(isinstance(column, str) for column in _items(value)):
        refuse(owner, name, repr(value), "None, or a list or tuple of names")
    if len(set(value)) < len(value):
        refuse(owner, name, repr(value), "names that differ")
    return tuple(value)


def _items(value):
    return value if isinstance(value, list | tuple | np.ndarray) else [value]


def _is_file(value):
    return isinstance(value, str | os.PathLike | BaseFile) or is_text_file(value)


def is_text_file(value):
    """Whether `value` is a text file that has been opened (a temporary one is no `io.TextIOBase`)."""
    return hasattr(value, "encoding") and hasattr(value, "seek")


def _is_projection(value):
    from ..projections import Projection

    return isinstance(value, Projection)


def _is_connection_set(value):
    from csa import arity, connset

    return isinstance(value, connset.CSet | connset.ConnectionSet) and arity(value) in (0, 2)


truth = _rule(_is_truth, "True or False", bool)
count_or_none = _rule(
    lambda value: value is None or (is_whole(value) and value >= 0), "a number of connections, or None"
)

RULES = {
    "location_selector": _rule(lambda value: value is None, "None: the receptor type says where a synapse is"),
    "safe": truth,
    "callback": _rule(lambda value: value is None or callable(value), "None, or a function of the progress"),
    "allow_self_connections": _rule(
        lambda value: _is_truth(value) or (isinstance(value, str) and value == "NoMutual"), "True, False or 'NoMutual'"
    ),
    "with_replacement": truth,
    "distributed": truth,
    "rng": _rule(
        lambda value: value is None or (isinstance(value, AbstractRNG) and hasattr(value, "parallel_safe")),
        "None, or a generator of random numbers, such as NumpyRNG(seed=1)",
    ),
    "n": _rule(
        lambda value: isinstance(value, RandomDistribution) or (is_whole(value) and value >= 0),
        "zero or a positive integer, or a RandomDistribution of such",
        lambda value: int(value) if is_whole(value) else value,
    ),
    "p_connect": _rule(lambda value: _is_number(value) and 0 <= value <= 1, PROBABILITY, float),
    "rewiring": _rule(lambda value: _is_number(value) and 0 <= value <= 1, PROBABILITY, float),
    "degree": _rule(lambda value: _is_number(value) and value > 0, "a positive distance", float),
    "n_connections": count_or_none,
    "d_expression": _expression,
    "disp_function": _expression,
    "index_expression": _rule(
        lambda value: isinstance(value, IndexBasedExpression) and callable(value), "an IndexBasedExpression"
    ),
    "array": _rule(
        _is_array_of_truths,
        "an array of truth values (or of zeros and ones) of shape (size of pre, size of post)",
        lambda value: np.array(value, dtype=bool),
    ),
    "conn_list": _list_of_connections,
    "column_names": _column_names,
    "file": _rule(_is_file, "the name of a file, a file of pyNN.recording.files, or an open text file"),
    "reference_projection": _rule(_is_projection, "a Projection of this simulator"),
    "cset": _rule(_is_connection_set, "a connection set of arity 0 or 2"),
}
