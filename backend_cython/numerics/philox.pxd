"""Counter-based random numbers: a pure function of (seed, stream, draw), whatever the order of calls."""

from libc.math cimport cos, log, sqrt
from libc.stdint cimport int64_t, uint32_t, uint64_t

cdef enum:
    N_ROUNDS = 10


cdef inline void philox_round(
    uint32_t* c0, uint32_t* c1, uint32_t* c2, uint32_t* c3, uint64_t seed, uint32_t number
) noexcept nogil:
    """Round `number`, from 0 on, of Philox4x32 (Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3)."""
    cdef uint64_t p0 = <uint64_t> 0xD2511F53u * c0[0], p1 = <uint64_t> 0xCD9E8D57u * c2[0]
    c0[0] = <uint32_t> (p1 >> 32) ^ c1[0] ^ (<uint32_t> seed + number * <uint32_t> 0x9E3779B9u)
    c1[0] = <uint32_t> p1
    c2[0] = <uint32_t> (p0 >> 32) ^ c3[0] ^ (<uint32_t> (seed >> 32) + number * <uint32_t> 0xBB67AE85u)
    c3[0] = <uint32_t> p0


cdef inline uint64_t philox(uint64_t seed, uint64_t stream, uint64_t draw) noexcept nogil:
    """First 64 bits of Philox4x32-10."""
    cdef uint32_t c0 = <uint32_t> draw, c1 = <uint32_t> (draw >> 32)
    cdef uint32_t c2 = <uint32_t> stream, c3 = <uint32_t> (stream >> 32)
    cdef uint32_t number
    for number in range(<uint32_t> N_ROUNDS):
        philox_round(&c0, &c1, &c2, &c3, seed, number)
    return (<uint64_t> c1 << 32) | c0


cdef inline double to_uniform(uint64_t bits) noexcept nogil:
    """On (0, 1], from 64 random bits."""
    return <double> <int64_t> ((bits >> 11) + 1) * (1.0 / 9007199254740992.0)


cdef inline double uniform(uint64_t seed, uint64_t stream, uint64_t draw) noexcept nogil:
    """Uniform on (0, 1], 53 bits."""
    return to_uniform(philox(seed, stream, draw))


cdef inline double exponential_draw(uint64_t seed, uint64_t stream, uint64_t draw) noexcept nogil:
    """Exponential with mean 1."""
    return -log(uniform(seed, stream, draw))


cdef inline double normal_draw(uint64_t seed, uint64_t stream, uint64_t draw) noexcept nogil:
    """Standard normal, by Box and Muller from two uniforms; `draw` counts normals."""
    return (sqrt(-2.0 * log(uniform(seed, stream, 2 * draw)))
            * cos(6.283185307179586 * uniform(seed, stream, 2 * draw + 1)))
