"""How cells lie in space: the structures of PyNN, whose arguments are checked when they are given."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from pyNN import space

from ..parameters import Entry, arguments, check_choice, refuse

# The others are finite numbers, or arrays of such.
ALLOWED = {
    **dict.fromkeys(("aspect_ratio", "aspect_ratioXY", "aspect_ratioXZ", "aspect_ratios"), "positive"),
    **dict.fromkeys(("radius", "width", "height", "depth"), "non-negative"),
}


def check_argument(owner: str, name: str, value: Any) -> None:
    """Refuse what an argument of a structure or of a volume cannot be."""
    if name == "fill_order":
        check_choice(owner, name, value, ("sequential", "random"))
    elif name == "rng":
        arguments.check_argument(owner, name, value)
    elif name == "boundary":
        if not isinstance(value, space.Shape):
            refuse(owner, name, repr(value), "a volume, such as a Sphere or a Cuboid")
    else:
        entry = Entry(owner, name, ALLOWED.get(name, "finite"))
        numbers = entry.check(entry.convert(value))
        if name == "origin" and np.shape(numbers) != (3,):
            refuse(owner, name, repr(value), "the three coordinates of a point")


def check_structure(structure: Any, size: int) -> None:
    """Refuse what is no structure for `size` cells. One of PyNN's own classes may have been given anything."""
    if not isinstance(structure, space.BaseStructure):
        refuse("Population", "structure", repr(structure), "a structure of pyNN.space")
    for owner in (structure, getattr(structure, "boundary", None)):
        if type(owner).__module__ == space.__name__:
            for name, value in vars(owner).items():
                check_argument(type(owner).__name__, name, value)
    if isinstance(structure, space.Grid2D | space.Grid3D):
        try:
            structure.calculate_size(size)
        except Exception:
            refuse("Population", "structure", repr(structure), f"a grid that {size} cells fill")


def _checking(pynn_class: type) -> Callable[..., None]:
    """The ``__init__`` of a class of PyNN, which checks its arguments."""

    @functools.wraps(pynn_class.__init__)
    def __init__(self, *args, **kwargs):
        try:
            given = signature.bind(self, *args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{pynn_class.__name__}: {error}") from None
        for name, value in list(given.arguments.items())[1:]:
            check_argument(type(self).__name__, name, value)
        pynn_class.__init__(self, *args, **kwargs)

    signature = inspect.signature(pynn_class.__init__)
    return __init__


class Line(space.Line):
    __doc__ = space.Line.__doc__
    __init__ = _checking(space.Line)


class Grid2D(space.Grid2D):
    __doc__ = space.Grid2D.__doc__
    __init__ = _checking(space.Grid2D)


class Grid3D(space.Grid3D):
    __doc__ = space.Grid3D.__doc__
    __init__ = _checking(space.Grid3D)


class RandomStructure(space.RandomStructure):
    __doc__ = space.RandomStructure.__doc__
    __init__ = _checking(space.RandomStructure)


class Cuboid(space.Cuboid):
    __doc__ = space.Cuboid.__doc__
    __init__ = _checking(space.Cuboid)


class Sphere(space.Sphere):
    __doc__ = space.Sphere.__doc__
    __init__ = _checking(space.Sphere)
