"""Distances of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN import space

from ..parameters import Entry, refuse

if TYPE_CHECKING:
    from ..projections import Projection


class Space(space.Space):
    """How distances between cells are measured, in the unit of their positions; that has no name, so that no
    quantities can be converted into it.

    Parameters
    ----------
    axes : str, optional
        Which axes count: "x", "y", "z", "xy", "yz", "xz" or "xyz" (all of them, the default).
    scale_factor : float
        By which positions of postsynaptic cells are multiplied, after `offset` has been added to them.
    offset : float or sequence of 3 floats
        Of the origin of the postsynaptic cells.
    periodic_boundaries : sequence of 3, optional
        For each axis None or its ends ``(low, high)``, which are the same place: distances are measured the shorter way
        round.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For values that are not allowed.
    """

    def __init__(
        self, axes: str | None = None, scale_factor: Any = 1.0, offset: Any = 0.0, periodic_boundaries: Any = None
    ) -> None:
        _check(type(self).__name__, axes, scale_factor, offset, periodic_boundaries)
        super().__init__(axes, float(scale_factor), offset, periodic_boundaries)

    def distances(self, A: np.ndarray, B: np.ndarray, expand: bool = False) -> np.ndarray:
        """Distances between all of the positions `A` and all of `B`.

        Parameters
        ----------
        A, B : array of shape (n, 3) or (3,)
            Presynaptic and postsynaptic positions.
        expand : bool
            Give the distances along each axis that counts instead.

        Returns
        -------
        array of shape (number of `A` * number of `B`,), one after the other for the first of `A`, then the next
        """
        A, B = (np.atleast_2d(np.asarray(positions, dtype=float)).T for positions in (A, B))
        squares = [self._along(axis, A[axis][:, np.newaxis], B[axis]) ** 2 for axis in self.axes]
        return np.sqrt(squares if expand else sum(squares)).ravel()

    def displacement(self, A: np.ndarray, B: np.ndarray) -> np.ndarray:
        """Position of `B`, as seen from `A`: arrays of shape (..., 3), which may be broadcast."""
        return np.stack([self._along(axis, A[..., axis], B[..., axis]) for axis in range(3)], axis=-1)

    def _along(self, axis, a, b):
        """The way from the coordinate `a` to the coordinate `b` of an axis."""
        offset = self.offset[axis] if np.ndim(self.offset) else self.offset
        way = self.scale_factor * (b + offset) - a
        ends = self.periodic_boundaries[axis] if self.periodic_boundaries is not None else None
        if ends is None:
            return way
        length = ends[1] - ends[0]
        return way - length * np.rint(way / length)


def own_space(given: Any) -> Space:
    """The space in which a projection measures distances: `given`, with its arguments checked, or the plain one."""
    if given is None:
        own = Space.__new__(Space)
        own.__dict__.update(PLAIN)
        return own
    if not isinstance(given, space.Space):
        refuse("Projection", "space", repr(given), "a Space, or None")
    if type(given) is not space.Space:
        return given
    own = Space.__new__(Space)
    own.__dict__.update(given.__dict__)
    _check("Space", None, own.scale_factor, own.offset, own.periodic_boundaries)
    return own


def displacements(projection: Projection, i: Any, j: Any) -> np.ndarray:
    """Displacements from the cells `i` of pre to the cells `j` of post, of shape (3, number of cells)."""
    here, there = projection.pre.positions.T[i], projection.post.positions.T[j]
    own = getattr(projection.space, "displacement", None)
    return (own(here, there) if own else there - here).T


def _check(owner, axes, scale_factor, offset, periodic_boundaries):
    if not (axes is None or (isinstance(axes, str) and axes in space.Space.AXES)):
        names = ", ".join(repr(name) for name in space.Space.AXES if name)
        refuse(owner, "axes", repr(axes), f"None, or one of {names}")
    if Entry(owner, "scale_factor", unit="dimensionless").number(scale_factor) == 0:
        refuse(owner, "scale_factor", repr(scale_factor), "a finite number that is not 0")
    if np.shape(Entry(owner, "offset").take(offset)) not in ((), (3,)):
        refuse(owner, "offset", repr(offset), "a finite number, or one for each of the three axes")
    allowed = "None, or for each of the three axes None or (low, high) with low < high"
    if periodic_boundaries is not None:
        is_sequence = isinstance(periodic_boundaries, list | tuple) or getattr(periodic_boundaries, "ndim", 0) > 0
        if not is_sequence or len(periodic_boundaries) != 3:
            refuse(owner, "periodic_boundaries", repr(periodic_boundaries), allowed)
        for ends in periodic_boundaries:
            if ends is None:
                continue
            ends = Entry(owner, "periodic_boundaries").take(ends)
            if np.shape(ends) != (2,) or not ends[0] < ends[1]:
                refuse(owner, "periodic_boundaries", repr(periodic_boundaries), allowed)


# The attributes of a space of which nothing is said.
PLAIN = vars(Space())
