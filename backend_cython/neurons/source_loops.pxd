from libc.stdint cimport uint64_t

from backend_cython.numerics.restrict cimport Alone, AloneInput


cdef enum:
    AT_ONCE = 64            # sources that loops take at once


cdef inline int is_due(double next_time, double end, double stop) noexcept nogil:
    """Whether a spike comes up to `end`, and before the process stops."""
    return (next_time <= end) & (next_time < stop)


cdef bint any_due(Py_ssize_t n, double end, AloneInput next_time, AloneInput stop) noexcept nogil
cdef void draw_uniforms(
    Py_ssize_t n, uint64_t seed, const uint64_t* stream, const uint64_t* draw, Alone out
) noexcept nogil
