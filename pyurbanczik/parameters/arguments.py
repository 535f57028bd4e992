"""What arguments of public methods may be, by their names: one rule for all methods that have one of that name.

Many of these methods are PyNN's, which take anything and fail somewhere inside.
"""

import functools
import inspect
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from neo.core.baseneo import BaseNeo
from pyNN.common import IDMixin
from pyNN.common.populations import Assembly, BasePopulation
from pyNN.descriptions import TEMPLATE_ENGINES, TemplateEngine
from pyNN.random import AbstractRNG
from pyNN.recording import Variable

from .entries import refuse
from .units import Unfit, is_integer, numbers


def _is_name(value):
    # the latter are those that PyNN makes of a name and a location
    return isinstance(value, str | Variable)


def _are_names(value):
    return _is_name(value) or (isinstance(value, (list, tuple, set, frozenset)) and all(map(_is_name, value)))


def _is_flag(value):
    return isinstance(value, (bool, np.bool_)) or (isinstance(value, int) and value in (0, 1))


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


def _is_file(value):
    return isinstance(value, (str, os.PathLike)) or hasattr(value, "write")


def _are_annotations(value):
    # which refuses what it could not hold later on
    return isinstance(value, Mapping) and BaseNeo().annotate(**value) is None


def _is_engine(value):
    if isinstance(value, type):
        return issubclass(value, TemplateEngine)
    return _is_text(value) and value in ("default", *TEMPLATE_ENGINES)


def _or_none(test):
    return lambda value: value is None or test(value)


NAMES = (_are_names, "a name, or a list of names")
FLAG = (_is_flag, "True or False")
RULES = {
    "variables": NAMES,
    # None stops recording
    "Population.record.variables": (_or_none(_are_names), NAMES[1]),
    "PopulationView.record.variables": (_or_none(_are_names), NAMES[1]),
    "Assembly.record.variables": (_or_none(_are_names), NAMES[1]),
    "Network.record.variables": (_or_none(_are_names), NAMES[1]),
    "parameter_names": NAMES,
    "attribute_names": NAMES,
    "annotation_keys": NAMES,
    "variable": (_is_name, "a name"),
    "parametername": (_is_text, "a name"),
    "name": (_is_text, "a name"),
    "label": (_or_none(_is_text), "a text"),
    "receptor_type": (_or_none(_is_text), "the name of a receptor, or None"),
    "Projection.source": (lambda value: value is None or (_is_text(value) and value == "spikes"), "None or 'spikes'"),
    "cellparams": (_or_none(lambda value: isinstance(value, Mapping)), "a dictionary, or None"),
    "initial_values": (_or_none(lambda value: isinstance(value, Mapping)), "a dictionary, or None"),
    "location": (_or_none(_is_text), "the name of a compartment, or None"),
    "locations": (_or_none(_are_texts), "names of compartments, or None"),
    "simplify": FLAG,
    "clear": FLAG,
    "with_address": FLAG,
    "include_spike_source": FLAG,
    "gather": (lambda value: _is_flag(value) or value == "all", FLAG[1]),
    "annotations": (
        _or_none(_are_annotations),
        "a dictionary of numbers, texts, times, and lists and dictionaries of such",
    ),
    "n": (_is_count, "a number of cells"),
    "rng": (_or_none(lambda value: isinstance(value, AbstractRNG)), "a random number generator of PyNN, or None"),
    "position": (_is_position, "three finite numbers"),
    "id": (_are_ids, "a cell, or several cells"),
    "cells": (_are_cells, "a population, view or assembly, or a list of cells"),
    "indices": (lambda value: np.asarray(value).dtype.kind in "iu", "whole numbers"),
    "file": (_is_file, "a name of a file, or a file of pyNN.recording.files"),
    "io": (_is_file, "a name of a file, or a Neo IO"),
    "engine": (_is_engine, f"one of {', '.join(map(repr, ['default', *TEMPLATE_ENGINES]))}, or a class of such"),
    "template": (_or_none(_is_text), "a text, the name of a file of templates, or None"),
    "current_source": (lambda value: hasattr(value, "inject_into"), "a current source"),
}


def check_argument(owner: str, name: str, value: Any) -> None:
    """Refuse an argument that breaks the rule for its name."""
    test, allowed = RULES.get(f"{owner}.{name}") or RULES[name]
    try:
        good = bool(test(value))
    except (TypeError, ValueError):
        good = False
    if not good:
        refuse(owner, name, repr(value), allowed)


def checked(function: Callable[..., Any], owner: str) -> Any:
    """`function`, whose arguments are checked first; itself, if there is no rule for any of them."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return function
    ruled = {parameter.name for parameter in parameters if {parameter.name, f"{owner}.{parameter.name}"} & RULES.keys()}
    if not ruled:
        return function
    # behind these, `*arguments` take what comes by its place, and `**keywords` what has a name of its own
    by_place = [parameter.name for parameter in parameters if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]
    by_name = {*by_place, *(parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY)}
    others = [parameter.name for parameter in parameters if parameter.kind is parameter.VAR_KEYWORD]

    @functools.wraps(function)
    def call(*arguments, **keywords):
        given = dict(zip(by_place, arguments))
        given.update((name, value) for name, value in keywords.items() if name in by_name)
        for name in others:
            given[name] = {key: value for key, value in keywords.items() if key not in by_name}
        for name in ruled & given.keys():
            check_argument(owner, name, given[name])
        return function(*arguments, **keywords)

    call.checks_arguments = True
    return call


def check_arguments_of(*classes: type) -> None:
    """Let the making of objects of these classes, and the public methods, PyNN's included, check their arguments."""
    for cls in classes:
        for name in dir(cls):
            method = inspect.getattr_static(cls, name)
            public = name == "__init__" or not name.startswith("_")
            if not public or not inspect.isfunction(method) or hasattr(method, "checks_arguments"):
                continue
            replaced = checked(method, cls.__name__ if name == "__init__" else f"{cls.__name__}.{name}")
            if replaced is not method:
                setattr(cls, name, replaced)
