"""Places in sorted arrays."""


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
