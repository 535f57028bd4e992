"""Coefficients of a step of equal neurons with a soma and dendrites; see compartments.pyx."""

cdef enum:
    N_NODES = 3             # of the Gauss rule
    # And the end of the step, where only the dendrites are asked for: loops over four numbers become vectors.
    N_POINTS = N_NODES + 1


cdef struct Soma:
    double cm, g_static, i_static, e_rev_E, e_rev_I
    double i_at_rest                   # i_static and what all dendrites drive into the soma at their rest
    double rate_E, rate_I, decay_E, decay_I
    # at the Gauss nodes s
    double remaining[N_POINTS]         # ∫_s^h g_static / cm
    double ahead_E[N_POINTS]           # ∫_s^h g_E / g_E(0) / cm
    double ahead_I[N_POINTS]
    double weight[N_POINTS]            # Gauss weights · h / cm
    double left_E[N_POINTS]            # g_E(s) / g_E(0), and the same times the reversal potential
    double left_I[N_POINTS]
    double drive_E[N_POINTS]
    double drive_I[N_POINTS]
    double strongest                   # synaptic conductance up to which the Gauss rule will do; −∞: never
    double fastest                     # rate of anything but that, 1/ms
    bint fed_back                      # a dendrite takes current from it


cdef struct Dendrite:
    double rest, cm, leak, to_soma, back, offset
    double rate_E, rate_I, decay_E, decay_I
    # deviation from rest at the nodes (times `to_soma`: the current into the soma) and at h, from itself, I_E, I_I and
    # a constant current
    double from_v[N_POINTS]
    double from_E[N_POINTS]
    double from_I[N_POINTS]
    double from_constant[N_POINTS]
    double share, predict_rest         # V* = predict_rest + share V


cdef int prepare_compartments(
    Soma* soma, Dendrite* dendrites, list couplings, dict p, double h, bint divide=*) except -1


cdef inline double balance(const Soma* soma, double current, double g_E, double g_I) noexcept nogil:
    """The somatic potential at which a current and those through the conductances cancel."""
    return (current + g_E * soma.e_rev_E + g_I * soma.e_rev_I) / (soma.g_static + g_E + g_I)
