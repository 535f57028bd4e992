"""How others follow populations and projections: by samples of named variables, or step by step."""

from libc.stdlib cimport free

from ..engine.memory cimport resize


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
        resize(<void**> &self.column, (n + 1) * sizeof(double*))
        self.column[n] = &values[0] if values.shape[0] else NULL
        self.variables[name] = n
        self._published.append(values)
        return 0

    cdef const double* address(self, long variable, long index) noexcept nogil:
        """Where the variable of one cell or connection lies; NULL if it is computed on demand."""
        return self.column[variable] + index

    cdef const double* recent(self, long variable) noexcept nogil:
        """The variable at each of the last `RECENT` steps, if this is a cell that goes ahead; NULL else."""
        return NULL

    cdef void sample(self, long variable, const long* indices, Py_ssize_t n, double* out) noexcept nogil:
        cdef const double* values = self.column[variable]
        cdef Py_ssize_t i
        for i in range(n):
            out[i] = values[indices[i]]


cdef class Observer:
    """Follows a population step by step, after its spikes: learning rules keep their running sums so.

    An observer follows the cells of one `partition`, if any: `observe` is called together with the delivery of spikes,
    which may be some steps behind the cells. `after_step` is called as soon as the cells have done a step, but only
    then; what `observe` will need of it is to be kept.

    When parameters that it `depends_on` change, all observers are told before, then all after the change, and then
    all to go on: what one of them reads of another is up to date by then.
    """

    SEES_ALL_SPIKES = False     # whether `observe` reads spikes of other partitions as well

    def __cinit__(self, *args, **kwargs):
        self.depends_on = set()
        self.partition = -1

    def expect_interval(self, long n_steps):
        """`observe` may be up to that many steps behind the cells; `after_step` is not called if it is one."""

    def begin(self):
        """Called at step 0, when there are the spikes of that."""

    cdef void after_step(self, long now) noexcept nogil:
        """The cells of the partition have done step `now`, and have spiked."""

    cdef void observe(self, long now) noexcept nogil:
        """Spikes of step `now` are about to be delivered in the partition."""

    cdef void observe_through(self, long first, long last) noexcept nogil:
        """The same for the steps `first` … `last`, of one cell that has done all of them: see `Sampled.recent`. Instead
        of `after_step` and `observe`, and only if this observer `goes_ahead`.
        """

    def check_change(self, population, parameters, owner):
        """Refuse parameters of the population with which it could not go on.

        `parameters` are all of them as they would be, ``{name: array, one value a cell}``; a ValueError names `owner`.
        """

    def before_change(self):
        """Parameters that it depends on are about to change: come to terms with those that there are."""

    def after_change(self):
        """They have changed: take over the new ones."""

    def resume(self):
        """All observers have taken them over: go on."""

    def reset(self):
        """Back to step 0, in the network's present trial."""

    def reset_states(self):
        """The population has its initial states again, while time goes on."""

    def save(self, facts, rows):
        """Add what it keeps to the snapshot of its population: `rows` has one for each cell of this process."""

    def restore(self, snapshot):
        """Take that back from the snapshot of all cells."""

    def close(self):
        """Forget whom it leads to; it is not used any more."""
