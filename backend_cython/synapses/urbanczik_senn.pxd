cimport cython
from backend_cython.columns cimport Column

from .error_integrals cimport ErrorIntegrals


@cython.final
cdef class UrbanczikSennSynapses(ErrorIntegrals):
    cdef Column w_init
    cdef object affected_rows           # of parts for other lanes, at the next `store`
    cdef long longest_delay
    cdef bint settled
