from libc.stdint cimport uint64_t

from backend_cython.numerics.restrict cimport Alone, AloneInput


cdef enum:
    AT_ONCE = 64            # sources that loops take at once
    STEPS_AHEAD = 8         # steps for which numbers of spikes are drawn together: a byte each fills 64 bits
    MOST_AHEAD = 255        # most spikes in them: no byte overflows
    PLACES = 21             # numbers of steps in 64 random bits


cdef inline int is_due(double next_time, double end, double stop) noexcept nogil:
    """Whether a spike comes up to `end`, and before the process stops."""
    return (next_time <= end) & (next_time < stop)


cdef bint any_due(Py_ssize_t n, double end, AloneInput next_time, AloneInput stop) noexcept nogil
cdef void draw_uniforms(
    Py_ssize_t n, uint64_t seed, const uint64_t* stream, const uint64_t* draw, Alone out
) noexcept nogil
cdef void draw_counts(
    Py_ssize_t n, uint64_t seed, uint64_t first_stream, AloneInput mean, AloneInput none,
    uint64_t* draw, uint64_t* counts
) noexcept nogil
cdef bint copy_counts(Py_ssize_t n, const uint64_t* counts, long step, unsigned char* count) noexcept nogil
cdef bint counts_at(Py_ssize_t n, const uint64_t* counts, long step, int* spikes) noexcept nogil
