"""Cells that spike with a hazard, without reset, and rest for tau_refrac after a spike.

A cell spikes when its rate, integrated since the last spike, has used up an exponential draw. The law is the same as
that of a Bernoulli draw a step with probability 1 − exp(−φ h) (and as that of a Poisson draw a step without refractory
time), with one random number a spike.
"""

from cpython.ref cimport PyObject

import numpy as np

from backend_cython.model.schema import MOST_SPIKES
from backend_cython.neurons.refractory cimport whole_steps
from backend_cython.numerics.philox cimport exponential_draw


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
        cdef Py_ssize_t i
        for i in range(cells.first, cells.last):
            if self.resting[i] >= now or self.failure.happened:
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

    cdef void notice(self, Py_ssize_t i) noexcept nogil:
        """What a spike of the cell at position `i` of arrays changes: its errors. A model implements it."""

    cdef double next_draw(self, Py_ssize_t i, Py_ssize_t offset) noexcept nogil:
        self.draws[i] += 1
        return exponential_draw(self.key, self.first_stream + i - offset, self.draws[i] - 1)
