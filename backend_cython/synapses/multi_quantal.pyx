"""Synapses with several release sites, and facilitation.

With the probability u that a spike would find at a site, between spikes and at one, u being read first:

    du/dt = (U − u) / τ_facil,        u → U + (1 − U) u.
"""

cimport cython

from backend_cython.model.schema import Parameter, State
from backend_cython.synapses.dynamic cimport KnownDecays, decay_factor
from backend_cython.synapses.release_sites cimport ReleaseSites


@cython.final
cdef class MultiQuantalSynapses(ReleaseSites):
    """Each vesicle released adds weight × factor to the target's receptor; see `ReleaseSites`."""

    SITES, COUNT = "a", "n"
    PARAMETERS = {
        "weight": Parameter(0.0, "nA or uS"),
        "U": Parameter(0.5, "dimensionless", "fraction"),
        "n": Parameter(1.0, "dimensionless", "count"),
        "tau_rec": Parameter(800.0, "ms", "positive"),
        "tau_facil": Parameter(0.0, "ms", "non-negative"),
    }
    STATES = {
        "u": State("U", "dimensionless", "fraction"),
        "a": State("n", "dimensionless", "whole"),
    }
    RECORDABLES = {
        "weight": "nA or uS",
        **{name: state.unit for name, state in STATES.items()},
        "released": "dimensionless",
        "transmitted": "nA or uS",
    }

    cdef double u_at(self, Py_ssize_t k, long now, KnownDecays* known) noexcept nogil:
        cdef double left = decay_factor(&known.facil, self.tau_facil[k], now - self.last[k], self.post.timestep)
        return self.U[k] + (self.u[k] - self.U[k]) * left

    cdef double use(self, Py_ssize_t k) noexcept nogil:
        cdef double probability = self.u[k]
        self.u[k] = self.U[k] + (1.0 - self.U[k]) * probability
        return probability
