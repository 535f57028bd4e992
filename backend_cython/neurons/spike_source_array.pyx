"""Sources that emit given spikes, each with a factor for the synaptic weight (1, if none is given)."""

from libc.float cimport DBL_MAX
from libc.math cimport INFINITY

from zlib import crc32

import numpy as np

cimport numpy as cnp

from backend_cython.model.schema import refuse
from backend_cython.model.snapshot import in_order
from backend_cython.engine.allocation import empty
from backend_cython.model.cells cimport Block, SpikeList, SpikeTrain, no_spikes, spikes_of
from backend_cython.numerics.search cimport n_before
from backend_cython.numerics.trains cimport MOST_EXACT, copy_within, steps_on_grid

cnp.import_array()


cdef enum:
    DIGIT = 11                     # bits of a step that are sorted at once
    DIGITS = 1 << DIGIT
    NEVER = -1                     # a step before all steps, so that no run ever reaches it


cdef Py_ssize_t fill_steps(const double* time, const long* count, const long* number, Py_ssize_t n_sources,
                           double timestep, long* step, int* cell, Py_ssize_t* most_at_once, bint* on_grid) noexcept:
    """Steps and cells of the spikes of sources with these numbers; the index of the first impossible time, or -1.

    `most_at_once` tells how many spikes a source has in one step at most, and `on_grid` whether every time is exactly
    its step × the time step.
    """
    cdef Py_ssize_t source, end, at = 0, at_once, most = 1
    cdef double before, farthest = 9e18 * timestep, rate = 1.0 / timestep, multiplied
    cdef long nearest, last
    cdef bint exact = True
    for source in range(n_sources):
        before = 0.0
        last, at_once = NEVER, 0
        end = at + count[source]
        while at < end:
            if not before <= time[at] < INFINITY:
                return at
            before = time[at]
            # a multiple of the time step, as most are, is found without a division
            multiplied = before * rate
            nearest = <long> (multiplied + 0.5) if multiplied < MOST_EXACT else -1
            if nearest * timestep != before:
                # to the nearest step, halves up
                nearest = <long> (before / timestep + 0.5) if before < farthest else 9_000_000_000_000_000_000
                exact &= nearest * timestep == before
            step[at] = nearest
            if cell != NULL:
                cell[at] = number[source]
            if nearest == last:
                at_once += 1
                most = max(most, at_once)
            else:
                last, at_once = nearest, 1
            at += 1
    most_at_once[0], on_grid[0] = most, exact
    return -1


cdef in_order_of_steps(const long* step, Py_ssize_t n):
    """The order of the first `n` steps, in which equal ones stay as they are; None if they are in order."""
    cdef Py_ssize_t i, k, at, total, start
    cdef long least = 0, most = 0
    cdef int shift = 0
    cdef Py_ssize_t[DIGITS] place
    cdef bint sorted = True
    for i in range(n):
        least = step[i] if i == 0 else min(least, step[i])
        most = step[i] if i == 0 else max(most, step[i])
        sorted &= i == 0 or step[i - 1] <= step[i]
    if sorted:
        return None
    first, second = np.empty(n, dtype=np.intp), np.empty(n, dtype=np.intp)
    cdef Py_ssize_t* order = <Py_ssize_t*> cnp.PyArray_DATA(first)
    cdef Py_ssize_t* other = <Py_ssize_t*> cnp.PyArray_DATA(second)
    while shift < 63 and (most - least) >> shift:
        for k in range(DIGITS):
            place[k] = 0
        for i in range(n):
            place[((step[i] - least) >> shift) & (DIGITS - 1)] += 1
        start = 0
        for k in range(DIGITS):
            total = place[k]
            place[k] = start
            start += total
        for i in range(n):
            at = i if shift == 0 else order[i]
            k = ((step[at] - least) >> shift) & (DIGITS - 1)
            other[place[k]] = at
            place[k] += 1
        order, other = other, order
        first, second = second, first
        shift += DIGIT
    return first


cdef joined(arrays):
    """(one float64 array of several, how long each is); a single one is not copied. A pair is that already."""
    if isinstance(arrays, tuple):
        return np.ascontiguousarray(arrays[0], dtype=np.float64), np.ascontiguousarray(arrays[1], dtype=np.int64)
    counts = np.fromiter(map(len, arrays), dtype=np.int64, count=len(arrays))
    if len(arrays) == 1:
        return np.ascontiguousarray(arrays[0], dtype=np.float64), counts
    return np.concatenate(arrays, dtype=np.float64) if len(arrays) else np.empty(0), counts


cdef void gather(const Py_ssize_t* order, Py_ssize_t n, const long* step, const int* cell, long* steps,
                 int* cells) noexcept:
    cdef Py_ssize_t i
    for i in range(n):
        steps[i] = step[order[i]]
        cells[i] = cell[order[i]]


cdef class SpikeSourceArray(Population):
    """Spikes at given times, merged into one list of events, so that a silent source costs nothing."""

    ONE_PARTITION = True

    def allocate_states(self):
        self._assign(np.full(1, NEVER), np.zeros(1, np.int32), np.zeros(1))

    def _assign(self, step, cell, factor, times=None):
        """Take over events in order of time; the last element of each array is for the end mark.

        `times` are needed if they do not all lie on the grid.

        A single source needs no cells of its events but as many zeros as it has spikes in one step.
        """
        cdef long* steps = <long*> cnp.PyArray_DATA(step)
        self.n_events = len(step) - 1
        steps[self.n_events] = NEVER
        self._events = step, cell, factor, times
        self._digest = None
        self.on_grid = times is None
        self.event_time = NULL if times is None else <const double*> cnp.PyArray_DATA(times)
        self.event_step = steps
        self.event_cell = <int*> cnp.PyArray_DATA(cell)
        self.event_factor = <double*> cnp.PyArray_DATA(factor)
        if self.size == 1:
            steady = len(cell) == 1 and self.n_events > 0 and steps[self.n_events - 1] - steps[0] == self.n_events - 1
            self.train = SpikeTrain(steps, self.event_factor, 0, 0, steady)
        # spikes of step 0 are still to come as long as nothing has run
        self.next_event = n_before(steps, self.n_events, self.network.step + (1 if self.network.started else 0))

    def digest(self):
        if self._digest is None:
            self._digest = crc32(b"".join(column[:self.n_events].tobytes() for column in self._events[:3]))
        return self._digest

    def rewind(self):
        self.next_event = 0

    def close(self):
        Population.close(self)
        self.allocate_states()

    def set_spikes(self, times, indices=None, weights=None, owner=None):
        """Give all sources, or those at `indices`, new spike times.

        Parameters
        ----------
        times : list of 1-d arrays, or pair of 1-d arrays
            ms, one sorted array a source. A spike is emitted at the step nearest to its time; times up to
            now are past. A pair is all of them in one array, and how many each source has.
        weights : list of 1-d arrays or pair, optional
            Factors of the same shapes.
        owner : str, optional
            The class to name in errors.

        Raises
        ------
        ValueError
            For times that are not finite, negative or unsorted, and for weights that do not match.
        """
        self.take_over_spikes(self.prepared_spikes(times, indices, weights, owner))

    def take_over_spikes(self, events):
        """Set what `prepared_spikes` has checked."""
        if events is not None:
            self._assign(*events)

    def prepared_spikes(self, times, indices=None, weights=None, owner=None):
        """What `take_over_spikes` needs to give sources these spikes: checked, and nothing has changed yet.

        Arguments and errors are those of `set_spikes`.
        """
        owner = owner or type(self).__name__
        cells = np.arange(self.size)
        if indices is not None:
            cells = np.ascontiguousarray(cells[indices])
        flat, counts = joined(times)
        if len(counts) != len(cells):
            raise ValueError(f"{owner}.spike_times: {len(counts)} sequences for {len(cells)} sources")
        if not len(cells):
            return None
        if flat.ndim != 1:
            raise ValueError(f"{owner}.spike_times: one-dimensional sequences of numbers are needed")
        cdef bint on_grid = True
        cdef Py_ssize_t n = flat.size, most_at_once = 1, fault = -1
        step, factor = empty(n + 1).view(np.int64), empty(n + 1)
        cell = None if self.size == 1 else np.empty(n + 1, dtype=np.int32)
        cdef const double* time_of = <const double*> cnp.PyArray_DATA(flat)
        if cell is not None or not steps_on_grid(n, time_of, self.timestep, <long*> cnp.PyArray_DATA(step)):
            fault = fill_steps(time_of, <const long*> cnp.PyArray_DATA(counts), <const long*> cnp.PyArray_DATA(cells),
                               len(cells), self.timestep, <long*> cnp.PyArray_DATA(step),
                               NULL if cell is None else <int*> cnp.PyArray_DATA(cell), &most_at_once, &on_grid)
        if fault >= 0:
            allowed = ("finite and not negative" if not 0 <= flat[fault] < np.inf else
                       "not smaller than the time before it (spike times must be sorted)")
            self._refuse("spike_times", flat, fault, counts, cells, owner, allowed)
        if weights is None:
            factor.fill(1.0)
        else:
            self._fill_factors(factor, weights, counts, cells, owner)
        time = None if on_grid and (indices is None or self.on_grid) else np.append(flat, 0.0)
        if cell is None:
            return step, np.zeros(most_at_once, dtype=np.int32), factor, time
        # by step, then by cell: the order of emission must not depend on how the spikes were given
        order = in_order_of_steps(<const long*> cnp.PyArray_DATA(step), n)
        if indices is not None:
            return self._among_others(cells, order, step, cell, factor, time)
        if order is None:
            return step, cell, factor, time
        steps_then, cells_then = np.empty(n + 1, dtype=np.int64), np.empty(n + 1, dtype=np.int32)
        gather(<const Py_ssize_t*> cnp.PyArray_DATA(order), n, <const long*> cnp.PyArray_DATA(step),
               <const int*> cnp.PyArray_DATA(cell), <long*> cnp.PyArray_DATA(steps_then),
               <int*> cnp.PyArray_DATA(cells_then))
        if weights is not None:
            factor[:n] = factor.take(order)
        if time is not None:
            time[:n] = time.take(order)
        return steps_then, cells_then, factor, time

    def _among_others(self, cells, order, step, cell, factor, time):
        """New events of `cells`, to be put in `order`, with those that the other cells have."""
        n = len(step) - 1
        order = np.arange(n + 1) if order is None else np.append(order, n)
        keep = np.append(~np.isin(self._events[1][:self.n_events], cells), False)
        if time is not None:
            before = self._events[0] * self.timestep if self.on_grid else self._events[3]
            time = np.concatenate([before[keep], time.take(order)])
        step, cell, factor = (np.concatenate([old[keep], new.take(order)])
                              for old, new in zip(self._events, (step, cell, factor)))
        n = len(step) - 1
        if step[:n].max(initial=0) < np.iinfo(np.int64).max // self.size - 1:
            # two pieces in order, which this kind of sort merges
            order = np.argsort(step[:n] * self.size + cell[:n], kind="stable")
        else:
            order = np.lexsort((cell[:n], step[:n]))
        order = np.append(order, n)
        return step.take(order), cell.take(order), factor.take(order), None if time is None else time.take(order)

    def factors(self, indices=None):
        """The factors of the spikes of all sources, or of those at `indices`, one array a source."""
        return self._by_source(self._events[2], indices)

    def times(self, indices=None):
        """Likewise the spike times in ms, exactly as given."""
        if self.on_grid:
            return [steps * self.timestep for steps in self._by_source(self._events[0], indices)]
        return self._by_source(self._events[3], indices)

    def _by_source(self, column, indices):
        column = column[:self.n_events]
        if self.size == 1:
            trains = [column.copy()]
            return trains if indices is None else [trains[i] for i in np.arange(1)[indices]]
        cells, cell = np.arange(self.size), self._events[1][:self.n_events]
        if indices is not None:
            wanted = cells[indices]
            cells = np.unique(wanted)
            here = np.flatnonzero(np.isin(cell, cells))
            column, cell = column[here], cell[here]
        order = np.argsort(cell, kind="stable")
        trains = np.split(column[order], np.searchsorted(cell[order], cells[1:]))
        return trains if indices is None else [trains[i] for i in np.searchsorted(cells, wanted)]

    def given(self):
        n, (step, cell, factor, time) = self.n_events, self._events
        cell = np.zeros(n, np.int64) if self.size == 1 else cell[:n].astype(np.int64)
        time = (step if time is None else time)[:n]
        return {"given": in_order([(cell, time * self.timestep if self.on_grid else time, factor[:n])], (0,))}

    def giving(self, tables):
        cell, time, factor = tables["given"]
        bounds = np.searchsorted(cell, np.arange(1, self.size))
        counts = np.diff(bounds, prepend=0, append=len(cell))
        events = self.prepared_spikes((time, counts), None, (factor, counts))
        return lambda: self.take_over_spikes(events)

    def _fill_factors(self, factor, weights, counts, cells, owner):
        flat, given = joined(weights)
        if len(given) != len(counts):
            raise ValueError(f"{owner}.spike_weights: {len(given)} sequences for {len(counts)} sources")
        if (given != counts).any():
            which = int(np.argmax(given != counts))
            raise ValueError(f"{owner}.spike_weights: {given[which]} weights for {counts[which]} spike times "
                             f"(source {cells[which]}) is not allowed; there must be one weight a spike time")
        if flat.ndim != 1:
            raise ValueError(f"{owner}.spike_weights: one-dimensional sequences of numbers are needed")
        if not copy_within(len(flat), <const double*> cnp.PyArray_DATA(flat), -DBL_MAX, DBL_MAX,
                           <double*> cnp.PyArray_DATA(factor)):
            bad = int(np.argmin(np.isfinite(flat)))
            self._refuse("spike_weights", flat, bad, counts, cells, owner, "finite")

    def _refuse(self, name, flat, position, counts, cells, owner, allowed):
        source = cells[np.searchsorted(np.cumsum(counts), position, side="right")]
        refuse(owner, name, f"{flat[position]}{" ms" * (name == "spike_times")} (source {source})", allowed)

    cdef void start(self) noexcept nogil:
        self.step(0, self.first_partition)

    cdef void step(self, long now, int partition) noexcept nogil:
        self.step_through(now, now, partition)

    cdef void step_through(self, long first, long last, int partition) noexcept nogil:
        if not self.listed:
            self.pass_train(first, last)
            return
        # all in variables of its own: for a compiler, what is written into the lists could be any of it
        cdef Block block = self.block[partition]
        cdef SpikeList* spikes
        cdef const long* due = self.event_step
        cdef const int* cell = self.event_cell
        cdef const double* factor = self.event_factor
        cdef const double* time = self.event_time
        cdef Py_ssize_t i = self.next_event, per_event = 1 if self.size > 1 else 0, n
        cdef long now
        # the end mark is the largest number without a sign
        cdef unsigned long end = last
        no_spikes(&block, first, last)
        while <unsigned long> due[i] <= end:
            now = due[i]
            n = 1
            while due[i + n] == now:
                n += 1
            spikes = spikes_of(&block, now)
            block.some[now & block.slot_mask] = True
            # the spikes of this step are a stretch of the event list: no copy
            spikes.index = cell + per_event * i
            spikes.factor = factor + i
            spikes.due = time + i if time != NULL else NULL
            spikes.n = n
            i += n
        self.next_event = i

    cdef void pass_train(self, long first, long last) noexcept nogil:
        """The same for those who read the train."""
        cdef Py_ssize_t i = self.next_event
        self.train.first = i
        if self.train.steady:
            i = max(i, min(self.n_events, last + 1 - self.event_step[0]))
        else:
            while i < self.n_events and self.event_step[i] <= last:
                i += 1
        self.train.last = self.next_event = i
