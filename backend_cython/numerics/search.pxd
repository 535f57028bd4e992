"""Places in arrays: by halves in sorted ones, and where the first number reaches a bound."""


cdef enum:
    AT_A_LOOK = 16          # numbers of which one is looked for at once


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


cdef inline Py_ssize_t first_beyond(
    Py_ssize_t i, Py_ssize_t n, double bound, bint upwards, const double* number
) noexcept nogil:
    """The first of the numbers `i` … `n` - 1 that is at a bound or above it, or, not `upwards`, below it; else `n`."""
    cdef int found = 0
    cdef Py_ssize_t k
    while i + AT_A_LOOK <= n:
        for k in range(AT_A_LOOK):
            found |= number[i + k] >= bound if upwards else number[i + k] <= bound
        if found:
            break
        i += AT_A_LOOK
    while i < n and not (number[i] >= bound if upwards else number[i] <= bound):
        i += 1
    return i
