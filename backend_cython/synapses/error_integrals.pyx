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
from libc.string cimport memcpy, memset

import numpy as np

from backend_cython.engine.allocation import large_zeros
from backend_cython.engine.memory cimport prefetch, prefetch_bytes, prefetch_numbers
from backend_cython.model.cells cimport spikes_together
from backend_cython.model.uniform_array cimport CHUNK
from backend_cython.model.ring_buffers cimport slot
from backend_cython.model.synapse_group cimport Rows
from backend_cython.numerics.sigmoid cimport exponential

from .shared_errors import SharedErrors
from .integral_loops cimport (
    add_blocks, add_general_blocks, add_scaled, close_general, open_general, weigh_generally, weigh_synapses,
)
from .learning import Choice
from .psp cimport N_ROWS, N_SUMS, Instant, Psp, Shift, fill_shift, moved, moved_by
from .segments cimport first_neighbour, has_psp, is_active, piece_of
from .target_sums cimport look_up

NO_ROWS = np.empty(0, dtype=np.int64)
# A PSP below this does not change any sum any more.
cdef double NO_PSP = 1e-18
# Likewise, a part of what was filtered.
cdef double NOTHING_LEFT = 1e-16

cdef enum:
    FAR = 4096              # synapses, of which rows are far from the processor
    ROWS_AHEAD = 16         # rows of a step that are fetched before they are needed,
    SYNAPSES_AHEAD = 32     # the first synapses of each; processors see then what comes next


cdef class ErrorIntegrals(SegmentedRows):
    """Synapses with integrals of the error, all of weight and learning rate zero until parameters say more."""

    COMMON = SharedErrors
    CHOICE = Choice()

    def allocate_states(self):
        SegmentedRows.allocate_states(self)
        n = self.size
        self.base, self.lag = large_zeros(2 * n).reshape(2, n)
        self.eta, self.w_min, self.w_max = Column(n), Column(n), Column(n)
        self.now = self.network.step
        self.rows = ActiveRows(self.pre.size, self.now)
        self.variables["weight"] = 0
        self.affected_rows = NO_ROWS
        self.settled = True
        self.keeps_bounds = self.CHOICE.bounds == "state"

    def relax(self):
        """The weights of now, without a PSP and Δ; the sums are forgotten after that."""
        cdef Segment* segment
        cdef Py_ssize_t i
        self.now = self.network.step
        self.rows = ActiveRows(self.pre.size, self.now)
        for i in range(self.n_segments):
            segment = &self.segments[i]
            self.keep_weights(<ErrorSums> self.sums.item[segment.group], segment)
            segment.p = segment.q = segment.left = 0.0
            segment.block = 0

    def forget(self):
        """No PSP, nothing integrated; `base` remains to be set."""
        cdef Py_ssize_t i
        self.lag[:] = 0.0
        self.now = self.network.step
        self.rows = ActiveRows(self.pre.size, self.now)
        for i in range(self.n_segments):
            self.segments[i].p = self.segments[i].q = self.segments[i].left = 0.0
        if self.n_segments:
            self.build_segments()

    # ---- closed and open synapses

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
        cdef double weight[CHUNK]
        cdef double memory[N_ROWS * CHUNK]
        cdef const double* found[N_ROWS]
        cdef double left
        cdef const double* eta
        cdef Py_ssize_t k, n, i
        self.advance(sums, segment, step, &self.base[segment.first], &self.lag[segment.first])
        left = exponential(-sums.since_anchor(segment.block, step) * psp.D)
        k = segment.first
        while k < segment.last:
            n = min(CHUNK, segment.last - k)
            self.weigh(sums, segment, k, n, step, 0.0, 0.0, False, &self.base[k], &self.lag[k], weight)
            eta = self.eta.at(k)
            if sums.general:
                look_up(N_ROWS, sums, segment, self.target, k, n, sums.running(step), memory, found)
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
        cdef double weight[CHUNK]
        cdef double memory[N_ROWS * CHUNK]
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
            n = min(CHUNK, segment.last - k)
            eta = self.eta.at(k)
            if sums.general:
                look_up(N_ROWS, sums, segment, self.target, k, n, sums.running(step), memory, found)
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
        segment.left = sums.left_by_spike

    @cython.final
    cdef void keep_weights(self, ErrorSums sums, Segment* segment) noexcept nogil:
        """`base` is the weight of now, as it acts, and Δ is 0."""
        cdef double weight[CHUNK]
        cdef long step = self.now - segment.behind
        cdef Py_ssize_t k = segment.first, n
        self.advance(sums, segment, step, &self.base[k], &self.lag[k])
        while k < segment.last:
            n = min(CHUNK, segment.last - k)
            self.weigh(sums, segment, k, n, step, 0.0, 0.0, False, &self.base[k], &self.lag[k], weight)
            memcpy(&self.base[k], weight, n * sizeof(double))
            memset(&self.lag[k], 0, n * sizeof(double))
            k += n

    # ---- the step loop

    cdef void deliver(self, long now) noexcept nogil:
        self.now = now
        while self.rows.overdue(now - self.horizon):
            self.update(self.rows.oldest(), 0.0, now, False)
        self.deliver_spikes(now)
        self.wait_until(self.rows.overdue_after(self.horizon))

    cdef bint has_far_rows(self) noexcept nogil:
        return self.size >= FAR

    cdef void fetch_synapses(self, const Rows* of, const int* rows, Py_ssize_t n) noexcept nogil:
        cdef Py_ssize_t s, size
        cdef long first
        for s in range(min(n, ROWS_AHEAD)):
            first = of.begin[rows[s]]
            size = min(of.end[rows[s]] - first, SYNAPSES_AHEAD)
            if size == 0:
                continue
            prefetch(&self.rows.row[rows[s]])
            prefetch_bytes(&self.segments[self.row_segment[rows[s]]], sizeof(Segment))
            prefetch_numbers(&self.base[first], size)
            prefetch_numbers(&self.lag[first], size)

    cdef void transmit(
        self, const Rows* of, const int* rows, const double* factors, Py_ssize_t n, long now
    ) noexcept nogil:
        cdef Py_ssize_t s = 0
        while s < n:
            if s + 1 < n and rows[s + 1] == rows[s]:
                s += self.transmit_together(of, rows + s, factors + s, n - s, now)
            else:
                self.update(rows[s], factors[s], now, True)
                s += 1

    cdef Py_ssize_t transmit_together(
        self, const Rows* of, const int* rows, const double* factors, Py_ssize_t n, long now
    ) noexcept nogil:
        """The spikes of one row, of `n` spikes that begin with them, as one; returns their number."""
        cdef double factor
        cdef Py_ssize_t together = spikes_together(rows, factors, n, &factor), first, last, i, _spike
        if self.log is None:
            self.transmit(of, rows, &factor, 1, now)
            return together
        first = self.log.n
        self.transmit(of, rows, &factor, 1, now)
        last = self.log.n
        # each spike has a sample of all synapses
        for _spike in range(1, together):
            for i in range(first, last):
                self.log.append(self.log.connection[i], self.log.step[i], self.log.value[i])
        return together

    @cython.final
    cdef void update(self, long row, double factor, long now, bint spike) noexcept nogil:
        """Bring the synapses of a row up to `now`; with a spike, let them transmit."""
        cdef long i
        cdef bint active = False
        cdef Segment* segment
        for i in range(self.row_segment[row], self.row_segment[row + 1]):
            segment = &self.segments[i]
            if (spike and segment.last == segment.first + 1
                    and self.transmit_alone(<ErrorSums> self.sums.item[segment.group], segment, factor, now)):
                active |= is_active(segment)
            elif spike or is_active(segment):
                self.update_segment(<ErrorSums> self.sums.item[segment.group], segment, factor, now, spike)
                active |= is_active(segment)
        self.rows.touch(row, now, active)

    @cython.final
    cdef void update_segment(
        self, ErrorSums sums, Segment* segment, double factor, long now, bint spike
    ) noexcept nogil:
        self.advance(sums, segment, now - segment.behind, &self.base[segment.first], &self.lag[segment.first])
        if spike:
            self.transmit_segment(sums, segment, factor, now)

    @cython.final
    cdef bint transmit_alone(self, ErrorSums sums, Segment* segment, double factor, long now) noexcept nogil:
        """What `update_segment` does at a spike, of a segment with a single synapse, in one go; false, and nothing has
        happened, unless its target is the only cell that the sums are for.
        """
        cdef const Psp* psp = &sums.psp[segment.run]
        cdef Py_ssize_t k = segment.first
        cdef long step = now - segment.behind, block = segment.block, last = sums.block_of(step), n_blocks
        cdef const Instant* instant = sums.instant(last, step)
        if sums.general or instant == NULL or last - block >= sums.n_shifts:
            return False
        cdef double p = segment.p, q = segment.q, next_p = factor if sums.exponential else 0.0
        cdef double next_q = 0.0 if sums.exponential else factor, weight
        cdef const double* found
        cdef const double* eta = self.eta.at(k)
        cdef const Shift* shift
        while block < last:
            n_blocks = sums.end_of(block) - block
            shift = &psp.per_block[n_blocks]
            found = sums.complete(block)
            add_blocks(1, psp.gain, p, q, shift.e_D, found, found + 1, found + 2, found + 3, eta, &self.base[k],
                       &self.lag[k])
            moved_by(shift.e_L, shift.e_s, shift.K, &p, &q)
            block += n_blocks
            if block == last and fabs(p) < NO_PSP and fabs(q) < NO_PSP:
                p = q = 0.0
        moved_by(instant.grown_L, instant.grown_s, instant.K, &next_p, &next_q)
        next_p += p
        next_q += q
        found = sums.running(step)
        weigh_synapses(1, psp.gain, p, q, instant.e_D, next_p, next_q, found, found + 1, found + 2, found + 3, eta,
                       self.w_min.at(k), self.w_max.at(k), &self.base[k], &self.lag[k], &weight)
        segment.block, segment.p, segment.q, segment.left = block, next_p, next_q, sums.left_by_spike
        (slot(self.ring, now + segment.delay) + self.column_of_targets())[self.target[k]] += factor * weight
        if self.log is not None and self.log.selected[k]:
            self.log.append(k, now, weight)
        return True

    @cython.final
    cdef void advance(self, ErrorSums sums, Segment* segment, long step, double* base, double* lag) noexcept nogil:
        """Move the anchor of a segment, with these `base` and `lag`, to the block of `step`."""
        cdef const Psp* psp = &sums.psp[segment.run]
        cdef const Shift* shift
        cdef const double* one
        cdef Shift far
        cdef long last = sums.block_of(step), n_blocks
        cdef Py_ssize_t n = sums.n_cells, k
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
            if segment.last - segment.first == 1 and not sums.general:
                # a single target is common; compilers make a loop over a known number of synapses no loop at all
                one = sums.complete(segment.block) + self.target[segment.first] - sums.first
                add_blocks(1, psp.gain, segment.p, segment.q, shift.e_D, one, one + n, one + 2 * n, one + 3 * n,
                           self.eta.at(segment.first), base, lag)
            else:
                self.add_blocks_of(sums, segment, shift, base, lag)
            if not has_psp(segment):
                segment.left *= shift.e_D
            moved_by(shift.e_L, shift.e_s, shift.K, &segment.p, &segment.q)
            segment.block += n_blocks
        if fabs(segment.p) < NO_PSP and fabs(segment.q) < NO_PSP:
            segment.p = segment.q = 0.0
            if 0.0 < segment.left < NOTHING_LEFT:
                segment.left = 0.0
                for k in range(segment.last - segment.first):
                    lag[k] = 0.0

    @cython.final
    cdef void add_blocks_of(
        self, ErrorSums sums, const Segment* segment, const Shift* shift, double* base, double* lag
    ) noexcept nogil:
        """Add the complete blocks from that of a segment on to the integrals, seen from `shift` later then."""
        cdef const Psp* psp = &sums.psp[segment.run]
        cdef double memory[N_ROWS * CHUNK]
        cdef const double* found[N_ROWS]
        cdef Py_ssize_t k = segment.first, n
        while k < segment.last:
            n = piece_of(segment, k, CHUNK)
            look_up(N_ROWS if sums.general else N_SUMS, sums, segment, self.target, k, n,
                    sums.complete(segment.block), memory, found)
            if sums.general:
                add_general_blocks(n, psp.gain, segment.p, segment.q, shift.e_D, shift.e_decay, found[0], found[1],
                                   found[2], found[3], found[4], self.eta.at(k), base, lag)
            else:
                add_blocks(n, psp.gain, segment.p, segment.q, shift.e_D, found[0], found[1], found[2], found[3],
                           self.eta.at(k), base, lag)
            k += n
            base += n
            lag += n

    @cython.final
    cdef void transmit_segment(self, ErrorSums sums, Segment* segment, double factor, long now) noexcept nogil:
        cdef double* arriving = slot(self.ring, now + segment.delay) + self.column_of_targets()
        cdef long step = now - segment.behind
        cdef double weight
        cdef double p = factor if sums.exponential else 0.0, q = 0.0 if sums.exponential else factor
        cdef Py_ssize_t k = segment.first
        moved(&sums.psp[segment.run], -sums.since_anchor(segment.block, step), &p, &q)
        p += segment.p
        q += segment.q
        if segment.last == k + 1 and not sums.general:
            self.weigh_one(sums, segment, k, step, p, q, &self.base[k], &self.lag[k], &weight)
            arriving[self.target[k]] += factor * weight
            if self.log is not None and self.log.selected[k]:
                self.log.append(k, now, weight)
        else:
            self.transmit_many(sums, segment, factor, p, q, arriving, now)
        segment.p = p
        segment.q = q
        segment.left = sums.left_by_spike

    @cython.final
    cdef void transmit_many(self, ErrorSums sums, const Segment* segment, double factor, double p, double q,
                            double* arriving, long now) noexcept nogil:
        cdef long step = now - segment.behind
        cdef double weight[CHUNK]
        cdef Py_ssize_t k = segment.first, n, i, begin
        while k < segment.last:
            n = piece_of(segment, k, CHUNK)
            self.weigh(sums, segment, k, n, step, p, q, self.keeps_bounds, &self.base[k], &self.lag[k], weight)
            begin = first_neighbour(segment, self.target, k, n)
            if begin >= 0:
                add_scaled(n, factor, weight, arriving + begin)
            else:
                for i in range(n):
                    arriving[self.target[k + i]] += factor * weight[i]
            if self.log is not None:
                for i in range(n):
                    if self.log.selected[k + i]:
                        self.log.append(k + i, now, weight[i])
            k += n

    @cython.final
    cdef void weigh(self, ErrorSums sums, const Segment* segment, Py_ssize_t k, Py_ssize_t n, long step,
                    double p, double q, bint keep, double* base, double* lag, double* weight) noexcept nogil:
        """Weights at `step` of synapses from `k` on, with these `base` and `lag`; from then on the PSP is (p, q)."""
        cdef const Psp* psp = &sums.psp[segment.run]
        cdef double memory[N_SUMS * CHUNK]
        cdef const double* found[N_SUMS]
        if sums.general:
            self.weigh_with_gate(sums, segment, k, n, step, p, q, keep, base, lag, weight)
            return
        if n == 1:
            self.weigh_one(sums, segment, k, step, p, q, base, lag, weight)
            return
        look_up(N_SUMS, sums, segment, self.target, k, n, sums.running(step), memory, found)
        weigh_synapses(n, psp.gain, segment.p, segment.q, exponential(-sums.since_anchor(segment.block, step) * psp.D),
                       p, q, found[0], found[1], found[2], found[3], self.eta.at(k), self.w_min.at(k),
                       self.w_max.at(k), base, lag, weight)

    @cython.final
    cdef inline void weigh_one(self, ErrorSums sums, const Segment* segment, Py_ssize_t k, long step, double p,
                               double q, double* base, double* lag, double* weight) noexcept nogil:
        """The same of one synapse, without general sums."""
        cdef const Psp* psp = &sums.psp[segment.run]
        cdef const double* found = sums.running(step) + self.target[k] - sums.first
        cdef double left = exponential(-sums.since_anchor(segment.block, step) * psp.D)
        weigh_synapses(1, psp.gain, segment.p, segment.q, left, p, q, found, found + sums.n_cells,
                       found + 2 * sums.n_cells, found + 3 * sums.n_cells, self.eta.at(k),
                       self.w_min.at(k), self.w_max.at(k), base, lag, weight)

    @cython.final
    cdef void weigh_with_gate(
        self, ErrorSums sums, const Segment* segment, Py_ssize_t k, Py_ssize_t n, long step, double p, double q,
        bint keep, double* base, double* lag, double* weight
    ) noexcept nogil:
        """The same with general sums."""
        cdef const Psp* psp = &sums.psp[segment.run]
        cdef double memory[N_ROWS * CHUNK]
        cdef const double* found[N_ROWS]
        look_up(N_ROWS, sums, segment, self.target, k, n, sums.running(step), memory, found)
        weigh_generally(n, psp.gain, segment.p, segment.q,
                        exponential(-sums.since_anchor(segment.block, step) * psp.decay), p, q, keep,
                        found[0], found[1], found[2], found[3], found[4], self.eta.at(k), self.w_min.at(k),
                        self.w_max.at(k), base, lag, weight)

    cdef void read(self, Py_ssize_t k, Py_ssize_t n, double* weight) noexcept nogil:
        """Weights of `n` synapses from `k` on, at most `CHUNK`, integrated to now; nothing changes."""
        cdef double base[CHUNK]
        cdef double lag[CHUNK]
        cdef const Segment* segment = self.segment_of(k)
        cdef Segment part
        while n > 0:
            part = segment[0]
            part.first = k
            part.last = min(segment.last, k + n)
            # those from `first` on are not counted any more
            part.neighbours = min(part.neighbours, 0)
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
        for k in range(0, self.size, CHUNK):
            self.read(k, min(CHUNK, self.size - k), &weight[k])
        return np.asarray(weight)

    cdef const double* address(self, long variable, long index) noexcept nogil:
        return NULL

    cdef void sample(self, long variable, const long* indices, Py_ssize_t n, double* out) noexcept nogil:
        cdef Py_ssize_t first = 0, i
        for i in range(1, n + 1):
            if i == n or indices[i] != indices[i - 1] + 1 or i - first == CHUNK:
                self.read(indices[first], i - first, out + first)
                first = i
