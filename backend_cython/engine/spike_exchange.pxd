cimport cython

from .pointer_list cimport PointerList


@cython.final
cdef class Exchange:
    cdef object processes, communicator
    cdef PointerList populations       # whose spikes some process waits for
    cdef list couplings
    cdef long interval
    cdef int[::1] outgoing        # number of records, then the records
    cdef int[:, ::1] incoming     # likewise, one row a process
    cdef object message           # what of `outgoing` all processes send
    cdef readonly Py_ssize_t capacity     # records in it
    cdef void spikes(self, long first, long last) noexcept nogil
    cdef void potentials(self) noexcept nogil
    cdef Py_ssize_t pack(self, long first, long last) except -1
    cdef int unpack(self, const int* records, Py_ssize_t n, long first) except -1
