"""Running sums of the dendritic error δΠ, from which a plastic synapse reads its integral in O(1).

The learning rule integrates δΠ against the PSP that earlier presynaptic spikes left. With L = 1/τ_L, s = 1/τ_s
and K(u) = (e^{−Lu} − e^{−su}) / (s − L), which is u e^{−Lu} for s = L, that PSP is Σ_f K(t − t_f), and seen from
any anchor before t

    Σ_f K(u + a_f) = p e^{−Lu} + q K(u),      p = Σ_f K(a_f),   q = Σ_f e^{−s a_f}.

So two sums a neuron are enough, of δΠ e^{−Lu} and of δΠ K(u), u = t − anchor, and two more with L − 1/τ_Δ
and s − 1/τ_Δ for what the low-pass filter sees. A synapse subtracts what they were at its last spike from what
they are at this one. The anchor moves every block of a few time constants, so that nothing overflows or cancels. Of
the recent blocks the sums over them and all later ones are kept as seen from their anchor (`done`); blocks into
which a delayed synapse may still look are kept one by one (`total`) and merged when none does. A synapse must be
brought up to date every `horizon` steps as long as its PSP lasts, so that memory is bounded.

Sums for weights with a modulator, a decay or no filter are general ones; see general_sums.pxd. As a modulator acts at
the synapse, they take errors when these reach it, so that there is one of them for each delay, and no look back.
"""

from libc.string cimport memcpy

import numpy as np

from backend_cython.numerics.restrict cimport Alone, AloneInput
from backend_cython.model.observer cimport RECENT
from backend_cython.model.population cimport Population
from backend_cython.model.schema import ErrorDifference, equal_runs
from backend_cython.model.ring_buffers cimport power_of_two
from backend_cython.engine.allocation import zeros

from .general_sums cimport add_filtered, add_unfiltered, append_block, complete_block
from .psp cimport N_ROWS, N_SUMS, Instant, Shift, fill_instant, fill_shift, next_weights, start_weights


# of `_memory`
TABLES = ("ring", "done", "total", "history")


def rows_of_zeros(n, width):
    return zeros(n * width).reshape(n, width)


cdef class ErrorSums(Observer):
    """The sums of the cells of one partition, which is all that its synapses read; see `DendriticError`."""

    def __init__(self, group, int partition):
        cdef Population population = group.population
        self.clock = population.network
        self.timestep = population.timestep
        self.partition = partition
        self.first = population.block[partition].first
        self.n_cells = population.block[partition].last - self.first
        self.general, self.delay = group.learning.general, group.learning.delay
        self.exponential = group.learning.kernel == "exponential"
        self.unfiltered = group.learning.tau_Delta == 0.0
        self.left_by_spike = 1.0 if self.general and not self.unfiltered else 0.0
        self.modulator = Modulator() if group.learning.modulator is None else group.learning.modulator
        self.looked = self.general
        declared = group.source[0]
        if isinstance(declared, ErrorDifference):
            self.looked = True
            self.minus = population.address(population.variables[declared.minus], self.first)
            self.recent_minus = population.recent(population.variables[declared.minus])
            self.target = group.learning.v_target
            self.factor = declared.factor * self.timestep
            if declared.plus is not None:
                self.plus = population.address(population.variables[declared.plus], self.first)
                self.recent_plus = population.recent(population.variables[declared.plus])
        else:
            self.error = population.address(population.variables[declared.name], self.first)
            self.recent_error = population.recent(population.variables[declared.name])
        self.goes_ahead = population.goes_ahead
        self.needs_somata = isinstance(declared, ErrorDifference) or group.learning.modulator is not None
        self.width = (N_ROWS if self.general else N_SUMS) * self.n_cells

    @property
    def runs(self):
        """For each neuron of the population: number of its run among those of the partition, if it is one of them."""
        return np.asarray(self.run_of)

    def recent_errors(self, long look_back):
        """The errors of the last `look_back` steps, up to now."""
        cdef long now = self.clock.step, first = max(self.known_from, now - look_back + 1), step
        if self._memory is None or first > now:
            return []
        if look_back == 1 and not self.looked:
            return [np.array(<double[:self.n_cells]> <double*> self.error)]
        return [self._memory[3][step & self.history_mask].copy() for step in range(first, now + 1)]

    def forget(self):
        self._memory = None

    def memory(self, long look_back):
        """The arrays that it takes to look back so far."""
        # of blocks that are not merged, at most, while another one ends
        cdef long n_open = look_back // self.block_steps + 2
        return (rows_of_zeros(power_of_two(max(look_back, 1) + 1), self.width), rows_of_zeros(KEPT_BLOCKS, self.width),
                rows_of_zeros(power_of_two(n_open), self.width),
                # those of an interval ahead, which is not longer than any delay, are added before they are booked
                rows_of_zeros(power_of_two(max(look_back, 2 * self.delay) + 1), self.n_cells))

    def rebuild(self, group, recent):
        """Start the sums anew with the present parameters, from the error of the last steps."""
        cdef long now = self.clock.step, step
        self._prepare_runs(group)
        cdef double[:, ::1] ring, done, total, history
        self._memory = self.memory(self.look_back)
        ring, done, total, history = self._memory
        self.ring, self.done, self.total, self.history = &ring[0, 0], &done[0, 0], &total[0, 0], &history[0, 0]
        self.ring_mask = ring.shape[0] - 1
        self.total_mask = total.shape[0] - 1
        self.history_mask = history.shape[0] - 1
        self.known_from = now - len(recent) + 1
        # general sums begin without the errors of the past
        self.origin = now if self.general else now - len(recent)
        self.block = self.merged = 0
        self.block_end = self.anchor(1)
        self.merge_at = self.block_end + self.look_back
        cdef double[::1] error
        for step, error in zip(range(now - len(recent) + 1, now + 1), recent):
            np.asarray(history)[step & self.history_mask] = error
            if not self.general:
                self.book(step, &error[0])

    def _prepare_runs(self, group):
        """Coefficients of each run of equal neighbours."""
        cdef Py_ssize_t run, last = self.first + self.n_cells
        cdef long k
        cdef Psp* psp
        L, s = np.asarray(group.L), np.asarray(group.s)
        table = [L, s]
        if group.learning.kernel == "psp":
            table.append(group.population.declared(group.declared.capacitance))
        bounds = equal_runs(np.stack(table)[:, self.first:last])
        self.n_runs = len(bounds) - 1
        run_of = np.zeros(len(L), dtype=np.int64)
        run_of[self.first:last] = np.repeat(np.arange(self.n_runs), np.diff(bounds))
        self.run_of = run_of
        self.block_steps, self.horizon, self.look_back = group.block_steps, group.horizon, group.look_back
        self.n_shifts = KEPT_BLOCKS + 1
        cdef char[::1] memory = zeros(self.n_runs * sizeof(Psp), np.int8)
        cdef char[::1] shifts = zeros(self.n_runs * self.n_shifts * sizeof(Shift), np.int8)
        self._psp, self._shifts = memory, shifts
        self.psp = <Psp*> &memory[0]
        for run in range(self.n_runs):
            psp = &self.psp[run]
            psp.first = bounds[run]
            psp.last = bounds[run + 1]
            psp.L = L[self.first + bounds[run]]
            psp.s = s[self.first + bounds[run]]
            psp.D = group.D
            psp.decay = group.decay
            psp.first_gate = group.first_gate
            psp.gain = group.gain(self.first + bounds[run])
            psp.per_block = (<Shift*> &shifts[0]) + run * self.n_shifts
            start_weights(psp)
            fill_shift(psp, self.timestep, &psp.per_step)
            for k in range(self.n_shifts):
                fill_shift(psp, self.timestep * self.block_steps * k, &psp.per_block[k])
        self.instants = NULL
        if self.n_cells == 1:
            self._fill_tables()

    def _fill_tables(self):
        cdef char[::1] memory = zeros(self.block_steps * sizeof(Instant), np.int8)
        cdef double[::1] weights = zeros(self.block_steps * N_SUMS)
        cdef Instant* instants = <Instant*> &memory[0]
        cdef Psp psp = self.psp[0]
        cdef long k
        for k in range(self.block_steps):
            fill_instant(&psp, k * self.timestep, &instants[k])
            next_weights(&psp)
            memcpy(&weights[k * N_SUMS], psp.weight, sizeof(psp.weight))
        self._instants, self.instants = memory, instants
        self._weights, self.weights = weights, &weights[0]

    # ---- saving

    def rows(self):
        """All sums, {name: an array with a row for each cell}."""
        cdef double[:, ::1] weights = np.empty((self.n_cells, N_SUMS + 1))
        cdef const Psp* psp
        cdef Py_ssize_t i, k
        for i in range(self.n_cells):
            psp = &self.psp[self.run_of[self.first + i]]
            for k in range(N_SUMS):
                weights[i, k] = psp.weight[k]
            weights[i, N_SUMS] = psp.gate
        memory = {name: np.moveaxis(table.reshape(len(table), -1, self.n_cells), -1, 0)
                  for name, table in zip(TABLES, self._memory)}
        return {"weights": np.asarray(weights), **memory}

    def cells(self):
        """The first one of the partition, and their number."""
        return self.first, self.n_cells

    def blocks(self):
        """Where the blocks lie in time, and since when there are errors, the same for all partitions."""
        return [self.origin, self.block, self.block_end, self.merged, self.merge_at, self.known_from]

    def recall(self, blocks, rows):
        """Take over what `blocks` and `rows` gave, after `rebuild` with the same parameters."""
        cdef Psp* psp
        cdef Py_ssize_t run, k
        self.origin, self.block, self.block_end, self.merged, self.merge_at, *known = blocks
        # earlier versions kept errors without saying since when
        self.known_from = known[0] if known else 1 if self.general else self.origin + 1
        for name, table in zip(TABLES, self._memory):
            table[:] = np.moveaxis(rows[name], 0, -1).reshape(table.shape)
        cdef const double[:, ::1] weights = np.ascontiguousarray(rows["weights"])
        for run in range(self.n_runs):
            psp = &self.psp[run]
            for k in range(N_SUMS):
                psp.weight[k] = weights[psp.first, k]
            psp.gate = weights[psp.first, N_SUMS]

    # ---- the step loop

    def expect_interval(self, long n_steps):
        self.chunked = n_steps > 1

    cdef void after_step(self, long now) noexcept nogil:
        self.keep(now, self.error, self.plus, self.minus)

    cdef void keep(self, long now, const double* error, const double* plus, const double* minus) noexcept nogil:
        cdef double* history = self.history + (now & self.history_mask) * self.n_cells
        if self.error != NULL:
            memcpy(history, error, self.n_cells * sizeof(double))
        elif self.plus != NULL:
            take_difference(self.n_cells, self.factor, plus, minus, history)
        else:
            take_distance(self.n_cells, self.factor, self.target, minus, history)

    cdef void observe(self, long now) noexcept nogil:
        if not self.chunked:
            if not self.looked:
                if self.look_back > 1:
                    self.after_step(now)
                self.book(now, self.error)
                return
            self.after_step(now)
        self.book(now, self.history + ((now - self.delay) & self.history_mask) * self.n_cells)

    cdef void observe_through(self, long first, long last) noexcept nogil:
        cdef long now = first, at
        while now <= last:
            at = now & (RECENT - 1)
            if self.looked or self.look_back > 1:
                self.keep(now, self.recent_error + at, self.recent_plus + at, self.recent_minus + at)
            if self.looked:
                self.book(now, self.history + ((now - self.delay) & self.history_mask))
            elif self.look_back > 1 or now == self.block_end or now == self.merge_at:
                self.book(now, self.recent_error + at)
            else:
                at = min(last + 1, min(self.block_end, self.merge_at))
                self.add_many(now, at)
                now = at
                continue
            now += 1

    cdef void add_many(self, long now, long end) noexcept nogil:
        """The errors of the recent steps `now` … `end` - 1, of one cell, in which no block ends."""
        cdef const double* weight = self.weights + (now - 1 - self.anchor(self.block)) * N_SUMS
        add_recent(self.recent_error, now, end, weight, self.ring, self.ring_mask)
        memcpy(self.psp.weight, weight + (end - 1 - now) * N_SUMS, sizeof(self.psp.weight))

    cdef void book(self, long now, const double* error) noexcept nogil:
        cdef const double* before = self.running(now - 1)
        cdef double* here = self.ring + (now & self.ring_mask) * self.width
        cdef Psp* psp
        cdef Py_ssize_t n = self.n_cells, run, i
        for run in range(self.n_runs):
            psp = &self.psp[run]
            next_weights(psp)
            i = psp.first
            if self.general:
                continue
            if n == 1:
                add_error(psp.weight, error[0], before, here)
                continue
            add_errors(psp.last - i, psp.weight, error + i,
                       before + i, before + n + i, before + 2 * n + i, before + 3 * n + i,
                       here + i, here + n + i, here + 2 * n + i, here + 3 * n + i)
        if self.general:
            self.book_general(now, error, before, here)
        if now == self.block_end:
            self.end_block(here)
        if now == self.merge_at:
            self.merge(self.merged)

    cdef void book_general(self, long now, const double* error, const double* before, double* here) noexcept nogil:
        cdef Psp* psp
        cdef Py_ssize_t n = self.n_cells, run, i, stride = 0
        cdef const double* modulator = self.modulator.before(now, self.partition, self.first, &stride)
        for run in range(self.n_runs):
            psp = &self.psp[run]
            i = psp.first
            if self.unfiltered:
                add_unfiltered(psp.last - i, psp, modulator + i * stride, stride, error + i, before + i, before + n + i,
                               here + i, here + n + i)
            else:
                add_filtered(psp.last - i, psp, modulator + i * stride, stride, error + i,
                             before + i, before + n + i, before + 2 * n + i, before + 3 * n + i, before + 4 * n + i,
                             here + i, here + n + i, here + 2 * n + i, here + 3 * n + i, here + 4 * n + i)
            psp.gate *= psp.per_step.to_gate

    cdef void end_block(self, double* here) noexcept nogil:
        """Keep the sums of the running block, and start the next one from zero."""
        cdef double* total = self.total + (self.block & self.total_mask) * self.width
        cdef Py_ssize_t run, i
        for i in range(self.width):
            total[i] = here[i]
            here[i] = 0.0
        if self.general:
            complete_block(self.n_cells, total)
        for run in range(self.n_runs):
            start_weights(&self.psp[run])
        self.block += 1
        self.block_end += self.block_steps

    cdef void merge(self, long block) noexcept nogil:
        """Add a complete block that no synapse looks into any more to the sums of the kept ones."""
        cdef const double* total = self.total + (block & self.total_mask) * self.width
        cdef double* done = self.done + (block & (KEPT_BLOCKS - 1)) * self.width
        cdef const Psp* psp
        cdef Py_ssize_t run, n = self.n_cells
        cdef long earlier
        memcpy(done, total, self.width * sizeof(double))
        for earlier in range(max(0, block - self.horizon // self.block_steps - 2), block):
            for run in range(self.n_runs):
                psp = &self.psp[run]
                done = self.done + (earlier & (KEPT_BLOCKS - 1)) * self.width + psp.first
                if self.general:
                    append_block(psp.last - psp.first, &psp.per_block[block - earlier], n, total + psp.first, done)
                    continue
                if n == 1:
                    add_shifted(1, &psp.per_block[block - earlier], total, total + 1, total + 2, total + 3,
                                done, done + 1, done + 2, done + 3)
                    continue
                add_shifted(psp.last - psp.first, &psp.per_block[block - earlier],
                            total + psp.first, total + n + psp.first, total + 2 * n + psp.first,
                            total + 3 * n + psp.first, done, done + n, done + 2 * n, done + 3 * n)
        self.merged = block + 1
        self.merge_at += self.block_steps


cdef inline void take_difference(
    Py_ssize_t n, double factor, AloneInput plus, AloneInput minus, Alone error
) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        error[i] = (plus[i] - minus[i]) * factor


cdef inline void take_distance(
    Py_ssize_t n, double factor, double target, AloneInput minus, Alone error
) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        error[i] = (target - minus[i]) * factor


cdef inline void add_error(AloneInput weight, double error, AloneInput before, Alone here) noexcept nogil:
    """The sums of one neuron, with the error of a step; if there is but one, they lie side by side."""
    cdef int r
    for r in range(N_SUMS):
        here[r] = before[r] + weight[r] * error


cdef inline void add_recent(
    const double* error, long now, long end, AloneInput weight, Alone ring, long mask
) noexcept nogil:
    """The same in the steps `now` … `end` - 1, with errors of recent steps; weights are those of each step."""
    cdef double* here = ring + ((now - 1) & mask) * N_SUMS
    # names of their own, so that they become one vector
    cdef double sum_0 = here[0], sum_1 = here[1], sum_2 = here[2], sum_3 = here[3], e
    while now < end:
        e = error[now & (RECENT - 1)]
        here = ring + (now & mask) * N_SUMS
        here[0] = sum_0 = sum_0 + weight[0] * e
        here[1] = sum_1 = sum_1 + weight[1] * e
        here[2] = sum_2 = sum_2 + weight[2] * e
        here[3] = sum_3 = sum_3 + weight[3] * e
        weight += N_SUMS
        now += 1


cdef void add_errors(
    Py_ssize_t n, const double* weight, AloneInput error, AloneInput before_0, AloneInput before_1, AloneInput before_2,
    AloneInput before_3, Alone here_0, Alone here_1, Alone here_2, Alone here_3
) noexcept nogil:
    """The sums with the errors of a step, each with its weight."""
    cdef double weight_0 = weight[0], weight_1 = weight[1], weight_2 = weight[2], weight_3 = weight[3]
    cdef Py_ssize_t i
    for i in range(n):
        here_0[i] = before_0[i] + weight_0 * error[i]
        here_1[i] = before_1[i] + weight_1 * error[i]
        here_2[i] = before_2[i] + weight_2 * error[i]
        here_3[i] = before_3[i] + weight_3 * error[i]


cdef inline void add_shifted(
    Py_ssize_t n, const Shift* shift, AloneInput total_0, AloneInput total_1, AloneInput total_2, AloneInput total_3,
    Alone done_0, Alone done_1, Alone done_2, Alone done_3
) noexcept nogil:
    """Add sums seen from one anchor to sums seen from an earlier one."""
    cdef Shift s = shift[0]
    cdef Py_ssize_t i
    for i in range(n):
        done_0[i] += s.e_L * total_0[i]
        done_1[i] += s.K * total_0[i] + s.e_s * total_1[i]
        done_2[i] += s.filtered_L * total_2[i]
        done_3[i] += s.filtered_K * total_2[i] + s.filtered_s * total_3[i]
