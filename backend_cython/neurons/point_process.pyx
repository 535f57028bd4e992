"""Cells that spike with a hazard, without reset, and rest for tau_refrac after a spike.

A cell spikes when its rate, integrated since the last spike, has used up an exponential draw. The law is the same as
that of a Bernoulli draw a step with probability 1 − exp(−φ h) (and as that of a Poisson draw a step without refractory
time), with one random number a spike.
"""

from cpython.ref cimport PyObject

import numpy as np

from backend_cython.engine.allocation import zeros
from backend_cython.model.cells cimport Block
from backend_cython.model.observer cimport RECENT
from backend_cython.model.schema import MOST_SPIKES
from backend_cython.neurons.refractory cimport whole_steps
from backend_cython.numerics.philox cimport exponential_draw

from .steps_ahead cimport COLUMNS, ERROR, LANES, LEARNING, N_ROWS, RATE


cdef double most_spikes = MOST_SPIKES


cdef class PointProcess(Population):
    """Base class of these cells. Those that derive from it take the hazard of a step from `hazard` unless `resting`
    lies at or behind that step, and call `spike` for cells in which a draw is used up.
    """

    def allocate_states(self):
        # what is left of a draw is as good as another
        self.hazard = self.private("hazard")
        self.resting = self.private("resting", np.int64, relaxes=True)
        self.draws = self.private("draws", np.uint64)

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
        cdef const double* hazard = &self.hazard[0]
        cdef Py_ssize_t i
        for i in range(cells.first, cells.last):
            # most cells have none
            if hazard[i] > 0.0 or self.resting[i] >= now or self.failure.happened:
                continue
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

    cdef int keep_trail(self, list names, double* learning) except -1:
        """Let the only cell go ahead: variables in the order of steps_ahead.pxd, and what a spike adds to the error."""
        cdef int row
        self.trail = zeros(N_ROWS * COLUMNS)
        self.ahead = &self.trail[LANES]
        for row, name in enumerate(names):
            self.present[row] = self.column[self.variables[name]]
            self.row_of[self.variables[name]] = row
        self.present[LEARNING] = learning
        self.goes_ahead = True
        return 0

    cdef const double* recent(self, long variable) noexcept nogil:
        return self.ahead + self.row_of[variable] * COLUMNS if self.goes_ahead else NULL

    cdef void step_through(self, long first, long last, int partition) noexcept nogil:
        cdef Py_ssize_t n
        while first <= last:
            n = self.smooth_steps(first, last - first + 1)
            if n:
                self.spend(self.only, first, n, partition)
            else:
                self.step(first, partition)
                self.remember(first)
                n = 1
            first += n

    cdef Py_ssize_t smooth_steps(self, long first, Py_ssize_t n) noexcept nogil:
        """Up to `n` steps from `first` on, but for spikes, and how many; none if the first one needs `step`."""
        return 0

    cdef void spend(self, const CellRange* cells, long first, Py_ssize_t n, int partition) noexcept nogil:
        """Use up the draw in `n` steps, and spike."""
        cdef Py_ssize_t i = cells.first, at = first & (RECENT - 1), k
        cdef double h = 1e-3 * self.timestep, left = self.hazard[i]       # s, since rates are in Hz
        cdef const double* rate = self.ahead + RATE * COLUMNS + at
        cdef double* error = self.ahead + ERROR * COLUMNS + at
        cdef const double* learning = self.ahead + LEARNING * COLUMNS + at
        cdef const Block* block = &self.block[partition]
        cdef long now = first, resting = self.resting[i]
        for k in range(n):
            if block.some[now & block.slot_mask]:
                self.open_spikes(now, partition)
            if resting < now:
                left -= rate[k] * h
                if left <= 0.0:
                    self.hazard[i] = left
                    self.present[ERROR][0] = error[k]
                    self.present[LEARNING][0] = learning[k]
                    self.open_spikes(now, partition)
                    self.spike(cells, now)
                    error[k] = self.present[ERROR][0]
                    left = self.hazard[i]
                    resting = self.resting[i]
            now += 1
        self.hazard[i] = left
        self.present[ERROR][0] = error[n - 1]
        self.present[LEARNING][0] = learning[n - 1]

    cdef void remember(self, long now) noexcept nogil:
        """Keep the values of step `now`."""
        cdef Py_ssize_t at = now & (RECENT - 1)
        cdef int row
        for row in range(N_ROWS):
            self.ahead[row * COLUMNS + at] = self.present[row][0]

    cdef void notice(self, Py_ssize_t i) noexcept nogil:
        """What a spike of the cell at position `i` of arrays changes: its errors. A model implements it."""

    cdef double next_draw(self, Py_ssize_t i, Py_ssize_t offset) noexcept nogil:
        self.draws[i] += 1
        return exponential_draw(self.key, self.first_stream + i - offset, self.draws[i] - 1)
