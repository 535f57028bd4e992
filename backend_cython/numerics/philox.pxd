"""Counter-based random numbers: a pure function of (seed, stream, draw), whatever the order of calls."""

from libc.math cimport cos, log, sqrt
from libc.stdint cimport uint32_t, uint64_t


cdef inline uint64_t philox(uint64_t seed, uint64_t stream, uint64_t draw) noexcept nogil:
    """First 64 bits of Philox4x32-10 (Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3)."""
    cdef uint32_t c0 = <uint32_t> draw, c1 = <uint32_t> (draw >> 32)
    cdef uint32_t c2 = <uint32_t> stream, c3 = <uint32_t> (stream >> 32)
    cdef uint32_t k0 = <uint32_t> seed, k1 = <uint32_t> (seed >> 32)
    cdef uint64_t p0, p1
    cdef int _round
    for _round in range(10):
        p0 = <uint64_t> 0xD2511F53u * c0
        p1 = <uint64_t> 0xCD9E8D57u * c2
        c0 = <uint32_t> (p1 >> 32) ^ c1 ^ k0
        c1 = <uint32_t> p1
        c2 = <uint32_t> (p0 >> 32) ^ c3 ^ k1
        c3 = <uint32_t> p0
        k0 += 0x9E3779B9u
        k1 += 0xBB67AE85u
    return (<uint64_t> c1 << 32) | c0


cdef inline double uniform(uint64_t seed, uint64_t stream, uint64_t draw) noexcept nogil:
    """Uniform on (0, 1], 53 bits."""
    return ((philox(seed, stream, draw) >> 11) + 1) * (1.0 / 9007199254740992.0)


cdef inline double exponential_draw(uint64_t seed, uint64_t stream, uint64_t draw) noexcept nogil:
    """Exponential with mean 1."""
    return -log(uniform(seed, stream, draw))


cdef inline double normal_draw(uint64_t seed, uint64_t stream, uint64_t draw) noexcept nogil:
    """Standard normal, by Box and Muller from two uniforms; `draw` counts normals."""
    return (sqrt(-2.0 * log(uniform(seed, stream, 2 * draw)))
            * cos(6.283185307179586 * uniform(seed, stream, 2 * draw + 1)))
