"""Recorders: samples of variables on a grid of time, spikes, and logs of synaptic events."""

from libc.stdlib cimport free, realloc

import numpy as np

from .declare import find


cdef class EventLog:
    """Growing table of events: (connection or cell, step, value)."""

    def __init__(self, Py_ssize_t size):
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

    def clear(self):
        self.n = 0

    def read(self):
        """Copies of the three columns."""
        if self.n == 0:
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int64), np.empty(0)
        return (np.array(<int[:self.n]> self.connection), np.array(<long[:self.n]> self.step),
                np.array(<double[:self.n]> self.value))

    cdef int append(self, int connection, long step, double value) except -1 nogil:
        if self.n == self.capacity:
            self.capacity = 2 * self.capacity + 1024
            self.connection = <int*> realloc(self.connection, self.capacity * sizeof(int))
            self.step = <long*> realloc(self.step, self.capacity * sizeof(long))
            self.value = <double*> realloc(self.value, self.capacity * sizeof(double))
            if self.connection == NULL or self.step == NULL or self.value == NULL:
                with gil:
                    raise MemoryError
        self.connection[self.n] = connection
        self.step[self.n] = step
        self.value[self.n] = value
        self.n += 1
        return 0


cdef class Recorder:
    """Looks at the network after every step."""

    def missing(self, long now, long n_steps):
        """How many float64 this recorder lacks for `n_steps` from step `now` on."""
        return 0

    def grow(self, memory):
        """Take over memory of that size, keeping what was recorded."""

    def begin(self):
        """Called when a run begins."""

    def first_step(self):
        """Look at step 0, before the first step."""

    def clear(self):
        """Forget what was recorded."""

    cdef void record(self, long now) noexcept nogil:
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

    def __init__(self, Sampled source, variable, indices, long interval_steps=1):
        if interval_steps < 1:
            raise ValueError(f"SampleRecorder.interval_steps: {interval_steps} is not allowed; it must be at least 1")
        self.source = source
        self.network = source.network
        self.variable = find(type(source).__name__, source.variables, variable)
        self.indices = np.arange(source.size)[np.array(indices, dtype=np.int64)]
        self.interval_steps = interval_steps
        if self.indices.shape[0] == 1:
            self.tap.value = source.address(self.variable, self.indices[0])
        self.tapped = self.tap.value != NULL
        self.clear()
        self.network.add_recorder(self)

    def clear(self):
        self.begun = False
        self.start_step = self.next_step = self.network.step
        self.buffer = np.empty((0, self.indices.shape[0]))
        self.first = self.tap.cursor = NULL

    @property
    def n(self):
        """Number of samples so far."""
        return (self.tap.cursor - self.first) // max(1, self.indices.shape[0])

    def missing(self, long now, long n_steps):
        cdef Py_ssize_t width = self.indices.shape[0], needed
        needed = (now + n_steps - self.start_step) // self.interval_steps + 1
        if width == 0 or needed <= len(self.buffer):
            return 0
        # doubled, so that many short runs do not copy what there is again and again
        return width * max(needed, 2 * len(self.buffer) if self.begun else 0)

    def grow(self, memory):
        cdef Py_ssize_t n = self.n
        cdef double[:, ::1] grown = memory.reshape(-1, self.indices.shape[0])
        np.asarray(grown)[:n] = self.buffer[:n]
        self.buffer = np.asarray(grown)
        self.first = &grown[0, 0]
        self.tap.cursor = self.first + n * self.indices.shape[0]

    def begin(self):
        if not self.begun:
            self.begun = True
            if self.indices.shape[0]:
                self.sample_now()
        # taps are copied by the step loop, which counts for itself
        self.next_step = self.start_step + self.n * self.interval_steps

    cdef void sample_now(self) noexcept nogil:
        self.source.sample(self.variable, &self.indices[0], self.indices.shape[0], self.tap.cursor)
        self.tap.cursor += self.indices.shape[0]
        self.next_step += self.interval_steps

    cdef void record(self, long now) noexcept nogil:
        if now == self.next_step and self.indices.shape[0]:
            self.sample_now()

    @property
    def data(self):
        """Samples so far, shape (samples, indices): a view of the recorder's memory."""
        return self.buffer[:self.n]


cdef class SpikeRecorder(Recorder):
    """All spikes of a population."""

    def __init__(self, Population population):
        self.population = population
        self.network = population.network
        self.log = EventLog(0)
        self.network.add_recorder(self)

    def first_step(self):
        self.record(0)

    def clear(self):
        self.log.clear()
        self.off_grid = False

    cdef void record(self, long now) noexcept nogil:
        cdef Py_ssize_t s
        cdef const double* due = self.population.spike_time
        self.off_grid |= due != NULL
        for s in range(self.population.n_spikes):
            self.log.append(self.population.spike_index[s], now, -1.0 if due == NULL else due[s])

    @property
    def data(self):
        """Cells and steps of the spikes so far, in order of time."""
        index, step, _ = self.log.read()
        return index, step

    @property
    def due(self):
        """When they were due, in ms, where the source says so (-1 elsewhere); None if none does."""
        return self.log.read()[2] if self.off_grid else None
