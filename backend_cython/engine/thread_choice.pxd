cimport cython


@cython.final
cdef class ThreadChoice:
    cdef long shortest
    cdef readonly long steps      # of the next piece
    cdef readonly bint together   # who takes it: all threads, or one for all
    cdef double cost[2]           # s a step takes one thread, all threads, lately; 0 before that has been tried
    cdef double spare             # s that may be lost by trying
    cdef double gained            # s by all threads, lately, which they may lose before it counts
    cdef bint by_turns
    cdef double share             # of the time that trials of all threads may cost at present
    cdef bint trying              # the other way
    cdef bint warm                # the first piece of the trial is done
    cdef int tried                # pieces of the trial
    cdef long n_steps             # since the cost was noted, or since the trial began
    cdef double seconds           # that they took
    cpdef void note(self, long steps, double seconds) noexcept nogil
    cpdef void postpone(self) noexcept nogil
    cdef inline bint begins_with_all(self) noexcept nogil:
        """Whether the next piece is the first one of a trial of all threads."""
        return self.trying and self.together and not self.warm

    cdef double expected(self) noexcept nogil
    cdef double excess(self) noexcept nogil
    cdef void lose(self, double seconds, double least) noexcept nogil
    cdef void learn(self) noexcept nogil
    cdef void judge(self) noexcept nogil
    cdef void settle(self, bint together) noexcept nogil
