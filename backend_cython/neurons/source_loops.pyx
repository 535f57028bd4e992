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
    """Up to `AT_ONCE` numbers as `uniform` of philox.pxd draws them one by one."""
    cdef uint64_t first[AT_ONCE]
    cdef uint64_t second[AT_ONCE]
    cdef Py_ssize_t i
    draw_bits(n, seed, stream, draw, first, second)
    for i in range(n):
        out[i] = to_uniform(first[i])


cdef inline void draw_bits(
    Py_ssize_t n, uint64_t seed, const uint64_t* stream, const uint64_t* draw, uint64_t* first, uint64_t* second
) noexcept nogil:
    """All 128 bits of the Philox numbers of up to `AT_ONCE` streams, round by round."""
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
    for number in range(<uint32_t> N_ROUNDS):
        for i in range(n):
            philox_round(&c0[i], &c1[i], &c2[i], &c3[i], seed, number)
    for i in range(n):
        first[i] = (<uint64_t> c1[i] << 32) | c0[i]
        second[i] = (<uint64_t> c3[i] << 32) | c2[i]


cdef void draw_counts(
    Py_ssize_t n, uint64_t seed, uint64_t first_stream, AloneInput mean, AloneInput none,
    uint64_t* draw, uint64_t* counts
) noexcept nogil:
    """Numbers of spikes of up to `AT_ONCE` Poisson processes in the next `STEPS_AHEAD` steps, of step k in byte k.

    `mean` is that of the spikes in all these steps, and `none` the probability that there are none. Their number comes
    by inversion: the least k with u <= P(0) + … + P(k), where u is uniform and P(k) = P(k - 1) mean / k. Given their
    number, each spike by itself is in any of the steps with equal probability, for which three bits are enough.
    """
    cdef uint64_t stream[AT_ONCE]
    cdef uint64_t bits[AT_ONCE]
    cdef uint64_t places[AT_ONCE]
    cdef uint64_t left[AT_ONCE]
    cdef double number[AT_ONCE]
    cdef double probability[AT_ONCE]
    cdef double reached[AT_ONCE]
    cdef uint64_t more = 1, beyond, k
    cdef uint64_t most = 0
    cdef Py_ssize_t i
    for i in range(n):
        stream[i] = first_stream + i
    draw_bits(n, seed, stream, draw, bits, places)
    for i in range(n):
        draw[i] += mean[i] > 0.0
        number[i] = to_uniform(bits[i])
        probability[i] = reached[i] = none[i]
        left[i] = counts[i] = 0
    while more and most < <uint64_t> MOST_AHEAD:
        most += 1
        more = 0
        for i in range(n):
            beyond = number[i] > reached[i]
            more |= beyond
            left[i] += beyond
            probability[i] *= mean[i] * (1.0 / most)
            reached[i] += probability[i]
    while True:
        for k in range(min(most, <uint64_t> PLACES)):
            for i in range(n):
                counts[i] += <uint64_t> (k < left[i]) << (8 * (places[i] & 7))
                places[i] >>= 3
        if most <= <uint64_t> PLACES:
            return
        most -= PLACES
        draw_bits(n, seed, stream, draw, bits, places)
        for i in range(n):
            left[i] -= min(left[i], <uint64_t> PLACES)
            draw[i] += left[i] > 0


cdef bint counts_at(Py_ssize_t n, const uint64_t* counts, long step, int* spikes) noexcept nogil:
    """The numbers of spikes in one of the steps of `draw_counts`; whether there are any."""
    cdef int some = 0
    cdef Py_ssize_t i
    for i in range(n):
        spikes[i] = <int> ((counts[i] >> (8 * step)) & 255)
        some |= spikes[i]
    return some != 0


cdef bint copy_counts(Py_ssize_t n, const uint64_t* counts, long step, unsigned char* count) noexcept nogil:
    """The same as bytes."""
    cdef int some = 0
    cdef Py_ssize_t i
    for i in range(n):
        count[i] = <unsigned char> (counts[i] >> (8 * step))
        some |= count[i]
    return some != 0
