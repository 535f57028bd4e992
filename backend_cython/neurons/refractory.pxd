"""Refractory time in steps, inline."""

from libc.math cimport ceil, rint


cdef inline int whole_steps(double time, double timestep) noexcept nogil:
    """`time` (ms) rounded up to whole steps, as in NEST; first to whole µs, so that 0.3 ms / 0.1 ms is 3."""
    return <int> min(ceil(rint(1e3 * time) / (1e3 * timestep) - 1e-9), 2e9)
