"""The random streams seen from Python, for tests and for what is drawn outside a kernel."""

import numpy as np


def uniforms(uint64_t seed, uint64_t stream, Py_ssize_t n, uint64_t first=0):
    """Draws `first` … `first` + n - 1 of a stream, uniform on (0, 1]."""
    cdef double[::1] out = np.empty(n)
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = uniform(seed, stream, first + i)
    return np.asarray(out)


def normals(uint64_t seed, uint64_t stream, Py_ssize_t n, uint64_t first=0):
    """Draws `first` … `first` + n - 1 of a stream, standard normal."""
    cdef double[::1] out = np.empty(n)
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = normal_draw(seed, stream, first + i)
    return np.asarray(out)
