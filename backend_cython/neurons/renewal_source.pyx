"""Sources whose hazard depends on the time since their last spike, their age.

A spike comes when the hazard, integrated since the last one, reaches an exponential draw: one random number a
spike. A change of parameters amid an interval leaves the age and what is left of the draw as they are, so that
the hazard is that of the new parameters from then on. A process is stationary from its start: the age there is
that of a process that began long before.

A law with parameters that are constant by parts says where the parts end; the others have a single one.
"""

from libc.math cimport INFINITY

import numpy as np

from backend_cython.numerics.philox cimport exponential_draw, uniform


cdef class RenewalSource(Population):
    """Renewal processes over [start, start + duration). A law declares its parameters and implements `silent`,
    `hazard`, `age_at`, `stationary_age` and `prepare_law`."""

    BY_CELLS = True

    def allocate_states(self):
        self.last = self.private("last")
        self.since = self.private("since")
        self.left = self.private("left")
        self.next_time = self.private("next_time")
        self.begun = self.private("begun", np.int32)
        self.draws = self.private("draws", np.uint64)
        self._in_force = np.full((len(self.PARAMETERS), self.size), np.nan)

    def prepare(self):
        given = np.array([self.parameter(name) for name in self.PARAMETERS])
        changed = np.flatnonzero((given != self._in_force).any(axis=0))
        self._in_force = given
        self.change(changed, self.prepare_law)

    def change(self, changed, prepare_law):
        """Let the processes `changed` go on by what `prepare_law` prepares; the others stay as they are."""
        cdef Py_ssize_t i
        cdef double now = self.network.time
        cdef bint started = self.network.started
        cdef double[::1] start
        if started:
            for i in changed:
                self.use_up(i, now)
        prepare_law()
        start = self.parameter("start")
        self.stop = self.parameter("start") + self.parameter("duration")
        for i in changed:
            if not started:
                self.draws[i] = 0       # so that the run is the same after a reset
            # a process that its duration ended begins anew
            if started and self.begun[i] and self.since[i] == now < self.next_time[i] and start[i] <= now:
                self.schedule(i)
            else:
                self.begin_process(i, max(now, start[i]))

    def prepare_law(self):
        """Compute what follows from the parameters."""

    def rewind(self):
        cdef Py_ssize_t i
        cdef double[::1] start = self.parameter("start")
        for i in range(self.size):
            self.draws[i] = 0
            self.begin_process(i, max(self.network.time, start[i]))

    # ---- what a law implements

    cdef bint silent(self, Py_ssize_t cell) noexcept nogil:
        """Whether no spike will ever come."""
        return False

    cdef double hazard(self, Py_ssize_t cell, Py_ssize_t part, double age) noexcept nogil:
        """The hazard integrated from age 0 on."""
        return 0.0

    cdef double age_at(self, Py_ssize_t cell, Py_ssize_t part, double hazard) noexcept nogil:
        """The age at which it is reached."""
        return INFINITY

    cdef double stationary_age(self, Py_ssize_t cell, Py_ssize_t part) noexcept nogil:
        """A draw of the age at an arbitrary time: its density is the survival divided by the mean interval."""
        return 0.0

    cdef Py_ssize_t part_at(self, Py_ssize_t cell, double time) noexcept nogil:
        return 0

    cdef double part_end(self, Py_ssize_t cell, Py_ssize_t part) noexcept nogil:
        return INFINITY

    # ---- what every law gets

    cdef double draw(self, Py_ssize_t cell) noexcept nogil:
        self.draws[cell] += 1
        return exponential_draw(self.key, self.first_stream + cell, self.draws[cell] - 1)

    cdef double draw_uniform(self, Py_ssize_t cell) noexcept nogil:
        self.draws[cell] += 1
        return uniform(self.key, self.first_stream + cell, self.draws[cell] - 1)

    cdef void begin_process(self, Py_ssize_t cell, double at) noexcept nogil:
        self.begun[cell] = not self.silent(cell)
        if not self.begun[cell]:
            self.next_time[cell] = INFINITY
            return
        self.last[cell] = at - self.stationary_age(cell, self.part_at(cell, at))
        self.since[cell] = at
        self.left[cell] = self.draw(cell)
        self.schedule(cell)

    cdef void use_up(self, Py_ssize_t cell, double until) noexcept nogil:
        """Take the hazard up to a time that is before the next spike from the draw."""
        cdef Py_ssize_t part
        cdef double end, used = 0.0
        if not self.begun[cell] or self.since[cell] > until:
            return
        part = self.part_at(cell, self.since[cell])
        while self.since[cell] < until:
            end = min(until, self.part_end(cell, part))
            used += (self.hazard(cell, part, end - self.last[cell])
                     - self.hazard(cell, part, self.since[cell] - self.last[cell]))
            self.since[cell] = end
            part += 1
        self.left[cell] = max(0.0, self.left[cell] - used)

    cdef void schedule(self, Py_ssize_t cell) noexcept nogil:
        """Find when the draw will be used up."""
        cdef double at = self.since[cell], left = self.left[cell], before, in_part, end
        cdef Py_ssize_t part
        if self.silent(cell):
            self.next_time[cell] = INFINITY
            return
        part = self.part_at(cell, at)
        while True:
            before = self.hazard(cell, part, at - self.last[cell])
            end = self.part_end(cell, part)
            if end == INFINITY:
                break
            in_part = self.hazard(cell, part, end - self.last[cell]) - before
            if in_part >= left:
                break
            left -= in_part
            at = end
            part += 1
        # rounding must not lead back in time
        self.next_time[cell] = max(at, self.last[cell] + self.age_at(cell, part, before + left))

    cdef void step(self, long now, int partition) noexcept nogil:
        cdef double end = now * self.timestep
        cdef Py_ssize_t i
        self.open_spikes(now, partition)
        for i in range(self.block[partition].first, self.block[partition].last):
            while self.next_time[i] <= end and self.next_time[i] < self.stop[i]:
                self.emit(i)
                self.last[i] = self.since[i] = self.next_time[i]
                self.left[i] = self.draw(i)
                self.schedule(i)
