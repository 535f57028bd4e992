from backend_cython.numerics.restrict cimport Alone, AloneInput


cdef bint copy_within(Py_ssize_t n, AloneInput number, double least, double most, Alone place) noexcept nogil
