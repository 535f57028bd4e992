"""What the engine asks of a projection, and what every kind of synapse gets for it."""

from libc.stdlib cimport calloc, free

import numpy as np

from .schema import check, find, refuse

from .population cimport SpikeList, any_spikes_of, spikes_of

# A delay that limits nothing.
LONGEST = 1 << 30


cdef class Projection(Sampled):
    """Connections of one kind from a population to one receptor of another.

    All targets belong to one partition (`Population.bounds_of_partitions`), whose thread delivers the spikes.

    Connections are ordered by presynaptic and then by postsynaptic index; everything that is given or
    returned by connection follows this order. A model declares `PARAMETERS`, `STATES` and `RECORDABLES`, and
    implements `transmit`, `store` and `fetch`; one with states, `write_states` as well.

    `RECORDABLES` (name: unit) can be recorded at events; those that are in `variables` too, on a grid of time.

    Parameters
    ----------
    pre, post : Population
    receptor : str
        Name of the receptor type of `post`.
    pre_index, post_index : integer arrays of equal length, sorted by (pre, post); pairs may repeat.
    delay_steps : int or integer array
        Steps from the synapse to the target.
    parameters : dict
        ``{name: number or array}``; what is missing has its default.
    axonal_steps : int
        Steps from the presynaptic cell to the synapse, one number for all of them.
    owner : str, optional
        The class to name in errors.
    streams : integer array, optional
        Random streams of the connections, if they have any (`DRAWS`); by default new ones.
    longest_delay : int
        Delays up to this one are to be expected as well: other connections of the same kind have them.
    """

    PARAMETERS = {}
    STATES = {}
    RECORDABLES = {"weight": "nA or uS"}
    # whether the targets must be of one partition, and whether the connections have random streams
    ONE_PARTITION = True
    DRAWS = False

    def __init__(self, Population pre, Population post, receptor, pre_index, post_index, delay_steps, parameters,
                 long axonal_steps=0, owner=None, streams=None, long longest_delay=0):
        self.owner = owner or type(self).__name__
        self.expected_delay = longest_delay
        self._streams = streams
        self._logs, self._initial = {}, {}
        self.logs = <PyObject**> calloc(len(self.RECORDABLES) + 1, sizeof(PyObject*))
        if self.logs == NULL:
            raise MemoryError
        self.network = post.network
        self.pre = pre
        self.post = post
        self.sources = pre.block
        self.n_sources = pre.n_partitions
        self.direct = pre.n_partitions == 1 and axonal_steps == 0
        self.receptor = post.receptor(receptor)
        self.ring = &post.inbox.ring
        self.axonal_steps = axonal_steps
        pre_index = np.ascontiguousarray(pre_index, dtype=np.int32)
        cdef int[::1] target = np.array(post_index, dtype=np.int32)
        self.size = len(pre_index)
        if self.size != target.shape[0]:
            raise ValueError(f"{self.owner}: {self.size} presynaptic, but {target.shape[0]} postsynaptic indices")
        self._check_indices(pre_index, np.asarray(target))
        self.partition = self._find_partition(np.asarray(target))
        # of the same type, so that there is no copy of all indices
        cdef long[::1] row_start = np.searchsorted(pre_index, np.arange(pre.size + 1, dtype=np.int32)).astype(np.int64)
        self._row_start = np.asarray(row_start)
        self._target = np.asarray(target)
        self.row_start = &row_start[0]
        self.target = &target[0] if self.size else NULL
        self._assign_delays(self._checked_delays(delay_steps))
        if axonal_steps:
            self.history = SpikeHistory(axonal_steps)
        self.allocate_states()
        values = self._checked({**{name: p.default for name, p in self.PARAMETERS.items()}, **parameters}, self.size)
        self.check_together(values, slice(None))
        self.store(values, slice(None))
        self.network.add_projection(self)

    def __dealloc__(self):
        free(self.logs)

    def _check_indices(self, pre_index, target):
        for name, index, n in (("pre_index", pre_index, self.pre.size), ("post_index", target, self.post.size)):
            if index.size and (index.min() < 0 or index.max() >= n):
                raise ValueError(f"{self.owner}.{name}: {index.min()} to {index.max()} is not allowed; "
                                 f"it must lie between 0 and {n - 1}")
        step = np.diff(pre_index)
        if (step < 0).any() or (np.diff(target)[step == 0] < 0).any():
            raise ValueError(f"{self.owner}: connections must be sorted by (pre_index, post_index)")

    def _find_partition(self, target):
        if not self.ONE_PARTITION or not target.size:
            return self.post.first_partition
        partition, last = self.post.partitions_of([target.min(), target.max()])
        if partition < last or not self.post.has_cells(partition):
            raise ValueError(f"{self.owner}.post_index: {target.min()} to {target.max()} is not allowed; the targets "
                             "must be cells of one thread" + ("" if partition < last else " of this process"))
        return partition

    def partitions_of(self, indices):
        return np.full(len(indices), self.partition)

    # ---- what a model implements

    def allocate_states(self):
        """Create the model's arrays, one number a connection."""

    def store(self, values, where):
        """Take over checked parameter values (float64) for the connections `where`."""
        raise NotImplementedError

    def fetch(self, name):
        """Values of a parameter, one a connection."""
        raise NotImplementedError

    def check_together(self, values, where):
        """Refuse parameters that contradict each other."""

    def write_states(self, values, where):
        """Take over checked values (float64) of state variables for the connections `where`, as of now."""
        raise NotImplementedError

    def check_states(self, values, where, owner):
        """Refuse values of state variables that contradict each other or the parameters."""

    def rewind(self):
        """Set the state of the synapses back to the start of a run."""

    cdef void transmit(self, const int* rows, const double* factors, Py_ssize_t n, long now) noexcept nogil:
        """`n` spikes of presynaptic cells `rows` reach their synapses at step `now`."""

    # ---- what every model has

    cdef void deliver(self, long now) noexcept nogil:
        """What happens at step `now`."""
        self.deliver_spikes(now)

    cdef void deliver_all(self, long now) noexcept nogil:
        cdef const SpikeList* spikes
        cdef int partition
        if self.history is not None:
            self.deliver_from_axons(now)
            return
        for partition in range(self.n_sources):
            spikes = any_spikes_of(&self.sources[partition], now)
            if spikes != NULL:
                self.transmit(spikes.index, spikes.factor, spikes.n, now)

    cdef void deliver_from_axons(self, long now) noexcept nogil:
        cdef const SpikeList* spikes
        cdef long first, last
        cdef int partition
        for partition in range(self.n_sources):
            spikes = spikes_of(&self.sources[partition], now)
            self.history.keep(now, spikes.index, spikes.factor, spikes.n)
        first = self.history.first[(now - self.axonal_steps) & self.history.mask]
        last = self.history.first[(now - self.axonal_steps + 1) & self.history.mask]
        if last > first:
            self.transmit(self.history.index + first, self.history.factor + first, last - first, now)

    def _checked(self, parameters, n):
        return self._checked_values(parameters, n, self.PARAMETERS, self.owner)

    def _checked_values(self, given, n, declared, owner):
        checked = {name: check(owner, name, values, find(owner, declared, name).allowed)
                   for name, values in given.items()}
        for name, values in checked.items():
            if values.ndim and values.shape != (n,):
                refuse(owner, name, f"an array of shape {values.shape}", f"one number, or one for each of {n}")
        return checked

    def set(self, parameters, indices=None, owner=None, rows=()):
        """Set parameters of all connections or of those at `indices`; all are checked before anything changes.

        `rows` are those that parts of the same whole for other partitions have `affected`: their states are brought
        up to date together, so that rounding does not depend on the parts.
        """
        # negative and boolean indices become plain ones here, and indices out of range are refused
        where = slice(None) if indices is None else np.arange(self.size)[indices]
        values = self._checked(parameters, self.size if indices is None else len(where))
        self.check_together(values, where)
        self.affect(rows)
        self.store(values, where)

    def affected(self, parameters, indices):
        """Presynaptic cells of which all connections are brought up to date when these parameters are set."""
        return np.empty(0, dtype=np.int64)

    def affect(self, rows):
        """The next `store` brings these rows up to date as well."""

    def expect_delay(self, long delay_steps):
        """Some connection of the same kind will have this delay."""

    def get(self, name):
        """Values of a parameter, one a connection, as they are now."""
        find(self.owner, self.PARAMETERS, name)
        return self.fetch(name)

    def initialize(self, states, indices=None, owner=None, check_only=False):
        """Set state variables of all connections or of those at `indices`, now and at every reset.

        Parameters
        ----------
        states : dict
            ``{name: number or array}``, names and units as in `STATES`; checked together before anything changes.
        owner : str, optional
            What to name in errors.
        check_only : bool
            Refuse what is not allowed, and change nothing.
        """
        where = slice(None) if indices is None else np.arange(self.size)[indices]
        n = self.size if indices is None else len(where)
        owner = owner or self.owner
        values = self._checked_values(states, n, self.STATES, owner)
        self.check_states(values, where, owner)
        if check_only:
            return
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
        cdef long number = find(self.owner, self.variables, name)
        cdef long[::1] indices = np.arange(self.size)
        cdef double[::1] values = np.empty(self.size)
        if self.size:
            self.sample(number, &indices[0], self.size, &values[0])
        return np.asarray(values)

    def take_streams(self):
        """A random stream for each connection, which depends on its cells alone (and on its place among
        connections between the same two).
        """
        if self._streams is not None:
            return np.array(self._streams, dtype=np.uint64)
        cdef Py_ssize_t n_pairs = self.pre.size * self.post.size
        pair = self.pre_index * self.post.size + self._target
        first = self.network.take_connection_streams()
        place = np.arange(self.size) - np.searchsorted(pair, pair, "left")
        return np.uint64(first) + (pair + place * n_pairs).astype(np.uint64)

    @property
    def pre_index(self):
        return np.repeat(np.arange(self.pre.size), np.diff(self._row_start))

    @property
    def post_index(self):
        return self._target.copy()

    def get_delay_steps(self):
        return self._delay.copy()

    def set_delay_steps(self, values, indices=None):
        """Set the steps from the synapse to the target. What is on its way keeps its time of arrival."""
        delay = self._delay.copy()
        delay[slice(None) if indices is None else np.arange(self.size)[indices]] = values
        self._assign_delays(self._checked_delays(delay))

    def _checked_delays(self, delay_steps):
        cdef int[::1] delay = np.array(np.broadcast_to(delay_steps, self.size), dtype=np.int32)
        values = np.asarray(delay)
        shortest = values.min() if self.size else 1
        if shortest + self.axonal_steps < 1:
            refuse(self.owner, "delay", f"{shortest + self.axonal_steps} steps", "at least one time step")
        if shortest < 0 or self.axonal_steps < 0:
            refuse(self.owner, "delay", f"{self.axonal_steps} + {shortest} steps", "no sum with a negative part")
        return values

    def _assign_delays(self, values):
        cdef int[::1] delay = values
        self._delay = values
        self.delay = &delay[0] if self.size else NULL
        self.shortest_delay = values.min() if self.size else LONGEST
        self.network.changed = True
        if self.size:
            self.post.inbox.hold(values.max(), self.network.step)
            if values.min() == 0:
                self.post.expect_late_input()

    def record_events(self, indices=None, variable="weight"):
        """Log the value of a variable at each presynaptic spike, for all connections or those at `indices`."""
        find(self.owner, self.RECORDABLES, variable)
        if variable not in self._logs:
            self.log_as(variable, EventLog(self.size))
        self._logs[variable].select(indices)

    cdef int log_as(self, str variable, EventLog log) except -1:
        self._logs[variable] = log
        self.logs[list(self.RECORDABLES).index(variable)] = <PyObject*> log
        self.logging = True
        if variable == "weight":
            self.log = log
        return 0

    def events_of(self, variable):
        """Logged so far: (connection, step of the presynaptic spike, value), in order of time."""
        if variable not in self._logs:
            raise ValueError(f"{self.owner}: events are not recorded")
        connection, step, value = self._logs[variable].read()
        return connection, step - self.axonal_steps, value

    @property
    def events(self):
        """`events_of` "weight"."""
        return self.events_of("weight")

    def count_events(self, variable):
        """Number of events of a variable logged so far."""
        return len(self._logs[variable])

    def clear_events(self, variable=None):
        """Forget the events of one variable, or of all of them."""
        for log in self._logs.values() if variable is None else [self._logs[variable]]:
            log.clear()

    def reset(self):
        """Back to step 0: weights as they were set last, no spikes on their way."""
        if self.history is not None:
            self.history.clear()
        self.clear_events()
        self.rewind()
