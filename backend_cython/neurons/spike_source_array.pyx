"""Sources that emit given spikes, each with a factor for the synaptic weight (1, if none is given)."""

import numpy as np

from backend_cython.declare import refuse

# a step before all steps, so that no run ever reaches it
NEVER = -1


cdef class SpikeSourceArray(Population):
    """Spikes at given times, merged into one list of events, so that a silent source costs nothing."""

    def allocate_states(self):
        self._assign(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0))

    def _assign(self, step, cell, factor):
        cdef long[::1] steps = np.append(step, NEVER)
        cdef int[::1] cells = np.append(cell, 0).astype(np.int32)
        cdef double[::1] factors = np.append(factor, 0.0)
        self._events = steps, cells, factors
        self.event_step = &steps[0]
        self.event_cell = &cells[0]
        self.event_factor = &factors[0]
        self.n_events = len(step)
        # spikes of step 0 are still to come as long as nothing has run
        self.next_event = np.searchsorted(step, self.network.step, side="right" if self.network.started else "left")

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
        cells = np.arange(self.size) if indices is None else np.asarray(indices)
        if len(times) != len(cells):
            raise ValueError(f"{owner}.spike_times: {len(times)} sequences for {len(cells)} sources")
        counts = np.fromiter(map(len, times), dtype=np.int64, count=len(times))
        flat = np.concatenate(times, dtype=np.float64) if len(times) > 1 else np.array(times[0], dtype=np.float64)
        if flat.ndim != 1:
            raise ValueError(f"{owner}.spike_times: one-dimensional sequences of numbers are needed")
        self._check_times(flat, counts, cells, owner)
        if weights is None:
            factor = np.ones(flat.size)
        else:
            factor = self._checked_factors(weights, counts, cells, owner)
        step = np.rint(flat / self.timestep).astype(np.int64)
        cell = np.repeat(cells, counts).astype(np.int32)
        if indices is not None:
            steps, owners, factors = (np.asarray(column)[:self.n_events] for column in self._events)
            keep = ~np.isin(owners, cells)
            step = np.concatenate([steps[keep], step])
            cell = np.concatenate([owners[keep], cell])
            factor = np.concatenate([factors[keep], factor])
        if len(cells) > 1 or indices is not None:
            # by step, then by cell: the order of emission must not depend on how the spikes were given
            order = np.lexsort((cell, step))
            step, cell, factor = step[order], cell[order], factor[order]
        self._assign(step, cell, factor)

    def _check_times(self, flat, counts, cells, owner):
        bad = np.flatnonzero(~(np.isfinite(flat) & (flat >= 0)))
        if bad.size:
            self._refuse("spike_times", flat, bad[0], counts, cells, owner, "finite and not negative")
        falls = np.diff(flat) < 0
        starts = np.cumsum(counts)
        starts = starts[(starts > 0) & (starts < flat.size)]
        falls[starts - 1] = False
        if falls.any():
            self._refuse("spike_times", flat, np.argmax(falls) + 1, counts, cells, owner,
                         "not smaller than the time before it (spike times must be sorted)")

    def _checked_factors(self, weights, counts, cells, owner):
        given = np.fromiter(map(len, weights), dtype=np.int64, count=len(weights))
        if len(given) != len(counts) or (given != counts).any():
            which = int(np.argmax(given != counts)) if len(given) == len(counts) else 0
            raise ValueError(f"{owner}.spike_weights: {given[which]} weights for {counts[which]} spike times "
                             f"(source {cells[which]}) is not allowed; there must be one weight a spike time")
        factor = np.concatenate(weights, dtype=np.float64) if len(weights) > 1 else np.array(weights[0], np.float64)
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
