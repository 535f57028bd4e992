"""What arguments of public methods, functions and connectors may be, by their names: one rule for all that have one of
that name.

Many of these methods are PyNN's, which take anything and fail somewhere inside.

A rule is a function ``(owner, name, value) → value`` that refuses what is not allowed, naming the class or method, the
argument, the value, and what is allowed.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
from pyNN.common import IDMixin
from pyNN.common.populations import Assembly, BasePopulation
from pyNN.core import IndexBasedExpression
from pyNN.descriptions import TEMPLATE_ENGINES, TemplateEngine
from pyNN.random import AbstractRNG, RandomDistribution
from pyNN.recording import Variable
from pyNN.recording.files import BaseFile
from quantities import Quantity

from .annotations import are_annotations, with_text_keys
from .entries import Entry
from .refusals import refuse
from .units import Unfit, is_integer, numbers, with_units

Rule: TypeAlias = Callable[[str, str, Any], Any]


def rule(is_allowed: Callable[[Any], Any], allowed: str, convert: Callable[[Any], Any] = lambda value: value) -> Rule:
    """The rule that `is_allowed(value)` decides, with what is `allowed` in words."""

    def apply(owner, name, value):
        try:
            good = bool(is_allowed(value))
        except (TypeError, ValueError, RecursionError):
            good = False
        if not good:
            refuse(owner, name, repr(value), allowed)
        return convert(value)

    return apply


def _or_none(is_allowed):
    return lambda value: value is None or is_allowed(value)


def _number(allowed, unit="dimensionless"):
    return lambda owner, name, value: Entry(owner, name, allowed, unit).number(value)


def _is_name(value):
    # the latter are those that PyNN makes of a name and a location
    return isinstance(value, str | Variable)


def _are_names(value):
    return _is_name(value) or (isinstance(value, (list, tuple, set, frozenset)) and all(map(_is_name, value)))


def _is_truth(value):
    return isinstance(value, bool | np.bool_)


def _is_flag(value):
    return _is_truth(value) or (isinstance(value, int) and value in (0, 1))


def _is_text(value):
    return isinstance(value, str)


def _are_texts(value):
    return _is_text(value) or (isinstance(value, (list, tuple, set, frozenset)) and all(map(_is_text, value)))


def _is_count(value):
    return is_integer(value) and value >= 0


def _is_position(value):
    try:
        position = numbers(value)
    except Unfit:
        return False
    return np.shape(position) == (3,) and np.isfinite(position).all()


def _is_id(value):
    return isinstance(value, IDMixin) or (is_integer(value) and abs(int(value)) < 2**63)


def _are_ids(value):
    if isinstance(value, (BasePopulation, Assembly)) or _is_id(value):
        return True
    return (
        isinstance(value, (list, tuple, np.ndarray)) and np.shape(value) not in ((), (0,)) and all(map(_is_id, value))
    )


def _are_cells(value):
    if isinstance(value, (BasePopulation, Assembly)):
        return True
    return isinstance(value, Iterable) and np.ndim(value) == 1 and all(isinstance(cell, IDMixin) for cell in value)


def _is_output(value):
    return isinstance(value, (str, os.PathLike)) or hasattr(value, "write")


def _is_engine(value):
    if isinstance(value, type):
        return issubclass(value, TemplateEngine)
    return _is_text(value) and value in ("default", *TEMPLATE_ENGINES)


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
    # a temporary text file is no `io.TextIOBase`
    is_text_file = hasattr(value, "encoding") and hasattr(value, "seek")
    return is_text_file or isinstance(value, str | os.PathLike | BaseFile)


def _is_connection_set(value):
    from csa import arity, connset

    return isinstance(value, connset.CSet | connset.ConnectionSet) and arity(value) in (0, 2)


NAMES = rule(_are_names, "a name, or a list of names")
NAMES_OR_NONE = rule(_or_none(_are_names), "a name, or a list of names")
FLAG = rule(_is_flag, "True or False")
TRUTH = rule(_is_truth, "True or False", bool)

# Where a name means different things, the owner stands in front of it; "Connector" for all connectors.
RULES = {
    "variables": NAMES,
    # None stops recording
    "Population.record.variables": NAMES_OR_NONE,
    "PopulationView.record.variables": NAMES_OR_NONE,
    "Assembly.record.variables": NAMES_OR_NONE,
    "Network.record.variables": NAMES_OR_NONE,
    "parameter_names": NAMES,
    "attribute_names": NAMES,
    "annotation_keys": NAMES,
    "variable": rule(_is_name, "a name"),
    "parametername": rule(_is_text, "a name"),
    "name": rule(_is_text, "a name"),
    "label": rule(_or_none(_is_text), "a text"),
    "receptor_type": rule(_or_none(_is_text), "the name of a receptor, or None"),
    "Projection.source": rule(
        lambda value: value is None or (_is_text(value) and value == "spikes"), "None or 'spikes'"
    ),
    "cellparams": rule(_or_none(lambda value: isinstance(value, Mapping)), "a dictionary, or None"),
    "initial_values": rule(_or_none(lambda value: isinstance(value, Mapping)), "a dictionary, or None"),
    "location": rule(_or_none(_is_text), "the name of a compartment, or None"),
    "locations": rule(_or_none(_are_texts), "names of compartments, or None"),
    "simplify": FLAG,
    "clear": FLAG,
    "with_address": FLAG,
    "include_spike_source": FLAG,
    "gather": rule(lambda value: _is_flag(value) or value == "all", "True or False"),
    "annotations": rule(
        _or_none(are_annotations),
        "a dictionary of numbers, texts, times, and lists and dictionaries of such, whose keys are such that differ as "
        "texts",
        with_text_keys,
    ),
    "n": rule(_is_count, "a number of cells"),
    "rng": rule(
        lambda value: value is None or (isinstance(value, AbstractRNG) and hasattr(value, "parallel_safe")),
        "None, or a generator of random numbers, such as NumpyRNG(seed=1)",
    ),
    "position": rule(_is_position, "three finite numbers"),
    "id": rule(_are_ids, "a cell, or several cells"),
    "cells": rule(_are_cells, "a population, view or assembly, or a list of cells"),
    "indices": rule(lambda value: np.asarray(value).dtype.kind in "iu", "whole numbers"),
    "file": rule(_is_file, "the name of a file, a file of pyNN.recording.files, or an open text file"),
    "io": rule(_is_output, "a name of a file, or a Neo IO"),
    "path": rule(lambda value: isinstance(value, str | os.PathLike) and os.fspath(value), "the name of a file"),
    "engine": rule(_is_engine, f"one of {', '.join(map(repr, ['default', *TEMPLATE_ENGINES]))}, or a class of such"),
    "template": rule(_or_none(_is_text), "a text, the name of a file of templates, or None"),
    "current_source": rule(lambda value: hasattr(value, "inject_into"), "a current source"),
    "location_selector": rule(lambda value: value is None, "None: the receptor type says where a synapse is"),
    "safe": TRUTH,
    "callback": rule(_or_none(callable), "None, or a function of the progress"),
    "allow_self_connections": rule(
        lambda value: _is_truth(value) or (_is_text(value) and value == "NoMutual"), "True, False or 'NoMutual'"
    ),
    "with_replacement": TRUTH,
    "distributed": TRUTH,
    "Connector.n": rule(
        lambda value: isinstance(value, RandomDistribution) or _is_count(value),
        "zero or a positive integer, or a RandomDistribution of such",
        lambda value: int(value) if is_integer(value) else value,
    ),
    "p_connect": _number("fraction"),
    "rewiring": _number("fraction"),
    "degree": _number("positive", None),
    "n_connections": rule(_or_none(_is_count), "a number of connections, or None"),
    "d_expression": _expression,
    "disp_function": _expression,
    "index_expression": rule(
        lambda value: isinstance(value, IndexBasedExpression) and callable(value), "an IndexBasedExpression"
    ),
    "array": rule(
        _is_array_of_truths,
        "an array of truth values (or of zeros and ones) of shape (size of pre, size of post)",
        lambda value: np.array(value, dtype=bool),
    ),
    "conn_list": _list_of_connections,
    "column_names": _column_names,
    "cset": rule(_is_connection_set, "a connection set of arity 0 or 2"),
}


def rule_for(owner: str, name: str) -> Rule | None:
    """The rule for an argument of a class, method or function; None if there is none."""
    return RULES.get(f"{owner}.{name}") or RULES.get(name)


def check_argument(owner: str, name: str, value: Any, kind: str = "") -> Any:
    """The value of an argument, refused if it breaks the rule for its name; `kind` is "Connector" for connectors,
    whatever they are called.
    """
    rule = rule_for(kind or owner, name)
    return value if rule is None else rule(owner, name, value)
