from backend_cython.model.population cimport Population


cdef class SpikeSourcePoisson(Population):
    cdef double[::1] next_time, interval, stop
    cdef unsigned long long[::1] draws
    cdef object _in_force
    cdef void schedule(self, Py_ssize_t cell, double after) noexcept nogil
    cdef void spike_until(self, double end, Py_ssize_t first, Py_ssize_t n, int partition) noexcept nogil
