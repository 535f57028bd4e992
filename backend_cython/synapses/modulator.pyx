"""What multiplies learning: numbers that change in time, or the spikes of a population, low-pass filtered."""

from libc.math cimport exp

import numpy as np

from backend_cython.model.observer cimport Observer
from backend_cython.model.cells cimport Block, SpikeList, any_spikes_of
from backend_cython.model.recorder cimport Recorder, with_room
from backend_cython.numerics.search cimport n_before


cdef enum:
    PAD = 16            # numbers by which partitions are apart, so that they do not share a cache line


cdef class Modulator:
    """Either values from given steps on, or baseline + Σ weight e^{−(t − t_f)/τ} over all spikes of a population.

    Each partition computes the sum for itself, in the same order.

    Parameters
    ----------
    values : array of shape (n,) or (n, cells)
        Finite numbers; by default 1.
    steps : increasing integers
        Each value acts from its step on; the first one before as well.
    population : Population, optional
        Whose spikes are summed, instead of `values`.
    tau, weight, baseline : float
        τ (ms), positive; weight of a spike, and the value without spikes.
    """

    def __init__(self, values=(1.0,), steps=(0,), population=None, double tau=1.0, double weight=0.0,
                 double baseline=0.0):
        self.population, self.watchers = population, []
        self.schedule(steps, values)
        self._initial = self._steps, self._rows
        if population is not None:
            self.weight, self.baseline = weight, baseline
            self.decay = exp(-self.population.timestep / tau)
            self.level = np.full(2 * PAD * self.population.n_partitions, baseline)
            network = self.population.network
            self.last = np.full(PAD * self.population.n_partitions, network.step if network.started else -1)
            self.watchers = [SpikeWatcher(self, partition) for partition in range(self.population.n_partitions)]
            for watcher in self.watchers:
                self.population.add_observer(watcher)
            self.population.network.changed = True

    def schedule(self, steps, values):
        """Take over values, and from which steps on they act."""
        cdef long[::1] memory = np.array(steps, dtype=np.int64)
        cdef double[:, ::1] rows = np.array(values, dtype=np.float64, order="C").reshape(len(steps), -1)
        self._steps, self._rows = np.asarray(memory), np.asarray(rows)
        self.n_rows, self.width = rows.shape[0], rows.shape[1]
        self.steps, self.rows = &memory[0], &rows[0, 0]

    @property
    def initial(self):
        """(steps, values) with which a reset begins."""
        return self._initial

    def restore_schedule(self, table, initial):
        """Take over `table` and `initial`."""
        self._initial = initial
        self.schedule(*table)

    def set(self, value, long now):
        """From step `now` on, act with `value`, a number or one for each cell; of earlier rows only the last stays."""
        value = np.atleast_1d(value)[np.newaxis]
        before = int(np.searchsorted(self._steps, now)) - 1
        # what a reset begins with
        self._initial = np.zeros(1, np.int64), value.copy()
        if before < 0:
            self.schedule([now], value)
        else:
            self.schedule([self._steps[before], now], np.concatenate(np.broadcast_arrays(self._rows[[before]], value)))

    def change(self, tau=None, weight=None, baseline=None):
        """Parameters of a sum of spikes, from now on."""
        if tau is not None:
            self.decay = exp(-self.population.timestep / tau)
        if weight is not None:
            self.weight = weight
        if baseline is not None:
            np.asarray(self.level)[:] += baseline - self.baseline
            self.baseline = baseline

    @property
    def table(self):
        """(steps, values from each of them on)."""
        return self._steps.copy(), self._rows.copy()

    def value(self, long now):
        """The value at step `now`, which is the present one of a sum of spikes."""
        cdef int partition
        if self.population is not None:
            partition = self.population.first_partition
            return np.array([self.level[2 * PAD * partition + (self.last[PAD * partition] & 1)]])
        return self._rows[max(0, np.searchsorted(self._steps, now, side="right") - 1)]

    def save(self):
        """{name: array}, for a sum of spikes."""
        first = self.population.first_partition
        return {"parameters": np.array([self.weight, self.decay, self.baseline]),
                "level": np.array(self.level[2 * PAD * first:2 * PAD * first + 2]),
                "last": np.array([self.last[PAD * first]])}

    def restore(self, saved):
        """Take that over."""
        self.weight, self.decay, self.baseline = saved["parameters"].tolist()
        np.asarray(self.level).reshape(-1, 2 * PAD)[:, :2] = saved["level"]
        self.last[:] = saved["last"][0]

    def reset(self):
        """Back to step 0."""
        self.schedule(*self._initial)
        if self.population is not None:
            self.reset_states()
            self.last[:] = -1

    def reset_states(self):
        """Nothing is left of the spikes so far."""
        self.level[:] = self.baseline

    def catch_up(self, int partition):
        """Let a partition know what the first one does, which alone follows the spikes in a small network."""
        cdef int first = self.population.first_partition
        np.asarray(self.level).reshape(-1, 2 * PAD)[partition] = np.asarray(self.level).reshape(-1, 2 * PAD)[first]
        self.last[PAD * partition] = self.last[PAD * first]

    cdef const double* before(self, long now, int partition, Py_ssize_t first, Py_ssize_t* stride) noexcept nogil:
        """The value at step `now` − 1: of all cells (stride 0), or of each, from `first` on (stride 1)."""
        cdef Py_ssize_t row
        if self.population is not None:
            self.follow(now, partition)
            stride[0] = 0
            return &self.level[2 * PAD * partition + ((now - 1) & 1)]
        row = max(0, n_before(self.steps, self.n_rows, now) - 1)
        stride[0] = 1 if self.width > 1 else 0
        return self.rows + row * self.width + first * stride[0]

    cdef void follow(self, long now, int partition) noexcept nogil:
        """Take in the spikes of step `now`, unless that has been done."""
        cdef const SpikeList* spikes
        cdef double* level = &self.level[2 * PAD * partition]
        cdef double sum = 0.0
        cdef Py_ssize_t i
        cdef const Block* sources
        cdef int source, n
        if self.last[PAD * partition] >= now:
            return
        self.last[PAD * partition] = now
        sources = self.population.sources_for(partition, &n)
        for source in range(n):
            spikes = any_spikes_of(&sources[source], now)
            if spikes != NULL:
                for i in range(spikes.n):
                    sum += spikes.factor[i]
        level[now & 1] = self.baseline + (level[(now - 1) & 1] - self.baseline) * self.decay + self.weight * sum


cdef class SpikeWatcher(Observer):
    """Follows the spikes for a modulator in one partition, whether anybody learns there or not."""

    SEES_ALL_SPIKES = True

    def __init__(self, Modulator modulator, int partition):
        self.modulator = modulator
        self.partition = partition

    def expect_interval(self, long n_steps):
        self.modulator.catch_up(self.partition)

    cdef void observe(self, long now) noexcept nogil:
        self.modulator.follow(now, self.partition)

    def begin(self):
        self.modulator.follow(0, self.partition)

    def reset(self):
        if self.partition == 0:
            self.modulator.reset()

    def reset_states(self):
        if self.partition == 0:
            self.modulator.reset_states()


cdef class ModulatorRecorder(Recorder):
    """The values of a sum of spikes, one for each step from the present one on."""

    def __init__(self, Modulator modulator):
        self.modulator, self.network = modulator, modulator.population.network
        self.partition = modulator.population.first_partition
        self.memory = np.empty(0)
        self.clear()
        self.network.add_recorder(self)

    def clear(self):
        self.n = 0
        self.start = self.network.step

    def restore(self, long start, values):
        """Have recorded these values, the first one at step `start`."""
        self.start, self.n = start, len(values)
        self.memory = np.array(values)

    def missing(self, long now, long n_steps):
        needed = now + n_steps - self.start + 1
        return 0 if needed <= len(self.memory) else with_room(needed, len(self.memory), 1)

    def grow(self, memory):
        memory[:self.n] = self.memory[:self.n]
        self.memory = memory

    def begin(self):
        # the present value once more, since it may have been set
        self.record(self.network.step, self.partition)

    cdef void record(self, long now, int partition) noexcept nogil:
        if partition == self.partition:
            self.memory[now - self.start] = self.modulator.level[2 * PAD * partition + (now & 1)]
            self.n = now - self.start + 1

    @property
    def data(self):
        """The values so far, of the present step at least."""
        if self.n == 0:
            return self.modulator.value(self.start)
        self.begin()
        return np.array(self.memory[:self.n])
