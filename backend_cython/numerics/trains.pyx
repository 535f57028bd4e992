"""Sequences of numbers by the hundred, one behind the other in one array."""

from libc.string cimport memcpy

import numpy as np

cimport numpy as cnp

from backend_cython.engine.allocation import empty

cnp.import_array()


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


def joined(list sequences, type holder=None):
    """Copies of plain float64 arrays in one, and how many numbers each has; None if one of them is anything else.

    Parameters
    ----------
    sequences : list
        Arrays, or objects of the class `holder` (None: of none), which have one as `value`.
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
