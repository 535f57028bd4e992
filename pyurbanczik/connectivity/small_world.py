"""Small-world connectivity, which PyNN declares but does not implement."""

import numpy as np
from pyNN import connectors
from pyNN.parameters import LazyArray

from ..parameters import is_number, refuse


class SmallWorldConnector(connectors.SmallWorldConnector, connectors.MapConnector):
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
        As for the other connectors of PyNN.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For values that are not allowed.

    References
    ----------
    .. [1] Watts DJ, Strogatz SH (1998) Collective dynamics of 'small-world' networks. Nature 393:440–442.
    """

    def __init__(
        self,
        degree,
        rewiring,
        allow_self_connections=True,
        n_connections=None,
        location_selector=None,
        rng=None,
        safe=True,
        callback=None,
    ):
        owner = type(self).__name__
        if not is_number(degree) or not degree > 0:
            refuse(owner, "degree", repr(degree), "a positive distance")
        if not is_number(rewiring) or not 0 <= rewiring <= 1:
            refuse(owner, "rewiring", repr(rewiring), "a probability, from 0 to 1")
        if n_connections is not None and (not isinstance(n_connections, int | np.integer) or n_connections < 0):
            refuse(owner, "n_connections", repr(n_connections), "a number of connections, or None")
        if allow_self_connections not in (True, False, "NoMutual"):
            refuse(owner, "allow_self_connections", repr(allow_self_connections), "True, False or 'NoMutual'")
        super().__init__(
            degree, rewiring, allow_self_connections, n_connections, location_selector, rng, safe, callback
        )
        self.degree = degree

    def connect(self, projection):
        """Connect up a projection."""
        distance = self._generate_distance_map(projection)
        allowed = np.ones(projection.shape, dtype=bool)
        if self.allow_self_connections is not True:
            allowed = projection.pre.all_cells[:, np.newaxis] != projection.post.all_cells
        connected = np.zeros(projection.shape, dtype=bool)
        for source in range(projection.pre.size):
            self._connect_from(source, distance[source, :] < self.degree, allowed, connected)
            if self.allow_self_connections == "NoMutual" and projection.pre == projection.post:
                allowed[:, source] &= ~connected[source]
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
