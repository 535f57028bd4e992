"""What the engine asks of a population, and what every model gets for it: parameters, states, input."""

cimport cython
from libc.stdlib cimport free
from libc.string cimport memset

from zlib import crc32

import numpy as np

from .schema import check, equal_runs, find
from ..engine.allocation import zeros

from ..engine.memory cimport resized
from .ring_buffers cimport power_of_two
from .observer cimport Observer, Sampled
from ..engine.pointer_list cimport PointerList

# Numbers in a cache line. What two threads write should not share one.
IN_A_LINE = 8
# Numbers that a processor may fetch ahead of those that it is asked for.
FETCHED_AHEAD = 128
# Bytes of input on its way that a processor has at hand.
IN_THE_CACHE = 16384
# Cells a partition from which on it is better to divide them between cache lines than exactly.
WORTH_ALIGNING = 32
# Cells a partition at least, and sources that nothing can reach: fewer take less time on one thread.
LEAST_CELLS = 16
LEAST_SOURCES = 256


@cython.no_gc
cdef class SpikeMemory:
    """Lists of spikes. It leads to nothing, and the garbage collector, which takes objects that lead to each other
    apart before they are freed, leaves it alone until then.
    """

    def __cinit__(self, Py_ssize_t n):
        cdef char[::1] memory = zeros(n * sizeof(SpikeList), np.int8)
        self.memory = memory
        self.lists = <SpikeList*> &memory[0]
        self.n = n

    def __dealloc__(self):
        cdef Py_ssize_t i
        for i in range(self.n):
            free(self.lists[i].cells)
            free(self.lists[i].ones)


cdef class Population(Sampled):
    """`size` cells of one model.

    A model declares `PARAMETERS`, `STATES`, `RECORDABLES`, `RECEPTORS` and `COMPARTMENTS` once, implements
    `step` and `prepare`, and calls `allocate` for each of its arrays.

    Parameters
    ----------
    network : Network
        The network the population joins.
    size : int
        Number of cells.
    """

    PARAMETERS = {}
    STATES = {}
    RECORDABLES = {}
    RECEPTORS = ()
    # {name: Compartment}, and {receptor: Learnable} of those that learn
    COMPARTMENTS = {}
    LEARNABLE = {}
    # whether the first partition steps all cells, and whether partitions lie apart in memory, which quick models need
    ONE_PARTITION = False
    SPACED = False
    # of receptors: the unit of the weights onto them, and the parameter that is the time constant of their response
    WEIGHT_UNITS = {}
    TAU_SYN = {}
    # receptors whose weights may have either sign, and those whose input they join; they come last in `RECEPTORS`
    SIGNED = {}

    def __init__(self, network, Py_ssize_t size):
        if size < 1:
            raise ValueError(f"{type(self).__name__}.size: {size} is not allowed; it must be at least 1")
        self.network = network
        self.failure = network.failure
        self.size = size
        self.timestep = network.timestep
        self.first_stream = network.take_streams(0)
        self.observers = PointerList()
        self._make_blocks(network)
        self._parameters = {name: np.full(size, p.default) for name, p in self.PARAMETERS.items()}
        self._initial, self._private, self._relaxing = {}, {}, []
        self.input_buffer = InputBuffer((len(self.RECEPTORS) - len(self.SIGNED)) * self.stride)
        self.n_injected = len(self.COMPARTMENTS) * size
        cdef double[::1] injected = np.zeros(max(1, self.n_injected))
        self._injected = injected
        self.injected = &injected[0]
        self.key = network.key
        self.allocate_states()
        self.prepare()
        self.reset()
        network.add_population(self)
        # only now, since what there is no memory for takes none
        network.take_streams(size)

    # ---- partitions

    @property
    def replicated(self):
        """Whether nothing can reach these cells, so that every process computes all of them by itself."""
        return not (self.RECEPTORS or self.COMPARTMENTS)

    def _share_out(self, int n):
        """Bounds of `n` parts of the cells, the last of which are empty if there are few cells."""
        least = LEAST_SOURCES if self.replicated else LEAST_CELLS
        parts = max(1, min(n, self.size // least))
        return np.append(self._divide(parts), np.full(n - parts, self.size))

    def _divide(self, int n):
        """Bounds of `n` equal parts of the cells."""
        bounds = self.size * np.arange(n + 1) / n
        if self.size >= WORTH_ALIGNING * n:
            bounds[1:n] = IN_A_LINE * np.rint(bounds[1:n] / IN_A_LINE)
        return bounds.astype(np.int64)

    def _make_blocks(self, network):
        """Give each partition its part of the cells.

        Arrays of a `SPACED` model have padding before each partition but the first, so that no processor fetches in
        advance what another one is about to write: cell i of a partition is at position i + offset(partition).
        """
        cdef int partition, n_partitions = network.n_partitions, n_threads = network.n_threads
        self.n_partitions, self.first_partition = n_partitions, network.first_partition
        self.end_partition = network.first_partition + n_threads
        self.padding = FETCHED_AHEAD if self.SPACED and n_threads > 1 else 0
        self.padded_size = self.size + self.padding * (n_partitions - 1)
        self.stride = self.size if n_partitions == 1 else -(-(self.padded_size + self.padding) // IN_A_LINE) * IN_A_LINE
        self._bounds = self._shares = self._share_out(n_threads)
        if network.processes is not None:
            if not self.replicated:
                bounds = self._divide(n_threads * network.processes.size)
                self._shares = bounds[::n_threads]
                self._bounds = bounds[n_threads * network.processes.rank:][:n_threads + 1]
            self._bounds = np.concatenate([[0], self._bounds, [self.size]])
        self._positions = slice(None)
        if self.padding:
            self._positions = np.arange(self.size) + self.padding * self.partitions_of(np.arange(self.size))
        cdef char[::1] memory = zeros(n_partitions * sizeof(Block), np.int8)
        self._block = memory
        self.block = <Block*> &memory[0]
        for partition in range(n_partitions):
            self.block[partition].first = self._bounds[partition]
            self.block[partition].last = self._bounds[partition + 1]
            self.block[partition].offset = self.offset(partition)
        self.keep_spikes(1)

    def has_cells(self, int partition):
        """Whether a partition has cells to compute here."""
        if self.ONE_PARTITION:
            return partition == self.first_partition
        here = self.first_partition <= partition < self.end_partition
        return here and self.block[partition].first < self.block[partition].last

    def bounds_of_partitions(self):
        """Partition i has the cells bounds[i] … bounds[i + 1] - 1."""
        return self._bounds.copy()

    def bounds_of_processes(self):
        """Process i computes the cells bounds[i] … bounds[i + 1] - 1, unless they are `replicated`."""
        return self._shares.copy()

    @property
    def local(self):
        """The cells that this process computes, as a slice."""
        return slice(int(self._bounds[self.first_partition]), int(self._bounds[self.end_partition]))

    def partitions_of(self, indices):
        """The partitions of the cells `indices` (integers), one for each."""
        return np.searchsorted(self._bounds, indices, "right") - 1

    def pieces(self, indices):
        """Who samples which cells: [(these cells, a partition, positions in `indices`, their indices)]."""
        partition = self.partitions_of(indices)
        positions = [np.flatnonzero(partition == number) for number in np.unique(partition)]
        return [(self, partition[own[0]], own, indices[own]) for own in positions]

    def keep_spikes(self, long n_steps):
        """Keep the spikes of the last `n_steps` steps, at least; if that needs memory, only those of the present step
        stay.
        """
        cdef long slots = power_of_two(n_steps)
        cdef int partition
        if self._spikes is not None and slots == self.block[0].slot_mask + 1:
            return
        last = [] if self._spikes is None else self.spiking()
        cdef long apart = max(slots, FETCHED_AHEAD)
        cdef SpikeMemory memory = SpikeMemory(self.n_partitions * slots)
        cdef char[::1] some = zeros(self.n_partitions * apart, np.int8)
        self._spikes = memory, some
        for partition in range(self.n_partitions):
            self.block[partition].slot_mask = slots - 1
            self.block[partition].spikes = memory.lists + partition * slots
            self.block[partition].some = &some[partition * apart]
            self.open_spikes(0, partition)
        self.spike_again(last)

    def spiking(self):
        """The cells of this process that spike at the present step, if they are not `replicated`."""
        cdef const SpikeList* spikes
        cdef int partition
        cdef Py_ssize_t i
        cells = []
        for partition in range(self.first_partition, self.end_partition if not self.replicated else 0):
            spikes = self.spikes(self.network.step, partition)
            cells += [spikes.index[i] for i in range(spikes.n)]
        return cells

    def spike_again(self, cells):
        """Let those be the cells that spike at the present step."""
        cdef int partition, cell
        for partition in range(self.n_partitions):
            self.open_spikes(self.network.step, partition)
        for cell in cells:
            self.emit(cell)

    def cut_runs(self, table):
        """Bounds of the runs of neighbours with equal columns in `table`, cut between partitions as well."""
        bounds = np.union1d(equal_runs(table), self.bounds_of_partitions())
        cdef int partition
        for partition in range(self.n_partitions):
            self.block[partition].first_run = np.searchsorted(bounds, self.block[partition].first)
            self.block[partition].last_run = np.searchsorted(bounds, self.block[partition].last)
        return bounds

    def add_observer(self, Observer observer):
        """Let `observer` follow these cells."""
        self.observers.add(observer)
        self.network.changed = True

    def remove_observer(self, observer):
        """`observer` follows no more."""
        self.observers.remove(observer)
        self.network.changed = True

    # ---- what a model implements

    def allocate_states(self):
        """Create the model's arrays: by `allocate` those that can be recorded, one number a cell, in their units."""

    def prepare(self):
        """Compute what follows from the parameters. Called after every change of them, with none that is not allowed.

        `parameter` gives the array of each, one value a cell. A MemoryError takes the change back.
        """

    def relax(self):
        """Set what is neither declared state nor input back as it was at first; time and random numbers go on."""
        for array in self._relaxing:
            array[...] = 0

    def rewind(self):
        """The same, with time and random numbers back at the start of a run."""
        self.relax()

    cdef void step(self, long now, int partition) noexcept nogil:
        """Take the cells of a partition from step `now` - 1 to `now`: integrate, absorb the input of `now`, spike.

        Before the first `emit` of a step comes `open_spikes`, in every step.
        """

    cdef void step_through(self, long first, long last, int partition) noexcept nogil:
        """The steps `first` … `last`, of cells that nothing can reach."""
        cdef long now
        for now in range(first, last + 1):
            self.step(now, partition)

    cdef void absorb(self, long now, int partition) noexcept nogil:
        """Add the input that arrives at `now` to the state of a partition's cells, and empty their part of the slot."""

    cdef void begin(self, long now) noexcept nogil:
        """Bring derived recordables up to date before a run goes on."""

    cdef void start(self) noexcept nogil:
        """Emit the spikes of step 0, before the first step (spike sources)."""

    # ---- what every model has

    def allocate(self, name):
        """A new float64 array, with padding, recordable as `name`."""
        self.publish(name, self.padded_zeros())

    def private(self, name, dtype=np.float64, relaxes=False):
        """A new array, with padding, that is part of the state but cannot be recorded; `relax` sets one that `relaxes`
        to zero.
        """
        self._private[name] = array = self.padded_zeros(dtype)
        if relaxes:
            self._relaxing.append(array)
        return array

    def padded_zeros(self, dtype=np.float64):
        """Zeros for all cells, with padding between partitions."""
        return zeros(self.padded_size + self.padding, dtype)[:self.padded_size]

    def set(self, parameters, indices=None, owner=None):
        """Set parameters of all cells or of those at `indices`; everything is checked before anything changes.

        Parameters
        ----------
        parameters : dict
            ``{name: number or array}`` in the units that `PARAMETERS` declares.
        owner : str, optional
            The class to name in errors.

        Raises
        ------
        KeyError
            For a name that the model does not have.
        ValueError
            For a value that is not allowed.
        """
        self.take_over(self.prepared(parameters, indices, owner))

    def prepared(self, parameters, indices=None, owner=None, checked=False):
        """What `take_over` needs to set these parameters: checked, and nothing has changed yet.

        Arguments and errors are those of `set`. If the values are `checked` already, each for itself, only what they
        must be together is checked.
        """
        owner = owner or type(self).__name__
        where = slice(None) if indices is None else indices
        changed = {}
        for name, values in parameters.items():
            declared = find(owner, self.PARAMETERS, name)
            changed[name] = self._parameters[name].copy()
            if not checked:
                values = check(owner, name, values, declared.allowed, declared.unit)
            changed[name][where] = values
        complete = {**self._parameters, **changed}
        self.check_together(complete, owner)
        changed = {name: new for name, new in changed.items() if not np.array_equal(new, self._parameters[name])}
        for observer in self.observers.members:
            if observer.depends_on & set(changed):
                observer.check_change(self, complete, owner)
        return changed

    def take_over(self, changed):
        """Set what `prepared` has checked."""
        if not changed:
            return
        before = {name: self._parameters[name] for name in changed}
        affected = [observer for observer in self.observers.members if observer.depends_on & set(changed)]
        for observer in affected:
            observer.before_change()
        self._parameters.update(changed)
        self._digest = None
        try:
            self.prepare()
        except MemoryError:
            self._parameters.update(before)
            self.prepare()
            raise
        if not self.network.started:
            for name, state in self.STATES.items():
                if state.default in changed:
                    self._write(name, self.initial(name))
        for observer in affected:
            observer.after_change()
        for observer in affected:
            observer.resume()

    def check_together(self, parameters, owner):
        """Refuse parameters that contradict each other. Overridden by models that have any.

        `parameters` are all of them as they would be, ``{name: array, one value a cell}``, each of which is allowed by
        itself; a ValueError (see `schema.check_least`) names `owner`, the value and what is allowed.
        """

    def get(self, name):
        """Copy of a parameter, one value a cell."""
        find(type(self).__name__, self.PARAMETERS, name)
        return self._parameters[name].copy()

    def digest(self):
        """A number that two processes with the same parameters agree on."""
        if self._digest is None:
            self._digest = crc32(np.array(list(self._parameters.values())))
        return self._digest

    def parameter(self, name):
        """The array of a parameter itself, for kernels."""
        return self._parameters[name]

    def declared(self, value):
        """What a declaration gives as a number, or as the name of a parameter: one value a cell."""
        return self._parameters[value] if isinstance(value, str) else np.full(self.size, value)

    def initialize(self, name, values, indices=None, owner=None, checked=False):
        """Set a state variable, now and at every reset; see `prepared` for values that are `checked`."""
        owner = owner or type(self).__name__
        declared = find(owner, self.STATES, name)
        if not checked:
            values = check(owner, name, values, declared.allowed, declared.unit)
        where = slice(None) if indices is None else indices
        state = self.value(name)
        state[where] = values
        self._write(name, state)
        initial = self._initial.setdefault(name, np.full(self.size, np.nan))
        initial[where] = values

    def state(self, name):
        """A recordable variable, one value a cell; the live array, unless partitions lie apart."""
        return self._whole(name)[self._positions]

    def _whole(self, name):
        if name not in self.variables:
            find(type(self).__name__, self.variables, name)
        cdef long number = self.variables[name]
        return np.asarray(<double[:self.padded_size]> self.column[number])

    def _write(self, name, values):
        self._whole(name)[self._positions] = values

    def value(self, name):
        """Copy of a recordable variable, one value a cell."""
        return self.state(name).copy()

    cdef const double* address(self, long variable, long index) noexcept nogil:
        return self.column[variable] + index + self.offset(self.partition_of(index))

    cdef void sample(self, long variable, const long* indices, Py_ssize_t n, double* out) noexcept nogil:
        cdef Py_ssize_t i
        if self.padding == 0:
            Sampled.sample(self, variable, indices, n, out)
            return
        for i in range(n):
            out[i] = self.address(variable, indices[i])[0]

    def initial(self, name):
        """What a state variable is set to at a reset, one value a cell."""
        default = self.STATES[name].default
        values = self._parameters[default].copy() if isinstance(default, str) else np.full(self.size, default)
        if name in self._initial:
            given = self._initial[name]
            values = np.where(np.isnan(given), values, given)
        return values

    def can_hold(self, delay_steps):
        """Whether input so far ahead stays in the cache."""
        return self.input_buffer.size_with(delay_steps) <= IN_THE_CACHE

    def close(self):
        """Give back what takes memory, and whom it leads to; the population is not used any more."""
        for observer in self.observers.members:
            observer.close()
        self.observers = PointerList()

    def reset(self):
        """Back to the state at step 0, in the network's present trial; parameters stay."""
        cdef int partition
        cdef long i
        self.key = self.network.key
        self._set_back()
        for partition in range(self.n_partitions):
            for i in range(self.block[partition].slot_mask + 1):
                count_spikes(&self.block[partition], &self.block[partition].spikes[i], 0)
        self.input_buffer.clear()
        self.rewind()
        for observer in self.observers.members:
            observer.reset()

    def reset_states(self):
        """Back to the state at step 0, without input on its way; time, random numbers and parameters go on."""
        self._set_back()
        self.input_buffer.clear()
        self.relax()
        for observer in self.observers.members:
            observer.reset_states()

    def _set_back(self):
        for name in self.variables:
            values = 0.0
            if name in self.STATES:
                default = self.STATES[name].default
                plain = name not in self._initial and not isinstance(default, str)
                values = default if plain else self.initial(name)
            self._write(name, values)

    # ---- saving

    def given(self):
        """What has been given besides `PARAMETERS`: {name: (cell, column, ...)}, any number of records of each cell."""
        return {}

    def giving(self, tables):
        """Check what `given` returned; a function that takes it over, at the present step."""
        return None

    def receptor(self, name):
        """Number of a receptor type."""
        if name not in self.RECEPTORS:
            raise ValueError(f"{type(self).__name__} has no receptor {name!r}; it has {', '.join(self.RECEPTORS)}"
                             if self.RECEPTORS else f"{type(self).__name__} takes no input")
        return self.RECEPTORS.index(self.SIGNED.get(name, name))

    def expect_current(self):
        """Some electrode injects current here."""
        self.driven = True

    cdef void clear_current(self, int partition) noexcept nogil:
        """Forget what electrodes injected into the cells of a partition."""
        cdef const Block* block = &self.block[partition]
        cdef Py_ssize_t i
        if self.driven:
            i = block.first
            while i < self.n_injected:
                memset(self.injected + i, 0, (block.last - block.first) * sizeof(double))
                i += self.size

    cdef void emit(self, int cell) noexcept nogil:
        """Add a spike of `cell` to those of the step that is being computed, in the order of cells."""
        cdef Block* block = &self.block[self.partition_of(cell)]
        cdef SpikeList* spikes = block.filling
        cdef Py_ssize_t i = spikes.n
        if i == spikes.capacity and not self.grow(spikes):
            return
        while i > 0 and spikes.cells[i - 1] > cell:
            spikes.cells[i] = spikes.cells[i - 1]
            i -= 1
        spikes.cells[i] = cell
        count_spikes(block, spikes, spikes.n + 1)

    cdef void receive(self, int cell, long step) noexcept nogil:
        """Add a spike that another process reports."""
        cdef int partition = self.partition_of(cell)
        self.block[partition].filling = spikes_of(&self.block[partition], step)
        self.emit(cell)

    cdef bint grow(self, SpikeList* spikes) noexcept nogil:
        """Make room for more spikes; false, and the network fails, if there is none."""
        cdef Py_ssize_t i
        cdef Py_ssize_t capacity = 2 * spikes.capacity + 16
        if not (resized(<void**> &spikes.cells, capacity * sizeof(int))
                and resized(<void**> &spikes.ones, capacity * sizeof(double))):
            self.failure.no_room(capacity * (sizeof(int) + sizeof(double)))
            return False
        spikes.capacity = capacity
        for i in range(spikes.capacity):
            spikes.ones[i] = 1.0
        spikes.index = spikes.cells
        spikes.factor = spikes.ones
        spikes.due = NULL
        return True

    def expect_late_input(self):
        """Some synapses deliver within the step (no delay after the synapse): absorb a second time then."""
        self.late_input = True
        self.network.changed = True
