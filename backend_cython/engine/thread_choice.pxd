cimport cython


@cython.final
cdef class ThreadChoice:
    cdef long shortest
    cdef readonly long steps      # of the next piece
    cdef readonly bint together   # who takes it: all threads, or one for all
    cdef double cost[2]           # s a step takes one thread, all threads; 0 before that has been tried
    cdef double spare             # s that may be lost by trying
    cpdef void note(self, long steps, double seconds) noexcept nogil
