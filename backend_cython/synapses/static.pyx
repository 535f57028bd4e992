"""Synapses of constant weight."""

cimport cython
from libc.limits cimport LONG_MAX

import numpy as np

from backend_cython.model.schema import Parameter
from backend_cython.engine.memory cimport prefetch, prefetch_bytes, prefetch_numbers
from backend_cython.model.ring_buffers cimport Ring, slot
from backend_cython.model.cells cimport SpikeTrain, counts_of, spikes_together
from backend_cython.model.synapse_group cimport Rows, SynapseGroup
from backend_cython.synapses.static_loops cimport transmit_alike, transmit_weighted

cdef enum:
    # so many rows of synapses, and synapses of each, are fetched ahead; the processor finds out about those behind
    ROWS_AHEAD = 4
    SYNAPSES_AHEAD = 256
    # synapses of neighbours onto neighbours that pay for a loop of their own
    STRETCH = 32


@cython.final
cdef class StaticSynapses(SynapseGroup):
    """Every spike adds weight × factor to the target's receptor after the delay.

    Several spikes of a cell in one step are delivered as one with the sum of their factors.
    """

    FORESEEABLE = True
    UNDIVIDED = True
    PARAMETERS = {"weight": Parameter(0.0, "nA or uS", "finite")}

    cdef double[::1] values
    cdef double* weight
    cdef bint one_weight          # all are equal
    cdef long[::1] stretches      # of synapses onto neighbours: where each begins, and the end; see `reads_counts`

    def allocate_states(self):
        self.values = np.zeros(self.size)
        self.weight = &self.values[0] if self.size else NULL
        self.stretches = None
        self.publish("weight", self.values)

    def store(self, values, where):
        if "weight" not in values:
            return
        weights, given = np.asarray(self.values), values["weight"]
        if isinstance(where, slice):
            weights[where] = given
            self.one_weight = np.ndim(given) == 0 or bool((weights == weights[:1]).all())
        else:
            self.one_weight = self.one_weight and bool(np.all(given == weights[:1]))
            weights[where] = given

    def fetch(self, name):
        return np.array(self.values)

    cdef void deliver(self, long now) noexcept nogil:
        self.now = now
        self.deliver_through(now, now)
        self.wait_until(LONG_MAX)

    def reads_train(self):
        # so a teacher acts, and it does so in every step
        return self.size == self.pre.size == 1 and self.direct and self.pre.train.step != NULL

    def reads_counts(self):
        # one synapse for each of neighbours, onto cells in the same order
        if not (self.own.last_single and self.one_delay and self.axonal_steps == 0):
            return False
        if self.stretches is None:
            apart = np.diff(self._target)
            bounds = np.flatnonzero(apart != 1) + 1
            if (apart <= 0).any() or STRETCH * len(bounds) > self.size:
                return False
            self.stretches = np.concatenate([[0], bounds, [self.size]])
        return True

    cdef void deliver_through(self, long first, long last) noexcept nogil:
        cdef long now
        if not self.pre.listed and self.pre.counted.rows == NULL:
            self.deliver_train()
            return
        for now in range(first, last + 1):
            self.deliver_spikes(now)

    cdef void deliver_train(self) noexcept nogil:
        """The spikes of the only cell to its only target."""
        cdef SpikeTrain train = self.pre.train
        cdef Ring ring = self.ring[0]
        cdef long delay = self.delay[0], first
        cdef double weight = self.weight[0], factor
        cdef Py_ssize_t i = train.first, k
        ring.slots += self.column_of_targets() + self.target[0]
        if train.steady:
            first = train.step[0] + delay
            for k in range(i, train.last):
                slot(&ring, first + k)[0] += weight * train.factor[k]
            prefetch_numbers(train.factor + train.last, train.last - i)
            return
        while i < train.last:
            k = i
            factor = 0.0
            while i < train.last and train.step[i] == train.step[k]:
                factor += train.factor[i]
                i += 1
            slot(&ring, train.step[k] + delay)[0] += weight * factor

    cdef bint has_far_rows(self) noexcept nogil:
        # those of targets alone are short
        return not self.own.last_single and not (self.one_delay and self.one_weight)

    cdef void fetch_synapses(self, const Rows* of, const int* rows, Py_ssize_t n) noexcept nogil:
        cdef long first
        cdef Py_ssize_t s, size
        for s in range(min(n, ROWS_AHEAD)):
            first = of.begin[rows[s]]
            size = min(of.end[rows[s]] - first, SYNAPSES_AHEAD)
            prefetch_bytes(self.target + first, size * sizeof(int))
            if not self.one_delay:
                prefetch_bytes(self.delay + first, size * sizeof(int))
            if not self.one_weight:
                prefetch_numbers(self.weight + first, size)

    cdef void transmit(
        self, const Rows* of, const int* rows, const double* factors, Py_ssize_t n, long now
    ) noexcept nogil:
        cdef Ring ring = self.ring[0]
        cdef long column = self.column_of_targets(), first, last, k
        cdef const long* begin = of.begin
        cdef const long* end = of.end
        cdef const int* target = self.target
        cdef const int* delay = self.delay
        cdef const double* weight = self.weight
        cdef double* arriving
        cdef double factor, amount
        cdef Py_ssize_t s = 0
        if self.pre.counted.rows != NULL:
            self.transmit_counted(of, now)
            return
        if self.logging:
            self.log_spikes(of, rows, n, now)
        if of.last_single and self.one_delay:
            self.transmit_one_each(of, rows, factors, n, now)
            s = n
        while s < n:
            first = begin[rows[s]]
            last = end[rows[s]]
            s += spikes_together(rows + s, factors + s, n - s, &factor)
            if s < n:
                prefetch(target + begin[rows[s]])
            if first == last:
                continue
            if not self.one_delay:
                for k in range(first, last):
                    slot(&ring, now + delay[k])[column + target[k]] += weight[k] * factor
                continue
            # those of the first synapse, which are at hand
            arriving = slot(&ring, now + delay[0]) + column
            if self.one_weight:
                amount = weight[0] * factor
                for k in range(first, last):
                    arriving[target[k]] += amount
            else:
                for k in range(first, last):
                    arriving[target[k]] += weight[k] * factor

    cdef void transmit_one_each(
        self, const Rows* of, const int* rows, const double* factors, Py_ssize_t n, long now
    ) noexcept nogil:
        """The same without a branch on whether the next spike is of the same cell, which nobody foresees."""
        cdef double* arriving = slot(self.ring, now + self.delay[0]) + self.column_of_targets()
        cdef const int* target = self.target + of.begin[of.first_single]
        cdef const double* weight = self.weight + of.begin[of.first_single]
        cdef double unused = 0.0, factor = 0.0
        cdef double* at
        cdef int row, more, first = of.first_single
        cdef Py_ssize_t s = 0
        while s < n and rows[s] < first:
            s += 1
        while s < n and rows[n - 1] >= of.last_single:
            n -= 1
        for s in range(s, n):
            row = rows[s] - first
            more = s + 1 < n and rows[s + 1] == rows[s]
            factor += factors[s]
            at = &unused if more else &arriving[target[row]]
            at[0] += weight[row] * factor
            factor *= more

    cdef void transmit_counted(self, const Rows* of, long now) noexcept nogil:
        """As many spikes as each presynaptic cell has."""
        cdef double* arriving = slot(self.ring, now + self.delay[0]) + self.column_of_targets()
        cdef const unsigned char* count = counts_of(&self.pre.counted, now) + of.first_single
        cdef long k = of.begin[of.first_single], last = k + of.last_single - of.first_single, n
        cdef Py_ssize_t stretch = 1
        while k < last:
            while self.stretches[stretch] <= k:
                stretch += 1
            n = min(self.stretches[stretch], last) - k
            if self.one_weight:
                transmit_alike(n, self.weight[0], count, arriving + self.target[k])
            else:
                transmit_weighted(n, self.weight + k, count, arriving + self.target[k])
            count += n
            k += n

    cdef void log_spikes(self, const Rows* of, const int* rows, Py_ssize_t n, long now) noexcept nogil:
        cdef Py_ssize_t s
        cdef long k
        for s in range(n):
            for k in range(of.begin[rows[s]], of.end[rows[s]]):
                self.note(0, k, now, self.weight[k])
