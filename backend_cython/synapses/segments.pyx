"""Rows of synapses that learn from errors, cut into segments, for each of which an event computes the same.

Synapses of one row are neighbours in a segment if they share all but their target and the parameters that are a
`Column`: what they learn, the PSP, the delay, and the run of equal cells that their target belongs to.
"""

from libc.stdlib cimport calloc, free, malloc

import numpy as np

from .error_sums cimport ErrorSums


cdef class SegmentedRows(SynapseGroup):
    """Base class of such synapses."""

    def __dealloc__(self):
        free(self.segments)

    def allocate_states(self):
        self.errors, self.sums = PointerList(), PointerList()
        self.row_segment = np.zeros(self.pre.size + 1, dtype=np.int64)
        self.psp_scale = None

    cdef int build_segments(self) except -1:
        """Cut rows anew where PSP, τ_Δ or delay change; PSPs stay with the synapses.

        Synapses that are alike from now on may still have PSPs of their own, from other time constants; and what
        lies in one segment must not depend on the partitions, not even in the rounding of its PSP.
        """
        cdef Py_ssize_t n = self.cut_rows(NULL)
        cdef Segment* segments = <Segment*> malloc((n + 1) * sizeof(Segment))
        if segments == NULL:
            raise MemoryError
        self.cut_rows(segments)
        free(self.segments)
        self.segments = segments
        self.n_segments = n
        return 0

    cdef Py_ssize_t cut_rows(self, Segment* segments) except -1:
        """The number of segments, which are written to `segments` if there is memory for them."""
        cdef Py_ssize_t n = 0, row, k
        cdef const Segment* old = self.segments
        cdef const int[::1] groups = self.group
        cdef bint varied = groups.shape[0] > 1
        cdef double p = 0.0, q = 0.0, left = 0.0
        cdef long block = 0
        cdef Segment one
        cdef Segment* segment = &one if segments == NULL else segments - 1
        cdef int group, run, delay, gaps = 0
        for row in range(self.pre.size):
            self.row_segment[row] = n
            for k in range(self.row_start[row], self.row_start[row + 1]):
                group = groups[k] if varied else groups[0]
                run = (<ErrorSums> self.sums.item[group]).run_of[self.target[k]]
                delay = self.delay[k]
                if self.n_segments:
                    while old.last <= k:
                        old += 1
                    p = old.p
                    q = old.q
                    if self.exactly:
                        left = old.left
                        block = old.block
                    if self.psp_scale is not None:
                        p *= self.psp_scale[k]
                if (k == self.row_start[row] or group != segment.group or run != segment.run
                        or delay != segment.delay or p != segment.p or q != segment.q
                        or left != segment.left or block != segment.block):
                    n += 1
                    if segments != NULL:
                        segment += 1
                    segment.group = group
                    segment.run = run
                    segment.delay = delay
                    segment.behind = 0 if (<ErrorSums> self.sums.item[group]).general else delay
                    segment.left = left
                    segment.first = k
                    segment.block = block
                    segment.neighbours, segment.target, gaps = 1, self.target[k], 0
                    segment.p = p
                    segment.q = q
                elif segment.neighbours >= 0:
                    if self.target[k] <= self.target[k - 1]:
                        segment.neighbours = -1
                    elif self.target[k] > self.target[k - 1] + 1:
                        gaps += 1
                        if gaps > 1:
                            segment.neighbours = 0
                    elif gaps == 0:
                        segment.neighbours += 1
                segment.last = k + 1
        self.row_segment[self.pre.size] = n
        return n

    def segment_states(self):
        """PSP (p and q), `left` and `block` of each connection."""
        cdef double[:, ::1] numbers = np.zeros((3, self.size))
        cdef long[::1] block = np.zeros(self.size, np.int64)
        cdef const Segment* segment
        cdef Py_ssize_t i, k
        for i in range(self.n_segments):
            segment = &self.segments[i]
            for k in range(segment.first, segment.last):
                numbers[0, k], numbers[1, k], numbers[2, k] = segment.p, segment.q, segment.left
                block[k] = segment.block
        return *np.asarray(numbers), np.asarray(block)

    def restore_segments(self, const double[::1] p, const double[::1] q, const double[::1] left, const long[::1] block):
        """Cut segments with these states."""
        cdef Segment* segments = <Segment*> calloc(self.size + 1, sizeof(Segment))
        cdef Py_ssize_t k
        if segments == NULL:
            raise MemoryError
        for k in range(self.size):
            segments[k].first, segments[k].last, segments[k].block = k, k + 1, block[k]
            segments[k].p, segments[k].q, segments[k].left = p[k], q[k], left[k]
        free(self.segments)
        self.segments, self.n_segments = segments, self.size
        self.exactly = True
        try:
            self.build_segments()
        finally:
            self.exactly = False

    def rows_of(self, where):
        """Presynaptic cells of the connections `where`."""
        if isinstance(where, slice):
            return np.arange(self.pre.size)
        return np.unique(np.searchsorted(self._row_start, where, side="right") - 1)

    cdef const Segment* segment_of(self, Py_ssize_t k) noexcept nogil:
        cdef Py_ssize_t low = 0, high = self.n_segments, middle
        while high - low > 1:
            middle = (low + high) // 2
            if self.segments[middle].first <= k:
                low = middle
            else:
                high = middle
        return &self.segments[low]
