"""A step of neighbouring neurons with equal parameters and any number of dendrites; see compartments.pyx.

The loops over cells have no branches, so that compilers can vectorise them.
"""

from backend_cython.numerics.restrict cimport Alone, AloneInput, AloneSteps
from backend_cython.numerics.sigmoid cimport short_exponential

from .compartments cimport Dendrite, Soma
from .rate_functions cimport EXPONENTIAL, LOGISTIC, RECTIFIED, SOFTPLUS, RateFunction, Shape, rate_at
from .taylor_step cimport DendriteState

cdef enum:
    STRIP = 64          # cells whose dendrites and soma are integrated in turn, so that all stays in the cache


cdef inline bint any_above(Py_ssize_t n, AloneInput g_exc, AloneInput g_inh, double strongest) noexcept nogil:
    cdef long found = 0
    cdef Py_ssize_t i
    for i in range(n):
        found |= g_exc[i] + g_inh[i] > strongest
    return found


cdef inline void take_over(Py_ssize_t n, Alone state, Alone arriving, double sign) noexcept nogil:
    """Add what arrives to a state, and empty its slot."""
    cdef Py_ssize_t i
    for i in range(n):
        state[i] += sign * arriving[i]
        arriving[i] = 0.0


cdef inline void absorb_input(
    const DendriteState* states, Py_ssize_t n_dendrites, Py_ssize_t stride, double* arriving, double* g_exc,
    double* g_inh, Py_ssize_t first, Py_ssize_t n
) noexcept nogil:
    """Add what arrives, receptor by receptor, to `n` cells from position `first` on."""
    cdef Py_ssize_t c
    arriving += first
    for c in range(n_dendrites):
        take_over(n, states[c].i_exc + first, arriving, 1.0)
        take_over(n, states[c].i_inh + first, arriving + stride, -1.0)
        arriving += 2 * stride
    take_over(n, g_exc + first, arriving, 1.0)
    take_over(n, g_inh + first, arriving + stride, 1.0)


cdef inline void start_drives(
    Py_ssize_t n, double at_rest, AloneInput injected, Alone drive_0, Alone drive_1, Alone drive_2
) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        drive_0[i] = drive_1[i] = drive_2[i] = at_rest + injected[i]


cdef inline void integrate_dendrites(
    const Dendrite* d, Py_ssize_t n, Alone v, Alone i_exc, Alone i_inh, AloneInput injected, Alone drive_0,
    Alone drive_1, Alone drive_2
) noexcept nogil:
    """One dendrite of `n` cells over a step; the currents into the soma at the Gauss nodes join the drives."""
    cdef double deviation, i_E, i_I, constant
    cdef Py_ssize_t i
    for i in range(n):
        deviation = v[i] - d.rest
        i_E = i_exc[i]
        i_I = i_inh[i]
        constant = injected[i] + d.offset
        drive_0[i] += d.from_v[0] * deviation + d.from_E[0] * i_E + d.from_I[0] * i_I + d.from_constant[0] * constant
        drive_1[i] += d.from_v[1] * deviation + d.from_E[1] * i_E + d.from_I[1] * i_I + d.from_constant[1] * constant
        drive_2[i] += d.from_v[2] * deviation + d.from_E[2] * i_E + d.from_I[2] * i_I + d.from_constant[2] * constant
        v[i] = d.rest + (d.from_v[3] * deviation + d.from_E[3] * i_E + d.from_I[3] * i_I
                         + d.from_constant[3] * constant)
        i_exc[i] = i_E * d.decay_E
        i_inh[i] = i_I * d.decay_I


cdef inline double gauss_term(
    const Soma* soma, int q, double v, double g_E, double g_I, double drive
) noexcept nogil:
    """What one node of the Gauss rule adds to the potential: the drive and the leak there, and what is left of it."""
    cdef double left_E = g_E * soma.left_E[q], left_I = g_I * soma.left_I[q]
    cdef double decay = short_exponential(-(soma.remaining[q] + g_E * soma.ahead_E[q] + g_I * soma.ahead_I[q]))
    drive += g_E * soma.drive_E[q] + g_I * soma.drive_I[q]
    return soma.weight[q] * decay * (drive - (soma.g_static + left_E + left_I) * v)


cdef inline void integrate_somata(
    const Soma* soma, Py_ssize_t n, Alone v, Alone g_exc, Alone g_inh, AloneInput drive_0, AloneInput drive_1,
    AloneInput drive_2
) noexcept nogil:
    cdef double g_E, g_I, before
    cdef Py_ssize_t i
    for i in range(n):
        g_E = g_exc[i]
        g_I = g_inh[i]
        before = v[i]
        v[i] = (before + gauss_term(soma, 0, before, g_E, g_I, drive_0[i])
                + gauss_term(soma, 1, before, g_E, g_I, drive_1[i]) + gauss_term(soma, 2, before, g_E, g_I, drive_2[i]))
        g_exc[i] = g_E * soma.decay_E
        g_inh[i] = g_I * soma.decay_I


cdef inline bint integrate_strip(
    const Soma* soma, const Dendrite* dendrites, const DendriteState* states, Py_ssize_t n_dendrites, int substeps,
    const double* injected, Py_ssize_t size, Py_ssize_t stride, double* arriving, double* v, double* g_exc,
    double* g_inh, Py_ssize_t first, Py_ssize_t n
) noexcept nogil:
    """The Gauss rule over some substeps, for `n` cells, at most `STRIP`, from position `first` on.

    What has arrived is added and then erased. False, and nothing has happened, if that is not good enough for one of
    them.
    """
    cdef double drive_0[STRIP]
    cdef double drive_1[STRIP]
    cdef double drive_2[STRIP]
    cdef const DendriteState* d
    cdef Py_ssize_t c
    cdef int _part
    if any_above(n, g_exc + first, g_inh + first, soma.strongest):
        return False
    for _part in range(substeps):
        start_drives(n, soma.i_at_rest, injected, drive_0, drive_1, drive_2)
        for c in range(n_dendrites):
            d = &states[c]
            integrate_dendrites(&dendrites[c], n, d.v + first, d.i_exc + first, d.i_inh + first,
                                injected + (c + 1) * size, drive_0, drive_1, drive_2)
        integrate_somata(soma, n, v + first, g_exc + first, g_inh + first, drive_0, drive_1, drive_2)
    absorb_input(states, n_dendrites, stride, arriving, g_exc, g_inh, first, n)
    return True


cdef inline void predict_shape(
    Shape shape, const RateFunction* f, const Dendrite* d, Py_ssize_t n, double h, AloneInput v, Alone v_star,
    Alone rate_star, Alone error, Alone log_slope
) noexcept nogil:
    cdef double slope
    cdef Py_ssize_t i
    for i in range(n):
        v_star[i] = d.predict_rest + d.share * v[i]
        rate_star[i] = rate_at(shape, f, v_star[i], &slope)
        log_slope[i] = slope
        error[i] = -rate_star[i] * h * slope


cdef inline void predict_cells(
    Shape shape, const RateFunction* f, const Dendrite* d, Py_ssize_t n, double h, AloneInput v, Alone v_star,
    Alone rate_star, Alone error, Alone log_slope
) noexcept nogil:
    """Prediction of one dendrite, its rate, and its error without spikes."""
    # with a constant shape there is no branch in the loop
    if shape == LOGISTIC:
        predict_shape(LOGISTIC, f, d, n, h, v, v_star, rate_star, error, log_slope)
    elif shape == SOFTPLUS:
        predict_shape(SOFTPLUS, f, d, n, h, v, v_star, rate_star, error, log_slope)
    elif shape == RECTIFIED:
        predict_shape(RECTIFIED, f, d, n, h, v, v_star, rate_star, error, log_slope)
    else:
        predict_shape(EXPONENTIAL, f, d, n, h, v, v_star, rate_star, error, log_slope)


cdef inline bint use_up_shape(
    Shape shape, const RateFunction* f, Py_ssize_t n, long now, double h, AloneInput v, AloneSteps resting, Alone rate,
    Alone hazard
) noexcept nogil:
    cdef double slope
    cdef long used_up = 0
    cdef Py_ssize_t i
    for i in range(n):
        rate[i] = rate_at(shape, f, v[i], &slope)
        hazard[i] -= 0.0 if resting[i] >= now else rate[i] * h
        used_up |= hazard[i] <= 0.0
    return used_up


cdef inline bint use_up(
    Shape shape, const RateFunction* f, Py_ssize_t n, long now, double h, AloneInput v, AloneSteps resting, Alone rate,
    Alone hazard
) noexcept nogil:
    """Rates of the somata; true if an exponential draw is used up by one."""
    if shape == LOGISTIC:
        return use_up_shape(LOGISTIC, f, n, now, h, v, resting, rate, hazard)
    if shape == SOFTPLUS:
        return use_up_shape(SOFTPLUS, f, n, now, h, v, resting, rate, hazard)
    if shape == RECTIFIED:
        return use_up_shape(RECTIFIED, f, n, now, h, v, resting, rate, hazard)
    return use_up_shape(EXPONENTIAL, f, n, now, h, v, resting, rate, hazard)
