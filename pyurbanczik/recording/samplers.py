"""Samplers: what the recorders of the core hold, as plain arrays in PyNN's units.

What is recorded to a file has a `place` (see `recording_file.py`). Its sampler hands over what it holds there, `save`,
and forgets it, `discard`, again and again; a snapshot of it consists of arrays that lie in the file.
"""

import numpy as np

from backend_cython.model.recorder import SampleRecorder, SpikeRecorder

from ..parameters import to_time
from .signals import Events, Samples, Spikes, StoredEvents, StoredSpikes
from .zarr_arrays import Columns, Table

# What a spike or event takes in the log of the core.
EVENT_BYTES = 20


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
    place : recording_file.Place, optional
        Where in a file the samples go; without, they stay in memory.
    """

    def __init__(self, source, variable, now, factor=1.0, place=None):
        self.source = source
        self.variable = variable
        self.now = now
        self.factor = factor
        self.place = place
        self.groups = []
        self._series = {}

    @property
    def indices(self):
        return np.sort(np.concatenate([indices for indices, _ in self.groups])) if self.groups else np.empty(0, int)

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
        self._series = {}

    def clear(self):
        for _, recorder in self.groups:
            recorder.clear()

    def snapshot(self, name, unit):
        """`Samples`, one for each group; views of the recorder's memory where possible."""
        if self.place:
            self.place.stream.file.write()
        result = []
        for indices, recorder in self.groups:
            start, interval = self._times(recorder)
            if recorder in self._series:
                series = self._series[recorder]
                data, start = series.samples(), series.attributes["start"]
            else:
                data = recorder.data if len(recorder.data) else self.now()[indices][np.newaxis]
                data = self._in_units(data)
                if self.place:
                    data = Columns.of(data, len(data), self.place.stream.file.path)
            result.append(Samples(name, unit, indices, start, interval, data))
        return result

    def _times(self, recorder):
        """Start and interval (ms)."""
        steps = np.array([recorder.start_step, recorder.interval_steps])
        return to_time(steps, self.source.network.timestep).tolist()

    def _in_units(self, data):
        return data if self.factor == 1.0 else data / self.factor

    # ---- recording to a file

    @property
    def bytes_held(self):
        return 8 * sum(recorder.n * len(indices) for indices, recorder in self.groups)

    @property
    def bytes_per_step(self):
        return 8 * sum(len(indices) / recorder.interval_steps for indices, recorder in self.groups)

    def save(self):
        """Append what the recorders hold to the file."""
        for indices, recorder in self.groups:
            if not recorder.n:
                continue
            if recorder not in self._series:
                start, interval = self._times(recorder)
                place = self.place
                self._series[recorder] = place.stream.new_series(
                    {
                        "kind": "samples",
                        "name": place.name,
                        "unit": place.unit,
                        "start": start,
                        "interval": interval,
                    },
                    place.numbers(indices),
                    {"value": "float64"},
                    len(indices),
                )
            self._series[recorder].append(value=self._in_units(recorder.data))

    def discard(self):
        """Forget what has been saved, and go on."""
        for _, recorder in self.groups:
            recorder.discard()

    def forget_series(self):
        """What is saved from now on belongs to a new segment."""
        self._series = {}


class SpikeSampler:
    """Records the spikes of a core population, to a `place` in a file if there is one."""

    NOT_RECORDED = -1
    bytes_per_step = 0.0  # before they occur

    def __init__(self, source, place=None):
        self.source = source
        self.place = place
        self.recorder = None
        self._series = None
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
        self._series = None

    def rewind(self):
        """Record from t = 0 on; called at a reset."""
        self.since[self.indices] = 0

    def clear(self):
        if self.recorder is not None:
            self.recorder.clear()
            self.since[self.indices] = self.source.network.step

    def snapshot(self):
        """`Spikes` of all cells that are recorded; None if there are none."""
        if not self.place:
            # none after the present
            return self._held(to_time(self.source.network.step, self.source.network.timestep))
        self.place.stream.file.write()
        if not self.indices.size:
            return None
        table = self._series.table() if self._series else Table.empty(self.place.stream.file.path)
        return StoredSpikes(self.indices, self._start, table)

    @property
    def _start(self):
        return float(to_time(self.since[self.indices].min(), self.source.network.timestep))

    def _held(self, latest=np.inf):
        """Spikes that lie in memory, with the times that were given to a source up to `latest` (ms)."""
        recorded = self.indices
        if not recorded.size:
            return None
        cell, step, due = self.recorder.read()
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
            time = np.minimum(np.where(due < 0, time, due), latest)
        return Spikes(recorded, to_time(first.min(), timestep), cell, time)

    # ---- recording to a file, as for `Sampler`

    @property
    def bytes_held(self):
        return EVENT_BYTES * self.recorder.n if self.recorder else 0

    def save(self):
        held = self._held()
        if held is None:
            return
        if self._series is None:
            self._series = self.place.stream.new_series(
                {"kind": "spikes", "name": self.place.name, "unit": self.place.unit, "start": held.start},
                held.indices,
                {"cell": "int32", "time": "float64"},
            )
        self._series.describe(held.indices, start=float(held.start))
        self._series.append(cell=held.cell, time=held.time)

    def discard(self):
        if self.recorder is not None:
            self.recorder.clear()

    def forget_series(self):
        self._series = None


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
    place : recording_file.Place, optional
        Where in a file the events go; without, they stay in memory.
    """

    bytes_per_step = 0.0  # before they occur

    def __init__(self, parts, size, variable, factor, place=None):
        self.parts = parts
        self.variable = variable
        self.factor = factor
        self.place = place
        self.recorded = np.zeros(size, dtype=bool)
        self._series = [None] * len(parts)

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
            core.clear_events(self.variable)

    def snapshot(self, name, unit):
        """`Events` of all parts, in order of time."""
        if self.place:
            file = self.place.stream.file
            file.write()
            tables = [
                (series.table() if series else Table.empty(file.path), self._own(positions))
                for series, (_, positions) in zip(self._series, self.parts)
            ]
            return StoredEvents(name, unit, self.indices, tables)
        columns = [(np.empty(0, np.int32), np.empty(0), np.empty(0))]
        columns += [self._held(core, positions) for core, positions in self.parts]
        connection, time, value = (np.concatenate(column) for column in zip(*columns))
        if len(self.parts) > 1:
            order = np.argsort(time, kind="stable")
            connection, time, value = connection[order], time[order], value[order]
        return Events(name, unit, self.indices, connection, time, value)

    def _held(self, core, positions):
        """Connections, times (ms) and values of the events of one part that lie in memory."""
        connection, step, value = core.events_of(self.variable)
        return (
            connection if positions is None else positions[connection],
            to_time(step, core.network.timestep),
            value if self.factor == 1.0 else value / self.factor,
        )

    def _own(self, positions):
        """The recorded connections of a part."""
        return self.indices if positions is None else np.sort(positions[self.recorded[positions]])

    # ---- recording to a file, as for `Sampler`

    @property
    def bytes_held(self):
        return EVENT_BYTES * sum(core.count_events(self.variable) for core, _ in self.parts)

    def save(self):
        # each part for itself: delays before the synapse may let one part lag behind the other
        for k, (core, positions) in enumerate(self.parts):
            own = self._own(positions)
            if not own.size:
                continue
            if self._series[k] is None:
                self._series[k] = self.place.stream.new_series(
                    {"kind": "events", "name": self.place.name, "unit": self.place.unit},
                    own,
                    {"connection": "int64", "time": "float64", "value": "float64"},
                )
            self._series[k].describe(own)
            connection, time, value = self._held(core, positions)
            self._series[k].append(connection=connection, time=time, value=value)

    discard = clear

    def forget_series(self):
        self._series = [None] * len(self.parts)
