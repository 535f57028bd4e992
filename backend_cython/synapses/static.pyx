"""Synapses of constant weight."""

cimport cython
from libc.limits cimport LONG_MAX

import numpy as np

from backend_cython.model.schema import Parameter
from backend_cython.engine.memory cimport prefetch
from backend_cython.model.ring_buffers cimport Ring, slot
from backend_cython.model.cells cimport SpikeTrain, spikes_together
from backend_cython.model.synapse_group cimport SynapseGroup


cdef struct Rows:
    # the synapses that are meant: those of presynaptic cell i are begin[i] … end[i] - 1
    const long* begin
    const long* end
    # the cells first_single … last_single - 1 have one synapse each, neighbours of each other, and no others have any;
    # 0 and 0 if that is not so
    int first_single, last_single


cdef Rows rows_between(const long[::1] begin, const long[::1] end):
    counts = np.subtract(end, begin)
    rows = np.flatnonzero(counts)
    if len(rows) and counts.sum() == len(rows) == rows[-1] + 1 - rows[0] == end[rows[-1]] - begin[rows[0]]:
        return Rows(&begin[0], &end[0], rows[0], rows[-1] + 1)
    return Rows(&begin[0], &end[0], 0, 0)


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
    cdef Rows rows                # all
    cdef long column              # where the receptor's inputs begin in a slot of the ring

    def allocate_states(self):
        self.values = np.zeros(self.size)
        self.weight = &self.values[0] if self.size else NULL
        self.publish("weight", self.values)
        self.rows = rows_between(self._row_start[:-1], self._row_start[1:])
        self.column = self.receptor * self.post.stride
        # positions instead of numbers of cells, since there may be padding between partitions
        cdef const int[::1] target = self.post.positions_of(self._target)
        self._target = np.asarray(target)
        self.target = &target[0] if self.size else NULL

    @property
    def post_index(self):
        return self.post.cells_at(self._target)

    def deliveries(self):
        if self.size == 0 or self.axonal_steps:
            return [self]
        cdef const long[::1] begin = self._row_start[:-1], end
        cdef int first, last, partition
        first, last = self.post.partitions_of(self.post_index[[self._target.argmin(), self._target.argmax()]])
        # what may be foreseen has to be the group itself
        if self.post.n_partitions == 1 or first == last and self.pre.replicated:
            return [self]
        self._follow_all_sources()
        parts = []
        for partition in range(first, last + 1):
            end = self.cut_at(self.post.block[partition].last + self.post.offset(partition))
            parts.append(StaticPart(self, partition, begin, end))
            begin = end
        return parts

    def cut_at(self, long position):
        """In each row, where the targets begin that do not lie before a position."""
        cdef long[::1] cuts = np.empty(self.pre.size, np.int64)
        cdef Py_ssize_t row
        cdef long k
        for row in range(self.pre.size):
            k = self.row_start[row]
            while k < self.row_start[row + 1] and self.target[k] < position:
                k += 1
            cuts[row] = k
        return np.asarray(cuts)

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
        cdef Py_ssize_t i = train.first, k
        ring.slots += self.column + self.target[0]
        if train.steady:
            first = train.step[0] + delay
            for k in range(i, train.last):
                slot(&ring, first + k)[0] += weight * train.factor[k]
            return
        while i < train.last:
            k = i
            factor = 0.0
            while i < train.last and train.step[i] == train.step[k]:
                factor += train.factor[i]
                i += 1
            slot(&ring, train.step[k] + delay)[0] += weight * factor

    cdef void transmit(self, const int* rows, const double* factors, Py_ssize_t n, long now) noexcept nogil:
        self.transmit_rows(&self.rows, rows, factors, n, now)
        if self.log is not None:
            self.log_spikes(rows, n, now)

    cdef void transmit_rows(
        self, const Rows* of, const int* rows, const double* factors, Py_ssize_t n, long now
    ) noexcept nogil:
        cdef Ring ring = self.ring[0]
        cdef long column = self.column, first, last, k
        cdef const long* begin = of.begin
        cdef const long* end = of.end
        cdef const int* target = self.target
        cdef const int* delay = self.delay
        cdef const double* weight = self.weight
        cdef double* arriving
        cdef double factor, amount
        cdef Py_ssize_t s = 0
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
            arriving = slot(&ring, now + delay[first]) + column
            if self.one_weight:
                amount = weight[first] * factor
                for k in range(first, last):
                    arriving[target[k]] += amount
            else:
                for k in range(first, last):
                    arriving[target[k]] += weight[k] * factor

    cdef void transmit_one_each(
        self, const Rows* of, const int* rows, const double* factors, Py_ssize_t n, long now
    ) noexcept nogil:
        """The same without a branch on whether the next spike is of the same cell, which nobody foresees."""
        cdef double* arriving = slot(self.ring, now + self.delay[0]) + self.column
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

    cdef void log_spikes(self, const int* rows, Py_ssize_t n, long now) noexcept nogil:
        cdef Py_ssize_t s
        cdef long k
        for s in range(n):
            for k in range(self.row_start[rows[s]], self.row_start[rows[s] + 1]):
                if self.log.selected[k]:
                    self.log.append(k, now, self.weight[k])


@cython.final
cdef class StaticPart(SynapseGroup):
    """The synapses of a group onto the cells of one partition: of row i those from begin[i] up to end[i] of the group.
    """

    cdef StaticSynapses whole
    cdef Rows rows
    cdef object _rows
    cdef Py_ssize_t first_reached, last_reached    # from cells before and after that, there are none

    def __init__(self, StaticSynapses whole, int partition, const long[::1] begin, const long[::1] end):
        self.network, self.pre, self.post, self.owner = whole.network, whole.pre, whole.post, whole.owner
        self.receptor, self.partition, self.whole = whole.receptor, partition, whole
        self._rows = begin, end
        self.rows = rows_between(begin, end)
        reached = np.flatnonzero(np.subtract(end, begin))
        self.first_reached, self.last_reached = (reached[0], reached[-1] + 1) if len(reached) else (0, 0)
        self._follow_sources()

    def wake(self):
        SynapseGroup.wake(self)
        all_rows = self.logs_all() or self.pre.ONE_PARTITION
        self.first_row = 0 if all_rows else self.first_reached
        self.last_row = self.pre.size if all_rows else self.last_reached

    cdef bint logs_all(self) noexcept nogil:
        """Whether this is the part that logs the spikes of all of them."""
        return self.whole.log is not None and self.rows.begin == self.whole.rows.begin

    cdef void transmit(self, const int* rows, const double* factors, Py_ssize_t n, long now) noexcept nogil:
        self.whole.transmit_rows(&self.rows, rows, factors, n, now)
        if self.logs_all():
            self.whole.log_spikes(rows, n, now)
