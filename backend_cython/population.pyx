"""What the engine asks of a population, and what every model gets for it: parameters, states, input."""

from libc.stdlib cimport free, realloc
from libc.string cimport memset

import numpy as np

from .declare import check, find


cdef class Roster:
    """A list whose members `nogil` loops can reach by pointer."""

    def __cinit__(self):
        self.members = []

    def __dealloc__(self):
        free(self.item)

    def add(self, member):
        self.item = <PyObject**> realloc(self.item, (self.n + 1) * sizeof(PyObject*))
        if self.item == NULL:
            raise MemoryError
        self.members.append(member)
        self.item[self.n] = <PyObject*> member
        self.n += 1

    def remove(self, member):
        cdef Py_ssize_t i
        self.members.remove(member)
        self.n = len(self.members)
        for i in range(self.n):
            self.item[i] = <PyObject*> self.members[i]


cdef class Sampled:
    """Anything that a `SampleRecorder` reads: named variables, one number a cell or connection."""

    def __cinit__(self, *args, **kwargs):
        self.variables = {}
        self._published = []

    def __dealloc__(self):
        free(self.column)

    cdef int publish(self, str name, double[::1] values) except -1:
        """Let `values` be recorded as `name`."""
        cdef Py_ssize_t n = len(self.variables)
        self.column = <double**> realloc(self.column, (n + 1) * sizeof(double*))
        if self.column == NULL:
            raise MemoryError
        self.column[n] = &values[0] if values.shape[0] else NULL
        self.variables[name] = n
        self._published.append(values)
        return 0

    cdef const double* address(self, long variable, long index) noexcept nogil:
        """Where the variable of one cell or connection lies; NULL if it is computed on demand."""
        return self.column[variable] + index

    cdef void sample(self, long variable, const long* indices, Py_ssize_t n, double* out) noexcept nogil:
        cdef const double* values = self.column[variable]
        cdef Py_ssize_t i
        for i in range(n):
            out[i] = values[indices[i]]


cdef class Observer:
    """Follows a population step by step, after its spikes: learning rules keep their running sums so.

    When parameters that it `depends_on` change, all observers are told before, then all after the change, and then
    all to go on: what one of them reads of another is up to date by then.
    """

    def __cinit__(self, *args, **kwargs):
        self.depends_on = set()

    cdef void observe(self, long now) noexcept nogil:
        pass

    def before_change(self):
        pass

    def after_change(self):
        pass

    def resume(self):
        pass

    def reset(self):
        pass


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
    COMPARTMENTS = ()
    # of receptors: the unit of the weights onto them, and the parameter that is the time constant of their response
    WEIGHT_UNITS = {}
    TAU_SYN = {}

    def __init__(self, network, Py_ssize_t size):
        if size < 1:
            raise ValueError(f"{type(self).__name__}.size: {size} is not allowed; it must be at least 1")
        self.network = network
        self.size = size
        self.timestep = network.timestep
        self.seed = network.seed
        self.first_stream = network.take_streams(size)
        self.observers = Roster()
        self._parameters = {name: np.full(size, p.default) for name, p in self.PARAMETERS.items()}
        self._initial = {}
        self.inbox = Inbox(len(self.RECEPTORS) * size)
        self.n_injected = len(self.COMPARTMENTS) * size
        cdef double[::1] injected = np.zeros(max(1, self.n_injected))
        self._injected = injected
        self.injected = &injected[0]
        self.allocate_states()
        self.prepare()
        self.reset()
        network.add_population(self)

    def __dealloc__(self):
        free(self.emitted)
        free(self.ones)

    # ---- what a model implements

    def allocate_states(self):
        """Create the model's arrays, through `allocate`."""

    def prepare(self):
        """Compute what follows from the parameters. Called after every change of them."""

    def rewind(self):
        """Set what is neither declared state nor input back to the start of a run."""

    cdef void step(self, long now) noexcept nogil:
        """Take the cells from step `now` - 1 to `now`: integrate, absorb the input of `now`, spike."""

    cdef void absorb(self, long now) noexcept nogil:
        """Add the input that arrives at `now` to the state, and empty its slot."""

    cdef void begin(self, long now) noexcept nogil:
        """Bring derived recordables up to date before a run goes on."""

    cdef void start(self) noexcept nogil:
        """Emit the spikes of step 0, before the first step (spike sources)."""

    # ---- what every model has

    def allocate(self, name):
        """A new float64 array of `size`, recordable as `name`."""
        cdef double[::1] values = np.zeros(self.size)
        self.publish(name, values)
        return np.asarray(values)

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
        owner = owner or type(self).__name__
        where = slice(None) if indices is None else indices
        changed = {}
        for name, values in parameters.items():
            declared = find(owner, self.PARAMETERS, name)
            changed[name] = self._parameters[name].copy()
            changed[name][where] = check(owner, name, values, declared.allowed)
        self.check_together({**self._parameters, **changed}, owner)
        changed = {name: new for name, new in changed.items() if not np.array_equal(new, self._parameters[name])}
        if not changed:
            return
        affected = [observer for observer in self.observers.members if observer.depends_on & set(changed)]
        for observer in affected:
            observer.before_change()
        self._parameters.update(changed)
        self.prepare()
        if not self.network.started:
            for name, state in self.STATES.items():
                if state.default in changed:
                    self.state(name)[:] = self.initial(name)
        for observer in affected:
            observer.after_change()
        for observer in affected:
            observer.resume()

    def check_together(self, parameters, owner):
        """Refuse parameters that contradict each other. Overridden by models that have any."""

    def get(self, name):
        """Copy of a parameter, one value a cell."""
        find(type(self).__name__, self.PARAMETERS, name)
        return self._parameters[name].copy()

    def parameter(self, name):
        """The array of a parameter itself, for kernels."""
        return self._parameters[name]

    def initialize(self, name, values, indices=None, owner=None):
        """Set a state variable, now and at every reset."""
        owner = owner or type(self).__name__
        find(owner, self.STATES, name)
        values = check(owner, name, values, "finite")
        where = slice(None) if indices is None else indices
        state = self.state(name)
        state[where] = values
        initial = self._initial.setdefault(name, np.full(self.size, np.nan))
        initial[where] = values

    def state(self, name):
        """The live array of a recordable variable."""
        cdef long number = find(type(self).__name__, self.variables, name)
        return np.asarray(<double[:self.size]> self.column[number])

    def value(self, name):
        """Copy of a recordable variable, one value a cell."""
        return self.state(name).copy()

    def initial(self, name):
        """What a state variable is set to at a reset, one value a cell."""
        default = self.STATES[name].default
        values = self._parameters[default].copy() if isinstance(default, str) else np.full(self.size, default)
        if name in self._initial:
            given = self._initial[name]
            values = np.where(np.isnan(given), values, given)
        return values

    def close(self):
        """Give back what takes memory; the population is not used any more."""

    def reset(self):
        """Back to the state at step 0; parameters stay."""
        for name in self.variables:
            self.state(name)[:] = self.initial(name) if name in self.STATES else 0.0
        self.n_spikes = 0
        self.inbox.clear()
        self.rewind()
        for observer in self.observers.members:
            observer.reset()

    def receptor(self, name):
        """Number of a receptor type."""
        if name not in self.RECEPTORS:
            raise ValueError(f"{type(self).__name__} has no receptor {name!r}; it has {', '.join(self.RECEPTORS)}"
                             if self.RECEPTORS else f"{type(self).__name__} takes no input")
        return self.RECEPTORS.index(name)

    def expect_current(self):
        """Some electrode injects current here."""
        self.driven = True

    cdef void clear_current(self) noexcept nogil:
        if self.driven:
            memset(self.injected, 0, self.n_injected * sizeof(double))

    cdef int emit(self, int cell) except -1 nogil:
        """Add a spike of `cell` to those of this step."""
        cdef Py_ssize_t i
        if self.n_spikes == self.capacity:
            self.capacity = 2 * self.capacity + 16
            self.emitted = <int*> realloc(self.emitted, self.capacity * sizeof(int))
            self.ones = <double*> realloc(self.ones, self.capacity * sizeof(double))
            if self.emitted == NULL or self.ones == NULL:
                with gil:
                    raise MemoryError
            for i in range(self.capacity):
                self.ones[i] = 1.0
            self.spike_index = self.emitted
            self.spike_factor = self.ones
        self.emitted[self.n_spikes] = cell
        self.n_spikes += 1
        return 0

    cdef void notify(self, long now) noexcept nogil:
        """Let the observers see step `now`."""
        cdef Py_ssize_t i
        for i in range(self.observers.n):
            (<Observer> self.observers.item[i]).observe(now)

    def expect_late_input(self):
        """Some synapses deliver within the step (no delay after the synapse): absorb a second time then."""
        self.late_input = True
        self.network.expect_late_input()
