"""Whether all threads take the next steps, or one of them does the work of all.

Threads that wait for each other in every step gain nothing in a small network, and lose much where other programs use
the processors as well: one that has to stand back holds up all the others. No result depends on the choice, so that
time decides. Steps are done in pieces of about a millisecond, by whatever has taken less for a step lately. The other
way is tried again whenever that costs no more than a small part of the time.
"""

cdef double SHARE = 0.02          # of the time, for trials
cdef double PIECE = 1e-3          # s, about
cdef double REST = 25.0           # pieces between two trials, if trying costs nothing
cdef double WORST = 4.0           # times the cost of the other way: how much worse a way is ever thought to be


cdef class ThreadChoice:
    """How the next piece of a run is done; `note` tells what it took.

    Parameters
    ----------
    shortest : int
        Steps of the shortest piece.
    """

    def __init__(self, long shortest):
        self.shortest = self.steps = shortest
        self.together = True

    cpdef void note(self, long steps, double seconds) noexcept nogil:
        """The last piece had so many steps and took so long."""
        cdef double* own = &self.cost[self.together]
        cdef double* other = &self.cost[not self.together]
        own[0] = 0.5 * (own[0] + seconds / steps) if own[0] > 0.0 else seconds / steps
        if other[0] > 0.0:
            own[0] = min(own[0], WORST * other[0])
            self.spare = min(self.spare + SHARE * seconds - max(0.0, seconds - steps * other[0]), seconds)
        if seconds < 0.5 * PIECE and steps == self.steps:
            self.steps *= 2
        elif seconds > 2.0 * PIECE:
            self.steps = max(self.shortest, self.steps // 2 // self.shortest * self.shortest)
        cdef bint better = own[0] < other[0]
        if other[0] == 0.0 or better == (self.spare > 0.0):
            self.together = not self.together
        if other[0] == 0.0 or self.spare > 0.0:
            self.spare = -REST * SHARE * seconds
