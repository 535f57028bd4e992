# What bounds the core on a machine: exponentials in a vector loop, and the way to and from memory.
# Compiled by benchmarks/limits.py when it is measured; no part of the package.

from backend_cython.numerics.sigmoid cimport exponential


def exponentials(double[::1] x, double[::1] out, long repeats):
    cdef Py_ssize_t i, n = x.shape[0]
    cdef double* source = &x[0]
    cdef double* to = &out[0]
    cdef long _repeat
    with nogil:
        for _repeat in range(repeats):
            for i in range(n):
                to[i] = exponential(source[i])


def triad(double[::1] a, const double[::1] b, const double[::1] c, double factor):
    cdef Py_ssize_t i, n = a.shape[0]
    with nogil:
        for i in range(n):
            a[i] = b[i] + factor * c[i]
