from libc.string cimport memchr, memset

from .observer cimport Sampled
from ..engine.failure cimport Failure


cdef struct Ones:
    # factors of spikes, all 1, that the lists of a partition share, so that more of these stay in the cache
    double* one
    Py_ssize_t n


cdef struct SpikeList:
    # spikes of one step, in the order of cells: cell, and the factor by which each multiplies a synapse's weight
    const int* index
    const double* factor
    const double* due             # ms, when each was due; NULL: at the end of the step
    Py_ssize_t n
    # memory of `emit`
    int* cells
    Ones* ones
    Py_ssize_t capacity
    long unused                   # fills a cache line


cdef struct Block:
    # the cells of one partition, first … last - 1; the runs of equal neighbours among them, first_run … last_run - 1
    Py_ssize_t first, last, first_run, last_run
    SpikeList* spikes             # by step & slot_mask
    long slot_mask
    Py_ssize_t offset              # from numbers to positions in arrays, see `Cells._make_blocks`
    char* some                    # whether there are any spikes, likewise; many steps in a cache line
    # what other partitions read fills a cache line, and what changes another one
    SpikeList* filling            # those of the step that is being computed
    long unused_either[7]


cdef struct SpikeTrain:
    # the spikes of a single cell, if they are known in advance: when, and by which factor each multiplies a weight
    const long* step
    const double* factor
    Py_ssize_t first, last        # those of the steps that it went through last: first … last - 1
    bint steady                   # one in every step from the first spike to the last one


cdef struct SpikeCounts:
    # how many spikes each cell has in a step, where lists of them would be long: a row of `size` by step & mask
    unsigned char* rows           # NULL if there are none
    long mask
    Py_ssize_t size


cdef inline unsigned char* counts_of(const SpikeCounts* counts, long now) noexcept nogil:
    return counts.rows + (now & counts.mask) * counts.size


cdef inline SpikeList* spikes_of(const Block* block, long now) noexcept nogil:
    """The list for the spikes of a partition's cells at step `now`, which is a recent one; see `any_spikes_of`."""
    return &block.spikes[now & block.slot_mask]


cdef inline const SpikeList* any_spikes_of(const Block* block, long now) noexcept nogil:
    """These spikes, or NULL if there are none; the list says nothing then, and need not be fetched, often from another
    processor.
    """
    return spikes_of(block, now) if block.some[now & block.slot_mask] else NULL


cdef inline void no_spikes(const Block* block, long first, long last) noexcept nogil:
    """There are none in the steps `first` … `last`, as far as `any_spikes_of` can tell."""
    cdef long at = first & block.slot_mask, n = last - first + 1, before_end = block.slot_mask + 1 - at
    memset(block.some + at, False, min(n, before_end))
    if n > before_end:
        memset(block.some, False, n - before_end)


cdef inline long first_with_spikes(const Block* block, long first, long last) noexcept nogil:
    """The first of the steps `first` … `last` with any; `last` + 1 if there are none."""
    cdef long at, n
    cdef const char* found
    while first <= last:
        at = first & block.slot_mask
        n = min(last - first, block.slot_mask - at) + 1
        found = <const char*> memchr(block.some + at, True, n)
        if found != NULL:
            return first + (found - (block.some + at))
        first += n
    return first


cdef inline Py_ssize_t spikes_together(
    const int* index, const double* factor, Py_ssize_t n, double* total
) noexcept nogil:
    """How many of `n` spikes, from the first one on, are of the same cell, and the sum of their factors."""
    cdef Py_ssize_t i = 1
    total[0] = factor[0]
    while i < n and index[i] == index[0]:
        total[0] += factor[i]
        i += 1
    return i


cdef inline void count_spikes(const Block* block, SpikeList* spikes, Py_ssize_t n) noexcept nogil:
    spikes.n = n
    block.some[spikes - block.spikes] = n > 0


cdef class SpikeMemory:
    cdef object memory
    cdef SpikeList* lists
    cdef Ones* ones               # of each partition
    cdef Py_ssize_t n, n_partitions


cdef class Cells(Sampled):
    cdef readonly object network
    cdef Failure failure          # of the network
    cdef readonly Py_ssize_t size
    cdef readonly int n_partitions, first_partition, end_partition   # all; those of this process
    cdef Py_ssize_t padding, padded_size     # see `_make_blocks`
    cdef readonly Py_ssize_t stride    # from one receptor to the next in a slot of the input buffer
    cdef Block* block             # partition by partition
    cdef Block* heard             # for each partition all cells: the lists that other threads have told it,
    cdef Block* told              # which are these, or those of the whole
    cdef readonly int whole       # number of the block of all cells, which one thread alone steps as if not divided
    cdef bint as_whole            # whether it has done so last
    cdef int first_block, n_blocks     # partitions with cells: the first one, and how many from there on
    cdef bint open_to_all         # partitions read each other's lists: these spikes are known long before
    cdef object _bounds, _shares  # of the partitions; of the processes
    cdef object _positions           # of each cell
    cdef object _block, _spikes, _heard, _whole_spikes    # memory of the blocks and of the lists of spikes
    cdef SpikeList none           # an empty one

    cdef inline int partition_of(self, Py_ssize_t cell) noexcept nogil:
        cdef int partition = 0
        while cell >= self.block[partition].last:
            partition += 1
        return partition

    cdef inline Py_ssize_t offset(self, int partition) noexcept nogil:
        """Position in arrays less number of the cells of a partition."""
        return partition * self.padding

    cdef inline const SpikeList* spikes(self, long now, int partition) noexcept nogil:
        """Those of the cells of a partition at step `now`, which is a recent one."""
        cdef const SpikeList* found = any_spikes_of(&self.block[partition], now)
        if found == NULL:
            return &self.none
        return found

    cdef inline void open_spikes(self, long now, int partition) noexcept nogil:
        """Begin the list that `emit` fills."""
        cdef SpikeList* spikes = spikes_of(&self.block[partition], now)
        self.block[partition].filling = spikes
        if spikes.n > 0:
            # only then: partitions that know the list to be empty need not read it again
            count_spikes(&self.block[partition], spikes, 0)

    cdef inline const Block* sources_for(self, int partition, int* n) noexcept nogil:
        """Where a partition finds the spikes of all cells: in how many blocks, and the first of them."""
        n[0] = self.n_blocks
        if self.open_to_all or self.n_blocks == 1 and self.first_block == partition:
            return self.block + self.first_block
        n[0] = 1
        return self.heard + partition

    cdef void be_whole(self, bint whole) noexcept nogil
    cdef tuple _make_lists(self, Block* blocks, int n, long slots)
    cdef void hear(self, int cell, long step, int partition) noexcept nogil
    cdef void hear_nothing(self, long first, long last, int partition) noexcept nogil
    cdef void emit_in_order(self, int first, Py_ssize_t n, const int* numbers, int partition) noexcept nogil
    cdef void emit(self, int cell) noexcept nogil
    cdef void gather(self, long first, long last) noexcept nogil
    cdef void receive(self, int cell, long step) noexcept nogil
    cdef bint grow(self, SpikeList* spikes) noexcept nogil
