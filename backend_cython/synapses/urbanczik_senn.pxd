cimport cython

from .error_synapses cimport ErrorSynapses


@cython.final
cdef class UrbanczikSennSynapses(ErrorSynapses):
    pass
