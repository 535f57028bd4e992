"""The two-compartment point-process neuron of Urbanczik & Senn (2014).

    C_s dV_s/dt = −g_L (V_s − E_L) − g_E (V_s − E_E) − g_I (V_s − E_I) + g_ds (V_d − V_s) + I_s
    C_d dV_d/dt = −g_Ld (V_d − E_Ld) + I_E + I_I + g_sd (V_s − V_d) + I_d

Conductances and dendritic currents decay exponentially between inputs. The soma spikes with the hazard
phi(V_s), without reset, and rests for tau_refrac; V* = (g_L E_L + g_ds V_d) / (g_L + g_ds) is the dendrite's
prediction of V_s, and (spikes − phi(V*) h) h(V*) the error that plastic synapses learn from.

Numerics: with g_sd = 0 the dendrite is integrated exactly, and the soma, a linear equation with the known
integrating factor A(s) = ∫_s^h a(u) du (a = total conductance / C_s), by

    V(h) = V(0) + ∫_0^h e^{−A(s)} (b(s) − a(s) V(0)) ds,      C_s V' = C_s (b − a V)

with a three-point Gauss rule, which is exact at rest. Where the step is long for the conductance or for a time
constant, and with g_sd > 0, both potentials are expanded into their Taylor series over as many substeps as its
convergence needs.
"""

from libc.math cimport exp, expm1
from libc.stdlib cimport free

import numpy as np

from backend_cython.model.schema import (
    MOST_SPIKES, Compartment, ErrorDifference, ErrorVariable, Learnable, Parameter, State, check_least, check_most,
)
from backend_cython.engine.memory cimport resize
from backend_cython.model.ring_buffers cimport slot
from backend_cython.neurons.refractory cimport whole_steps
from backend_cython.model.population cimport Block
from backend_cython.numerics.philox cimport exponential_draw
from backend_cython.numerics.propagators cimport expm1_ratio
from backend_cython.numerics.sigmoid cimport UNIT_VOLTAGE, exponential

from .urbanczik_senn_many cimport integrate_many, predict_many
from .urbanczik_senn_step cimport N_NODES, N_PLACES, integrate_cells, predict_cells

cdef enum:
    ORDER = 16          # of the Taylor series

# Rate × step up to which the Gauss rule is good to 1e-7 mV, and the short exponentials in it valid.
cdef double GAUSS_LIMIT = 0.5
# Somatic rate × step beyond which the soma just sits where its currents balance.
cdef double PINNED = 500.0
# Time constants below the time step by more than this are refused: only ever more substeps would follow them.
SHORTEST = 1e-3

NODES, WEIGHTS = np.polynomial.legendre.leggauss(N_NODES)

_COMPARTMENT = {
    "cm": Parameter(0.3, "nF", "positive"),
    "g_leak": Parameter(0.03, "uS", "positive"),
    "v_rest": Parameter(-70.0, "mV"),
    "tau_syn_E": Parameter(3.0, "ms", "positive"),
    "tau_syn_I": Parameter(3.0, "ms", "positive"),
    "i_offset": Parameter(0.0, "nA"),
}


cdef class UrbanczikSenn(Population):
    """Urbanczik–Senn neurons. Neighbours with equal parameters are stepped together, as one run."""

    PARAMETERS = {
        **{f"soma_{name}": p for name, p in _COMPARTMENT.items()},
        "soma_e_rev_E": Parameter(0.0, "mV"),
        "soma_e_rev_I": Parameter(-75.0, "mV"),
        **{f"dendrite_{name}": p for name, p in _COMPARTMENT.items()},
        "g_dendrite_to_soma": Parameter(0.6, "uS", "non-negative"),
        "g_soma_to_dendrite": Parameter(0.0, "uS", "non-negative"),
        "tau_refrac": Parameter(3.0, "ms", "time"),
        "phi_max": Parameter(150.0, "Hz", "non-negative"),
        "rate_slope": Parameter(0.5, "dimensionless", "non-negative"),
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
    LEARNABLE = {
        receptor: Learnable(
            {
                "spikes": ErrorVariable("error", UNIT_VOLTAGE),
                "rate": ErrorDifference("rate", "rate_star", 1e-3),
                "potential": ErrorDifference(None, "dendrite.v"),
            },
            "dendrite_cm", "dendrite_g_leak", f"dendrite_tau_syn_{kind}", sign, "nA")
        for receptor, kind, sign in (("dendritic_exc", "E", 1.0), ("dendritic_inh", "I", -1.0), ("dendritic", "E", 1.0))
    }
    WEIGHT_UNITS = {"dendritic_exc": "nA", "dendritic_inh": "nA", "soma_exc": "uS", "soma_inh": "uS", "dendritic": "nA"}
    SPACED = True
    TAU_SYN = {"dendritic_exc": "dendrite_tau_syn_E", "dendritic_inh": "dendrite_tau_syn_I",
               "soma_exc": "soma_tau_syn_E", "soma_inh": "soma_tau_syn_I", "dendritic": "dendrite_tau_syn_E"}

    def __dealloc__(self):
        free(self.cells)

    def allocate_states(self):
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
        self.learning = self.per_place()
        self.hazard = self.per_place()
        self.resting = self.per_place(np.int64)
        self.draws = self.per_place(np.uint64)

    def rewind(self):
        cdef Py_ssize_t i, shift
        self.resting[:] = 0
        self.draws[:] = 0
        for i in range(self.size):
            shift = self.shift(self.partition_of(i))
            self.hazard[i + shift] = self.next_draw(i + shift, shift)

    def check_together(self, p, owner):
        shortest = SHORTEST * self.timestep
        for side, coupling in (("soma", "g_dendrite_to_soma"), ("dendrite", "g_soma_to_dendrite")):
            least = shortest * (p[f"{side}_g_leak"] + p[coupling])
            check_least(owner, f"{side}_cm", p[f"{side}_cm"], least, "capacitance / conductances must not be below "
                        f"{shortest:g} ms, a thousandth of the time step", "nF")
            for kind in "EI":
                name = f"{side}_tau_syn_{kind}"
                check_least(owner, name, p[name], shortest, "a thousandth of the time step", "ms")
        check_most(owner, "rate_slope", p["rate_slope"], 1e3, "what keeps the rate function finite")
        check_most(owner, "phi_max", np.where(p["tau_refrac"] == 0.0, p["phi_max"], 0.0),
                   1e3 * MOST_SPIKES / self.timestep, "a million spikes a time step without refractory time", "Hz")

    def prepare(self):
        """Coefficients of each run of neighbours with equal parameters."""
        table = np.array([self.parameter(name) for name in self.PARAMETERS])
        bounds = self.cut_runs(table)
        self.n_runs = len(bounds) - 1
        resize(<void**> &self.cells, self.n_runs * sizeof(Cell))
        cdef Py_ssize_t run
        for run in range(self.n_runs):
            self.cells[run].shift = self.shift(self.partition_of(bounds[run]))
            self.cells[run].first = bounds[run] + self.cells[run].shift
            self.cells[run].last = bounds[run + 1] + self.cells[run].shift
            self._prepare_run(&self.cells[run], dict(zip(self.PARAMETERS, table[:, bounds[run]])))

    cdef _prepare_run(self, Cell* c, dict p):
        cdef double h = self.timestep, s, x
        cdef int q
        c.cm = p["soma_cm"]
        c.g_coupling = p["g_dendrite_to_soma"]
        c.g_static = p["soma_g_leak"] + c.g_coupling
        c.i_static = p["soma_g_leak"] * p["soma_v_rest"] + p["soma_i_offset"]
        c.e_rev_E = p["soma_e_rev_E"]
        c.e_rev_I = p["soma_e_rev_I"]
        c.rate_E = 1.0 / p["soma_tau_syn_E"]
        c.rate_I = 1.0 / p["soma_tau_syn_I"]
        c.decay_E = exp(-h * c.rate_E)
        c.decay_I = exp(-h * c.rate_I)
        c.d_rest = p["dendrite_v_rest"]
        c.d_cm = p["dendrite_cm"]
        c.d_leak = p["dendrite_g_leak"]
        c.d_back = p["g_soma_to_dendrite"]
        c.d_offset = p["dendrite_i_offset"]
        c.d_rate_E = 1.0 / p["dendrite_tau_syn_E"]
        c.d_rate_I = 1.0 / p["dendrite_tau_syn_I"]
        c.d_decay_E = exp(-h * c.d_rate_E)
        c.d_decay_I = exp(-h * c.d_rate_I)
        c.i_at_rest = c.i_static + c.g_coupling * c.d_rest
        for q in range(N_PLACES):
            s = h if q == N_NODES else 0.5 * h * (1.0 + NODES[q])
            x = s * c.d_leak / c.d_cm
            c.from_v[q] = exp(-x)
            c.from_constant[q] = -expm1(-x) / c.d_leak
            c.from_E[q] = s / c.d_cm * exp(-x) * expm1_ratio(x - s * c.d_rate_E)
            c.from_I[q] = s / c.d_cm * exp(-x) * expm1_ratio(x - s * c.d_rate_I)
            c.left_E[q] = exp(-s * c.rate_E)
            c.left_I[q] = exp(-s * c.rate_I)
            c.drive_E[q] = c.left_E[q] * c.e_rev_E
            c.drive_I[q] = c.left_I[q] * c.e_rev_I
            c.remaining[q] = c.g_static * (h - s) / c.cm
            c.ahead_E[q] = (c.left_E[q] - c.decay_E) / (c.rate_E * c.cm)
            c.ahead_I[q] = (c.left_I[q] - c.decay_I) / (c.rate_I * c.cm)
            c.weight[q] = 0.5 * h * WEIGHTS[q] / c.cm if q < N_NODES else 0.0
            if q < N_NODES:
                c.from_v[q] *= c.g_coupling
                c.from_E[q] *= c.g_coupling
                c.from_I[q] *= c.g_coupling
                c.from_constant[q] *= c.g_coupling
        c.smooth = c.d_back == 0.0 and GAUSS_LIMIT > h * max(
            c.rate_E, c.rate_I, c.d_rate_E, c.d_rate_I, c.d_leak / c.d_cm)
        c.strongest = GAUSS_LIMIT * c.cm / h - c.g_static if c.smooth else -np.inf
        c.phi_max = p["phi_max"]
        c.slope = p["rate_slope"]
        c.beta = p["beta"]
        c.theta = p["theta"]
        c.coupling_share = c.g_coupling / c.g_static
        c.predict_rest = p["soma_g_leak"] * p["soma_v_rest"] / c.g_static
        c.refractory_steps = whole_steps(p["tau_refrac"], h)
        c.single_spike = p["tau_refrac"] > 0

    cdef void begin(self, long now) noexcept nogil:
        cdef Py_ssize_t run
        for run in range(self.n_runs):
            self.predict(&self.cells[run], now, 0.0)

    cdef void step(self, long now, int partition) noexcept nogil:
        cdef const Block* block = &self.block[partition]
        cdef Py_ssize_t run
        self.open_spikes(now, partition)
        for run in range(block.first_run, block.last_run):
            self.integrate(&self.cells[run], now)
            if self.predict(&self.cells[run], now, 1e-3 * self.timestep):      # s, since rates are in Hz
                self.spike(&self.cells[run], now)

    cdef void absorb(self, long now, int partition) noexcept nogil:
        cdef const Block* block = &self.block[partition]
        self.absorb_stretch(block.first + block.shift, block.last + block.shift, now)

    cdef void absorb_stretch(self, Py_ssize_t first, Py_ssize_t last, long now) noexcept nogil:
        cdef double* arriving = slot(&self.inbox.ring, now)
        cdef Py_ssize_t n = self.pitch, i
        for i in range(first, last):
            self.i_exc[i] += arriving[i]
            self.i_inh[i] -= arriving[n + i]
            self.g_exc[i] += arriving[2 * n + i]
            self.g_inh[i] += arriving[3 * n + i]
            arriving[i] = arriving[n + i] = arriving[2 * n + i] = arriving[3 * n + i] = 0.0

    cdef void integrate(self, const Cell* c, long now) noexcept nogil:
        """Potentials, conductances and currents over a step, and the input that arrives at its end."""
        cdef Py_ssize_t first = c.first, i
        if self.integrate_smooth(c, first, c.last - first, now):
            return
        for i in range(c.first, c.last):
            if self.g_exc[i] + self.g_inh[i] > c.strongest:
                self.integrate_smooth(c, first, i - first, now)
                self.integrate_coupled(c, i)
                self.absorb_stretch(i, i + 1, now)
                first = i + 1
        self.integrate_smooth(c, first, c.last - first, now)

    cdef bint integrate_smooth(self, const Cell* c, Py_ssize_t first, Py_ssize_t n, long now) noexcept nogil:
        cdef double* arriving = slot(&self.inbox.ring, now) + first
        cdef const double* injected = self.injected + first - c.shift
        # one cell is common; compilers make a loop over a known number of cells no loop at all
        if n == 1:
            return integrate_cells(
                c, 1, self.v_soma + first, self.v_dendrite + first, self.g_exc + first, self.g_inh + first,
                self.i_exc + first, self.i_inh + first, injected, injected + self.size,
                arriving, arriving + self.pitch, arriving + 2 * self.pitch, arriving + 3 * self.pitch)
        return integrate_many(
            c, n, self.v_soma + first, self.v_dendrite + first, self.g_exc + first, self.g_inh + first,
            self.i_exc + first, self.i_inh + first, injected, injected + self.size,
            arriving, arriving + self.pitch, arriving + 2 * self.pitch, arriving + 3 * self.pitch)

    cdef void integrate_coupled(self, const Cell* c, Py_ssize_t i) noexcept nogil:
        """Both potentials by Taylor series in time, which the exponential inputs make a short recursion."""
        cdef double v[ORDER + 1]
        cdef double d[ORDER + 1]
        cdef double g[ORDER + 1]          # total synaptic conductance of the soma, and the current it drives at 0 mV
        cdef double s[ORDER + 1]
        cdef double g_E = self.g_exc[i], g_I = self.g_inh[i], i_E = self.i_exc[i], i_I = self.i_inh[i]
        cdef double constant = c.i_static + self.injected[i - c.shift]
        cdef double d_constant = c.d_leak * c.d_rest + self.injected[self.size + i - c.shift] + c.d_offset
        cdef double somatic = (c.g_static + g_E + g_I) / c.cm
        cdef bint pinned = somatic * self.timestep > PINNED
        cdef double fastest = max(0.0 if pinned else somatic, (c.d_leak + c.d_back) / c.d_cm)
        cdef double h, e, m, de, dm, convolved
        cdef long substeps, _part
        cdef int k, j
        fastest = max(fastest, max(max(c.rate_E, c.rate_I), max(c.d_rate_E, c.d_rate_I)))
        substeps = <long> (2.0 * self.timestep * fastest) + 1
        h = self.timestep / substeps
        v[0] = self.v_soma[i]
        d[0] = self.v_dendrite[i]
        for _part in range(substeps):
            e = g_E
            m = g_I
            de = i_E
            dm = i_I
            if pinned:
                v[0] = self.balance(c, constant + c.g_coupling * d[0], g_E, g_I)
            for k in range(ORDER):
                g[k] = e + m
                s[k] = e * c.e_rev_E + m * c.e_rev_I
                convolved = 0.0
                for j in range(k + 1):
                    convolved += g[j] * v[k - j]
                v[k + 1] = 0.0 if pinned else (
                    s[k] - convolved - c.g_static * v[k] + c.g_coupling * d[k]
                    + (constant if k == 0 else 0.0)) * h / (c.cm * (k + 1))
                d[k + 1] = (de + dm - (c.d_leak + c.d_back) * d[k] + c.d_back * v[k]
                            + (d_constant if k == 0 else 0.0)) * h / (c.d_cm * (k + 1))
                e *= -h * c.rate_E / (k + 1)
                m *= -h * c.rate_I / (k + 1)
                de *= -h * c.d_rate_E / (k + 1)
                dm *= -h * c.d_rate_I / (k + 1)
            for k in range(ORDER, 0, -1):
                v[k - 1] += v[k]
                d[k - 1] += d[k]
            g_E *= exponential(-h * c.rate_E)
            g_I *= exponential(-h * c.rate_I)
            i_E *= exponential(-h * c.d_rate_E)
            i_I *= exponential(-h * c.d_rate_I)
        self.v_soma[i] = self.balance(c, constant + c.g_coupling * d[0], g_E, g_I) if pinned else v[0]
        self.v_dendrite[i] = d[0]
        self.g_exc[i] *= c.decay_E
        self.g_inh[i] *= c.decay_I
        self.i_exc[i] *= c.d_decay_E
        self.i_inh[i] *= c.d_decay_I

    cdef double balance(self, const Cell* c, double current, double g_E, double g_I) noexcept nogil:
        """The somatic potential at which the currents cancel."""
        return (current + g_E * c.e_rev_E + g_I * c.e_rev_I) / (c.g_static + g_E + g_I)

    cdef bint predict(self, const Cell* c, long now, double h) noexcept nogil:
        """phi of the soma, the dendrite's prediction, and its error as long as there is no spike.

        Each cell uses up its exponential draw by its rate; true if one of them has done so.
        """
        cdef Py_ssize_t i = c.first
        if c.last - i == 1:
            return predict_cells(
                c, 1, now, h, self.v_soma + i, self.v_dendrite + i, &self.resting[i], self.rate + i, self.v_star + i,
                self.rate_star + i, &self.learning[i], self.error + i, &self.hazard[i])
        return predict_many(
            c, c.last - i, now, h, self.v_soma + i, self.v_dendrite + i, &self.resting[i], self.rate + i,
            self.v_star + i, self.rate_star + i, &self.learning[i], self.error + i, &self.hazard[i])

    cdef void spike(self, const Cell* c, long now) noexcept nogil:
        """A spike where the draw is used up, and a new draw.

        The same law as a Bernoulli draw a step with probability 1 − exp(−phi h) (and as a Poisson draw
        a step if nothing is refractory), with one random number a spike.
        """
        cdef Py_ssize_t i
        for i in range(c.first, c.last):
            if self.resting[i] >= now:
                continue
            while self.hazard[i] <= 0.0:
                self.emit(<int> (i - c.shift))
                self.error[i] += self.learning[i]
                if c.single_spike:
                    self.hazard[i] = self.next_draw(i, c.shift)
                    self.resting[i] = now + c.refractory_steps
                    break
                self.hazard[i] += self.next_draw(i, c.shift)

    cdef double next_draw(self, Py_ssize_t i, Py_ssize_t shift) noexcept nogil:
        self.draws[i] += 1
        return exponential_draw(self.key, self.first_stream + i - shift, self.draws[i] - 1)
