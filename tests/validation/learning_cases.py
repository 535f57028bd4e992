"""Random networks that learn, with changes of everything amid the run, beside the same rules step by step."""

import numpy as np

import pyurbanczik as sim
from tests.reference import dendritic_error as twin
from tests.reference import dendritic_neuron as neuron

LABELS = ("basal", "apical", "oblique", "tuft")
RATE_FUNCTIONS = {
    "logistic": (sim.Logistic, {"phi_max": (50, 300), "theta": (-66, -60), "beta": (0.1, 0.5), "rate_slope": (0.1, 2)}),
    "softplus": (sim.Softplus, {"gain": (10, 60), "theta": (-68, -60), "beta": (0.1, 0.5)}),
    "rectified": (sim.Rectified, {"gain": (2, 20), "theta": (-71, -65), "phi_max": (40, 200)}),
    "exponential": (sim.Exponential, {"rho_0": (10, 60), "theta": (-66, -60), "beta": (0.03, 0.1)}),
}
# of learning rates with which weights move, but not by orders of magnitude
SCALE = {
    ("spikes", "psp"): 0.001,
    ("rate", "psp"): 0.0025,
    ("potential", "psp"): 5e-7,
    ("spikes", "exponential"): 0.01,
    ("rate", "exponential"): 0.025,
    ("potential", "exponential"): 5e-6,
}
UNIT_VOLTAGE = 15.0  # mV, θ − E_L of the paper
LEAST_MOVEMENT = 1e-7  # nA; a weight of 0.0025 nA that moves by less is rounded too coarsely for 1e-8 of that


def either(rng, *options):
    return options[rng.integers(len(options))]


def spread(rng, size, low, high):
    """One number, or one for each."""
    return rng.uniform(low, high) if rng.random() < 0.5 else rng.uniform(low, high, size)


def full(value, size):
    return np.array(np.broadcast_to(np.asarray(value, dtype=float), size))


class Cells:
    """Cells with one to four dendrites, or two-compartment neurons, and all their parameters at all times.

    `epochs` are (step, parameters from then on), by the names of `DendriticNeuron`.
    """

    def __init__(self, rng, h):
        self.rng, self.h, self.size = rng, h, int(rng.integers(1, 5))
        self.classical = rng.random() < 0.25
        self.labels = ("dendrite",) if self.classical else LABELS[: rng.integers(1, 5)]
        self.rate_function = "logistic" if self.classical else either(rng, *RATE_FUNCTIONS)
        model, self.rates = RATE_FUNCTIONS[self.rate_function]
        self.names = {name: name for name in (*neuron.defaults(self.labels), *self.rates)}
        if self.classical:
            self.names.update(dendrite_g_to_soma="g_dendrite_to_soma", dendrite_g_from_soma="g_soma_to_dendrite")
            cell = sim.UrbanczikSenn()
        else:
            cell = sim.DendriticNeuron(rate_function=model(), **{label: sim.Dendrite() for label in self.labels})
        self.population = sim.Population(self.size, cell)
        self.epochs = []
        self.set(0, tau_refrac=either(rng, 0.0, 2.0), **self.somatic(), **self.dendrites())
        self.population.record(["spikes", "soma.v", *(f"{label}.v" for label in self.labels)])

    def set(self, step, **values):
        self.population.set(**{self.names[name]: value for name, value in values.items()})
        present = {name: full(self.population.get(ours), self.size) for name, ours in self.names.items()}
        self.epochs.append((step, present))

    def change(self, step):
        values = {**self.somatic(), **self.dendrites()}
        chosen = self.rng.choice(list(values), self.rng.integers(1, 4), replace=False)
        self.set(step, **{str(name): values[name] for name in chosen})

    def draw(self, low, high):
        return spread(self.rng, self.size, low, high)

    def somatic(self):
        values = {
            "soma_i_offset": self.draw(0, 1.5 * len(self.labels)),
            "soma_cm": self.draw(0.1, 0.5),
            "soma_g_leak": self.draw(0.01, 0.1),
        }
        return {**values, **{name: self.draw(*range) for name, range in self.rates.items()}}

    def dendrites(self):
        values = {}
        for label in self.labels:
            cm, tau_s = self.draw(0.1, 0.5), self.draw(1, 12)
            tau_L = tau_s if self.rng.random() < 0.3 else self.draw(2, 20)
            own = {"cm": cm, "g_leak": cm / tau_L, "tau_syn_E": tau_s, "tau_syn_I": self.draw(1, 12)}
            own.update(g_to_soma=self.draw(0.05, 0.8), v_rest=self.draw(-72, -66))
            own["g_from_soma"] = self.draw(0, 0.3) if self.rng.random() < 0.3 else 0.0
            values.update((f"{label}_{name}", value) for name, value in own.items())
        return values

    def finish(self, n_steps):
        """Potentials and errors of all steps, from recorded potentials and spikes."""
        segment = self.population.get_data().segments[0]
        signals = {signal.name: signal.magnitude for signal in segment.analogsignals}
        self.v = {label: signals[f"{label}.v"] for label in self.labels}
        self.n_spikes = np.zeros((n_steps + 1, self.size))
        for cell, train in enumerate(segment.spiketrains):
            np.add.at(self.n_spikes[:, cell], np.rint(train.magnitude / self.h).astype(int), 1.0)
        kinds = "spikes", "rate"
        self.errors = {(k, label): np.zeros((n_steps + 1, self.size)) for k in kinds for label in self.labels}
        for (first, p), (last, _) in zip(self.epochs, [*self.epochs[1:], (n_steps, None)]):
            steps = slice(first + 1, last + 1)
            rate, _ = neuron.rate_and_log_slope(self.rate_function, signals["soma.v"][steps], p)
            for label in self.labels:
                v_star = neuron.prediction(p, self.labels, label, self.v[label][steps])
                rate_star, slope = neuron.rate_and_log_slope(self.rate_function, v_star, p)
                found = {"n_spikes": self.n_spikes[steps], "rate": 1e-3 * rate, "rate_star": 1e-3 * rate_star}
                for kind in kinds:
                    self.errors[kind, label][steps] = twin.errors_of(kind, **found, log_slope=slope, dt=self.h)


class Gate:
    """A modulator, and `m`, its values [step, cell]."""

    def __init__(self, rng, h, n_steps, cells):
        self.rng, self.h, self.cells = rng, h, cells
        self.kind = either(rng, "constant", "steps", "cells", "spikes", "own spikes")
        self.m = np.empty((n_steps + 1, cells.size))
        self.by_spikes = "spikes" in self.kind
        if self.by_spikes:
            self.trains = [np.unique(rng.integers(0, n_steps, 30)) for _ in range(2)]
            releasing = cells.population
            if self.kind == "spikes":
                releasing = sim.Population(2, sim.SpikeSourceArray(spike_times=[h * train for train in self.trains]))
            given = self.sum_of_spikes()
            self.changes = [(0, given)]
            self.model = sim.SpikeModulator(releasing, **given)
        elif self.kind == "constant":
            self.m[:] = value = rng.uniform(-2, 2)
            self.model = sim.Modulator(value=value)
        else:
            steps = np.unique([0, *rng.integers(0, n_steps, 9)])
            values = rng.uniform(-2, 2, (len(steps), cells.size if self.kind == "cells" else 1))
            for step, value in zip(steps, values):
                self.m[step:] = value
            self.model = sim.Modulator(times=h * steps, values=values if self.kind == "cells" else values[:, 0])
        self.model.record()

    def sum_of_spikes(self):
        return {
            name: self.rng.uniform(*r) for name, r in (("tau", (5, 300)), ("weight", (-1, 1)), ("baseline", (-1, 1)))
        }

    def change(self, step):
        if self.by_spikes:
            new = {name: value for name, value in self.sum_of_spikes().items() if self.rng.random() < 0.6}
            self.model.set(**new)
            self.changes.append((step, new))
        else:
            value = spread(self.rng, self.cells.size, -2, 2)
            self.model.set(value)
            self.m[step:] = value

    def finish(self):
        if self.by_spikes:
            n_spikes = self.cells.n_spikes.sum(axis=1)
            if self.kind == "spikes":
                n_spikes = sum(np.bincount(train, minlength=len(self.m)) for train in self.trains)
            present, level = {}, 0.0
            for step in range(len(self.m)):
                if step > 0:
                    level = level * np.exp(-self.h / present["tau"]) + present["weight"] * n_spikes[step]
                for when, new in self.changes:
                    if when == step:
                        present.update(new)
                if step == 0:
                    level = present["weight"] * n_spikes[0]
                self.m[step] = present["baseline"] + level
        got = np.broadcast_to(self.model.get_data().magnitude, self.m.shape)
        np.testing.assert_allclose(got, self.m, rtol=1e-10, atol=1e-12)


class Rule:
    """A projection with any rule, and what its weights are due."""

    def __init__(self, rng, h, n_steps, source, trains, cells, gate):
        self.rng, self.h, self.n_steps, self.trains, self.cells = rng, h, n_steps, trains, cells
        self.label = str(either(rng, *cells.labels))
        signed = "dendritic" if cells.classical else self.label
        self.receptor = either(rng, signed, f"{signed}_exc", f"{signed}_inh")
        self.lowest = -0.02 if self.receptor == signed else 0.0
        self.inhibitory = self.receptor.endswith("_inh")
        pairs = np.array([(i, j) for i in range(len(trains)) for j in range(cells.size)])
        pairs = pairs[rng.permutation(len(pairs)) < rng.integers(1, len(pairs) + 1)]
        self.pre, self.post = pairs.T
        self.n = len(pairs)
        self.nest = rng.random() < 0.15
        self.error, self.kernel, self.bounds = "spikes", "psp", "read"
        if not self.nest:
            self.error, self.kernel = either(rng, *SCALE)
            self.bounds = either(rng, "read", "state")
        fraction = float(either(rng, 0.0, 0.5, 1.0))
        self.gate = None if self.nest or rng.random() < 0.3 else gate
        self.p = {name: full(value, self.n) for name, value in self.values().items()}
        delay = full(either(rng, rng.integers(1, 60), rng.integers(1, 60, self.n)), self.n).astype(int)
        self.axonal = np.rint((1.0 - fraction) * delay).astype(int)
        self.behind = self.shortened = delay - self.axonal
        columns = {**self.p, "delay": h * delay}
        rows = list(zip(*(column.tolist() for column in (self.pre, self.post, *columns.values()))))
        if self.nest:
            synapse = sim.UrbanczikSennSynapse(w_max=0.02, dendritic_delay_fraction=fraction)
        else:
            synapse = sim.DendriticErrorSynapse(
                error=self.error,
                kernel=self.kernel,
                bounds=self.bounds,
                modulator=self.gate and self.gate.model,
                dendritic_delay_fraction=fraction,
            )
        connector = sim.FromListConnector(rows, column_names=list(columns))
        self.projection = sim.Projection(source, cells.population, connector, synapse, receptor_type=self.receptor)
        self.every = either(rng, 1, 7, None)  # steps between samples; at events without
        self.projection.record("weight", sampling_interval=self.every and h * self.every)
        self.changes, self.reads = [], []

    def values(self):
        rng, scale = self.rng, SCALE[self.error, self.kernel]
        values = {
            "weight": spread(rng, self.n, 0.0022, 0.0028),
            "eta": scale * spread(rng, self.n, -2, 2),
            "tau_Delta": either(
                rng,
                0.0,
                spread(rng, self.n, 0.02, 5.0),
                spread(rng, self.n, 5.0, 500.0),
                rng.choice([0.0, 0.05, 30.0, 2000.0], self.n),
            ),
            "decay": either(rng, 0.0, 10 ** spread(rng, self.n, -5, 0), rng.choice([0.0, 0.01, 0.2], self.n)),
        }
        if self.nest:
            values["eta"] = np.abs(values["eta"]) / (1e-3 * UNIT_VOLTAGE**2 * 0.3)
            values["tau_Delta"] = spread(rng, self.n, 0.2, 500.0)
            del values["decay"]
        if self.kernel == "exponential":
            values["tau_kernel"] = spread(rng, self.n, 0.5, 50.0)
        if self.error == "potential":
            values["v_target"] = spread(rng, self.n, -75.0, -60.0)
        if rng.random() < 0.5:
            return {**values, "w_min": 0.0 if self.nest else self.lowest, "w_max": 0.02}
        return {**values, "w_min": spread(rng, self.n, 0.0015, 0.002), "w_max": spread(rng, self.n, 0.003, 0.0035)}

    def get(self, name):
        return np.array(self.projection.get(name, "list", with_address=False))

    def change(self, step):
        values = self.values()
        bounds = {"w_min", "w_max"}
        chosen = {str(name) for name in self.rng.choice(list(values), self.rng.integers(1, 3), replace=False)}
        one = self.rng.random() < 0.3
        if chosen & bounds:
            # the weight must lie within
            chosen = {*(chosen - bounds), "weight"} if one else {*chosen, *bounds, "weight"}
        if "weight" in chosen and not chosen & bounds:
            values["weight"] = np.clip(values["weight"], self.get("w_min"), self.get("w_max"))
        values = {name: full(values[name], self.n) for name in chosen}
        where = np.ones(self.n, dtype=bool)
        if one:
            k = int(self.rng.integers(self.n))
            where = np.arange(self.n) == k
            for name, value in values.items():
                setattr(self.projection[k], name, value[k])
        else:
            self.projection.set(**values)
        self.changes.append((step, where, values))

    def shorten(self, step):
        """Less delay, if all of it lies behind the synapse."""
        if not self.axonal.any():
            behind = self.rng.integers(1, self.shortened + 1)
            self.shortened = behind
            self.projection.set(delay=self.h * behind)
            self.changes.append((step, np.ones(self.n, dtype=bool), {"behind": behind}))

    def read(self, step):
        self.reads.append((step, self.get("weight")))

    def psp(self, p):
        cm, tau_s = p[f"{self.label}_cm"], p[f"{self.label}_tau_syn_{'I' if self.inhibitory else 'E'}"]
        return {"cm": cm[self.post], "tau_L": (cm / p[f"{self.label}_g_leak"])[self.post], "tau_s": tau_s[self.post]}

    def error_at(self, steps, unit, target):
        """That of each connection, at a step of its own."""
        seen = np.maximum(steps, 0)
        if self.error == "potential":
            error = (target - self.cells.v[self.label][seen, self.post]) * self.h
        else:
            error = self.cells.errors[self.error, self.label][seen, self.post]
        return np.where(steps > 0, error * unit, 0.0)

    def due(self):
        """Weights [step, connection] that spikes of the step carry, those after its changes, and those unclipped."""
        everywhere = np.ones(self.n, dtype=bool)
        cells = self.cells.epochs
        shape = self.psp(cells[0][1]) if self.kernel == "psp" else {}
        changes = [(step, everywhere, self.psp(p)) for step, p in cells[1:] if self.kernel == "psp"] + self.changes
        # η of NEST's rule
        units = {step: 1e-3 * UNIT_VOLTAGE**2 * self.psp(p)["cm"] if self.nest else 1.0 for step, p in cells}
        others = {"decay": 0.0, **self.p, **shape, "sign": -1.0 if self.inhibitory else 1.0}
        target = others.pop("v_target", full(0.0, self.n))
        learner = twin.Learner(self.h, self.kernel, self.bounds, **others)
        behind, unit = self.behind, units[0]
        n_spikes = np.zeros((self.n_steps + 1, self.n))
        for k, arrivals in enumerate(self.trains[pre] + axonal for pre, axonal in zip(self.pre, self.axonal)):
            np.add.at(n_spikes[:, k], arrivals[arrivals <= self.n_steps], 1.0)
        m = np.ones((self.n_steps + 1, self.n)) if self.gate is None else self.gate.m[:, self.post]
        carried, afterwards, beneath = (np.empty((self.n_steps + 1, self.n)) for _ in range(3))
        for step in range(self.n_steps + 1):
            if step > 0:
                learner.step(self.error_at(step - behind, unit, target), m[step - 1])
            carried[step], beneath[step] = learner.read(), learner.w
            learner.spike(n_spikes[step])
            unit = units.get(step, unit)
            for when, where, values in changes:
                if when == step:
                    values = dict(values)
                    target = np.where(where, values.pop("v_target", target), target)
                    behind = values.pop("behind", behind)
                    learner.set(where, **values)
            afterwards[step] = learner.read()
        return carried, afterwards, beneath

    def worst(self):
        """The largest deviation of a weight that was recorded or read, as a share of its movement."""
        carried, afterwards, beneath = self.due()
        scale = np.ptp(beneath, axis=0) + LEAST_MOVEMENT
        worst = [np.abs(self.get("weight") - carried[-1]) / scale]
        for step, got in self.reads:
            worst.append(np.minimum(np.abs(got - carried[step]), np.abs(got - afterwards[step])) / scale)
        segment = self.projection.get_data().segments[0]
        for signal in segment.analogsignals:
            worst.append(np.abs(signal.magnitude - carried[:: self.every]) / scale)
        for signal in segment.irregularlysampledsignals:
            ends = [signal.annotations[f"{side}_index"] for side in ("presynaptic", "postsynaptic")]
            (k,) = np.flatnonzero((self.pre == ends[0]) & (self.post == ends[1]))
            steps = np.rint(signal.times.magnitude / self.h).astype(int) + self.axonal[k]
            worst.append(np.abs(signal.magnitude[:, 0] - carried[steps, k]) / scale[k])
        return max(found.max(initial=0.0) for found in worst)


class Case:
    """A network with up to three rules, run with pauses in which anything changes; `worst` is what came of it."""

    def __init__(self, seed, n_steps=1200):
        rng = np.random.default_rng(seed)
        h = float(either(rng, 0.1, 0.1, 0.05, 0.25))
        sim.setup(timestep=h, min_delay=h, rng_seed=seed, threads=int(rng.integers(1, 3)))
        cells = Cells(rng, h)
        gate = Gate(rng, h, n_steps, cells)
        trains = [np.sort(rng.integers(1, n_steps, n)) for n in (60, 8, 300)]
        trains += [np.array([0, 1, 2, 5, 6, 7]), np.array([], dtype=int), np.array([3, n_steps - 3])]
        source = sim.Population(len(trains), sim.SpikeSourceArray(spike_times=[h * train for train in trains]))
        drive = sim.StaticSynapse(weight=0.002, delay=h)
        some = sim.FixedProbabilityConnector(0.3, rng=sim.NumpyRNG(seed))
        sim.Projection(source, cells.population, some, drive, receptor_type=either(rng, "soma_exc", "soma_inh"))
        self.rules = [Rule(rng, h, n_steps, source, trains, cells, gate) for _ in range(rng.integers(1, 4))]
        step = 0
        for until in np.unique(rng.integers(1, n_steps, rng.integers(0, 6))):
            sim.run(h * (int(until) - step))
            step = int(until)
            for _ in range(rng.integers(1, 3)):
                rule = either(rng, *self.rules)
                either(rng, cells.change, gate.change, rule.change, rule.change, rule.shorten, rule.read)(step)
        sim.run(h * (n_steps - step))
        cells.finish(n_steps)
        gate.finish()
        self.worst = [rule.worst() for rule in self.rules]
