"""Generalised integrate-and-fire neurons: a spike-triggered current, a moving threshold, and an escape rate.

    cm v' = −cm/tau_m (v − v_rest) − i_eta + i_offset + I_injected + Σ g_k (E_k − v)
    i_eta = Σ_j η_j,           η_j' = −η_j / tau_eta_j
    v_t = v_t_star + Σ_j γ_j,  γ_j' = −γ_j / tau_gamma_j
    λ = lambda0 e^{(v − v_t) / delta_v}

Spikes come with the hazard λ, at most one a step; λ at the end of a step is taken for the whole of it. A spike
sets v to v_reset for tau_refrac, in which there is no hazard, and adds a_eta_j to η_j and a_gamma_j to γ_j,
j = 1 … 3. Where an initial value of i_eta or v_t asks for it, the slowest η_j or γ_j starts with what is missing.

Mensi et al. (2012), J Neurophysiol 107: 1756–1775; Pozzorini et al. (2015), PLoS Comput Biol 11: e1004275.
"""

from libc.math cimport exp
from libc.stdlib cimport free

import numpy as np

from backend_cython.model.schema import Parameter, State, check_time_constant
from backend_cython.engine.memory cimport resize
from backend_cython.neurons.integrate_and_fire cimport IntegrateAndFire
from backend_cython.neurons.point_neuron cimport PointNeuron, Run
from backend_cython.neurons.responses import Response, pair
from backend_cython.numerics.philox cimport exponential_draw

cdef enum:
    N = 3              # of η and of γ
    FIRST = 2          # number of η_1 in `RESPONSES`
# e to a larger power only overflows
cdef double STEEPEST = 700.0

NUMBERS = tuple(range(1, N + 1))
_RESPONSES, _SYNAPTIC = pair("cond_exp", 5.0, 5.0)


cdef struct Escape:
    # of a run
    double delta_v, intensity              # intensity: lambda0 × time step
    double[N] decay, a_eta, a_gamma


cdef class GIF_cond_exp(IntegrateAndFire):
    """The equations of the synapses are those of responses.py; η_j is a response that holds −η_j."""

    # hazards and thresholds are looked at by the numbers of cells
    SPACED = False

    cdef Escape* escapes
    cdef double* i_eta
    cdef double* v_t
    cdef double* gamma[N]
    cdef const double[::1] v_t_star
    cdef const long[::1] slowest_eta, slowest_gamma
    cdef double[::1] left                  # exponential draw that the hazard has still to use up
    cdef unsigned long long[::1] draws

    PARAMETERS = {
        "v_rest": Parameter(-65.0, "mV"),
        "cm": Parameter(1.0, "nF", "positive"),
        "tau_m": Parameter(20.0, "ms", "positive"),
        "tau_refrac": Parameter(4.0, "ms", "time"),
        **_SYNAPTIC,
        "v_reset": Parameter(-65.0, "mV"),
        "i_offset": Parameter(0.0, "nA"),
        "delta_v": Parameter(0.5, "mV", "positive"),
        "v_t_star": Parameter(-48.0, "mV"),
        "lambda0": Parameter(1.0, "Hz", "non-negative"),
        **{f"tau_eta{j}": Parameter(10.0 ** (j - 1), "ms", "positive") for j in NUMBERS},
        **{f"tau_gamma{j}": Parameter(10.0 ** (j - 1), "ms", "positive") for j in NUMBERS},
        **{f"a_eta{j}": Parameter(1.0, "nA") for j in NUMBERS},
        **{f"a_gamma{j}": Parameter(1.0, "mV") for j in NUMBERS},
    }
    STATES = {
        "v": State(-65.0, "mV"),
        "v_t": State("v_t_star", "mV"),
        "i_eta": State(0.0, "nA"),
        **{response.signal: response.state for response in _RESPONSES.values()},
    }
    RECEPTORS = tuple(_RESPONSES)
    RESPONSES = {
        **_RESPONSES,
        **{f"eta{j}": Response("curr_exp", tau=f"tau_eta{j}", signal=f"i_eta.{j}") for j in NUMBERS},
    }

    def __dealloc__(self):
        free(self.escapes)

    def allocate_states(self):
        cdef int j
        for j in range(N):
            self.allocate(f"i_eta.{j + 1}")
            self.allocate(f"gamma.{j + 1}")
        PointNeuron.allocate_states(self)
        self.i_eta = self.array("i_eta")
        self.v_t = self.array("v_t")
        for j in range(N):
            self.gamma[j] = self.array(f"gamma.{j + 1}")
        self.left = self.private("left")
        self.draws = self.private("draws", np.uint64)

    def rewind(self):
        cdef Py_ssize_t i
        self.relax()
        self.draws[:] = 0
        for i in range(self.size):
            self.draw(i)

    def check_together(self, p, owner):
        PointNeuron.check_together(self, p, owner)
        for name in ("tau_m", *(f"tau_gamma{j}" for j in NUMBERS)):
            check_time_constant(owner, name, p[name], self.timestep)

    def prepare_membrane(self):
        cdef bint first = self.escapes == NULL
        IntegrateAndFire.prepare_membrane(self)
        resize(<void**> &self.escapes, self.n_runs * sizeof(Escape))
        cdef Py_ssize_t run, i
        cdef Escape* e
        cdef int j
        for run in range(self.n_runs):
            i = self.runs[run].cell
            p = {name: self.parameter(name)[i] for name in self.PARAMETERS}
            e = &self.escapes[run]
            e.delta_v = p["delta_v"]
            e.intensity = 1e-3 * p["lambda0"] * self.timestep
            for j in range(N):
                e.decay[j] = exp(-self.timestep / p[f"tau_gamma{j + 1}"])
                e.a_eta[j] = p[f"a_eta{j + 1}"]
                e.a_gamma[j] = p[f"a_gamma{j + 1}"]
        if not first:
            self.begin(0)
        self.v_t_star = self.parameter("v_t_star")
        self.slowest_eta = np.argmax([self.parameter(f"tau_eta{j}") for j in NUMBERS], axis=0)
        self.slowest_gamma = np.argmax([self.parameter(f"tau_gamma{j}") for j in NUMBERS], axis=0)
        for i in range(self.size):
            self.show(i)

    cdef void begin(self, long now) noexcept nogil:
        """Take over what `initialize` has made of i_eta and v_t."""
        cdef double i_eta, v_t
        cdef Py_ssize_t i
        for i in range(self.size):
            i_eta = self.i_eta[i]
            v_t = self.v_t[i]
            self.show(i)
            if self.i_eta[i] != i_eta:
                self.responses.value[FIRST + self.slowest_eta[i]][i] -= i_eta - self.i_eta[i]
            if self.v_t[i] != v_t:
                self.gamma[self.slowest_gamma[i]][i] += v_t - self.v_t[i]
            self.show(i)

    cdef void show(self, Py_ssize_t i) noexcept nogil:
        """Bring i_eta and v_t up to date."""
        cdef double** eta = &self.responses.value[FIRST]
        self.i_eta[i] = 0.0 - (eta[0][i] + eta[1][i] + eta[2][i])
        self.v_t[i] = self.v_t_star[i] + (self.gamma[0][i] + self.gamma[1][i] + self.gamma[2][i])

    cdef void fire(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t last) noexcept nogil:
        cdef const Run* run = &self.runs[number]
        cdef const Escape* e = &self.escapes[number]
        cdef Py_ssize_t i
        cdef int j
        for i in range(first, last):
            for j in range(N):
                self.gamma[j][i] *= e.decay[j]
            self.show(i)
            if self.refractory[i] > 0:
                self.refractory[i] -= 1
                self.v[i] = run.v_reset
                continue
            self.left[i] -= e.intensity * exp(min(STEEPEST, (self.v[i] - self.v_t[i]) / e.delta_v))
            if self.left[i] <= 0.0:
                self.spike(run, i)

    cdef void spike(self, const Run* run, Py_ssize_t i) noexcept nogil:
        cdef const Escape* e = &self.escapes[run - self.runs]
        cdef int j
        PointNeuron.spike(self, run, i)
        for j in range(N):
            self.responses.value[FIRST + j][i] -= e.a_eta[j]
            self.gamma[j][i] += e.a_gamma[j]
        self.show(i)
        self.draw(i)

    cdef void draw(self, Py_ssize_t i) noexcept nogil:
        self.left[i] = exponential_draw(self.key, self.first_stream + i, self.draws[i])
        self.draws[i] += 1
