"""Samplers: what the recorders of the core hold, as signals in PyNN's units.

A sampler gives the signal it holds, `signal()`, or hands it over and goes on with empty hands, `drain()`. Where it goes
is none of its business. The rows that it records are `own` as the core counts them, and `indices` as its signal does.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backend_cython.model.recorder import SampleRecorder, SpikeRecorder

from ..parameters import to_time
from ..storage.signals import EventTable, SampledSignal, SpikeTable
from ..storage.zarr_arrays import Table

# What a spike or event takes in the log of the core.
EVENT_BYTES = 20


class SignalSampler:
    """Samples one variable of some cells or connections of a core population or projection.

    Parameters
    ----------
    source : core population or projection
    term : signal of a cell type or synapse type
        Its name in the core, `core`, and the core's number for a value of 1, `factor`.
    name, unit : str
        Of the signal.
    indices : integer array
    interval_steps : int
    positions : integer array, optional
        Numbers in the signal of what the core counts 0, 1, ...; without, they are the same.
    """

    def __init__(
        self,
        source: Any,
        term: Any,
        name: str,
        unit: str,
        indices: np.ndarray,
        interval_steps: int,
        positions: np.ndarray | None = None,
    ) -> None:
        self.source, self.term, self.name, self.unit = source, term, name, unit
        self.own, self.positions = indices, positions
        self.indices = indices if positions is None else positions[indices]
        self.recorder = SampleRecorder(source, term.core, indices, interval_steps)

    @classmethod
    def in_place_of(cls, samplers: list[SignalSampler]) -> SignalSampler:
        """One for several of one source that begin now and take samples at the same times."""
        for sampler in samplers:
            sampler.stop()
        first, own = samplers[0], np.unique(np.concatenate([sampler.own for sampler in samplers]))
        return cls(
            first.source, first.term, first.name, first.unit, own, first.recorder.interval_steps, first.positions
        )

    @property
    def joined(self) -> dict[str, Any]:
        """What has changed in its signal since it was drained: no cell joins it."""
        return {}

    def takes(self, interval_steps: int) -> bool:
        """Whether cells that begin to be sampled now may be among its own."""
        recorder = self.recorder
        return (recorder.start_step, recorder.interval_steps, recorder.n) == (
            self.source.network.step,
            interval_steps,
            0,
        )

    def stop(self) -> None:
        self.source.network.remove_recorder(self.recorder)

    def clear(self) -> None:
        self.recorder.clear()

    def rewind(self) -> None:
        """Called at a reset."""

    def save(self) -> tuple:
        """((step of the first sample, whether it has been taken), indices, samples in rows), as the core has them."""
        recorder = self.recorder
        return (recorder.start_step, bool(recorder.begun)), self.own, np.array(recorder.data.T)

    def again(self, start: int, begun: bool, indices: np.ndarray, samples: np.ndarray) -> SignalSampler:
        """One that goes on from what another one like this has saved."""
        sampler = SignalSampler(
            self.source, self.term, self.name, self.unit, indices, self.recorder.interval_steps, self.positions
        )
        sampler.recorder.restore(start, begun, samples.T)
        return sampler

    def signal(self) -> SampledSignal | None:
        """What has been sampled: a view of the core's memory where possible. What has only begun consists of the
        present values.
        """
        recorder = self.recorder
        start, interval = to_time(
            np.array([recorder.start_step, recorder.interval_steps]), self.source.network.timestep
        ).tolist()
        data = recorder.data if recorder.n else self.source.value(self.term.core)[self.own][np.newaxis]
        if self.term.factor != 1.0:
            data = data / self.term.factor
        return SampledSignal(self.name, self.unit, self.indices, start, interval, data)

    def drain(self) -> SampledSignal | None:
        """What has been sampled, which is forgotten here; None if there is nothing."""
        if not self.recorder.n:
            return None
        signal: Any = self.signal()
        if self.term.factor == 1.0:
            signal = signal._replace(data=signal.data.copy())
        self.recorder.discard()
        return signal

    @property
    def bytes_held(self) -> int:
        return 8 * self.recorder.n * len(self.indices)

    @property
    def bytes_per_step(self) -> float:
        return 8 * len(self.indices) / self.recorder.interval_steps


class SpikeSampler:
    """Records the spikes of a core population."""

    NOT_RECORDED = -1
    bytes_per_step = 0.0  # before they occur

    def __init__(self, source: Any, unit: str) -> None:
        self.source, self.unit = source, unit
        self.recorder = SpikeRecorder(source)
        self.since = np.full(source.size, self.NOT_RECORDED, dtype=np.int64)
        self.drained_step = 0

    @property
    def indices(self) -> np.ndarray:
        return np.flatnonzero(self.since != self.NOT_RECORDED)

    own = indices

    @property
    def joined(self) -> dict[str, Any]:
        """The cells, of which some may have joined since it was drained."""
        recorded = self.indices
        return {"indices": recorded, "starts": to_time(self.since[recorded], self.source.network.timestep)}

    def add(self, indices: np.ndarray) -> None:
        """Record the spikes of `indices` too, from the present time on: those of the present step are over."""
        new = indices[self.since[indices] == self.NOT_RECORDED]
        self.since[new] = self.source.network.step

    def stop(self) -> None:
        self.source.network.remove_recorder(self.recorder)

    def clear(self) -> None:
        self.recorder.clear()
        self.since[self.indices] = self.source.network.step

    def rewind(self) -> None:
        """Record from t = 0 on; called at a reset."""
        self.since[self.indices] = 0
        self.drained_step = 0

    def save(self) -> tuple:
        """(recorded cells, since which steps it holds theirs), (cell, step, when it was due or -1) of the spikes."""
        cell, step, due = self.recorder.read()
        recorded = self.indices
        since = np.maximum(self.since[recorded], self.drained_step)
        return (recorded, since), (cell, step, np.full(len(cell), -1.0) if due is None else due)

    def restore(self, since: np.ndarray, cell: np.ndarray, step: np.ndarray, due: np.ndarray) -> None:
        """Go on from that."""
        self.since[self.indices] = since
        self.drained_step = 0
        order = np.lexsort((cell, step))
        self.recorder.restore(cell[order].astype(np.int32), step[order], due[order])

    def signal(self) -> SpikeTable | None:
        """Spikes of all cells that are recorded; None if there are none."""
        # those at a time that was given to a source may lie behind their step, but not after the present
        return self._until(to_time(self.source.network.step, self.source.network.timestep))

    def _until(self, latest):
        cells = self.joined
        recorded, starts = cells["indices"], cells["starts"]
        if not recorded.size:
            return None
        cell, step, due = self.recorder.read()
        if recorded.size < self.since.size or starts.max() > starts.min():
            # spikes of t = 0 come with the first run, those of any other step before the next one
            first = self.since + (self.since > 0)
            first[self.since == self.NOT_RECORDED] = np.iinfo(np.int64).max
            keep = step >= first[cell]
            cell, step = cell[keep], step[keep]
            due = None if due is None else due[keep]
        timestep = self.source.network.timestep
        time = to_time(step, timestep)
        if due is not None:
            time = np.minimum(np.where(due < 0, time, due), latest)
        return SpikeTable("spikes", self.unit, recorded, starts, Table(cell, time))

    def drain(self) -> SpikeTable | None:
        """Spikes so far, which are forgotten here; None if no cell is recorded."""
        signal = self._until(np.inf)
        self.recorder.clear()
        self.drained_step = self.source.network.step
        return signal

    @property
    def bytes_held(self) -> int:
        return EVENT_BYTES * self.recorder.n


class EventSampler:
    """Records one variable at the synaptic events of those connections of a core projection that have one axonal
    delay: the events of others may lag behind theirs, and those of a table are in order of time.

    Parameters are those of `SignalSampler`; `lag` is the delay in steps.
    """

    bytes_per_step = 0.0  # before they occur

    def __init__(
        self, source: Any, term: Any, name: str, unit: str, positions: np.ndarray | None = None, lag: int = 0
    ) -> None:
        self.source, self.term, self.name, self.unit, self.positions = source, term, name, unit, positions
        self.lag = lag
        self.recorded = np.zeros(source.size, dtype=bool)

    @property
    def own(self) -> np.ndarray:
        return np.flatnonzero(self.recorded)

    @property
    def indices(self) -> np.ndarray:
        return self.own if self.positions is None else self.positions[self.own]

    @property
    def joined(self) -> dict[str, Any]:
        """The connections, of which some may have joined since it was drained."""
        return {"indices": self.indices}

    def add(self, indices: np.ndarray) -> None:
        """Record the events of the connections `indices` too, from the present time on."""
        here = np.broadcast_to(self.source.axonal_steps, self.recorded.shape)[indices] == self.lag
        new = indices[here & ~self.recorded[indices]]
        self.recorded[new] = True
        self.source.record_events(new, self.term.core)

    def clear(self) -> None:
        self.source.clear_events(self.term.core, self.lag)

    def rewind(self) -> None:
        """Called at a reset."""

    def save(self) -> tuple:
        """Recorded connections, and (connection, step, value) of the events, as the core has them."""
        return self.own, self.source.events_of(self.term.core, self.lag)

    def restore(self, connection: np.ndarray, step: np.ndarray, value: np.ndarray) -> None:
        """Go on from these events, those of each connection in order."""
        self.source.restore_events(self.term.core, self.lag, connection, step, value)

    def signal(self) -> EventTable | None:
        """Events of the connections that are recorded; None if there are none."""
        if not self.recorded.any():
            return None
        connection, step, value = self.source.events_of(self.term.core, self.lag)
        if self.positions is not None:
            connection = self.positions[connection]
        if self.term.factor != 1.0:
            value = value / self.term.factor
        table = Table(connection, to_time(step, self.source.network.timestep), value)
        return EventTable(self.name, self.unit, self.indices, table)

    def drain(self) -> EventTable | None:
        """Events so far, which are forgotten here; None if no connection is recorded."""
        signal = self.signal()
        self.clear()
        return signal

    @property
    def bytes_held(self) -> int:
        return EVENT_BYTES * self.source.count_events(self.term.core, self.lag)
