"""What processes tell each other while they run: spikes of an interval, and potentials where there are gap junctions.

A spike is a record of two numbers, (population × interval + step in it, cell). Processes have contiguous blocks of
cells in the order of their ranks, so that the spikes of a population are, in the order of cells, those of the cells
before one's own, one's own, and those of the cells after. All messages have one size, so that one collective call an
interval is enough. If some process has more to tell, everybody sees it in that message, a second call passes
everything, and messages are larger from then on.
"""

import numpy as np

from ..model.cells cimport SpikeList
from ..model.population cimport Population

cdef enum:
    RECORD = 2                    # numbers in a record
# Records in the first message.
FIRST_CAPACITY = 32


cdef class Exchange:
    """The exchange of one process with the others.

    Parameters
    ----------
    network : Network
    crossing : list of Population
        Those whose spikes the others must know.
    """

    def __init__(self, network, crossing):
        self.processes = network.processes
        self.communicator = network.processes.communicator
        self.interval = network.interval
        self.populations = PointerList()
        for population in crossing:
            self.populations.add(population)
        self.couplings = []
        for electrode in network.electrodes.members:
            for values, bounds in electrode.couplings():
                mine = values[bounds[self.processes.rank]:bounds[self.processes.rank + 1]]
                everybody = [values, (np.diff(bounds), bounds[:len(bounds) - 1]), "d"]
                self.couplings.append((mine, mine.copy(), everybody))
        self.outgoing = np.zeros(1, dtype=np.int32)
        self._resize(FIRST_CAPACITY)

    def _resize(self, Py_ssize_t capacity):
        self.capacity = capacity
        self.incoming = np.zeros((self.processes.size, 1 + RECORD * capacity), dtype=np.int32)
        self._hold(max(capacity, self.outgoing.shape[0] // RECORD))

    def _hold(self, Py_ssize_t n):
        """Make room for `n` outgoing records."""
        before = np.asarray(self.outgoing)
        self.outgoing = np.zeros(1 + RECORD * n, dtype=np.int32)
        np.asarray(self.outgoing)[:before.size] = before
        self.message = np.asarray(self.outgoing)[:1 + RECORD * self.capacity]

    cdef void spikes(self, long first, long last) noexcept nogil:
        """Let all processes know the spikes of the steps `first` … `last`."""
        if self.populations.n:
            with gil:
                try:
                    self._pass_spikes(first, last)
                except BaseException as error:
                    self.processes.fail(error)

    cdef void potentials(self) noexcept nogil:
        """Let all processes know the potentials that junctions need for the next step."""
        with gil:
            try:
                for mine, message, everybody in self.couplings:
                    message[:] = mine
                    self.communicator.Allgatherv(message, everybody)
            except BaseException as error:
                self.processes.fail(error)

    def _pass_spikes(self, long first, long last):
        cdef Py_ssize_t most = 0, begin, n_processes = self.incoming.shape[0], i
        cdef int[::1] everything
        self.outgoing[0] = <int> self.pack(first, last)
        self.communicator.Allgather(self.message, self.incoming)
        for i in range(n_processes):
            most = max(most, self.incoming[i, 0])
        if most <= self.capacity:
            for i in range(n_processes):
                if i != self.processes.rank:
                    self.unpack(&self.incoming[i, 1], self.incoming[i, 0], first)
            return
        sizes = RECORD * np.asarray(self.incoming)[:, 0].astype(np.int64)
        bounds = np.concatenate([[0], np.cumsum(sizes)])
        everything = np.zeros(bounds[n_processes], dtype=np.int32)
        mine = np.asarray(self.outgoing)[1:1 + sizes[self.processes.rank]]
        self.communicator.Allgatherv(mine, [everything, (sizes, bounds[:n_processes]), "i"])
        for i in range(n_processes):
            begin = bounds[i]
            if i != self.processes.rank and self.incoming[i, 0]:
                self.unpack(&everything[begin], self.incoming[i, 0], first)
        self._resize(2 * most)

    cdef Py_ssize_t pack(self, long first, long last) except -1:
        """Write down the spikes of one's own cells, and forget those of the others; the number of records."""
        cdef Population population
        cdef const SpikeList* spikes
        cdef Py_ssize_t n = 0, p, s
        cdef long step
        cdef int partition
        for p in range(self.populations.n):
            population = <Population> self.populations.item[p]
            for step in range(first, last + 1):
                for partition in (0, population.n_partitions - 1):
                    population.open_spikes(step, partition)
                for partition in range(population.first_partition, population.end_partition):
                    spikes = population.spikes(step, partition)
                    if 1 + RECORD * (n + spikes.n) > self.outgoing.shape[0]:
                        self._hold(2 * (n + spikes.n))
                    for s in range(spikes.n):
                        self.outgoing[1 + RECORD * n] = <int> (p * self.interval + step - first)
                        self.outgoing[2 + RECORD * n] = spikes.index[s]
                        n += 1
        return n

    cdef int unpack(self, const int* records, Py_ssize_t n, long first) except -1:
        cdef Py_ssize_t i
        for i in range(n):
            (<Population> self.populations.item[records[RECORD * i] // self.interval]).receive(
                records[RECORD * i + 1], first + records[RECORD * i] % self.interval)
        return 0
