from backend_cython.numerics.restrict cimport Alone, AloneInput, AloneSteps

from .compartments cimport Dendrite, Soma
from .rate_functions cimport RateFunction, Shape
from .steps_ahead cimport LoneCell
from .taylor_step cimport DendriteState


cdef bint integrate_many(
    const Soma* soma, const Dendrite* d, Py_ssize_t n, Alone v_soma, Alone v_dendrite, Alone g_exc, Alone g_inh,
    Alone i_exc, Alone i_inh, AloneInput injected_soma, AloneInput injected_dendrite,
    Alone to_i_exc, Alone to_i_inh, Alone to_g_exc, Alone to_g_inh
) noexcept nogil
cdef Py_ssize_t find_used_up(Py_ssize_t n, const double* hazard, int* place) noexcept nogil
cdef bint predict_many(
    const RateFunction* f, const Dendrite* d, Py_ssize_t n, long now, double h, double unit, AloneInput v_soma,
    AloneInput v_dendrite, AloneSteps resting, Alone rate, Alone v_star, Alone rate_star, Alone learning, Alone error,
    Alone hazard
) noexcept nogil
cdef Py_ssize_t conductances_of_cell(
    const LoneCell* cell, Py_ssize_t n, double* arriving, Py_ssize_t stride, Py_ssize_t width, Py_ssize_t at
) noexcept nogil
cdef void dendrite_of_cell(
    const LoneCell* cell, double to_dendrite, Py_ssize_t n, double* arriving, Py_ssize_t stride, Py_ssize_t width,
    Py_ssize_t at
) noexcept nogil
cdef void soma_of_cell(
    const LoneCell* cell, double to_soma, double to_dendrite, Py_ssize_t n, Py_ssize_t at
) noexcept nogil
cdef void absorb_many(
    const DendriteState* states, Py_ssize_t n_dendrites, Py_ssize_t stride, double* arriving, double* g_exc,
    double* g_inh, Py_ssize_t first, Py_ssize_t n
) noexcept nogil
cdef bint integrate_strips(
    const Soma* soma, const Dendrite* dendrites, const DendriteState* states, Py_ssize_t n_dendrites, int substeps,
    const double* injected, Py_ssize_t size, Py_ssize_t stride, double* arriving, double* v, double* g_exc,
    double* g_inh, Py_ssize_t first, Py_ssize_t n
) noexcept nogil
cdef void predict_dendrites(
    Shape shape, const RateFunction* f, const Dendrite* d, Py_ssize_t n, double h, AloneInput v, Alone v_star,
    Alone rate_star, Alone error, Alone log_slope
) noexcept nogil
cdef bint use_up_many(
    Shape shape, const RateFunction* f, Py_ssize_t n, long now, double h, AloneInput v, AloneSteps resting, Alone rate,
    Alone hazard
) noexcept nogil
