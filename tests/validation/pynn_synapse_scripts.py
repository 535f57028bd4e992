"""Each synapse type under fixed trains. The conductance of the target shows what every spike carried."""

from functools import partial

import numpy as np

from .pynn_networks import DT, connect, recorded, setup, sources, trains

DURATION = 600.0  # ms
N_SYNAPSES = 6
TAU_SYN = {"excitatory": 2.0, "inhibitory": 5.0}
GSYN = {"excitatory": "gsyn_exc", "inhibitory": "gsyn_inh"}
DELAYS = np.array([0.1, 0.5, 1.0, 2.3, 5.0, 10.0])  # ms, of the six synapses


def targets(sim, n=N_SYNAPSES, conductances=True):
    """Cells that fire only when they are made to."""
    parameters = {"tau_syn_E": TAU_SYN["excitatory"], "tau_syn_I": TAU_SYN["inhibitory"], "tau_refrac": 0.5}
    parameters.update(v_rest=-65.0, v_reset=-65.0, v_thresh=-30.0, tau_m=10.0, cm=0.2)
    return sim.Population(n, (sim.IF_cond_exp if conductances else sim.IF_curr_exp)(**parameters))


def inputs(seed, rate=30.0):
    """Random trains, the last of which is a burst, a single spike and a regular train."""
    spike_times = trains(seed, N_SYNAPSES, rate, 2.0, DURATION - 20.0)
    spike_times[-1] = np.concatenate([np.arange(10.0, 30.0, 2.5), [200.0], np.arange(300.0, 500.0, 20.0)])
    return spike_times


def one_to_one(sim, pre, post, synapse, receptor, **values):
    """One synapse to each cell, with the delays DELAYS and an array of values for each of the parameters named."""
    rows = np.column_stack([np.arange(N_SYNAPSES), np.arange(N_SYNAPSES), DELAYS, *values.values()])
    rows = [(int(i), int(j), *numbers) for i, j, *numbers in rows.tolist()]
    connector = sim.FromListConnector(rows, column_names=["delay", *values])
    return sim.Projection(pre, post, connector, synapse, receptor_type=receptor)


def static(receptor, conductances, sim):
    setup(sim)
    cells = targets(sim, conductances=conductances)
    weight = 0.005 if conductances else {"excitatory": 0.1, "inhibitory": -0.1}[receptor]
    connect(
        sim,
        sources(sim, inputs(1)),
        cells,
        receptor,
        weight * np.arange(1, N_SYNAPSES + 1),
        np.random.default_rng(2),
        max_delay=10.0,
    )
    signals = [GSYN[receptor], "v"] if conductances else ["v"]
    cells.record(["spikes", *signals])
    sim.run(DURATION)
    return recorded(cells, signals)


TSODYKS_MARKRAM = {
    "U": [0.5, 0.04, 0.2, 0.9, 0.3, 1.0],
    "tau_rec": [100.0, 50.0, 800.0, 10.0, 300.0, 150.0],
    "tau_facil": [0.0, 1000.0, 200.0, 5.0, 50.0, 0.0],
}


def short_term(receptor, conductances, sim):
    """Six synapses of Tsodyks and Markram, each onto a cell of its own."""
    setup(sim)
    cells = targets(sim, conductances=conductances)
    pre = sources(sim, inputs(3))
    sign = 1.0 if conductances or receptor == "excitatory" else -1.0
    weights = sign * 0.02 * np.arange(1, N_SYNAPSES + 1)
    one_to_one(sim, pre, cells, sim.TsodyksMarkramSynapse(), receptor, weight=weights, **TSODYKS_MARKRAM)
    signals = [GSYN[receptor], "v"] if conductances else ["v"]
    cells.record(["spikes", *signals])
    sim.run(DURATION)
    return recorded(cells, signals)


N_COPIES = 1000
COPIED_TRAIN = np.concatenate([np.arange(10.0, 60.0, 10.0), np.arange(100.0, 300.0, 25.0), [450.0]])


def stochastic(name, parameters, sim):
    """Equal, independent synapses onto one cell: its conductance is a sum over them."""
    setup(sim)
    cell = targets(sim, 1)
    pre = sources(sim, [COPIED_TRAIN] * N_COPIES)
    synapse = getattr(sim, name)(weight=1e-5, delay=1.0, **parameters)
    sim.Projection(pre, cell, sim.AllToAllConnector(), synapse, receptor_type="excitatory")
    cell.record("gsyn_exc")
    sim.run(DURATION - 100.0)
    return recorded(cell, ["gsyn_exc"])


WEIGHT_DEPENDENCES = {
    "additive": ("AdditiveWeightDependence", {}),
    "multiplicative": ("MultiplicativeWeightDependence", {}),
    "mixed": ("AdditivePotentiationMultiplicativeDepression", {}),
    "Gutig": ("GutigWeightDependence", {"mu_plus": 0.4, "mu_minus": 0.2}),
}


def make_them_fire(sim, cells, spike_times):
    """One spike for each of the times (at least 1 ms apart), by a short and strong current."""
    for i, times in enumerate(spike_times):
        edges = np.round(np.column_stack([times, np.asarray(times) + 2 * DT]).ravel(), 6)
        pulses = sim.StepCurrentSource(times=edges, amplitudes=np.tile([200.0, 0.0], len(times)))
        pulses.inject_into(cells[i : i + 1])


def spaced(times, interval=1.0):
    """Those of the times that come at least an interval after the one kept before."""
    kept = []
    for t in times:
        if not kept or t - kept[-1] >= interval - 1e-9:
            kept.append(t)
    return np.array(kept)


def plastic(rule, receptor, w_scale, sim):
    """Six plastic synapses of different delays; pre- and postsynaptic cells fire at given times."""
    cells = targets(sim)
    spike_times = inputs(4, rate=60.0)
    pre = sources(sim, spike_times)
    fired = trains(5, N_SYNAPSES, 60.0, 5.0, DURATION - 20.0)
    for i, times in enumerate(spike_times):
        # A pulse makes a spike one step after it began: some of them meet a presynaptic one at the synapse.
        meeting = times[::5] - DELAYS[i] - DT
        fired[i] = np.sort(np.concatenate([fired[i], meeting[meeting > 5.0]]))
    make_them_fire(sim, cells, [spaced(times) for times in fired])
    one_to_one(sim, pre, cells, rule, receptor, weight=w_scale * np.linspace(0.005, 0.025, N_SYNAPSES))
    cells.record(["spikes", GSYN[receptor]])
    sim.run(DURATION)
    return recorded(cells, [GSYN[receptor]])


def stdp(dependence, receptor, sim):
    setup(sim)
    kind, exponents = WEIGHT_DEPENDENCES[dependence]
    rule = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(tau_plus=15.0, tau_minus=30.0, A_plus=0.05, A_minus=0.03),
        weight_dependence=getattr(sim, kind)(w_min=0.0, w_max=0.03, **exponents),
    )
    return plastic(rule, receptor, 1.0, sim)


def vogels(sim):
    """pyNN.nest has no class for this rule: NEST's own synapse takes its place, with weights in nS.

    On an excitatory receptor, since neither rule knows its receptor and NEST wants negative weights on the other.
    """
    setup(sim)
    tau, eta, rho, w_max = 25.0, 0.002, 15.0, 0.04
    if hasattr(sim, "Vogels2011Rule"):
        rule = sim.STDPMechanism(
            timing_dependence=sim.Vogels2011Rule(tau=tau, eta=eta, rho=rho),
            weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=w_max),
        )
        return plastic(rule, "excitatory", 1.0, sim)
    native = sim.native_synapse_type("vogels_sprekeler_synapse")
    rule = native(tau=tau, tau_minus=tau, eta=1e3 * eta, alpha=2e-3 * rho * tau, Wmax=1e3 * w_max, Kplus=0.0)
    return plastic(rule, "excitatory", 1e3, sim)


RECEPTORS = ("excitatory", "inhibitory")
STOCHASTIC = {
    "simple": ("SimpleStochasticSynapse", {"p": 0.3}),
    "simple, always": ("SimpleStochasticSynapse", {"p": 1.0}),
    "simple, never": ("SimpleStochasticSynapse", {"p": 0.0}),
    # pyNN.nest starts with u = 0.5 and one available site whatever U and n are: U = 0.5 makes the first equal,
    # and recovery within 15 ms the second by the time of the second group of spikes.
    "quantal, depressing": ("MultiQuantalSynapse", {"n": 1, "U": 0.5, "tau_rec": 100.0, "tau_facil": 0.0}),
    "quantal, facilitating": ("MultiQuantalSynapse", {"n": 1, "U": 0.5, "tau_rec": 30.0, "tau_facil": 80.0}),
    "quantal, many sites": ("MultiQuantalSynapse", {"n": 6, "U": 0.5, "tau_rec": 15.0, "tau_facil": 30.0}),
}
SCRIPTS = {
    **{
        f"{label}, {receptor}, {kind}": partial(script, receptor, kind == "conductance")
        for label, script in (("static", static), ("Tsodyks-Markram", short_term))
        for receptor in RECEPTORS
        for kind in ("conductance", "current")
    },
    **{label: partial(stochastic, *values) for label, values in STOCHASTIC.items()},
    **{
        f"STDP, {dependence}, {receptor}": partial(stdp, dependence, receptor)
        for dependence in WEIGHT_DEPENDENCES
        for receptor in RECEPTORS
    },
    "STDP, Vogels": vogels,
}
