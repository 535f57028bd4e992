"""A step of many neurons with dendrites, or many steps of one: a module of its own, because such loops want other
compiler settings than one step of one cell.
"""

from backend_cython.numerics.search cimport find_beyond

from .dendritic_step cimport absorb_input, integrate_strip, predict_cells, use_up
from .one_dendrite_step cimport integrate_cells, predict_logistic
from .steps_ahead cimport advance_conductances, advance_dendrite, advance_soma


cdef bint integrate_many(
    const Soma* soma, const Dendrite* d, Py_ssize_t n, Alone v_soma, Alone v_dendrite, Alone g_exc, Alone g_inh,
    Alone i_exc, Alone i_inh, AloneInput injected_soma, AloneInput injected_dendrite,
    Alone to_i_exc, Alone to_i_inh, Alone to_g_exc, Alone to_g_inh
) noexcept nogil:
    return integrate_cells(
        soma, d, n, v_soma, v_dendrite, g_exc, g_inh, i_exc, i_inh, injected_soma, injected_dendrite,
        to_i_exc, to_i_inh, to_g_exc, to_g_inh)


cdef bint predict_many(
    const RateFunction* f, const Dendrite* d, Py_ssize_t n, long now, double h, double unit, AloneInput v_soma,
    AloneInput v_dendrite, AloneSteps resting, Alone rate, Alone v_star, Alone rate_star, Alone learning, Alone error,
    Alone hazard
) noexcept nogil:
    return predict_logistic(
        f, d, n, now, h, unit, v_soma, v_dendrite, resting, rate, v_star, rate_star, learning, error, hazard)


cdef Py_ssize_t find_used_up(Py_ssize_t n, const double* hazard, int* place) noexcept nogil:
    """How many of `n` cells have a draw that is used up, and their places; see `find_beyond`."""
    return find_beyond(n, 0.0, False, hazard, place)


cdef Py_ssize_t conductances_of_cell(
    const LoneCell* cell, Py_ssize_t n, double* arriving, Py_ssize_t stride, Py_ssize_t width, Py_ssize_t at
) noexcept nogil:
    return advance_conductances(cell, n, arriving, stride, width, at)


cdef void dendrite_of_cell(
    const LoneCell* cell, double to_dendrite, Py_ssize_t n, double* arriving, Py_ssize_t stride, Py_ssize_t width,
    Py_ssize_t at
) noexcept nogil:
    advance_dendrite(cell, to_dendrite, n, arriving, stride, width, at)


cdef void soma_of_cell(
    const LoneCell* cell, double to_soma, double to_dendrite, Py_ssize_t n, Py_ssize_t at
) noexcept nogil:
    advance_soma(cell, to_soma, to_dendrite, n, at)


cdef void absorb_many(
    const DendriteState* states, Py_ssize_t n_dendrites, Py_ssize_t stride, double* arriving, double* g_exc,
    double* g_inh, Py_ssize_t first, Py_ssize_t n
) noexcept nogil:
    absorb_input(states, n_dendrites, stride, arriving, g_exc, g_inh, first, n)


cdef bint integrate_strips(
    const Soma* soma, const Dendrite* dendrites, const DendriteState* states, Py_ssize_t n_dendrites, int substeps,
    const double* injected, Py_ssize_t size, Py_ssize_t stride, double* arriving, double* v, double* g_exc,
    double* g_inh, Py_ssize_t first, Py_ssize_t n
) noexcept nogil:
    return integrate_strip(
        soma, dendrites, states, n_dendrites, substeps, injected, size, stride, arriving, v, g_exc, g_inh, first, n)


cdef void predict_dendrites(
    Shape shape, const RateFunction* f, const Dendrite* d, Py_ssize_t n, double h, AloneInput v, Alone v_star,
    Alone rate_star, Alone error, Alone log_slope
) noexcept nogil:
    predict_cells(shape, f, d, n, h, v, v_star, rate_star, error, log_slope)


cdef bint use_up_many(
    Shape shape, const RateFunction* f, Py_ssize_t n, long now, double h, AloneInput v, AloneSteps resting, Alone rate,
    Alone hazard
) noexcept nogil:
    return use_up(shape, f, n, now, h, v, resting, rate, hazard)
