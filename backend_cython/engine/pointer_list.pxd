from cpython.ref cimport PyObject


cdef class PointerList:
    cdef readonly list members
    cdef PyObject** item
    cdef Py_ssize_t n
