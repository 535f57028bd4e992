"""A step of neighbouring neurons with equal parameters and one dendrite; see compartments.pyx for the equations.

The loops over cells have no branches, so that compilers can vectorise them.
"""

from backend_cython.numerics.restrict cimport Alone, AloneInput, AloneSteps
from backend_cython.numerics.sigmoid cimport odds, short_exponential

from .compartments cimport N_NODES, Dendrite, Soma
from .rate_functions cimport RateFunction


cdef inline bint integrate_cells(
    const Soma* soma, const Dendrite* d, Py_ssize_t n, Alone v_soma, Alone v_dendrite, Alone g_exc, Alone g_inh,
    Alone i_exc, Alone i_inh, AloneInput injected_soma, AloneInput injected_dendrite,
    Alone to_i_exc, Alone to_i_inh, Alone to_g_exc, Alone to_g_inh
) noexcept nogil:
    """The Gauss rule, for `n` cells. What has arrived is added and then erased.

    False, and nothing has happened, if that is not good enough for one of them.
    """
    cdef double g_E, g_I, i_E, i_I, push, constant, v_d, share, dendrite
    cdef double gain[N_NODES]
    cdef double loss[N_NODES]
    cdef long strong = 0
    cdef Py_ssize_t i
    cdef int q
    for i in range(n):
        strong |= g_exc[i] + g_inh[i] > soma.strongest
    if strong:
        return False
    for i in range(n):
        g_E = g_exc[i]
        g_I = g_inh[i]
        i_E = i_exc[i]
        i_I = i_inh[i]
        v_d = v_dendrite[i] - d.rest
        constant = injected_dendrite[i] + d.offset
        push = soma.i_at_rest + injected_soma[i]
        for q in range(N_NODES):
            dendrite = d.from_v[q] * v_d + d.from_E[q] * i_E + d.from_I[q] * i_I + d.from_constant[q] * constant
            # e^{−A(s)} with the weight of the node, times C_s b and C_s a
            share = soma.weight[q] * short_exponential(
                -(soma.remaining[q] + g_E * soma.ahead_E[q] + g_I * soma.ahead_I[q]))
            gain[q] = share * (push + g_E * soma.drive_E[q] + g_I * soma.drive_I[q] + dendrite)
            loss[q] = share * (soma.g_static + g_E * soma.left_E[q] + g_I * soma.left_I[q])
        v_soma[i] += gain[0] + gain[1] + gain[2] - (loss[0] + loss[1] + loss[2]) * v_soma[i]
        v_dendrite[i] = d.from_v[N_NODES] * v_d + (
            d.from_E[N_NODES] * i_E + d.from_I[N_NODES] * i_I + d.from_constant[N_NODES] * constant + d.rest)
        g_exc[i] = g_E * soma.decay_E + to_g_exc[i]
        g_inh[i] = g_I * soma.decay_I + to_g_inh[i]
        i_exc[i] = i_E * d.decay_E + to_i_exc[i]
        i_inh[i] = i_I * d.decay_I - to_i_inh[i]
        to_i_exc[i] = to_i_inh[i] = to_g_exc[i] = to_g_inh[i] = 0.0
    return True


cdef inline bint predict_logistic(
    const RateFunction* f, const Dendrite* d, Py_ssize_t n, long now, double h, double unit, AloneInput v_soma,
    AloneInput v_dendrite, AloneSteps resting, Alone rate, Alone v_star, Alone rate_star, Alone learning, Alone error,
    Alone hazard
) noexcept nogil:
    """Rates, prediction and error of `n` cells without spikes, for the logistic rate function.

    `unit` is that of `learning`, what a spike adds to the error, times mV. True if an exponential draw is used up.
    """
    cdef double u[2]                   # of the soma, and as the dendrite predicts it
    cdef double x[2]
    cdef double share[2]
    cdef double factor = unit * f.beta
    cdef long used_up = 0
    cdef Py_ssize_t i
    cdef int k
    for i in range(n):
        u[0] = v_soma[i]
        u[1] = d.predict_rest + d.share * v_dendrite[i]
        for k in range(2):
            x[k] = odds(u[k], f.rate_slope, f.beta, f.theta)
            share[k] = 1.0 / (1.0 + x[k])
        rate[i] = f.scale * share[0]
        v_star[i] = u[1]
        rate_star[i] = f.scale * share[1]
        learning[i] = factor * (x[1] * share[1])
        error[i] = -rate_star[i] * h * learning[i]
        hazard[i] -= 0.0 if resting[i] >= now else rate[i] * h
        used_up |= hazard[i] <= 0.0
    return used_up
