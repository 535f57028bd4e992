from backend_cython.model.synapse_group cimport SynapseGroup


cdef class DynamicSynapses(SynapseGroup):
    cdef dict _values             # {parameter or state: one number a connection}
    cdef long[::1] last           # the step as of which the states of a connection are
    cdef Py_ssize_t column        # where the receptor's inputs begin in a slot of the ring
    cdef void carry(self, Py_ssize_t k, long now) noexcept nogil
    cdef double value_now(self, long variable, Py_ssize_t k) noexcept nogil


cdef struct KnownDecay:
    # how much is left after some steps of what decays with a time constant
    double tau
    long steps
    double factor


cdef double decay_factor(KnownDecay* known, double tau, long steps, double timestep) noexcept nogil
