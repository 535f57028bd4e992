cimport cython


@cython.final
cdef class ThreadChoice:
    cdef long shortest
    cdef readonly long steps      # of the next piece
    cdef readonly bint together   # who takes it: all threads, or one for all
    cdef double cost[2]           # s a step takes one thread, all threads, lately; 0 before that has been tried
    cdef double spare             # s that may be lost by trying
    cdef bint by_turns
    cdef bint trying              # the other way
    cdef int tried                # pieces of the trial
    cdef long n_steps             # since the cost was noted, or since the trial began
    cdef double seconds           # that they took
    cpdef void note(self, long steps, double seconds) noexcept nogil
    cdef double expected(self) noexcept nogil
    cdef double excess(self) noexcept nogil
    cdef void learn(self) noexcept nogil
    cdef void judge(self) noexcept nogil
    cdef void settle(self, bint together) noexcept nogil
