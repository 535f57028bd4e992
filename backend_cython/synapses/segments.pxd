"""Synapses of one row for which an event computes the same; see error_integrals.pyx."""


cdef struct Segment:
    # a stretch of one row's synapses that share PSP, what is learnt and delay
    Py_ssize_t first, last
    long block                          # of the error sums, from whose anchor everything is seen
    double p, q                         # PSP of past spikes: p e^{−Lu} + q K(u)
    double left                         # of what was filtered when there was a PSP, if the sums are general
    int run, group, delay
    int behind                          # steps by which the errors are that the sums have yet to take, of the delay
    bint consecutive                    # the targets are neighbours, each with one synapse


cdef inline bint has_psp(const Segment* segment) noexcept nogil:
    return segment.p != 0.0 or segment.q != 0.0


cdef inline bint is_active(const Segment* segment) noexcept nogil:
    return has_psp(segment) or segment.left != 0.0
