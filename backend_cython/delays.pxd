cdef class Inbox:
    cdef object data
    cdef double* slots
    cdef long mask
    cdef readonly Py_ssize_t width

    cdef inline double* slot(self, long step) noexcept nogil:
        """What arrives at time step `step`: `width` numbers, receptor by receptor."""
        return self.slots + (step & self.mask) * self.width


cdef class SpikeHistory:
    cdef int* index
    cdef double* factor
    cdef long* first
    cdef long mask, capacity, end
    cdef int keep(self, long step, const int* index, const double* factor, Py_ssize_t n) except -1 nogil
