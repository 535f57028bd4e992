"""What a rule implements, and what it gets for it: synapses of a projection, mostly those that one partition has."""

from libc.limits cimport LONG_MAX
from libc.stdlib cimport calloc, free

import numpy as np

from .cells cimport SpikeList, any_spikes_of
from .ring_buffers cimport SpikeHistory

# A delay that limits nothing, and the longest one that is allowed (steps).
LONGEST = 1 << 30


cdef Rows rows_between(const long[::1] begin, const long[::1] end, int first_part, int last_part):
    cdef const long[::1] rows = np.flatnonzero(np.subtract(end, begin))
    cdef Py_ssize_t n = rows.shape[0]
    if n and n == rows[n - 1] + 1 - rows[0] == end[rows[n - 1]] - begin[rows[0]]:
        return Rows(&begin[0], &end[0], first_part, last_part, rows[0], rows[n - 1] + 1)
    return Rows(&begin[0], &end[0], first_part, last_part, 0, 0)


cdef class SynapseGroup(Sampled):
    """Those connections of a `Projection` whose targets belong to one partition, and that have one axonal delay.

    A thread delivers the spikes to the groups of its partition. Connections are ordered as those of the projection;
    a connection has another number in its group, and nobody but the projection knows of groups. Those of an `UNDIVIDED`
    rule are one group for each axonal delay, from which each thread has its `SynapsePart`.

    A rule declares `PARAMETERS`, `STATES` and `RECORDABLES`, and implements `allocate_states`, `transmit`, `store` and
    `fetch`; one with states, `write_states` as well. `RECORDABLES` (name: unit) can be recorded at events; those that
    are in `variables` too, on a grid of time.

    Parameters
    ----------
    projection : Projection
    partition : int
    axonal_steps : int
        Steps from the presynaptic cell to the synapse.
    pre_index, post_index, delay : arrays of int32
        Checked, in the order of connections; `delay` in steps from the synapse to the target.
    """

    PARAMETERS = {}
    STATES = {}
    RECORDABLES = {"weight": "nA or uS"}
    # whether spikes are delivered to a receptor; else a single group has all connections, wherever the targets are
    DELIVERS = True
    # whether the connections have random streams
    DRAWS = False
    # whether `deliver` has something to do only if there are spikes, or from step `next_call` on, which it sets
    WAITS = True
    # whether what it transmits follows from the spikes alone, so that it can go ahead with its sources
    FORESEEABLE = False
    # whether one group has the synapses of several partitions, so that one thread alone goes through whole rows. Such a
    # rule has its targets by position, and no state that two parts would write
    UNDIVIDED = False
    # whether the spikes of its targets matter, by partition
    FOLLOWS_TARGETS = False
    # the class of what the groups of a projection share, with those of other processes; see `Common`
    COMMON = None

    def __init__(self, projection, int partition, long axonal_steps, pre_index, const int[::1] target, delay):
        self.owner = projection.owner
        self.network, self.pre, self.post = projection.network, projection.pre, projection.post
        self.receptor, self.common, self.axons = projection.receptor, projection.common, projection.axons
        self.partition, self.axonal_steps = partition, axonal_steps
        self.n_parts = 1
        if self.UNDIVIDED and target.shape[0]:
            self.n_parts = self.post.partitions_of(np.max(target)) + 1 - partition
        self._logs, self._initial, self._private = {}, {}, {}
        self.logs = <PyObject**> calloc(len(self.RECORDABLES) * self.n_parts + 1, sizeof(PyObject*))
        if self.logs == NULL:
            raise MemoryError
        self._follow_sources()
        self.ring = &self.post.input_buffer.ring
        self.size = target.shape[0]
        # of the same type, so that there is no copy of all indices
        cdef long[::1] row_start = np.searchsorted(
            pre_index, np.arange(self.pre.size + 1, dtype=np.int32)).astype(np.int64)
        self._row_start = np.asarray(row_start)
        self.row_start = &row_start[0]
        self.inputs = self.receptor * self.post.stride
        if self.UNDIVIDED:
            # positions instead of numbers of cells, since there may be padding between partitions
            target = self.post.positions_of(np.asarray(target))
            self.own = rows_between(self._row_start[:self.pre.size], self._row_start[1:], 0, self.n_parts)
        else:
            self.inputs += self.post.offset(partition)
            self.own = Rows(self.row_start, self.row_start + 1, 0, 1, 0, 0)
        self._target = np.asarray(target)
        self.first_row, self.last_row = 0, self.pre.size
        if self.size and not self.pre.ONE_PARTITION:
            self.first_row, self.last_row = pre_index[0], pre_index[self.size - 1] + 1
        self.target = &target[0] if self.size else NULL
        self.assign_delays(delay)
        self.allocate_states()

    def __dealloc__(self):
        free(self.logs)

    def _follow_sources(self):
        """Find out where spikes come from."""
        self.sources = self.pre.sources_for(self.partition, &self.n_sources)
        self.as_told = self.sources != self.pre.block + self.pre.first_block
        self._follow_at_once()

    def _follow_all_sources(self):
        """Let spikes come from the lists of all partitions, for one thread that has computed them."""
        self.sources, self.n_sources = self.pre.block + self.pre.first_block, self.pre.n_blocks
        self.as_told = False
        self._follow_at_once()

    def follow_whole(self, bint whole):
        """The same, or from the list of cells that it steps as a `whole`."""
        self._follow_all_sources()
        if whole:
            self.sources, self.n_sources = &self.pre.block[self.pre.whole], 1
            self._follow_at_once()

    def _follow_at_once(self):
        self.direct = self.n_sources == 1 and self.axonal_steps == 0
        self.waits = self.axonal_steps == 0 and self.WAITS

    # ---- what a rule implements

    @classmethod
    def check_ends(cls, pre, post, receptor, owner):
        """Refuse cells (models, or populations of them) or a receptor with which the rule cannot work."""

    @classmethod
    def third_parties(cls):
        """Populations whose spikes all synapses of this kind read, besides those of the presynaptic cells."""
        return []

    def allocate_states(self):
        """Create the rule's arrays, one number for each of `size` connections; `publish` those that can be sampled."""

    # `values` are {name: number or float64 array, one a connection}, units as in PARAMETERS or STATES, each allowed by
    # itself; `where` chooses these connections of the group: a slice, or an array of numbers

    def check_together(self, values, where):
        """Refuse values of parameters that contradict each other or the present ones.

        Nothing may change. A ValueError names `owner`, the parameter, its value and what is allowed.
        """

    def reserve(self, values, where):
        """Get the memory that `store` will need for these values; it finds what is returned here as `reserved`."""

    def store(self, values, where):
        """Take over values of parameters, as of now; nothing can be refused any more."""
        raise NotImplementedError

    def fetch(self, name):
        """A new array of the values of a parameter, as they are now, one a connection."""
        raise NotImplementedError

    def join(self):
        """Take what network and target have to give, once nothing can be refused any more."""

    def write_states(self, values, where):
        """Take over values of state variables, as of now."""
        raise NotImplementedError

    def check_states(self, values, where, owner):
        """Refuse values of state variables that contradict each other or the parameters."""

    def relax(self):
        """Set the state of the synapses back as it was at first; weights, time and random numbers go on."""

    def rewind(self):
        """The same, with weights, time and random numbers back at the start of a run."""
        self.relax()

    def affected(self, parameters, where):
        """Presynaptic cells of which all connections are brought up to date when these parameters are set."""
        return np.empty(0, dtype=np.int64)

    def affect(self, rows):
        """The next `store` brings these rows up to date as well: groups of other partitions have `affected` them."""

    cdef void transmit(
        self, const Rows* of, const int* rows, const double* factors, Py_ssize_t n, long now
    ) noexcept nogil:
        """`n` spikes of presynaptic cells `rows`, with their factors, reach their synapses at step `now`.

        The connections of cell i are of.begin[i] … of.end[i] - 1: others may be another thread's. What connection k
        transmits belongs into ``slot(ring, now + delay[k])[column_of_targets() + target[k]]``.
        """

    cdef bint has_far_rows(self) noexcept nogil:
        """Whether the processor should begin to fetch rows by `fetch_synapses` before others have been transmitted."""
        return False

    cdef void fetch_synapses(self, const Rows* of, const int* rows, Py_ssize_t n) noexcept nogil:
        """Let it begin to fetch what `transmit` is going to read."""

    cdef void before_spikes(self, const Rows* of, long now) noexcept nogil:
        """What happens to these synapses at step `now` before presynaptic spikes reach them, if the rule `WAITS` not.
        """

    cdef void after_spikes(self, const Rows* of, long now) noexcept nogil:
        """What happens to them afterwards."""

    # ---- saving; a rule whose state is more than what it declares by `private` implements these

    def private(self, name, array):
        """Declare that an array, one number a connection, is state besides the parameters; returns it."""
        self._private[name] = np.asarray(array)
        return array

    def memory(self):
        """The state besides the parameters, {name: array, one number a connection}."""
        return dict(self._private)

    def recall(self, memory, arrived):
        """Take over what `memory` returned, and of `arrived` the spikes of the partition; parameters are set."""
        for name, values in memory.items():
            self._private[name][:] = values

    def arrived_spikes(self):
        """(step, cell, factor) of postsynaptic spikes that are still to reach synapses."""
        return np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0)

    def records(self):
        """{name: (connection, column, ...)}, any number of records of each connection, in their order."""
        return {}

    def recall_records(self, tables):
        """Take them over, after `recall`."""

    # ---- the step loop

    def wake(self):
        """A run begins, and anything may have changed: `deliver` is called at its first step."""
        self.next_call = 0
        self.fetches = self.axonal_steps == 0 and self.has_far_rows()

    cdef void deliver(self, long now) noexcept nogil:
        """What happens at step `now`."""
        self.now = now
        self.wait_until(LONG_MAX)
        if self.waits:
            self.deliver_spikes(now)
            return
        self.before_spikes(&self.own, now)
        self.deliver_spikes(now)
        self.after_spikes(&self.own, now)

    cdef void fetch_rows(self, long now) noexcept nogil:
        """Before `deliver`: fetch the synapses that the spikes of step `now` reach."""
        cdef const SpikeList* spikes
        cdef int i
        for i in range(self.n_sources):
            spikes = any_spikes_of(&self.sources[i], now)
            if spikes != NULL:
                self.fetch_synapses(&self.own, spikes.index, spikes.n)

    cdef void deliver_through(self, long first, long last) noexcept nogil:
        """What happens in the steps `first` … `last`, if that is foreseeable."""
        cdef long now
        for now in range(first, last + 1):
            self.deliver(now)

    cdef void deliver_all(self, long now) noexcept nogil:
        """Transmit the presynaptic spikes that leave the axons in step `now`."""
        cdef const SpikeList* spikes
        cdef int partition
        if self.axonal_steps:
            for partition in range(self.partition, self.partition + self.own.last_part - self.own.first_part):
                self.follow_axons(<SpikeHistory> self.axons.item[partition], now)
            self.deliver_from_axons(<SpikeHistory> self.axons.item[self.partition], now)
            return
        for partition in range(self.n_sources):
            spikes = any_spikes_of(&self.sources[partition], now)
            if spikes != NULL and self.reached_from(&self.sources[partition]):
                self.transmit(&self.own, spikes.index, spikes.factor, spikes.n, now)
                if self.pre.counted.rows != NULL:
                    # those of all partitions
                    return

    cdef void follow_axons(self, SpikeHistory axons, long now) noexcept nogil:
        """Keep the spikes of step `now`, unless a group with another delay has done so."""
        cdef const SpikeList* spikes
        cdef int i
        if axons.now == now:
            return
        axons.now = now
        for i in range(self.n_sources):
            spikes = any_spikes_of(&self.sources[i], now)
            if spikes == NULL:
                spikes = &self.pre.none
            axons.keep(now, spikes.index, spikes.factor, spikes.n)

    cdef void deliver_from_axons(self, SpikeHistory axons, long now) noexcept nogil:
        cdef long first = axons.first[(now - self.axonal_steps) & axons.mask]
        cdef long last = axons.first[(now - self.axonal_steps + 1) & axons.mask]
        if last > first:
            self.transmit(&self.own, axons.index + first, axons.factor + first, last - first, now)

    cdef void sample(self, long variable, const long* indices, Py_ssize_t n, double* out) noexcept nogil:
        self.sample_at(self.now, variable, indices, n, out)

    cdef void sample_at(self, long now, long variable, const long* indices, Py_ssize_t n, double* out) noexcept nogil:
        """The variable of some connections at step `now`, to which these have come."""
        Sampled.sample(self, variable, indices, n, out)

    # ---- what engine and projection ask for

    def longest_delay(self):
        """From the synapse to the target, in steps."""
        return max(1, int(self._delay.max(initial=1)))

    def is_foreseeable(self):
        """Whether all that it transmits follows from the spikes of sources, which go ahead."""
        return self.FORESEEABLE and self.axonal_steps == 0 and self.pre.replicated

    def reads_train(self):
        """Whether it reads the spikes of its presynaptic cell as a train, if there are no lists of them."""
        return False

    def reads_counts(self):
        """Whether it needs no more than how many spikes each presynaptic cell has, if there are no lists of them."""
        return False

    def can_go_ahead(self):
        """Whether it is known for some steps when there is something to do."""
        return self.direct and self.waits and self.pre.replicated

    def reaches_dendrites(self):
        """Whether its receptor is one of a dendrite."""
        return self.post.RECEPTORS[self.receptor] in self.post.LEARNABLE

    @property
    def pre_index(self):
        """The presynaptic cell of each connection."""
        return np.repeat(np.arange(self.pre.size), np.diff(self._row_start))

    @property
    def post_index(self):
        """The postsynaptic cell of each connection."""
        return self.post.cells_at(self._target) if self.UNDIVIDED else self._target

    def parts_of(self, connections):
        """To which part of the group each of these connections belongs."""
        return self.post.partitions_of(self.post_index[connections]) - self.partition

    def by_part(self, connections):
        """[positions in `connections` of those of each part]."""
        if self.n_parts == 1:
            return [slice(None)]
        parts = self.parts_of(connections)
        return [np.flatnonzero(parts == part) for part in range(self.n_parts)]

    @property
    def delay_steps(self):
        """Steps from the synapse to the target, one a connection."""
        return self._delay

    def assign_delays(self, values):
        """Take over checked delays (int32), in steps from the synapse to the target."""
        cdef int[::1] delay = values
        self._delay = values
        self.delay = &delay[0] if self.size else NULL
        self.shortest_delay = values.min() if self.size else LONGEST
        self.one_delay = self.size > 0 and values.max() == self.shortest_delay

    def initialize(self, values, where):
        """Set states (checked values) of the connections `where`, now and at every reset."""
        self.write_states(values, where)
        for name, given in values.items():
            self._initial.setdefault(name, np.full(self.size, np.nan))[where] = given

    def initial(self, name):
        """What a state variable is set to at a reset, one value a connection."""
        default = self.STATES[name].default
        values = self.fetch(default) if isinstance(default, str) else np.full(self.size, default)
        given = self._initial.get(name, np.nan)
        return np.where(np.isnan(given), values, given)

    def value(self, name):
        """Values of a variable (of those in `variables`) as they are now, one a connection."""
        cdef long number = self.variables[name]
        cdef long[::1] indices = np.arange(self.size)
        cdef double[::1] values = np.empty(self.size)
        if self.size:
            self.sample(number, &indices[0], self.size, &values[0])
        return np.asarray(values)

    def record_events(self, where, str variable):
        """Log the value of a variable (of RECORDABLES) at each presynaptic spike, for the connections `where`."""
        if variable not in self._logs:
            self.log_as(variable, [EventLog(self.size, self.network.failure) for _ in range(self.n_parts)])
        where = np.arange(self.size)[where]
        for log, own in zip(self._logs[variable], self.by_part(where)):
            log.select(where[own])

    cdef int log_as(self, str variable, list logs) except -1:
        cdef int first = list(self.RECORDABLES).index(variable) * self.n_parts, part
        self._logs[variable] = logs
        for part in range(self.n_parts):
            self.logs[first + part] = <PyObject*> logs[part]
        self.logging = True
        self.pre.watch_spikes()
        if variable == "weight":
            self.log = logs[0]
        return 0

    def events_of(self, variable):
        """Logged so far: (connection, step of the presynaptic spike, value), in order of time in each part."""
        found = [log.read() for log in self._logs[variable]]
        connection, step, value = found[0] if len(found) == 1 else map(np.concatenate, zip(*found))
        return connection, step - self.axonal_steps if self.axonal_steps else step, value

    def count_events(self, variable):
        """Number of events of a variable logged so far."""
        return sum(map(len, self._logs[variable]))

    def clear_events(self, variable=None):
        """Forget the events of one variable, or of all of them."""
        for logs in self._logs.values() if variable is None else [self._logs[variable]]:
            for log in logs:
                log.clear()

    def restore_events(self, variable, const int[::1] connection, const long[::1] step, const double[::1] value):
        """Have logged these events, in order of time, and no others."""
        cdef const long[::1] part = self.parts_of(np.asarray(connection))
        cdef Py_ssize_t i
        logs = self._logs[variable]
        self.clear_events(variable)
        for i in range(connection.shape[0]):
            (<EventLog> logs[part[i]]).append(connection[i], step[i] + self.axonal_steps, value[i])

    def adopt_weights(self):
        """Let the weights of now be those to which a reset goes back."""

    def reset(self):
        """Back to step 0: weights as they were set last, no spikes on their way."""
        self.clear_events()
        self.rewind()


class Common:
    """What the groups of one projection share, with the synapses that other processes have of it.

    Parameters
    ----------
    projection : Projection
    """

    def __init__(self, projection):
        self.groups = projection.groups

    def needs(self, values):
        """A set of what connections with these parameters need, to be compared among processes; empty if nothing."""
        return set()

    def concerns(self, values):
        """Whether these parameters can change what is needed."""
        return False

    def prepare(self, needs, longest_delay, of_all):
        """Have ready what is needed from now on, with delays up to `longest_delay`, before groups take over values.

        `of_all`: this is what all connections need, those of other processes as well, and what was needed before
        is not any more.
        """

    def reserve(self, longest_delay):
        """Take the memory that `expect_delay` will need; it is given back just before."""

    def expect_delay(self, longest_delay):
        """Delays up to this one are to be expected from now on."""

    def finish(self):
        """Give up what no group needs any more, after all of them have taken over their values."""

    def save(self):
        """What JSON can hold of the past, as far as it matters: the same in all processes."""
        return None

    def restore(self, saved):
        """Take over what `save` returned, when groups have their parameters."""
