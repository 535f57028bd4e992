"""Loops over neighbouring sources of spikes, which compilers vectorise; see spike_source_poisson.pyx."""

from libc.stdint cimport uint32_t

from backend_cython.numerics.philox cimport N_ROUNDS, philox_round, to_uniform


cdef bint any_due(Py_ssize_t n, double end, AloneInput next_time, AloneInput stop) noexcept nogil:
    """The same of any of `n` sources."""
    cdef int due = 0
    cdef Py_ssize_t i
    for i in range(n):
        due |= is_due(next_time[i], end, stop[i])
    return due


cdef void draw_uniforms(
    Py_ssize_t n, uint64_t seed, const uint64_t* stream, const uint64_t* draw, Alone out
) noexcept nogil:
    """Up to `AT_ONCE` numbers as `uniform` of philox.pxd draws them one by one, round by round."""
    cdef uint32_t c0[AT_ONCE]
    cdef uint32_t c1[AT_ONCE]
    cdef uint32_t c2[AT_ONCE]
    cdef uint32_t c3[AT_ONCE]
    cdef uint32_t number
    cdef Py_ssize_t i
    for i in range(n):
        c0[i] = <uint32_t> draw[i]
        c1[i] = <uint32_t> (draw[i] >> 32)
        c2[i] = <uint32_t> stream[i]
        c3[i] = <uint32_t> (stream[i] >> 32)
    for number in range(N_ROUNDS):
        for i in range(n):
            philox_round(&c0[i], &c1[i], &c2[i], &c3[i], seed, number)
    for i in range(n):
        out[i] = to_uniform((<uint64_t> c1[i] << 32) | c0[i])
