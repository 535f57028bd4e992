from backend_cython.numerics.restrict cimport Alone, AloneBytes, AloneInput


cdef void transmit_alike(Py_ssize_t n, double weight, AloneBytes count, Alone arriving) noexcept nogil
cdef void transmit_weighted(Py_ssize_t n, AloneInput weight, AloneBytes count, Alone arriving) noexcept nogil
