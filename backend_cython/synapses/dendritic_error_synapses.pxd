from .error_synapses cimport ErrorSynapses


cdef class DendriticErrorSynapses(ErrorSynapses):
    pass
