"""Poisson spike sources: independent exponential intervals, one random number a spike.

Of sources with many spikes a step, the numbers of spikes in the next steps are drawn, which is the same law with fewer
random numbers.
"""

from libc.math cimport INFINITY, log
from libc.stdint cimport uint64_t
from libc.string cimport memset

import numpy as np

from backend_cython.model.cells cimport Block, SpikeCounts, counts_of
from backend_cython.engine.allocation import whole_lines, zeros
from backend_cython.model.schema import Parameter, check_rate
from backend_cython.neurons.source_loops cimport (
    AT_ONCE, STEPS_AHEAD, any_due, copy_counts, counts_at, draw_counts, draw_uniforms, is_due
)
from backend_cython.numerics.philox cimport exponential_draw, uniform

# Mean numbers of spikes a step: below, intervals take less time; above, more might come than a byte can count.
LEAST_COUNTED = 0.1
MOST_COUNTED = 16.0


cdef class SpikeSourcePoisson(Population):
    """Poisson processes of a given rate over [start, start + duration)."""

    BY_CELLS = True
    PARAMETERS = {
        "rate": Parameter(1.0, "Hz", "non-negative"),
        "start": Parameter(0.0, "ms", "time"),
        "duration": Parameter(1e10, "ms", "duration"),
    }

    def allocate_states(self):
        self.next_time = self.private("next_time")
        self.counts = self.private("counts", np.uint64)
        self.draws = self.private("draws", np.uint64)
        self._in_force = np.full((3, self.size), np.nan)

    def check_together(self, p, owner):
        check_rate(owner, "rate", p["rate"], self.timestep)

    def prepare(self):
        """Draw the next spike of the sources that changed; the process has no memory, so nothing else is owed."""
        given = np.array([self.parameter("rate"), self.parameter("start"), self.parameter("duration")])
        with np.errstate(divide="ignore"):
            self.interval = 1e3 / given[0]
        self.begin_time = given[1]
        self.stop = given[1] + given[2]
        mean = 1e-3 * given[0] * self.timestep
        counted = (mean >= LEAST_COUNTED) & (mean <= MOST_COUNTED)
        self.counting = counted.any()
        self.last_begin, self.first_stop = np.max(self.begin_time), np.min(self.stop)
        if self.counted_alone != (self.counting and (counted | (mean == 0.0)).all()):
            self.counted_alone = not self.counted_alone
            self.network.changed = True
        mean = np.where(counted, STEPS_AHEAD * mean, 0.0)
        self.mean, self.none = mean, np.exp(-mean)
        changed = (given != self._in_force).any(axis=0)
        self._in_force = given
        # before a run the draws begin anew, so that it is the same after a reset
        self.begin_processes(np.flatnonzero(changed), not self.network.started)

    def counts_spikes(self):
        return self.counted_alone

    def keep_spikes(self, long n_steps):
        Population.keep_spikes(self, n_steps)
        cdef long slots = self.block[0].slot_mask + 1
        cdef Py_ssize_t in_row = whole_lines(self.size)
        cdef Py_ssize_t n = 0 if self.listed else slots * in_row
        cdef unsigned char[::1] rows
        if n == (0 if self._rows is None else len(self._rows)):
            return
        self.forget_spikes()
        self._rows, self.counted = None, SpikeCounts(NULL, slots - 1, in_row)
        if n:
            rows = self._rows = zeros(n, np.uint8)
            self.counted.rows = &rows[0]

    def rewind(self):
        self.begin_processes(np.arange(self.size), True)

    def begin_processes(self, const long[::1] cells, bint anew):
        """Draw the first spike from now on, or from the start of the process on."""
        cdef double now = self.network.time
        cdef long step = self.network.step
        cdef Py_ssize_t k, i
        for k in range(cells.shape[0]):
            i = cells[k]
            if anew:
                self.draws[i] = 0
            self.counts[i] = 0
            if not self.mean[i]:
                self.schedule(i, max(now, self.begin_time[i]))
                continue
            self.next_time[i] = INFINITY
            if step % STEPS_AHEAD:
                self.look_ahead(step - step % STEPS_AHEAD, i, 1)

    cdef void schedule(self, Py_ssize_t cell, double after) noexcept nogil:
        self.next_time[cell] = after + self.interval[cell] * exponential_draw(
            self.key, self.first_stream + cell, self.draws[cell])
        self.draws[cell] += 1

    cdef void look_ahead(self, long now, Py_ssize_t first, Py_ssize_t n) noexcept nogil:
        """Draw the numbers of spikes in the steps from `now` on of `n` sources from `first` on."""
        cdef double begin = now * self.timestep, end = (now + STEPS_AHEAD) * self.timestep
        cdef Py_ssize_t i
        draw_counts(n, self.key, self.first_stream + first, &self.mean[first], &self.none[first],
                    <uint64_t*> &self.draws[first], <uint64_t*> &self.counts[first])
        if self.last_begin <= begin and self.first_stop >= end:
            return
        for i in range(first, first + n):
            if self.counts[i] and (self.begin_time[i] > begin or self.stop[i] < end):
                self.cut(i, now)

    cdef void cut(self, Py_ssize_t cell, long now) noexcept nogil:
        """Leave out spikes before and after the process; in steps partly within, each stays with that probability."""
        cdef double begin, end, part
        cdef int k
        cdef uint64_t spikes, kept
        for k in range(STEPS_AHEAD):
            begin, end = (now + k) * self.timestep, (now + k + 1) * self.timestep
            part = (min(end, self.stop[cell]) - max(begin, self.begin_time[cell])) / (end - begin)
            spikes = (self.counts[cell] >> (8 * k)) & 255
            if part < 1.0:
                kept = self.counts[cell] & ~(<uint64_t> 255 << (8 * k))
                for _ in range(<long> spikes):
                    if uniform(self.key, self.first_stream + cell, self.draws[cell]) <= part:
                        kept += <uint64_t> 1 << (8 * k)
                    self.draws[cell] += 1
                self.counts[cell] = kept

    cdef void step(self, long now, int partition) noexcept nogil:
        cdef const Block* block = &self.block[partition]
        cdef double end = now * self.timestep
        cdef long number = (now - 1) % STEPS_AHEAD
        cdef Py_ssize_t first = block.first, n
        cdef int spikes[AT_ONCE]
        cdef bint some
        self.open_spikes(now, partition)
        if self.counted.rows != NULL:
            block.some[now & block.slot_mask] = self.count(now, block)
            return
        while first < block.last:
            n = min(AT_ONCE, block.last - first)
            some = False
            if self.counting:
                if number == 0:
                    self.look_ahead(now - 1, first, n)
                some = counts_at(n, <uint64_t*> &self.counts[first], number, spikes)
            if not self.counted_alone and any_due(n, end, &self.next_time[first], &self.stop[first]):
                if not some:
                    memset(spikes, 0, sizeof(spikes))
                self.spike_until(end, first, n, spikes)
                some = True
            if some:
                self.emit_in_order(<int> first, n, spikes, partition)
            first += n

    cdef bint count(self, long now, const Block* block) noexcept nogil:
        """The numbers of spikes of step `now`; whether there are any."""
        cdef unsigned char* row = counts_of(&self.counted, now)
        cdef long number = (now - 1) % STEPS_AHEAD
        cdef Py_ssize_t first = block.first, n
        cdef bint some = False
        while first < block.last:
            n = min(AT_ONCE, block.last - first)
            if number == 0:
                self.look_ahead(now - 1, first, n)
            some |= copy_counts(n, <uint64_t*> &self.counts[first], number, row + first)
            first += n
        return some

    cdef void spike_until(self, double end, Py_ssize_t first, Py_ssize_t n, int* spikes) noexcept nogil:
        """Count the spikes of `n` sources from `first` on, up to the time `end`."""
        cdef double* next_time = &self.next_time[first]
        cdef const double* interval = &self.interval[first]
        cdef const double* stop = &self.stop[first]
        cdef uint64_t* drawn = <uint64_t*> &self.draws[first]
        cdef int due[AT_ONCE]
        cdef uint64_t stream[AT_ONCE]
        cdef uint64_t draw[AT_ONCE]
        cdef double number[AT_ONCE]
        cdef Py_ssize_t n_due = 0, left, j
        cdef int i
        # whether a source is due is a toss-up if rates are high, so that nothing here branches on it
        for i in range(n):
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
