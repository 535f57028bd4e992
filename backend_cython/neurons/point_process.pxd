from backend_cython.model.population cimport Population
from backend_cython.model.ring_buffers cimport slot

from .compartments cimport Dendrite, Soma
from .rate_functions cimport RateFunction
from .steps_ahead cimport N_ROWS, LoneCell


cdef struct CellRange:
    # neighbours with equal parameters: positions first … last - 1 of arrays, numbers of cells less by `offset`
    Py_ssize_t first, last, offset
    int refractory_steps
    bint single_spike                  # in one step


cdef class PointProcess(Population):
    cdef double[::1] nothing           # what arrives at a step, if cells take it when the next one begins
    cdef double[::1] hazard            # exponential draw that the integrated rate has still to use up
    cdef long[::1] resting             # last step without hazard after a spike
    cdef unsigned long long[::1] draws
    # Of one cell that goes ahead: what its steps need, with the rows of the last ones; their memory; where the present
    # values are; and the row of each variable.
    cdef LoneCell lone
    cdef double[::1] trail
    cdef double* present[N_ROWS]
    cdef int row_of[N_ROWS]
    cdef const CellRange* only         # that cell
    # The steps up to which what reaches the soma is on its way, there are its conductances, its potential and rate.
    cdef long foreseen, looked, followed
    cdef inline double* arriving(self, long now) noexcept nogil:
        """What joins the states at the end of step `now`."""
        return slot(&self.input_buffer.ring, now) if self.takes_at_once else &self.nothing[0]

    cdef int keep_trail(self, list names, double* learning, double unit) except -1
    cdef void let_go_ahead(self, const CellRange* cells, const Soma* soma, const Dendrite* dendrite,
                           const RateFunction* rate, bint smooth) noexcept
    cdef bint look_ahead(self, long first, long last) noexcept nogil
    cdef void follow(self, long now, int partition) noexcept nogil
    cdef void settle(self, long now, int partition) noexcept nogil
    cdef void spend(self, const CellRange* cells, long first, long last, int partition) noexcept nogil
    cdef void spike_behind(self, const CellRange* cells, long now, int partition) noexcept nogil
    cdef void remember(self, long now) noexcept nogil
    cdef CellRange cell_range(self, Py_ssize_t first, Py_ssize_t last, double tau_refrac)
    cdef void spike(self, const CellRange* cells, long now) noexcept nogil
    cdef void spike_at(self, Py_ssize_t i, const CellRange* cells, long now) noexcept nogil
    cdef void notice(self, Py_ssize_t i) noexcept nogil
    cdef double next_draw(self, Py_ssize_t i, Py_ssize_t offset) noexcept nogil
