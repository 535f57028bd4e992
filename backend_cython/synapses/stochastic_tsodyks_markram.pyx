"""The stochastic counterpart of the synapse of Tsodyks, Uziel & Markram (2000): one release site.

u as there: du/dt = −u / τ_facil between spikes and, at a spike, first u → u + U (1 − u), which is the probability
of release then.
"""

cimport cython

from backend_cython.model.schema import Parameter, State
from backend_cython.synapses.dynamic cimport KnownDecays, decay_factor
from backend_cython.synapses.release_sites cimport ReleaseSites


@cython.final
cdef class StochasticTsodyksMarkramSynapses(ReleaseSites):
    """A vesicle released adds weight × factor to the target's receptor; R is 1 if there is one, else 0."""

    SITES = "R"
    PARAMETERS = {
        "weight": Parameter(0.0, "nA or uS"),
        "U": Parameter(0.5, "dimensionless", "fraction"),
        "tau_rec": Parameter(100.0, "ms", "positive"),
        "tau_facil": Parameter(0.0, "ms", "non-negative"),
    }
    STATES = {
        "u": State(0.0, "dimensionless", "fraction"),
        "R": State(1.0, "dimensionless", "whole"),
    }
    RECORDABLES = {
        "weight": "nA or uS",
        **{name: state.unit for name, state in STATES.items()},
        "released": "dimensionless",
        "transmitted": "nA or uS",
    }

    cdef double u_at(self, Py_ssize_t k, long now, KnownDecays* known) noexcept nogil:
        return self.u[k] * decay_factor(&known.facil, self.tau_facil[k], now - self.last[k], self.post.timestep)

    cdef double use(self, Py_ssize_t k) noexcept nogil:
        self.u[k] += self.U[k] * (1.0 - self.u[k])
        return self.u[k]
