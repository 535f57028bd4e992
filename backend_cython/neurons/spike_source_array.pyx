"""Sources that emit given spikes, each with a factor for the synaptic weight (1, if none is given)."""

from libc.math cimport INFINITY, fmin

import numpy as np

from backend_cython.declare import refuse

# a step before all steps, so that no run ever reaches it
NEVER = -1


cdef Py_ssize_t fill_events(const double[::1] times, const long[::1] counts, const long[::1] cells, double timestep,
                            long[::1] step, int[::1] cell) noexcept:
    """Steps and cells of the spikes of several sources; the place of the first impossible time, or -1."""
    cdef Py_ssize_t source, end, at = 0
    cdef double before
    for source in range(counts.shape[0]):
        before = 0.0
        end = at + counts[source]
        while at < end:
            if not before <= times[at] < INFINITY:
                return at
            before = times[at]
            step[at] = <long> fmin(times[at] / timestep + 0.5, 9e18)       # to the nearest, halves up
            cell[at] = <int> cells[source]
            at += 1
    return -1


cdef class SpikeSourceArray(Population):
    """Spikes at given times, merged into one list of events, so that a silent source costs nothing."""

    def allocate_states(self):
        self._assign(np.full(1, NEVER), np.zeros(1, np.int32), np.zeros(1))

    def _assign(self, long[::1] step, int[::1] cell, double[::1] factor):
        """Take over events in order of time; the last place of each array is for the end mark."""
        self.n_events = step.shape[0] - 1
        step[self.n_events] = NEVER
        self._events = np.asarray(step), np.asarray(cell), np.asarray(factor)
        self.event_step = &step[0]
        self.event_cell = &cell[0]
        self.event_factor = &factor[0]
        # spikes of step 0 are still to come as long as nothing has run
        self.next_event = np.searchsorted(self._events[0][:self.n_events], self.network.step,
                                          side="right" if self.network.started else "left")

    def rewind(self):
        self.next_event = 0

    def set_spikes(self, times, indices=None, weights=None, owner=None):
        """Give all sources, or those at `indices`, new spike times.

        Parameters
        ----------
        times : list of 1-d arrays
            ms, one sorted array a source. A spike is emitted at the step nearest to its time; times up to
            now are past.
        weights : list of 1-d arrays, optional
            Factors of the same shapes.
        owner : str, optional
            The class to name in errors.

        Raises
        ------
        ValueError
            For times that are not finite, negative or unsorted, and for weights that do not match.
        """
        owner = owner or type(self).__name__
        cells = np.arange(self.size) if indices is None else np.arange(self.size)[indices]
        if len(times) != len(cells):
            raise ValueError(f"{owner}.spike_times: {len(times)} sequences for {len(cells)} sources")
        if not len(cells):
            return
        counts = np.fromiter(map(len, times), dtype=np.int64, count=len(times))
        flat = np.concatenate(times, dtype=np.float64) if len(times) > 1 else np.ascontiguousarray(times[0], np.float64)
        if flat.ndim != 1:
            raise ValueError(f"{owner}.spike_times: one-dimensional sequences of numbers are needed")
        step, cell = np.empty(flat.size + 1, dtype=np.int64), np.empty(flat.size + 1, dtype=np.int32)
        fault = fill_events(flat, counts, cells, self.timestep, step, cell)
        if fault >= 0:
            allowed = ("finite and not negative" if not 0 <= flat[fault] < np.inf else
                       "not smaller than the time before it (spike times must be sorted)")
            self._refuse("spike_times", flat, fault, counts, cells, owner, allowed)
        factor = np.empty(flat.size + 1)
        factor[:flat.size] = 1.0 if weights is None else self._checked_factors(weights, counts, cells, owner)
        if indices is not None:
            keep = np.append(~np.isin(self._events[1][:self.n_events], cells), False)
            step, cell, factor = (np.concatenate([old[keep], new]) for old, new in zip(self._events, (step, cell, factor)))
        if len(cells) > 1 or indices is not None:
            # by step, then by cell: the order of emission must not depend on how the spikes were given
            n = len(step) - 1
            order = np.append(np.lexsort((cell[:n], step[:n])), n)
            step, cell, factor = step[order], cell[order], factor[order]
        self._assign(step, cell, factor)

    def factors(self, indices=None):
        """The factors of the spikes of all sources, or of those at `indices`, one array a source."""
        _, cell, factor = (column[:self.n_events] for column in self._events)
        if self.size == 1:
            return [factor.copy()] * len(np.zeros(1)[slice(None) if indices is None else indices])
        order = np.argsort(cell, kind="stable")
        trains = np.split(factor[order], np.searchsorted(cell[order], np.arange(1, self.size)))
        return trains if indices is None else [trains[i] for i in np.arange(self.size)[indices]]

    def _checked_factors(self, weights, counts, cells, owner):
        given = np.fromiter(map(len, weights), dtype=np.int64, count=len(weights))
        if len(given) != len(counts):
            raise ValueError(f"{owner}.spike_weights: {len(given)} sequences for {len(counts)} sources")
        if (given != counts).any():
            which = int(np.argmax(given != counts))
            raise ValueError(f"{owner}.spike_weights: {given[which]} weights for {counts[which]} spike times "
                             f"(source {cells[which]}) is not allowed; there must be one weight a spike time")
        factor = np.concatenate(weights, dtype=np.float64) if len(weights) > 1 else np.asarray(weights[0], np.float64)
        bad = np.flatnonzero(~np.isfinite(factor))
        if bad.size:
            self._refuse("spike_weights", factor, bad[0], counts, cells, owner, "finite")
        return factor

    def _refuse(self, name, flat, position, counts, cells, owner, allowed):
        source = cells[np.searchsorted(np.cumsum(counts), position, side="right")]
        refuse(owner, name, f"{flat[position]} (source {source})", allowed)

    cdef void start(self) noexcept nogil:
        self.step(0)

    cdef void step(self, long now) noexcept nogil:
        cdef const long* due = self.event_step + self.next_event
        cdef Py_ssize_t n = 0
        while due[n] == now:
            n += 1
        # the spikes of this step are a stretch of the event list: no copy
        self.spike_index = self.event_cell + self.next_event
        self.spike_factor = self.event_factor + self.next_event
        self.n_spikes = n
        self.next_event += n
