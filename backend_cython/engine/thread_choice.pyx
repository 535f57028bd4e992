"""Whether all threads take the next steps, or one of them does the work of all.

Threads that wait for each other gain nothing in a small network, and lose much where other programs use the processors
as well: one that has to stand back holds up all the others. No result depends on the choice, so that time decides,
taken of pieces of about a millisecond. One thread begins. The other way is tried now and then, for several pieces as
long as it takes less time, and is given up as soon as it takes more. What trials cost is a small part of the time, and
the smaller part while all threads clearly gain: should that change, they take longer, and one is tried at once.

A thread that has to stand back once, for some milliseconds, is an accident: threads that have gained before may lose
some of that before one of them works alone for long. Virtual processors may share a core for some hundred milliseconds,
often the first ones of a process: after a first loss threads are tried again soon, after further ones less often.
"""

cdef double SHARE = 0.02          # of the time, for trials that lose
cdef double RARELY = 0.25         # times as often is one thread tried if all of them
cdef double CLEARLY = 0.75        # take less than this part of its time
cdef double FIRST_SHARE = 0.06    # the same for losses of more than a piece, of which each one halves it
cdef double PIECE = 1e-3          # s, about
cdef double BETTER = 0.97         # of the time of the present way, at most, for another one to be taken
cdef double WEIGHT = 0.125        # of the last piece in the mean
cdef int SHORT_TRIAL = 2          # pieces before a trial is judged, unless it is far worse
cdef int LONG_TRIAL = 8           # pieces of a trial that wins
cdef double ACCIDENT = 3.0        # times the cost of one thread that a piece counts at most
cdef double FORGIVEN = 2e-2       # s that all threads may lose of what they gained
# Whether the shortest pieces are done in both ways by turns, whatever they cost: for tests of what threads do.
BY_TURNS = False


cdef class ThreadChoice:
    """How the next piece of a run is done; `note` tells what it took.

    Parameters
    ----------
    shortest : int
        Steps of the shortest piece.
    """

    def __init__(self, long shortest):
        self.shortest = self.steps = shortest
        self.share = FIRST_SHARE
        self.spare = -2 * SHARE * PIECE
        self.by_turns = self.together = BY_TURNS

    cpdef void note(self, long steps, double seconds) noexcept nogil:
        """The last piece had so many steps and took so long."""
        if self.by_turns:
            self.together = not self.together
            return
        self.n_steps += steps
        self.seconds += seconds
        if self.trying and self.excess() > self.expected() + 0.5 * PIECE:
            self.settle(not self.together)
        elif self.trying and not self.warm:
            # threads have been woken and caches filled, which takes time once
            self.warm = True
            self.spare -= max(0.0, self.excess())
            self.n_steps, self.seconds = 0, 0.0
        elif self.seconds >= 0.5 * PIECE * (1 + self.tried):
            if self.trying:
                self.judge()
            else:
                self.learn()
        elif steps == self.steps:
            self.steps *= 2
        if seconds > 2.0 * PIECE:
            self.steps = max(self.shortest, self.steps // 2 // self.shortest * self.shortest)

    cpdef void postpone(self) noexcept nogil:
        """Let the trial that is about to begin wait: it could only fail."""
        self.together, self.trying = not self.together, False
        self.spare = -SHARE * LONG_TRIAL * PIECE

    cdef double expected(self) noexcept nogil:
        """Seconds that the other way would have taken."""
        return self.n_steps * self.cost[not self.together]

    cdef double excess(self) noexcept nogil:
        return self.seconds - self.expected()

    cdef void lose(self, double seconds, double least) noexcept nogil:
        """All threads, or a trial, took so much longer; it counts as `least`, at least."""
        cdef double forgiven = max(0.0, min(seconds, self.gained)) if self.together else 0.0
        self.gained -= forgiven
        seconds -= forgiven
        if self.together and seconds > PIECE:
            seconds *= SHARE / self.share
            self.share = max(SHARE, 0.5 * self.share)
        self.spare -= max(least, seconds)

    cdef void learn(self) noexcept nogil:
        """A piece is done in the way that is taken at present."""
        cdef double* own = &self.cost[self.together]
        cdef double cost = self.seconds / self.n_steps, earned
        if self.together:
            self.gained = min(self.gained - min(0.0, self.excess()), FORGIVEN)
            if self.gained == FORGIVEN:
                self.share = FIRST_SHARE
            self.lose(self.excess(), 0.0)
            cost = min(cost, ACCIDENT * self.cost[0])
        own[0] = own[0] + WEIGHT * (cost - own[0]) if own[0] > 0.0 else cost
        earned = RARELY if self.together and own[0] < CLEARLY * self.cost[0] else 1.0
        self.spare = min(self.spare + earned * SHARE * self.seconds, self.seconds)
        self.n_steps, self.seconds = 0, 0.0
        if self.spare > 0.0 or self.together and own[0] > self.cost[0]:
            self.together = not self.together
            self.trying, self.warm = True, False
            # it may take far longer
            self.steps = self.shortest

    cdef void judge(self) noexcept nogil:
        """A piece is done in the way that is tried."""
        self.tried += 1
        if self.tried >= SHORT_TRIAL and self.seconds > BETTER * self.expected():
            self.settle(not self.together)
        elif self.tried == LONG_TRIAL:
            self.settle(self.together)

    cdef void settle(self, bint together) noexcept nogil:
        """The end of a trial."""
        self.cost[self.together] = self.seconds / self.n_steps
        # at least as if something had been lost, so that two ways that are alike are not tried in turns for ever
        self.spare = min(self.spare, 0.0)
        self.lose(self.excess(), SHARE * LONG_TRIAL * PIECE)
        self.together = together
        self.trying, self.tried = False, 0
        self.n_steps, self.seconds = 0, 0.0
