"""Loops over neighbouring sources of spikes, which compilers vectorise; see spike_source_poisson.pyx."""

from libc.stdint cimport uint32_t


cdef bint any_due(Py_ssize_t n, double end, AloneInput next_time, AloneInput stop) noexcept nogil:
    """Whether any of the next spikes comes up to `end`, and before the process stops."""
    cdef int due = 0
    cdef Py_ssize_t i
    for i in range(n):
        due |= (next_time[i] <= end) & (next_time[i] < stop[i])
    return due


cdef void draw_uniforms(
    Py_ssize_t n, uint64_t seed, const uint64_t* stream, const uint64_t* draw, Alone out
) noexcept nogil:
    """Up to `AT_ONCE` numbers as `uniform` of philox.pxd draws them one by one, round by round."""
    cdef uint32_t c0[AT_ONCE]
    cdef uint32_t c1[AT_ONCE]
    cdef uint32_t c2[AT_ONCE]
    cdef uint32_t c3[AT_ONCE]
    cdef uint32_t k0 = <uint32_t> seed, k1 = <uint32_t> (seed >> 32)
    cdef uint64_t p0, p1
    cdef Py_ssize_t i
    cdef int _round
    for i in range(n):
        c0[i] = <uint32_t> draw[i]
        c1[i] = <uint32_t> (draw[i] >> 32)
        c2[i] = <uint32_t> stream[i]
        c3[i] = <uint32_t> (stream[i] >> 32)
    for _round in range(10):
        for i in range(n):
            p0 = <uint64_t> 0xD2511F53u * c0[i]
            p1 = <uint64_t> 0xCD9E8D57u * c2[i]
            c0[i] = <uint32_t> (p1 >> 32) ^ c1[i] ^ k0
            c1[i] = <uint32_t> p1
            c2[i] = <uint32_t> (p0 >> 32) ^ c3[i] ^ k1
            c3[i] = <uint32_t> p0
        k0 += 0x9E3779B9u
        k1 += 0xBB67AE85u
    for i in range(n):
        out[i] = <double> <long> (((((<uint64_t> c1[i]) << 32) | c0[i]) >> 11) + 1) * (1.0 / 9007199254740992.0)
