"""What synapses keep of the dendritic error, and what a spike does to it.

A synapse integrates Π(t) = α(t) δΠ(t − delay) once as it is and once low-pass filtered (see urbanczik_senn.pyx), with
the PSP α of the row's past spikes. The integrals come from the running sums of `DendriticError`, as seen from the
anchor of a block of time. What the sums hold already when a PSP begins is taken off the stored integrals at once, so
that a synapse keeps two numbers; what they hold when a spike reads the weight is added then. When the anchor moves on,
the sums over the blocks in between are added for good. Sums for weights with a modulator, a decay or no filter are
general ones (see general_sums.pxd), for which `lag` goes on to act when there is no PSP any more.

Several spikes of a row in one step are one event: none of them sees what the others leave before the next step, so that
only the sum of their factors counts. What does not depend on the synapse is done once for a segment: synapses of one
row that share all but their target and the parameters that are a `Column`. The loops over its synapses are those of
integral_loops.pxd.
"""

cimport cython
from libc.math cimport fabs
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

import numpy as np

from backend_cython.model.population cimport spikes_together
from backend_cython.model.uniform_array cimport STRETCH
from backend_cython.model.ring_buffers cimport slot
from backend_cython.numerics.sigmoid cimport exponential

from backend_cython.engine.pointer_list cimport PointerList

from .shared_errors import SharedErrors
from .integral_loops cimport (
    add_blocks, add_general_blocks, add_scaled, close_general, open_general, weigh_generally, weigh_synapses,
)
from .learning import Choice, distinct
from .psp cimport N_SUMS, Psp, Shift, fill_shift, moved

NO_ROWS = np.empty(0, dtype=np.int64)
# A PSP below this does not change any sum any more.
cdef double NO_PSP = 1e-18
# Likewise, a part of what was filtered.
cdef double NOTHING_LEFT = 1e-16


cdef class ErrorIntegrals(SynapseGroup):
    """Synapses with integrals of the error, all of weight and learning rate zero until parameters say more."""

    COMMON = SharedErrors
    CHOICE = Choice()

    def __dealloc__(self):
        free(self.segments)

    def allocate_states(self):
        n = self.size
        self.base, self.lag = np.zeros(n), np.zeros(n)
        self.eta, self.w_min, self.w_max = Column(n), Column(n), Column(n)
        self.errors, self.sums = PointerList(), PointerList()
        self.now = self.network.step
        self.rows = ActiveRows(self.pre.size, self.now)
        self.row_segment = np.zeros(self.pre.size + 1, dtype=np.int64)
        self.variables["weight"] = 0
        self.affected_rows = NO_ROWS
        self.settled = True
        self.keeps_bounds = self.CHOICE.bounds == "state"
        self.stretch = None

    def rewind(self):
        """No PSP, nothing integrated; `base` remains to be set."""
        cdef Py_ssize_t i
        self.lag[:] = 0.0
        self.now = 0
        self.rows = ActiveRows(self.pre.size, 0)
        for i in range(self.n_segments):
            self.segments[i].p = self.segments[i].q = self.segments[i].left = 0.0
        if self.n_segments:
            self.build_segments()

    cdef int build_segments(self) except -1:
        """Cut rows anew where PSP, τ_Δ or delay change; PSPs stay with the synapses.

        Synapses that are alike from now on may still have PSPs of their own, from other time constants; and what
        lies in one segment must not depend on the partitions, not even in the rounding of its PSP.
        """
        cdef Py_ssize_t n = self.cut_rows(NULL)
        cdef Segment* segments = <Segment*> malloc((n + 1) * sizeof(Segment))
        if segments == NULL:
            raise MemoryError
        self.cut_rows(segments)
        free(self.segments)
        self.segments = segments
        self.n_segments = n
        return 0

    cdef Py_ssize_t cut_rows(self, Segment* segments) except -1:
        """The number of segments, which are written to `segments` if there is memory for them."""
        cdef Py_ssize_t n = 0, row, k
        cdef const Segment* old = self.segments
        cdef const int[::1] groups = self.group
        cdef bint varied = groups.shape[0] > 1
        cdef double p = 0.0, q = 0.0
        cdef Segment one
        cdef Segment* segment = &one if segments == NULL else segments - 1
        cdef int group, run, delay
        for row in range(self.pre.size):
            self.row_segment[row] = n
            for k in range(self.row_start[row], self.row_start[row + 1]):
                group = groups[k] if varied else groups[0]
                run = (<ErrorSums> self.sums.item[group]).run_of[self.target[k]]
                delay = self.delay[k]
                if self.n_segments:
                    while old.last <= k:
                        old += 1
                    p = old.p
                    q = old.q
                    if self.stretch is not None:
                        p *= self.stretch[k]
                if (k == self.row_start[row] or group != segment.group or run != segment.run
                        or delay != segment.delay or p != segment.p or q != segment.q):
                    n += 1
                    if segments != NULL:
                        segment += 1
                    segment.group = group
                    segment.run = run
                    segment.delay = delay
                    segment.behind = 0 if (<ErrorSums> self.sums.item[group]).general else delay
                    segment.left = 0.0
                    segment.first = k
                    segment.block = 0
                    segment.consecutive = True
                    segment.p = p
                    segment.q = q
                elif self.target[k] != self.target[k - 1] + 1:
                    segment.consecutive = False
                segment.last = k + 1
        self.row_segment[self.pre.size] = n
        return n

    # ---- between updates: what changes of parameters need

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
            self.stretch = None
            self.resume_rows(np.arange(self.pre.size))

    def rescale(self, error, ratio):
        """Keep PSPs and what is filtered as potentials, while the capacitances of cells become those times `ratio`.

        `p` is a potential times the capacitance, and so is `lag`, if only for learning rates other than NEST's.
        """
        cdef const double[::1] of_cell = ratio
        cdef bint filtered = error.learning.kernel == "psp"
        cdef const Segment* segment
        cdef Py_ssize_t i, k
        if self.stretch is None:
            self.stretch = np.ones(self.size)
        for i in range(self.n_segments):
            segment = &self.segments[i]
            if self.errors.members[segment.group] is error:
                for k in range(segment.first, segment.last):
                    self.stretch[k] = of_cell[self.target[k]]
                    if filtered:
                        self.lag[k] *= self.stretch[k]

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

    def rows_of(self, where):
        """Presynaptic cells of the connections `where`."""
        if isinstance(where, slice):
            return np.arange(self.pre.size)
        return np.unique(np.searchsorted(self._row_start, where, side="right") - 1)

    def affect(self, rows):
        self.affected_rows = rows

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
        columns = dict(keys)
        if any(self.CHOICE.learning(**row).general for row in distinct(keys)[0]):
            delays = np.unique(self._delay)
            columns["delay"] = int(delays[0]) if len(delays) == 1 else self._delay
        rows, group = distinct(columns)
        self.errors, self.sums = PointerList(), PointerList()
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
        if len(number) <= 1:
            self.group = np.zeros(1, np.int32)
        else:
            self.group = np.array([row["number"] for row in rows], dtype=np.int32)[group]

    def take_horizon(self, long steps):
        self.horizon = steps

    cdef void settle_row(self, long row) noexcept nogil:
        """Bring the synapses of a row up to now and close them: `base` is the weight before clipping then."""
        cdef long i
        for i in range(self.row_segment[row], self.row_segment[row + 1]):
            self.settle_segment(<ErrorSums> self.sums.item[self.segments[i].group], &self.segments[i])

    cdef void resume_row(self, long row) noexcept nogil:
        """Open them again, with the parameters as they are now."""
        cdef bint active = False
        cdef long i
        for i in range(self.row_segment[row], self.row_segment[row + 1]):
            self.resume_segment(<ErrorSums> self.sums.item[self.segments[i].group], &self.segments[i])
            active |= is_active(&self.segments[i])
        self.rows.touch(row, self.now, active)

    @cython.final
    cdef void settle_segment(self, ErrorSums sums, Segment* segment) noexcept nogil:
        cdef const Psp* psp = &sums.psp[segment.run]
        cdef long step = self.now - segment.behind
        cdef double weight[STRETCH]
        cdef double memory[N_ROWS * STRETCH]
        cdef const double* found[N_ROWS]
        cdef double left
        cdef const double* eta
        cdef Py_ssize_t k, n, i
        self.advance(sums, segment, step, &self.base[segment.first], &self.lag[segment.first])
        left = exponential(-sums.since_anchor(segment.block, step) * psp.D)
        k = segment.first
        while k < segment.last:
            n = min(STRETCH, segment.last - k)
            self.weigh(sums, segment, k, n, step, 0.0, 0.0, False, &self.base[k], &self.lag[k], weight)
            eta = self.eta.at(k)
            if sums.general:
                self.look_up(sums, segment, k, n, sums.running(step), memory, found)
                close_general(n, psp.gain, left, exponential(-sums.since_anchor(segment.block, step) * psp.decay),
                              found[N_SUMS], eta, &self.base[k], &self.lag[k])
                k += n
                continue
            for i in range(n):
                self.lag[k + i] *= left
                self.base[k + i] -= psp.gain * eta[i] * self.lag[k + i]
            k += n
        moved(psp, sums.since_anchor(segment.block, step), &segment.p, &segment.q)

    @cython.final
    cdef void resume_segment(self, ErrorSums sums, Segment* segment) noexcept nogil:
        cdef const Psp* psp = &sums.psp[segment.run]
        cdef long step = self.now - segment.behind
        cdef double weight[STRETCH]
        cdef double memory[N_ROWS * STRETCH]
        cdef const double* found[N_ROWS]
        cdef double since, grown, p, q
        cdef const double* eta
        cdef Py_ssize_t k, n, i
        segment.block = sums.block_of(step)
        since = sums.since_anchor(segment.block, step)
        grown = exponential(since * psp.D)
        p = segment.p
        q = segment.q
        moved(psp, -since, &p, &q)
        segment.p = segment.q = 0.0
        k = segment.first
        while k < segment.last:
            n = min(STRETCH, segment.last - k)
            eta = self.eta.at(k)
            if sums.general:
                self.look_up(sums, segment, k, n, sums.running(step), memory, found)
                open_general(n, psp.gain, 1.0 / grown, exponential(-since * psp.decay), found[N_SUMS], eta,
                             &self.base[k], &self.lag[k])
                self.weigh(sums, segment, k, n, step, p, q, False, &self.base[k], &self.lag[k], weight)
                k += n
                continue
            for i in range(n):
                self.base[k + i] += psp.gain * eta[i] * self.lag[k + i]
                self.lag[k + i] *= grown
            self.weigh(sums, segment, k, n, step, p, q, False, &self.base[k], &self.lag[k], weight)
            k += n
        segment.p = p
        segment.q = q
        segment.left = 1.0 if sums.general and not sums.unfiltered else 0.0

    # ---- the step loop

    cdef void deliver(self, long now) noexcept nogil:
        self.now = now
        while self.rows.overdue(now - self.horizon):
            self.update(self.rows.oldest, 0.0, now, 0)
        self.deliver_spikes(now)

    cdef void transmit(self, const int* rows, const double* factors, Py_ssize_t n, long now) noexcept nogil:
        cdef Py_ssize_t s = 0, together
        cdef double factor
        while s < n:
            together = spikes_together(rows + s, factors + s, n - s, &factor)
            self.update(rows[s], factor, now, together)
            s += together

    @cython.final
    cdef void update(self, long row, double factor, long now, Py_ssize_t n_spikes) noexcept nogil:
        """Bring the synapses of a row up to `now`; with spikes, let them transmit.

        `factor` is the sum of the factors of the spikes, none of which sees what the others leave.
        """
        cdef long i
        cdef bint active = False
        cdef Segment* segment
        cdef Py_ssize_t logged = 0 if self.log is None else self.log.n
        for i in range(self.row_segment[row], self.row_segment[row + 1]):
            segment = &self.segments[i]
            if n_spikes or is_active(segment):
                self.update_segment(<ErrorSums> self.sums.item[segment.group], segment, factor, now, n_spikes > 0)
                active |= is_active(segment)
        self.rows.touch(row, now, active)
        if self.log is not None and n_spikes > 1:
            self.log_again(logged, n_spikes - 1)

    @cython.final
    cdef void update_segment(
        self, ErrorSums sums, Segment* segment, double factor, long now, bint spike
    ) noexcept nogil:
        self.advance(sums, segment, now - segment.behind, &self.base[segment.first], &self.lag[segment.first])
        if spike:
            self.transmit_segment(sums, segment, factor, now)

    @cython.final
    cdef void advance(self, ErrorSums sums, Segment* segment, long step, double* base, double* lag) noexcept nogil:
        """Move the anchor of a segment, with these `base` and `lag`, to the block of `step`."""
        cdef const Psp* psp = &sums.psp[segment.run]
        cdef const Shift* shift
        cdef Shift far
        cdef double memory[N_ROWS * STRETCH]
        cdef const double* found[N_ROWS]
        cdef long last = sums.block_of(step), n_blocks
        cdef Py_ssize_t k, n
        if segment.block == last:
            return
        while segment.block < last:
            n_blocks = sums.end_of(segment.block) - segment.block
            if n_blocks < sums.n_shifts:
                shift = &psp.per_block[n_blocks]
            else:
                # longer than any PSP lasts
                fill_shift(psp, n_blocks * sums.block_steps * sums.timestep, &far)
                shift = &far
            k = 0
            while k < segment.last - segment.first:
                n = min(STRETCH, segment.last - segment.first - k)
                self.look_up(sums, segment, segment.first + k, n, sums.complete(segment.block), memory, found)
                if sums.general:
                    add_general_blocks(n, psp.gain, segment.p, segment.q, shift.e_D, shift.e_decay, found[0], found[1],
                                       found[2], found[3], found[4], self.eta.at(segment.first + k), base + k, lag + k)
                    k += n
                    continue
                add_blocks(n, psp.gain, segment.p, segment.q, shift.e_D, found[0], found[1], found[2], found[3],
                           self.eta.at(segment.first + k), base + k, lag + k)
                k += n
            if not has_psp(segment):
                segment.left *= shift.e_D
            segment.p = segment.p * shift.e_L + segment.q * shift.K
            segment.q *= shift.e_s
            segment.block += n_blocks
        if fabs(segment.p) < NO_PSP and fabs(segment.q) < NO_PSP:
            segment.p = segment.q = 0.0
            if 0.0 < segment.left < NOTHING_LEFT:
                segment.left = 0.0
                for k in range(segment.last - segment.first):
                    lag[k] = 0.0

    @cython.final
    cdef void transmit_segment(self, ErrorSums sums, Segment* segment, double factor, long now) noexcept nogil:
        cdef double* arriving = slot(self.ring, now + segment.delay) + self.column_of_targets()
        cdef long step = now - segment.behind
        cdef double weight[STRETCH]
        cdef double p = 0.0, q = factor
        if sums.exponential:
            p = factor
            q = 0.0
        cdef Py_ssize_t k, n, i
        moved(&sums.psp[segment.run], -sums.since_anchor(segment.block, step), &p, &q)
        p += segment.p
        q += segment.q
        k = segment.first
        while k < segment.last:
            n = min(STRETCH, segment.last - k)
            self.weigh(sums, segment, k, n, step, p, q, self.keeps_bounds, &self.base[k], &self.lag[k], weight)
            if segment.consecutive:
                add_scaled(n, factor, weight, arriving + self.target[k])
            else:
                for i in range(n):
                    arriving[self.target[k + i]] += factor * weight[i]
            if self.log is not None:
                for i in range(n):
                    if self.log.selected[k + i]:
                        self.log.append(k + i, now, weight[i])
            k += n
        segment.p = p
        segment.q = q
        segment.left = 1.0 if sums.general and not sums.unfiltered else 0.0

    cdef void log_again(self, Py_ssize_t first, Py_ssize_t n_times) noexcept nogil:
        """Repeat what was logged from number `first` on: each spike has a sample of all synapses."""
        cdef Py_ssize_t last = self.log.n, i, _time
        for _time in range(n_times):
            for i in range(first, last):
                self.log.append(self.log.connection[i], self.log.step[i], self.log.value[i])

    @cython.final
    cdef void weigh(self, ErrorSums sums, const Segment* segment, Py_ssize_t k, Py_ssize_t n, long step,
                    double p, double q, bint keep, double* base, double* lag, double* weight) noexcept nogil:
        """Weights at `step` of synapses from `k` on, with these `base` and `lag`; from then on the PSP is (p, q)."""
        cdef const Psp* psp = &sums.psp[segment.run]
        cdef double memory[N_ROWS * STRETCH]
        cdef const double* found[N_ROWS]
        self.look_up(sums, segment, k, n, sums.running(step), memory, found)
        if sums.general:
            weigh_generally(n, psp.gain, segment.p, segment.q,
                            exponential(-sums.since_anchor(segment.block, step) * psp.decay), p, q, keep,
                            found[0], found[1], found[2], found[3], found[4], self.eta.at(k), self.w_min.at(k),
                            self.w_max.at(k), base, lag, weight)
            return
        weigh_synapses(n, psp.gain, segment.p, segment.q,
                       exponential(-sums.since_anchor(segment.block, step) * psp.D), p, q,
                       found[0], found[1], found[2], found[3], self.eta.at(k), self.w_min.at(k), self.w_max.at(k),
                       base, lag, weight)

    @cython.final
    cdef void look_up(self, ErrorSums sums, const Segment* segment, Py_ssize_t k, Py_ssize_t n,
                      const double* table, double* memory, const double** found) noexcept nogil:
        """Where the sums of the targets from synapse `k` on lie: in the table itself, or gathered from it."""
        cdef const int* target = self.target + k
        cdef Py_ssize_t i
        cdef int r
        for r in range(N_ROWS if sums.general else N_SUMS):
            if segment.consecutive:
                found[r] = table + target[0] - sums.first
            else:
                found[r] = memory
                for i in range(n):
                    memory[i] = table[target[i] - sums.first]
                memory += STRETCH
            table += sums.n_cells

    cdef void read(self, Py_ssize_t k, Py_ssize_t n, double* weight) noexcept nogil:
        """Weights of `n` synapses from `k` on, at most `STRETCH`, integrated to now; nothing changes."""
        cdef double base[STRETCH]
        cdef double lag[STRETCH]
        cdef const Segment* segment = self.segment_of(k)
        cdef Segment part
        while n > 0:
            part = segment[0]
            part.first = k
            part.last = min(segment.last, k + n)
            memcpy(base, &self.base[k], (part.last - k) * sizeof(double))
            memcpy(lag, &self.lag[k], (part.last - k) * sizeof(double))
            self.read_part(<ErrorSums> self.sums.item[part.group], &part, base, lag, weight)
            weight += part.last - k
            n -= part.last - k
            k = part.last
            segment += 1

    @cython.final
    cdef void read_part(self, ErrorSums sums, Segment* part, double* base, double* lag, double* weight) noexcept nogil:
        self.advance(sums, part, self.now - part.behind, base, lag)
        self.weigh(sums, part, part.first, part.last - part.first, self.now - part.behind, part.p, part.q,
                   False, base, lag, weight)

    def weights(self):
        """All weights, integrated to now."""
        cdef double[::1] weight = np.empty(self.size)
        cdef Py_ssize_t k
        for k in range(0, self.size, STRETCH):
            self.read(k, min(STRETCH, self.size - k), &weight[k])
        return np.asarray(weight)

    cdef const double* address(self, long variable, long index) noexcept nogil:
        return NULL

    cdef void sample(self, long variable, const long* indices, Py_ssize_t n, double* out) noexcept nogil:
        cdef Py_ssize_t first = 0, i
        for i in range(1, n + 1):
            if i == n or indices[i] != indices[i - 1] + 1 or i - first == STRETCH:
                self.read(indices[first], i - first, out + first)
                first = i

    cdef const Segment* segment_of(self, Py_ssize_t k) noexcept nogil:
        cdef Py_ssize_t low = 0, high = self.n_segments, middle
        while high - low > 1:
            middle = (low + high) // 2
            if self.segments[middle].first <= k:
                low = middle
            else:
                high = middle
        return &self.segments[low]


cdef inline bint has_psp(const Segment* segment) noexcept nogil:
    return segment.p != 0.0 or segment.q != 0.0


cdef inline bint is_active(const Segment* segment) noexcept nogil:
    return has_psp(segment) or segment.left != 0.0
