"""Poisson spike sources: independent exponential intervals, one random number a spike."""

from libc.math cimport log
from libc.stdint cimport uint64_t

import numpy as np

from backend_cython.model.cells cimport Block
from backend_cython.model.schema import MOST_SPIKES, Parameter, check_most
from backend_cython.neurons.source_loops cimport AT_ONCE, any_due, draw_uniforms, is_due
from backend_cython.numerics.philox cimport exponential_draw


cdef class SpikeSourcePoisson(Population):
    """Poisson processes of a given rate over [start, start + duration)."""

    PARAMETERS = {
        "rate": Parameter(1.0, "Hz", "non-negative"),
        "start": Parameter(0.0, "ms", "time"),
        "duration": Parameter(1e10, "ms", "duration"),
    }

    def allocate_states(self):
        self.next_time = self.private("next_time")
        self.draws = self.private("draws", np.uint64)
        self._in_force = np.full((3, self.size), np.nan)

    def check_together(self, p, owner):
        check_most(owner, "rate", p["rate"], 1e3 * MOST_SPIKES / self.timestep, "a million spikes a time step", "Hz")

    def prepare(self):
        """Draw the next spike of the sources that changed; the process has no memory, so nothing else is owed."""
        given = np.array([self.parameter("rate"), self.parameter("start"), self.parameter("duration")])
        with np.errstate(divide="ignore"):
            self.interval = 1e3 / given[0]
        self.stop = given[1] + given[2]
        changed = (given != self._in_force).any(axis=0)
        self._in_force = given
        # before a run the draws begin anew, so that it is the same after a reset
        self.begin_processes(np.flatnonzero(changed), not self.network.started)

    def rewind(self):
        self.begin_processes(np.arange(self.size), True)

    def begin_processes(self, const long[::1] cells, bint anew):
        """Draw the first spike from now on, or from the start of the process on."""
        cdef const double[::1] start = self.parameter("start")
        cdef double now = self.network.time
        cdef Py_ssize_t k, i
        for k in range(cells.shape[0]):
            i = cells[k]
            if anew:
                self.draws[i] = 0
            self.schedule(i, max(now, start[i]))

    cdef void schedule(self, Py_ssize_t cell, double after) noexcept nogil:
        self.next_time[cell] = after + self.interval[cell] * exponential_draw(
            self.key, self.first_stream + cell, self.draws[cell])
        self.draws[cell] += 1

    cdef void step(self, long now, int partition) noexcept nogil:
        cdef const Block* block = &self.block[partition]
        cdef double end = now * self.timestep
        cdef Py_ssize_t first = block.first, n
        self.open_spikes(now, partition)
        while first < block.last:
            n = min(AT_ONCE, block.last - first)
            if any_due(n, end, &self.next_time[first], &self.stop[first]):
                self.spike_until(end, first, n, partition)
            first += n

    cdef void spike_until(self, double end, Py_ssize_t first, Py_ssize_t n, int partition) noexcept nogil:
        """The spikes of `n` sources from `first` on, up to the time `end`."""
        cdef double* next_time = &self.next_time[first]
        cdef const double* interval = &self.interval[first]
        cdef const double* stop = &self.stop[first]
        cdef uint64_t* drawn = <uint64_t*> &self.draws[first]
        cdef int due[AT_ONCE]
        cdef int spikes[AT_ONCE]
        cdef uint64_t stream[AT_ONCE]
        cdef uint64_t draw[AT_ONCE]
        cdef double number[AT_ONCE]
        cdef Py_ssize_t n_due = 0, left, j
        cdef int i
        # whether a source is due is a toss-up if rates are high, so that nothing here branches on it
        for i in range(n):
            spikes[i] = 0
            due[n_due] = i
            n_due += is_due(next_time[i], end, stop[i])
        while n_due:
            for j in range(n_due):
                stream[j] = self.first_stream + first + due[j]
                draw[j] = drawn[due[j]]
            draw_uniforms(n_due, self.key, stream, draw, number)
            left = 0
            for j in range(n_due):
                i = due[j]
                next_time[i] = next_time[i] + interval[i] * -log(number[j])
                drawn[i] += 1
                spikes[i] += 1
                due[left] = i
                left += is_due(next_time[i], end, stop[i])
            n_due = left
        self.emit_in_order(<int> first, n, spikes, partition)
