"""The dendritic-prediction learning rule of Urbanczik & Senn (2014).

At a presynaptic spike at t_s, with the PSP α(t) = Σ_f (e^{−(t − t_f)/τ_L} − e^{−(t − t_f)/τ_s}) that earlier
spikes left and the error δΠ of the target's dendrite, a delay d before,

    w = clip(w_init + c (∫ Π dt − ∫ Π e^{−(t_s − t)/τ_Δ} dt)),      Π(t) = α(t) δΠ(t − d),      c ∝ η,

which is dw/dt ∝ η Δ with τ_Δ dΔ/dt = Π − Δ, read at the spike. Both integrals come from the running sums of
`DendriticError`: what lies between two updates of a synapse is the sums now less the sums then. The second
part is taken off the stored integrals at once ("opening"), so that a synapse keeps two numbers, and the
first is added at the next update ("closing").
"""

from libc.math cimport fabs
from libc.stdlib cimport free, realloc
from libc.string cimport memset

import numpy as np

from backend_cython.declare import Parameter, equal_runs, refuse
from backend_cython.delays cimport slot
from backend_cython.transfer cimport exponential

# A PSP below this does not change any sum any more.
cdef double NO_PSP = 1e-18
# Marks a row that is not in the list of rows with a PSP.
cdef long UNLISTED = -2


cdef void forget(Segment* segment) noexcept nogil:
    """No PSP is left."""
    segment.p = segment.q = 0.0
    segment.open_p = segment.open_q = segment.filtered_p = segment.filtered_q = 0.0


cdef class UrbanczikSennSynapses(Projection):
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

    def __dealloc__(self):
        free(self.segments)

    # ---- parameters

    def allocate_states(self):
        n = self.size
        self.base, self.lag, self.w_init = np.zeros(n), np.zeros(n), np.zeros(n)
        self.eta, self.w_min, self.w_max = np.zeros(n), np.zeros(n), np.zeros(n)
        self.group = np.zeros(n, dtype=np.int32)
        self.errors, self.sums = Roster(), Roster()
        self.now = self.network.step
        self.row_segment = np.zeros(self.pre.size + 1, dtype=np.int64)
        self.last_step = np.full(self.pre.size, self.now)
        self.older = np.full(self.pre.size, UNLISTED)
        self.newer = np.full(self.pre.size, UNLISTED)
        self.oldest = self.newest = -1
        self.variables["weight"] = 0
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
        old_tau = None if self.errors.n == 0 else self.fetch("tau_Delta")
        regroup = "tau_Delta" in values and (old_tau is None or (old_tau[where] != values["tau_Delta"]).any())
        rows = np.union1d(self._rows_of(where), self.affected_rows)
        self.affected_rows = ()
        if regroup:
            self.settle()
        else:
            self._settle_rows(rows)
        if "w_min" in values or "w_max" in values:
            # what was cut off by the old bounds must not reappear within new ones
            base[where] = np.clip(base[where], np.asarray(self.w_min)[where], np.asarray(self.w_max)[where])
        if "weight" in values:
            base[where] = values["weight"]
            lag[where] = 0.0
            np.asarray(self.w_init)[where] = values["weight"]
        for name, array in (("eta", self.eta), ("w_min", self.w_min), ("w_max", self.w_max)):
            if name in values:
                np.asarray(array)[where] = values[name]
        if regroup:
            tau = np.empty(self.size) if old_tau is None else old_tau.copy()
            tau[where] = values["tau_Delta"]
            if old_tau is not None:
                lag *= tau / old_tau        # what is continuous is Δ, and lag is τ_Δ Δ
            self._assign_errors(tau)
            self.resume()
        else:
            self._resume_rows(rows)

    def fetch(self, name):
        cdef Py_ssize_t k
        if name == "weight":
            weight = np.empty(self.size)
            for k in range(self.size):
                weight[k] = self.weight_now(k)
            return weight
        if name == "tau_Delta":
            return np.array([error.tau_Delta for error in self.errors.members])[np.asarray(self.group)]
        return np.array({"eta": self.eta, "w_min": self.w_min, "w_max": self.w_max}[name])

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
        before, self.errors, self.sums = self.errors, Roster(), Roster()
        for tau in values:
            error = DendriticError.of(self.post, self.post.RECEPTORS[self.receptor], tau)
            error.hold(self.longest_delay)
            if self not in error.users:
                error.users.append(self)
            self.errors.add(error)
            self.sums.add(error.sums[self.lane])
        for error in before.members:
            if error not in self.errors.members:
                error.leave(self)
        self.group = group.astype(np.int32).reshape(self.size)

    def _build_segments(self):
        """Cut rows where PSP, τ_Δ or delay change; traces stay with the synapses."""
        cdef Py_ssize_t i
        group, target, delay = np.asarray(self.group), self._target, self._delay
        row = self.pre_index
        run = np.empty(self.size, dtype=np.int64)
        for g, sums in enumerate(self.sums.members):
            run[group == g] = sums.runs[target[group == g]]
        key = np.stack([row, run, group, delay])
        cdef long[::1] starts = equal_runs(key)
        first = np.asarray(starts)[:starts.shape[0] - 1]
        cdef double[:, ::1] traces = np.zeros((len(first), 2))
        for i in range(len(first) if self.n_segments else 0):
            traces[i, 0] = self.segment_of(starts[i]).p
            traces[i, 1] = self.segment_of(starts[i]).q
        self.n_segments = len(first)
        self.segments = <Segment*> realloc(self.segments, (self.n_segments + 1) * sizeof(Segment))
        if self.segments == NULL:
            raise MemoryError
        memset(self.segments, 0, (self.n_segments + 1) * sizeof(Segment))
        for i in range(self.n_segments):
            self.segments[i].first = starts[i]
            self.segments[i].last = starts[i + 1]
            self.segments[i].row = row[starts[i]]
            self.segments[i].run = run[starts[i]]
            self.segments[i].group = group[starts[i]]
            self.segments[i].delay = delay[starts[i]]
            self.segments[i].updated = self.now
            self.segments[i].p = traces[i, 0]
            self.segments[i].q = traces[i, 1]
        DendriticError.share_horizon(self.post)
        self.row_segment = np.searchsorted(row[first], np.arange(self.pre.size + 1)).astype(np.int64)

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
            self._build_segments()
            self._resume_rows(np.arange(self.pre.size))

    def _settle_rows(self, long[::1] rows):
        cdef long row, i
        cdef Py_ssize_t k
        cdef Segment* segment
        if self.settled:
            return
        self.now = self.network.step
        for row in rows:
            for i in range(self.row_segment[row], self.row_segment[row + 1]):
                segment = &self.segments[i]
                self.close_segment(segment, self.now)
                for k in range(segment.first, segment.last):
                    self.base[k] -= self.eta[k] * self.psp_of(segment).gain * self.lag[k]
            self.last_step[row] = self.now

    def _resume_rows(self, long[::1] rows):
        cdef long row, i
        cdef Py_ssize_t k
        cdef Segment* segment
        cdef bint alive
        if self.settled:
            return
        for row in rows:
            alive = False
            for i in range(self.row_segment[row], self.row_segment[row + 1]):
                segment = &self.segments[i]
                for k in range(segment.first, segment.last):
                    self.base[k] += self.eta[k] * self.psp_of(segment).gain * self.lag[k]
                alive |= self.open_segment(segment, self.now)
            self.touch(row, alive)

    def rewind(self):
        cdef Py_ssize_t i
        cdef Segment* segment
        self.base[:] = self.w_init
        self.lag[:] = 0.0
        self.now = 0
        self.last_step[:] = 0
        self.older[:] = UNLISTED
        self.newer[:] = UNLISTED
        self.oldest = self.newest = -1
        for i in range(self.n_segments):
            segment = &self.segments[i]
            segment.updated = segment.block = 0
            forget(segment)

    # ---- the step loop

    def take_horizon(self, long steps):
        """A row with a PSP is brought up to date when it has not been for that long."""
        self.horizon = steps

    cdef void deliver(self, long now) noexcept nogil:
        self.now = now
        while self.oldest >= 0 and self.last_step[self.oldest] < now - self.horizon:
            self.update(self.oldest, 0.0, now, False)
        self.deliver_spikes(now)

    cdef void transmit(self, const int* rows, const double* factors, Py_ssize_t n, long now) noexcept nogil:
        cdef Py_ssize_t s
        for s in range(n):
            self.update(rows[s], factors[s], now, True)

    cdef void update(self, long row, double factor, long now, bint spike) noexcept nogil:
        """Bring the synapses of a row up to `now`; with a spike, let them transmit."""
        cdef long i
        cdef bint alive = False
        cdef Segment* segment
        for i in range(self.row_segment[row], self.row_segment[row + 1]):
            segment = &self.segments[i]
            if not spike and segment.p == 0.0 and segment.q == 0.0:
                continue
            self.close_segment(segment, now)
            if spike:
                self.transmit_segment(segment, factor, now)
                segment.q += factor
            alive |= self.open_segment(segment, now)
        self.last_step[row] = now
        self.touch(row, alive)

    cdef const Psp* psp_of(self, const Segment* segment) noexcept nogil:
        return &(<ErrorSums> self.sums.item[segment.group]).psp[segment.run]

    cdef void closed(self, const Segment* segment, Py_ssize_t k, long now, double fade,
                     double* base, double* lag) noexcept nogil:
        """`base` and `lag` of synapse `k` with the integrals up to `now`."""
        cdef double sums[N_SUMS]
        cdef const Psp* psp = self.psp_of(segment)
        base[0] = self.base[k]
        lag[0] = self.lag[k]
        if segment.open_p != 0.0 or segment.open_q != 0.0:
            (<ErrorSums> self.sums.item[segment.group]).since(
                psp, segment.block, now - segment.delay, self.target[k], sums)
            base[0] += self.eta[k] * psp.gain * (segment.open_p * sums[0] + segment.open_q * sums[1])
            lag[0] += segment.filtered_p * sums[2] + segment.filtered_q * sums[3]
        lag[0] *= fade

    cdef void close_segment(self, Segment* segment, long now) noexcept nogil:
        """Add what lies between the last update and now to the integrals; let the PSP decay to now."""
        cdef const Psp* psp = self.psp_of(segment)
        cdef double dt = (now - segment.updated) * self.post.timestep
        cdef double fade = exponential(-dt * psp.D), left = exponential(-dt * psp.L), right = exponential(-dt * psp.s)
        cdef Py_ssize_t k
        for k in range(segment.first, segment.last):
            self.closed(segment, k, now, fade, &self.base[k], &self.lag[k])
        segment.p = segment.p * left + segment.q * psp_kernel(dt, left, right, psp.s - psp.L)
        segment.q *= right
        segment.updated = now

    cdef bint open_segment(self, Segment* segment, long now) noexcept nogil:
        """Take the sums as they are now off the integrals. False if no PSP is left to integrate."""
        cdef const Psp* psp
        cdef const double* sums
        cdef long step = now - segment.delay
        cdef double since, filtered, left, right
        cdef Py_ssize_t k
        if fabs(segment.p) < NO_PSP and fabs(segment.q) < NO_PSP:
            forget(segment)
            return False
        psp = self.psp_of(segment)
        segment.block = (<ErrorSums> self.sums.item[segment.group]).block_of(step)
        since = self.post.timestep * (
            step - (<ErrorSums> self.sums.item[segment.group]).anchor(segment.block))
        filtered = exponential(-since * psp.D)
        left = exponential(since * psp.L)
        right = exponential(since * psp.s)
        segment.open_p = segment.p * left + segment.q * psp_kernel(-since, left, right, psp.s - psp.L)
        segment.open_q = segment.q * right
        segment.filtered_p = segment.open_p * filtered
        segment.filtered_q = segment.open_q * filtered
        for k in range(segment.first, segment.last):
            sums = (<ErrorSums> self.sums.item[segment.group]).sums_of(step, self.target[k])
            self.base[k] -= self.eta[k] * psp.gain * (segment.open_p * sums[0] + segment.open_q * sums[1])
            self.lag[k] -= segment.filtered_p * sums[2] + segment.filtered_q * sums[3]
        return True

    cdef double clipped(self, Py_ssize_t k, double gain, double base, double lag) noexcept nogil:
        return min(max(base - self.eta[k] * gain * lag, self.w_min[k]), self.w_max[k])

    cdef void transmit_segment(self, const Segment* segment, double factor, long now) noexcept nogil:
        cdef double* inbox = slot(self.ring, now + segment.delay) + self.column_of_targets()
        cdef double gain = self.psp_of(segment).gain, weight
        cdef Py_ssize_t k
        for k in range(segment.first, segment.last):
            weight = self.clipped(k, gain, self.base[k], self.lag[k])
            inbox[self.target[k]] += weight * factor
            if self.log is not None and self.log.selected[k]:
                self.log.append(k, now, weight)

    cdef double weight_now(self, Py_ssize_t k) noexcept nogil:
        """The weight integrated to now; nothing changes."""
        cdef const Segment* segment = self.segment_of(k)
        cdef const Psp* psp = self.psp_of(segment)
        cdef double base, lag
        cdef double dt = (self.now - segment.updated) * self.post.timestep
        self.closed(segment, k, self.now, exponential(-dt * psp.D), &base, &lag)
        return self.clipped(k, psp.gain, base, lag)

    cdef const double* address(self, long variable, long index) noexcept nogil:
        return NULL

    cdef void sample(self, long variable, const long* indices, Py_ssize_t n, double* out) noexcept nogil:
        cdef Py_ssize_t i
        for i in range(n):
            out[i] = self.weight_now(indices[i])

    cdef const Segment* segment_of(self, Py_ssize_t k) noexcept nogil:
        cdef Py_ssize_t low = 0, high = self.n_segments, middle
        while high - low > 1:
            middle = (low + high) // 2
            if self.segments[middle].first <= k:
                low = middle
            else:
                high = middle
        return &self.segments[low]

    cdef void touch(self, long row, bint alive) noexcept nogil:
        """Move a row to the end of the list of rows with a PSP, or out of it."""
        cdef long before = self.older[row], after = self.newer[row]
        if before != UNLISTED:
            if before >= 0:
                self.newer[before] = after
            else:
                self.oldest = after
            if after >= 0:
                self.older[after] = before
            else:
                self.newest = before
            self.older[row] = self.newer[row] = UNLISTED
        if alive:
            self.older[row] = self.newest
            self.newer[row] = -1
            if self.newest >= 0:
                self.newer[self.newest] = row
            else:
                self.oldest = row
            self.newest = row
