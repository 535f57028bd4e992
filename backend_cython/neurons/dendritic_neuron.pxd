from backend_cython.model.population cimport Population

from .rate_functions cimport RateFunction, Shape

cdef enum:
    N_NODES = 3             # of the Gauss rule
    N_PLACES = N_NODES + 1  # and the end of the step, where only the dendrites are asked for


cdef struct Soma:
    # of a run of equal neurons, over a substep: places first … last - 1, numbers less by `shift`
    Py_ssize_t first, last, shift
    double cm, g_static, i_static, e_rev_E, e_rev_I
    double i_at_rest                   # i_static and what all dendrites drive into the soma at their rest
    double rate_E, rate_I, decay_E, decay_I
    # at the Gauss nodes s
    double remaining[N_NODES]          # ∫_s^h g_static / cm
    double ahead_E[N_NODES]            # ∫_s^h g_E / g_E(0) / cm
    double ahead_I[N_NODES]
    double weight[N_NODES]             # Gauss weights · h / cm
    double left_E[N_NODES]             # g_E(s) / g_E(0)
    double left_I[N_NODES]
    RateFunction rate
    int refractory_steps
    bint single_spike
    int substeps                       # of the Gauss rule
    bint smooth                        # nothing but the somatic conductance can be fast; no current back into dendrites
    double strongest                   # synaptic conductance up to which that is not fast either
    double fastest                     # rate of anything but that, 1/ms


cdef struct Dendrite:
    double rest, cm, leak, to_soma, back, offset
    double rate_E, rate_I, decay_E, decay_I
    # deviation from rest at the nodes (times `to_soma`: the current into the soma) and at h, from itself, I_E, I_I and
    # a constant current
    double from_v[N_PLACES]
    double from_E[N_PLACES]
    double from_I[N_PLACES]
    double from_constant[N_PLACES]
    double share, predict_rest         # V* = predict_rest + share V


cdef struct DendriteState:
    double* v
    double* i_exc
    double* i_inh
    double* v_star
    double* rate_star
    double* error
    double* log_slope


cdef class DendriticNeuron(Population):
    cdef Py_ssize_t n_runs, n_dendrites
    cdef Shape shape
    cdef object _memory                # of the next four
    cdef Soma* somata                  # [run]
    cdef Dendrite* dendrites           # [run][dendrite]
    cdef DendriteState* states         # [dendrite]
    cdef double* series                # [partition][dendrite][term], see `integrate_coupled`
    cdef double* v
    cdef double* g_exc
    cdef double* g_inh
    cdef double* rate
    cdef double[::1] hazard            # exponential draw that the integrated rate has still to use up
    cdef long[::1] resting             # last step without hazard after a spike
    cdef unsigned long long[::1] draws
    cdef list _arrays
    cdef double* _column(self, name)
    cdef _prepare_run(self, Soma* soma, Dendrite* dendrites, dict p)
    cdef _choose_substeps(self, Soma* soma, dict p)
    cdef void absorb_stretch(self, Py_ssize_t first, Py_ssize_t last, long now) noexcept nogil
    cdef void integrate(self, const Soma* soma, const Dendrite* dendrites, int partition, long now) noexcept nogil
    cdef void integrate_coupled(
        self, const Soma* soma, const Dendrite* dendrites, Py_ssize_t i, double* series) noexcept nogil
    cdef double balance(self, const Soma* soma, const Dendrite* dendrites, Py_ssize_t i, double constant, double g_E,
                        double g_I) noexcept nogil
    cdef bint predict(self, const Soma* soma, const Dendrite* dendrites, long now, double h) noexcept nogil
    cdef void spike(self, const Soma* soma, long now) noexcept nogil
    cdef double next_draw(self, Py_ssize_t i, Py_ssize_t shift) noexcept nogil
