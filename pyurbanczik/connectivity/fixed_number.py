"""Connectors that make a given number of connections."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN import connectors
from pyNN.random import NumpyRNG, RandomDistribution

from backend_cython.numerics.redraws import alternating_integers

from ..parameters import InvalidConnectionError
from ..parameters.changes import draws_undone
from ..simulation import simulator
from .base import CheckedConnector, allowed_pairs, arguments_of, columns_from
from .connection_list import as_one_process, same_cells

if TYPE_CHECKING:
    from ..projections import Projection

COUNT = "zero or a positive integer"


class _FixedNumberConnector(CheckedConnector):
    def prepare(self) -> None:
        super().prepare()
        if isinstance(self.n, RandomDistribution):
            # a sample, as PyNN draws it, so that the numbers that follow are those of PyNN
            with draws_undone(self.n):
                for number in self.n.next(100):
                    self._count(number)

    def get_parameters(self) -> dict[str, Any]:
        return {**super().get_parameters(), "with_replacement": self.with_replacement}

    def _count(self, number):
        """A number of connections, as drawn from `n`."""
        if not (np.isfinite(number) and number >= 0 and number == int(number)):
            self.refuse("n", f"{self.n}, which yields {number:g},", COUNT)
        return int(number)

    def _impossible(self, n, what):
        raise InvalidConnectionError(f"{type(self).__name__}.n: {n} connections are not allowed; {what}")

    def _by_rows(self, counts, projection, of_sources):
        """For each row (a target, or with `of_sources` a source) as many cells of the other side as `counts` says.

        `counts` yields ``(row, number)``.
        """
        pre_of_post, post_of_pre = same_cells(projection)
        itself, row_of = (post_of_pre, pre_of_post) if of_sources else (pre_of_post, post_of_pre)
        size = projection.post.size if of_sources else projection.pre.size
        taken = {}  # for "NoMutual": which cells are connected to that of a row already
        for row, n in counts:
            forbidden = []
            if self.allow_self_connections is not True and itself[row] >= 0:
                forbidden = [itself[row], *taken.get(row, ())]
            chosen = self._choose(n, size, forbidden)
            if self.allow_self_connections == "NoMutual" and itself[row] >= 0:
                for other in set(row_of[chosen].tolist()) - {-1}:
                    taken.setdefault(other, set()).add(itself[row])
            yield chosen

    def _choose(self, n, size, forbidden):
        """`n` of the numbers below `size` without the `forbidden` ones, which differ."""
        n_allowed = size - len(forbidden)
        if n and not n_allowed:
            self._impossible(n, "a cell has none that it may be connected with")
        if not self.with_replacement:
            full_sets, rest = divmod(n, max(n_allowed, 1))
            allowed = np.delete(np.arange(size), forbidden) if len(forbidden) else np.arange(size)
            sets = [allowed] * full_sets
            if rest:
                sets.append(self.rng.permutation(allowed)[:rest])
            return np.concatenate(sets) if sets else allowed[:0]
        chosen = np.empty(n, dtype=int)
        missing = np.arange(n)
        while missing.size:
            chosen[missing] = self.rng.next(missing.size, "uniform_int", {"low": 0, "high": size}, mask=None)
            missing = missing[np.isin(chosen[missing], forbidden)] if len(forbidden) else missing[:0]
        return chosen


class FixedNumberPostConnector(_FixedNumberConnector, connectors.FixedNumberPostConnector):
    """Connects each presynaptic cell to a number of postsynaptic cells, chosen at random.

    Parameters
    ----------
    n : int or RandomDistribution
        The number, which may be drawn for each presynaptic cell.
    allow_self_connections, with_replacement, rng, location_selector, safe, callback
        As for :class:`FixedNumberPreConnector`, which raises the same errors as well.
    """

    __init__ = arguments_of(connectors.FixedNumberPostConnector)

    def connect(self, projection: Projection) -> None:
        """Connect up a projection."""
        n_pre = projection.pre.size
        counts = (
            (i, self._count(self.n.next())) if isinstance(self.n, RandomDistribution) else (i, self.n)
            for i in range(n_pre)
        )
        targets = list(self._by_rows(counts, projection, of_sources=True))
        sources = np.repeat(np.arange(n_pre), [len(chosen) for chosen in targets])
        pairs = sources, np.concatenate([*targets, np.empty(0, dtype=int)])
        self._connect_pairs(projection, *_agreed(self, projection, pairs))


class FixedNumberPreConnector(_FixedNumberConnector, connectors.FixedNumberPreConnector):
    """Connects each postsynaptic cell to a number of presynaptic cells, chosen at random.

    Parameters
    ----------
    n : int or RandomDistribution
        The number, which may be drawn for each postsynaptic cell.
    allow_self_connections : bool or "NoMutual"
        Whether a cell may be connected to itself; "NoMutual": nor a pair of cells in both directions.
    with_replacement : bool
        If True, all choices are independent, so that there may be several connections between two cells. If False,
        no cell is chosen again before all others have been chosen.
    rng : pyNN.random.AbstractRNG, optional
        Decides on the connections.
    location_selector, safe, callback
        As for :class:`FixedProbabilityConnector`.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For values that are not allowed: also when a projection is made, for what a distribution yields then.
    pyNN.errors.ConnectionError
        When a projection is made in which a cell has none that it may be connected with.
    """

    __init__ = arguments_of(connectors.FixedNumberPreConnector)

    def connect(self, projection: Projection) -> None:
        """Connect up a projection."""
        if self.allow_self_connections == "NoMutual" and not self.rng.parallel_safe:
            # no process knows what the others connect
            columns = list(self._columns(projection))
            self._standard_connect(projection, columns_from(_agreed(self, projection, columns)))
        else:
            self._standard_connect(projection, lambda mask=None: self._columns(projection, mask))

    def _columns(self, projection, mask=None):
        n_post = projection.post.size
        targets = np.arange(n_post) if mask is None else np.flatnonzero(mask)
        if not isinstance(self.n, RandomDistribution):
            numbers = repeat(self.n)
        elif mask is not None and self.n.rng.parallel_safe:
            numbers = self.n.next(n_post)[mask]
        else:
            numbers = self.n.next(len(targets))
        counts = ((target, self._count(number)) for target, number in zip(targets, numbers))
        # only when the first column is asked for, as in PyNN: parameters may have the same generator
        yield from self._by_rows(counts, projection, of_sources=False)


class FixedTotalNumberConnector(_FixedNumberConnector, connectors.FixedTotalNumberConnector):
    """Makes a number of connections between pairs of cells, chosen at random.

    Parameters
    ----------
    n : int or RandomDistribution
        The number of all connections.
    with_replacement : bool
        If True (the default), all choices are independent, so that there may be several connections between two
        cells. If False, no pair is chosen again before all others have been chosen.
    allow_self_connections, rng, location_selector, safe, callback
        As for :class:`FixedNumberPreConnector`, which raises the same errors as well.
    """

    __init__ = arguments_of(connectors.FixedTotalNumberConnector)

    def connect(self, projection: Projection) -> None:
        """Connect up a projection."""
        n = self._count(self.n.next()) if isinstance(self.n, RandomDistribution) else self.n
        pairs = _agreed(self, projection, self._pairs(projection, n))
        with as_one_process(projection):
            self._connect_pairs(projection, *pairs)

    def _pairs(self, projection, n):
        """Sources and targets of `n` connections."""
        shape = projection.shape
        allowed = None
        if self.allow_self_connections is not True:
            allowed = allowed_pairs(projection, self.allow_self_connections)
        n_allowed = shape[0] * shape[1] if allowed is None else np.count_nonzero(allowed)
        if n and not n_allowed:
            self._impossible(n, "there is no pair of cells that may be connected")
        if self.with_replacement:
            return self._draw(n, shape, allowed)
        full_sets, rest = divmod(n, max(n_allowed, 1))
        pairs = self._different(rest, shape, allowed)
        if full_sets:
            every = np.arange(n_allowed) if allowed is None else np.flatnonzero(allowed)
            pairs = np.concatenate([*[every] * full_sets, pairs])
        return np.divmod(pairs, shape[1])

    def _draw(self, n, shape, allowed):
        """`n` pairs, each drawn from all that are allowed."""
        pairs = self._draw_any(n, shape)
        if allowed is not None:
            wrong = np.flatnonzero(~allowed[pairs[0], pairs[1]])
            while wrong.size:
                pairs[:, wrong] = again = self._draw_any(wrong.size, shape)
                wrong = wrong[~allowed[again[0], again[1]]]
        return pairs

    def _draw_any(self, n, shape):
        """`n` pairs, the same as PyNN draws."""
        rng = self.rng
        n = int(rng.next(None, "binomial", {"n": n, "p": 1.0}))
        if type(rng) is NumpyRNG:
            return alternating_integers(rng.rng, n, shape)
        targets = np.arange(shape[1])
        pairs = [
            (rng.next(1, "uniform_int", {"low": 0, "high": shape[0]}, mask=None)[0], rng.choice(targets, size=1)[0])
            for _ in range(n)
        ]
        return np.array(pairs, dtype=np.int64).reshape(n, 2).T

    def _different(self, n, shape, allowed):
        """`n` different pairs (less than are allowed), as numbers, in the order in which they are drawn first."""
        found = np.empty(0, dtype=np.int64)
        while len(found) < n:
            sources, targets = self._draw(n, shape, allowed)
            found = np.concatenate([found, sources.astype(np.int64) * shape[1] + targets])
            found = found[np.sort(np.unique(found, return_index=True)[1])]
        return found[:n]


def _agreed(connector, projection, chosen):
    """The connections on which all processes agree: those of process 0, if each has random numbers of its own."""
    processes = simulator.state.processes
    if processes is None or connector.rng.parallel_safe:
        return chosen
    return processes.share(f"connect {projection.label}", chosen)[0]
