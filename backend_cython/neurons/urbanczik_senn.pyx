"""The two-compartment point-process neuron of Urbanczik & Senn (2014).

Equations and numerics are those of compartments.pyx with one dendrite, spikes those of point_process.pyx with the
hazard phi(V_s). V* = (g_L E_L + g_ds V_d) / (g_L + g_ds) is the dendrite's prediction of the somatic potential V_s,
and (spikes − phi(V*) h) h(V*) the error that plastic synapses learn from (numerics/sigmoid.pxd).
"""

from libc.stdlib cimport free

import numpy as np

from backend_cython.engine.memory cimport resize
from backend_cython.model.cells cimport Block
from backend_cython.model.ring_buffers cimport slot
from backend_cython.model.schema import Compartment, ErrorVariable, Parameter, State
from backend_cython.numerics.sigmoid cimport UNIT_VOLTAGE

from .compartment_loops cimport absorb_many, integrate_many, integrate_strips, predict_many
from .compartments cimport prepare_compartments
from .dendritic_step cimport STRIP
from .membranes import MEMBRANE, SOMA, check_membranes, check_rates, learnable, prefixed
from .one_dendrite_step cimport integrate_cells, predict_logistic
from .taylor_step cimport WIDTH, DendriteState, integrate_series


# the dendrite's label, and its conductances to the soma and back
COUPLINGS = [("dendrite", "g_dendrite_to_soma", "g_soma_to_dendrite")]


cdef class UrbanczikSenn(PointProcess):
    """Urbanczik–Senn neurons. Neighbours with equal parameters are stepped together, as one run."""

    PARAMETERS = {
        **prefixed("soma", SOMA),
        **prefixed("dendrite", MEMBRANE),
        "g_dendrite_to_soma": Parameter(0.6, "uS", "non-negative"),
        "g_soma_to_dendrite": Parameter(0.0, "uS", "non-negative"),
        "tau_refrac": Parameter(3.0, "ms", "time"),
        "phi_max": Parameter(150.0, "Hz", "non-negative"),
        "rate_slope": Parameter(0.5, "dimensionless", "slope"),
        "beta": Parameter(1.0 / 3.0, "1/mV", "non-negative"),
        "theta": Parameter(-55.0, "mV"),
    }
    STATES = {
        "soma.v": State("soma_v_rest", "mV"),
        "dendrite.v": State("dendrite_v_rest", "mV"),
        "gsyn_exc": State(0.0, "uS", "conductance"),
        "gsyn_inh": State(0.0, "uS", "conductance"),
        "isyn_exc": State(0.0, "nA"),
        "isyn_inh": State(0.0, "nA"),
    }
    RECORDABLES = {
        **{name: s.unit for name, s in STATES.items()},
        "v_star": "mV",
        "rate": "Hz",
        "rate_star": "Hz",
        "error": "dimensionless",
    }
    RECEPTORS = ("dendritic_exc", "dendritic_inh", "soma_exc", "soma_inh", "dendritic")
    SIGNED = {"dendritic": "dendritic_exc"}
    COMPARTMENTS = {
        "soma": Compartment("soma.v", "soma_cm", coupled=True),
        "dendrite": Compartment("dendrite.v", "dendrite_cm"),
    }
    LEARNABLE = learnable(
        "dendrite", ("dendritic_exc", "dendritic_inh", "dendritic"), ErrorVariable("error", UNIT_VOLTAGE), "rate_star")
    WEIGHT_UNITS = {"dendritic_exc": "nA", "dendritic_inh": "nA", "soma_exc": "uS", "soma_inh": "uS", "dendritic": "nA"}
    SPACED = True
    BY_CELLS = True
    TAU_SYN = {"dendritic_exc": "dendrite_tau_syn_E", "dendritic_inh": "dendrite_tau_syn_I",
               "soma_exc": "soma_tau_syn_E", "soma_inh": "soma_tau_syn_I", "dendritic": "dendrite_tau_syn_E"}

    def __dealloc__(self):
        free(self.cells)

    def allocate_states(self):
        PointProcess.allocate_states(self)
        for name in self.RECORDABLES:
            self.allocate(name)
        self.v_soma = self.column[self.variables["soma.v"]]
        self.v_dendrite = self.column[self.variables["dendrite.v"]]
        self.g_exc = self.column[self.variables["gsyn_exc"]]
        self.g_inh = self.column[self.variables["gsyn_inh"]]
        self.i_exc = self.column[self.variables["isyn_exc"]]
        self.i_inh = self.column[self.variables["isyn_inh"]]
        self.v_star = self.column[self.variables["v_star"]]
        self.rate = self.column[self.variables["rate"]]
        self.rate_star = self.column[self.variables["rate_star"]]
        self.error = self.column[self.variables["error"]]
        self.learning = self.padded_zeros()
        if self.size == 1:
            self.keep_trail([*self.STATES, "v_star", "rate", "rate_star", "error"], &self.learning[0], UNIT_VOLTAGE)

    def check_together(self, p, owner):
        check_membranes(owner, p, self.timestep, {"soma": ("soma_g_leak", "g_dendrite_to_soma"),
                                                  "dendrite": ("dendrite_g_leak", "g_soma_to_dendrite")})
        check_rates(owner, p, self.timestep)

    def prepare(self):
        """Coefficients of each run of neighbours with equal parameters."""
        table = np.array([self.parameter(name) for name in self.PARAMETERS])
        bounds = self.cut_runs(table)
        self.n_runs = len(bounds) - 1
        resize(<void**> &self.cells, self.n_runs * sizeof(Cell))
        cdef Py_ssize_t run
        cdef Cell* c
        for run in range(self.n_runs):
            p = dict(zip(self.PARAMETERS, table[:, bounds[run]]))
            c = &self.cells[run]
            c.cells = self.cell_range(bounds[run], bounds[run + 1], p["tau_refrac"])
            c.substeps = prepare_compartments(&c.soma, &c.dendrite, COUPLINGS, p, self.timestep, divide=False)
            c.rate.scale = c.rate.phi_max = p["phi_max"]
            c.rate.rate_slope = p["rate_slope"]
            c.rate.beta = p["beta"]
            c.rate.theta = p["theta"]
        c = &self.cells[0]
        self.let_go_ahead(&c.cells, &c.soma, &c.dendrite, &c.rate, c.substeps == 1)

    cdef void begin(self, long now) noexcept nogil:
        # all but the errors of the step that has been, which went into the weights
        cdef double errors[STRIP]
        cdef Py_ssize_t run, i, n
        for run in range(self.n_runs):
            i = self.cells[run].cells.first
            while i < self.cells[run].cells.last:
                n = min(STRIP, self.cells[run].cells.last - i)
                self.predict(&self.cells[run], i, n, now, 0.0, &errors[0] if now else self.error + i)
                i += n

    cdef void step(self, long now, int partition) noexcept nogil:
        cdef const Block* block = &self.block[partition]
        cdef const Cell* c
        cdef Py_ssize_t run, first
        if not self.takes_at_once:
            self.absorb(now - 1, partition)
        self.open_spikes(now, partition)
        for run in range(block.first_run, block.last_run):
            c = &self.cells[run]
            first = c.cells.first
            self.integrate(c, now)
            if self.predict(c, first, c.cells.last - first, now, 1e-3 * self.timestep, self.error + first):
                self.spike(&c.cells, now)

    cdef void absorb(self, long now, int partition) noexcept nogil:
        cdef const Block* block = &self.block[partition]
        cdef Py_ssize_t run
        for run in range(block.first_run, block.last_run):
            self.absorb_range(
                self.cells[run].cells.first, self.cells[run].cells.last, slot(&self.input_buffer.ring, now))

    cdef void absorb_range(self, Py_ssize_t first, Py_ssize_t last, double* arriving) noexcept nogil:
        cdef DendriteState dendrite = DendriteState(self.v_dendrite, self.i_exc, self.i_inh)
        absorb_many(&dendrite, 1, self.stride, arriving, self.g_exc, self.g_inh, first, last - first)

    cdef void integrate(self, const Cell* c, long now) noexcept nogil:
        """Potentials, conductances and currents over a step, and the input that arrives at its end."""
        cdef Py_ssize_t first = c.cells.first, i
        if c.substeps > 1:
            self.integrate_substeps(c, now)
            return
        if self.integrate_smooth(c, first, c.cells.last - first, now):
            return
        for i in range(c.cells.first, c.cells.last):
            if self.g_exc[i] + self.g_inh[i] > c.soma.strongest:
                self.integrate_smooth(c, first, i - first, now)
                self.integrate_coupled(c, i)
                self.absorb_range(i, i + 1, self.arriving(now))
                first = i + 1
        self.integrate_smooth(c, first, c.cells.last - first, now)

    cdef bint integrate_smooth(self, const Cell* c, Py_ssize_t first, Py_ssize_t n, long now) noexcept nogil:
        cdef double* arriving = self.arriving(now) + first
        cdef const double* injected = self.injected + first - c.cells.offset
        # one cell is common; compilers make a loop over a known number of cells no loop at all
        if n == 1:
            return integrate_cells(
                &c.soma, &c.dendrite, 1, self.v_soma + first, self.v_dendrite + first, self.g_exc + first,
                self.g_inh + first, self.i_exc + first, self.i_inh + first, injected, injected + self.size,
                arriving, arriving + self.stride, arriving + 2 * self.stride, arriving + 3 * self.stride)
        return integrate_many(
            &c.soma, &c.dendrite, n, self.v_soma + first, self.v_dendrite + first, self.g_exc + first,
            self.g_inh + first, self.i_exc + first, self.i_inh + first, injected, injected + self.size,
            arriving, arriving + self.stride, arriving + 2 * self.stride, arriving + 3 * self.stride)

    cdef void integrate_substeps(self, const Cell* c, long now) noexcept nogil:
        """The same where the step is long for the cells."""
        cdef Py_ssize_t i = c.cells.first, n, k
        while i < c.cells.last:
            n = min(STRIP, c.cells.last - i)
            if not self.integrate_divided(c, i, n, now):
                for k in range(i, i + n):
                    if not self.integrate_divided(c, k, 1, now):
                        self.integrate_coupled(c, k)
                        self.absorb_range(k, k + 1, self.arriving(now))
            i += n

    cdef bint integrate_divided(self, const Cell* c, Py_ssize_t first, Py_ssize_t n, long now) noexcept nogil:
        cdef DendriteState dendrite = DendriteState(self.v_dendrite, self.i_exc, self.i_inh)
        return integrate_strips(
            &c.soma, &c.dendrite, &dendrite, 1, c.substeps, self.injected + first - c.cells.offset, self.size,
            self.stride, self.arriving(now), self.v_soma, self.g_exc, self.g_inh, first, n)

    cdef void integrate_coupled(self, const Cell* c, Py_ssize_t i) noexcept nogil:
        cdef double series[WIDTH]
        cdef DendriteState dendrite = DendriteState(self.v_dendrite, self.i_exc, self.i_inh)
        integrate_series(
            &c.soma, &c.dendrite, 1, self.timestep, c.substeps, self.v_soma, self.g_exc, self.g_inh, &dendrite, i,
            self.injected + i - c.cells.offset, self.size, series)

    cdef bint predict(
        self, const Cell* c, Py_ssize_t i, Py_ssize_t n, long now, double h, double* error
    ) noexcept nogil:
        """phi of `n` somata, their dendrites' predictions, and their errors as long as there is no spike.

        Each cell uses up its exponential draw by its rate; true if one of them has done so.
        """
        # h in s, since rates are in Hz
        if n == 1:
            return predict_logistic(
                &c.rate, &c.dendrite, 1, now, h, UNIT_VOLTAGE, self.v_soma + i, self.v_dendrite + i, &self.resting[i],
                self.rate + i, self.v_star + i, self.rate_star + i, &self.learning[i], error, &self.hazard[i])
        return predict_many(
            &c.rate, &c.dendrite, n, now, h, UNIT_VOLTAGE, self.v_soma + i, self.v_dendrite + i, &self.resting[i],
            self.rate + i, self.v_star + i, self.rate_star + i, &self.learning[i], error, &self.hazard[i])

    cdef void notice(self, Py_ssize_t i) noexcept nogil:
        self.error[i] += self.learning[i]
