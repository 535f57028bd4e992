"""Cells divided among partitions, and the lists of their spikes, which partitions and processes read of each other."""

cimport cython
from libc.stdlib cimport free, malloc

import numpy as np

from .schema import equal_runs
from ..engine.allocation import zeros

from ..engine.memory cimport resized
from .observer cimport Sampled
from .ring_buffers cimport power_of_two

# Numbers in a cache line. What two threads write should not share one.
IN_A_LINE = 8
# Numbers that a processor may fetch ahead of those that it is asked for.
FETCHED_AHEAD = 128
# Cells a partition from which on it is better to divide them between cache lines than exactly.
WORTH_ALIGNING = 32
# Cells a partition at least, those of which hundreds take no longer than threads need to meet, and sources that nothing
# can reach: fewer take less time on one thread. Where all threads have something to do anyway, sources are divided as
# the cells that they may be connected to one by one.
LEAST_CELLS = 64
LEAST_QUICK_CELLS = 256
LEAST_SOURCES = 256

cdef enum:
    IN_FRONT = 8        # numbers in front of ones, see `more_ones`, and as many behind


cdef bint more_ones(Ones* ones, Py_ssize_t n) noexcept nogil:
    """Have at least `n`; False if there is no room. Others may still read those that there were, which therefore stay:
    in front of the new ones is where they are.
    """
    cdef double* memory
    cdef Py_ssize_t i
    if ones.n >= n:
        return True
    memory = <double*> malloc(2 * IN_FRONT * sizeof(double) + n * sizeof(double))
    if memory == NULL:
        return False
    (<double**> memory)[0] = ones.one
    ones.one, ones.n = memory + IN_FRONT, n
    for i in range(n):
        ones.one[i] = 1.0
    return True


cdef void drop(double* one) noexcept nogil:
    """Free them, and those before."""
    cdef double* memory
    while one != NULL:
        memory = one - IN_FRONT
        one = (<double**> memory)[0]
        free(memory)


@cython.no_gc
cdef class SpikeMemory:
    """Lists of spikes. It leads to nothing, and the garbage collector, which takes objects that lead to each other
    apart before they are freed, leaves it alone until then.
    """

    def __cinit__(self, Py_ssize_t n_partitions, long slots):
        cdef Py_ssize_t n = n_partitions * slots, i
        cdef char[::1] memory = zeros(n * sizeof(SpikeList) + n_partitions * sizeof(Ones), np.int8)
        self.memory = memory
        self.lists, self.n, self.n_partitions = <SpikeList*> &memory[0], n, n_partitions
        self.ones = <Ones*> (self.lists + n)
        for i in range(n):
            self.lists[i].ones = &self.ones[i // slots]

    def __dealloc__(self):
        cdef Py_ssize_t i
        for i in range(self.n):
            free(self.lists[i].cells)
        for i in range(self.n_partitions):
            drop(self.ones[i].one)


cdef class Cells(Sampled):
    """The cells of a population, cell by cell in arrays of which each partition computes a part.

    `Population` says whether they are `replicated`, and sets `network`, `failure` and `size` before `_make_blocks`.
    """

    # whether the first partition steps all cells, and whether partitions lie apart in memory, which quick models need
    ONE_PARTITION = False
    SPACED = False
    # whether `step` needs nothing of a partition but its cells or their runs, so that it can step all cells as `whole`
    BY_CELLS = False

    @property
    def replicated(self):
        """Whether nothing can reach these cells, so that every process computes all of them by itself."""
        return not (self.RECEPTORS or self.COMPARTMENTS)

    def is_quick(self):
        """Whether a step takes less than a nanosecond a cell."""
        return False

    def _share_out(self, network):
        """Bounds of a part for each thread; few cells go to a single one, that with the fewest of those that have any,
        so that a small network has one thread.
        """
        n = network.n_threads
        least = LEAST_CELLS
        if 0 in network.cells_of_threads:
            least = LEAST_SOURCES if self.replicated else LEAST_QUICK_CELLS if self.is_quick() else LEAST_CELLS
        parts = 1 if self.ONE_PARTITION else max(1, min(n, self.size // least))
        before = 0
        if parts == 1 and not self.ONE_PARTITION:
            before = min((cells, i) for i, cells in enumerate(network.cells_of_threads) if cells or i == 0)[1]
        empty_before, empty_behind = np.zeros(before, np.int64), np.full(n - parts - before, self.size)
        return np.concatenate([empty_before, self._divide(parts), empty_behind])

    def _divide(self, int n):
        """Bounds of `n` equal parts of the cells."""
        bounds = self.size * np.arange(n + 1) / n
        if self.size >= WORTH_ALIGNING * n:
            bounds[1:n] = IN_A_LINE * np.rint(bounds[1:n] / IN_A_LINE)
        return bounds.astype(np.int64)

    def _make_blocks(self, network):
        """Give each partition its part of the cells.

        Arrays of a `SPACED` model that is divided have padding before each partition but the first, so that no
        processor fetches in advance what another one is about to write: cell i of a partition is at position
        i + offset(partition).
        """
        cdef int partition, n_partitions = network.n_partitions, n_threads = network.n_threads
        self.n_partitions, self.first_partition = n_partitions, network.first_partition
        self.end_partition = network.first_partition + n_threads
        self._bounds = self._shares = self._share_out(network)
        if network.processes is not None:
            if not self.replicated:
                bounds = self._divide(n_threads * network.processes.size)
                self._shares = bounds[::n_threads]
                self._bounds = bounds[n_threads * network.processes.rank:][:n_threads + 1]
            self._bounds = np.concatenate([[0], self._bounds, [self.size]])
        # what one partition has alone may lie together, as close as in a network with one thread
        divided = network.processes is not None or np.count_nonzero(np.diff(self._bounds)) > 1
        self.padding = FETCHED_AHEAD if self.SPACED and n_threads > 1 and divided else 0
        self.padded_size = self.size + self.padding * (n_partitions - 1)
        self._positions = slice(None)
        if self.padding:
            self._positions = np.arange(self.size) + self.padding * self.partitions_of(np.arange(self.size))
        cdef char[::1] memory = zeros((3 * n_partitions + 1) * sizeof(Block), np.int8)
        self._block = memory
        self.block = <Block*> &memory[0]
        self.heard = self.block + n_partitions
        self.told = self.heard + n_partitions
        self.whole = 3 * n_partitions
        self.block[self.whole].last = self.size
        for partition in range(n_partitions):
            self.block[partition].first = self._bounds[partition]
            self.block[partition].last = self._bounds[partition + 1]
            self.block[partition].offset = self.offset(partition)
            self.heard[partition].last = self.size
        # others are empty if there are few cells
        self.first_block = max(0, np.searchsorted(self._bounds, 0, "right") - 1)
        self.n_blocks = max(1, np.searchsorted(self._bounds, self.size) - self.first_block)
        self.open_to_all = self.replicated
        self.keep_spikes(1)
        if n_partitions > 1:
            # of spikes that no synapse transmits, nobody hears
            self.keep_heard(1)

    def can_be_whole(self):
        """Whether one thread can step the cells of all partitions at once."""
        return self.BY_CELLS and self.n_blocks > 1 and self.network.processes is None

    def has_cells(self, int partition):
        """Whether a partition has cells to compute here."""
        if self.ONE_PARTITION:
            return partition == self.first_partition
        here = self.first_partition <= partition < self.end_partition
        return here and self.block[partition].first < self.block[partition].last

    def bounds_of_partitions(self):
        """Partition i has the cells bounds[i] … bounds[i + 1] - 1."""
        return self._bounds.copy()

    def bounds_of_processes(self):
        """Process i computes the cells bounds[i] … bounds[i + 1] - 1, unless they are `replicated`."""
        return self._shares.copy()

    @property
    def local(self):
        """The cells that this process computes, as a slice."""
        return slice(int(self._bounds[self.first_partition]), int(self._bounds[self.end_partition]))

    def partitions_of(self, indices):
        """The partitions of the cells `indices` (integers), one for each."""
        return np.searchsorted(self._bounds, indices, "right") - 1

    def positions_of(self, cells):
        """Where cells (int32) lie in arrays of all."""
        return self._positions.astype(np.int32)[cells] if self.padding else cells

    def cells_at(self, positions):
        """The cells that lie there."""
        if not self.padding:
            return positions
        cells = np.zeros(self.padded_size, np.int32)
        cells[self._positions] = np.arange(self.size)
        return cells[positions]

    def pieces(self, indices):
        """Who samples which cells: [(these cells, a partition, positions in `indices`, their indices)]."""
        if self.n_partitions == 1:
            return [(self, 0, np.arange(len(indices)), indices)] if len(indices) else []
        partition = self.partitions_of(indices)
        positions = [np.flatnonzero(partition == number) for number in np.unique(partition)]
        return [(self, partition[own[0]], own, indices[own]) for own in positions]

    def keep_spikes(self, long n_steps):
        """Keep the spikes of the last `n_steps` steps, at least; if that needs memory, only those of the present step
        stay.
        """
        cdef long slots = power_of_two(n_steps)
        last = [] if self._spikes is None else self.spiking()
        if self._spikes is not None and slots == self.block[0].slot_mask + 1:
            if self.as_whole:
                # who reads them may be somebody else from now on
                self.spike_again(last)
            return
        self._spikes = self._make_lists(self.block, self.n_partitions, slots)
        if self.can_be_whole():
            self._whole_spikes = self._make_lists(&self.block[self.whole], 1, slots)
        self.spike_again(last)

    def keep_heard(self, long n_steps):
        """Have room for the spikes of so many steps that threads tell each other."""
        self._heard = self._make_lists(self.told, self.n_partitions, power_of_two(n_steps))
        self.be_whole(self.as_whole)

    cdef tuple _make_lists(self, Block* blocks, int n, long slots):
        """Empty lists for the last `slots` steps, a power of two, of `n` blocks; returns their memory."""
        cdef int i
        cdef long apart = max(slots, FETCHED_AHEAD)
        cdef SpikeMemory memory = SpikeMemory(n, slots)
        cdef char[::1] some = zeros(n * apart, np.int8)
        for i in range(n):
            blocks[i].slot_mask = slots - 1
            blocks[i].spikes = memory.lists + i * slots
            blocks[i].some = &some[i * apart]
        return memory, some

    def spiking(self):
        """The cells of this process that spike at the present step, if they are not `replicated`."""
        cdef const SpikeList* spikes
        cdef int first = self.first_partition, end = self.end_partition, number
        cdef Py_ssize_t i
        cells = []
        if self.as_whole:
            first, end = self.whole, self.whole + 1
        for number in range(first, end if not self.replicated else 0):
            spikes = self.spikes(self.network.step, number)
            cells += [spikes.index[i] for i in range(spikes.n)]
        return cells

    def spike_again(self, cells):
        """Let those be the cells that spike at the present step."""
        cdef int partition, cell
        self.be_whole(False)
        for partition in range(self.n_partitions):
            self.open_spikes(self.network.step, partition)
        for cell in cells:
            self.emit(cell)

    def cut_runs(self, table):
        """Bounds of the runs of neighbours with equal columns in `table`, cut between partitions as well."""
        bounds = equal_runs(table)
        if self.n_partitions > 1:
            bounds = np.union1d(bounds, self.bounds_of_partitions())
        cdef int partition
        for partition in range(self.n_partitions):
            self.block[partition].first_run = bounds.searchsorted(self.block[partition].first)
            self.block[partition].last_run = bounds.searchsorted(self.block[partition].last)
        self.block[self.whole].last_run = len(bounds) - 1
        return bounds

    # ---- spikes

    def forget_spikes(self):
        """There have been none, nor has anybody heard of any."""
        cdef int number
        cdef long i
        cdef Block* block
        self.be_whole(False)
        for number in range(self.whole + 1):
            block = &self.block[number]
            for i in range(block.slot_mask + 1 if block.spikes != NULL else 0):
                count_spikes(block, &block.spikes[i], 0)

    cdef void emit(self, int cell) noexcept nogil:
        """Add a spike of `cell` to those of the step that is being computed, in the order of cells."""
        cdef Block* block = &self.block[self.whole if self.as_whole else self.partition_of(cell)]
        cdef SpikeList* spikes = block.filling
        cdef Py_ssize_t i = spikes.n
        if i == spikes.capacity and not self.grow(spikes):
            return
        while i > 0 and spikes.cells[i - 1] > cell:
            spikes.cells[i] = spikes.cells[i - 1]
            i -= 1
        spikes.cells[i] = cell
        count_spikes(block, spikes, spikes.n + 1)

    cdef void emit_in_order(self, int first, Py_ssize_t n, const int* numbers, int partition) noexcept nogil:
        """So many spikes of each of `n` cells of a partition from `first` on, behind all others of the step."""
        cdef SpikeList* spikes = self.block[partition].filling
        cdef Py_ssize_t end = spikes.n, most = 2 * n, i
        cdef int _more
        for i in range(n):
            most += numbers[i]
        while end + most > spikes.capacity:
            if not self.grow(spikes):
                return
        for i in range(n):
            # mostly none, one or two, which needs no branch
            spikes.cells[end] = spikes.cells[end + 1] = first + <int> i
            end += min(numbers[i], 2)
            for _more in range(2, numbers[i]):
                spikes.cells[end] = first + <int> i
                end += 1
        count_spikes(&self.block[partition], spikes, end)

    cdef void be_whole(self, bint whole) noexcept nogil:
        """From now on one thread steps them as a `whole`, and all partitions read the lists of that; or no longer."""
        cdef const Block* lists
        cdef int partition
        self.as_whole = whole
        for partition in range(self.n_partitions):
            lists = &self.block[self.whole] if whole else &self.told[partition]
            self.heard[partition].spikes, self.heard[partition].some = lists.spikes, lists.some
            self.heard[partition].slot_mask = lists.slot_mask

    cdef void gather(self, long first, long last) noexcept nogil:
        """Let the whole have the spikes of the steps `first` … `last`, which partitions have computed."""
        cdef const SpikeList* spikes
        cdef Py_ssize_t i
        cdef long step
        cdef int partition
        self.be_whole(True)
        for step in range(first, last + 1):
            self.open_spikes(step, self.whole)
            for partition in range(self.n_partitions):
                spikes = any_spikes_of(&self.block[partition], step)
                if spikes == NULL:
                    continue
                # also if they are not in the list, but counted
                self.block[self.whole].some[step & self.block[self.whole].slot_mask] = True
                for i in range(spikes.n):
                    self.emit(spikes.index[i])

    cdef void receive(self, int cell, long step) noexcept nogil:
        """Add a spike that another process reports."""
        cdef int partition = self.partition_of(cell)
        self.block[partition].filling = spikes_of(&self.block[partition], step)
        self.emit(cell)

    cdef void hear(self, int cell, long step, int partition) noexcept nogil:
        """Add a spike to those that a partition has heard of."""
        cdef SpikeList* spikes = spikes_of(&self.told[partition], step)
        if spikes.n < spikes.capacity or self.grow(spikes):
            spikes.cells[spikes.n] = cell
            count_spikes(&self.told[partition], spikes, spikes.n + 1)

    cdef void hear_nothing(self, long first, long last, int partition) noexcept nogil:
        """Forget those of the steps `first` … `last`."""
        cdef SpikeList* spikes
        cdef long step
        for step in range(first, last + 1):
            spikes = spikes_of(&self.told[partition], step)
            if spikes.n > 0:
                count_spikes(&self.told[partition], spikes, 0)

    cdef bint grow(self, SpikeList* spikes) noexcept nogil:
        """Make room for more spikes; false, and the network fails, if there is none."""
        cdef Py_ssize_t capacity = 2 * spikes.capacity + 16
        # what other partitions read shares no cache line with anything else that changes
        if not (resized(<void**> &spikes.cells, capacity * sizeof(int) + sizeof(SpikeList))
                and more_ones(spikes.ones, capacity)):
            self.failure.no_room(capacity * (sizeof(int) + sizeof(double)))
            return False
        spikes.capacity = capacity
        spikes.index = spikes.cells
        spikes.factor = spikes.ones.one
        spikes.due = NULL
        return True
