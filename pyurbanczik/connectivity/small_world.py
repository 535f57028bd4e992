"""Small-world connectivity, which PyNN declares but does not implement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN import connectors
from pyNN.connectors import Connector
from pyNN.parameters import LazyArray

from .base import CheckedConnector, allowed_pairs, arguments_of
from .connection_list import same_cells

if TYPE_CHECKING:
    from ..projections import Projection


class SmallWorldConnector(CheckedConnector, connectors.SmallWorldConnector, connectors.MapConnector):
    """Connects cells with their neighbourhood, and rewires some of these connections to anywhere.

    Each presynaptic cell is connected to all cells (or `n_connections` of them at random) that are nearer than
    `degree`. Each connection is then, with probability `rewiring`, led to another cell, drawn uniformly from those to
    which its source is not connected yet.

    Parameters
    ----------
    degree : float
        Distance, in the units of the space, below which cells are neighbours; positive.
    rewiring : float
        Probability of rewiring a connection, from 0 to 1.
    allow_self_connections : bool or "NoMutual"
        Whether a cell may be connected to itself; "NoMutual": nor a pair of cells in both directions.
    n_connections : int, optional
        Largest number of connections from a cell.
    rng : pyNN.random.AbstractRNG, optional
        Decides on the connections.
    location_selector, safe, callback
        As for :class:`FixedProbabilityConnector`.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For values that are not allowed.

    References
    ----------
    .. [1] Watts DJ, Strogatz SH (1998) Collective dynamics of 'small-world' networks. Nature 393:440–442.
    """

    __init__ = arguments_of(connectors.SmallWorldConnector)

    @classmethod
    def adopt(cls, connector: Connector) -> Any:
        own = super().adopt(connector)
        # PyNN keeps the text of an expression only
        own.degree = own.check("degree", float(connector.d_expression.removeprefix("d < ")))
        return own

    def connect(self, projection: Projection) -> None:
        """Connect up a projection."""
        distance = self._generate_distance_map(projection)
        pre_of_post, post_of_pre = same_cells(projection)
        allowed = allowed_pairs(projection, self.allow_self_connections is True)
        connected = np.zeros(projection.shape, dtype=bool)
        for source in range(projection.pre.size):
            self._connect_from(source, distance[source, :] < self.degree, allowed, connected)
            if self.allow_self_connections == "NoMutual" and post_of_pre[source] >= 0:
                back = pre_of_post[connected[source]]
                allowed[back[back >= 0], post_of_pre[source]] = False
        self._connect_with_map(projection, LazyArray(connected), distance)

    def _connect_from(self, source, near, allowed, connected):
        targets = np.flatnonzero(near & allowed[source])
        if self.n_connections is not None and self.n_connections < targets.size:
            targets = self.rng.permutation(targets)[: self.n_connections]
        connected[source, targets] = True
        if not targets.size:
            return
        for target in targets[self.rng.next(targets.size) < self.rewiring]:
            free = np.flatnonzero(allowed[source] & ~connected[source])
            if free.size:
                chosen = free[min(int(self.rng.next() * free.size), free.size - 1)]
                connected[source, [target, chosen]] = False, True
