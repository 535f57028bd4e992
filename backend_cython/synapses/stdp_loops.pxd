from backend_cython.numerics.restrict cimport Alone, AloneInput

from .pair_rule cimport Rule, Trace


cdef enum:
    STRIP = 64              # synapses that loops take at once


cdef void left_of_many(Py_ssize_t n, long now, const Trace* traces, const int* which, Alone out) noexcept nogil
cdef void increase_many(const Rule* rule, Py_ssize_t n, double gain, AloneInput trace, Alone weight) noexcept nogil
cdef void decrease_many(const Rule* rule, Py_ssize_t n, AloneInput trace, Alone weight) noexcept nogil
