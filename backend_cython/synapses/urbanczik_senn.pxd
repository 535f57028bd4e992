cimport cython
from backend_cython.model.uniform_array cimport Column

from .error_integrals cimport ErrorIntegrals


@cython.final
cdef class UrbanczikSennSynapses(ErrorIntegrals):
    cdef Column w_init
    cdef object affected_rows           # of parts for other partitions, at the next `store`
    cdef long longest_delay
    cdef bint settled
