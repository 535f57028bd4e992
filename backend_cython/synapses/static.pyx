"""Synapses of constant weight."""

cimport cython
from libc.limits cimport LONG_MAX

import numpy as np

from backend_cython.model.schema import Parameter
from backend_cython.engine.memory cimport prefetch
from backend_cython.model.ring_buffers cimport Ring, slot
from backend_cython.model.cells cimport SpikeTrain, spikes_together
from backend_cython.model.synapse_group cimport SynapseGroup


@cython.final
cdef class StaticSynapses(SynapseGroup):
    """Every spike adds weight × factor to the target's receptor after the delay.

    Several spikes of a cell in one step are delivered as one with the sum of their factors.
    """

    FORESEEABLE = True
    PARAMETERS = {"weight": Parameter(0.0, "nA or uS", "finite")}

    cdef double[::1] values
    cdef double* weight
    cdef bint one_weight          # all are equal
    # the cells first_single … last_single - 1 have one synapse each, and no others have any
    cdef int first_single, last_single
    cdef long column              # where the receptor's inputs begin in a slot of the ring

    def allocate_states(self):
        self.values = np.zeros(self.size)
        self.weight = &self.values[0] if self.size else NULL
        self.publish("weight", self.values)
        self.column = self.column_of_targets()
        rows = np.flatnonzero(np.diff(self._row_start))
        if self.size and self.size == len(rows) == rows[-1] + 1 - rows[0]:
            self.first_single, self.last_single = rows[0], rows[-1] + 1

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

    cdef void deliver_through(self, long first, long last) noexcept nogil:
        cdef long now
        if not self.pre.listed:
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
        cdef Py_ssize_t i = train.first, n = train.last - i, k
        ring.slots += self.column + self.target[0]
        if n > 0 and train.single and train.step[train.last - 1] - train.step[i] == n - 1:
            # one in every step, which need not be looked up
            first = train.step[i] + delay
            for k in range(n):
                slot(&ring, first + k)[0] += weight * train.factor[i + k]
            return
        while i < train.last:
            k = i
            factor = 0.0
            while i < train.last and train.step[i] == train.step[k]:
                factor += train.factor[i]
                i += 1
            slot(&ring, train.step[k] + delay)[0] += weight * factor

    cdef void transmit(self, const int* rows, const double* factors, Py_ssize_t n, long now) noexcept nogil:
        cdef Ring ring = self.ring[0]
        cdef long column = self.column, first, last, k
        cdef const long* row_start = self.row_start
        cdef const int* target = self.target
        cdef const int* delay = self.delay
        cdef const double* weight = self.weight
        cdef double* arriving
        cdef double factor, amount
        cdef Py_ssize_t s = 0
        if self.last_single and self.one_delay:
            self.transmit_one_each(rows, factors, n, now)
            s = n
        while s < n:
            first = row_start[rows[s]]
            last = row_start[rows[s] + 1]
            s += spikes_together(rows + s, factors + s, n - s, &factor)
            if s < n:
                prefetch(target + row_start[rows[s]])
            if first == last:
                continue
            if not self.one_delay:
                for k in range(first, last):
                    slot(&ring, now + delay[k])[column + target[k]] += weight[k] * factor
                continue
            arriving = slot(&ring, now + delay[first]) + column
            if self.one_weight:
                amount = weight[first] * factor
                for k in range(first, last):
                    arriving[target[k]] += amount
            else:
                for k in range(first, last):
                    arriving[target[k]] += weight[k] * factor
        if self.log is not None:
            self.log_spikes(rows, n, now)

    cdef void transmit_one_each(self, const int* rows, const double* factors, Py_ssize_t n, long now) noexcept nogil:
        """The same without a branch on whether the next spike is of the same cell, which nobody foresees."""
        cdef double* arriving = slot(self.ring, now + self.delay[0]) + self.column
        cdef const int* target = self.target
        cdef const double* weight = self.weight
        cdef double unused = 0.0, factor = 0.0
        cdef double* at
        cdef int row, more, first = self.first_single
        cdef Py_ssize_t s = 0
        while s < n and rows[s] < first:
            s += 1
        while s < n and rows[n - 1] >= self.last_single:
            n -= 1
        for s in range(s, n):
            row = rows[s] - first
            more = s + 1 < n and rows[s + 1] == rows[s]
            factor += factors[s]
            at = &unused if more else &arriving[target[row]]
            at[0] += weight[row] * factor
            factor *= more

    cdef void log_spikes(self, const int* rows, Py_ssize_t n, long now) noexcept nogil:
        cdef Py_ssize_t s
        cdef long k
        for s in range(n):
            for k in range(self.row_start[rows[s]], self.row_start[rows[s] + 1]):
                if self.log.selected[k]:
                    self.log.append(k, now, self.weight[k])
