from backend_cython.numerics.restrict cimport Alone, AloneInput, AloneSteps

from .compartments cimport Dendrite, Soma
from .urbanczik_senn_step cimport Cell


cdef bint integrate_many(
    const Soma* soma, const Dendrite* d, Py_ssize_t n, Alone v_soma, Alone v_dendrite, Alone g_exc, Alone g_inh,
    Alone i_exc, Alone i_inh, AloneInput injected_soma, AloneInput injected_dendrite,
    Alone to_i_exc, Alone to_i_inh, Alone to_g_exc, Alone to_g_inh
) noexcept nogil
cdef bint predict_many(
    const Cell* c, Py_ssize_t n, long now, double h, AloneInput v_soma, AloneInput v_dendrite, AloneSteps resting,
    Alone rate, Alone v_star, Alone rate_star, Alone learning, Alone error, Alone hazard
) noexcept nogil
