"""Changes that happen as a whole or not at all.

A change is a generator: up to its ``yield`` it checks what it was given and takes the memory that it needs, after it
nothing can be refused any more. So one method reads from top to bottom, and several changes can be one.
"""

from contextlib import contextmanager
from copy import deepcopy

from pyNN import errors
from pyNN.random import RandomDistribution, WrappedRNG


def together(changes):
    """One change of several."""
    changes = list(changes)
    for change in changes:
        next(change)
    yield
    for change in changes:
        next(change, None)


def carry_out(changes):
    """Let all of several changes check what they were given; if none refuses it, let all of them happen."""
    for _ in together(changes):
        pass


@contextmanager
def refused_as_value():
    """Let a refusal of the core, which knows nothing of PyNN, be one of PyNN's errors."""
    try:
        yield
    except ValueError as error:
        raise errors.InvalidParameterValueError(str(error)) from None


@contextmanager
def draws_undone(*values):
    """If what is done within is refused, the generators of random `values` stand where they stood before."""
    generators = {id(rng): rng for rng in map(_generator_of, values) if rng is not None}.values()
    before = [deepcopy(rng.rng.__getstate__()) for rng in generators]
    try:
        yield
    except BaseException:
        for rng, position in zip(generators, before):
            rng.rng.__setstate__(position)
        raise


def _generator_of(value):
    """The generator with which a value will be drawn, if its position can be told."""
    while hasattr(value, "base_value"):
        value = value.base_value
    if isinstance(value, RandomDistribution):
        value = value.rng
    return value if isinstance(value, WrappedRNG) and hasattr(value.rng, "__setstate__") else None
