"""Some steps in a row of one neuron with one dendrite, all of whose input is on its way already.

The operations of a step, and their order, are those of one_dendrite_step.pxd, so that the bits are the same. What does
not depend on the soma goes first, one step after the other; what each step needs of it then, and what follows from it,
is computed for all steps side by side, as vectors; and so are the rates, when the soma has followed in its turn.
"""

from backend_cython.model.observer cimport RECENT
from backend_cython.numerics.restrict cimport Alone, AloneInput
from backend_cython.numerics.sigmoid cimport odds, short_exponential

from .compartments cimport N_NODES, Dendrite, Soma
from .rate_functions cimport RateFunction

cdef enum:
    # steps side by side, or half of them where so few are left: some vectors, whatever their length
    LANES = 8
    # of a row: the recent steps, the one before, and what vectors write behind the last one
    COLUMNS = RECENT + 2 * LANES

cdef enum:
    # what there is of each step; the first N_STATES are what the next step begins with
    V_SOMA
    V_DENDRITE
    G_EXC
    G_INH
    I_EXC
    I_INH
    V_STAR
    RATE
    RATE_STAR
    ERROR
    LEARNING
    N_ROWS

cdef enum:
    N_STATES = I_INH + 1


cdef inline Py_ssize_t dendrite_ahead(
    const Soma* soma, const Dendrite* d, double constant, Py_ssize_t n, Alone arriving, Py_ssize_t stride,
    Py_ssize_t width, Alone v_dendrite, Alone g_exc, Alone g_inh, Alone i_exc, Alone i_inh
) noexcept nogil:
    """Conductances, currents and the dendrite's potential from row 1 on. What has arrived is added and erased.

    Ends before the first of `n` steps for which the Gauss rule is not good enough, and returns how many were done.
    """
    cdef double g_E = g_exc[0], g_I = g_inh[0], i_E = i_exc[0], i_I = i_inh[0], v_d = v_dendrite[0]
    cdef Py_ssize_t k
    for k in range(1, n + 1):
        if g_E + g_I > soma.strongest:
            return k - 1
        v_d = d.from_v[N_NODES] * (v_d - d.rest) + (
            d.from_E[N_NODES] * i_E + d.from_I[N_NODES] * i_I + d.from_constant[N_NODES] * constant + d.rest)
        i_E = i_E * d.decay_E + arriving[0]
        i_I = i_I * d.decay_I - arriving[stride]
        g_E = g_E * soma.decay_E + arriving[2 * stride]
        g_I = g_I * soma.decay_I + arriving[3 * stride]
        arriving[0] = arriving[stride] = arriving[2 * stride] = arriving[3 * stride] = 0.0
        v_dendrite[k] = v_d
        i_exc[k] = i_E
        i_inh[k] = i_I
        g_exc[k] = g_E
        g_inh[k] = g_I
        arriving += width
    return n


cdef inline void nodes_ahead(
    const Soma* soma, const Dendrite* d, double constant, double push, AloneInput v_dendrite, AloneInput g_exc,
    AloneInput g_inh, AloneInput i_exc, AloneInput i_inh, Alone gained, Alone lost, int lanes
) noexcept nogil:
    """What the Gauss rule makes of the soma's potential v: v + (gained − lost v)."""
    cdef double deviation, dendrite, share
    cdef double gain[N_NODES]
    cdef double loss[N_NODES]
    cdef int k, q
    for k in range(lanes):
        deviation = v_dendrite[k] - d.rest
        for q in range(N_NODES):
            dendrite = (d.from_v[q] * deviation + d.from_E[q] * i_exc[k] + d.from_I[q] * i_inh[k]
                        + d.from_constant[q] * constant)
            share = soma.weight[q] * short_exponential(
                -(soma.remaining[q] + g_exc[k] * soma.ahead_E[q] + g_inh[k] * soma.ahead_I[q]))
            gain[q] = share * (push + g_exc[k] * soma.drive_E[q] + g_inh[k] * soma.drive_I[q] + dendrite)
            loss[q] = share * (soma.g_static + g_exc[k] * soma.left_E[q] + g_inh[k] * soma.left_I[q])
        gained[k] = gain[0] + gain[1] + gain[2]
        lost[k] = loss[0] + loss[1] + loss[2]


cdef inline void soma_ahead(Py_ssize_t n, AloneInput gained, AloneInput lost, Alone v_soma) noexcept nogil:
    cdef double v = v_soma[0]
    cdef Py_ssize_t k
    for k in range(n):
        v += gained[k] - lost[k] * v
        v_soma[k + 1] = v


cdef inline void predictions_ahead(
    const RateFunction* f, const Dendrite* d, double h, double unit, AloneInput v_dendrite, Alone v_star,
    Alone rate_star, Alone learning, Alone error, int lanes
) noexcept nogil:
    cdef double factor = unit * f.beta, x, share
    cdef int k
    for k in range(lanes):
        v_star[k] = d.predict_rest + d.share * v_dendrite[k]
        x = odds(v_star[k], f.rate_slope, f.beta, f.theta)
        share = 1.0 / (1.0 + x)
        rate_star[k] = f.scale * share
        learning[k] = factor * (x * share)
        error[k] = -rate_star[k] * h * learning[k]


cdef inline void rates_ahead(const RateFunction* f, AloneInput v_soma, Alone rate, int lanes) noexcept nogil:
    cdef int k
    for k in range(lanes):
        rate[k] = f.scale * (1.0 / (1.0 + odds(v_soma[k], f.rate_slope, f.beta, f.theta)))


cdef inline Py_ssize_t steps_ahead(
    const Soma* soma, const Dendrite* d, const RateFunction* f, double h, double unit, double to_soma,
    double to_dendrite, Py_ssize_t n, double* arriving, Py_ssize_t stride, Py_ssize_t width, double** now,
    double* rows, Py_ssize_t at
) noexcept nogil:
    """Up to `n` steps without spikes, and how many: those before one that needs more than the Gauss rule.

    `now` has the present values, and `rows`, with COLUMNS numbers each, take those of the steps, from column `at` on;
    up to LANES - 1 columns more are filled with nothing of meaning. h is in s; `to_soma` and `to_dendrite` are the
    injected currents.
    """
    cdef double gained[LANES]
    cdef double lost[LANES]
    cdef double constant = to_dendrite + d.offset, push = soma.i_at_rest + to_soma
    cdef double* before = rows + at - 1
    cdef Py_ssize_t k = 0
    cdef int q, lanes
    for q in range(N_STATES):
        before[q * COLUMNS] = now[q][0]
    n = dendrite_ahead(
        soma, d, constant, n, arriving, stride, width, before + V_DENDRITE * COLUMNS, before + G_EXC * COLUMNS,
        before + G_INH * COLUMNS, before + I_EXC * COLUMNS, before + I_INH * COLUMNS)
    if n == 0:
        return 0
    while k < n:
        lanes = LANES if n - k > LANES // 2 else LANES // 2
        nodes_ahead(
            soma, d, constant, push, before + V_DENDRITE * COLUMNS, before + G_EXC * COLUMNS, before + G_INH * COLUMNS,
            before + I_EXC * COLUMNS, before + I_INH * COLUMNS, gained, lost, lanes)
        soma_ahead(min(n - k, LANES), gained, lost, before + V_SOMA * COLUMNS)
        before += 1
        predictions_ahead(
            f, d, h, unit, before + V_DENDRITE * COLUMNS, before + V_STAR * COLUMNS, before + RATE_STAR * COLUMNS,
            before + LEARNING * COLUMNS, before + ERROR * COLUMNS, lanes)
        rates_ahead(f, before + V_SOMA * COLUMNS, before + RATE * COLUMNS, lanes)
        before += LANES - 1
        k += LANES
    for q in range(N_ROWS):
        now[q][0] = rows[q * COLUMNS + at + n - 1]
    return n
