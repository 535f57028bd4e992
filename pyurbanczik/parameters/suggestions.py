"""What a misspelt name may have meant."""

import difflib
import functools
import inspect
import re
from collections.abc import Callable, Iterable
from typing import Any

UNEXPECTED = re.compile(r"got an unexpected keyword argument '(\w+)'")


def close_to(name: object, names: Iterable[object]) -> str:
    """What to add to an error: the name that is most similar to a wrong one, or nothing if none is."""
    offered = list(dict.fromkeys(map(str, names)))
    by_lower_case = {one.lower(): one for one in reversed(offered)}
    close = difflib.get_close_matches(str(name).lower(), by_lower_case, 1)
    return f"; did you mean {by_lower_case[close[0]]!r}?" if close else ""


def suggesting(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, whose errors for an argument that it does not have name one that is similar."""
    own = list(inspect.signature(function).parameters)

    @functools.wraps(function)
    def call(*arguments, **keywords):
        try:
            return function(*arguments, **keywords)
        except TypeError as error:
            wrong = UNEXPECTED.search(str(error))
            if wrong and wrong[1] in keywords and wrong[1] not in own and "; did you mean" not in str(error):
                raise TypeError(f"{error}{close_to(wrong[1], own)}") from None
            raise

    return call


def suggest_arguments(namespace: dict[str, Any], package: str) -> None:
    """Let what is public in a namespace, and made in the package, suggest arguments: functions, and constructors of
    classes. Those that take any name check names themselves.
    """
    for name, thing in list(namespace.items()):
        if name.startswith("_") or not getattr(thing, "__module__", "").startswith(package):
            continue
        if isinstance(thing, type):
            own = thing.__dict__.get("__init__")
            if inspect.isfunction(own) and _has_fixed_arguments(own):
                thing.__init__ = suggesting(own)
        elif inspect.isfunction(thing) and _has_fixed_arguments(thing):
            namespace[name] = suggesting(thing)


def _has_fixed_arguments(function):
    return all(p.kind is not p.VAR_KEYWORD for p in inspect.signature(function).parameters.values())
