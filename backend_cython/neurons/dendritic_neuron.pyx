"""A point-process neuron with any number of dendrites, each of which predicts the soma.

Equations and numerics are those of compartments.pyx, spikes those of point_process.pyx with the hazard φ(U), a choice
of rate_functions.pxd; (spikes − φ(V*_c) h) φ'(V*_c)/φ(V*_c) is the error of dendrite c in a step. Somata that are fast
for the time step take some substeps.
"""

import numpy as np

from backend_cython.model.cells cimport Block
from backend_cython.model.ring_buffers cimport slot

from .compartment_loops cimport (
    absorb_many, integrate_many, integrate_strips, predict_dendrites, predict_many, use_up_many,
)
from .compartments cimport prepare_compartments
from .dendritic_step cimport STRIP, integrate_strip, predict_cells, use_up
from .membranes import check_membranes, check_rates
from .one_dendrite_step cimport integrate_cells, predict_logistic
from .rate_functions cimport EXPONENTIAL, LOGISTIC, RECTIFIED, SOFTPLUS
from .taylor_step cimport WIDTH, integrate_series

# Of each rate function: its shape, and which of its parameters is the `scale`.
SHAPES = {
    "logistic": (LOGISTIC, "phi_max"),
    "softplus": (SOFTPLUS, "gain"),
    "rectified": (RECTIFIED, "gain"),
    "exponential": (EXPONENTIAL, "rho_0"),
}


cdef class DendriticNeuron(PointProcess):
    """Neurons with the dendrites `LABELS`; classes with some are made in dendritic_types.py."""

    LABELS = ()
    RATE_FUNCTION = "logistic"
    SPACED = True
    BY_CELLS = True

    def allocate_states(self):
        cdef Py_ssize_t c, n = len(self.LABELS)
        PointProcess.allocate_states(self)
        self.n_dendrites = n
        self.shape = SHAPES[self.RATE_FUNCTION][0]
        for name in self.RECORDABLES:
            self.allocate(name)
        cdef char[::1] states = np.zeros(max(1, n) * sizeof(DendriteState), np.int8)
        cdef char[::1] predictions = np.zeros(max(1, n) * sizeof(Prediction), np.int8)
        cdef double[::1] series = np.zeros(max(1, (self.whole + 1) * n * WIDTH))
        cdef double[::1] log_slope
        self.states, self.series = <DendriteState*> &states[0], &series[0]
        self.predictions = <Prediction*> &predictions[0]
        self._arrays = [states, predictions, series]
        for c, label in enumerate(self.LABELS):
            log_slope = self.padded_zeros()
            self._arrays.append(log_slope)
            self.states[c] = DendriteState(
                self._column(f"{label}.v"), self._column(f"{label}.isyn_exc"), self._column(f"{label}.isyn_inh"))
            self.predictions[c] = Prediction(
                self._column(f"{label}.v_star"), self._column(f"{label}.rate_star"), self._column(f"{label}.error"),
                &log_slope[0])
        self.v = self._column("soma.v")
        self.g_exc = self._column("gsyn_exc")
        self.g_inh = self._column("gsyn_inh")
        self.rate = self._column("rate")
        if self.size == n == 1 and self.shape == LOGISTIC:
            label = self.LABELS[0]
            variables = "v", "isyn_exc", "isyn_inh", "v_star", "rate_star", "error"
            v, i_exc, i_inh, v_star, rate_star, error = (f"{label}.{name}" for name in variables)
            self.keep_trail(["soma.v", v, "gsyn_exc", "gsyn_inh", i_exc, i_inh, v_star, "rate", rate_star, error],
                            self.predictions[0].log_slope, 1.0)

    cdef double* _column(self, name):
        return self.column[self.variables[name]]

    def check_together(self, p, owner):
        conductances = {"soma": ["soma_g_leak", *(f"{label}_g_to_soma" for label in self.LABELS)]}
        conductances |= {label: (f"{label}_g_leak", f"{label}_g_from_soma") for label in self.LABELS}
        check_membranes(owner, p, self.timestep, conductances)
        check_rates(owner, p, self.timestep)

    def prepare(self):
        """Coefficients of each run of neighbours with equal parameters."""
        cdef Py_ssize_t run, k = max(1, self.n_dendrites)
        table = np.array([self.parameter(name) for name in self.PARAMETERS])
        bounds = self.cut_runs(table)
        self.n_runs = len(bounds) - 1
        cdef char[::1] neurons = np.zeros(self.n_runs * sizeof(Neuron), np.int8)
        cdef char[::1] dendrites = np.zeros(self.n_runs * k * sizeof(Dendrite), np.int8)
        self._memory = neurons, dendrites
        self.neurons, self.dendrites = <Neuron*> &neurons[0], <Dendrite*> &dendrites[0]
        for run in range(self.n_runs):
            p = dict(zip(self.PARAMETERS, table[:, bounds[run]]))
            self.neurons[run].cells = self.cell_range(bounds[run], bounds[run + 1], p["tau_refrac"])
            self._prepare_run(&self.neurons[run], self.dendrites + run * self.n_dendrites, p)
        self.let_go_ahead(&self.neurons[0].cells, &self.neurons[0].soma, self.dendrites, &self.neurons[0].rate,
                          self.neurons[0].substeps == 1)

    cdef _prepare_run(self, Neuron* neuron, Dendrite* dendrites, dict p):
        cdef Soma* soma = &neuron.soma
        couplings = [(label, f"{label}_g_to_soma", f"{label}_g_from_soma") for label in self.LABELS]
        # one dendrite is the two-compartment neuron whatever the parameters
        neuron.substeps = prepare_compartments(
            soma, dendrites, couplings, p, self.timestep, divide=self.n_dendrites > 1)
        neuron.rate.scale = p[SHAPES[self.RATE_FUNCTION][1]]
        neuron.rate.beta = p.get("beta", 0.0)
        neuron.rate.theta = p["theta"]
        neuron.rate.rate_slope = p.get("rate_slope", 0.0)
        neuron.rate.phi_max = p.get("phi_max", 0.0)

    cdef void begin(self, long now) noexcept nogil:
        # all but the errors of the step that has been, which went into the weights
        cdef double errors[STRIP]
        cdef Py_ssize_t run, i, n
        for run in range(self.n_runs):
            i = self.neurons[run].cells.first
            while i < self.neurons[run].cells.last:
                n = min(STRIP, self.neurons[run].cells.last - i)
                self.predict(&self.neurons[run], self.dendrites + run * self.n_dendrites, i, n, now, 0.0,
                             &errors[0] if now else NULL)
                i += n

    cdef void step(self, long now, int partition) noexcept nogil:
        cdef const Block* block = &self.block[partition]
        cdef const Dendrite* dendrites
        cdef const CellRange* cells
        cdef Py_ssize_t run
        if not self.takes_at_once:
            self.absorb(now - 1, partition)
        self.open_spikes(now, partition)
        for run in range(block.first_run, block.last_run):
            dendrites = self.dendrites + run * self.n_dendrites
            self.integrate(&self.neurons[run], dendrites, partition, now)
            cells = &self.neurons[run].cells
            if self.predict(&self.neurons[run], dendrites, cells.first, cells.last - cells.first, now,
                            1e-3 * self.timestep, NULL):      # s, since rates are in Hz
                self.spike(cells, now)

    cdef void absorb(self, long now, int partition) noexcept nogil:
        cdef const Block* block = &self.block[partition]
        cdef const CellRange* cells
        cdef Py_ssize_t run
        for run in range(block.first_run, block.last_run):
            cells = &self.neurons[run].cells
            self.absorb_range(cells.first, cells.last, slot(&self.input_buffer.ring, now))

    cdef void absorb_range(self, Py_ssize_t first, Py_ssize_t last, double* arriving) noexcept nogil:
        absorb_many(self.states, self.n_dendrites, self.stride, arriving, self.g_exc, self.g_inh, first, last - first)

    cdef void integrate(self, const Neuron* neuron, const Dendrite* dendrites, int partition, long now) noexcept nogil:
        """Potentials, conductances and currents over a step, and the input that arrives at its end."""
        cdef Py_ssize_t i = neuron.cells.first, n, k
        # only several dendrites or substeps have something to keep in the cache
        if self.n_dendrites == 1 and neuron.substeps == 1:
            if self.integrate_smooth(neuron, dendrites, i, neuron.cells.last - i, now):
                return
        while i < neuron.cells.last:
            n = min(STRIP, neuron.cells.last - i)
            if not self.integrate_smooth(neuron, dendrites, i, n, now):
                for k in range(i, i + n):
                    if not self.integrate_smooth(neuron, dendrites, k, 1, now):
                        integrate_series(
                            &neuron.soma, dendrites, self.n_dendrites, self.timestep, neuron.substeps, self.v,
                            self.g_exc, self.g_inh, self.states, k, self.injected + k - neuron.cells.offset, self.size,
                            self.series + partition * self.n_dendrites * WIDTH)
                        self.absorb_range(k, k + 1, self.arriving(now))
            i += n

    cdef bint integrate_smooth(
        self, const Neuron* neuron, const Dendrite* dendrites, Py_ssize_t first, Py_ssize_t n, long now
    ) noexcept nogil:
        """The same by the Gauss rule; false, and nothing has happened, if that is not good enough for one of them."""
        cdef double* arriving = self.arriving(now)
        cdef const double* injected = self.injected + first - neuron.cells.offset
        cdef const DendriteState* d = &self.states[0]
        cdef const Soma* soma = &neuron.soma
        cdef double* to_dendrite = arriving + first
        cdef double* to_soma = to_dendrite + 2 * self.stride
        # one dendrite and one cell are common; compilers make a loop over a known number of cells no loop at all
        if self.n_dendrites == 1 and neuron.substeps == 1:
            if n == 1:
                return integrate_cells(
                    soma, dendrites, 1, self.v + first, d.v + first, self.g_exc + first, self.g_inh + first,
                    d.i_exc + first, d.i_inh + first, injected, injected + self.size,
                    to_dendrite, to_dendrite + self.stride, to_soma, to_soma + self.stride)
            return integrate_many(
                soma, dendrites, n, self.v + first, d.v + first, self.g_exc + first, self.g_inh + first,
                d.i_exc + first, d.i_inh + first, injected, injected + self.size,
                to_dendrite, to_dendrite + self.stride, to_soma, to_soma + self.stride)
        if n == 1:
            return integrate_strip(
                soma, dendrites, self.states, self.n_dendrites, neuron.substeps, injected, self.size, self.stride,
                arriving, self.v, self.g_exc, self.g_inh, first, 1)
        return integrate_strips(
            soma, dendrites, self.states, self.n_dendrites, neuron.substeps, injected, self.size, self.stride,
            arriving, self.v, self.g_exc, self.g_inh, first, n)

    cdef bint predict(
        self, const Neuron* neuron, const Dendrite* dendrites, Py_ssize_t i, Py_ssize_t n, long now, double h,
        double* errors
    ) noexcept nogil:
        """φ of `n` somata and of their dendrites' predictions, and their errors as long as there is no spike.

        Each cell uses up its exponential draw by its rate; true if one of them has done so. With `errors`, these are
        written there.
        """
        cdef const Prediction* p = &self.predictions[0]
        cdef double* error = p.error + i if errors == NULL else errors
        cdef Py_ssize_t c
        if self.n_dendrites == 1 and self.shape == LOGISTIC:
            if n == 1:
                return predict_logistic(
                    &neuron.rate, dendrites, 1, now, h, 1.0, self.v + i, self.states[0].v + i, &self.resting[i],
                    self.rate + i, p.v_star + i, p.rate_star + i, p.log_slope + i, error, &self.hazard[i])
            return predict_many(
                &neuron.rate, dendrites, n, now, h, 1.0, self.v + i, self.states[0].v + i, &self.resting[i],
                self.rate + i, p.v_star + i, p.rate_star + i, p.log_slope + i, error, &self.hazard[i])
        for c in range(self.n_dendrites):
            p = &self.predictions[c]
            error = p.error + i if errors == NULL else errors
            if n == 1:
                predict_cells(self.shape, &neuron.rate, &dendrites[c], 1, h, self.states[c].v + i, p.v_star + i,
                              p.rate_star + i, error, p.log_slope + i)
            else:
                predict_dendrites(self.shape, &neuron.rate, &dendrites[c], n, h, self.states[c].v + i, p.v_star + i,
                                  p.rate_star + i, error, p.log_slope + i)
        if n == 1:
            return use_up(
                self.shape, &neuron.rate, 1, now, h, self.v + i, &self.resting[i], self.rate + i, &self.hazard[i])
        return use_up_many(
            self.shape, &neuron.rate, n, now, h, self.v + i, &self.resting[i], self.rate + i, &self.hazard[i])

    cdef void notice(self, Py_ssize_t i) noexcept nogil:
        cdef Py_ssize_t c
        for c in range(self.n_dendrites):
            self.predictions[c].error[i] += self.predictions[c].log_slope[i]
