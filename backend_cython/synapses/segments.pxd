"""Synapses of one row for which an event computes the same; see segments.pyx."""

from backend_cython.engine.pointer_list cimport PointerList
from backend_cython.model.synapse_group cimport SynapseGroup


cdef enum:
    MANY = 16               # neighbours that are worth a loop of their own


cdef struct Segment:
    # neighbouring synapses of one row that share PSP, what is learnt and delay
    Py_ssize_t first, last
    long block                          # of the error sums, from whose anchor everything is seen
    double p, q                         # PSP of past spikes: p e^{−Lu} + q K(u)
    double left                         # of what was filtered when there was a PSP, if the sums are general
    int run, group, delay
    int behind                          # steps by which the errors are that the sums have yet to take, of the delay
    # so many, from the first one on, have `target` and its neighbours as targets: all, or those before the only gap;
    # 0 if there are more gaps, −1 if targets do not come in their order, each with one synapse
    int neighbours, target


cdef inline bint has_psp(const Segment* segment) noexcept nogil:
    return segment.p != 0.0 or segment.q != 0.0


cdef inline bint is_active(const Segment* segment) noexcept nogil:
    return has_psp(segment) or segment.left != 0.0


cdef inline Py_ssize_t piece_of(const Segment* segment, Py_ssize_t k, Py_ssize_t most) noexcept nogil:
    """How many synapses of a segment, from `k` on, are taken at once: no gap between targets is amid many neighbours.

    In a dense row, such as that of a cell that reaches all others but itself, there is one.
    """
    cdef Py_ssize_t before_gap = segment.first + segment.neighbours - k
    most = min(most, segment.last - k)
    return before_gap if MANY <= before_gap < most else most


cdef inline long first_neighbour(const Segment* segment, const int* target, Py_ssize_t k, Py_ssize_t n) noexcept nogil:
    """The target of synapse `k` if `n` synapses from there on have neighbours as targets, else −1."""
    # what the segment knows need not be fetched
    if k + n <= segment.first + segment.neighbours:
        return segment.target + (k - segment.first)
    if segment.neighbours >= 0 and target[k + n - 1] - target[k] == n - 1:
        return target[k]
    return -1


cdef class SegmentedRows(SynapseGroup):
    cdef PointerList errors             # a DendriticError for each Learning,
    cdef PointerList sums               # and of each its ErrorSums
    cdef object group                   # a synapse's number in these: one for all, or one each
    cdef Segment* segments
    cdef Py_ssize_t n_segments
    cdef long[::1] row_segment          # segments of a row: row_segment[row] … row_segment[row + 1] - 1
    cdef bint exactly                   # segments cut anew keep `left` and `block`
    cdef double[::1] psp_scale          # by what PSPs change when segments are cut anew; None: by nothing
    cdef int build_segments(self) except -1
    cdef Py_ssize_t cut_rows(self, Segment* segments) except -1
    cdef const Segment* segment_of(self, Py_ssize_t k) noexcept nogil
