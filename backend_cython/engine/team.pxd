cimport cython

from .deliveries cimport Deliveries
from .pointer_list cimport PointerList
from .spike_exchange cimport Exchange
from .thread_choice cimport ThreadChoice
from .thread_exchange cimport ThreadExchange, arrive, wait_for_all
from .whole_cells cimport WholeCells


cdef extern from "engine/barrier.h" nogil:
    bint processors_are_short(int n)
    int threads_available()
    int team_size()
    double wall_time()
    void dismiss_team()


cdef enum:
    LEAP = 64           # most steps by which sources of spikes go ahead
    SHORT_LEAP = 16     # the same where no other thread has to be waited for, or mostly for other reasons as well


cdef struct Walk:
    # where a thread is
    int own                       # its number
    unsigned int count, told      # its arrivals so far, and that in which it told of the spikes up to `now`
    long now, followed, ahead     # steps that its cells, its synapses and its sources have done
    bint slept                    # since it arrived last
    bint part                     # all threads stop here


@cython.final
cdef class Team:
    cdef readonly list members
    cdef PointerList partitions
    cdef Deliveries groups          # of synapses, of all partitions, but for those that are foreseen
    cdef readonly WholeCells whole         # which one thread alone does not step by partition
    cdef PointerList with_cells, with_others    # partitions with anything else to do in the halves of a step then,
    cdef PointerList observers      # but for these
    cdef readonly bint goes_ahead   # one partition whose cells can go ahead
    cdef readonly long interval, leap        # steps of an interval, and by which sources go ahead
    cdef bint coupled             # by potentials, which each step needs
    cdef bint crossing            # spikes of cells that take input reach synapses, maybe in another partition
    cdef readonly bint apart      # one thread alone takes one partition after the other through a leap
    cdef bint tells               # one thread alone has to do so for synapses or observers that read them
    cdef bint have_sources
    cdef bint lags                # synapses are a piece behind the cells,
    cdef long piece               # of so many steps at most
    cdef ThreadExchange threads
    cdef unsigned int count       # of arrivals of a thread, so far
    cdef Exchange exchange        # with other processes; None if there are none
    cdef ThreadChoice choice
    cdef long reached, ahead      # last steps of the cells, and of the sources
    cdef void advance(self, long now, long n_steps) noexcept nogil
    cdef void go_together(self, long end) noexcept nogil
    cdef void go_alone(self, long end) noexcept nogil
    cdef void go_apart(self, long end) noexcept nogil
    cdef void step_alone(self, long now) noexcept nogil
    cdef void follow_alone(self, long now) noexcept nogil
    cdef void tell_all(self, long first, long last) noexcept nogil
    cdef void go(self, int own, Walk walk, long end) noexcept nogil
    cdef void meet(self, Walk* walk) noexcept nogil
    cdef void wait(self, Walk* walk, unsigned int count) noexcept nogil
    cdef void follow(self, Walk* walk) noexcept nogil
