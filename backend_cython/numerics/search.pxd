"""Places in arrays: by halves in sorted ones, and where numbers reach a bound."""

from libc.string cimport memcpy

from .restrict cimport AloneInput


cdef enum:
    AT_ONCE = 128           # numbers, at most, that are compared with a bound at once,
    AT_A_LOOK = 8           # and results that are looked at together


cdef inline Py_ssize_t n_before(const long* step, Py_ssize_t n, long bound) noexcept nogil:
    """How many of `n` sorted steps are smaller than `bound`."""
    cdef Py_ssize_t low = 0, middle
    while low < n:
        middle = (low + n) // 2
        if step[middle] < bound:
            low = middle + 1
        else:
            n = middle
    return low


cdef inline Py_ssize_t find_beyond(
    Py_ssize_t n, double bound, bint upwards, AloneInput number, int* place
) noexcept nogil:
    """How many of `n` numbers, at most `AT_ONCE`, are at a bound or above it, or, not `upwards`, below it; and their
    places, of which there is room for one more.
    """
    cdef char beyond[AT_ONCE + AT_A_LOOK]
    cdef unsigned long long look
    cdef Py_ssize_t i, k, found = 0
    for i in range(n):
        beyond[i] = number[i] >= bound if upwards else number[i] <= bound
    for i in range(n, n + AT_A_LOOK):
        beyond[i] = False
    i = 0
    while i < n:
        memcpy(&look, beyond + i, AT_A_LOOK)
        if look != 0:
            # no branch for each, since nobody foresees which one it is
            for k in range(i, i + AT_A_LOOK):
                place[found] = <int> k
                found += beyond[k]
        i += AT_A_LOOK
    return found
