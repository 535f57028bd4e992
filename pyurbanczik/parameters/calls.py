"""Functions and methods whose arguments are checked before they are called."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from .arguments import check_argument, rule_for


def checked(function: Callable[..., Any], owner: str) -> Any:
    """`function`, whose arguments are checked first; itself, if there is no rule for any of them."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return function
    ruled = {parameter.name for parameter in parameters if rule_for(owner, parameter.name)}
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

    call.checks_arguments = True  # type: ignore[attr-defined]
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
