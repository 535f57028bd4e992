"""Cells that spike with a hazard, without reset, and rest for tau_refrac after a spike.

A cell spikes when its rate, integrated since the last spike, has used up an exponential draw. The law is the same as
that of a Bernoulli draw a step with probability 1 − exp(−φ h) (and as that of a Poisson draw a step without refractory
time), with one random number a spike.
"""

from cpython.ref cimport PyObject

import numpy as np

from backend_cython.engine.allocation import zeros
from backend_cython.model.cells cimport no_spikes
from backend_cython.model.observer cimport RECENT
from backend_cython.model.ring_buffers cimport slot
from backend_cython.model.schema import MOST_SPIKES
from backend_cython.neurons.refractory cimport whole_steps
from backend_cython.numerics.philox cimport exponential_draw
from backend_cython.numerics.search cimport AT_ONCE

from .compartment_loops cimport conductances_of_cell, dendrite_of_cell, find_used_up, soma_of_cell
from .compartments cimport Dendrite, Soma
from .rate_functions cimport RateFunction
from .steps_ahead cimport ALL_ROWS, COLUMNS, ERROR, LANES, LEARNING, N_ROWS, N_STATES, RATE


cdef double most_spikes = MOST_SPIKES


cdef class PointProcess(Population):
    """Base class of these cells. Those that derive from it take the hazard of a step from `hazard` unless `resting`
    lies at or behind that step, and call `spike` for cells in which a draw is used up.
    """

    def allocate_states(self):
        self.nothing = np.zeros(self.input_buffer.ring.width)
        # what is left of a draw is as good as another
        self.hazard = self.private("hazard")
        self.resting = self.private("resting", np.int64, relaxes=True)
        self.draws = self.private("draws", np.uint64)

    def of_input(self):
        return [name for name in self.variables if name.rpartition(".")[2].startswith(("gsyn_", "isyn_"))]

    def can_take_later(self, bint exchanges):
        # it takes them a pass more, but saves every second message; a sum with input that has no delay would be rounded
        # otherwise than by one process
        return exchanges and not self.looked_at and not self.late_input

    def rewind(self):
        cdef Py_ssize_t i, offset
        self.relax()
        self.draws[:] = 0
        for i in range(self.size):
            offset = self.offset(self.partition_of(i))
            self.hazard[i + offset] = self.next_draw(i + offset, offset)

    cdef CellRange cell_range(self, Py_ssize_t first, Py_ssize_t last, double tau_refrac):
        """Of the cells first … last - 1, which are of one partition."""
        cdef Py_ssize_t offset = self.offset(self.partition_of(first))
        return CellRange(first + offset, last + offset, offset, whole_steps(tau_refrac, self.timestep),
                         tau_refrac > 0.0)

    cdef void spike(self, const CellRange* cells, long now) noexcept nogil:
        """Spikes where the draw is used up, and new draws."""
        cdef int place[AT_ONCE + 1]
        cdef Py_ssize_t first = cells.first, n, k, i
        while first < cells.last:
            n = min(AT_ONCE, cells.last - first)
            for k in range(find_used_up(n, &self.hazard[first], place)):
                i = first + place[k]
                if self.resting[i] < now and not self.failure.happened:
                    self.spike_at(i, cells, now)
            first += n

    cdef void spike_at(self, Py_ssize_t i, const CellRange* cells, long now) noexcept nogil:
        """Those of the cell at position `i` of arrays."""
        if self.hazard[i] < -most_spikes and not cells.single_spike:
            self.failure.too_many_spikes(<PyObject*> self, i - cells.offset)
            self.hazard[i] = 0.0
        while self.hazard[i] <= 0.0:
            self.emit(<int> (i - cells.offset))
            self.notice(i)
            if cells.single_spike:
                self.hazard[i] = self.next_draw(i, cells.offset)
                self.resting[i] = now + cells.refractory_steps
                break
            self.hazard[i] += self.next_draw(i, cells.offset)

    # ---- one cell that goes ahead

    cdef int keep_trail(self, list names, double* learning, double unit) except -1:
        """Let the only cell go ahead: variables in the order of steps_ahead.pxd, and what a spike adds to the error,
        with its unit.
        """
        cdef int row
        self.trail = zeros(ALL_ROWS * COLUMNS)
        self.lone.rows = &self.trail[LANES]
        self.lone.h = 1e-3 * self.timestep             # s, since rates are in Hz
        self.lone.unit = unit
        for row, name in enumerate(names):
            self.present[row] = self.column[self.variables[name]]
            self.row_of[self.variables[name]] = row
        self.present[LEARNING] = learning
        self.goes_ahead = True
        return 0

    cdef void let_go_ahead(self, const CellRange* cells, const Soma* soma, const Dendrite* dendrite,
                           const RateFunction* rate, bint smooth) noexcept:
        """With these parameters; `smooth`: by one Gauss rule a step."""
        self.only = cells
        self.lone.soma = soma
        self.lone.dendrite = dendrite
        self.lone.rate = rate
        self.lone.smooth = smooth

    cdef const double* recent(self, long variable) noexcept nogil:
        return self.lone.rows + self.row_of[variable] * COLUMNS if self.goes_ahead else NULL

    cdef void begin_stretch(self, long now, long foreseen) noexcept nogil:
        self.looked = self.followed = now
        self.foreseen = foreseen

    cdef void step_through(self, long first, long last, int partition) noexcept nogil:
        cdef Py_ssize_t n, behind
        cdef double used
        while first <= last:
            if first > self.looked:
                self.settle(first - 1, partition)
                if not self.look_ahead(first, max(last, self.foreseen)):
                    self.step(first, partition)
                    self.remember(first)
                    first += 1
                    continue
            n = min(last, self.looked) - first + 1
            behind = (first - 1 - self.followed) // LANES * LANES
            if behind >= 2 * LANES:
                # a processor can work on some steps of the soma while the dendrite waits for its synapses
                self.follow(self.followed + behind, partition)
            dendrite_of_cell(
                &self.lone, self.injected[1], n, slot(&self.input_buffer.ring, first), self.stride,
                self.input_buffer.ring.width, first & (RECENT - 1))
            first += n
        if last >= self.foreseen:
            self.settle(last, partition)
            return
        # errors follow from the dendrite alone as long as there is no spike; no rate is above phi_max
        used = (last - self.followed) * self.lone.rate.scale * self.lone.h
        if 0.999999 * self.hazard[self.only.first] <= used:
            self.follow(last, partition)

    cdef bint look_ahead(self, long first, long last) noexcept nogil:
        """Conductances from step `first` on, up to `last` at most; false if that step needs `step`."""
        cdef Py_ssize_t at = first & (RECENT - 1)
        cdef int row
        if not self.lone.smooth:
            return False
        for row in range(N_STATES):
            self.lone.rows[row * COLUMNS + at - 1] = self.present[row][0]
        self.looked += conductances_of_cell(
            &self.lone, last - first + 1, slot(&self.input_buffer.ring, first), self.stride,
            self.input_buffer.ring.width, at)
        return first <= self.looked

    cdef void follow(self, long now, int partition) noexcept nogil:
        """Let the soma come to step `now`, and spike."""
        cdef long first = self.followed + 1
        if now < first:
            return
        soma_of_cell(&self.lone, self.injected[0], self.injected[1], now - self.followed, first & (RECENT - 1))
        self.followed = now
        self.spend(self.only, first, now, partition)

    cdef void settle(self, long now, int partition) noexcept nogil:
        """Likewise, with all present values."""
        cdef int row
        if self.followed == now:
            return
        self.follow(now, partition)
        for row in range(N_ROWS):
            self.present[row][0] = self.lone.rows[row * COLUMNS + (now & (RECENT - 1))]

    cdef void spend(self, const CellRange* cells, long first, long last, int partition) noexcept nogil:
        """Use up the draw in the steps `first` … `last`, and spike."""
        cdef long now = max(first, self.resting[cells.first] + 1)
        cdef Py_ssize_t i = cells.first, k
        cdef const double* rate = self.lone.rows + RATE * COLUMNS
        cdef double h = self.lone.h, left = self.hazard[i], then
        # those of long ago
        no_spikes(&self.block[partition], first, last)
        while now <= last:
            if now + LANES - 1 <= last:
                # no rate is negative: what is left in the end tells of all of these steps
                then = left
                for k in range(LANES):
                    then -= rate[(now & (RECENT - 1)) + k] * h
                if then > 0.0:
                    left = then
                    now += LANES
                    continue
            left -= rate[now & (RECENT - 1)] * h
            if left <= 0.0:
                self.hazard[i] = left
                self.spike_behind(cells, now, partition)
                left = self.hazard[i]
                now = max(now, self.resting[i])
            now += 1
        self.hazard[i] = left

    cdef void spike_behind(self, const CellRange* cells, long now, int partition) noexcept nogil:
        """Spike at step `now` of those that it has come through."""
        cdef double* error = self.lone.rows + ERROR * COLUMNS + (now & (RECENT - 1))
        self.present[ERROR][0] = error[0]
        self.present[LEARNING][0] = self.lone.rows[LEARNING * COLUMNS + (now & (RECENT - 1))]
        self.open_spikes(now, partition)
        self.spike(cells, now)
        error[0] = self.present[ERROR][0]

    cdef void remember(self, long now) noexcept nogil:
        """Keep the values of step `now`, which all parts have come to."""
        cdef Py_ssize_t at = now & (RECENT - 1)
        cdef int row
        for row in range(N_ROWS):
            self.lone.rows[row * COLUMNS + at] = self.present[row][0]
        self.looked = self.followed = now

    cdef void notice(self, Py_ssize_t i) noexcept nogil:
        """What a spike of the cell at position `i` of arrays changes: its errors. A model implements it."""

    cdef double next_draw(self, Py_ssize_t i, Py_ssize_t offset) noexcept nogil:
        self.draws[i] += 1
        return exponential_draw(self.key, self.first_stream + i - offset, self.draws[i] - 1)
