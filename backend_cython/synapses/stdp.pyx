"""Spike-timing-dependent plasticity: the weight changes at every spike that reaches the synapse.

A spike of the presynaptic cell reaches the synapse after the delay on the axon, one of the postsynaptic
cell after the delay in the dendrite (the part of the delay that the synapse's own input takes as well).
What happens in one time step, in this order, at every synapse (`stdp_rules` has the coefficients):

1. postsynaptic spikes increase the weight, in proportion to K₊ of the presynaptic spikes *before* this
   step;
2. presynaptic spikes change it in proportion to K₋ of the postsynaptic spikes *before* this step, and
   transmit;
3. traces grow: K₊ by 1 for each presynaptic spike, K₋ by 1 for each postsynaptic one.

So two spikes that meet at the synapse in the same step do not count as a pair, which is NEST's order too.
After each change the weight is cut off at its bounds. Several spikes of one cell in one step count one by
one; the factor of a weighted spike changes what is transmitted, not what is learnt.

Nothing waits for a later spike, so a weight is always up to date, and all that is kept of the past are the
postsynaptic spikes still in the dendrites. Traces decay when they are looked at. Synapses share them as far
as they can: K₊ with those of the same source and time constant, K₋ with those of the same target, delay and
time constant.
"""

from libc.stdlib cimport free, realloc

from functools import cache

import numpy as np

from backend_cython.engine.memory cimport prefetch
from backend_cython.engine.pointer_list cimport PointerList
from backend_cython.model.schema import Parameter, equal_runs
from backend_cython.model.ring_buffers cimport Ring, SpikeHistory, slot
from backend_cython.model.cells cimport SpikeList
from backend_cython.model.synapse_group cimport Rows, SynapseGroup
from backend_cython.synapses.pair_rule cimport Rule, Trace, decreased, increased, left
from backend_cython.synapses.stdp_loops cimport STRIP, decrease_many, increase_many, left_of_many

from backend_cython.numerics.sorting import order_of

from .stdp_rules import check_bounds

# A step before all steps.
cdef long NEVER = -1

cdef enum:
    # numbers in RECORDABLES
    WEIGHT, K_PLUS, K_MINUS

COEFFICIENTS = ("w_max", "inverse", "low", "high", "foot", "mu_plus", "mu_minus", "post_plus", "pre_plus",
                "pre_minus", "pre_constant")


def together(Py_ssize_t n, *keys):
    """Group `n` elements with equal combinations of `keys` (arrays, or numbers that all have; the first sorts first).

    Returns an order in which they are neighbours, the bounds of the groups in it, the first member of each group,
    and the number of the group of each element.
    """
    varying = [key for key in keys if np.ndim(key) and n and (key != key[0]).any()]
    order, bounds = np.arange(n), np.unique([0, n])
    if len(varying) == 1 and varying[0] is keys[0] and keys[0].dtype.kind == "i":
        # indices of cells
        if (keys[0][1:] < keys[0][:n - 1]).any():
            order = order_of(varying[0].astype(np.int32, copy=False))
    elif varying:
        order = np.lexsort(varying[::-1])
    if varying:
        bounds = equal_runs([key[order] for key in varying])
    group = np.empty(n, dtype=np.int32)
    group[order] = np.repeat(np.arange(len(bounds) - 1, dtype=np.int32), np.diff(bounds))
    return order, bounds, order[bounds[:len(bounds) - 1]], group


def at(values, Py_ssize_t n, members):
    """Of values of `n` elements, or one of all, those of some members."""
    return np.broadcast_to(values, n)[members]


@cache
def composed(timing, dependence):
    """The class of synapses with a rule of timing and a dependence on the weight (of `stdp_rules`)."""
    return type(f"{timing.__name__}With{dependence.__name__}", (STDPSynapses,), {
        "PARAMETERS": {**STDPSynapses.PARAMETERS, **timing.PARAMETERS, **dependence.PARAMETERS},
        "timing": timing,
        "dependence": dependence,
        "__doc__": STDPSynapses.__doc__,
    })


cdef class STDPSynapses(SynapseGroup):
    """Plastic synapses; see `composed` for those that can be made, and `Projection`."""

    WAITS = False     # postsynaptic spikes count as well
    UNDIVIDED = True
    FOLLOWS_TARGETS = True
    PARAMETERS = {"weight": Parameter(0.0, "nA or uS", "finite")}
    RECORDABLES = {"weight": "nA or uS", "K_plus": "dimensionless", "K_minus": "dimensionless"}
    timing = dependence = None

    def __dealloc__(self):
        free(self.rules)
        free(self.pre_traces)
        free(self.columns)
        free(self.post_traces)

    # ---- parameters

    def allocate_states(self):
        self.values = np.zeros(self.size)
        self.weight = &self.values[0] if self.size else NULL
        self.w_init = np.zeros(self.size)
        self.publish("weight", self.values)
        self.variables.update(K_plus=K_PLUS, K_minus=K_MINUS)
        self.now = self.network.step
        self.rule = np.zeros(self.size, dtype=np.int32)
        self.table = {name: np.array([p.default]) for name, p in self.PARAMETERS.items() if name != "weight"}
        self.arrived = PointerList()
        for _ in range(self.n_parts):
            self.arrived.add(SpikeHistory(self.longest_delay(), self.network.failure))

    def check_together(self, values, where):
        """Refuse bounds that contradict each other, and weights outside of them."""
        names = ("weight", "w_min", "w_max")
        if not set(names) & set(values):
            return
        check_bounds(self.owner, {
            name: values[name] if name in values else self.fetch(name)[where] for name in names})

    def store(self, values, where):
        """Weights become what is set; traces, and weights if other parameters are set, go on from where they are.
        """
        if "weight" in values:
            np.asarray(self.values)[where] = values["weight"]
            np.asarray(self.w_init)[where] = values["weight"]
        others = {name: value for name, value in values.items() if name != "weight"}
        if not others:
            return
        regroup = not self.built or set(self.timing.TIME_CONSTANTS) & set(others)
        state = self._spread() if regroup else None
        if isinstance(where, slice) and not any(value.ndim for value in others.values()):
            self.table.update((name, np.full_like(self.table[name], value)) for name, value in others.items())
        else:
            self._merge(others, where)
        self._prepare()
        if regroup:
            self._share(*state)

    def _merge(self, values, where):
        """Change parameters of some connections; rules become the distinct combinations that there are."""
        table = {name: column[np.asarray(self.rule)] for name, column in self.table.items()}
        for name, value in values.items():
            table[name][where] = value
        _, _, first, self.rule = together(self.size, *table.values())
        self.table = {name: column[first] for name, column in table.items()}

    def _prepare(self):
        """Coefficients of each rule."""
        cdef Py_ssize_t i
        p = self.table
        w_min, w_max = p["w_min"], p["w_max"]
        found = {**self.timing.coefficients(p), **self.dependence.coefficients(p), "w_max": w_max,
                 "inverse": np.divide(1.0, w_max, out=np.zeros_like(w_max), where=w_max != 0.0),
                 "low": np.minimum(w_min, w_max), "high": np.maximum(w_min, w_max)}
        cdef double[:, ::1] c = np.stack([np.broadcast_to(found[name], w_max.shape) for name in COEFFICIENTS])
        self.rules = <Rule*> realloc(self.rules, (c.shape[1] + 1) * sizeof(Rule))
        if self.rules == NULL:
            raise MemoryError
        self.n_rules = c.shape[1]
        for i in range(c.shape[1]):
            self.rules[i] = Rule(c[0, i], c[1, i], c[2, i], c[3, i], c[4, i], c[5, i], c[6, i], c[7, i], c[8, i],
                                 c[9, i], c[10, i])

    def fetch(self, name):
        if name == "weight":
            return np.array(self.values)
        return self.table[name][np.asarray(self.rule)]

    def _by_rule(self, name):
        """The number of all connections if there is one rule, else one a connection."""
        return self.table[name][0] if self.n_rules == 1 else self.fetch(name)

    def assign_delays(self, values):
        """A postsynaptic spike on its way arrives after the new delay, or at once if that has passed."""
        if not self.built:
            SynapseGroup.assign_delays(self, values)
            return
        plus, minus, seen = self._spread()
        now, before = self.network.step, self._delay
        self._catch_up(values, plus, minus, seen)
        seen = np.maximum(seen, now - before)
        SynapseGroup.assign_delays(self, values)
        longer = PointerList()
        for arrived in self.arrived.members:
            longer.add(arrived.reaching(self.longest_delay(), now))
        self.arrived = longer
        self._share(plus, minus, np.where(seen <= now - values, NEVER, seen))

    def _catch_up(self, int[::1] delay, double[::1] plus, double[::1] minus, long[::1] seen):
        """Let the postsynaptic spikes arrive whose new time of arrival has passed."""
        cdef long step, i, now = self.network.step
        cdef Py_ssize_t k
        cdef const Rule* rule
        cdef SpikeHistory arrived
        cdef const long[::1] part = self.parts_of(slice(None))
        cdef const int[::1] target = self.post_index
        for k in range(self.size):
            arrived = self.arrived.members[part[k]]
            rule = &self.rules[self.rule[k]]
            for step in range(max(seen[k], now - self.delay[k]) + 1, now - delay[k] + 1):
                for i in range(arrived.first[step & arrived.mask], arrived.first[(step + 1) & arrived.mask]):
                    if arrived.index[i] == target[k]:
                        self.weight[k] = increased(rule, self.weight[k], rule.post_plus * plus[k])
                        minus[k] += 1.0

    # ---- traces

    def _spread(self):
        """K₊, K₋ and the last postsynaptic step that does not count any more, one number a connection or one of all."""
        if not self.built:
            return 0.0, 0.0, NEVER
        cdef long now = self.network.step
        cdef Py_ssize_t k
        cdef double[::1] plus = np.zeros(self.size), minus = np.zeros(self.size)
        cdef long[::1] seen = np.full(self.size, NEVER)
        for k in range(self.size):
            plus[k] = left(&self.pre_traces[self.pre_of[k]], now)
            minus[k] = left(&self.post_traces[self.column_of[k]], now)
            seen[k] = self.columns[self.column_of[k]].seen
        return np.asarray(plus), np.asarray(minus), np.asarray(seen)

    def _share(self, plus, minus, seen, plus_step=None, minus_step=None):
        """Group connections whose traces are the same and stay so; they are those of now, or of these steps."""
        cdef Py_ssize_t i, n = self.size
        now = self.network.step
        plus_step, minus_step = now if plus_step is None else plus_step, now if minus_step is None else minus_step
        rate_plus, rate_minus = (self.network.timestep / self._by_rule(name) for name in self.timing.TIME_CONSTANTS)
        row, target = self.pre_index, self.post_index
        if self.n_parts > 1:
            row = row + self.pre.size * self.parts_of(slice(None))

        _, _, leader, self.pre_of = together(n, row, rate_plus, plus, plus_step)
        cdef long[::1] step = at(plus_step, n, leader)
        cdef double[::1] rate = at(rate_plus, n, leader), value = at(plus, n, leader)
        self.n_pre_traces = len(leader)
        self.pre_traces = <Trace*> realloc(self.pre_traces, (self.n_pre_traces + 1) * sizeof(Trace))
        if self.pre_traces == NULL:
            raise MemoryError
        for i in range(self.n_pre_traces):
            self.pre_traces[i] = Trace(value[i], rate[i], step[i])
        rows = np.arange(self.pre.size + 1)[:, np.newaxis] + self.pre.size * np.arange(self.n_parts)
        self.row_trace = np.searchsorted(row[leader], rows.ravel())

        delay = self.delay[0] if self.one_delay else self._delay
        order, bounds, leader, self.column_of = together(n, target, delay, rate_minus, seen, minus, minus_step)
        self.by_column = order.astype(np.int32)
        self.trace_by_column = np.asarray(self.pre_of)[order]
        rate, value, step = at(rate_minus, n, leader), at(minus, n, leader), at(minus_step, n, leader)
        cdef long[::1] start = bounds.astype(np.int64), last_seen = at(seen, n, leader), first = leader
        self.columns = <Column*> realloc(self.columns, (first.shape[0] + 1) * sizeof(Column))
        self.post_traces = <Trace*> realloc(self.post_traces, (first.shape[0] + 1) * sizeof(Trace))
        if self.columns == NULL or self.post_traces == NULL:
            raise MemoryError
        for i in range(first.shape[0]):
            self.columns[i] = Column(start[i], start[i + 1], self.delay[first[i]], last_seen[i])
            self.post_traces[i] = Trace(value[i], rate[i], step[i])
        self.n_columns = first.shape[0]
        self.target_column = np.searchsorted(target[leader], np.arange(self.post.size + 1))
        self.delays = np.unique(delay).astype(np.int64)
        self.built = True

    def memory(self):
        cdef Py_ssize_t k
        cdef double[::1] plus = np.zeros(self.size), minus = np.zeros(self.size)
        cdef long[::1] plus_step = np.zeros(self.size, np.int64), minus_step = np.zeros(self.size, np.int64)
        cdef long[::1] seen = np.full(self.size, NEVER)
        for k in range(self.size):
            plus[k], plus_step[k] = self.pre_traces[self.pre_of[k]].value, self.pre_traces[self.pre_of[k]].step
            trace = &self.post_traces[self.column_of[k]]
            minus[k], minus_step[k], seen[k] = trace.value, trace.step, self.columns[self.column_of[k]].seen
        return {"weight": np.array(self.values), "w_init": np.array(self.w_init), "K_plus": np.asarray(plus),
                "K_plus step": np.asarray(plus_step), "K_minus": np.asarray(minus),
                "K_minus step": np.asarray(minus_step), "seen": np.asarray(seen)}

    def recall(self, memory, arrived):
        self.now = self.network.step
        np.asarray(self.values)[:] = memory["weight"]
        np.asarray(self.w_init)[:] = memory["w_init"]
        step, cell, factor = arrived
        part = self.post.partitions_of(cell) - self.partition
        for i, history in enumerate(self.arrived.members):
            history.restore(step[part == i], cell[part == i], factor[part == i], self.now)
        self._share(memory["K_plus"], memory["K_minus"], memory["seen"], memory["K_plus step"], memory["K_minus step"])

    def arrived_spikes(self):
        step, cell, factor = map(np.concatenate, zip(*(
            arrived.spikes(self.network.step) for arrived in self.arrived.members)))
        longest = np.zeros(self.post.size, np.int64)
        np.maximum.at(longest, self.post_index, self._delay)
        way = self.network.step - step < longest[cell]
        return step[way], cell[way], factor[way]

    def adopt_weights(self):
        self.w_init[:] = self.values

    def rewind(self):
        self.values[:] = self.w_init
        self.relax()

    def relax(self):
        cdef Py_ssize_t i
        self.now = self.network.step
        for arrived in self.arrived.members:
            arrived.clear()
        for i in range(self.n_pre_traces):
            self.pre_traces[i].value = 0.0
            self.pre_traces[i].step = self.now
        for i in range(self.n_columns):
            self.post_traces[i].value = 0.0
            self.post_traces[i].step = self.now
            self.columns[i].seen = NEVER

    # ---- the step loop

    cdef void before_spikes(self, const Rows* of, long now) noexcept nogil:
        cdef const SpikeList* spikes
        cdef int part
        for part in range(of.first_part, of.last_part):
            spikes = self.post.spikes(now, self.partition + part)
            (<SpikeHistory> self.arrived.item[part]).keep(now, spikes.index, spikes.factor, spikes.n)
            self.arrive(<SpikeHistory> self.arrived.item[part], now, False)

    cdef void after_spikes(self, const Rows* of, long now) noexcept nogil:
        cdef int part
        for part in range(of.first_part, of.last_part):
            self.arrive(<SpikeHistory> self.arrived.item[part], now, True)

    cdef void arrive(self, SpikeHistory arrived, long now, bint count) noexcept nogil:
        """Postsynaptic spikes that reach their synapses at `now` increase weights, or (`count`) their traces."""
        cdef Py_ssize_t n_delays = self.delays.shape[0], d
        cdef long i, c, step, last
        if self.size == 0 or arrived.end == arrived.first[(now - self.delays[n_delays - 1]) & arrived.mask]:
            return
        for d in range(n_delays):
            step = now - self.delays[d]
            for i in range(arrived.first[step & arrived.mask], arrived.first[(step + 1) & arrived.mask]):
                last = self.target_column[arrived.index[i] + 1]
                c = self.first_column(arrived.index[i], self.delays[d])
                while c < last and self.columns[c].delay == self.delays[d]:
                    if step > self.columns[c].seen:
                        if count:
                            self.post_traces[c].value = left(&self.post_traces[c], now) + 1.0
                            self.post_traces[c].step = now
                        else:
                            self.increase(&self.columns[c], now)
                    c += 1

    cdef long first_column(self, int target, long delay) noexcept nogil:
        """The first column of `target` with at least this delay; they are in order of their delays."""
        cdef long low = self.target_column[target], high = self.target_column[target + 1], middle
        while low < high:
            middle = (low + high) // 2
            if self.columns[middle].delay < delay:
                low = middle + 1
            else:
                high = middle
        return low

    cdef void increase(self, const Column* column, long now) noexcept nogil:
        cdef const int* connection = &self.by_column[column.first]
        cdef double* weight = self.weight
        cdef double trace[STRIP]
        cdef double own[STRIP]
        cdef long i = 0, size = column.last - column.first, n, j
        if self.n_rules > 1:
            for i in range(size):
                self.increase_one(column.first + i, now)
            return
        while i < size:
            n = min(STRIP, size - i)
            left_of_many(n, now, self.pre_traces, &self.trace_by_column[column.first + i], trace)
            # those of one target lie far apart
            for j in range(i, i + n):
                own[j - i] = weight[connection[j]]
                if j + STRIP < size:
                    prefetch(&weight[connection[j + STRIP]])
            increase_many(self.rules, n, self.rules.post_plus, trace, own)
            for j in range(i, i + n):
                weight[connection[j]] = own[j - i]
            i += n

    cdef void increase_one(self, long k, long now) noexcept nogil:
        """The `k`th synapse by columns."""
        cdef int connection = self.by_column[k]
        cdef const Rule* rule = &self.rules[self.rule[connection]]
        cdef double trace = left(&self.pre_traces[self.trace_by_column[k]], now)
        if trace != 0.0:
            self.weight[connection] = increased(rule, self.weight[connection], rule.post_plus * trace)

    cdef void transmit(
        self, const Rows* of, const int* rows, const double* factors, Py_ssize_t n, long now
    ) noexcept nogil:
        cdef Py_ssize_t s
        cdef long first, last, i, at
        cdef int part
        for s in range(n):
            first, last = of.begin[rows[s]], of.end[rows[s]]
            if first < last:
                if self.n_rules == 1 and not self.logging:
                    self.transmit_alike(first, last, factors[s], now)
                else:
                    self.transmit_row(first, last, factors[s], now)
            for part in range(of.first_part, of.last_part):
                at = rows[s] * self.n_parts + part
                for i in range(self.row_trace[at], self.row_trace[at + self.n_parts]):
                    self.pre_traces[i].value = left(&self.pre_traces[i], now) + 1.0
                    self.pre_traces[i].step = now

    cdef void transmit_row(self, long first, long last, double factor, long now) noexcept nogil:
        cdef Ring ring = self.ring[0]
        cdef const int* column_of = &self.column_of[0]
        cdef const int* rule_of = &self.rule[0]
        cdef const int* target = self.target
        cdef const int* delay = self.delay
        cdef double* weights = self.weight
        cdef long k, receptor = self.column_of_targets()
        cdef double trace, weight
        cdef const Rule* rule
        for k in range(first, last):
            rule = &self.rules[rule_of[k]]
            trace = left(&self.post_traces[column_of[k]], now)
            weight = weights[k]
            if rule.pre_plus != 0.0:
                weight = increased(rule, weight, rule.pre_plus * trace)
            weight = decreased(rule, weight, rule.pre_minus * trace + rule.pre_constant)
            weights[k] = weight
            slot(&ring, now + delay[k])[receptor + target[k]] += weight * factor
            if self.logging:
                self.note(WEIGHT, k, now, weight)
                self.note(K_PLUS, k, now, left(&self.pre_traces[self.pre_of[k]], now))
                self.note(K_MINUS, k, now, trace)

    cdef void transmit_alike(self, long k, long last, double factor, long now) noexcept nogil:
        """The same where one rule holds for all and nothing is recorded."""
        cdef Ring ring = self.ring[0]
        cdef const int* target = self.target
        cdef const int* delay = self.delay
        cdef double* weight = self.weight
        cdef double trace[STRIP]
        cdef long receptor = self.column_of_targets(), n, i
        cdef double* arriving = slot(&ring, now + delay[k]) + receptor
        while k < last:
            n = min(STRIP, last - k)
            left_of_many(n, now, self.post_traces, &self.column_of[k], trace)
            decrease_many(self.rules, n, trace, weight + k)
            if self.one_delay:
                for i in range(k, k + n):
                    arriving[target[i]] += weight[i] * factor
            else:
                for i in range(k, k + n):
                    slot(&ring, now + delay[i])[receptor + target[i]] += weight[i] * factor
            k += n

    # ---- recording

    cdef const double* address(self, long variable, long index) noexcept nogil:
        return SynapseGroup.address(self, variable, index) if variable == WEIGHT else NULL

    cdef void sample_at(self, long now, long variable, const long* indices, Py_ssize_t n, double* out) noexcept nogil:
        cdef Py_ssize_t i
        if variable == WEIGHT:
            SynapseGroup.sample_at(self, now, variable, indices, n, out)
            return
        for i in range(n):
            if variable == K_PLUS:
                out[i] = left(&self.pre_traces[self.pre_of[indices[i]]], now)
            else:
                out[i] = left(&self.post_traces[self.column_of[indices[i]]], now)
