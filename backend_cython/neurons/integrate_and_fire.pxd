from backend_cython.neurons.point_neuron cimport PointNeuron
from backend_cython.neurons.leaky_membrane cimport Membrane, Sampled


cdef struct Exact:
    # what a response adds to the potential at the end of the step, of its value and of its rise
    double of_value, of_rise


cdef class IntegrateAndFire(PointNeuron):
    cdef Membrane* membranes
    cdef Exact* exact                  # run by run, response by response
    cdef Sampled* sampled
    cdef bint linear                   # no conductances
    cdef bint two_currents             # that decay are all responses
    cdef _prepare_nodes(self, Py_ssize_t run)
    cdef void step_run(self, Py_ssize_t number, double* arriving) noexcept nogil
    cdef void advance_exactly(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t n) noexcept nogil
    cdef bint advance_strip(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t n) noexcept nogil
    cdef void advance_cell(self, Py_ssize_t number, Py_ssize_t i) noexcept nogil
