"""What the engine asks of a population, and what every model gets for it: parameters, states, input."""

from libc.string cimport memset

from zlib import crc32

import numpy as np

from .schema import check, find
from ..engine.allocation import zeros

from .cells cimport Block, Cells
from .observer cimport Observer
from .ring_buffers cimport InputBuffer
from ..engine.pointer_list cimport PointerList

# Bytes of input on its way that a processor has at hand.
IN_THE_CACHE = 16384


cdef class Population(Cells):
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
        self.listed = self.takes_at_once = True
        self._make_blocks(network)
        self._parameters = {name: np.full(size, p.default) for name, p in self.PARAMETERS.items()}
        self._initial, self._private, self._relaxing = {}, {}, []
        self.input_buffer = InputBuffer(self.padded_size + self.padding, len(self.RECEPTORS) - len(self.SIGNED))
        self.stride = self.input_buffer.row
        self.n_injected = len(self.COMPARTMENTS) * size
        cdef double[::1] injected = zeros(max(1, self.n_injected))
        self._injected = injected
        self.injected = &injected[0]
        self.key = network.key
        self.allocate_states()
        self.prepare()
        self.reset()
        network.add_population(self)
        # only now, since what there is no memory for takes none
        network.take_streams(size)

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
        Cells that do not take it at once absorb that of `now` - 1 first.

        Before the first `emit` of a step comes `open_spikes`, in every step.
        """

    cdef void step_through(self, long first, long last, int partition) noexcept nogil:
        """The steps `first` … `last`, of cells that nothing can reach, or nothing but what is on its way already."""
        cdef long now
        for now in range(first, last + 1):
            self.step(now, partition)

    cdef void begin_stretch(self, long now, long foreseen) noexcept nogil:
        """Before cells go ahead from step `now` on: what reaches their somata up to step `foreseen` is on its way, and
        nobody looks at these before.
        """

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
        changed = {name: new for name, new in changed.items() if (new != self._parameters[name]).any()}
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
            self._let_go_on(affected)
            raise
        if not self.network.started:
            for name, state in self.STATES.items():
                if state.default in changed:
                    self._write(name, self.initial(name))
        self._let_go_on(affected)

    def _let_go_on(self, observers):
        """Parameters that they depend on have changed, or are what they were."""
        for observer in observers:
            observer.after_change()
        for observer in observers:
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
        cdef long number = find(type(self).__name__, self.variables, name)
        return np.asarray(<double[:self.padded_size]> self.column[number])

    def _write(self, name, values):
        self._whole(name)[self._positions] = values

    def value(self, name):
        """Copy of a recordable variable, one value a cell."""
        return self.state(name).copy()

    cdef const double* address(self, long variable, long index) noexcept nogil:
        return self.column[variable] + index + self.offset(self.partition_of(index))

    cdef void sample(self, long variable, const long* indices, Py_ssize_t n, double* out) noexcept nogil:
        # `pieces` are each of one partition
        cdef Py_ssize_t offset = self.offset(self.partition_of(indices[0])) if n else 0, i
        cdef const double* values = self.column[variable] + offset
        for i in range(n):
            out[i] = values[indices[i]]

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
        self.key = self.network.key
        self._set_back()
        self.forget_spikes()
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

    def watch_spikes(self):
        """Somebody reads the lists of spikes of these cells."""
        if not self.listed:
            self.network.changed = True
        self.watched = self.listed = True

    def read_spikes(self, bint unlisted):
        """All others who want them can read them `unlisted`, or not."""
        self.listed = self.watched or not unlisted

    def counts_spikes(self):
        """Whether they are rather counted than listed."""
        return False

    def of_input(self):
        """Variables that input changes, where it need not join them at once."""
        return ()

    def expect_samples(self, variable):
        """Somebody looks at this variable while a run goes on."""
        if not self.looked_at and variable in self.of_input():
            self.looked_at = self.network.changed = True

    def can_take_later(self, bint exchanges):
        """Whether what arrives at a step may join the states when the next one begins, if processes have to exchange
        spikes or not.
        """
        return False

    def choose_when_to_take(self, bint exchanges):
        """Do that if possible: there is a step more then in which spikes can be on their way."""
        self.takes_at_once = not self.can_take_later(exchanges)

    def expect_late_input(self):
        """Some synapses deliver within the step (no delay after the synapse): cells that take input at once absorb a
        second time then.
        """
        self.late_input = True
        self.network.changed = True

    # ---- saving

    def given(self):
        """What has been given besides `PARAMETERS`: {name: (cell, column, ...)}, any number of records of each cell."""
        return {}

    def giving(self, tables):
        """Check what `given` returned; a function that takes it over, at the present step."""
        return None
