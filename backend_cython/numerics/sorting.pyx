"""Integers in order: by counting, if they are small, or digit by digit."""

from libc.string cimport memset

import numpy as np

cimport numpy as cnp

cnp.import_array()

cdef enum:
    DIGIT = 10                     # bits that are sorted at once, at most
    DIGITS = 1 << DIGIT

ctypedef fused Number:
    int
    double


def are_in_order(const int[::1] pre, const int[::1] post):
    """Whether pairs ascend, by `pre` and then by `post`."""
    cdef Py_ssize_t i
    for i in range(1, pre.shape[0]):
        if pre[i] < pre[i - 1] or (pre[i] == pre[i - 1] and post[i] < post[i - 1]):
            return False
    return True


def order_of(const int[::1] keys):
    """The stable order of small non-negative integers, as ``numpy.argsort(keys, kind="stable")`` gives it.

    Takes time and memory for the largest of them besides that for each.
    """
    cdef long[::1] order = np.empty(keys.shape[0], dtype=np.int64), place
    cdef Py_ssize_t i
    _, place = counted(keys, np.max(keys, initial=-1) + 1)
    for i in range(keys.shape[0]):
        order[place[keys[i]]] = i
        place[keys[i]] += 1
    return np.asarray(order)


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

    Raises
    ------
    IndexError
        For another key.
    """
    cdef long[::1] places = np.empty(keys.shape[0], dtype=np.int64), place
    cdef Py_ssize_t i
    counts, place = counted(keys, n_keys)
    for i in range(keys.shape[0]):
        places[i] = place[keys[i]]
        place[keys[i]] += 1
    return [moved[int](column, places) if column.dtype == np.int32 else moved[double](column, places)
            for column in columns], counts


cdef tuple counted(const int[::1] keys, Py_ssize_t n_keys):
    """How many elements have each key, and where the first of them comes."""
    counts = np.zeros(n_keys, dtype=np.int64)
    cdef long[::1] count = counts
    cdef Py_ssize_t i
    for i in range(keys.shape[0]):
        if not 0 <= keys[i] < n_keys:
            raise IndexError(f"{keys[i]} is not one of {n_keys} keys")
        count[keys[i]] += 1
    return counts, counts.cumsum() - counts


cdef moved(const Number[::1] column, const long[::1] places):
    """The numbers of a column at their places."""
    cdef Number[::1] ordered = np.empty(places.shape[0], dtype=np.int32 if Number is int else np.float64)
    cdef Py_ssize_t i
    for i in range(places.shape[0]):
        ordered[places[i]] = column[i]
    return np.asarray(ordered)


cdef int n_bits(unsigned long number) noexcept nogil:
    """How many bits it takes to write a number below 2^63."""
    cdef int n = 0
    while number >> n:
        n += 1
    return n


def put_in_order(cnp.ndarray steps, Py_ssize_t n):
    """Put the first `n` steps (int64, not negative) in order, and return where each of them was, in an array; equal
    ones stay as they are. None if they are in order.
    """
    cdef Py_ssize_t i, total, start
    cdef long* step = <long*> cnp.PyArray_DATA(steps)
    cdef unsigned long mask, same, differing = 0, falling = 0
    cdef int low = n_bits(n), width, n_digits, digit, shift
    cdef unsigned long* key
    cdef unsigned long* other
    cdef Py_ssize_t[DIGITS] next_of
    for i in range(1, n):
        falling |= step[i - 1] > step[i]
        differing |= step[i] ^ step[0]
    if not falling:
        return None
    width = n_bits(differing)
    if low + width > 64:
        order = steps[:n].argsort(kind="stable")
        steps[:n] = steps.take(order)
        return order
    # a step, as far as steps differ, and where it was are one number, so that they move together
    order, spare = np.empty(n, dtype=np.intp), np.empty(n, dtype=np.intp)
    key, other = <unsigned long*> cnp.PyArray_DATA(order), <unsigned long*> cnp.PyArray_DATA(spare)
    mask = (<unsigned long> 1 << width) - 1
    same = step[0] & ~mask
    for i in range(n):
        key[i] = (step[i] & mask) << low | <unsigned long> i
    # digits are as short as possible, so that what they are sorted into stays at hand
    n_digits = (width + DIGIT - 1) // DIGIT
    digit = (width + n_digits - 1) // n_digits
    mask = (<unsigned long> 1 << digit) - 1
    for shift in range(low, low + n_digits * digit, digit):
        memset(next_of, 0, sizeof(next_of))
        for i in range(n):
            next_of[key[i] >> shift & mask] += 1
        start = 0
        for i in range(<Py_ssize_t> mask + 1):
            total = next_of[i]
            next_of[i] = start
            start += total
        for i in range(n):
            other[next_of[key[i] >> shift & mask]] = key[i]
            next_of[key[i] >> shift & mask] += 1
        key, other = other, key
        order, spare = spare, order
    mask = (<unsigned long> 1 << low) - 1
    for i in range(n):
        step[i] = key[i] >> low | same
        key[i] &= mask
    return order
