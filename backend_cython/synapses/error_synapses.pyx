"""Synapses that learn from the error of a dendrite, and what changes of their parameters do to the integrals."""

import numpy as np

from backend_cython.engine.pointer_list cimport PointerList
from backend_cython.model.uniform_array cimport Column
from backend_cython.model.schema import refuse

from .active_rows cimport ActiveRows
from .error_integrals import NO_ROWS
from .learning import KEYS, distinct
from .segments cimport Segment, is_active


def check_learnable(post, receptor, error, owner):
    """Refuse a receptor of a model, or of a population of it, that has no such error."""
    learnable = [name for name, declared in post.LEARNABLE.items() if error in declared.errors]
    if receptor not in learnable:
        model = post if isinstance(post, type) else type(post)
        refuse(owner, "receptor_type", f"{receptor!r} of {model.__name__}",
               "a receptor on a dendrite that predicts its soma" + (f" ({', '.join(learnable)})" if learnable else ""))


cdef class ErrorSynapses(ErrorIntegrals):
    """What rules share: bounds of the weight, and parameters that can be set at any time.

    `weight` restarts learning from the new value; any other parameter leaves the weight where it is.
    """

    RECORDABLES = {"weight": "nA"}

    def allocate_states(self):
        super().allocate_states()
        self.w_init = Column(self.size)

    def check_together(self, values, where):
        if not {"weight", "w_min", "w_max"} & set(values):
            return
        weight, w_min, w_max = (
            values[name] if name in values else self.fetch(name)[where] for name in ("weight", "w_min", "w_max"))
        for wrong in (w_min > w_max, (weight < w_min) | (weight > w_max)):
            if not wrong.any():
                continue
            weight, w_min, w_max, wrong = (array.flat for array in np.broadcast_arrays(weight, w_min, w_max, wrong))
            at = np.argmax(wrong)
            if w_min[at] > w_max[at]:
                refuse(self.owner, "w_max", f"{w_max[at]} nA", f"at least w_min, {w_min[at]} nA")
            refuse(self.owner, "weight", f"{weight[at]} nA",
                   f"between w_min, {w_min[at]} nA, and w_max, {w_max[at]} nA")

    def store(self, values, where):
        """`weight` restarts learning from the new value; any other parameter leaves the weight where it is."""
        base, lag = np.asarray(self.base), np.asarray(self.lag)
        old_tau = self.fetch("tau_Delta") if self.errors.n else None
        regroup = self.errors.n == 0 or self.regroups(values, where)
        if regroup:
            self.settle()
        else:
            rows = np.union1d(self.rows_of(where), self.affected_rows)
            self.settle_rows(rows)
        self.affected_rows = NO_ROWS
        if "weight" in values:
            base[where] = values["weight"]
            lag[where] = 0.0
            self.w_init.set(values["weight"], where)
        elif "w_min" in values or "w_max" in values:
            # what was cut off by the old bounds must not reappear within new ones
            base[where] = np.clip(base[where], self.w_min.get()[where], self.w_max.get()[where])
        for name, column in self._columns().items():
            if name in values:
                column.set(values[name], where)
        if regroup:
            keys = {name: values[name] for name in self.keys_of_rule() if name in values}
            if old_tau is not None:
                new = {name: self.fetch(name) for name in self.keys_of_rule()}
                for name, given in keys.items():
                    new[name][where] = given
                keys = new
                # what is continuous is Δ, and lag is τ_Δ Δ; without a filter there is no Δ
                filtered = (old_tau > 0.0) & (keys["tau_Delta"] > 0.0)
                lag *= np.where(filtered, keys["tau_Delta"] / np.where(filtered, old_tau, 1.0), 0.0)
            self.take_errors(keys)
            self.resume()
        else:
            self.resume_rows(rows)

    # ---- synapses are closed while parameters change

    def settle(self):
        """Bring all synapses up to now and close them: `base` is the weight before clipping then."""
        if not self.settled:
            self.settle_rows(np.arange(self.pre.size))
            self.settled = True

    def resume(self):
        """Open all synapses again, with the parameters as they are now."""
        if self.settled:
            self.settled = False
            self.build_segments()
            self.psp_scale = None
            self.resume_rows(np.arange(self.pre.size))

    def rescale(self, error, ratio):
        """Keep PSPs and what is filtered as potentials, while the capacitances of cells become those times `ratio`.

        `p` is a potential times the capacitance, and so is `lag`, if only for learning rates other than NEST's.
        """
        cdef const double[::1] of_cell = ratio
        cdef bint filtered = error.learning.kernel == "psp"
        cdef const Segment* segment
        cdef Py_ssize_t i, k
        if self.psp_scale is None:
            self.psp_scale = np.ones(self.size)
        for i in range(self.n_segments):
            segment = &self.segments[i]
            if self.errors.members[segment.group] is error:
                for k in range(segment.first, segment.last):
                    self.psp_scale[k] = of_cell[self.target[k]]
                    if filtered:
                        self.lag[k] *= self.psp_scale[k]

    def settle_rows(self, long[::1] rows):
        """The same for the synapses of some presynaptic cells, unless all are closed."""
        cdef long row
        if not self.settled:
            self.now = self.network.step
            for row in rows:
                self.settle_row(row)

    def resume_rows(self, long[::1] rows):
        """And this likewise."""
        cdef long row
        if not self.settled:
            for row in rows:
                self.resume_row(row)

    def affect(self, rows):
        self.affected_rows = rows

    def take_horizon(self, long steps):
        self.horizon = steps

    def assign_delays(self, values):
        closed = self.errors is None or self.settled
        if not closed:
            self.settle()
        super().assign_delays(values)
        if not closed:
            self.take_errors(self.keys)
            self.resume()

    @property
    def learning(self):
        """What the synapses learn, without repetitions."""
        return [error.learning for error in self.errors.members]

    def take_errors(self, keys):
        """Learn with these numbers (of `learning.KEYS`: a number, or one a connection) from now on."""
        self.keys = keys
        self.errors, self.sums = PointerList(), PointerList()
        self.group = np.zeros(1, np.int32)
        if self.size == 0:
            # nobody has those of `keys` that are missing, and others may need other sums
            return
        columns = dict(keys)
        if any(self.CHOICE.learning(**row).general for row in distinct(keys)[0]):
            delays = np.unique(self._delay)
            columns["delay"] = int(delays[0]) if len(delays) == 1 else self._delay
        rows, group = distinct(columns)
        number = {}
        for row in rows:
            delay = int(row.pop("delay", 0))
            learning = self.CHOICE.learning(**row)
            learning = learning._replace(delay=delay if learning.general else 0)
            if learning not in number:
                number[learning] = len(number)
                error = self.common.error_of(learning)
                self.errors.add(error)
                self.sums.add(error.sums[self.partition])
            row["number"] = number[learning]
        if len(number) > 1:
            self.group = np.array([row["number"] for row in rows], dtype=np.int32)[group]

    def keys_of_rule(self):
        """Those parameters by which synapses share sums."""
        return [name for name in KEYS if name in self.PARAMETERS]

    def regroups(self, values, where):
        """Whether these parameters give some of the connections `where` other sums."""
        return any((self.fetch(name)[where] != values[name]).any() for name in self.keys_of_rule() if name in values)

    def _columns(self):
        return {"eta": self.eta, "w_min": self.w_min, "w_max": self.w_max}

    def fetch(self, name):
        if name == "weight":
            return self.weights()
        if name in KEYS:
            if self.size == 0:
                return np.empty(0)
            numbers = np.array([getattr(error.learning, name) for error in self.errors.members])
            return np.array(np.broadcast_to(numbers[self.group], self.size))
        return np.array(self._columns()[name].get())

    def affected(self, parameters, where):
        if self.settled:
            return NO_ROWS
        if self.regroups(parameters, where):
            return np.arange(self.pre.size)
        return self.rows_of(where)

    def memory(self):
        cdef Py_ssize_t row, i, k
        cdef long[::1] updated = np.full(self.size, -1)
        for row in range(self.pre.size):
            for i in range(self.row_segment[row], self.row_segment[row + 1]):
                if is_active(&self.segments[i]):
                    for k in range(self.segments[i].first, self.segments[i].last):
                        updated[k] = self.rows.row[row].last_step
        p, q, left, block = self.segment_states()
        return {"base": np.array(self.base), "lag": np.array(self.lag), "w_init": np.array(self.w_init.get()),
                "p": p, "q": q, "left": left, "block": block, "updated": np.asarray(updated)}

    def recall(self, memory, arrived):
        self.now = self.network.step
        np.asarray(self.base)[:] = memory["base"]
        np.asarray(self.lag)[:] = memory["lag"]
        self.w_init.set(memory["w_init"], slice(None))
        self.restore_segments(memory["p"], memory["q"], memory["left"], memory["block"])
        self.rows = ActiveRows(self.pre.size, self.now)
        # the part of a row that another partition has may have been left alone for longer
        updated = np.full(self.pre.size, -1)
        np.maximum.at(updated, self.pre_index, memory["updated"])
        for row in np.argsort(updated, kind="stable").tolist():
            if updated[row] >= 0:
                self.rows.touch(row, updated[row], True)

    def adopt_weights(self):
        self.w_init.set(self.weights(), slice(None))

    def rewind(self):
        self.forget()
        np.asarray(self.base)[:] = self.w_init.get()
