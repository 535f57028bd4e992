from ..engine.failure cimport Failure


cdef long power_of_two(long n)


cdef struct Ring:
    double* slots
    long mask
    Py_ssize_t width


cdef inline double* slot(const Ring* ring, long step) noexcept nogil:
    """What arrives at time step `step`: `width` numbers, receptor by receptor."""
    return ring.slots + (step & ring.mask) * ring.width


cdef class InputBuffer:
    cdef object data
    cdef Ring ring
    cdef Py_ssize_t row
    cdef long place               # in a page, where large slots begin


cdef class SpikeHistory:
    cdef Failure failure
    cdef int* index
    cdef double* factor
    cdef long* first
    cdef long mask, capacity, end
    cdef long now                 # the step to which the groups that have it in common have come
    cdef long unused[8]           # nothing else lies in the cache lines of these, which one thread writes
    cdef void keep(self, long step, const int* index, const double* factor, Py_ssize_t n) noexcept nogil
