"""A step of many neurons: a module of its own, because loops over cells want other compiler settings than one cell."""

from .one_dendrite_step cimport integrate_cells
from .urbanczik_senn_step cimport predict_cells


cdef bint integrate_many(
    const Soma* soma, const Dendrite* d, Py_ssize_t n, Alone v_soma, Alone v_dendrite, Alone g_exc, Alone g_inh,
    Alone i_exc, Alone i_inh, AloneInput injected_soma, AloneInput injected_dendrite,
    Alone to_i_exc, Alone to_i_inh, Alone to_g_exc, Alone to_g_inh
) noexcept nogil:
    return integrate_cells(
        soma, d, n, v_soma, v_dendrite, g_exc, g_inh, i_exc, i_inh, injected_soma, injected_dendrite,
        to_i_exc, to_i_inh, to_g_exc, to_g_inh)


cdef bint predict_many(
    const Cell* c, Py_ssize_t n, long now, double h, AloneInput v_soma, AloneInput v_dendrite, AloneSteps resting,
    Alone rate, Alone v_star, Alone rate_star, Alone learning, Alone error, Alone hazard
) noexcept nogil:
    return predict_cells(c, n, now, h, v_soma, v_dendrite, resting, rate, v_star, rate_star, learning, error, hazard)
