"""Short-term depression and facilitation of Tsodyks, Uziel & Markram (2000).

Fractions of a synapse's resources are recovered (x), active (y) and inactive (z = 1 − x − y); u is the part of x
that a spike uses. Between spikes

    dx/dt = z/τ_rec,    dy/dt = −y/τ_psc,    dz/dt = y/τ_psc − z/τ_rec,    du/dt = −u/τ_facil,

and at a spike, u first:  u → u + U (1 − u),  then ux passes from x to y, and weight · ux to the target. The
linear equations are solved exactly from spike to spike. τ_psc is the time constant of the target's receptor.
"""

cimport cython

import numpy as np

from backend_cython.model.schema import Parameter, State, refuse
from backend_cython.model.ring_buffers cimport slot
from backend_cython.model.synapse_group cimport Rows
from backend_cython.model.observer cimport Observer
from backend_cython.synapses.psp cimport psp_kernel
from backend_cython.synapses.dynamic cimport DynamicSynapses, KnownDecays, decay_factor, none_known


cdef enum:
    # numbers in RECORDABLES
    WEIGHT, U_USED, RECOVERED, ACTIVE, TRANSMITTED


cdef class TauSynFollower(Observer):
    """Tells synapses when the time constant of their target's receptor changes."""

    cdef TsodyksMarkramSynapses synapses

    def __init__(self, synapses, parameter):
        self.synapses = synapses
        self.depends_on = {parameter}

    def before_change(self):
        self.synapses.advance()

    def after_change(self):
        self.synapses.take_tau_psc()


@cython.final
cdef class TsodyksMarkramSynapses(DynamicSynapses):
    """Synapses with short-term plasticity; see `Projection`."""

    PARAMETERS = {
        "weight": Parameter(0.0, "nA or uS"),
        "U": Parameter(0.5, "dimensionless", "fraction"),
        "tau_rec": Parameter(100.0, "ms", "positive"),
        "tau_facil": Parameter(0.0, "ms", "non-negative"),
    }
    STATES = {
        "u": State(0.0, "dimensionless", "fraction"),
        "x": State(1.0, "dimensionless", "fraction"),
        "y": State(0.0, "dimensionless", "fraction"),
    }
    RECORDABLES = {
        "weight": "nA or uS",
        **{name: state.unit for name, state in STATES.items()},
        "transmitted": "nA or uS",
    }

    cdef double[::1] weight, U, tau_rec, tau_facil, tau_psc, u, x, y

    def allocate_states(self):
        DynamicSynapses.allocate_states(self)
        self.weight, self.U = self.array("weight"), self.array("U")
        self.tau_rec, self.tau_facil = self.array("tau_rec"), self.array("tau_facil")
        self.u, self.x, self.y = self.array("u"), self.array("x"), self.array("y")
        self.take_tau_psc()

    def join(self):
        parameter = self.post.TAU_SYN.get(self.post.RECEPTORS[self.receptor])
        if parameter:
            self.post.add_observer(TauSynFollower(self, parameter))
        DynamicSynapses.join(self)

    def take_tau_psc(self):
        """Receptors without a time constant are through with a spike at once: 0."""
        parameter = self.post.TAU_SYN.get(self.post.RECEPTORS[self.receptor])
        self.tau_psc = self.post.parameter(parameter)[self.post_index] if parameter else np.zeros(self.size)

    def check_states(self, values, where, owner):
        x = values["x"] if "x" in values else self.value("x")[where]
        y = values["y"] if "y" in values else self.value("y")[where]
        total = np.atleast_1d(x + y)
        if (total > 1.0 + 1e-12).any():
            refuse(owner, "x + y", total[np.argmax(total > 1.0 + 1e-12)], "at most 1")

    cdef void carried(
        self, Py_ssize_t k, long now, KnownDecays* known, double* u, double* x, double* y
    ) noexcept nogil:
        """The states at step `now`."""
        cdef long steps = now - self.last[k]
        cdef double h = self.post.timestep
        cdef double rec = decay_factor(&known.rec, self.tau_rec[k], steps, h)
        cdef double psc = decay_factor(&known.psc, self.tau_psc[k], steps, h)
        cdef double rate, passed = self.y[k], inactive = 1.0 - self.x[k] - self.y[k]
        if self.tau_psc[k] > 0.0:
            rate = 1.0 / self.tau_psc[k]
            passed *= rate * psp_kernel(steps * h, rec, psc, rate - 1.0 / self.tau_rec[k])
        else:
            passed *= rec
        u[0] = self.u[k] * decay_factor(&known.facil, self.tau_facil[k], steps, h)
        x[0] = self.x[k] + inactive * (1.0 - rec) + (self.y[k] * (1.0 - psc) - passed)
        y[0] = self.y[k] * psc

    cdef void carry(self, Py_ssize_t k, long now, KnownDecays* known) noexcept nogil:
        self.carried(k, now, known, &self.u[k], &self.x[k], &self.y[k])
        self.last[k] = now

    cdef double value_at(self, long now, long variable, Py_ssize_t k, KnownDecays* known) noexcept nogil:
        cdef double u, x, y
        if variable == WEIGHT:
            return self.weight[k]
        self.carried(k, now, known, &u, &x, &y)
        return u if variable == U_USED else x if variable == RECOVERED else y

    cdef void transmit(
        self, const Rows* of, const int* rows, const double* factors, Py_ssize_t n, long now
    ) noexcept nogil:
        cdef Py_ssize_t s, k
        cdef double used, amount
        cdef KnownDecays known = none_known()
        for s in range(n):
            for k in range(of.begin[rows[s]], of.end[rows[s]]):
                self.carry(k, now, &known)
                self.u[k] += self.U[k] * (1.0 - self.u[k])
                used = self.u[k] * self.x[k]
                amount = self.weight[k] * used * factors[s]
                slot(self.ring, now + self.delay[k])[self.column_of_targets() + self.target[k]] += amount
                if self.logging:
                    self.note(WEIGHT, k, now, self.weight[k])
                    self.note(U_USED, k, now, self.u[k])
                    self.note(RECOVERED, k, now, self.x[k])
                    self.note(ACTIVE, k, now, self.y[k])
                    self.note(TRANSMITTED, k, now, amount)
                self.x[k] -= used
                self.y[k] += used
