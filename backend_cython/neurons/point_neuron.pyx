"""What all point neurons share: synaptic responses, threshold, reset and refractory time, injected current.

A step takes a cell from t to t + h:

1. what arrived at t is added to the responses;
2. `advance`: the model integrates its potential and its own states, with the responses as they stand at t;
3. the responses run down to t + h, exactly;
4. what makes the potential jump at t + h is added to it;
5. `fire`: a cell whose potential is at its threshold or above spikes; its potential is v_reset from then on.

So a cell need not know what arrives at t + h to come there, unless that makes it jump, and threads have a step more to
tell each other spikes. Where responses are recorded, what arrives at t + h is added at once.

While it is refractory the potential is clamped at v_reset and jumps are lost; the responses run on. A refractory
time of r steps (rounded up) leaves r steps clamped after the step of the spike.
"""

from libc.math cimport exp, log1p
from libc.stdlib cimport free, malloc

import numpy as np

from backend_cython.model.schema import Compartment, State, check_most, check_time_constant
from backend_cython.engine.memory cimport prefetch_numbers, resize
from backend_cython.model.ring_buffers cimport slot
from backend_cython.neurons.refractory cimport whole_steps
from backend_cython.neurons.responses import Derived, receptors, recordables, time_constants, weight_units
from backend_cython.neurons.responses cimport Course
from backend_cython.neurons.point_loops cimport STRIP, clamp, find_spiking, lift, run_down, take_in
from backend_cython.numerics.propagators cimport Cascade, cascade
from backend_cython.numerics.search cimport AT_ONCE

# Numbers that arrive at a step and are fetched ahead; the processor finds out by then that it needs those behind.
cdef Py_ssize_t FETCHED = 64


cdef double unit_peak(double tau_rise, double tau_decay) noexcept:
    """What must be added to the rise of a response for a peak of 1: κ peaks at τ_rise e^{−t/τ_decay}."""
    cdef double y = tau_decay / tau_rise - 1.0
    return exp(log1p(y) / y if y != 0.0 else 1.0) / tau_rise


cdef class PointNeuron(Population):
    """Base class of cells with one compartment and any synaptic responses.

    A membrane model derives from it and

    * declares in `STATES` "v" and its own states, and in `PARAMETERS` what its membrane needs (of "i_offset",
      "v_thresh", "v_reset" and "tau_refrac" those that it has; `CONSTANTS` are parameters that nobody can set);
    * gets the memory of its own runs and computes their coefficients in `prepare_membrane`;
    * implements `advance`, and overrides `spike` or `fire` if more happens there.

    A cell type is a Python class derived from a membrane model and decorated with `cell_type` that declares
    `PARAMETERS` and `RESPONSES` (``{receptor: Response}``, see responses.py); all other tables follow. Responses
    after those of the receptors, in a model that declares fewer `RECEPTORS`, are to the cell's own spikes: its
    `spike` adds to them.
    """

    STATES = {"v": State(-65.0, "mV")}
    RESPONSES = {}
    CONSTANTS = {}
    RECORDABLES = Derived(recordables)
    RECEPTORS = Derived(receptors)
    WEIGHT_UNITS = Derived(weight_units)
    TAU_SYN = Derived(time_constants)
    COMPARTMENTS = {"soma": Compartment("v", "cm", coupled=True)}
    SPACED = True
    BY_CELLS = True

    def __dealloc__(self):
        free(self.runs)
        free(self.responses.table)
        free(self.responses.value)
        free(self.responses.rise)

    def of_input(self):
        names = [self.RESPONSES[receptor].signal for receptor in self.RECEPTORS]
        return [name for name in self.variables if name.removesuffix(".rise") in names]

    def can_take_later(self, bint exchanges):
        # it takes no time to do so
        return not self.jumps and not self.looked_at

    # ---- arrays and coefficients

    def allocate_states(self):
        cdef Py_ssize_t k
        for name in self.STATES:
            self.allocate(name)
        self.responses.n = len(self.RESPONSES)
        self.n_receptors = len(self.RECEPTORS)
        self.responses.value = <double**> malloc((self.responses.n + 1) * sizeof(double*))
        self.responses.rise = <double**> malloc((self.responses.n + 1) * sizeof(double*))
        if self.responses.value == NULL or self.responses.rise == NULL:
            raise MemoryError
        for response in self.RESPONSES.values():
            if response.signal and not response.kind.endswith("exp"):
                self.allocate(f"{response.signal}.rise")
        # only now, since the table of columns moves while it grows
        for k, response in enumerate(self.RESPONSES.values()):
            self.responses.value[k] = self.array(response.signal)
            self.responses.rise[k] = self.array(f"{response.signal}.rise")
        self.jumps = any(self.RESPONSES[receptor].unit is None for receptor in self.RECEPTORS)
        self.v = self.array("v")
        cdef int[::1] refractory = self.private("refractory", np.int32, relaxes=True)
        self.refractory = &refractory[0]

    cdef double* array(self, name) except? NULL:
        """Where the values of a variable lie; NULL if there is none of this name."""
        return self.column[<long> self.variables[name]] if name in self.variables else NULL

    def quantity(self, name, absent=0.0):
        """Values of a parameter or constant, one a cell; `absent` if the model has none of this name."""
        if name in self.PARAMETERS:
            return self.parameter(name)
        return np.full(self.size, self.CONSTANTS.get(name, absent), dtype=np.float64)

    def check_together(self, p, owner):
        for response in self.RESPONSES.values():
            for name in (response.tau, response.tau_rise):
                if name in p:
                    check_time_constant(owner, name, p[name], self.timestep)
            if response.tau_rise in p:
                check_most(owner, response.tau_rise, p[response.tau_rise], p[response.tau], f"{response.tau}", "ms")

    def prepare(self):
        """Coefficients of each run of neighbours with equal parameters."""
        table = [self.parameter(name) for name in self.PARAMETERS]
        bounds = self.cut_runs(np.array(table) if table else np.zeros((1, self.size)))
        cdef Py_ssize_t run, k, n = self.responses.n, first, offset
        self.n_runs = len(bounds) - 1
        resize(<void**> &self.runs, self.n_runs * sizeof(Run))
        resize(<void**> &self.responses.table, (self.n_runs * n + 1) * sizeof(Course))
        cdef const double[::1] i_offset = self.quantity("i_offset")
        cdef const double[::1] v_thresh = self.quantity("v_thresh", np.inf)
        cdef const double[::1] v_reset = self.quantity("v_reset")
        cdef const double[::1] tau_refrac = self.quantity("tau_refrac")
        cdef const long[::1] bound = np.asarray(bounds, dtype=np.int_)
        for run in range(self.n_runs):
            first = bound[run]
            offset = self.offset(self.partition_of(first))
            self.runs[run] = Run(first + offset, bound[run + 1] + offset, first, i_offset[first], v_thresh[first],
                                 v_reset[first], whole_steps(tau_refrac[first], self.timestep))
        for k, response in enumerate(self.RESPONSES.values()):
            self._prepare_response(k, response)
        self.prepare_membrane()

    def _prepare_response(self, Py_ssize_t k, response):
        cdef bint jump = response.unit is None, rising = not jump and not response.kind.endswith("exp")
        cdef bint conductance = response.conductance
        cdef const double[::1] tau = self.quantity(response.tau, 1.0)
        cdef const double[::1] tau_rise = self.quantity(response.tau_rise or response.tau, 1.0)
        cdef const double[::1] e_rev = self.quantity(response.e_rev)
        cdef double decay, rise
        cdef Py_ssize_t run, i
        cdef Cascade over
        for run in range(self.n_runs):
            i = self.runs[run].cell
            decay = 1.0 / tau[i]
            rise = 1.0 / tau_rise[i]
            over = cascade(0.0, decay, rise, self.timestep)
            self.responses.table[run * self.responses.n + k] = Course(
                jump, conductance, rising, e_rev[i], decay, rise,
                unit_peak(tau_rise[i], tau[i]) if rising else 1.0, over.gg, over.gx, over.xx)

    def prepare_membrane(self):
        """Coefficients of the membrane, run by run. A model that has any implements it."""

    # ---- stepping

    cdef void step(self, long now, int partition) noexcept nogil:
        cdef const Block* block = &self.block[partition]
        cdef double* arriving = slot(&self.input_buffer.ring, now if self.jumps else now - 1)
        cdef Py_ssize_t number
        self.fetch_input(arriving, block)
        self.open_spikes(now, partition)
        if self.late_input:
            self.fire_overdue(block)
        for number in range(block.first_run, block.last_run):
            self.step_run(number, arriving)
        # in the second half of the step if that brings more, so that all of it is one sum in any case
        if self.takes_at_once and not self.jumps and not self.late_input:
            self.absorb(now, partition)

    cdef void step_run(self, Py_ssize_t number, double* arriving) noexcept nogil:
        """Take run `number` over a step, at whose beginning, or for jumps at whose end, this is `arriving`."""
        cdef Py_ssize_t first = self.runs[number].first, last = self.runs[number].last
        if not self.jumps:
            self.take(number, first, last, arriving)
        self.advance(number)
        self.propagate(number, first, last)
        if self.jumps:
            self.take(number, first, last, arriving)
        self.fire(number, first, last)

    cdef void fetch_input(self, const double* arriving, const Block* block) noexcept nogil:
        """Let the processor begin to fetch what arrives."""
        cdef Py_ssize_t k
        arriving += block.first + block.offset
        for k in range(self.n_receptors):
            prefetch_numbers(arriving + k * self.stride, min(FETCHED, block.last - block.first))

    cdef void advance(self, Py_ssize_t number) noexcept nogil:
        """Integrate run `number` over a step, from the responses at its start, which stay. A model implements it.

        The potential of a cell with `refractory` > 0 does not matter: `fire` clamps it.
        """

    cdef void spike(self, const Run* run, Py_ssize_t i) noexcept nogil:
        """A cell spikes: what happens to its state."""
        self.emit(self.cell_at(run, i))
        self.v[i] = run.v_reset
        self.refractory[i] = run.refractory_steps

    cdef void fire(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t last) noexcept nogil:
        """Spikes and refractory time at the end of a step."""
        cdef const Run* run = &self.runs[number]
        cdef Py_ssize_t n
        while first < last:
            n = min(STRIP, last - first)
            if clamp(n, run.v_thresh, run.v_reset, self.refractory + first, self.v + first):
                self.spike_above(run, first, n)
            first += n

    cdef void spike_above(self, const Run* run, Py_ssize_t first, Py_ssize_t n) noexcept nogil:
        """Of `n` cells, at most `AT_ONCE`, those at their threshold spike; refractory ones are below it."""
        cdef int place[AT_ONCE + 1]
        cdef Py_ssize_t k
        for k in range(find_spiking(n, run.v_thresh, self.v + first, place)):
            self.spike(run, first + place[k])

    cdef void fire_overdue(self, const Block* block) noexcept nogil:
        """Spikes of cells that a jump lifted over the threshold after `fire` of the last step.

        They are stamped with this step, but begin their refractory time when they should.
        """
        cdef const Run* run
        cdef Py_ssize_t number, i
        for number in range(block.first_run, block.last_run):
            run = &self.runs[number]
            for i in range(run.first, run.last):
                if self.refractory[i] == 0 and self.v[i] >= run.v_thresh:
                    self.spike(run, i)

    cdef void propagate(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t last) noexcept nogil:
        """Take the responses over a step."""
        cdef const Course* r
        cdef Py_ssize_t k
        for k in range(self.responses.n):
            r = &self.responses.table[number * self.responses.n + k]
            if not r.jump:
                run_down(r, last - first, self.responses.value[k] + first,
                         self.responses.rise[k] + first if r.rising else NULL)

    cdef void take(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t last, double* arriving) noexcept nogil:
        """Add what arrives."""
        cdef const Course* r
        cdef double* held
        cdef Py_ssize_t k
        arriving += first
        for k in range(self.n_receptors):
            r = &self.responses.table[number * self.responses.n + k]
            if r.jump:
                lift(last - first, self.refractory + first, arriving, self.v + first)
            else:
                held = self.responses.rise[k] if r.rising else self.responses.value[k]
                take_in(last - first, r.gain, arriving, held + first)
            arriving += self.stride

    cdef void absorb(self, long now, int partition) noexcept nogil:
        cdef const Block* block = &self.block[partition]
        cdef double* arriving = slot(&self.input_buffer.ring, now)
        cdef Py_ssize_t number
        for number in range(block.first_run, block.last_run):
            self.take(number, self.runs[number].first, self.runs[number].last, arriving)
