from backend_cython.population cimport Population


cdef class SpikeSourceArray(Population):
    cdef long[::1] event_step
    cdef int[::1] event_cell
    cdef double[::1] event_factor
    cdef Py_ssize_t next_event
    cdef long next_step           # of the next event; -1 if there is none
    cdef void look_ahead(self) noexcept nogil
