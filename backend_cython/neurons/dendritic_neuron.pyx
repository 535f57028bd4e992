"""A point-process neuron with any number of dendrites, each of which predicts the soma.

    C_s dU/dt   = −g_L (U − E_L) − g_E (U − E_E) − g_I (U − E_I) + Σ_c g_c (V_c − U) + I_s
    C_c dV_c/dt = −g_Lc (V_c − E_c) + I_Ec + I_Ic + b_c (U − V_c) + I_c

Conductances of the soma and synaptic currents of the dendrites decay exponentially between inputs. The soma spikes with
the hazard φ(U), without reset, and rests for tau_refrac. Each dendrite predicts the soma as it would be if the other
dendrites were at rest,

    V*_c = (g_L E_L + g_c V_c + Σ_{k≠c} g_k E_k) / (g_L + Σ_k g_k),

and (spikes − φ(V*_c) h) φ'(V*_c)/φ(V*_c) is its error of a step.

Numerics are those of urbanczik_senn.pyx: without current back into a dendrite (b_c = 0) dendrites are integrated
exactly, and the soma by a Gauss rule with its known integrating factor, over some substeps if it is fast; else, and
where anything is faster, all potentials are expanded into Taylor series over as many substeps as they need.
"""

from libc.math cimport exp, expm1

import numpy as np

from backend_cython.model.population cimport Block
from backend_cython.model.ring_buffers cimport slot
from backend_cython.model.schema import (
    MOST_SPIKES, Compartment, ErrorDifference, ErrorVariable, Learnable, Parameter, State, check_least, check_most,
)
from backend_cython.numerics.philox cimport exponential_draw
from backend_cython.numerics.propagators cimport expm1_ratio
from backend_cython.numerics.restrict cimport Alone, AloneInput, AloneSteps
from backend_cython.numerics.sigmoid cimport exponential, short_exponential

from .rate_functions cimport EXPONENTIAL, LOGISTIC, RECTIFIED, SOFTPLUS, Shape, rate_at
from .refractory cimport whole_steps

cdef enum:
    ORDER = 16          # of the Taylor series
    EXC = ORDER + 1     # where a dendrite keeps the next terms of its synaptic currents
    INH = ORDER + 2
    WIDTH = ORDER + 3
    STRIP = 64          # cells whose dendrites and soma are integrated in turn, so that all stays in the cache

# Rate × step up to which the Gauss rule is good to 1e-7 mV, and the short exponentials in it valid.
cdef double GAUSS_LIMIT = 0.5
# Rate of the soma alone × substep, which leaves room for synaptic conductances; and the most substeps.
cdef double STATIC_LIMIT = 0.25
cdef int MOST_SUBSTEPS = 8
# Somatic rate × step beyond which the soma just sits where its currents balance.
cdef double PINNED = 500.0
# Time constants below the time step by more than this are refused: only ever more substeps would follow them.
SHORTEST = 1e-3
# Hazard in a step above which nothing changes any more: nobody means as many spikes.
cdef double MOST_HAZARD = MOST_SPIKES

NODES, WEIGHTS = np.polynomial.legendre.leggauss(N_NODES)

SHAPES = {"logistic": LOGISTIC, "softplus": SOFTPLUS, "rectified": RECTIFIED, "exponential": EXPONENTIAL}

_MEMBRANE = {
    "cm": Parameter(0.3, "nF", "positive"),
    "g_leak": Parameter(0.03, "uS", "positive"),
    "v_rest": Parameter(-70.0, "mV"),
    "tau_syn_E": Parameter(3.0, "ms", "positive"),
    "tau_syn_I": Parameter(3.0, "ms", "positive"),
    "i_offset": Parameter(0.0, "nA"),
}
SOMA = {**_MEMBRANE, "e_rev_E": Parameter(0.0, "mV"), "e_rev_I": Parameter(-75.0, "mV")}
DENDRITE = {
    **_MEMBRANE,
    "g_to_soma": Parameter(0.6, "uS", "non-negative"),
    "g_from_soma": Parameter(0.0, "uS", "non-negative"),
}
RATE_FUNCTIONS = {
    "logistic": {
        "phi_max": Parameter(150.0, "Hz", "non-negative"),
        "rate_slope": Parameter(0.5, "dimensionless", "non-negative"),
        "beta": Parameter(1.0 / 3.0, "1/mV", "non-negative"),
        "theta": Parameter(-55.0, "mV"),
    },
    "softplus": {
        "gain": Parameter(50.0, "Hz", "non-negative"),
        "beta": Parameter(1.0 / 3.0, "1/mV", "non-negative"),
        "theta": Parameter(-55.0, "mV"),
    },
    "rectified": {
        "gain": Parameter(10.0, "Hz/mV", "non-negative"),
        "theta": Parameter(-60.0, "mV"),
        "phi_max": Parameter(150.0, "Hz", "non-negative"),
    },
    "exponential": {
        "rho_0": Parameter(50.0, "Hz", "non-negative"),
        "beta": Parameter(1.0 / 3.0, "1/mV", "non-negative"),
        "theta": Parameter(-55.0, "mV"),
    },
}
# Which parameter of a rate function is its `scale`.
SCALES = {"logistic": "phi_max", "softplus": "gain", "rectified": "gain", "exponential": "rho_0"}

_types = {}


def dendritic_neuron(labels, rate_function="logistic"):
    """The class of cells with dendrites of these names; always the same one for the same arguments.

    Parameters
    ----------
    labels : sequence of str
        One for each dendrite, at least one.
    rate_function : str
        A key of `RATE_FUNCTIONS`.
    """
    key = (tuple(labels), rate_function)
    if key not in _types:
        _types[key] = type("DendriticNeuron", (DendriticNeuron,), _tables(*key))
    return _types[key]


def _tables(labels, rate_function):
    """What a class with these dendrites declares."""
    parameters = {f"soma_{name}": p for name, p in SOMA.items()}
    for label in labels:
        parameters.update((f"{label}_{name}", p) for name, p in DENDRITE.items())
    parameters["tau_refrac"] = Parameter(3.0, "ms", "non-negative")
    parameters.update(RATE_FUNCTIONS[rate_function])
    states = {compartment + ".v": State(f"{compartment}_v_rest", "mV") for compartment in ("soma", *labels)}
    states["gsyn_exc"] = states["gsyn_inh"] = State(0.0, "uS", "conductance")
    states.update((f"{label}.isyn_{kind}", State(0.0, "nA")) for label in labels for kind in ("exc", "inh"))
    recordables = {name: state.unit for name, state in states.items()}
    recordables["rate"] = "Hz"
    for label in labels:
        recordables.update({f"{label}.v_star": "mV", f"{label}.rate_star": "Hz", f"{label}.error": "1/mV"})
    receptors = {f"{label}_{kind}": f"{label}_tau_syn_{kind[0].upper()}" for label in labels for kind in ("exc", "inh")}
    receptors.update(soma_exc="soma_tau_syn_E", soma_inh="soma_tau_syn_I")
    receptors.update((label, f"{label}_tau_syn_E") for label in labels)
    return {
        "LABELS": labels,
        "RATE_FUNCTION": rate_function,
        "PARAMETERS": parameters,
        "STATES": states,
        "RECORDABLES": recordables,
        "RECEPTORS": tuple(receptors),
        "SIGNED": {label: f"{label}_exc" for label in labels},
        "COMPARTMENTS": {name: Compartment(f"{name}.v", f"{name}_cm", name == "soma") for name in ("soma", *labels)},
        "LEARNABLE": {
            receptor: Learnable(
                {
                    "spikes": ErrorVariable(f"{label}.error"),
                    "rate": ErrorDifference("rate", f"{label}.rate_star", 1e-3),
                    "potential": ErrorDifference(None, f"{label}.v"),
                },
                f"{label}_cm", f"{label}_g_leak", f"{label}_tau_syn_{kind}", sign, "nA")
            for label in labels
            for receptor, kind, sign in ((f"{label}_exc", "E", 1.0), (f"{label}_inh", "I", -1.0), (label, "E", 1.0))
        },
        "WEIGHT_UNITS": {name: "uS" if name in ("soma_exc", "soma_inh") else "nA" for name in receptors},
        "TAU_SYN": receptors,
    }


cdef class DendriticNeuron(Population):
    """Neurons with the dendrites `LABELS`; classes with some are made by `dendritic_neuron`."""

    LABELS = ()
    RATE_FUNCTION = "logistic"
    SPACED = True

    def allocate_states(self):
        cdef Py_ssize_t c
        self.n_dendrites = len(self.LABELS)
        self.shape = SHAPES[self.RATE_FUNCTION]
        for name in self.RECORDABLES:
            self.allocate(name)
        cdef char[::1] states = np.zeros(max(1, self.n_dendrites) * sizeof(DendriteState), np.int8)
        cdef double[::1] series = np.zeros(max(1, self.n_partitions * self.n_dendrites * WIDTH))
        self.states, self.series = <DendriteState*> &states[0], &series[0]
        self._arrays = [states, series]
        cdef double[::1] log_slope
        for c, label in enumerate(self.LABELS):
            log_slope = self.per_place()
            self._arrays.append(log_slope)
            self.states[c] = DendriteState(
                self._column(f"{label}.v"), self._column(f"{label}.isyn_exc"), self._column(f"{label}.isyn_inh"),
                self._column(f"{label}.v_star"), self._column(f"{label}.rate_star"), self._column(f"{label}.error"),
                &log_slope[0])
        self.v = self._column("soma.v")
        self.g_exc = self._column("gsyn_exc")
        self.g_inh = self._column("gsyn_inh")
        self.rate = self._column("rate")
        self.hazard = self.per_place()
        self.resting = self.per_place(np.int64)
        self.draws = self.per_place(np.uint64)

    cdef double* _column(self, name):
        return self.column[self.variables[name]]

    def rewind(self):
        cdef Py_ssize_t i, shift
        self.resting[:] = 0
        self.draws[:] = 0
        for i in range(self.size):
            shift = self.shift(self.partition_of(i))
            self.hazard[i + shift] = self.next_draw(i + shift, shift)

    def check_together(self, p, owner):
        shortest = SHORTEST * self.timestep
        reason = f"capacitance / conductances must not be below {shortest:g} ms, a thousandth of the time step"
        somatic = p["soma_g_leak"] + sum(p[f"{label}_g_to_soma"] for label in self.LABELS)
        check_least(owner, "soma_cm", p["soma_cm"], shortest * somatic, reason, "nF")
        for label in self.LABELS:
            least = shortest * (p[f"{label}_g_leak"] + p[f"{label}_g_from_soma"])
            check_least(owner, f"{label}_cm", p[f"{label}_cm"], least, reason, "nF")
        for name in dict.fromkeys(self.TAU_SYN.values()):
            check_least(owner, name, p[name], shortest, "a thousandth of the time step", "ms")
        if "rate_slope" in p:
            check_most(owner, "rate_slope", p["rate_slope"], 1e3, "what keeps the rate function finite")

    def prepare(self):
        """Coefficients of each run of neighbours with equal parameters."""
        cdef Py_ssize_t run, k = max(1, self.n_dendrites)
        table = np.array([self.parameter(name) for name in self.PARAMETERS])
        bounds = self.cut_runs(table)
        self.n_runs = len(bounds) - 1
        cdef char[::1] somata = np.zeros(self.n_runs * sizeof(Soma), np.int8)
        cdef char[::1] dendrites = np.zeros(self.n_runs * k * sizeof(Dendrite), np.int8)
        self._memory = somata, dendrites
        self.somata, self.dendrites = <Soma*> &somata[0], <Dendrite*> &dendrites[0]
        for run in range(self.n_runs):
            self.somata[run].shift = self.shift(self.partition_of(bounds[run]))
            self.somata[run].first = bounds[run] + self.somata[run].shift
            self.somata[run].last = bounds[run + 1] + self.somata[run].shift
            self._prepare_run(&self.somata[run], self.dendrites + run * self.n_dendrites,
                              dict(zip(self.PARAMETERS, table[:, bounds[run]])))

    cdef _prepare_run(self, Soma* soma, Dendrite* dendrites, dict p):
        cdef double h, s, x
        cdef Dendrite* d
        cdef int q
        self._choose_substeps(soma, p)
        h = self.timestep / soma.substeps
        soma.cm = p["soma_cm"]
        soma.g_static = p["soma_g_leak"]
        soma.i_static = p["soma_g_leak"] * p["soma_v_rest"] + p["soma_i_offset"]
        soma.e_rev_E = p["soma_e_rev_E"]
        soma.e_rev_I = p["soma_e_rev_I"]
        soma.rate_E = 1.0 / p["soma_tau_syn_E"]
        soma.rate_I = 1.0 / p["soma_tau_syn_I"]
        soma.decay_E = exp(-h * soma.rate_E)
        soma.decay_I = exp(-h * soma.rate_I)
        soma.i_at_rest = soma.i_static
        for c, label in enumerate(self.LABELS):
            d = &dendrites[c]
            d.rest = p[f"{label}_v_rest"]
            d.cm = p[f"{label}_cm"]
            d.leak = p[f"{label}_g_leak"]
            d.to_soma = p[f"{label}_g_to_soma"]
            d.back = p[f"{label}_g_from_soma"]
            d.offset = p[f"{label}_i_offset"]
            d.rate_E = 1.0 / p[f"{label}_tau_syn_E"]
            d.rate_I = 1.0 / p[f"{label}_tau_syn_I"]
            d.decay_E = exp(-h * d.rate_E)
            d.decay_I = exp(-h * d.rate_I)
            for q in range(N_PLACES):
                s = h if q == N_NODES else 0.5 * h * (1.0 + NODES[q])
                x = s * d.leak / d.cm
                d.from_v[q] = exp(-x)
                d.from_constant[q] = -expm1(-x) / d.leak
                d.from_E[q] = s / d.cm * exp(-x) * expm1_ratio(x - s * d.rate_E)
                d.from_I[q] = s / d.cm * exp(-x) * expm1_ratio(x - s * d.rate_I)
                if q < N_NODES:
                    d.from_v[q] *= d.to_soma
                    d.from_E[q] *= d.to_soma
                    d.from_I[q] *= d.to_soma
                    d.from_constant[q] *= d.to_soma
            soma.g_static += d.to_soma
            soma.i_at_rest += d.to_soma * d.rest
        for c in range(self.n_dendrites):
            d = &dendrites[c]
            d.share = d.to_soma / soma.g_static
            d.predict_rest = (soma.i_at_rest - p["soma_i_offset"] - d.to_soma * d.rest) / soma.g_static
        for q in range(N_NODES):
            s = 0.5 * h * (1.0 + NODES[q])
            soma.left_E[q] = exp(-s * soma.rate_E)
            soma.left_I[q] = exp(-s * soma.rate_I)
            soma.remaining[q] = soma.g_static * (h - s) / soma.cm
            soma.ahead_E[q] = (soma.left_E[q] - soma.decay_E) / (soma.rate_E * soma.cm)
            soma.ahead_I[q] = (soma.left_I[q] - soma.decay_I) / (soma.rate_I * soma.cm)
            soma.weight[q] = 0.5 * h * WEIGHTS[q] / soma.cm
        soma.strongest = GAUSS_LIMIT * soma.cm / h - soma.g_static if soma.smooth else -np.inf
        soma.rate.scale = p[SCALES[self.RATE_FUNCTION]]
        soma.rate.beta = p.get("beta", 0.0)
        soma.rate.theta = p["theta"]
        soma.rate.rate_slope = p.get("rate_slope", 0.0)
        soma.rate.phi_max = p.get("phi_max", 0.0)
        soma.refractory_steps = whole_steps(p["tau_refrac"], self.timestep)
        soma.single_spike = p["tau_refrac"] > 0

    cdef _choose_substeps(self, Soma* soma, dict p):
        """Whether the Gauss rule will do, and over how many substeps."""
        cdef double static = p["soma_g_leak"] + sum(p[f"{label}_g_to_soma"] for label in self.LABELS)
        rates = [1.0 / p[name] for name in self.TAU_SYN.values()]
        rates += [(p[f"{label}_g_leak"] + p[f"{label}_g_from_soma"]) / p[f"{label}_cm"] for label in self.LABELS]
        soma.fastest = max(rates)
        needed = self.timestep * max(static / p["soma_cm"] / STATIC_LIMIT, soma.fastest / GAUSS_LIMIT)
        coupled = any(p[f"{label}_g_from_soma"] > 0.0 for label in self.LABELS)
        soma.smooth = needed <= MOST_SUBSTEPS and not coupled
        soma.substeps = max(1, int(np.ceil(needed))) if soma.smooth else 1

    cdef void begin(self, long now) noexcept nogil:
        cdef Py_ssize_t run
        for run in range(self.n_runs):
            self.predict(&self.somata[run], self.dendrites + run * self.n_dendrites, now, 0.0)

    cdef void step(self, long now, int partition) noexcept nogil:
        cdef const Block* block = &self.block[partition]
        cdef const Dendrite* dendrites
        cdef Py_ssize_t run
        self.open_spikes(now, partition)
        for run in range(block.first_run, block.last_run):
            dendrites = self.dendrites + run * self.n_dendrites
            self.integrate(&self.somata[run], dendrites, partition, now)
            if self.predict(&self.somata[run], dendrites, now, 1e-3 * self.timestep):      # s, since rates are in Hz
                self.spike(&self.somata[run], now)

    # ---- input

    cdef void absorb(self, long now, int partition) noexcept nogil:
        cdef const Block* block = &self.block[partition]
        self.absorb_stretch(block.first + block.shift, block.last + block.shift, now)

    cdef void absorb_stretch(self, Py_ssize_t first, Py_ssize_t last, long now) noexcept nogil:
        cdef double* arriving = slot(&self.inbox.ring, now) + first
        cdef Py_ssize_t n = last - first, c
        cdef DendriteState* d
        for c in range(self.n_dendrites):
            d = &self.states[c]
            take_over(n, d.i_exc + first, arriving, 1.0)
            take_over(n, d.i_inh + first, arriving + self.pitch, -1.0)
            arriving += 2 * self.pitch
        take_over(n, self.g_exc + first, arriving, 1.0)
        take_over(n, self.g_inh + first, arriving + self.pitch, 1.0)

    # ---- potentials

    cdef void integrate(self, const Soma* soma, const Dendrite* dendrites, int partition, long now) noexcept nogil:
        """Potentials, conductances and currents over a step, and the input that arrives at its end."""
        cdef double* series = self.series + partition * self.n_dendrites * WIDTH
        cdef const double* injected = self.injected - soma.shift
        cdef Py_ssize_t i = soma.first, n, k
        while i < soma.last:
            n = min(STRIP, soma.last - i)
            if any_above(n, self.g_exc + i, self.g_inh + i, soma.strongest):
                for k in range(i, i + n):
                    if self.g_exc[k] + self.g_inh[k] > soma.strongest:
                        self.integrate_coupled(soma, dendrites, k, series)
                    else:
                        integrate_smooth(soma, dendrites, self.states, self.n_dendrites, injected, self.size,
                                         self.v, self.g_exc, self.g_inh, k, 1)
            # one cell is common; compilers make a loop over a known number of cells no loop at all
            elif n == 1:
                integrate_smooth(soma, dendrites, self.states, self.n_dendrites, injected, self.size,
                                 self.v, self.g_exc, self.g_inh, i, 1)
            else:
                integrate_smooth(soma, dendrites, self.states, self.n_dendrites, injected, self.size,
                                 self.v, self.g_exc, self.g_inh, i, n)
            self.absorb_stretch(i, i + n, now)
            i += n

    cdef void integrate_coupled(
        self, const Soma* soma, const Dendrite* dendrites, Py_ssize_t i, double* series
    ) noexcept nogil:
        """All potentials by Taylor series in time, which the exponential inputs make a short recursion.

        `series` holds, for each dendrite, the terms of its potential and those of its two synaptic currents.
        """
        cdef double v[ORDER + 1]
        cdef double g[ORDER + 1]          # total synaptic conductance of the soma
        cdef double g_E = self.g_exc[i], g_I = self.g_inh[i]
        cdef double constant = soma.i_static + self.injected[i - soma.shift]
        cdef double somatic = (soma.g_static + g_E + g_I) / soma.cm
        cdef bint pinned = somatic * self.timestep > PINNED
        cdef double fastest = max(soma.fastest, 0.0 if pinned else somatic)
        cdef long substeps = <long> (2.0 * self.timestep * fastest) + 1, _part
        cdef double h = self.timestep / substeps, e, m, drive, current
        cdef Py_ssize_t n = self.n_dendrites, c
        cdef const Dendrite* d
        cdef double* own
        cdef int k, j
        v[0] = self.v[i]
        for _part in range(substeps):
            e = g_E
            m = g_I
            if pinned:
                v[0] = self.balance(soma, dendrites, i, constant, g_E, g_I)
            for c in range(n):
                own = series + c * WIDTH
                own[0] = self.states[c].v[i]
                own[EXC] = self.states[c].i_exc[i]
                own[INH] = self.states[c].i_inh[i]
            for k in range(ORDER):
                g[k] = e + m
                drive = e * soma.e_rev_E + m * soma.e_rev_I - soma.g_static * v[k] + (constant if k == 0 else 0.0)
                for j in range(k + 1):
                    drive -= g[j] * v[k - j]
                for c in range(n):
                    d = &dendrites[c]
                    own = series + c * WIDTH
                    drive += d.to_soma * own[k]
                    current = own[EXC] + own[INH] - (d.leak + d.back) * own[k] + d.back * v[k]
                    if k == 0:
                        current += d.leak * d.rest + d.offset + self.injected[(c + 1) * self.size + i - soma.shift]
                    own[k + 1] = current * h / (d.cm * (k + 1))
                    own[EXC] *= -h * d.rate_E / (k + 1)
                    own[INH] *= -h * d.rate_I / (k + 1)
                v[k + 1] = 0.0 if pinned else drive * h / (soma.cm * (k + 1))
                e *= -h * soma.rate_E / (k + 1)
                m *= -h * soma.rate_I / (k + 1)
            v[0] = horner(v)
            g_E *= exponential(-h * soma.rate_E)
            g_I *= exponential(-h * soma.rate_I)
            for c in range(n):
                d = &dendrites[c]
                self.states[c].v[i] = horner(series + c * WIDTH)
                self.states[c].i_exc[i] *= exponential(-h * d.rate_E)
                self.states[c].i_inh[i] *= exponential(-h * d.rate_I)
        self.v[i] = self.balance(soma, dendrites, i, constant, g_E, g_I) if pinned else v[0]
        self.g_exc[i] = g_E
        self.g_inh[i] = g_I

    cdef double balance(
        self, const Soma* soma, const Dendrite* dendrites, Py_ssize_t i, double constant, double g_E, double g_I
    ) noexcept nogil:
        """The somatic potential at which the currents cancel."""
        cdef double current = constant + g_E * soma.e_rev_E + g_I * soma.e_rev_I
        cdef Py_ssize_t c
        for c in range(self.n_dendrites):
            current += dendrites[c].to_soma * self.states[c].v[i]
        return current / (soma.g_static + g_E + g_I)

    # ---- rates, predictions, errors, spikes

    cdef bint predict(self, const Soma* soma, const Dendrite* dendrites, long now, double h) noexcept nogil:
        """φ of the soma and of the dendrites' predictions, and their errors as long as there is no spike.

        Each cell uses up its exponential draw by its rate; true if one of them has done so.
        """
        cdef Py_ssize_t i = soma.first, n = soma.last - soma.first, c
        cdef const DendriteState* d
        for c in range(self.n_dendrites):
            d = &self.states[c]
            predict(self.shape, soma, &dendrites[c], n, h, d.v + i, d.v_star + i, d.rate_star + i, d.error + i,
                    d.log_slope + i)
        return use_up(self.shape, soma, n, now, h, self.v + i, &self.resting[i], self.rate + i, &self.hazard[i])

    cdef void spike(self, const Soma* soma, long now) noexcept nogil:
        """A spike where the draw is used up, and a new draw.

        The same law as a Bernoulli draw a step with probability 1 − exp(−φ h) (and as a Poisson draw a step if nothing
        is refractory), with one random number a spike.
        """
        cdef Py_ssize_t i, c
        for i in range(soma.first, soma.last):
            if self.resting[i] >= now:
                continue
            while self.hazard[i] <= 0.0:
                self.emit(<int> (i - soma.shift))
                for c in range(self.n_dendrites):
                    self.states[c].error[i] += self.states[c].log_slope[i]
                if soma.single_spike:
                    self.hazard[i] = self.next_draw(i, soma.shift)
                    self.resting[i] = now + soma.refractory_steps
                    break
                self.hazard[i] += self.next_draw(i, soma.shift)

    cdef double next_draw(self, Py_ssize_t i, Py_ssize_t shift) noexcept nogil:
        self.draws[i] += 1
        return exponential_draw(self.key, self.first_stream + i - shift, self.draws[i] - 1)


# ---- loops over cells, without branches, so that compilers can vectorise them

cdef inline double horner(double* terms) noexcept nogil:
    """The sum of a series, from its smallest terms on."""
    cdef double total = terms[ORDER]
    cdef int k
    for k in range(ORDER - 1, -1, -1):
        total += terms[k]
    return total


cdef inline bint any_above(Py_ssize_t n, AloneInput g_exc, AloneInput g_inh, double strongest) noexcept nogil:
    cdef long found = 0
    cdef Py_ssize_t i
    for i in range(n):
        found |= g_exc[i] + g_inh[i] > strongest
    return found


cdef inline void take_over(Py_ssize_t n, Alone state, Alone arriving, double sign) noexcept nogil:
    """Add what arrives to a state, and empty its slot."""
    cdef Py_ssize_t i
    for i in range(n):
        state[i] += sign * arriving[i]
        arriving[i] = 0.0


cdef inline void start_drives(
    Py_ssize_t n, double at_rest, AloneInput injected, Alone drive_0, Alone drive_1, Alone drive_2
) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        drive_0[i] = drive_1[i] = drive_2[i] = at_rest + injected[i]


cdef inline void integrate_dendrites(
    const Dendrite* d, Py_ssize_t n, Alone v, Alone i_exc, Alone i_inh, AloneInput injected, Alone drive_0,
    Alone drive_1, Alone drive_2
) noexcept nogil:
    """One dendrite of `n` cells over a step; the currents into the soma at the Gauss nodes join the drives."""
    cdef double deviation, i_E, i_I, constant
    cdef Py_ssize_t i
    for i in range(n):
        deviation = v[i] - d.rest
        i_E = i_exc[i]
        i_I = i_inh[i]
        constant = injected[i] + d.offset
        drive_0[i] += d.from_v[0] * deviation + d.from_E[0] * i_E + d.from_I[0] * i_I + d.from_constant[0] * constant
        drive_1[i] += d.from_v[1] * deviation + d.from_E[1] * i_E + d.from_I[1] * i_I + d.from_constant[1] * constant
        drive_2[i] += d.from_v[2] * deviation + d.from_E[2] * i_E + d.from_I[2] * i_I + d.from_constant[2] * constant
        v[i] = d.rest + (d.from_v[3] * deviation + d.from_E[3] * i_E + d.from_I[3] * i_I
                         + d.from_constant[3] * constant)
        i_exc[i] = i_E * d.decay_E
        i_inh[i] = i_I * d.decay_I


cdef inline double gauss_term(
    const Soma* soma, int q, double v, double g_E, double g_I, double drive
) noexcept nogil:
    """What one node of the Gauss rule adds to the potential: the drive and the leak there, and what is left of it."""
    cdef double left_E = g_E * soma.left_E[q], left_I = g_I * soma.left_I[q]
    cdef double decay = short_exponential(-(soma.remaining[q] + g_E * soma.ahead_E[q] + g_I * soma.ahead_I[q]))
    drive += left_E * soma.e_rev_E + left_I * soma.e_rev_I
    return soma.weight[q] * decay * (drive - (soma.g_static + left_E + left_I) * v)


cdef inline void integrate_somata(
    const Soma* soma, Py_ssize_t n, Alone v, Alone g_exc, Alone g_inh, AloneInput drive_0, AloneInput drive_1,
    AloneInput drive_2
) noexcept nogil:
    cdef double g_E, g_I, before
    cdef Py_ssize_t i
    for i in range(n):
        g_E = g_exc[i]
        g_I = g_inh[i]
        before = v[i]
        v[i] = (before + gauss_term(soma, 0, before, g_E, g_I, drive_0[i])
                + gauss_term(soma, 1, before, g_E, g_I, drive_1[i]) + gauss_term(soma, 2, before, g_E, g_I, drive_2[i]))
        g_exc[i] = g_E * soma.decay_E
        g_inh[i] = g_I * soma.decay_I


cdef inline void integrate_smooth(
    const Soma* soma, const Dendrite* dendrites, const DendriteState* states, Py_ssize_t n_dendrites,
    const double* injected, Py_ssize_t size, double* v, double* g_exc, double* g_inh, Py_ssize_t first, Py_ssize_t n
) noexcept nogil:
    """The Gauss rule, for `n` cells, at most `STRIP`, from the place `first` on."""
    injected += first
    cdef double drive_0[STRIP]
    cdef double drive_1[STRIP]
    cdef double drive_2[STRIP]
    cdef const DendriteState* d
    cdef Py_ssize_t c
    cdef int _part
    for _part in range(soma.substeps):
        start_drives(n, soma.i_at_rest, injected, drive_0, drive_1, drive_2)
        for c in range(n_dendrites):
            d = &states[c]
            integrate_dendrites(&dendrites[c], n, d.v + first, d.i_exc + first, d.i_inh + first,
                                injected + (c + 1) * size, drive_0, drive_1, drive_2)
        integrate_somata(soma, n, v + first, g_exc + first, g_inh + first, drive_0, drive_1, drive_2)


cdef inline void predict_shape(
    Shape shape, const Soma* soma, const Dendrite* d, Py_ssize_t n, double h, AloneInput v, Alone v_star,
    Alone rate_star, Alone error, Alone log_slope
) noexcept nogil:
    cdef double slope
    cdef Py_ssize_t i
    for i in range(n):
        v_star[i] = d.predict_rest + d.share * v[i]
        rate_star[i] = rate_at(shape, &soma.rate, v_star[i], &slope)
        log_slope[i] = slope
        error[i] = -rate_star[i] * h * slope


cdef void predict(
    Shape shape, const Soma* soma, const Dendrite* d, Py_ssize_t n, double h, AloneInput v, Alone v_star,
    Alone rate_star, Alone error, Alone log_slope
) noexcept nogil:
    """Prediction of one dendrite, its rate, and its error without spikes."""
    # with a constant shape there is no branch in the loop
    if shape == LOGISTIC and n == 1:
        predict_shape(LOGISTIC, soma, d, 1, h, v, v_star, rate_star, error, log_slope)
    elif shape == LOGISTIC:
        predict_shape(LOGISTIC, soma, d, n, h, v, v_star, rate_star, error, log_slope)
    elif shape == SOFTPLUS:
        predict_shape(SOFTPLUS, soma, d, n, h, v, v_star, rate_star, error, log_slope)
    elif shape == RECTIFIED:
        predict_shape(RECTIFIED, soma, d, n, h, v, v_star, rate_star, error, log_slope)
    else:
        predict_shape(EXPONENTIAL, soma, d, n, h, v, v_star, rate_star, error, log_slope)


cdef inline bint use_up_shape(
    Shape shape, const Soma* soma, Py_ssize_t n, long now, double h, AloneInput v, AloneSteps resting, Alone rate,
    Alone hazard
) noexcept nogil:
    cdef double slope
    cdef long used_up = 0
    cdef Py_ssize_t i
    for i in range(n):
        rate[i] = rate_at(shape, &soma.rate, v[i], &slope)
        hazard[i] -= 0.0 if resting[i] >= now else min(rate[i] * h, MOST_HAZARD)
        used_up |= hazard[i] <= 0.0
    return used_up


cdef bint use_up(
    Shape shape, const Soma* soma, Py_ssize_t n, long now, double h, AloneInput v, AloneSteps resting, Alone rate,
    Alone hazard
) noexcept nogil:
    """Rates of the somata; true if an exponential draw is used up by one."""
    if shape == LOGISTIC and n == 1:
        return use_up_shape(LOGISTIC, soma, 1, now, h, v, resting, rate, hazard)
    if shape == LOGISTIC:
        return use_up_shape(LOGISTIC, soma, n, now, h, v, resting, rate, hazard)
    if shape == SOFTPLUS:
        return use_up_shape(SOFTPLUS, soma, n, now, h, v, resting, rate, hazard)
    if shape == RECTIFIED:
        return use_up_shape(RECTIFIED, soma, n, now, h, v, resting, rate, hazard)
    return use_up_shape(EXPONENTIAL, soma, n, now, h, v, resting, rate, hazard)
