"""Parts of a group of synapses, so that each thread delivers spikes to the cells of its own partition."""

cimport cython

import numpy as np

from .synapse_group cimport Rows, SynapseGroup, rows_between


def parts_of(SynapseGroup group):
    """What partitions deliver the spikes of a group to: the group itself, or its part for each partition.

    If there are parts, one thread alone delivers them to the group, whose rows are whole.
    """
    cdef const long[::1] begin = group._row_start[:group.pre.size], end
    cdef int part
    if not group.UNDIVIDED or group.size == 0 or group.post.n_partitions == 1:
        return [group]
    # what may be foreseen has to be the group itself
    if group.n_parts == 1 and group.pre.replicated:
        return [group]
    group._follow_all_sources()
    parts = []
    for part in range(group.n_parts):
        end = begin_behind(group, part)
        parts.append(SynapsePart(group, part, begin, end))
        begin = end
    return parts


cdef begin_behind(SynapseGroup group, int part):
    """In each row, where the connections begin whose targets are in later parts."""
    cdef int partition = group.partition + part
    cdef long position = group.post.block[partition].last + group.post.offset(partition), k
    cdef long[::1] cuts = np.empty(group.pre.size, np.int64)
    cdef Py_ssize_t row
    for row in range(group.pre.size):
        k = group.row_start[row]
        while k < group.row_start[row + 1] and group.target[k] < position:
            k += 1
        cuts[row] = k
    return np.asarray(cuts)


@cython.final
cdef class SynapsePart(SynapseGroup):
    """The synapses of a group onto the cells of one partition: of row i those from begin[i] up to end[i] of the group.
    """

    cdef SynapseGroup whole
    cdef object _rows

    def __init__(self, SynapseGroup whole, int part, const long[::1] begin, const long[::1] end):
        self.network, self.pre, self.post, self.owner = whole.network, whole.pre, whole.post, whole.owner
        self.receptor, self.partition, self.whole = whole.receptor, whole.partition + part, whole
        self.axonal_steps, self.axons = whole.axonal_steps, whole.axons
        self._rows = begin, end
        self.own = rows_between(begin, end, part, part + 1)
        reached = np.flatnonzero(np.subtract(end, begin))
        self.first_row, self.last_row = reached.min(initial=self.pre.size), reached.max(initial=-1) + 1
        if self.pre.ONE_PARTITION:
            self.first_row, self.last_row = 0, self.pre.size
        self._follow_sources()
        self.waits = whole.waits

    def wake(self):
        SynapseGroup.wake(self)
        self.now = self.network.step

    cdef void before_spikes(self, const Rows* of, long now) noexcept nogil:
        self.whole.before_spikes(of, now)

    cdef void after_spikes(self, const Rows* of, long now) noexcept nogil:
        self.whole.after_spikes(of, now)

    cdef bint has_far_rows(self) noexcept nogil:
        return self.whole.has_far_rows()

    cdef void fetch_synapses(self, const Rows* of, const int* rows, Py_ssize_t n) noexcept nogil:
        self.whole.fetch_synapses(of, rows, n)

    cdef void transmit(
        self, const Rows* of, const int* rows, const double* factors, Py_ssize_t n, long now
    ) noexcept nogil:
        self.whole.transmit(of, rows, factors, n, now)

    cdef const double* address(self, long variable, long index) noexcept nogil:
        return self.whole.address(variable, index)

    cdef void sample(self, long variable, const long* indices, Py_ssize_t n, double* out) noexcept nogil:
        # whoever has come to the present step
        self.whole.sample_at(max(self.now, self.whole.now), variable, indices, n, out)
