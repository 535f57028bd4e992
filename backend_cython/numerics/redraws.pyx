"""Random numbers within bounds, from others that may lie beyond."""

from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport uint32_t

import numpy as np

from numpy.random cimport bitgen_t


def within(
    const double[::1] numbers, const long[::1] sizes, Py_ssize_t part, double low, double high, long most,
    double[::1] out
):
    """Fill parts of `out` with numbers from `low` to `high`, those of `numbers` that lie beyond being drawn again.

    Of each part, all numbers are drawn first; then all that lie beyond together again, until none does.

    Parameters
    ----------
    numbers : ndarray
        What would be drawn, in this order.
    sizes : ndarray of int64
        Of the parts, which lie one behind the other.
    part : int
        The first part to fill; `out` begins there.
    most : int
        How many times a part may be drawn again.

    Returns
    -------
    part, used : int
        The first part for which `numbers` did not suffice, or the number of parts; and how many of `numbers` went into
        those before. `used` is -1 if a part would be drawn again too often.
    """
    cdef long[::1] beyond = np.empty(np.max(sizes, initial=0), dtype=np.int64)
    cdef Py_ssize_t used = 0, at, begin = 0, n_beyond, still, k
    cdef long size, again
    while part < sizes.shape[0]:
        size = sizes[part]
        at = used + size
        if at > numbers.shape[0]:
            return part, used
        n_beyond = 0
        for k in range(size):
            out[begin + k] = numbers[used + k]
            beyond[n_beyond] = k
            n_beyond += numbers[used + k] > high or numbers[used + k] < low
        again = 0
        while n_beyond:
            if again > most:
                return part, -1
            if at + n_beyond > numbers.shape[0]:
                return part, used
            still = 0
            for k in range(n_beyond):
                out[begin + beyond[k]] = numbers[at + k]
                beyond[still] = beyond[k]
                still += numbers[at + k] > high or numbers[at + k] < low
            at += n_beyond
            n_beyond = still
            again += 1
        used = at
        begin += size
        part += 1
    return part, used


def alternating_integers(random_state, Py_ssize_t n, bounds):
    """What `n` pairs of calls ``randint(bounds[0])``, ``randint(bounds[1])`` of a `RandomState` return.

    Parameters
    ----------
    bounds : pair of int
        From 1 to 2^31.

    Returns
    -------
    ndarray of int32, shape (2, n)

    Notes
    -----
    NumPy keeps the numbers of `RandomState` for good: an integer below a bound is the first of its 32-bit words that is
    small enough when only as many low bits are looked at as the largest possible value has; one that can only be 0
    takes no word.
    """
    # there is no public way to it; words that `randint` returns take twice the time
    generator = random_state._bit_generator
    cdef bitgen_t* words = <bitgen_t*> PyCapsule_GetPointer(generator.capsule, "BitGenerator")
    cdef int[:, ::1] found = np.empty((2, n), dtype=np.int32)
    cdef uint32_t[2] largest, mask
    cdef uint32_t value
    cdef Py_ssize_t k = 0
    cdef int side
    for side in range(2):
        largest[side] = bounds[side] - 1
        mask[side] = (1 << int(largest[side]).bit_length()) - 1
    with generator.lock:
        while k < 2 * n:
            side = k & 1
            if largest[side] == 0:
                found[side, k >> 1] = 0
                k += 1
                continue
            value = words.next_uint32(words.state) & mask[side]
            found[side, k >> 1] = <int> value
            # without a branch, since it is anybody's guess
            k += value <= largest[side]
    return np.asarray(found)
