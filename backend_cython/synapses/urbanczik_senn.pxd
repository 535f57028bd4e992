cimport cython
from backend_cython.model.uniform_array cimport Column

from .error_integrals cimport ErrorIntegrals


@cython.final
cdef class UrbanczikSennSynapses(ErrorIntegrals):
    cdef Column w_init
