"""Steps of times, many at once."""

from libc.limits cimport INT_MAX
from libc.math cimport fabs

import numpy as np

cimport numpy as cnp

from backend_cython.numerics.restrict cimport Alone

cnp.import_array()

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    #define ALL_WHOLE 4503599627370496.0  /* from here on, 2^52, there are only whole numbers */

    /* Of numbers from 0 to 2^51: what compilers turn into vectors, unlike conversions between types. */
    static inline double nearest_whole(double x) { return (x + ALL_WHOLE) - ALL_WHOLE; }

    static inline double rounded_down(double x)
    {
        const double whole = nearest_whole(x);
        return whole - (whole > x);
    }

    static inline int64_t as_integer(double whole)
    {
        const double none = ALL_WHOLE, sum = whole + none;
        uint64_t bits, bits_of_none;
        memcpy(&bits, &sum, sizeof bits);
        memcpy(&bits_of_none, &none, sizeof bits_of_none);
        return (int64_t) (bits - bits_of_none);
    }
    """
    # 2^48: below, the rounding of a time in steps is far less than half a step
    const double MOST_EXACT "281474976710656.0"
    double nearest_whole(double x) noexcept nogil
    double rounded_down(double x) noexcept nogil
    long as_integer(double whole) noexcept nogil


cdef bint find_steps(
    Py_ssize_t n, AloneInput time, double timestep, long* step, bint* on_grid
) noexcept nogil:
    """The steps nearest to ascending times, halves up; whether they do ascend, and all can be told from each other.

    `on_grid` becomes false if one of them is not exactly its step × the time step.
    """
    cdef double nearest
    cdef long wrong = n > 0 and not (0.0 <= time[0] and time[n - 1] < MOST_EXACT * timestep), inexact = 0
    cdef Py_ssize_t i
    for i in range(n):
        nearest = rounded_down(time[i] / timestep + 0.5)
        inexact |= nearest * timestep != time[i]
        step[i] = as_integer(nearest)
    for i in range(1, n):
        wrong |= not time[i - 1] <= time[i]
    on_grid[0] &= not inexact
    return not wrong


cdef bint are_steady(Py_ssize_t n, AloneInput time, double timestep, long* first) noexcept nogil:
    """Whether times are exactly those of one step after the other; the `first` of them."""
    cdef double step
    cdef long wrong = n == 0 or n > INT_MAX or not (0.0 <= time[0] < MOST_EXACT * timestep)
    cdef int i
    if wrong:
        return False
    step = nearest_whole(time[0] / timestep)
    first[0] = as_integer(step)
    for i in range(<int> n):
        wrong |= (step + i) * timestep != time[i]
    return not wrong


cdef Py_ssize_t most_together(Py_ssize_t n, const long* step) noexcept nogil:
    """How many of ascending steps are the same, at most; 1 if there are none."""
    cdef Py_ssize_t i, together = 1, most = 1
    cdef long equal = 0
    for i in range(1, n):
        equal |= step[i - 1] == step[i]
    if not equal:
        return 1
    for i in range(1, n):
        together = together + 1 if step[i - 1] == step[i] else 1
        most = max(most, together)
    return most


cdef void put_on_grid(
    Py_ssize_t n, AloneInput delay, double timestep, double per_millisecond, int* step, Alone acting
) noexcept nogil:
    cdef double in_steps, nearest, exact
    cdef Py_ssize_t i
    for i in range(n):
        in_steps = delay[i] / timestep
        # 0.15 ms / 0.1 ms is a little less than 1.5
        nearest = max(rounded_down(in_steps + (0.5 + 1e-9)), 1.0)
        exact = nearest / per_millisecond if per_millisecond > 0.0 else nearest * timestep
        acting[i] = delay[i] if fabs(in_steps - nearest) <= 1e-9 * nearest else exact
        step[i] = <int> nearest


def delays_on_grid(cnp.ndarray delays, double timestep, double per_millisecond):
    """The steps nearest to delays, one at least, and the delays that act: as they were given where that is the time of
    their steps but for rounding, otherwise the time of the steps.

    Parameters
    ----------
    delays : float64 array
        ms, positive, of less than 2^31 steps.
    timestep : float
        ms
    per_millisecond : float
        How many steps a millisecond has, 0 if that is no whole number.

    Returns
    -------
    steps : int32 array
    acting : float64 array
    """
    cdef Py_ssize_t n = cnp.PyArray_SIZE(delays)
    delays = np.ascontiguousarray(delays, dtype=np.float64)
    steps, acting = np.empty(n, dtype=np.int32), np.empty(n)
    put_on_grid(n, <const double*> cnp.PyArray_DATA(delays), timestep, per_millisecond,
                <int*> cnp.PyArray_DATA(steps), <double*> cnp.PyArray_DATA(acting))
    return steps, acting
