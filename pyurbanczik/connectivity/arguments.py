"""What the arguments of connectors may be: one rule for each name, whichever connector has it.

A rule is a function ``(owner, name, value) → value`` that refuses what is not allowed, naming the class, the argument,
the value, and what is allowed.
"""

import os
from collections.abc import Iterable
from typing import Any

import numpy as np
from pyNN.common import Projection
from pyNN.core import IndexBasedExpression
from pyNN.random import AbstractRNG, RandomDistribution
from pyNN.recording.files import BaseFile
from quantities import Quantity

from ..parameters import Entry, refuse, refuse_choice
from ..parameters.units import Unfit, is_integer, numbers, with_units
from ..simulation.lifetime import Member

PROBABILITY = "a probability, from 0 to 1"
# Sums and products of floats may yield a little more than the 1 that is meant.
ROUNDING = 1e-9


def check_choice(owner: str, name: str, value: Any, choices: Iterable[Any]) -> None:
    """Refuse `value` unless it is one of `choices`."""
    if not any(type(value) is type(choice) and value == choice for choice in choices):
        refuse_choice(owner, name, value, choices)


def check_probabilities(owner: str, name: str, shown: Any, values: Any) -> float | np.ndarray:
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
        if not is_allowed(value):
            refuse(owner, name, repr(value), allowed)
        return convert(value)

    return rule


def _number(allowed, unit="dimensionless"):
    return lambda owner, name, value: Entry(owner, name, allowed, unit).number(value)


def _is_truth(value):
    return isinstance(value, bool | np.bool_)


def _is_array_of_truths(value):
    if not isinstance(value, list | tuple | np.ndarray) or isinstance(value, Quantity | np.ma.MaskedArray):
        return False
    try:
        array = np.asarray(value)
    except ValueError:
        return False
    return array.ndim == 2 and (array.dtype == bool or (array.dtype.kind in "iuf" and np.isin(array, (0, 1)).all()))


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
    allowed = "rows (presynaptic index, postsynaptic index, values ...) of numbers, all of the same length"
    try:
        table = with_units(value)
        # quantities are converted when the units are known
        if not (isinstance(table, np.ndarray) and table.dtype == object):
            table = np.atleast_1d(numbers(value))
    except (Unfit, TypeError, ValueError):
        refuse(owner, name, repr(value), allowed)
    if table.size and (table.ndim != 2 or table.shape[1] < 2):
        refuse(owner, name, repr(value), allowed)
    return table


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


def is_text_file(value: Any) -> bool:
    """Whether `value` is a text file that has been opened (a temporary one is no `io.TextIOBase`)."""
    return hasattr(value, "encoding") and hasattr(value, "seek")


def _is_projection(value):
    return isinstance(value, Projection) and isinstance(value, Member)


def _is_connection_set(value):
    from csa import arity, connset

    return isinstance(value, connset.CSet | connset.ConnectionSet) and arity(value) in (0, 2)


truth = _rule(_is_truth, "True or False", bool)
count_or_none = _rule(
    lambda value: value is None or (is_integer(value) and value >= 0), "a number of connections, or None"
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
        lambda value: isinstance(value, RandomDistribution) or (is_integer(value) and value >= 0),
        "zero or a positive integer, or a RandomDistribution of such",
        lambda value: int(value) if is_integer(value) else value,
    ),
    "p_connect": _number("fraction"),
    "rewiring": _number("fraction"),
    "degree": _number("positive", None),
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
