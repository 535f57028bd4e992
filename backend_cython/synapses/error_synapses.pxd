from backend_cython.model.uniform_array cimport Column

from .error_integrals cimport ErrorIntegrals


cdef class ErrorSynapses(ErrorIntegrals):
    cdef Column w_init
