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
        ToldSpike spikes[SPIKES_AT_HAND]

    Arrival* arrival_of(Arrival* arrivals, int thread, unsigned int count)
    void arrive(Arrival* arrivals, int own, unsigned int count, bint* slept)
    bint wait_for_all(Arrival* arrivals, int n, unsigned int count, bint* slept)
    void look_ahead(Arrival* arrivals, int n, int own, unsigned int count)


cdef class ThreadExchange:
    cdef PointerList populations
    cdef int n_threads, first_partition, n_partitions
    cdef long interval
    cdef Arrival* arrivals          # KEPT_ARRIVALS of each thread
    cdef object memory
    cdef Failure failure            # of the network
    cdef void tell(self, int own, unsigned int count, long first, long last) noexcept nogil
    cdef bint make_room(self, Arrival* arrival, Py_ssize_t n) noexcept nogil
    cdef void hear(self, int own, unsigned int count, long first, long last) noexcept nogil
    cdef void hear_process(self, int source, long first, long last, int partition) noexcept nogil
