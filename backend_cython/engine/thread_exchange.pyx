"""What the threads of a process tell each other while they run: spikes of an interval, in the lines of the barrier.

A thread makes its own lists of what it hears, in which the cells of all partitions come in order, so that synapses see
one list. For an interval with few spikes, processors exchange a single cache line.
"""

cimport cython
from libc.stdlib cimport free

from .allocation import zeros
from .memory cimport resized
from ..model.cells cimport Block, SpikeList, any_spikes_of
from ..model.population cimport Population


@cython.no_gc
cdef class ArrivalMemory:
    """Arrivals. Like `SpikeMemory` it leads to nothing, so that the garbage collector does not take it apart."""

    def __cinit__(self, Py_ssize_t n):
        cdef char[::1] memory = zeros(n * sizeof(Arrival), "int8")
        self.memory = memory
        self.arrivals = <Arrival*> &memory[0]
        self.n = n

    def __dealloc__(self):
        cdef Py_ssize_t i
        for i in range(self.n):
            free(self.arrivals[i].others)


cdef class ThreadExchange:
    """The exchange of threads.

    Parameters
    ----------
    network : Network
    crossing : list of Population
        Those whose spikes other partitions must know.
    """

    def __init__(self, network, crossing):
        cdef ArrivalMemory memory = ArrivalMemory(network.n_threads * KEPT_ARRIVALS)
        cdef char[::1] heard = zeros(network.n_threads * sizeof(Heard), "int8")
        self.memory, self._heard, self.failure = memory, heard, network.failure
        self.arrivals, self.heard = memory.arrivals, <Heard*> &heard[0]
        self.n_threads, self.n_partitions = network.n_threads, network.n_partitions
        self.first_partition = network.first_partition
        self.step_bits = (network.interval - 1).bit_length()
        self.populations = PointerList()
        for population in crossing:
            population.keep_heard(network.interval)
            self.populations.add(population)

    cdef void tell(self, int own, unsigned int count, long first, long last) noexcept nogil:
        """Write down the spikes of one's own cells in the steps `first` … `last`, for arrival number `count`."""
        cdef Arrival* arrival = arrival_of(self.arrivals, own, count)
        cdef const Block* block
        cdef const SpikeList* spikes
        cdef ToldSpike* place
        cdef Py_ssize_t p, s, n = 0
        cdef long step
        for p in range(self.populations.n):
            block = &(<Population> self.populations.item[p]).block[self.first_partition + own]
            for step in range(first, last + 1):
                spikes = any_spikes_of(block, step)
                if spikes == NULL:
                    continue
                if n + spikes.n > SPIKES_AT_HAND + arrival.room and not self.make_room(arrival, n + spikes.n):
                    arrival.n_spikes = <int> n
                    return
                for s in range(spikes.n):
                    place = told_spike(arrival, <int> n)
                    place.where = <int> (p << self.step_bits | step - first)
                    place.cell = spikes.index[s]
                    n += 1
        arrival.n_spikes = <int> n

    cdef bint make_room(self, Arrival* arrival, Py_ssize_t n) noexcept nogil:
        """Have room for `n` spikes; false, and the network fails, if there is none."""
        if not resized(<void**> &arrival.others, 2 * n * sizeof(ToldSpike)):
            self.failure.no_room(2 * n * sizeof(ToldSpike))
            return False
        arrival.room = 2 * n
        return True

    cdef void hear(self, int own, unsigned int count, long first, long last) noexcept nogil:
        """Make lists of the spikes of all cells, from what was told in arrival number `count`, for the partition of a
        thread.
        """
        cdef Arrival* arrival
        cdef const ToldSpike* spike
        cdef Heard* heard = &self.heard[own]
        cdef int i, s
        self.hear_anew(own, first, last)
        if self.n_partitions > self.n_threads:
            self.hear_partition(0, own)
        for i in range(self.n_threads):
            arrival = arrival_of(self.arrivals, i, count)
            heard.any |= arrival.n_spikes
            for s in range(arrival.n_spikes):
                spike = told_spike(arrival, s)
                (<Population> self.populations.item[spike.where >> self.step_bits]).hear(
                    spike.cell, first + (spike.where & (1 << self.step_bits) - 1), self.first_partition + own)
        if self.n_partitions > self.n_threads:
            self.hear_partition(self.n_partitions - 1, own)

    cdef void hear_alone(self, int own, long first, long last) noexcept nogil:
        """The same, if one thread has stepped all cells, and reads what it has written."""
        cdef int source
        self.hear_anew(own, first, last)
        for source in range(self.n_partitions):
            self.hear_partition(source, own)

    cdef void hear_anew(self, int own, long first, long last) noexcept nogil:
        """Begin with the lists of the steps `first` … `last`."""
        cdef Heard* heard = &self.heard[own]
        cdef Py_ssize_t p
        if heard.any:
            for p in range(self.populations.n):
                (<Population> self.populations.item[p]).hear_nothing(
                    heard.first, heard.last, self.first_partition + own)
        heard.first, heard.last, heard.any = first, last, False

    cdef void hear_partition(self, int source, int own) noexcept nogil:
        """Add the spikes of a partition from its own lists."""
        cdef Heard* heard = &self.heard[own]
        cdef const SpikeList* spikes
        cdef Py_ssize_t p, s
        cdef long step
        for p in range(self.populations.n):
            if (<Population> self.populations.item[p]).as_whole:
                # partitions read its lists themselves
                continue
            for step in range(heard.first, heard.last + 1):
                spikes = any_spikes_of(&(<Population> self.populations.item[p]).block[source], step)
                if spikes != NULL:
                    heard.any = True
                    for s in range(spikes.n):
                        (<Population> self.populations.item[p]).hear(
                            spikes.index[s], step, self.first_partition + own)
