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
from backend_cython.numerics.time_grid cimport are_steady, find_steps, most_together
from backend_cython.numerics.trains cimport copy_within
from backend_cython.numerics.sorting import put_in_order
from backend_cython.numerics.trains import joined

cnp.import_array()


cdef enum:
    NEVER = -1                     # a step before all steps, so that no run ever reaches it


cdef Py_ssize_t fill_steps(const double* time, const long* count, Py_ssize_t n_sources, double timestep, long* step,
                           bint* on_grid) noexcept nogil:
    """Steps of the spikes of sources, and whether every time is exactly its step × the time step; the index of the
    first impossible time, or -1.
    """
    cdef Py_ssize_t source, end, i, at = 0
    cdef double before, farthest = 9e18 * timestep
    for source in range(n_sources):
        end = at + count[source]
        if not find_steps(count[source], time + at, timestep, step + at, on_grid):
            before = 0.0
            on_grid[0] = False
            for i in range(at, end):
                if not before <= time[i] < INFINITY:
                    return i
                before = time[i]
                step[i] = <long> (before / timestep + 0.5) if before < farthest else 9_000_000_000_000_000_000
        at = end
    return -1


cdef in_one(arrays, owner, name):
    """(one float64 array of several, how long each is). A pair is that already."""
    if isinstance(arrays, tuple):
        found = np.ascontiguousarray(arrays[0], dtype=np.float64), np.ascontiguousarray(arrays[1], dtype=np.int64)
    else:
        found = joined([np.require(array, np.float64, "A") for array in arrays])
    if found is None or found[0].ndim != 1:
        raise ValueError(f"{owner}.{name}: one-dimensional sequences of numbers are needed")
    return found


cdef with_end(column):
    """A copy with room for the end mark."""
    longer = np.zeros(len(column) + 1, column.dtype)
    longer[:len(column)] = column
    return longer


cdef class SpikeSourceArray(Population):
    """Spikes at given times, merged into one list of events, so that a silent source costs nothing."""

    ONE_PARTITION = True

    def allocate_states(self):
        self._assign(np.full(1, NEVER), np.zeros(1, np.int32), np.zeros(1))

    def _assign(self, step, cell, factor, times=None):
        """Take over events in order of time; the last element of each array but of factors is for the end mark.

        `times` are needed if they do not all lie on the grid.

        A single source needs no cells of its events but as many zeros as it has spikes in one step. If it has one in
        each of some steps, these may be a `range`.
        """
        cdef bint steady = isinstance(step, range)
        # spikes of step 0 are still to come as long as nothing has run
        cdef long now = self.network.step + (1 if self.network.started else 0)
        self._events = step, cell, factor, times
        self._digest = None
        self.on_grid = times is None
        self.event_time = NULL
        if not self.on_grid:
            self.event_time = <const double*> cnp.PyArray_DATA(times)
        self.event_cell = <int*> cnp.PyArray_DATA(cell)
        self.event_factor = <double*> cnp.PyArray_DATA(factor)
        self.n_events = len(step) - 1
        if steady:
            self.first_step = step.start
            self.event_step = &self.first_step
            self.next_event = min(max(now - self.first_step, 0), self.n_events)
        else:
            step[self.n_events] = NEVER
            self.event_step = <const long*> cnp.PyArray_DATA(step)
            self.next_event = n_before(self.event_step, self.n_events, now)
        if self.size == 1:
            self.train = SpikeTrain(self.event_step, self.event_factor, 0, 0, steady)
        if self.listed and not self.network.changed:
            self._write_out()

    def _write_out(self):
        """Have all steps in memory, from which lists of spikes are made."""
        if isinstance(self._events[0], range):
            step = np.arange(self.first_step, self.first_step + self.n_events + 1)
            step[self.n_events] = NEVER
            self._events = step, *self._events[1:]
            self.event_step = self.train.step = <const long*> cnp.PyArray_DATA(step)

    def _steps(self):
        """Those of all events."""
        step = self._events[0][:self.n_events]
        return np.arange(step.start, step.stop) if isinstance(step, range) else step

    def watch_spikes(self):
        Population.watch_spikes(self)
        self._write_out()

    def read_spikes(self, bint unlisted):
        Population.read_spikes(self, unlisted)
        if self.listed:
            self._write_out()

    def digest(self):
        if self._digest is None:
            columns = self._steps(), *(column[:self.n_events] for column in self._events[1:3])
            self._digest = crc32(b"".join(column.tobytes() for column in columns))
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

    def prepared_spikes(self, times, indices=None, weights=None, owner=None, lasting=False):
        """What `take_over_spikes` needs to give sources these spikes: checked, and nothing has changed yet.

        Arguments and errors are those of `set_spikes`. `lasting` weights are checked already, and nobody will change
        them, so that those of a single source need not be copied.
        """
        owner = owner or type(self).__name__
        cells = np.arange(self.size)
        if indices is not None:
            cells = np.ascontiguousarray(cells[indices])
        flat, counts = in_one(times, owner, "spike_times")
        if len(counts) != len(cells):
            raise ValueError(f"{owner}.spike_times: {len(counts)} sequences for {len(cells)} sources")
        if not len(cells):
            return None
        cdef bint on_grid = True, alone = self.size == 1
        cdef Py_ssize_t n = flat.size, fault
        cdef const double* time_of = <const double*> cnp.PyArray_DATA(flat)
        cdef long first
        if alone and are_steady(n, time_of, self.timestep, &first):
            step, cell = range(first, first + n + 1), np.zeros(1, dtype=np.int32)
        else:
            step = empty(n + 1).view(np.int64)
            fault = fill_steps(time_of, <const long*> cnp.PyArray_DATA(counts), len(cells), self.timestep,
                               <long*> cnp.PyArray_DATA(step), &on_grid)
            if fault >= 0:
                allowed = ("finite and not negative" if not 0 <= flat[fault] < np.inf else
                           "not smaller than the time before it (spike times must be sorted)")
                self._refuse("spike_times", flat, fault, counts, cells, owner, allowed)
            if alone:
                cell = np.zeros(most_together(n, <const long*> cnp.PyArray_DATA(step)), dtype=np.int32)
            else:
                cell = with_end(cells.astype(np.int32).repeat(counts))
        if weights is None:
            factor = empty(n + 1)
            factor.fill(1.0)
        else:
            factor = self._factors(weights, counts, cells, owner, alone and lasting)
        time = None if on_grid and (indices is None or self.on_grid) else with_end(flat)
        if alone:
            return step, cell, factor, time
        # by step, then by cell: the order of emission must not depend on how the spikes were given
        order = put_in_order(step, n)
        if order is not None:
            for column in (cell, None if weights is None else factor, time):
                if column is not None:
                    column[:n] = column.take(order)
        return (step, cell, factor, time) if indices is None else self._among_others(cells, step, cell, factor, time)

    def _among_others(self, cells, step, cell, factor, time):
        """New events of `cells` with those that the other cells have."""
        keep = with_end(~np.isin(self._events[1][:self.n_events], cells))
        if time is not None:
            before = self._events[0] * self.timestep if self.on_grid else self._events[3]
            time = np.concatenate([before[keep], time])
        step, cell, factor = (np.concatenate([old[keep], new]) for old, new in zip(self._events, (step, cell, factor)))
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
            return [steps * self.timestep for steps in self._by_source(self._steps(), indices)]
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
        n, step, (_, cell, factor, time) = self.n_events, self._steps(), self._events
        cell = np.zeros(n, np.int64) if self.size == 1 else cell[:n].astype(np.int64)
        time = (step if time is None else time)[:n]
        return {"given": in_order([(cell, time * self.timestep if self.on_grid else time, factor[:n])], (0,))}

    def giving(self, tables):
        cell, time, factor = tables["given"]
        bounds = np.searchsorted(cell, np.arange(1, self.size))
        counts = np.diff(bounds, prepend=0, append=len(cell))
        events = self.prepared_spikes((time, counts), None, (factor, counts))
        return lambda: self.take_over_spikes(events)

    def _factors(self, weights, counts, cells, owner, as_they_are):
        flat, given = in_one(weights, owner, "spike_weights")
        if len(given) != len(counts):
            raise ValueError(f"{owner}.spike_weights: {len(given)} sequences for {len(counts)} sources")
        if (given != counts).any():
            which = int(np.argmax(given != counts))
            raise ValueError(f"{owner}.spike_weights: {given[which]} weights for {counts[which]} spike times "
                             f"(source {cells[which]}) is not allowed; there must be one weight a spike time")
        if as_they_are:
            return flat
        factor = empty(len(flat) + 1)
        if not copy_within(len(flat), <const double*> cnp.PyArray_DATA(flat), -DBL_MAX, DBL_MAX,
                           <double*> cnp.PyArray_DATA(factor)):
            bad = int(np.argmin(np.isfinite(flat)))
            self._refuse("spike_weights", flat, bad, counts, cells, owner, "finite")
        return factor

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
