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
from backend_cython.engine.pointer_list cimport PointerList

from .dendritic_error cimport DendriticError


cdef class UrbanczikSennSynapses(ErrorIntegrals):
    """Plastic synapses onto dendrites; see `Projection` for the arguments."""

    PARAMETERS = {
        "weight": Parameter(0.0, "nA", "non-negative"),
        "eta": Parameter(0.07, "dimensionless", "non-negative"),
        "tau_Delta": Parameter(100.0, "ms", "positive"),
        "w_min": Parameter(0.0, "nA", "non-negative"),
        "w_max": Parameter(0.1, "nA", "non-negative"),
    }
    RECORDABLES = {"weight": "nA"}

    def __init__(self, pre, post, receptor, *args, owner=None, **kwargs):
        owner = owner or type(self).__name__
        learnable = getattr(post, "PSP_TAU", ())
        if receptor not in learnable:
            refuse(owner, "receptor_type", f"{receptor!r} of {type(post).__name__}",
                   "a receptor on a dendrite that predicts its soma"
                   + (f" ({', '.join(learnable)})" if learnable else ""))
        super().__init__(pre, post, receptor, *args, owner=owner, **kwargs)

    # ---- parameters

    def allocate_states(self):
        super().allocate_states()
        self.w_init = Column(self.size)
        self.affected_rows = ()
        self.settled = True

    def check_together(self, values, where):
        if not {"weight", "w_min", "w_max"} & set(values):
            return
        weight, w_min, w_max = np.broadcast_arrays(*(
            values[name] if name in values else self.fetch(name)[where] for name in ("weight", "w_min", "w_max")))
        if (w_min > w_max).any():
            at = np.unravel_index(np.argmax(w_min > w_max), w_min.shape)
            refuse(self.owner, "w_max", w_max[at], f"at least w_min, {w_min[at]}")
        outside = (weight < w_min) | (weight > w_max)
        if outside.any():
            at = np.unravel_index(np.argmax(outside), outside.shape)
            refuse(self.owner, "weight", weight[at], f"between w_min, {w_min[at]}, and w_max, {w_max[at]}")

    def store(self, values, where):
        """`weight` restarts learning from the new value; any other parameter leaves the weight where it is."""
        base, lag = np.asarray(self.base), np.asarray(self.lag)
        old_tau = self.fetch("tau_Delta") if "tau_Delta" in values and self.errors.n else None
        regroup = "tau_Delta" in values and (old_tau is None or (old_tau[where] != values["tau_Delta"]).any())
        rows = np.union1d(self._rows_of(where), self.affected_rows)
        self.affected_rows = ()
        if regroup:
            self.settle()
        else:
            self._settle_rows(rows)
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
            self._assign_errors(tau)
            self.resume()
        else:
            self._resume_rows(rows)

    def _columns(self):
        return {"eta": self.eta, "w_min": self.w_min, "w_max": self.w_max}

    def fetch(self, name):
        if name == "weight":
            return self.weights()
        if name == "tau_Delta":
            tau = np.array([error.tau_Delta for error in self.errors.members])
            return np.array(np.broadcast_to(tau[self.group], self.size))
        return np.array(self._columns()[name].get())

    def affected(self, parameters, indices):
        where = np.arange(self.size)[slice(None) if indices is None else indices]
        if "tau_Delta" in parameters and (self.fetch("tau_Delta")[where] != parameters["tau_Delta"]).any():
            return np.arange(self.pre.size)
        return self._rows_of(where)

    def affect(self, rows):
        self.affected_rows = np.asarray(rows, dtype=np.int64)

    def expect_delay(self, long delay_steps):
        self.expected_delay = max(self.expected_delay, delay_steps)
        for error in self.errors.members:
            error.hold(delay_steps)

    def _rows_of(self, where):
        if isinstance(where, slice):
            return np.arange(self.pre.size)
        return np.unique(np.searchsorted(self._row_start, where, side="right") - 1)

    def _assign_delays(self, values):
        existing = self.errors is not None and self.errors.n
        if existing:
            self.settle()
        super()._assign_delays(values)
        self.longest_delay = max(self.expected_delay, values.max() if self.size else 0)
        if existing:
            for error in self.errors.members:
                error.hold(self.longest_delay)
            self.resume()

    def _assign_errors(self, tau_Delta):
        """Share one `DendriticError` a distinct τ_Δ with the other synapses of this kind."""
        values, group = np.unique(tau_Delta, return_inverse=True)
        before, self.errors, self.sums = self.errors, PointerList(), PointerList()
        for tau in values:
            error = DendriticError.of(self.post, self.post.RECEPTORS[self.receptor], tau)
            error.join(self, self.longest_delay)
            self.errors.add(error)
            self.sums.add(error.sums[self.partition])
        for error in before.members:
            if error not in self.errors.members:
                error.leave(self)
        self.group = np.zeros(1, np.int32) if len(values) == 1 else group.astype(np.int32).ravel()

    # ---- between updates: what changes of parameters need

    def settle(self):
        """Bring all synapses up to now and close them: `base` is the weight before clipping then."""
        if not self.settled:
            self._settle_rows(np.arange(self.pre.size))
            self.settled = True

    def resume(self):
        """Open all synapses again, with the parameters as they are now."""
        if self.settled:
            self.settled = False
            self.build_segments()
            DendriticError.share_horizon(self.post)
            self._resume_rows(np.arange(self.pre.size))

    def _settle_rows(self, long[::1] rows):
        cdef long row
        if not self.settled:
            self.now = self.network.step
            for row in rows:
                self.settle_row(row)

    def _resume_rows(self, long[::1] rows):
        cdef long row
        if not self.settled:
            for row in rows:
                self.resume_row(row)

    def rewind(self):
        super().rewind()
        np.asarray(self.base)[:] = self.w_init.get()

    def take_horizon(self, long steps):
        """A row with a PSP is brought up to date when it has not been for that long."""
        self.horizon = steps
