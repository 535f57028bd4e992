"""What synapses share whose states spikes change and time carries on: parameters, states, samples."""

import numpy as np

from backend_cython.numerics.sigmoid cimport exponential


cdef double decay_factor(KnownDecay* known, double tau, long steps, double timestep) noexcept nogil:
    """e^{−steps h/τ}, 0 for τ = 0. What was computed last is at hand in `known`."""
    if tau != known.tau or steps != known.steps:
        known.tau = tau
        known.steps = steps
        known.factor = exponential(-steps * timestep / tau) if tau > 0.0 else 0.0
    return known.factor


cdef class DynamicSynapses(SynapseGroup):
    """Synapses with states that lie at the time of their last spike and are carried on when they are needed.

    A silent synapse costs nothing. A model declares `PARAMETERS`, `STATES` and `RECORDABLES`, and implements
    `transmit`, `carry` and `value_at`; it finds its arrays by `array`.
    """

    UNDIVIDED = True

    def allocate_states(self):
        self._values = {name: np.zeros(self.size) for name in (*self.PARAMETERS, *self.STATES)}
        self.variables = {name: number for number, name in enumerate(self.RECORDABLES) if name in self._values}
        self.now = self.network.step
        self.last = np.full(self.size if self.STATES else 0, self.now)
        for name in self.STATES:
            self.private(name, self._values[name])
        if self.STATES:
            self.private("last", self.last)

    def array(self, name):
        """The live array of a parameter or state."""
        return self._values[name]

    # ---- what a model implements

    cdef void carry(self, Py_ssize_t k, long now, KnownDecays* known) noexcept nogil:
        """Bring the states of connection `k` to step `now`."""

    cdef double value_at(self, long now, long variable, Py_ssize_t k, KnownDecays* known) noexcept nogil:
        """A variable (its number in RECORDABLES) of connection `k` at step `now`; nothing changes."""
        return 0.0

    # ---- what every model has

    def advance(self, where=slice(None)):
        """Bring the states of connections to the present step, before what they depend on changes."""
        cdef long[::1] chosen = np.arange(self.size)[where]
        cdef KnownDecays known = none_known()
        cdef Py_ssize_t i
        if not self.STATES:
            return
        for i in range(chosen.shape[0]):
            self.carry(chosen[i], self.now, &known)

    def store(self, values, where):
        """States go on from where they are; before a run, those that begin at a parameter follow it."""
        self.advance(where)
        for name, given in values.items():
            self._values[name][where] = given
        if not self.network.started:
            for name, state in self.STATES.items():
                if state.default in values:
                    self.write_states({name: self.initial(name)[where]}, where)

    def fetch(self, name):
        return self._values[name].copy()

    def write_states(self, values, where):
        self.advance(where)
        for name, given in values.items():
            self._values[name][where] = given

    def join(self):
        self.rewind()

    def relax(self):
        self.now = self.network.step
        self.last[:] = self.now
        self.write_states({name: self.initial(name) for name in self.STATES}, slice(None))

    def recall(self, memory, arrived):
        self.now = self.network.step
        SynapseGroup.recall(self, memory, arrived)

    cdef const double* address(self, long variable, long index) noexcept nogil:
        return NULL

    cdef void sample_at(self, long now, long variable, const long* indices, Py_ssize_t n, double* out) noexcept nogil:
        cdef KnownDecays known = none_known()
        cdef Py_ssize_t i
        for i in range(n):
            out[i] = self.value_at(now, variable, indices[i], &known)
