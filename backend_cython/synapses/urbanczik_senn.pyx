"""The dendritic-prediction learning rule of Urbanczik & Senn (2014).

At a presynaptic spike at t_s, with the PSP α(t) = Σ_f (e^{−(t − t_f)/τ_L} − e^{−(t − t_f)/τ_s}) that earlier
spikes left and the error δΠ of the target's dendrite, a delay d before,

    w = clip(w_init + c (∫ Π dt − ∫ Π e^{−(t_s − t)/τ_Δ} dt)),      Π(t) = α(t) δΠ(t − d),      c ∝ η,

which is dw/dt ∝ η Δ with τ_Δ dΔ/dt = Π − Δ, read at the spike. `ErrorIntegrals` has both integrals; here is what
changes of parameters do to them.
"""

import numpy as np

from backend_cython.model.uniform_array cimport Column
from backend_cython.model.schema import Parameter, refuse

from .error_integrals import NO_ROWS


cdef class UrbanczikSennSynapses(ErrorIntegrals):
    """Plastic synapses onto dendrites; see `Projection`."""

    PARAMETERS = {
        "weight": Parameter(0.0, "nA", "non-negative"),
        "eta": Parameter(0.07, "dimensionless", "non-negative"),
        "tau_Delta": Parameter(100.0, "ms", "positive"),
        "w_min": Parameter(0.0, "nA", "non-negative"),
        "w_max": Parameter(0.1, "nA", "non-negative"),
    }
    RECORDABLES = {"weight": "nA"}

    @classmethod
    def check_ends(cls, pre, post, receptor, owner):
        learnable = [name for name, declared in post.LEARNABLE.items() if "spikes" in declared.errors]
        if receptor not in learnable:
            model = post if isinstance(post, type) else type(post)
            refuse(owner, "receptor_type", f"{receptor!r} of {model.__name__}",
                   "a receptor on a dendrite that predicts its soma"
                   + (f" ({', '.join(learnable)})" if learnable else ""))

    def allocate_states(self):
        super().allocate_states()
        self.w_init = Column(self.size)

    def check_together(self, values, where):
        if not {"weight", "w_min", "w_max"} & set(values):
            return
        weight, w_min, w_max = np.broadcast_arrays(*(
            values[name] if name in values else self.fetch(name)[where] for name in ("weight", "w_min", "w_max")))
        if (w_min > w_max).any():
            at = np.unravel_index(np.argmax(w_min > w_max), w_min.shape)
            refuse(self.owner, "w_max", f"{w_max[at]} nA", f"at least w_min, {w_min[at]} nA")
        outside = (weight < w_min) | (weight > w_max)
        if outside.any():
            at = np.unravel_index(np.argmax(outside), outside.shape)
            refuse(self.owner, "weight", f"{weight[at]} nA",
                   f"between w_min, {w_min[at]} nA, and w_max, {w_max[at]} nA")

    def store(self, values, where):
        """`weight` restarts learning from the new value; any other parameter leaves the weight where it is."""
        base, lag = np.asarray(self.base), np.asarray(self.lag)
        old_tau = self.fetch("tau_Delta") if "tau_Delta" in values and self.errors.n else None
        regroup = "tau_Delta" in values and (old_tau is None or (old_tau[where] != values["tau_Delta"]).any())
        rows = np.union1d(self.rows_of(where), self.affected_rows)
        self.affected_rows = NO_ROWS
        if regroup:
            self.settle()
        else:
            self.settle_rows(rows)
        if "w_min" in values or "w_max" in values:
            # what was cut off by the old bounds must not reappear within new ones
            base[where] = np.clip(base[where], self.w_min.get()[where], self.w_max.get()[where])
        if "weight" in values:
            base[where] = values["weight"]
            lag[where] = 0.0
            self.w_init.set(values["weight"], where)
        for name, column in self._columns().items():
            if name in values:
                column.set(values[name], where)
        if regroup:
            tau = values["tau_Delta"]
            if old_tau is not None:
                tau = old_tau.copy()
                tau[where] = values["tau_Delta"]
                lag *= tau / old_tau        # what is continuous is Δ, and lag is τ_Δ Δ
            self.take_errors(tau)
            self.resume()
        else:
            self.resume_rows(rows)

    def _columns(self):
        return {"eta": self.eta, "w_min": self.w_min, "w_max": self.w_max}

    def fetch(self, name):
        if name == "weight":
            return self.weights()
        if name == "tau_Delta":
            tau = np.array([error.tau_Delta for error in self.errors.members])
            return np.array(np.broadcast_to(tau[self.group], self.size))
        return np.array(self._columns()[name].get())

    def affected(self, parameters, where):
        if self.settled:
            return NO_ROWS
        if "tau_Delta" in parameters and (self.fetch("tau_Delta")[where] != parameters["tau_Delta"]).any():
            return np.arange(self.pre.size)
        return self.rows_of(where)

    def rewind(self):
        super().rewind()
        np.asarray(self.base)[:] = self.w_init.get()
