cimport cython

from .compartments cimport Dendrite, Soma
from .point_process cimport CellRange, PointProcess
from .rate_functions cimport RateFunction


cdef struct Cell:
    # all that a run of equal neurons needs to step
    CellRange cells
    Soma soma
    Dendrite dendrite
    RateFunction rate
    int substeps                       # of the Gauss rule


@cython.final
cdef class UrbanczikSenn(PointProcess):
    cdef Cell* cells
    cdef Py_ssize_t n_runs
    cdef double* v_soma
    cdef double* v_dendrite
    cdef double* g_exc
    cdef double* g_inh
    cdef double* i_exc
    cdef double* i_inh
    cdef double* v_star
    cdef double* rate
    cdef double* rate_star
    cdef double* error
    cdef double[::1] learning          # h(V*)
    cdef void absorb_range(self, Py_ssize_t first, Py_ssize_t last, double* arriving) noexcept nogil
    cdef void integrate(self, const Cell* c, long now) noexcept nogil
    cdef bint integrate_smooth(self, const Cell* c, Py_ssize_t first, Py_ssize_t n, long now) noexcept nogil
    cdef void integrate_substeps(self, const Cell* c, long now) noexcept nogil
    cdef bint integrate_divided(self, const Cell* c, Py_ssize_t first, Py_ssize_t n, long now) noexcept nogil
    cdef void integrate_coupled(self, const Cell* c, Py_ssize_t i) noexcept nogil
    cdef bint predict(
        self, const Cell* c, Py_ssize_t i, Py_ssize_t n, long now, double h, double* error) noexcept nogil
