"""Sequences of numbers by the hundred, one behind the other in one array."""

from libc.string cimport memcpy, memset

import numpy as np

cimport numpy as cnp

from backend_cython.engine.allocation import empty

cnp.import_array()

cdef enum:
    DIGIT = 10                     # bits that are sorted at once, at most
    DIGITS = 1 << DIGIT


cdef bint is_plain(array):
    """Whether it is NumPy's own one-dimensional array of the machine's float64."""
    if type(array) is not cnp.ndarray or cnp.PyArray_NDIM(array) != 1 or cnp.PyArray_TYPE(array) != cnp.NPY_DOUBLE:
        return False
    return cnp.PyArray_ISBEHAVED_RO(array)


def copied(cnp.ndarray numbers, double least, double most, bint ascending):
    """A copy of a plain float64 array; None if one of its numbers is not from `least` to `most`, or if they are to be
    `ascending` and one is smaller than the one before it.
    """
    if not is_plain(numbers):
        return None
    cdef Py_ssize_t n = cnp.PyArray_DIM(numbers, 0)
    numbers = np.ascontiguousarray(numbers)
    copy = empty(n)
    cdef const double* number = <const double*> cnp.PyArray_DATA(numbers)
    cdef double* place = <double*> cnp.PyArray_DATA(copy)
    if ascending:
        fine = copy_ascending(n, number, place) and (n == 0 or least <= number[0] and number[n - 1] <= most)
    else:
        fine = copy_within(n, number, least, most, place)
    return copy if fine else None


cdef bint copy_within(Py_ssize_t n, AloneInput number, double least, double most, Alone place) noexcept nogil:
    """Copy numbers; whether all of them are from `least` to `most`."""
    cdef long wrong = 0
    cdef Py_ssize_t i
    for i in range(n):
        place[i] = number[i]
        wrong |= not least <= number[i]
        wrong |= not number[i] <= most
    return not wrong


cdef bint copy_ascending(Py_ssize_t n, AloneInput number, Alone place) noexcept nogil:
    """Copy numbers; whether none is smaller than the one before it, and all are numbers."""
    cdef long wrong = n > 0 and number[0] != number[0]
    cdef Py_ssize_t i
    if n > 0:
        place[0] = number[0]
    for i in range(1, n):
        place[i] = number[i]
        wrong |= not number[i - 1] <= number[i]
    return not wrong


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


def grouped(columns, cnp.ndarray group, Py_ssize_t n_groups):
    """Columns of plain float64 numbers group by group, in each as they were, and how many each has; None if the number
    (int64) of a group is not below `n_groups`.
    """
    cdef Py_ssize_t i, n = cnp.PyArray_DIM(group, 0), end = 0
    places, counts, ends = np.empty(n, np.int64), np.zeros(n_groups, np.int64), np.empty(n_groups, np.int64)
    cdef const double* number
    cdef const long* member = <const long*> cnp.PyArray_DATA(group)
    cdef double* ordered
    cdef long* place = <long*> cnp.PyArray_DATA(places)
    cdef long* count = <long*> cnp.PyArray_DATA(counts)
    cdef long* at = <long*> cnp.PyArray_DATA(ends)
    for i in range(n):
        if not 0 <= member[i] < n_groups:
            return None
        count[member[i]] += 1
    for i in range(n_groups):
        at[i] = end
        end += count[i]
    for i in range(n):
        place[i] = at[member[i]]
        at[member[i]] += 1
    together = []
    for column in columns:
        array = np.empty(n)
        number, ordered = <const double*> cnp.PyArray_DATA(column), <double*> cnp.PyArray_DATA(array)
        for i in range(n):
            ordered[place[i]] = number[i]
        together.append(array)
    return together, counts


def joined(list sequences, type holder):
    """Copies of plain float64 arrays in one, and how many numbers each has; None if one of them is anything else.

    Parameters
    ----------
    sequences : list
        Arrays, or objects of the class `holder`, which have one as `value`.
    """
    cdef Py_ssize_t i, k, n, stride, total = 0, n_sequences = len(sequences)
    cdef list arrays = [None] * n_sequences
    cdef const char* source
    for i in range(n_sequences):
        array = sequences[i]
        if type(array) is holder:
            array = array.value
        if not is_plain(array):
            return None
        arrays[i] = array
        total += cnp.PyArray_DIM(array, 0)
    together, counts = np.empty(total), np.empty(n_sequences, dtype=np.int64)
    cdef double[::1] number = together
    cdef long[::1] count = counts
    cdef double* place = &number[0] if total else NULL
    for i in range(n_sequences):
        n = cnp.PyArray_DIM(arrays[i], 0)
        stride = cnp.PyArray_STRIDE(arrays[i], 0)
        source = cnp.PyArray_BYTES(arrays[i])
        count[i] = n
        if stride == sizeof(double):
            memcpy(place, source, n * sizeof(double))
        else:
            for k in range(n):
                place[k] = (<const double*> (source + k * stride))[0]
        place += n
    return together, counts
