"""Changes that happen as a whole or not at all.

A change is a generator: up to its ``yield`` it checks what it was given and takes the memory that it needs, after it
nothing can be refused any more. So one method reads from top to bottom, and several changes can be one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from functools import wraps
from typing import Any

from pyNN import errors
from pyNN.random import WrappedRNG

from backend_cython.model.schema import OutOfBounds


def together(changes: Iterable[Iterator[None]]) -> Iterator[None]:
    """One change of several."""
    changes = list(changes)
    for change in changes:
        next(change)
    yield
    for change in changes:
        next(change, None)


def carry_out(changes: Iterable[Iterator[None]]) -> None:
    """Let all of several changes check what they were given; if none refuses it, let all of them happen."""
    for _ in together(changes):
        pass


@contextmanager
def refused_as_value(terms: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Let a refusal of the core, which knows nothing of PyNN, be one of PyNN's errors.

    Parameters
    ----------
    terms : dict, optional
        ``{name: Term}`` of the parameters, under whose names and in whose units the message speaks.
    """
    try:
        yield
    except OutOfBounds as error:
        for name, term in (terms or {}).items():
            if term.core == error.name:
                error = error.under(name, term.factor, term.unit)
                break
        raise errors.InvalidParameterValueError(str(error)) from None
    except ValueError as error:
        raise errors.InvalidParameterValueError(str(error)) from None


@contextmanager
def draws_undone(*values: Any) -> Iterator[None]:
    """If what is done within is refused, the generators of `values` (random values, connectors or generators) stand
    where they stood before.
    """
    generators = {id(rng): rng for value in values for rng in _generators_of(value)}.values()
    before = [deepcopy(_position(rng)) for rng in generators]
    try:
        yield
    except BaseException:
        for rng, position in zip(generators, before):
            if hasattr(rng, "bit_generator"):
                rng.bit_generator.state = position
            else:
                rng.set_state(position)
        raise


def undoing_draws(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function undo the draws of its arguments if it refuses them."""

    @wraps(function)
    def call(*arguments, **keywords):
        with draws_undone(*arguments[1:], *keywords.values()):
            return function(*arguments, **keywords)

    return call


def _generators_of(value):
    """NumPy's generators with which a value will be drawn, or a connector draws."""
    while hasattr(value, "base_value"):
        value = value.base_value
    # connectors may draw the number of connections with another one
    for drawn in (value, getattr(value, "n", None)):
        rng = drawn if isinstance(drawn, WrappedRNG) else getattr(drawn, "rng", None)
        if isinstance(rng, WrappedRNG):
            yield rng.rng


def _position(rng):
    return rng.bit_generator.state if hasattr(rng, "bit_generator") else rng.get_state()
