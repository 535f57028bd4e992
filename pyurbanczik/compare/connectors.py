"""PyNN's connectors, which newer versions of NumPy keep from connecting a single presynaptic cell."""

from __future__ import annotations

import functools

import numpy as np
from pyNN.connectors import MapConnector

from .faults import mended


def mend_connectors() -> None:
    """Let masks of one cell be arrays, in all simulators of PyNN."""
    connect = MapConnector._standard_connect
    if hasattr(connect, "__wrapped__"):
        return

    @functools.wraps(connect)
    def _standard_connect(self, projection, connection_map_generator, distance_map=None):
        def masks(*arguments):
            for mask in connection_map_generator(*arguments):
                if mask is not True and np.ndim(mask) == 0 and projection.pre.size == 1:
                    mended("single-cell-view")
                    mask = np.atleast_1d(mask)
                yield mask

        return connect(self, projection, masks, distance_map)

    MapConnector._standard_connect = _standard_connect
