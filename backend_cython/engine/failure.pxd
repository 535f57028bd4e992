from cpython.ref cimport PyObject


cdef class Failure:
    cdef readonly bint happened
    cdef size_t n_bytes           # for which there was no room
    cdef PyObject* population     # that has a cell with too high a rate; NULL if none has
    cdef long cell
    cdef void no_room(self, size_t n_bytes) noexcept nogil
    cdef void too_many_spikes(self, PyObject* population, long cell) noexcept nogil
