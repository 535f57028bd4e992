"""The errors that refuse what users give.

They are those of :mod:`pyNN.errors`, and name the class, the parameter, the value and what is allowed.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Any, NoReturn

from pyNN import errors

from .suggestions import close_to


class InvalidConnectionError(errors.ConnectionError, errors.InvalidParameterValueError):
    """A connection that cannot exist: both a `ConnectionError` of PyNN and a `ValueError`."""


class NonExistentParameterError(errors.NonExistentParameterError, AttributeError):
    """A name that a model does not have, nor its cells or connections as an attribute: `hasattr` answers False."""

    KIND = "parameter"

    def __str__(self):
        return (
            f"{self.model_name} has no {self.KIND} {self.parameter_name!r}; it has "
            f"{', '.join(self.valid_parameter_names) or 'none'}"
            f"{close_to(self.parameter_name, self.valid_parameter_names)}"
        )


class NonExistentStateError(NonExistentParameterError):
    """A name of which a model has no state variable."""

    KIND = "state variable"


class InvalidPartError(errors.InvalidParameterValueError, TypeError):
    """What is given as a part of a cell and is none: both PyNN's error for values and a `TypeError`."""


def refuse(owner: str | None, name: str, value: object, allowed: str) -> NoReturn:
    """Raise the error for an impossible value of a parameter."""
    raise errors.InvalidParameterValueError(f"{owner}.{name}: {value} is not allowed; it must be {allowed}")


def refuse_choice(owner: str, name: str, value: object, choices: Iterable[Any], of: str = "") -> NoReturn:
    """Raise the error for a value that is none of those that there are, of something that is named if `of` is."""
    choices = list(choices)
    refuse(owner, name, repr(value), f"one of {', '.join(map(repr, choices))}{of}{close_to(value, choices)}")


def optional(module: str, owner: str, extra: str) -> Any:
    """Import a module that only some need; an ImportError says how to install it."""
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise ImportError(f'{owner} needs the package {package}: pip install "pyurbanczik[{extra}]"') from error


def check_choice(owner: str, name: str, value: Any, choices: Iterable[Any]) -> None:
    """Refuse `value` unless it is one of `choices`."""
    if not any(type(value) is type(choice) and value == choice for choice in choices):
        refuse_choice(owner, name, value, choices)
