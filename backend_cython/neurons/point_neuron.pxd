from backend_cython.neurons.responses cimport Responses
from backend_cython.model.cells cimport Block
from backend_cython.model.population cimport Population


cdef struct Run:
    # neighbours with equal parameters: first … last - 1
    Py_ssize_t first, last
    double i_offset, v_thresh, v_reset
    int refractory_steps


cdef class PointNeuron(Population):
    cdef Run* runs
    cdef Py_ssize_t n_runs
    cdef Responses responses
    cdef Py_ssize_t n_receptors        # responses after these are to the cell's own spikes
    cdef double* v
    cdef int* refractory               # steps for which the potential is still clamped
    cdef double* array(self, name) except? NULL
    cdef void advance(self, Py_ssize_t number) noexcept nogil
    cdef void fire(self, const Block* block) noexcept nogil
    cdef void fire_overdue(self, const Block* block) noexcept nogil
    cdef void spike(self, const Run* run, Py_ssize_t i) noexcept nogil
    cdef void propagate(self, const Block* block) noexcept nogil
