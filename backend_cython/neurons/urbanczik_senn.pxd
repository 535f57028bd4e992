cimport cython
from backend_cython.population cimport Population


cdef enum:
    N_NODES = 3


cdef struct Cell:
    # all that a run of equal neurons (places first … last - 1, numbers less by `shift`) needs to step; see `prepare`
    Py_ssize_t first, last, shift
    # soma
    double cm, g_static, i_static, e_rev_E, e_rev_I, g_coupling
    double decay_E, decay_I, rate_E, rate_I
    # at the Gauss nodes s, and in the last place at s = 0
    double remaining[N_NODES + 1]      # ∫_s^h g_static / cm
    double ahead_E[N_NODES + 1]        # ∫_s^h g_E / g_E(0) / cm
    double ahead_I[N_NODES + 1]
    double weight[N_NODES]             # Gauss weights · h / cm
    double left_E[N_NODES]             # g_E(s) / g_E(0), and the same times the reversal potential
    double left_I[N_NODES]
    double drive_E[N_NODES]
    double drive_I[N_NODES]
    # dendrite: its deviation from rest at the nodes and at h, from itself, I_E, I_I and a constant current;
    # at the nodes times g_coupling, the current that it drives into the soma
    double i_at_rest
    double d_rest, d_cm, d_leak, d_back, d_offset
    double d_decay_E, d_decay_I, d_rate_E, d_rate_I
    double from_v[N_NODES + 1]
    double from_E[N_NODES + 1]
    double from_I[N_NODES + 1]
    double from_constant[N_NODES + 1]
    # spiking and prediction
    double phi_max, slope, beta, theta, coupling_share, predict_rest
    int refractory_steps, single_spike
    int smooth                         # nothing but the somatic conductance can be fast; no g_sd


@cython.final
cdef class UrbanczikSenn(Population):
    cdef Cell* cells
    cdef Py_ssize_t n_runs
    cdef double* v_soma
    cdef double* v_dendrite
    cdef double* g_exc
    cdef double* g_inh
    cdef double* i_exc
    cdef double* i_inh
    cdef double* v_star
    cdef double* rate
    cdef double* rate_star
    cdef double* error
    cdef double[::1] hazard            # exponential draw that the integrated rate has still to use up
    cdef double[::1] learning          # h(V*)
    cdef int[::1] refractory           # steps left without hazard
    cdef unsigned long long[::1] draws
    cdef _prepare_run(self, Cell* c, dict p)
    cdef void integrate(self, const Cell* cell) noexcept nogil
    cdef void integrate_coupled(self, const Cell* cell, Py_ssize_t i) noexcept nogil
    cdef double balance(self, const Cell* c, double current, double g_E, double g_I) noexcept nogil
    cdef void predict(self, const Cell* cell) noexcept nogil
    cdef void spike(self, const Cell* cell) noexcept nogil
    cdef double next_draw(self, Py_ssize_t i, Py_ssize_t shift) noexcept nogil
