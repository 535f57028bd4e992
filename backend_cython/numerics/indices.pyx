"""Arrays of indices of cells: put into order by counting, and made of random words."""

import numpy as np


def order_of(const int[::1] keys):
    """The stable order of small non-negative integers, as ``numpy.argsort(keys, kind="stable")`` gives it.

    Takes time and memory for the largest of them besides that for each.
    """
    cdef Py_ssize_t i
    cdef long[::1] end = np.zeros(np.max(keys, initial=-1) + 2, dtype=np.int64)
    cdef long[::1] order = np.empty(keys.shape[0], dtype=np.int64)
    for i in range(keys.shape[0]):
        end[keys[i] + 1] += 1
    for i in range(1, end.shape[0]):
        end[i] += end[i - 1]
    for i in range(keys.shape[0]):
        order[end[keys[i]]] = i
        end[keys[i]] += 1
    return np.asarray(order)


def alternately_below(const unsigned int[::1] words, const long[::1] largest, long[:, ::1] found, Py_ssize_t n):
    """Fill rows of `found`, turn by turn, with what random words give for integers up to two `largest` ones.

    A word gives its low bits, as many as the largest integer has, unless they are more than that; an integer that can
    only be 0 takes no word.

    Parameters
    ----------
    found : ndarray of int64, shape (2, any number)
        The first `n` integers, of both rows together, are there already.

    Returns
    -------
    int
        How many integers there are when the words are used up, or when `found` is full.
    """
    cdef Py_ssize_t most = 2 * found.shape[1], k
    cdef int side
    cdef long value
    cdef long[2] mask
    for side in range(2):
        mask[side] = (1 << int(largest[side]).bit_length()) - 1
    for k in range(words.shape[0]):
        if n == most:
            break
        side = n & 1
        if largest[side] == 0:
            found[side, n >> 1] = 0
            n += 1
            if n == most:
                break
            side = n & 1
        value = words[k] & mask[side]
        found[side, n >> 1] = value
        # without a branch, since it is anybody's guess
        n += value <= largest[side]
    if n < most and largest[n & 1] == 0:
        found[n & 1, n >> 1] = 0
        n += 1
    return n
