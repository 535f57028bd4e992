from backend_cython.model.cells cimport Block
from backend_cython.model.population cimport Population


cdef class SpikeSourcePoisson(Population):
    cdef double[::1] next_time, interval, begin_time, stop
    # of sources with many spikes: mean number in the steps ahead, probability of none, and how many there are in each
    cdef double[::1] mean, none
    cdef unsigned long long[::1] counts
    cdef bint counting            # there are such sources
    cdef bint counted_alone       # and no others that ever have a spike
    cdef double last_begin, first_stop    # of the processes
    cdef object _rows             # memory of `counted`
    cdef unsigned long long[::1] draws
    cdef object _in_force
    cdef void schedule(self, Py_ssize_t cell, double after) noexcept nogil
    cdef bint count(self, long now, const Block* block) noexcept nogil
    cdef void spike_until(self, double end, Py_ssize_t first, Py_ssize_t n, int* spikes) noexcept nogil
    cdef void look_ahead(self, long now, Py_ssize_t first, Py_ssize_t n) noexcept nogil
    cdef void cut(self, Py_ssize_t cell, long now) noexcept nogil
