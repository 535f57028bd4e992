# What bounds the core on a machine: exponentials in a vector loop, threads that must meet, the way to and from memory.
# Compiled by benchmarks/limits.py when it is measured; no part of the package.

from cython.parallel cimport prange

from backend_cython.engine.thread_exchange cimport KEPT_ARRIVALS, Arrival, arrive, wait_for_all
from backend_cython.numerics.restrict cimport Alone
from backend_cython.numerics.sigmoid cimport exponential

from backend_cython.engine.allocation import zeros


cdef enum:
    NEAR = 4096  # cells of a thread whose states stay in a near cache


def exponentials(double[::1] x, double[::1] out, long repeats):
    cdef Py_ssize_t i, n = x.shape[0]
    cdef double* source = &x[0]
    cdef double* to = &out[0]
    cdef long _repeat
    with nogil:
        for _repeat in range(repeats):
            for i in range(n):
                to[i] = exponential(source[i])


def in_step(long n, int threads, long steps):
    """Threads that divide `n` cells and wait for each other after every step, and do nothing else."""
    cdef char[::1] memory = zeros(threads * KEPT_ARRIVALS * sizeof(Arrival), "int8")
    cdef Arrival* arrivals = <Arrival*> &memory[0]
    # in cache lines of their own, with room between those of different threads
    cdef double[:, :, ::1] states = zeros(threads * 3 * (NEAR + 64)).reshape(threads, 3, -1)
    cdef int thread
    for thread in prange(threads, nogil=True, num_threads=threads, schedule="static", chunksize=1):
        go_in_step(&states[thread, 0, 0], &states[thread, 1, 0], &states[thread, 2, 0], n // threads, steps,
                   arrivals, thread, threads)


cdef void go_in_step(
    Alone v, Alone current, Alone other, long n, long steps, Arrival* arrivals, int own, int threads
) noexcept nogil:
    cdef long step, i, left
    cdef bint slept = False
    for step in range(1, steps + 1):
        left = n
        while left > 0:
            for i in range(min(left, NEAR)):
                v[i] = 0.99 * v[i] + 0.01 * current[i] + 0.02 * other[i]
                current[i] = 0.9 * current[i] + 0.2
                other[i] = 0.8 * other[i] - 0.1
            left -= NEAR
        arrive(arrivals, own, step, &slept)
        wait_for_all(arrivals, threads, step, &slept)


def triad(double[::1] a, const double[::1] b, const double[::1] c, double factor):
    cdef Py_ssize_t i, n = a.shape[0]
    with nogil:
        for i in range(n):
            a[i] = b[i] + factor * c[i]
