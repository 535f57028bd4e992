"""Synapses of one row for which an event computes the same; see segments.pyx."""

from backend_cython.engine.pointer_list cimport PointerList
from backend_cython.model.synapse_group cimport SynapseGroup


cdef struct Segment:
    # neighbouring synapses of one row that share PSP, what is learnt and delay
    Py_ssize_t first, last
    long block                          # of the error sums, from whose anchor everything is seen
    double p, q                         # PSP of past spikes: p e^{−Lu} + q K(u)
    double left                         # of what was filtered when there was a PSP, if the sums are general
    int run, group, delay
    int behind                          # steps by which the errors are that the sums have yet to take, of the delay
    bint ascending                      # targets come in their order, each with one synapse


cdef inline bint has_psp(const Segment* segment) noexcept nogil:
    return segment.p != 0.0 or segment.q != 0.0


cdef inline bint is_active(const Segment* segment) noexcept nogil:
    return has_psp(segment) or segment.left != 0.0


cdef inline bint are_neighbours(const Segment* segment, const int* target, Py_ssize_t n) noexcept nogil:
    """Whether `n` synapses of a segment, from the one with this target on, have neighbours as targets.

    Few are not in a dense row, such as that of a cell that reaches all others but itself.
    """
    return segment.ascending and target[n - 1] - target[0] == n - 1


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
