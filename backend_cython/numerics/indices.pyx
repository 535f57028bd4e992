"""Arrays of indices of cells: put into order by counting, and made of random words."""

from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport uint32_t

import numpy as np

from numpy.random cimport bitgen_t


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


def are_in_order(const int[::1] pre, const int[::1] post):
    """Whether pairs ascend, by `pre` and then by `post`."""
    cdef Py_ssize_t i
    for i in range(1, pre.shape[0]):
        if pre[i] < pre[i - 1] or (pre[i] == pre[i - 1] and post[i] < post[i - 1]):
            return False
    return True


def by_key(const int[::1] keys, Py_ssize_t n_keys, columns):
    """Columns in the stable order of keys, and how many elements have each of them.

    Takes time and memory for each possible key besides that for each element.

    Parameters
    ----------
    keys : int32 array
        From 0 to `n_keys` - 1.
    columns : list of int32 and float64 arrays
        As many numbers each.

    Returns
    -------
    columns : list of arrays
    counts : int64 array of length `n_keys`
    """
    cdef Py_ssize_t n = keys.shape[0], i
    ends, places = np.zeros(n_keys + 1, dtype=np.int64), np.empty(n, dtype=np.int64)
    cdef long[::1] end = ends, place = places
    cdef const int[::1] index
    cdef const double[::1] value
    cdef int[::1] indices_out
    cdef double[::1] values_out
    for i in range(n):
        end[keys[i] + 1] += 1
    counts = ends[1:].copy()
    for i in range(1, n_keys + 1):
        end[i] += end[i - 1]
    for i in range(n):
        place[i] = end[keys[i]]
        end[keys[i]] += 1
    ordered = []
    for column in columns:
        out = np.empty(n, dtype=column.dtype)
        if column.dtype == np.int32:
            index, indices_out = column, out
            for i in range(n):
                indices_out[place[i]] = index[i]
        else:
            value, values_out = column, out
            for i in range(n):
                values_out[place[i]] = value[i]
        ordered.append(out)
    return ordered, counts


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
