cdef enum:
    CHUNK = 128             # numbers that loops take at once


cdef class Column:
    cdef Py_ssize_t size
    cdef bint varied
    cdef double[::1] values
    cdef double* first

    cdef inline const double* at(self, Py_ssize_t k) noexcept nogil:
        """The number of connection `k` and those that follow, `CHUNK` of them or as many as there are."""
        return self.first + k if self.varied else self.first
