"""Poisson spike sources: independent exponential intervals, one random number a spike."""

import numpy as np

from backend_cython.model.schema import MOST_SPIKES, Parameter, check_most
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
        cdef double end = now * self.timestep
        cdef Py_ssize_t i
        self.open_spikes(now, partition)
        for i in range(self.block[partition].first, self.block[partition].last):
            while self.next_time[i] <= end and self.next_time[i] < self.stop[i]:
                self.emit(i)
                self.schedule(i, self.next_time[i])
