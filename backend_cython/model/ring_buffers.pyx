"""Rings that hold what is on its way: input to neurons, and spikes on axons."""

from libc.stdlib cimport calloc, free

from ..engine.memory cimport resized
from libc.string cimport memcpy

import numpy as np

from ..engine.allocation import table_layout, take_places, zeros


cdef long power_of_two(long n):
    cdef long p = 1
    while p < n:
        p *= 2
    return p


cdef class InputBuffer:
    """Input on its way to a population: one slot a time step, summed on arrival in the ring.

    A slot has `n` numbers for each receptor, from one to the next of which there are `row`. It is emptied by whoever
    reads it.
    """

    def __init__(self, Py_ssize_t n, Py_ssize_t n_receptors):
        self.row, self.ring.width = table_layout(n, n_receptors)
        self.place = take_places(n_receptors)
        self.data = None
        self.hold(1, 0)

    def hold(self, long delay_steps, long now):
        """Make room for delays up to `delay_steps`, keeping what is on its way at step `now`."""
        cdef long n = power_of_two(delay_steps + 1), step
        if self.data is not None and n <= self.ring.mask + 1:
            return
        old = self.data
        new = zeros(n * self.ring.width, place=self.place).reshape(n, self.ring.width)
        if old is not None:
            for step in range(now, now + len(old)):
                new[step & (n - 1)] = old[step & self.ring.mask]
        cdef double[:, ::1] view = new
        self.data = new
        self.ring.mask = n - 1
        self.ring.slots = &view[0, 0] if self.ring.width else NULL

    def size_with(self, long delay_steps):
        """Bytes that it takes with delays up to `delay_steps`."""
        return power_of_two(delay_steps + 1) * self.ring.width * sizeof(double)

    def clear(self):
        """Nothing is on its way."""
        self.data[...] = 0.0

    def coming(self, long now):
        """A copy of all slots, that of step `now` first."""
        return self.data[(now + np.arange(len(self.data))) & self.ring.mask]

    def put(self, long now, delay_steps, columns, values):
        """Let `values` arrive `delay_steps` after step `now`, in these columns of the slots."""
        self.hold(delay_steps.max(initial=0), now)
        self.data[(now + delay_steps) & self.ring.mask, columns] = values


cdef class SpikeHistory:
    """Spikes of the last steps, for synapses that they reach after an axonal delay of `delay_steps`.

    Without room for more, spikes are lost and the network has the `failure`.
    """

    def __cinit__(self, long delay_steps, Failure failure not None):
        self.failure = failure
        self.mask = power_of_two(delay_steps + 2) - 1
        # and nothing in the lines of this, nor in those that a processor fetches along with them
        self.first = <long*> calloc(self.mask + 1 + 16, sizeof(long))
        self.capacity, self.now = 0, -1
        if self.first == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.first)
        free(self.index)
        free(self.factor)

    def clear(self):
        """There were no spikes."""
        cdef long i
        for i in range(self.mask + 1):
            self.first[i] = 0
        self.end, self.now = 0, -1

    def reaching(self, long delay_steps, long now):
        """This history if it reaches back `delay_steps`, else a longer one with the same spikes.

        `now` is the last step that was kept.
        """
        cdef long step, first, last
        if power_of_two(delay_steps + 2) - 1 <= self.mask:
            return self
        cdef SpikeHistory longer = SpikeHistory(delay_steps, self.failure)
        for step in range(max(0, now - self.mask + 1), now + 1):
            first, last = self.first[step & self.mask], self.first[(step + 1) & self.mask]
            longer.keep(step, self.index + first, self.factor + first, last - first)
        return longer

    def spikes(self, long now):
        """(step, index, factor) of the spikes that it reaches, `now` being the last step that was kept."""
        cdef long step, first, last, i
        found = []
        for step in range(max(0, now - self.mask + 1), now + 1):
            first, last = self.first[step & self.mask], self.first[(step + 1) & self.mask]
            found += [(step, self.index[i], self.factor[i]) for i in range(first, last)]
        step_, index, factor = zip(*found) if found else ((), (), ())
        return np.array(step_, np.int64), np.array(index, np.int32), np.array(factor, np.float64)

    def restore(self, const long[::1] step, const int[::1] index, const double[::1] factor, long now):
        """Hold these spikes, in order of their steps, `now` being the last step."""
        cdef long at, n, i = 0
        self.clear()
        while i < step.shape[0] and step[i] < max(0, now - self.mask + 1):
            i += 1
        for at in range(max(0, now - self.mask + 1), now + 1):
            n = 0
            while i + n < step.shape[0] and step[i + n] == at:
                n += 1
            self.keep(at, &index[i] if n else NULL, &factor[i] if n else NULL, n)
            i += n

    cdef void keep(self, long step, const int* index, const double* factor, Py_ssize_t n) noexcept nogil:
        """Append to the spikes of `step`, the latest one; they are first[step & mask] … first[(step + 1) & mask]."""
        cdef long oldest = self.first[(step + 2) & self.mask], i, capacity
        if self.end + n > self.capacity:
            # what the ring no longer reaches goes first; only then is more memory taken
            for i in range(self.end - oldest):
                self.index[i] = self.index[oldest + i]
                self.factor[i] = self.factor[oldest + i]
            for i in range(self.mask + 1):
                self.first[i] = self.first[i] - oldest if self.first[i] > oldest else 0
            self.end -= oldest
            if 2 * (self.end + n) > self.capacity:
                capacity = 2 * (self.end + n) + 64
                if (resized(<void**> &self.index, capacity * sizeof(int))
                        and resized(<void**> &self.factor, capacity * sizeof(double))):
                    self.capacity = capacity
                elif self.end + n > self.capacity:
                    self.failure.no_room(capacity * (sizeof(int) + sizeof(double)))
                    n = 0
        if n > 0:
            # a list that never had a spike has no memory, which memcpy must not be given
            memcpy(self.index + self.end, index, n * sizeof(int))
            memcpy(self.factor + self.end, factor, n * sizeof(double))
        self.end += n
        self.first[(step + 1) & self.mask] = self.end
