cimport cython

from backend_cython.model.observer cimport Observer
from backend_cython.model.population cimport Population


@cython.final
cdef class DendriticError(Observer):
    cdef readonly Population population
    cdef readonly str receptor
    cdef readonly object declared               # of the receptor
    cdef readonly object learning, source       # what is learnt, and from which of the population's variables
    cdef readonly double scale                  # of the error, its number for an error of 1
    cdef readonly list users, sums
    cdef readonly long look_back, block_steps
    cdef readonly long horizon                  # steps after which a synapse must have been updated
    cdef readonly object capacitance            # nF, of each cell, as far as PSPs depend on it
    cdef readonly object L, s                   # 1/τ_L, 1/τ_s of each cell,
    cdef readonly double D, decay               # 1/τ_Δ and λ; in 1/ms
    cdef readonly double first_gate             # D ∫ e^{(λ − D)s} ds over a step
