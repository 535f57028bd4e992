"""Files that grow while a simulation runs.

A file is a Zarr store, a folder of small files each of which is replaced as a whole or not at all. Its layout:

    /                    attributes: `format`, `version`, `timestep` (ms), `segments` and `live` (see below)
    /0, /1, ...          a population or projection each; attributes: its kind, label, annotations ...
    /0/0, /0/1, ...      its segments, a new one after each reset or clearing; attributes: `number`, `created`
    /0/0/0, ...          what was recorded; attributes: `kind`, `name`, `unit`, `start` and `interval` (ms)
        kind "samples":  `value` (samples, columns)
        kind "spikes":   `cell`, `time` (ms), a row a spike
        kind "events":   `connection`, `time` (ms), `value`, a row an event
        all kinds:       what the attribute `index` names, with its own attribute `columns`: `index`, the cells or
                         connections that are recorded; for connections `presynaptic_index`, `postsynaptic_index`; for
                         spikes `start` (ms) if that is not the same for all cells

Arrays become longer first, then the data are written, and then the attributes of the root say how many segments each
population or projection has (`segments`), and of those in progress how many rows of each signal are valid, and up to
which time (`live`). That is one file which is replaced as a whole: whenever the process is killed, the file holds the
recording up to one moment for all that is recorded to it. A segment that is over holds these numbers itself.

Whatever fails on the way leaves all that was not written in memory, from where it can be read, and the next attempt
begins again with it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from .annotations import plain
from .signals import COLUMNS, stored_signal
from .zarr_arrays import StoredArray

if TYPE_CHECKING:
    from .signals import Signal

FORMAT, VERSION = "pyurbanczik recording", 2
# Since this version a file of a local store is replaced as a whole.
ZARR_VERSION = (3, 1, 3)
# Numbers in a chunk, which is what is read at least, and bytes that the rows of a chunk have in all columns together:
# so much is written at once without touching a chunk twice.
CHUNK = 1 << 16
CHUNK_ROWS_BYTES = 4 << 20


def check_zarr(owner: str) -> None:
    """An `ImportError` that says how to install zarr if it is missing or too old."""
    advice = f"{owner}: a recording needs zarr >= 3.1.3, on Python >= 3.11: pip install 'pyurbanczik[files]'"
    try:
        import zarr
    except ImportError as error:
        raise ImportError(f"{advice} ({error})") from error
    if tuple(int(n) for n in re.findall(r"\d+", zarr.__version__)[:3]) < ZARR_VERSION:
        raise ImportError(f"{advice} (this is {zarr.__version__})")


def failure(before: str, error: BaseException) -> OSError:
    """The `OSError` that says what `before` does, and the reason for `error`."""
    reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
    number = getattr(error, "errno", None)
    return OSError(f"{before}: {reason}") if number is None else OSError(number, f"{before}: {reason}")


class Sink:
    """Where the rows of one signal go.

    Parameters
    ----------
    segment : Segment
    name : str
        Of its group in that of the segment.
    signal : SampledSignal, SpikeTable or EventTable
        The first piece of it.
    """

    def __init__(self, segment: Segment, name: str, signal: Signal) -> None:
        self.segment, self.name = segment, name
        self.kind, self.attributes = signal.kind, signal.attributes
        self.rows: dict[str, np.ndarray] | None = None
        width = len(signal.indices) if signal.kind == "samples" else None
        path = f"{segment.path}/{name}"
        self.columns = {
            column: StoredArray(segment.file.path, f"{path}/{column}", columns=width) for column in COLUMNS[signal.kind]
        }
        self._group: Any = None
        self._arrays: Any = None
        self._read: Any = None
        self._described = 0
        self._described_rows = None

    def append(self, signal: Signal) -> None:
        """Take over the next piece: its rows are in memory until the file is committed."""
        self.rows = signal.rows
        for column, rows in zip(self.columns.values(), signal.columns):
            column.append(rows)

    def signal(self) -> Signal:
        """All of it, in the file and in memory."""
        columns = list(self.columns.values())
        self._read = stored_signal(
            self.kind, self.attributes, self.rows, columns, self.segment.file.timestep, self._read
        )
        return self._read

    def __len__(self):
        return len(next(iter(self.columns.values())))

    @property
    def unwritten(self) -> bool:
        return next(iter(self.columns.values())).waiting is not None or self.rows is not self._described_rows

    def write(self) -> None:
        """Write the rows that are in memory. They are valid when the file has been committed."""
        if self._arrays is None:
            self._create()
        self._describe()
        for name, column in self.columns.items():
            rows = column.waiting
            if rows is not None:
                array = self._arrays[name]
                array.resize((len(column), *array.shape[1:]))
                array[column.n : len(column)] = rows

    def written(self) -> None:
        """What was written is valid."""
        for column in self.columns.values():
            column.written()

    def _create(self):
        from .zarr_checks import create_array

        self._group = self.segment.group.create_group(self.name, overwrite=True)
        arrays = {}
        for name, dtype in COLUMNS[self.kind].items():
            shape, chunks = self.columns[name].shape, (CHUNK,)
            if len(shape) == 2:
                rows = int(np.clip(CHUNK_ROWS_BYTES // (8 * shape[1]), 1, CHUNK))
                chunks = (rows, min(shape[1], max(1, CHUNK // rows)))
            arrays[name] = create_array(self._group, name, shape, chunks, dtype)
        self._arrays = arrays

    def _describe(self):
        """Say which cells or connections these are."""
        if self.rows is self._described_rows:
            return
        if not _equal(self.rows, self._described_rows):
            from .zarr_checks import create_array

            # under a new name, so that what readers see is the old or the new
            name = f"index-{self._described + 1}"
            columns = self.rows | {end: numbers[self.rows["index"]] for end, numbers in self.segment.ends.items()}
            group = self._group.create_group(name, attributes={"columns": list(columns)}, overwrite=True)
            for column, values in columns.items():
                dtype = "float64" if column == "start" else "int64"
                create_array(group, column, values.shape, (CHUNK,), dtype)[:] = values
            self._group.attrs.put({"kind": self.kind, **self.attributes, "index": name})
            self._described += 1
        self._described_rows = self.rows


def _equal(rows, others):
    if others is None or rows.keys() != others.keys():
        return False
    return all(np.array_equal(values, others[name]) for name, values in rows.items())


class Segment:
    """A segment of a population or projection in a file, until all of it has been written."""

    def __init__(self, member: Member, number: int) -> None:
        self.file, self.member, self.ends = member.file, member, member.ends
        self.name = str(member.n_segments)
        self.path = f"{member.name}/{self.name}"
        self.group: Any = None
        self.sinks = []
        self.closed: dict[str, Any] | None = None
        self._attributes = {"number": number, "created": datetime.now().isoformat()}

    def sink(self, signal: Signal) -> Sink:
        """A new one."""
        self.sinks.append(Sink(self, str(len(self.sinks)), signal))
        return self.sinks[-1]

    def state(self, stop: float) -> dict[str, Any]:
        return {"stop": stop, "lengths": {sink.name: len(sink) for sink in self.sinks}}

    def close(self, stop: float, annotations: Mapping[str, Any] | None) -> None:
        """Nothing will follow."""
        self.closed = {**self.state(stop), "annotations": plain(dict(annotations or {}))}

    @property
    def unwritten(self) -> bool:
        return self.closed is not None or any(sink.unwritten for sink in self.sinks)

    def write(self) -> None:
        if self.group is None:
            self.group = self.member.group.create_group(self.name, attributes=self._attributes, overwrite=True)
        for sink in self.sinks:
            if sink.unwritten:
                sink.write()
        if self.closed is not None:
            self.group.attrs.put({**self._attributes, **self.closed})

    def written(self) -> None:
        for sink in self.sinks:
            sink.written()


class Member:
    """The part of a file that belongs to one population or projection.

    Parameters
    ----------
    file : RecordingFile
    name : str
        Of the group.
    header : dict
        What the file says about it.
    ends : dict
        Further columns, {name: a number for each cell or connection}, that belong to what is recorded.
    """

    def __init__(self, file: RecordingFile, name: str, header: dict[str, Any], ends: dict[str, Any]) -> None:
        self.file, self.name, self.ends = file, name, ends
        self.header, self._written_header = plain(header), None
        self.group: Any = None
        self.segments = []
        self.n_segments = 0

    def sink(self, signal: Signal, segment_number: int) -> Sink:
        """A new one, in the segment in progress, which begins with its first one."""
        if not self.segments or self.segments[-1].closed:
            self.segments.append(Segment(self, segment_number))
            self.n_segments += 1
        return self.segments[-1].sink(signal)

    def describe(self, header: dict[str, Any]) -> None:
        """How things are called now."""
        self.header = plain(header)

    def close_segment(self, stop: float, annotations: Mapping[str, Any] | None = None) -> None:
        """What is recorded from now on belongs to another segment."""
        if self.segments and not self.segments[-1].closed:
            self.segments[-1].close(stop, annotations)

    @property
    def unwritten(self) -> bool:
        return self.header != self._written_header or any(segment.unwritten for segment in self.segments)

    def write(self) -> None:
        if self.group is None:
            self.group = self.file.root.create_group(self.name, attributes=self.header, overwrite=True)
            self._written_header = self.header
        for segment in self.segments:
            if segment.unwritten:
                segment.write()
        if self.header != self._written_header:
            self.group.attrs.put(self.header)
            self._written_header = self.header

    def written(self) -> None:
        for segment in self.segments:
            segment.written()
        self.segments = [segment for segment in self.segments if not segment.closed]


def written_by(process: int) -> str:
    """What is said of a file of a process in those that were forked from it."""
    return f"is written by process {process} alone, from which this one was forked"


class RecordingFile:
    """A Zarr store to which populations and projections of one simulation record."""

    def __init__(self, path: str, timestep: float) -> None:
        from .zarr_checks import create_root

        self.path, self.timestep = path, timestep
        self.process = os.getpid()
        self.members = []
        self.stop = 0.0
        self._written = {"format": FORMAT, "version": VERSION, "timestep": timestep, "segments": [], "live": {}}
        self.root = create_root(path, self._written)

    @property
    def is_own(self) -> bool:
        """Whether this process has made it; one that was forked later must not write it."""
        return os.getpid() == self.process

    @property
    def whose(self) -> str:
        """What is said of it in other processes."""
        return written_by(self.process)

    @property
    def unwritten(self) -> bool:
        return any(member.unwritten for member in self.members)

    def add(self, header: dict[str, Any], ends: dict[str, Any]) -> Member:
        """A new member, in the file when that is committed."""
        self.members.append(Member(self, str(len(self.members)), header, ends))
        return self.members[-1]

    def commit(self, stop: float) -> None:
        """Write what the sinks hold, which is valid then up to the time `stop`; all of it, or an `OSError`."""
        live = [member.segments[-1] for member in self.members if member.segments and not member.segments[-1].closed]
        attributes = {
            **self._written,
            "segments": [member.n_segments for member in self.members],
            "live": {segment.path: segment.state(stop) for segment in live},
        }
        unwritten = [member for member in self.members if member.unwritten]
        if attributes == self._written and not unwritten:
            return
        try:
            if not os.path.isdir(self.path):
                raise FileNotFoundError("it has been removed")
            for member in unwritten:
                member.write()
            self._put(attributes)
        except Exception as error:
            raise failure(f"{self.path} cannot be written", error) from error
        for member in unwritten:
            member.written()
        self.stop = stop

    def _put(self, attributes):
        self.root.attrs.put(attributes)
        self._written = attributes
