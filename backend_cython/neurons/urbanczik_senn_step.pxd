"""A step of neighbouring neurons with equal parameters; see urbanczik_senn.pyx for the equations.

The loops over cells have no branches, so that compilers can vectorise them.
"""

from backend_cython.numerics.restrict cimport Alone, AloneInput, AloneSteps
from backend_cython.numerics.sigmoid cimport UNIT_VOLTAGE, odds, short_exponential

cdef enum:
    N_NODES = 3
    # And the end of the step, where only the dendrite is asked for: loops over four places become vectors.
    N_PLACES = N_NODES + 1


cdef struct Cell:
    # all that a run of equal neurons (places first … last - 1, numbers less by `shift`) needs to step; see `prepare`
    Py_ssize_t first, last, shift
    # soma
    double cm, g_static, i_static, e_rev_E, e_rev_I, g_coupling
    double decay_E, decay_I, rate_E, rate_I
    # at the Gauss nodes s
    double remaining[N_PLACES]         # ∫_s^h g_static / cm
    double ahead_E[N_PLACES]           # ∫_s^h g_E / g_E(0) / cm
    double ahead_I[N_PLACES]
    double weight[N_PLACES]            # Gauss weights · h / cm
    double left_E[N_PLACES]            # g_E(s) / g_E(0), and the same times the reversal potential
    double left_I[N_PLACES]
    double drive_E[N_PLACES]
    double drive_I[N_PLACES]
    # dendrite: its deviation from rest at the nodes and at h, from itself, I_E, I_I and a constant current;
    # at the nodes times g_coupling, the current that it drives into the soma
    double i_at_rest
    double d_rest, d_cm, d_leak, d_back, d_offset
    double d_decay_E, d_decay_I, d_rate_E, d_rate_I
    double from_v[N_PLACES]
    double from_E[N_PLACES]
    double from_I[N_PLACES]
    double from_constant[N_PLACES]
    # spiking and prediction
    double phi_max, slope, beta, theta, coupling_share, predict_rest
    int refractory_steps, single_spike
    int smooth                         # nothing but the somatic conductance can be fast; no g_sd
    double strongest                   # synaptic conductance up to which that is not fast either


cdef inline bint integrate_cells(
    const Cell* c, Py_ssize_t n, Alone v_soma, Alone v_dendrite, Alone g_exc, Alone g_inh, Alone i_exc, Alone i_inh,
    AloneInput injected_soma, AloneInput injected_dendrite,
    Alone to_i_exc, Alone to_i_inh, Alone to_g_exc, Alone to_g_inh
) noexcept nogil:
    """The Gauss rule, for `n` cells. What has arrived is added and then erased.

    False, and nothing has happened, if that is not good enough for one of them.
    """
    cdef double g_E, g_I, i_E, i_I, push, constant, v, v_d, decay, drive, leak
    cdef double dendrite[N_PLACES]     # its deviation from rest, at the nodes times g_coupling
    cdef double change[N_PLACES]
    cdef long strong = 0
    cdef Py_ssize_t i
    cdef int q
    for i in range(n):
        strong |= g_exc[i] + g_inh[i] > c.strongest
    if strong:
        return False
    for i in range(n):
        g_E = g_exc[i]
        g_I = g_inh[i]
        i_E = i_exc[i]
        i_I = i_inh[i]
        v = v_soma[i]
        v_d = v_dendrite[i] - c.d_rest
        constant = injected_dendrite[i] + c.d_offset
        push = c.i_at_rest + injected_soma[i]
        for q in range(N_PLACES):
            dendrite[q] = c.from_v[q] * v_d + c.from_E[q] * i_E + c.from_I[q] * i_I + c.from_constant[q] * constant
            decay = short_exponential(-(c.remaining[q] + g_E * c.ahead_E[q] + g_I * c.ahead_I[q]))     # e^{−A(s)}
            drive = push + g_E * c.drive_E[q] + g_I * c.drive_I[q] + dendrite[q]                       # C_s b
            leak = c.g_static + g_E * c.left_E[q] + g_I * c.left_I[q]                                  # C_s a
            change[q] = c.weight[q] * decay * (drive - leak * v)
        for q in range(N_NODES):
            v += change[q]
        v_soma[i] = v
        v_dendrite[i] = c.d_rest + dendrite[N_NODES]
        g_exc[i] = g_E * c.decay_E + to_g_exc[i]
        g_inh[i] = g_I * c.decay_I + to_g_inh[i]
        i_exc[i] = i_E * c.d_decay_E + to_i_exc[i]
        i_inh[i] = i_I * c.d_decay_I - to_i_inh[i]
        to_i_exc[i] = to_i_inh[i] = to_g_exc[i] = to_g_inh[i] = 0.0
    return True


cdef inline bint predict_cells(
    const Cell* c, Py_ssize_t n, long now, double h, AloneInput v_soma, AloneInput v_dendrite, AloneSteps resting,
    Alone rate, Alone v_star, Alone rate_star, Alone learning, Alone error, Alone hazard
) noexcept nogil:
    """Rates, prediction and error of `n` cells without spikes; true if an exponential draw is used up."""
    cdef double u[2]                   # of the soma, and as the dendrite predicts it
    cdef double x[2]
    cdef double share[2]
    cdef long used_up = 0
    cdef Py_ssize_t i
    cdef int k
    for i in range(n):
        u[0] = v_soma[i]
        u[1] = c.predict_rest + c.coupling_share * v_dendrite[i]
        for k in range(2):
            x[k] = odds(u[k], c.slope, c.beta, c.theta)
            share[k] = 1.0 / (1.0 + x[k])
        rate[i] = c.phi_max * share[0]
        v_star[i] = u[1]
        rate_star[i] = c.phi_max * share[1]
        learning[i] = UNIT_VOLTAGE * c.beta * (x[1] * share[1])
        error[i] = -rate_star[i] * h * learning[i]
        hazard[i] -= 0.0 if resting[i] >= now else rate[i] * h
        used_up |= hazard[i] <= 0.0
    return used_up
