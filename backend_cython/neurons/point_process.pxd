from backend_cython.model.population cimport Population

from .steps_ahead cimport N_ROWS


cdef struct CellRange:
    # neighbours with equal parameters: positions first … last - 1 of arrays, numbers of cells less by `offset`
    Py_ssize_t first, last, offset
    int refractory_steps
    bint single_spike                  # in one step


cdef class PointProcess(Population):
    cdef double[::1] hazard            # exponential draw that the integrated rate has still to use up
    cdef long[::1] resting             # last step without hazard after a spike
    cdef unsigned long long[::1] draws
    # of one cell that goes ahead: the rows of steps_ahead.pxd with the last steps, their memory, and where the present
    # values are; and the row of each variable
    cdef double* ahead
    cdef double[::1] trail
    cdef double* present[N_ROWS]
    cdef int row_of[N_ROWS]
    cdef const CellRange* only         # that cell
    cdef int keep_trail(self, list names, double* learning) except -1
    cdef Py_ssize_t smooth_steps(self, long first, Py_ssize_t n) noexcept nogil
    cdef void spend(self, const CellRange* cells, long first, Py_ssize_t n, int partition) noexcept nogil
    cdef void remember(self, long now) noexcept nogil
    cdef CellRange cell_range(self, Py_ssize_t first, Py_ssize_t last, double tau_refrac)
    cdef void spike(self, const CellRange* cells, long now) noexcept nogil
    cdef void notice(self, Py_ssize_t i) noexcept nogil
    cdef double next_draw(self, Py_ssize_t i, Py_ssize_t offset) noexcept nogil
