from backend_cython.neurons.point_neuron cimport PointNeuron
from backend_cython.neurons.leaky_membrane cimport Exact, Membrane, Sampled


cdef class IntegrateAndFire(PointNeuron):
    cdef Membrane* membranes
    cdef Exact* exact                  # run by run, response by response
    cdef Sampled* sampled
    cdef bint linear                   # no conductances
    cdef bint two_alike                # all responses are two of one kind
    cdef _prepare_nodes(self, Py_ssize_t run)
    cdef void step_linear(self, Py_ssize_t number, double* arriving) noexcept nogil
    cdef void step_conductances(self, Py_ssize_t number, double* arriving) noexcept nogil
    cdef void step_smooth(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t n) noexcept nogil
    cdef bint take_smoothly(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t n, double* arriving) noexcept nogil
    cdef void advance_cells(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t n) noexcept nogil
    cdef void advance_exactly(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t n) noexcept nogil
    cdef bint advance_strip(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t n) noexcept nogil
    cdef void advance_cell(self, Py_ssize_t number, Py_ssize_t i) noexcept nogil
