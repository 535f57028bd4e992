from .failure cimport Failure
from .pointer_list cimport PointerList


cdef extern from "engine/barrier.h" nogil:
    enum:
        KEPT_ARRIVALS
        SPIKES_AT_HAND

    ctypedef struct ToldSpike:
        int where, cell

    ctypedef struct Arrival:
        int n_spikes
        ToldSpike* others
        long room

    Arrival* arrival_of(Arrival* arrivals, int thread, unsigned int count)
    ToldSpike* told_spike(Arrival* arrival, int k)
    void arrive(Arrival* arrivals, int own, unsigned int count, bint* slept)
    bint wait_for_all(Arrival* arrivals, int n, unsigned int count, bint* slept)


cdef struct Heard:
    # the steps of which a thread heard last, and whether there were spikes; fills a cache line
    long first, last
    long any
    long unused[5]


cdef class ArrivalMemory:
    cdef object memory
    cdef Arrival* arrivals
    cdef Py_ssize_t n


cdef class ThreadExchange:
    cdef PointerList populations
    cdef int n_threads, first_partition, n_partitions
    cdef int step_bits              # of a number that says how far a step lies within an interval
    cdef Arrival* arrivals          # KEPT_ARRIVALS of each thread
    cdef Heard* heard               # by each thread
    cdef object memory, _heard
    cdef Failure failure            # of the network
    cdef void tell(self, int own, unsigned int count, long first, long last) noexcept nogil
    cdef bint make_room(self, Arrival* arrival, Py_ssize_t n) noexcept nogil
    cdef void hear(self, int own, unsigned int count, long first, long last) noexcept nogil
    cdef void hear_alone(self, int own, long first, long last) noexcept nogil
    cdef void hear_anew(self, int own, long first, long last) noexcept nogil
    cdef void hear_partition(self, int source, int own) noexcept nogil
