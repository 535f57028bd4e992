from backend_cython.numerics.restrict cimport Alone, AloneInput

cdef extern from *:
    # 2^48: below, the rounding of a time in steps is far less than half a step
    const double MOST_EXACT "281474976710656.0"


cdef bint copy_within(Py_ssize_t n, AloneInput number, double least, double most, Alone place) noexcept nogil
cdef bint find_steps(
    Py_ssize_t n, AloneInput time, double timestep, long* step, bint* on_grid
) noexcept nogil
cdef bint are_steady(Py_ssize_t n, AloneInput time, double timestep, long* first) noexcept nogil
cdef Py_ssize_t most_together(Py_ssize_t n, const long* step) noexcept nogil
