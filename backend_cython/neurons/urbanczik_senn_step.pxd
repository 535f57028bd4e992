"""Rates, prediction and error of neighbouring neurons with equal parameters, without branches in the loop."""

from backend_cython.numerics.restrict cimport Alone, AloneInput, AloneSteps
from backend_cython.numerics.sigmoid cimport UNIT_VOLTAGE, odds

from .compartments cimport Dendrite, Soma
from .point_process cimport CellRange


cdef struct Cell:
    # all that a run of equal neurons needs to step
    CellRange cells
    Soma soma
    Dendrite dendrite
    double phi_max, slope, beta, theta


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
        u[1] = c.dendrite.predict_rest + c.dendrite.share * v_dendrite[i]
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
