"""What has been recorded, as plain arrays: the layer between the recorders of the core and Neo."""

from datetime import datetime
from typing import NamedTuple

import numpy as np
from backend_cython.recorder import SampleRecorder, SpikeRecorder

from . import simulator
from .values import to_time


class Samples(NamedTuple):
    """Samples of one variable on a grid of time."""

    name: str
    unit: str
    indices: np.ndarray  # cells or connections, one column each
    start: float  # ms
    interval: float  # ms
    data: np.ndarray  # (samples, columns)

    def select(self, wanted):
        """The columns of `wanted` (None: all); None if there are none."""
        if wanted is None:
            return self
        chosen = np.isin(self.indices, wanted)
        if chosen.all():
            return self
        return (
            self._replace(indices=self.indices[chosen], data=self.data[:, chosen]) if chosen.any() else None
        )


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


class Events(NamedTuple):
    """Values that belong to synaptic events, in order of time."""

    name: str
    unit: str
    indices: np.ndarray  # the recorded connections
    connection: np.ndarray
    time: np.ndarray  # ms
    value: np.ndarray


class Sampler:
    """Samples one variable of a core population or projection.

    Columns that join later start later, and so form a group of their own.

    Parameters
    ----------
    source : core population or projection
    variable : str
        Name in the core.
    now : callable
        Values of all cells or connections at the present time, in the core's units: what a recording that has
        only begun consists of.
    factor : float
        The core's number for a value of 1.
    """

    def __init__(self, source, variable, now, factor=1.0):
        self.source = source
        self.variable = variable
        self.now = now
        self.factor = factor
        self.groups = []

    @property
    def indices(self):
        return (
            np.sort(np.concatenate([indices for indices, _ in self.groups]))
            if self.groups
            else np.empty(0, int)
        )

    def add(self, indices, interval_steps):
        """Sample `indices` too, from the present time on."""
        new = np.setdiff1d(indices, self.indices)
        if not new.size:
            return
        network = self.source.network
        if self.groups:
            others, recorder = self.groups[-1]
            if (
                recorder.start_step == network.step
                and recorder.interval_steps == interval_steps
                and not len(recorder.data)
            ):
                network.remove_recorder(recorder)
                self.groups.pop()
                new = np.union1d(new, others)
        self.groups.append((new, SampleRecorder(self.source, self.variable, new, interval_steps)))

    def stop(self):
        for _, recorder in self.groups:
            self.source.network.remove_recorder(recorder)
        self.groups = []

    def clear(self):
        for _, recorder in self.groups:
            recorder.clear()

    def snapshot(self, name, unit):
        """`Samples`, one for each group; views of the recorder's memory where possible."""
        timestep = self.source.network.timestep
        result = []
        for indices, recorder in self.groups:
            data = recorder.data
            if not len(data):
                data = self.now()[indices][np.newaxis]
            if self.factor != 1.0:
                data = data / self.factor
            result.append(
                Samples(
                    name,
                    unit,
                    indices,
                    to_time(recorder.start_step, timestep),
                    to_time(recorder.interval_steps, timestep),
                    data,
                )
            )
        return result


class SpikeSampler:
    """Records the spikes of a core population."""

    NOT_RECORDED = -1

    def __init__(self, source):
        self.source = source
        self.recorder = None
        self.since = np.full(source.size, self.NOT_RECORDED, dtype=np.int64)

    @property
    def indices(self):
        return np.flatnonzero(self.since != self.NOT_RECORDED)

    def add(self, indices):
        """Record the spikes of `indices` too, from the present time on."""
        if self.recorder is None:
            self.recorder = SpikeRecorder(self.source)
        new = indices[self.since[indices] == self.NOT_RECORDED]
        self.since[new] = self.source.network.step

    def stop(self):
        if self.recorder is not None:
            self.source.network.remove_recorder(self.recorder)
            self.recorder = None
        self.since[:] = self.NOT_RECORDED

    def rewind(self):
        """Record from t = 0 on; called at a reset."""
        self.since[self.indices] = 0

    def clear(self):
        if self.recorder is not None:
            self.recorder.clear()
            self.since[self.indices] = self.source.network.step

    def snapshot(self):
        """`Spikes` of all cells that are recorded; None if there are none."""
        recorded = self.indices
        if not recorded.size:
            return None
        cell, step = self.recorder.data
        due = self.recorder.due
        first = self.since[recorded]
        if recorded.size < self.since.size or first.max() > first.min():
            selected = np.zeros(self.since.size, dtype=bool)
            selected[recorded] = True
            keep = selected[cell] & (step >= self.since[cell])
            cell, step = cell[keep], step[keep]
            due = None if due is None else due[keep]
        timestep = self.source.network.timestep
        time = to_time(step, timestep)
        if due is not None:
            # the time that was given, but none after the present
            time = np.minimum(np.where(due < 0, time, due), to_time(self.source.network.step, timestep))
        return Spikes(recorded, to_time(first.min(), timestep), cell, time)


class EventSampler:
    """Records one variable at synaptic events, for a projection that consists of several core projections.

    Parameters
    ----------
    parts : list of (core projection, positions)
        `positions` are the numbers of its connections in the whole projection; None means in order.
    variable : str
        Name in the core.
    factor : float
        The core's number for a value of 1.
    """

    def __init__(self, parts, size, variable, factor):
        self.parts = parts
        self.variable = variable
        self.factor = factor
        self.recorded = np.zeros(size, dtype=bool)

    @property
    def indices(self):
        return np.flatnonzero(self.recorded)

    def add(self, indices):
        """Record the events of the connections `indices` too, from the present time on."""
        new = indices[~self.recorded[indices]]
        self.recorded[new] = True
        for core, positions in self.parts:
            own = new if positions is None else np.flatnonzero(np.isin(positions, new))
            core.record_events(own, self.variable)

    def clear(self):
        for core, _ in self.parts:
            core.clear_events()

    def snapshot(self, name, unit):
        """`Events` of all parts, in order of time."""
        connections, steps, values = [np.empty(0, np.int32)], [np.empty(0, np.int64)], [np.empty(0)]
        for core, positions in self.parts:
            connection, step, value = core.events_of(self.variable)
            connections.append(connection if positions is None else positions[connection])
            steps.append(step)
            values.append(value)
        connection, step, value = (np.concatenate(column) for column in (connections, steps, values))
        if len(self.parts) > 1:
            order = np.argsort(step, kind="stable")
            connection, step, value = connection[order], step[order], value[order]
        timestep = self.parts[0][0].network.timestep if self.parts else 1.0
        if self.factor != 1.0:
            value = value / self.factor
        return Events(name, unit, self.indices, connection, to_time(step, timestep), value)


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


class Keeper:
    """What a recorder of a population and one of a projection share: the contents of their segments."""

    def __init__(self, network):
        self._network = network
        self._kept = []
        self._cleared_step = 0

    def _register(self):
        """From now on a reset begins a new segment."""
        if self._network is simulator.state.network:
            simulator.state.recorders.add(self)

    def _present(self, annotations=None):
        return Content(
            simulator.state.segment_counter,
            float(to_time(self._network.step, self._network.timestep)),
            datetime.now(),
            *self._snapshot(),
            dict(annotations or {}),
        )

    def store_to_cache(self, annotations=None):
        """Keep what was recorded as a segment; called before a reset."""
        if self._network.step > self._cleared_step:
            self._kept.append(self._present(annotations))
        self._cleared_step = 0
        self._rewind()

    def _rewind(self):
        """Called at a reset."""

    def contents(self, names=None, wanted=None):
        """Contents of all segments. The present one is left out after a reset, until time has passed."""
        present = [self._present()] if self._network.step > 0 or not self._kept else []
        return [content.select(names, wanted) for content in (*self._kept, *present)]

    def clear(self):
        """Forget what was recorded."""
        self._kept = []
        self._cleared_step = self._network.step
        self._clear_simulator()
