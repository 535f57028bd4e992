from backend_cython.model.synapse_group cimport SynapseGroup


cdef struct KnownDecay:
    # how much is left after some steps of what decays with a time constant
    double tau
    long steps
    double factor


cdef struct KnownDecays:
    # those computed last, which neighbours mostly share: of each thread, as long as it is at it
    KnownDecay facil, rec, psc


cdef inline KnownDecays none_known() noexcept nogil:
    # what has no time constant is gone
    return KnownDecays(KnownDecay(0.0, 0, 0.0), KnownDecay(0.0, 0, 0.0), KnownDecay(0.0, 0, 0.0))


cdef class DynamicSynapses(SynapseGroup):
    cdef dict _values             # {parameter or state: one number a connection}
    cdef long[::1] last           # the step as of which the states of a connection are
    cdef void carry(self, Py_ssize_t k, long now, KnownDecays* known) noexcept nogil
    cdef double value_at(self, long now, long variable, Py_ssize_t k, KnownDecays* known) noexcept nogil


cdef double decay_factor(KnownDecay* known, double tau, long steps, double timestep) noexcept nogil
