"""Files that grow while a simulation runs.

A file is a Zarr store, a folder of small files each of which is replaced as a whole or not at all. Its layout:

    /                    attributes: `format`, `version`, `timestep` (ms) and `live` (see below)
    /0, /1, ...          a population or projection each; attributes: its kind, label, annotations ...
    /0/0, /0/1, ...      its segments, a new one after each reset or clearing; attributes: `number`, `created`
    /0/0/0, ...          what was recorded; attributes: `kind`, `name`, `unit`, `start` and `interval` (ms)
        kind "samples":  `value` (samples, columns)
        kind "spikes":   `cell`, `time` (ms), a row a spike
        kind "events":   `connection`, `time` (ms), `value`, a row an event
        all kinds:       what the attribute `index` names: the cells or connections that are recorded, and for
                         connections `presynaptic_index`, `postsynaptic_index`

Arrays become longer first, then the data are written, and then `live` says how many rows of each series of the
segments in progress are valid, and up to which time. That is one file which is replaced as a whole: whenever the
process is killed, the file holds the recording up to one moment for all that is recorded to it. A segment that is
over holds these numbers itself.
"""

import json
import re
import signal
import threading
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

import numpy as np

from ..parameters import to_time
from .zarr_arrays import Columns, Table

FORMAT, VERSION = "pyurbanczik recording", 1
# Since this version a file of a local store is replaced as a whole.
ZARR_VERSION = (3, 1, 3)
# Numbers in a chunk, which is what is read at least, and bytes that the rows of a chunk have in all columns together:
# so much is written at once without touching a chunk twice.
CHUNK = 1 << 16
CHUNK_ROWS_BYTES = 4 << 20


def load_zarr(owner):
    """The module zarr; an `ImportError` that says how to install it if it is missing or too old."""
    advice = f"{owner}: a recording needs zarr >= 3.1.3, on Python >= 3.11: pip install 'pyurbanczik[files]'"
    try:
        import zarr
    except ImportError as error:
        raise ImportError(f"{advice} ({error})") from error
    if tuple(int(n) for n in re.findall(r"\d+", zarr.__version__)[:3]) < ZARR_VERSION:
        raise ImportError(f"{advice} (this is {zarr.__version__})")
    return zarr


class Place(NamedTuple):
    """Where in a file a variable is recorded, and as what."""

    stream: object
    name: str
    unit: str
    positions: object = None  # numbers in the file of what the sampler counts 0, 1, ...; None: the same

    def numbers(self, indices):
        return indices if self.positions is None else self.positions[indices]


class Series:
    """Rows that become more with time: an array for each of `columns` ({name: type}), of `width` or of none."""

    def __init__(self, segment, name, attributes, indices, columns, width=None):
        self.name = name
        self.n = self.written = 0
        self.attributes = attributes
        self._stream = segment.stream
        self._group = segment.group.create_group(name)
        self._columns = {}
        self._indices = None
        self._described = 0
        self._table = None
        shape, chunks = (0,), (CHUNK,)
        if width is not None:
            rows = int(np.clip(CHUNK_ROWS_BYTES // (8 * width), 1, CHUNK))
            shape, chunks = (0, width), (rows, min(width, max(1, CHUNK // rows)))
        for column, dtype in columns.items():
            fill = np.nan if dtype == "float64" else -1
            self._columns[column] = self._group.create_array(
                column, shape=shape, chunks=chunks, dtype=dtype, fill_value=fill
            )
        self.describe(indices)

    def describe(self, indices, **attributes):
        """Say which cells or connections these are; `attributes` replace what was said before."""
        attributes = {**self.attributes, **attributes}
        same = self._indices is not None and np.array_equal(indices, self._indices)
        if same and attributes == self.attributes:
            return
        self.attributes, self._indices = attributes, np.array(indices)
        # under a new name, so that what readers see is the old or the new
        self._described += 1
        index = self._group.create_group(f"index-{self._described}")
        for name, values in {"index": self._indices, **self._stream.keeper.addresses(self._indices)}.items():
            array = index.create_array(name, shape=values.shape, chunks=(CHUNK,), dtype="int64")
            array[:] = values
        self._group.attrs.put({**attributes, "index": f"index-{self._described}"})

    def append(self, **columns):
        """Write rows behind those that are valid; they are when the file has been committed."""
        rows = len(next(iter(columns.values())))
        self.written = self.n + rows
        if not rows:
            return
        for name, values in columns.items():
            array = self._columns[name]
            array.resize((self.written, *array.shape[1:]))
            array[self.n : self.written] = values

    def samples(self):
        """The valid rows of a series of samples."""
        return Columns.of(self._columns["value"], self.n, self._stream.file.path)

    def table(self):
        """The valid rows of a series of spikes or events."""
        file = self._stream.file
        self._table = Table(
            *self._columns.values(),
            n=self.n,
            origin=file.path,
            timestep=file.network.timestep,
            before=self._table,
        )
        return self._table


class Segment:
    """The segment in progress of a population or projection in a file."""

    def __init__(self, stream, number):
        self.stream = stream
        self.path = f"{stream.path}/{stream.n_segments}"
        self.group = stream.group.create_group(
            str(stream.n_segments), attributes={"number": number, "created": datetime.now().isoformat()}
        )
        self.series = []

    def state(self, stop):
        return {"stop": stop, "lengths": {series.name: series.written for series in self.series}}


class Stream:
    """The part of a file that belongs to one population or projection.

    Parameters
    ----------
    file : RecordingFile
    path : str
        Name of the group.
    keeper : keeping.Keeper
        Who records there: it says `header`, `addresses` and `samplers_to`.
    """

    def __init__(self, file, path, keeper):
        self.file = file
        self.path = path
        self.keeper = keeper
        self._header = plain(keeper.header())
        self.group = file.root.create_group(path, attributes=self._header)
        self.segment = None
        self.n_segments = 0

    @property
    def samplers(self):
        return self.keeper.samplers_to(self)

    def new_series(self, attributes, indices, columns, width=None):
        """A series in the segment in progress, which begins with its first one."""
        if self.segment is None:
            self.segment = Segment(self, self.keeper.segment_number)
            self.n_segments += 1
        series = Series(self.segment, str(len(self.segment.series)), attributes, indices, columns, width)
        self.segment.series.append(series)
        return series

    def describe(self):
        """Write how things are called now, if that has changed: nothing must come back of a file that was removed."""
        header = plain(self.keeper.header())
        if header != self._header:
            self.group.attrs.put(header)
            self._header = header

    def close_segment(self, annotations=None):
        """What is recorded from now on belongs to another segment."""
        if self.segment is not None:
            state = self.segment.state(self.file.stop)
            self.segment.group.attrs.update({**state, "annotations": plain(dict(annotations or {}))})
            self.segment = None
            self.describe()
        for sampler in self.samplers:
            sampler.forget_series()


class RecordingFile:
    """A Zarr store to which populations and projections of one simulation record."""

    def __init__(self, path, network):
        self.path = path
        self.network = network
        self.streams = {}
        self.stop = 0.0
        self.written_step = network.step
        self.root = load_zarr(path).open_group(
            path,
            mode="w-",
            attributes={"format": FORMAT, "version": VERSION, "timestep": network.timestep, "live": {}},
        )

    def stream_of(self, keeper):
        if keeper not in self.streams:
            self.streams[keeper] = Stream(self, str(len(self.streams)), keeper)
        return self.streams[keeper]

    @property
    def samplers(self):
        return [sampler for stream in self.streams.values() for sampler in stream.samplers]

    def write(self):
        """Append what the recorders hold, and then let them go on with empty buffers."""
        if self.network.step == self.written_step:
            return
        samplers = self.samplers
        with uninterrupted():
            for sampler in samplers:
                sampler.save()
            stop = float(to_time(self.network.step, self.network.timestep))
            live = [stream.segment for stream in self.streams.values() if stream.segment]
            self.root.attrs.update({"live": {segment.path: segment.state(stop) for segment in live}})
            self.stop = stop
            for segment in live:
                for series in segment.series:
                    series.n = series.written
            for sampler in samplers:
                sampler.discard()
            self.written_step = self.network.step

    def close(self):
        """Write what there is, and how things are called now."""
        self.write()
        for stream in self.streams.values():
            stream.describe()


@contextmanager
def uninterrupted():
    """Ctrl-C is heard when the block has ended."""
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield
        return
    heard = []
    signal.signal(signal.SIGINT, lambda *arguments: heard.append(arguments))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if heard:
        handler(*heard[-1])


def plain(value):
    """`value` as JSON knows it: annotations may be anything."""

    def convert(other):
        if isinstance(other, np.generic | np.ndarray):
            return other.tolist()
        return str(other)

    return json.loads(json.dumps(value, default=convert))
