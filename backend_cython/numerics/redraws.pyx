"""Random numbers within bounds, from others that may lie beyond."""

import numpy as np


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
