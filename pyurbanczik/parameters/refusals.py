"""The errors that refuse what users give.

They are those of :mod:`pyNN.errors`, and name the class, the parameter, the value and what is allowed.
"""

from collections.abc import Iterable
from typing import Any, NoReturn

from pyNN import errors

from .suggestions import close_to


class InvalidConnectionError(errors.ConnectionError, errors.InvalidParameterValueError):
    """A connection that cannot exist: both a `ConnectionError` of PyNN and a `ValueError`."""


class NonExistentParameterError(errors.NonExistentParameterError):
    """A name that a model does not have."""

    def __str__(self):
        return (
            f"{self.model_name} has no parameter {self.parameter_name!r}; it has "
            f"{', '.join(self.valid_parameter_names) or 'none'}"
            f"{close_to(self.parameter_name, self.valid_parameter_names)}"
        )


def refuse(owner: str | None, name: str, value: object, allowed: str) -> NoReturn:
    """Raise the error for an impossible value of a parameter."""
    raise errors.InvalidParameterValueError(f"{owner}.{name}: {value} is not allowed; it must be {allowed}")


def refuse_choice(owner: str, name: str, value: object, choices: Iterable[Any], of: str = "") -> NoReturn:
    """Raise the error for a value that is none of those that there are, of something that is named if `of` is."""
    choices = list(choices)
    refuse(owner, name, repr(value), f"one of {', '.join(map(repr, choices))}{of}{close_to(value, choices)}")


def check_choice(owner: str, name: str, value: Any, choices: Iterable[Any]) -> None:
    """Refuse `value` unless it is one of `choices`."""
    if not any(type(value) is type(choice) and value == choice for choice in choices):
        refuse_choice(owner, name, value, choices)
