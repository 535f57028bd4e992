"""Recorders: samples of variables on a grid of time, spikes, and logs of synaptic events."""

from cpython.ref cimport PyObject
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

import numpy as np

from .schema import find, refuse
from .observer cimport RECENT, Sampled
from .cells cimport Block, SpikeList, any_spikes_of, first_with_spikes
from ..engine.failure cimport Failure
from ..engine.memory cimport CACHE_LINE, IN_A_LINE, prefetch_to_write, resized
from ..engine.pointer_list cimport PointerList


cdef enum:
    ROOMY = 1 << 19               # numbers, up to which memory for many more is not much


cdef class EventLog:
    """Growing table of events: (connection or cell, step, value).

    Without room for more, events are lost and the network has the `failure`.
    """

    def __init__(self, Py_ssize_t size, Failure failure not None):
        self.failure = failure
        cdef unsigned char[::1] selected = np.zeros(max(size, 1), dtype=np.uint8)
        self._selected = np.asarray(selected)
        self.selected = &selected[0]

    def __dealloc__(self):
        free(self.connection)
        free(self.step)
        free(self.value)

    def select(self, indices=None):
        """Log events of `indices` too (all, if None)."""
        self._selected[slice(None) if indices is None else indices] = 1

    def __len__(self):
        return self.n

    def clear(self):
        """Forget all events. The memory of many is given back, since others may have none left."""
        self.n = 0
        if self.capacity > ROOMY:
            free(self.connection)
            free(self.step)
            free(self.value)
            self.connection, self.step, self.value = NULL, NULL, NULL
            self.capacity = 0

    def read(self):
        """Copies of the three columns."""
        if self.n == 0:
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int64), np.empty(0)
        return (np.array(<int[:self.n]> self.connection), np.array(<long[:self.n]> self.step),
                np.array(<double[:self.n]> self.value))

    cdef bint grow(self) noexcept nogil:
        """Memory for more events; false if there is none."""
        cdef Py_ssize_t capacity = 2 * self.capacity + 1024
        if not (resized(<void**> &self.connection, capacity * sizeof(int))
                and resized(<void**> &self.step, capacity * sizeof(long))
                and resized(<void**> &self.value, capacity * sizeof(double))):
            self.failure.no_room(capacity * (sizeof(int) + sizeof(long) + sizeof(double)))
            return False
        self.capacity = capacity
        return True


cdef Py_ssize_t with_room(Py_ssize_t needed, Py_ssize_t held, Py_ssize_t width):
    """Rows of `width` numbers to ask for when `held` are not enough: many more than needed, so that many short runs do
    not copy what there is again and again.
    """
    return max(needed, (16 if width * held < ROOMY else 2) * held)


cdef class Recorder:
    """Looks at the network after every step."""

    def missing(self, long now, long n_steps):
        """How many float64 this recorder lacks for `n_steps` from step `now` on."""
        return 0

    def grow(self, memory):
        """Take over memory of that size, keeping what was recorded."""

    def begin(self):
        """Called when a run begins, with memory for it."""

    def first_step(self):
        """Look at step 0, before the first step."""

    def clear(self):
        """Forget what was recorded."""

    cdef void record(self, long now, int partition) noexcept nogil:
        pass

    cdef void record_through(self, long first, long last, int partition) noexcept nogil:
        """The spikes of the steps `first` … `last`, if it looks only at these."""
        cdef const Block* block = &self.block[partition]
        cdef long now = first_with_spikes(block, first, last)
        while now <= last:
            self.record(now, partition)
            now = first_with_spikes(block, now + 1, last)

    cdef void seen(self, long now) noexcept nogil:
        """The network has come to step `now`; everything up to there has been recorded."""
        pass


cdef class SampleRecorder(Recorder):
    """Samples of one variable of a population or projection, every `interval_steps`.

    The first sample is taken at the step at which the recorder was made (or cleared), when the next run
    begins, so that values initialised in between count.

    Parameters
    ----------
    source : Population or Projection
    variable : str
        One of ``source.variables``.
    indices : integer array
        Cells or connections, one column each.
    interval_steps : int
    """

    def __init__(self, source, variable, indices, long interval_steps=1):
        if interval_steps < 1:
            raise ValueError(f"SampleRecorder.interval_steps: {interval_steps} is not allowed; it must be at least 1")
        self.source = source
        self.network = source.network
        self.variable = find(getattr(source, "owner", type(source).__name__), source.variables, variable)
        first, end = self.network.first_partition, self.network.first_partition + self.network.n_threads
        self._take(source.pieces(np.arange(source.size)[np.array(indices, dtype=np.int64)]), first, end)
        self.interval_steps = interval_steps
        source.expect_samples(variable)
        self.clear()
        self.network.add_recorder(self)

    def _take(self, pieces, first, end):
        """Columns lie in memory piece by piece, each of which one partition samples."""
        for _, partition, _, own in pieces:
            if len(own) and not first <= partition < end:
                refuse("SampleRecorder", "indices", own[0], "a cell of this process")
        pieces = [piece for piece in pieces if len(piece[3])]
        self.samplers = [(sampled, partition) for sampled, partition, _, _ in pieces]
        self.indices = np.concatenate([own for _, _, _, own in pieces] or [np.empty(0)]).astype(np.int64)
        self.bounds = np.cumsum([0] + [len(own) for _, _, _, own in pieces])
        self.order = None
        if len(pieces) > 1:
            positions = np.concatenate([positions for _, _, positions, _ in pieces])
            if (np.diff(positions) < 0).any():
                self.order = np.argsort(positions)

    def clear(self):
        self.begun = False
        self.n = 0
        self.start_step = self.network.step
        self.buffer = np.empty((0, self.indices.shape[0]))
        self.first = NULL

    def missing(self, long now, long n_steps):
        cdef Py_ssize_t width = self.indices.shape[0], needed
        needed = self.n_until(now + n_steps)
        if width == 0 or needed <= len(self.buffer):
            return 0
        return width * with_room(needed, len(self.buffer) if self.begun else 0, width)

    def grow(self, memory):
        cdef double[:, ::1] grown = memory.reshape(-1, self.indices.shape[0])
        np.asarray(grown)[:self.n] = self.buffer[:self.n]
        self.buffer = np.asarray(grown)
        self.first = &grown[0, 0]

    def discard(self):
        """Forget the samples so far and go on: the next one is the first, in the same memory."""
        self.start_step = self.next_step
        self.n = 0

    def restore(self, long start_step, bint begun, data):
        """Have taken these samples, of shape (samples, indices), the first one at `start_step`."""
        cdef double[:, ::1] buffer = np.empty((len(data), self.indices.shape[0]))
        self.buffer = np.asarray(buffer)
        if self.order is None:
            self.buffer[:] = data
        else:
            self.buffer[:, self.order] = data
        self.start_step, self.begun, self.n = start_step, begun, len(data)
        self.first = &buffer[0, 0] if self.buffer.size else NULL

    def begin(self):
        cdef Py_ssize_t i, first
        if not self.begun:
            for i in range(len(self.samplers)):
                first = self.bounds[i]
                (<Sampled> self.samplers[i][0]).sample(
                    self.variable, &self.indices[first], self.bounds[i + 1] - first, self.first + first)
        self.begun = True
        self.seen(self.network.step)

    @property
    def next_step(self):
        """Of the next sample."""
        return self.start_step + self.n * self.interval_steps

    def partitions(self):
        """Partition of each piece of columns."""
        return [partition for _, partition in self.samplers]

    cdef Py_ssize_t n_until(self, long step) noexcept nogil:
        """Number of samples up to and including `step`. The first one may be up to an interval ahead."""
        return (step - self.start_step + self.interval_steps) // self.interval_steps

    cdef void seen(self, long now) noexcept nogil:
        if self.begun and self.indices.shape[0]:
            self.n = self.n_until(now)

    @property
    def data(self):
        """Samples so far, shape (samples, indices): a view of the recorder's memory if that is in this order."""
        return self.buffer[:self.n] if self.order is None else self.buffer[:self.n].take(self.order, axis=1)


cdef class Sampler:
    """Takes the samples of columns that belong to one partition.

    Parameters
    ----------
    pieces : list of (SampleRecorder, int)
        Recorders, and numbers of their pieces of columns.
    """

    def __init__(self, pieces):
        cdef SampleRecorder recorder
        cdef Sampled sampled
        cdef Py_ssize_t n = len(pieces) + 1, n_taps = 0, n_sheets = 0, i, first
        cdef const double* value
        cdef double* column
        cdef Rhythm* rhythm = NULL
        # what lies next to it must not share a cache line, since other threads may write there
        self.memory = <char*> malloc(n * (sizeof(Tap) + sizeof(Sheet) + sizeof(Rhythm)) + 2 * CACHE_LINE)
        if self.memory == NULL:
            raise MemoryError
        self.taps = <Tap*> (self.memory + CACHE_LINE)
        self.sheets = <Sheet*> (self.taps + n)
        self.rhythms = <Rhythm*> (self.sheets + n)
        self.goes_ahead = True
        for recorder, i in sorted(pieces, key=lambda piece: (piece[0].next_step, piece[0].interval_steps)):
            if rhythm == NULL or (rhythm.next_step, rhythm.interval_steps) != (
                    recorder.next_step, recorder.interval_steps):
                rhythm = &self.rhythms[self.n_rhythms]
                rhythm[0] = Rhythm(
                    recorder.next_step, recorder.interval_steps, 0, n_taps, n_taps, n_sheets, n_sheets)
                self.n_rhythms += 1
            first = recorder.bounds[i]
            column = recorder.first + recorder.n * recorder.indices.shape[0] + first
            sampled = recorder.samplers[i][0]
            value = sampled.address(recorder.variable, recorder.indices[first])
            if recorder.indices.shape[0] == 1 and value != NULL:
                self.taps[n_taps] = Tap(value, sampled.recent(recorder.variable), column)
                self.goes_ahead &= self.taps[n_taps].recent != NULL
                n_taps += 1
            else:
                self.goes_ahead = False
                self.sheets[n_sheets] = Sheet(
                    <PyObject*> sampled, recorder.variable, &recorder.indices[first],
                    recorder.bounds[i + 1] - first, recorder.indices.shape[0], column)
                n_sheets += 1
            rhythm.last_tap = n_taps
            rhythm.last_sheet = n_sheets

    def __dealloc__(self):
        free(self.memory)

    cdef void sample_through(self, long first, long last) noexcept nogil:
        """Samples of the steps `first` … `last`, of cells that have done all of them."""
        cdef Rhythm* rhythm
        cdef const Tap* tap
        cdef long n, step, k
        cdef Py_ssize_t i, t
        for i in range(self.n_rhythms):
            rhythm = &self.rhythms[i]
            step = rhythm.next_step
            if step > last:
                continue
            n = (last - step) // rhythm.interval_steps + 1
            for t in range(rhythm.first_tap, rhythm.last_tap):
                tap = &self.taps[t]
                if rhythm.interval_steps == 1:
                    memcpy(tap.column + rhythm.row, tap.recent + (step & (RECENT - 1)), n * sizeof(double))
                    # by the next time, the processor will have at hand what comes then
                    for k in range(RECENT // IN_A_LINE):
                        prefetch_to_write(tap.column + rhythm.row + n + k * IN_A_LINE)
                    continue
                for k in range(n):
                    tap.column[rhythm.row + k] = tap.recent[(step + k * rhythm.interval_steps) & (RECENT - 1)]
            rhythm.next_step += n * rhythm.interval_steps
            rhythm.row += n

    cdef void fill(self, const Rhythm* rhythm) noexcept nogil:
        """The next row of each sheet."""
        cdef Py_ssize_t i
        cdef const Sheet* sheet
        for i in range(rhythm.first_sheet, rhythm.last_sheet):
            sheet = &self.sheets[i]
            (<Sampled> sheet.source).sample(
                sheet.variable, sheet.indices, sheet.n, sheet.column + rhythm.row * sheet.width)


cdef class SpikeRecorder(Recorder):
    """All spikes of the cells of a population that this process computes."""

    def __init__(self, Population population):
        self.population = population
        self.network = population.network
        self.block = population.block
        population.watch_spikes()
        self.logs = PointerList()
        for _ in range(population.n_partitions + 1):
            self.logs.add(EventLog(0, self.network.failure))
        self.network.add_recorder(self)

    def first_step(self):
        cdef int partition
        for partition in range(self.population.first_partition, self.population.end_partition):
            self.record(0, partition)

    def clear(self):
        for log in self.logs.members:
            log.clear()

    cdef void record(self, long now, int partition) noexcept nogil:
        cdef const SpikeList* spikes = any_spikes_of(&self.population.block[partition], now)
        if spikes != NULL:
            # the last one is that of all cells as a whole
            self.note(<EventLog> self.logs.item[min(partition, self.population.n_partitions)], spikes, now)

    cdef void note(self, EventLog log, const SpikeList* spikes, long now) noexcept nogil:
        cdef Py_ssize_t s
        for s in range(spikes.n):
            log.append(spikes.index[s], now, -1.0 if spikes.due == NULL else spikes.due[s])

    def restore(self, int[::1] cell, long[::1] step, double[::1] due):
        """Have recorded these spikes, in order of time and then of cells; `due` is -1 where it is unknown."""
        cdef Py_ssize_t i
        self.clear()
        for i in range(cell.shape[0]):
            (<EventLog> self.logs.item[self.population.partition_of(cell[i])]).append(cell[i], step[i], due[i])

    def read(self):
        """Cells and steps of the spikes so far, in order of time and then of cells; and when they were due, in ms,
        where the source says so (-1 elsewhere), None if none does.
        """
        logs = [log.read() for log in self.logs.members if len(log)] or [self.logs.members[0].read()]
        cell, step, due = logs[0]
        if len(logs) > 1:
            cell, step, due = (np.concatenate(parts) for parts in zip(*logs))
            order = np.argsort(step, kind="stable")
            cell, step, due = cell[order], step[order], due[order]
        return cell, step, due if (due >= 0.0).any() else None

    @property
    def n(self):
        """Number of spikes so far."""
        return sum(map(len, self.logs.members))

    @property
    def data(self):
        """Cells and steps, as `read` gives them."""
        return self.read()[:2]

    @property
    def due(self):
        """When they were due, as `read` gives it."""
        return self.read()[2]
