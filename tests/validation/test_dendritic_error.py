"""Learning in any dendrite, for random cells, rules, modulators and delays, against the defining sums."""

import numpy as np
import pytest

import pyurbanczik as sim
from tests.reference import dendritic_error as twin

H, N_STEPS, N_CELLS = 0.1, 1200, 3
LABELS = ("basal", "apical", "oblique", "tuft")
SCALE = {
    ("spikes", "psp"): 0.02,
    ("rate", "psp"): 0.05,
    ("potential", "psp"): 1e-5,
    ("spikes", "exponential"): 0.2,
    ("rate", "exponential"): 0.5,
    ("potential", "exponential"): 1e-4,
}


def random_cell(rng):
    labels = LABELS[: rng.integers(1, 5)]
    tau_s = rng.uniform(1.0, 12.0)
    dendrites = {}
    for label in labels:
        cm = rng.uniform(0.1, 0.5)
        tau_L = tau_s if rng.random() < 0.3 else rng.uniform(2.0, 20.0)
        dendrites[label] = sim.Dendrite(
            cm=cm, g_leak=cm / tau_L, tau_syn_E=tau_s, tau_syn_I=rng.uniform(1.0, 12.0), g_to_soma=rng.uniform(0.1, 0.8)
        )
    rate_function = [
        sim.Logistic(theta=-62.0),
        sim.Softplus(gain=30.0, theta=-65.0),
        sim.Exponential(rho_0=40.0, beta=0.1, theta=-62.0),
    ][rng.integers(3)]
    soma = sim.Soma(i_offset=rng.uniform(4.0, 10.0))
    return sim.DendriticNeuron(soma=soma, rate_function=rate_function, tau_refrac=rng.choice([0.0, 2.0]), **dendrites)


def random_modulator(rng):
    """A modulator (or None), and a function from the recordings to its values [step, cell]."""
    kind = rng.choice(["none", "constant", "steps", "cells", "spikes"])
    m = np.ones((N_STEPS + 1, N_CELLS))
    if kind == "none":
        return None, m
    if kind == "constant":
        value = rng.uniform(-2, 2)
        return sim.Modulator(value=value), value * m
    if kind == "spikes":
        trains = [np.unique(rng.integers(0, N_STEPS, 30)) for _ in range(2)]
        cells = sim.Population(2, sim.SpikeSourceArray(spike_times=[H * train for train in trains]))
        tau, weight, baseline = rng.uniform(5, 300), rng.uniform(-1, 1), rng.uniform(-1, 1)
        m *= baseline
        for step in np.concatenate(trains):
            m[step:] += weight * np.exp(-H * np.arange(N_STEPS + 1 - step) / tau)[:, np.newaxis]
        return sim.SpikeModulator(cells, tau=tau, weight=weight, baseline=baseline), m
    steps = np.unique([0, *rng.integers(0, N_STEPS, 9)])
    values = rng.uniform(-2, 2, (len(steps), N_CELLS if kind == "cells" else 1))
    for step, value in zip(steps, values):
        m[step:] = value
    return sim.Modulator(times=H * steps, values=values if kind == "cells" else values[:, 0]), m


def random_rule(rng):
    error, kernel = rng.choice(["spikes", "rate", "potential"]), rng.choice(["psp", "exponential"])
    rule = {
        "error": str(error),
        "kernel": str(kernel),
        "bounds": str(rng.choice(["read", "state"])),
        "eta": SCALE[error, kernel] * rng.uniform(0.5, 2.0),
        "tau_Delta": rng.choice([0.0, rng.uniform(0.2, 5.0), rng.uniform(5.0, 500.0)]),
        "decay": rng.choice([0.0, 10 ** rng.uniform(-5, 0)]),
        "weight": 0.05,
        "dendritic_delay_fraction": rng.choice([0.0, 0.5, 1.0]),
    }
    wide = rng.random() < 0.5
    rule.update({"w_min": -50.0, "w_max": 50.0} if wide else {"w_min": 0.04, "w_max": 0.06})
    if kernel == "exponential":
        rule["tau_kernel"] = rng.uniform(0.5, 50.0)
    if error == "potential":
        rule["v_target"] = rng.uniform(-75.0, -60.0)
    return rule


def trace(spikes, rule, cells, label, receptor):
    if rule["kernel"] == "exponential":
        return twin.exponential_trace(spikes, H, rule["tau_kernel"])
    cm = cells.get(f"{label}_cm")
    inhibitory = receptor.endswith("inh")
    tau_s = cells.get(f"{label}_tau_syn_{'I' if inhibitory else 'E'}")
    return twin.psp_trace(spikes, H, cm, cm / cells.get(f"{label}_g_leak"), tau_s, -1.0 if inhibitory else 1.0)


def errors_of(rule, signals, label, cell):
    column = {name: np.asarray(signals[name])[:, cell] for name in signals}
    if rule["error"] == "spikes":
        error = column[f"{label}.error"].copy()
    else:
        error = twin.errors_of(
            rule["error"],
            rate=1e-3 * column["rate"],
            rate_star=1e-3 * column[f"{label}.rate_star"],
            v=column[f"{label}.v"],
            v_target=rule.get("v_target"),
            dt=H,
        )
    error[0] = 0.0
    return error


@pytest.mark.parametrize("seed", range(40))
def test_random_rules_on_random_cells(seed):
    rng = np.random.default_rng(seed)
    sim.setup(timestep=H, min_delay=H, rng_seed=seed, threads=int(rng.integers(1, 3)))
    cells = sim.Population(N_CELLS, random_cell(rng))
    label = str(rng.choice(cells.celltype.labels))
    modulator, m = random_modulator(rng)
    rule = random_rule(rng)
    receptor = str(rng.choice([label, f"{label}_exc", f"{label}_inh"]))
    if receptor != label:
        rule["w_min"] = max(rule["w_min"], 0.0)
    trains = [np.unique(rng.integers(1, N_STEPS, n)) for n in (60, 8)] + [np.array([5, 6, 7]), np.array([], dtype=int)]
    source = sim.Population(len(trains), sim.SpikeSourceArray(spike_times=[H * train for train in trains]))
    delay = int(rng.integers(1, 60))
    projection = sim.Projection(
        source,
        cells,
        sim.AllToAllConnector(),
        sim.DendriticErrorSynapse(delay=H * delay, modulator=modulator, **rule),
        receptor_type=receptor,
    )
    projection.record("weight", sampling_interval=H)
    names = ["rate", *(f"{label}.{name}" for name in ("error", "rate_star", "v"))]
    cells.record(names)
    changes = {}
    step = 0
    for until in sorted(rng.integers(1, N_STEPS, 2)):
        sim.run(H * (int(until) - step))
        step = int(until)
        if rng.random() < 0.5:
            changes[step] = {"eta": rule["eta"] * rng.uniform(-2, 2)}
            projection.set(**changes[step])
        if modulator is not None and isinstance(modulator, sim.Modulator) and rng.random() < 0.7:
            value = rng.uniform(-2, 2, N_CELLS)
            modulator.set(value)
            m[step:] = value
    sim.run(H * (N_STEPS - step))
    signals = {s.name: s.magnitude for s in cells.get_data().segments[0].analogsignals}
    got = projection.get_data().segments[0].analogsignals[0].magnitude
    behind = delay - int(np.rint((1.0 - rule["dendritic_delay_fraction"]) * delay))
    eta = np.full(N_STEPS + 1, rule["eta"])
    for when, changed in changes.items():
        eta[when:] = changed["eta"]
    for k in range(len(trains) * N_CELLS):
        cell = k % N_CELLS
        arrivals = trains[k // N_CELLS] + delay - behind
        spikes = np.bincount(arrivals[arrivals <= N_STEPS], minlength=N_STEPS + 1).astype(float)
        read, beneath = twin.weights(
            rule["weight"],
            trace(spikes, rule, cells, label, receptor),
            errors_of(rule, signals, label, cell),
            m[:, cell],
            dt=H,
            eta=eta,
            tau_Delta=rule["tau_Delta"],
            decay=rule["decay"],
            delay_steps=behind,
            w_min=rule["w_min"],
            w_max=rule["w_max"],
            bounds=rule["bounds"],
            spikes=spikes,
        )
        assert np.abs(got[:, k] - read).max() <= 1e-8 * np.ptp(beneath) + 1e-15
