cdef enum:
    RECENT = 64         # steps of which some cells keep values, each at its step & (RECENT - 1)


cdef class Sampled:
    cdef double** column
    cdef readonly dict variables
    cdef list _published
    cdef const double* address(self, long variable, long index) noexcept nogil
    cdef const double* recent(self, long variable) noexcept nogil
    cdef int publish(self, str name, double[::1] values) except -1
    cdef void sample(self, long variable, const long* indices, Py_ssize_t n, double* out) noexcept nogil


cdef class Observer:
    cdef readonly set depends_on
    cdef readonly int partition        # in which it follows the steps; -1 if it does not
    cdef readonly bint goes_ahead      # it can observe cells that have gone ahead
    cdef readonly bint needs_somata    # of these; else only of their errors
    cdef void after_step(self, long now) noexcept nogil
    cdef void observe(self, long now) noexcept nogil
    cdef void observe_through(self, long first, long last) noexcept nogil
