"""Postsynaptic potentials p e^{−Lu} + q K(u) as seen from an anchor, u later; see error_sums.pyx."""

from libc.math cimport exp, fabs

from backend_cython.numerics.sigmoid cimport exponential


cdef enum:
    N_SUMS = 4              # of a neuron: against e^{−Lu} and K(u), plain and low-pass filtered
    N_ROWS = 5              # general sums have one more, see general_sums.pxd


cdef struct Shift:
    # what moves an anchor by u
    double e_L, K, e_s                          # e^{−Lu}, K(u), e^{−su},
    double filtered_L, filtered_K, filtered_s   # the same with L − D and s − D,
    double e_D                                  # and e^{−Du};
    double e_decay, to_gate                     # e^{−λu} and e^{(λ − D)u}


cdef struct Instant:
    # what a spike needs that comes u after the anchor: e^{Lu}, e^{su}, K(−u) and e^{−Du}
    double grown_L, grown_s, K, e_D


cdef struct Psp:
    # of a run of neighbouring neurons with the same time constants, counted from the partition's first one
    Py_ssize_t first, last
    double gain             # weight change (nA) per eta and unit of the integral
    double L, s, D          # 1/τ_L, 1/τ_s, 1/τ_Δ in 1/ms
    double decay            # λ in 1/ms
    double gate, first_gate     # −f gains per modulator in the next step, and did in the first one of a block
    Shift per_step
    double weight[N_SUMS]   # of the error of this step, as seen from the anchor
    Shift* per_block        # of no block, one, two …


cdef inline double psp_kernel(double u, double left, double right, double gap) noexcept nogil:
    """K(u) = (e^{−Lu} − e^{−su}) / (s − L), given both exponentials and the gap s − L."""
    cdef double x = u * gap
    if fabs(x) > 0.03:
        return (left - right) / gap
    # (1 − e^{−x}) / x, where the difference would cancel
    return u * left * (1.0 - x * (1.0 / 2 - x * (1.0 / 6 - x * (1.0 / 24 - x * (1.0 / 120 - x * (
        1.0 / 720 - x * (1.0 / 5040)))))))


cdef inline void fill_shift(const Psp* psp, double u, Shift* shift) noexcept nogil:
    cdef double gap = psp.s - psp.L
    shift.e_L = exp(-u * psp.L)
    shift.e_s = exp(-u * psp.s)
    shift.K = psp_kernel(u, shift.e_L, shift.e_s, gap)
    shift.filtered_L = exp(-u * (psp.L - psp.D))
    shift.filtered_s = exp(-u * (psp.s - psp.D))
    shift.filtered_K = psp_kernel(u, shift.filtered_L, shift.filtered_s, gap)
    shift.e_D = exp(-u * psp.D)
    shift.e_decay = exp(-u * psp.decay)
    shift.to_gate = exp(u * (psp.decay - psp.D))


cdef inline void fill_instant(const Psp* psp, double u, Instant* instant) noexcept nogil:
    instant.grown_L = exponential(u * psp.L)
    instant.grown_s = exponential(u * psp.s)
    instant.K = psp_kernel(-u, instant.grown_L, instant.grown_s, psp.s - psp.L)
    instant.e_D = exponential(-u * psp.D)


cdef inline void start_weights(Psp* psp) noexcept nogil:
    """At the anchor itself, e^{−Lu} is 1 and K(u) is 0."""
    psp.weight[0] = psp.weight[2] = 1.0
    psp.weight[1] = psp.weight[3] = 0.0
    psp.gate = psp.first_gate


cdef inline void next_weights(Psp* psp) noexcept nogil:
    """Those of an error one step later."""
    psp.weight[1] = psp.per_step.K * psp.weight[0] + psp.per_step.e_s * psp.weight[1]
    psp.weight[0] *= psp.per_step.e_L
    psp.weight[3] = psp.per_step.filtered_K * psp.weight[2] + psp.per_step.filtered_s * psp.weight[3]
    psp.weight[2] *= psp.per_step.filtered_L


cdef inline void moved_by(double left, double right, double kernel, double* p, double* q) noexcept nogil:
    """See a potential from another anchor; the exponentials and the kernel are those of the time between."""
    p[0] = p[0] * left + q[0] * kernel
    q[0] *= right


cdef inline void moved(const Psp* psp, double u, double* p, double* q) noexcept nogil:
    """See a potential from an anchor that is u later, or earlier if u is negative."""
    cdef double left = exponential(-u * psp.L), right = exponential(-u * psp.s)
    moved_by(left, right, psp_kernel(u, left, right, psp.s - psp.L), p, q)
