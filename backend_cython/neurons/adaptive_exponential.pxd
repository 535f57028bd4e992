from backend_cython.neurons.point_neuron cimport PointNeuron


cdef struct Membrane:
    # of a run
    double cm, g_leak, v_rest, v_thresh, delta_T
    double a, b, rate_w
    double ceiling                     # where the upstroke is cut off


cdef class AdaptiveExponential(PointNeuron):
    cdef Membrane* membranes
    cdef double* w
    cdef void advance_cell(self, Py_ssize_t number, Py_ssize_t i) noexcept nogil
    cdef double adapt(self, Py_ssize_t number, double w, double time) noexcept nogil
