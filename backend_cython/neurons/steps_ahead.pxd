"""Some steps in a row of one neuron with one dendrite, all of whose input is on its way already.

The operations of a step, and their order, are those of one_dendrite_step.pxd, so that the bits are the same. What goes
from step to step is computed one after the other; all else for some steps side by side, as vectors. Nothing depends on
the soma but its rate, so that there are three parts, each of which may be more steps ahead than the next one: the
conductances; the dendrite and its prediction; the soma and its rate.
"""

from backend_cython.model.observer cimport RECENT
from backend_cython.numerics.restrict cimport Alone, AloneInput
from backend_cython.numerics.sigmoid cimport odds, short_exponential

from .compartments cimport N_NODES, Dendrite, Soma
from .rate_functions cimport RateFunction

cdef enum:
    # steps side by side: some vectors, whatever their length
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
    # The dendrite's potential, with APART numbers for each step: single numbers can be loaded at once, while a vector
    # would wait until all of them have come to the cache. They are too far apart to be taken for vectors with gaps.
    SPREAD = N_ROWS
    APART = LANES + 1
    ALL_ROWS = SPREAD + APART


cdef struct LoneCell:
    const Soma* soma
    const Dendrite* dendrite
    const RateFunction* rate
    double h, unit                     # step in s; of what a spike adds to the error
    bint smooth                        # one Gauss rule a step
    double* rows                       # ALL_ROWS, with COLUMNS each


cdef inline Py_ssize_t conductances_ahead(
    const Soma* soma, Py_ssize_t n, Alone arriving, Py_ssize_t stride, Py_ssize_t width, Alone g_exc, Alone g_inh
) noexcept nogil:
    """Conductances from column 1 on. What has arrived is added and erased.

    Ends before the first of `n` steps for which the Gauss rule is not good enough, and returns how many were done.
    """
    cdef double g_E = g_exc[0], g_I = g_inh[0], decay_E = soma.decay_E, decay_I = soma.decay_I
    cdef double strongest = soma.strongest
    cdef Py_ssize_t k
    arriving += 2 * stride
    for k in range(1, n + 1):
        if g_E + g_I > strongest:
            return k - 1
        g_E = g_E * decay_E + arriving[0]
        g_I = g_I * decay_I + arriving[stride]
        arriving[0] = arriving[stride] = 0.0
        g_exc[k] = g_E
        g_inh[k] = g_I
        arriving += width
    return n


cdef inline Py_ssize_t advance_conductances(
    const LoneCell* cell, Py_ssize_t n, double* arriving, Py_ssize_t stride, Py_ssize_t width, Py_ssize_t at
) noexcept nogil:
    """The first part for up to `n` steps, from column `at` on, and how many: those before one that needs more than the
    Gauss rule.
    """
    cdef double* before = cell.rows + at - 1
    return conductances_ahead(
        cell.soma, n, arriving, stride, width, before + G_EXC * COLUMNS, before + G_INH * COLUMNS)


cdef inline void dendrite_ahead(
    const Dendrite* d, double constant, Py_ssize_t n, Alone arriving, Py_ssize_t stride, Py_ssize_t width,
    Alone v_dendrite, Alone i_exc, Alone i_inh, Alone spread
) noexcept nogil:
    """Currents and the dendrite's potential from column 1 on. What has arrived is added and erased."""
    cdef double i_E = i_exc[0], i_I = i_inh[0], v_d = v_dendrite[0], steady = d.from_constant[N_NODES] * constant
    cdef double rest = d.rest, from_v = d.from_v[N_NODES], from_E = d.from_E[N_NODES], from_I = d.from_I[N_NODES]
    cdef Py_ssize_t k
    for k in range(1, n + 1):
        v_d = from_v * (v_d - rest) + (from_E * i_E + from_I * i_I + steady + rest)
        i_E = i_E * d.decay_E + arriving[0]
        i_I = i_I * d.decay_I - arriving[stride]
        arriving[0] = arriving[stride] = 0.0
        v_dendrite[k] = spread[APART * k] = v_d
        i_exc[k] = i_E
        i_inh[k] = i_I
        arriving += width


cdef inline void predictions_ahead(
    const RateFunction* f, const Dendrite* d, double h, double unit, AloneInput v_dendrite,
    Alone v_star, Alone rate_star, Alone learning, Alone error
) noexcept nogil:
    cdef double factor = unit * f.beta, x, share
    cdef int k
    for k in range(LANES):
        v_star[k] = d.predict_rest + d.share * v_dendrite[k * APART]
        x = odds(v_star[k], f.rate_slope, f.beta, f.theta)
        share = 1.0 / (1.0 + x)
        rate_star[k] = f.scale * share
        learning[k] = factor * (x * share)
        error[k] = -rate_star[k] * h * learning[k]


cdef inline void advance_dendrite(
    const LoneCell* cell, double to_dendrite, Py_ssize_t n, double* arriving, Py_ssize_t stride, Py_ssize_t width,
    Py_ssize_t at
) noexcept nogil:
    """The second part: `n` steps from column `at` on. Up to LANES - 1 columns more are filled with nothing of meaning,
    here and in the other parts.
    """
    cdef double* here = cell.rows + at
    cdef double* spread = cell.rows + SPREAD * COLUMNS + APART * at
    cdef Py_ssize_t k = 0
    dendrite_ahead(
        cell.dendrite, to_dendrite + cell.dendrite.offset, n, arriving, stride, width, here - 1 + V_DENDRITE * COLUMNS,
        here - 1 + I_EXC * COLUMNS, here - 1 + I_INH * COLUMNS, spread - APART)
    while k < n:
        predictions_ahead(
            cell.rate, cell.dendrite, cell.h, cell.unit, spread, here + V_STAR * COLUMNS,
            here + RATE_STAR * COLUMNS, here + LEARNING * COLUMNS, here + ERROR * COLUMNS)
        here += LANES
        spread += APART * LANES
        k += LANES


cdef inline void gains_ahead(
    const Soma* soma, const Dendrite* d, double push, double constant, AloneInput g_exc, AloneInput g_inh,
    AloneInput v_dendrite, AloneInput i_exc, AloneInput i_inh, Alone gained, Alone lost
) noexcept nogil:
    """What the Gauss rule makes of the soma's potential v before a step: v + (gained − lost v)."""
    cdef double gain[N_NODES]
    cdef double loss[N_NODES]
    cdef double deviation, share
    cdef int k, q
    for k in range(LANES):
        deviation = v_dendrite[k] - d.rest
        for q in range(N_NODES):
            share = soma.weight[q] * short_exponential(
                -(soma.remaining[q] + g_exc[k] * soma.ahead_E[q] + g_inh[k] * soma.ahead_I[q]))
            gain[q] = share * (push + g_exc[k] * soma.drive_E[q] + g_inh[k] * soma.drive_I[q] + (
                d.from_v[q] * deviation + d.from_E[q] * i_exc[k] + d.from_I[q] * i_inh[k]
                + d.from_constant[q] * constant))
            loss[q] = share * (soma.g_static + g_exc[k] * soma.left_E[q] + g_inh[k] * soma.left_I[q])
        gained[k] = gain[0] + gain[1] + gain[2]
        lost[k] = loss[0] + loss[1] + loss[2]


cdef inline void soma_ahead(Py_ssize_t n, AloneInput gained, AloneInput lost, Alone v_soma) noexcept nogil:
    cdef double v = v_soma[0]
    cdef Py_ssize_t k
    for k in range(n):
        v += gained[k] - lost[k] * v
        v_soma[k + 1] = v


cdef inline void rates_ahead(const RateFunction* f, AloneInput v_soma, Alone rate) noexcept nogil:
    cdef int k
    for k in range(LANES):
        rate[k] = f.scale * (1.0 / (1.0 + odds(v_soma[k], f.rate_slope, f.beta, f.theta)))


cdef inline void advance_soma(
    const LoneCell* cell, double to_soma, double to_dendrite, Py_ssize_t n, Py_ssize_t at
) noexcept nogil:
    """The third part. Rates come when all potentials, but for the last ones, have come to the cache."""
    cdef double gained[LANES]
    cdef double lost[LANES]
    cdef double push = cell.soma.i_at_rest + to_soma, constant = to_dendrite + cell.dendrite.offset
    cdef double* before = cell.rows + at - 1
    cdef Py_ssize_t k = 0
    while k < n:
        gains_ahead(
            cell.soma, cell.dendrite, push, constant, before + G_EXC * COLUMNS, before + G_INH * COLUMNS,
            before + V_DENDRITE * COLUMNS, before + I_EXC * COLUMNS, before + I_INH * COLUMNS, gained, lost)
        soma_ahead(min(n - k, LANES), gained, lost, before + V_SOMA * COLUMNS)
        before += LANES
        k += LANES
    while k > 0:
        k -= LANES
        rates_ahead(cell.rate, cell.rows + at + k + V_SOMA * COLUMNS, cell.rows + at + k + RATE * COLUMNS)
