"""Loops over neighbouring synapses of constant weight, which compilers vectorise; see static.pyx."""


cdef void transmit_alike(Py_ssize_t n, double weight, AloneBytes count, Alone arriving) noexcept nogil:
    """So many spikes of each of `n` neighbours reach one neighbour each."""
    cdef Py_ssize_t i
    for i in range(n):
        arriving[i] += weight * count[i]


cdef void transmit_weighted(Py_ssize_t n, AloneInput weight, AloneBytes count, Alone arriving) noexcept nogil:
    """The same, with a weight each."""
    cdef Py_ssize_t i
    for i in range(n):
        arriving[i] += weight[i] * count[i]
