from backend_cython.numerics.restrict cimport Alone, AloneInput

cdef extern from *:
    # 2^48: below, the rounding of a time × the steps in a ms is far less than half a step
    const double MOST_EXACT "281474976710656.0"


cdef bint copy_within(Py_ssize_t n, AloneInput number, double least, double most, Alone place) noexcept nogil
cdef bint steps_on_grid(Py_ssize_t n, AloneInput time, double timestep, long* step) noexcept nogil
