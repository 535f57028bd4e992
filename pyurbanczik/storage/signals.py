"""What has been recorded, as arrays, in memory or in a file: what Neo objects are built from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from .zarr_arrays import Columns, Table, take_columns

# The columns that a signal of each kind has in a file, in this order, and the types of their numbers.
COLUMNS = {
    "samples": {"value": "float64"},
    "spikes": {"cell": "int32", "time": "float64"},
    "events": {"connection": "int64", "time": "float64", "value": "float64"},
}


class SampledSignal(NamedTuple):
    """Samples of one variable on a grid of time."""

    name: str
    unit: str
    indices: np.ndarray  # cells or connections, one column each
    start: float  # ms
    interval: float  # ms
    data: Any  # a NumPy array or `Columns`, shape (samples, columns)

    @property
    def kind(self) -> str:
        return "samples"

    @property
    def attributes(self) -> dict[str, Any]:
        return {"name": self.name, "unit": self.unit, "start": self.start, "interval": self.interval}

    @property
    def rows(self) -> dict[str, np.ndarray]:
        return {"index": self.indices}

    @property
    def columns(self) -> list:
        return [self.data]

    def in_file(self, origin: str | None) -> SampledSignal:
        """The same for readers of files: its numbers are to be loaded, although they may lie in memory."""
        return self._replace(data=Columns.of(self.data, len(self.data), origin))

    def select(self, wanted: np.ndarray | None) -> SampledSignal | None:
        """The columns of `wanted` (None: all); None if there are none."""
        if wanted is None:
            return self
        chosen = np.isin(self.indices, wanted)
        if chosen.all():
            return self
        if not chosen.any():
            return None
        return self._replace(indices=self.indices[chosen], data=take_columns(self.data, chosen))


class SpikeTable(NamedTuple):
    """Spikes of some cells, in order of time."""

    name: str
    unit: str
    indices: np.ndarray  # the recorded cells, in order
    starts: np.ndarray  # ms, since when each of them is recorded
    table: Table

    @property
    def kind(self) -> str:
        return "spikes"

    @property
    def attributes(self) -> dict[str, Any]:
        return {"name": self.name, "unit": self.unit, "start": float(self.starts.min())}

    @property
    def rows(self) -> dict[str, np.ndarray]:
        several = self.starts.min() < self.starts.max()
        return {"index": self.indices, **({"start": self.starts} if several else {})}

    @property
    def columns(self) -> list:
        return [self.table.keys, self.table.times]

    def in_file(self, origin: str | None) -> SpikeTable:
        return self._replace(table=Table(*self.columns, origin=origin))

    def select(self, wanted: np.ndarray | None) -> SpikeTable | None:
        """The spikes of `wanted` (None: all); None if none of them is recorded."""
        if wanted is None:
            return self
        chosen = np.isin(self.indices, wanted)
        return self._replace(indices=self.indices[chosen], starts=self.starts[chosen]) if chosen.any() else None


class EventTable(NamedTuple):
    """Values that belong to synaptic events, in order of time."""

    name: str
    unit: str
    indices: np.ndarray  # the recorded connections
    table: Table

    @property
    def kind(self) -> str:
        return "events"

    @property
    def attributes(self) -> dict[str, Any]:
        return {"name": self.name, "unit": self.unit}

    @property
    def rows(self) -> dict[str, np.ndarray]:
        return {"index": self.indices}

    @property
    def columns(self) -> list:
        return [self.table.keys, self.table.times, self.table.values]

    def in_file(self, origin: str | None) -> EventTable:
        return self._replace(table=Table(*self.columns, origin=origin))

    def renumbered(self, numbers: np.ndarray) -> EventTable:
        """The same with other numbers for its connections."""
        table = Table(numbers[self.table.keys], self.table.times, self.table.values)
        return self._replace(indices=numbers[self.indices], table=table)


Signal: TypeAlias = SampledSignal | SpikeTable | EventTable


def stored_signal(
    kind: str,
    attributes: Mapping[str, Any],
    rows: Any,
    columns: list,
    timestep: float,
    before: Any = None,
) -> Signal:
    """The signal of a kind whose `columns`, a list of `StoredArray`, lie in a file; `before` is an earlier one."""
    n, origin = len(columns[0]), columns[0].path
    about = {**attributes, "indices": rows["index"]}
    if kind == "samples":
        return SampledSignal(**about, data=Columns.of(columns[0], n, origin))
    about["table"] = Table(*columns, n=n, origin=origin, timestep=timestep, before=before and before.table)
    if kind == "events":
        return EventTable(**about)
    start = about.pop("start")
    return SpikeTable(**about, starts=rows["start"] if "start" in rows else np.full(len(rows["index"]), start))


class SegmentContent(NamedTuple):
    """What one segment holds."""

    number: int
    stop: float  # ms
    created: datetime
    samples: list
    spikes: SpikeTable | None
    events: list
    annotations: dict

    def select(self, names: Iterable[str] | None, wanted: np.ndarray | None) -> SegmentContent:
        """Only the variables `names` of the cells or connections `wanted`; None stands for all."""
        samples = [s.select(wanted) for s in self.samples if names is None or s.name in names]
        keep_spikes = names is None or "spikes" in names
        return self._replace(
            samples=[s for s in samples if s is not None],
            spikes=self.spikes.select(wanted) if self.spikes is not None and keep_spikes else None,
            events=[e for e in self.events if names is None or e.name in names],
        )
