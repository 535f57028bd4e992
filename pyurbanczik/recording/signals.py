"""What has been recorded, as plain arrays, in memory or in a file: what Neo objects are built from."""

from datetime import datetime
from typing import NamedTuple

import numpy as np

from .zarr_arrays import Columns, Table, take_columns


class Samples(NamedTuple):
    """Samples of one variable on a grid of time."""

    name: str
    unit: str
    indices: np.ndarray  # cells or connections, one column each
    start: float  # ms
    interval: float  # ms
    data: np.ndarray | Columns  # (samples, columns)

    def select(self, wanted):
        """The columns of `wanted` (None: all); None if there are none."""
        if wanted is None:
            return self
        chosen = np.isin(self.indices, wanted)
        if chosen.all():
            return self
        if not chosen.any():
            return None
        return self._replace(indices=self.indices[chosen], data=take_columns(self.data, chosen))


class Spikes(NamedTuple):
    """Spikes of some cells, in order of time."""

    indices: np.ndarray  # the recorded cells
    start: float  # ms
    cell: np.ndarray
    time: np.ndarray  # ms

    def select(self, wanted):
        """The spikes of `wanted` (None: all); None if none of them is recorded."""
        if wanted is None:
            return self
        indices = np.intersect1d(self.indices, wanted)
        if not indices.size:
            return None
        keep = np.isin(self.cell, indices)
        return self._replace(indices=indices, cell=self.cell[keep], time=self.time[keep])


class StoredSpikes(NamedTuple):
    """Spikes of some cells, in a file."""

    indices: np.ndarray  # the recorded cells
    start: float  # ms
    table: Table

    def select(self, wanted):
        """The spikes of `wanted` (None: all); None if none of them is recorded."""
        indices = self.indices if wanted is None else np.intersect1d(self.indices, wanted)
        return self._replace(indices=indices) if indices.size else None


class StoredEvents(NamedTuple):
    """Values that belong to synaptic events, in a file."""

    name: str
    unit: str
    indices: np.ndarray  # the recorded connections
    tables: list  # of (Table, indices): who is in which


class Events(NamedTuple):
    """Values that belong to synaptic events, in order of time."""

    name: str
    unit: str
    indices: np.ndarray  # the recorded connections
    connection: np.ndarray
    time: np.ndarray  # ms
    value: np.ndarray


class Content(NamedTuple):
    """What one segment holds, as plain arrays."""

    number: int
    stop: float  # ms
    created: datetime
    samples: list
    spikes: object
    events: list
    annotations: dict

    def select(self, names, wanted):
        """Only the variables `names` of the cells or connections `wanted`; None stands for all."""
        samples = [s.select(wanted) for s in self.samples if names is None or s.name in names]
        keep_spikes = self.spikes is not None and (names is None or "spikes" in names)
        return self._replace(
            samples=[s for s in samples if s is not None],
            spikes=self.spikes.select(wanted) if keep_spikes else None,
            events=[e for e in self.events if names is None or e.name in names],
        )
