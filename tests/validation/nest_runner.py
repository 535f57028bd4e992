"""Run a case in NEST.

Timing. NEST's spike generators cannot feed plastic synapses, a parrot neuron repeats their spikes: it fires a
delay (here one step) after the generator, so that the generator is set one step ahead of our source. A spike
fired at s over a delay d is, in both simulators, part of what is recorded at s + d, and acts from then on.
"""

import numpy as np

from .cases import Result, steps

KILO = 1e3  # nF, nA, uS in pF, pA, nS
PER_MS = 1e-3  # Hz in 1/ms

TRACES = {
    "soma.v": ("V_m.s", 1.0),
    "dendrite.v": ("V_m.p", 1.0),
    "gsyn_exc": ("g_ex.s", 1 / KILO),
    "gsyn_inh": ("g_in.s", 1 / KILO),
    "isyn_exc": ("I_ex.p", 1 / KILO),
    "isyn_inh": ("I_in.p", 1 / KILO),
}


def nest_cell(cell, v_init):
    """Parameters of pp_cond_exp_mc_urbanczik, out of ours."""
    assert cell["dendrite_i_offset"] == 0.0, "NEST ignores currents into the dendrite"
    compartments = {
        there: {
            "V_m": v,
            "C_m": KILO * cell[f"{here}_cm"],
            "g_L": KILO * cell[f"{here}_g_leak"],
            "E_L": cell[f"{here}_v_rest"],
            "tau_syn_ex": cell[f"{here}_tau_syn_E"],
            "tau_syn_in": cell[f"{here}_tau_syn_I"],
            "I_e": KILO * cell[f"{here}_i_offset"],
        }
        for here, there, v in zip(("soma", "dendrite"), ("soma", "dendritic"), v_init)
    }
    compartments["soma"].update(E_ex=cell["soma_e_rev_E"], E_in=cell["soma_e_rev_I"])
    return {
        **compartments,
        "g_sp": KILO * cell["g_dendrite_to_soma"],
        "g_ps": KILO * cell["g_soma_to_dendrite"],
        "t_ref": cell["tau_refrac"],
        "phi_max": PER_MS * cell["phi_max"],
        **{name: cell[name] for name in ("rate_slope", "beta", "theta")},
    }


def run(case, traces=TRACES):
    import nest

    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    dt = case.dt
    nest.set(resolution=dt, rng_seed=case.seed)

    neurons = nest.Create("pp_cond_exp_mc_urbanczik", len(case.cells))
    for neuron, cell, v_init in zip(neurons, case.cells, case.v_init):
        neuron.set(nest_cell(cell, v_init))
    receptors = nest.GetDefaults("pp_cond_exp_mc_urbanczik", "receptor_types")

    parrots = nest.Create("parrot_neuron", len(case.trains))
    for parrot, times in zip(parrots, case.trains):
        if len(times) == 0:
            continue
        assert min(times) > 1.5 * dt, "no room for the step from generator to parrot"
        ahead = dt * (steps(times, dt) - 1)
        nest.Connect(
            nest.Create("spike_generator", params={"spike_times": np.round(ahead, 6)}),
            parrot,
            syn_spec={"delay": dt},
        )

    weights = nest.Create("weight_recorder")
    nest.CopyModel("urbanczik_synapse", "recorded_synapse", {"weight_recorder": weights})
    assert max(case.distinct, default=0) == 0, "the weight recorder cannot tell parallel synapses apart"
    for synapse in case.plastic:
        nest.Connect(
            parrots[synapse.pre],
            neurons[synapse.post],
            syn_spec={
                "synapse_model": "recorded_synapse",
                "receptor_type": receptors[case.receptor],
                "weight": KILO * synapse.weight,
                "delay": synapse.delay,
                "eta": synapse.eta,
                "tau_Delta": synapse.tau_Delta,
                "Wmin": KILO * synapse.w_min,
                "Wmax": KILO * synapse.w_max,
            },
        )
    for synapse in case.static:
        generator = nest.Create("spike_generator", params={"spike_times": np.round(synapse.times, 6)})
        nest.Connect(
            generator,
            neurons[synapse.post],
            syn_spec={
                "receptor_type": receptors[synapse.receptor],
                "weight": KILO * synapse.weight,
                "delay": synapse.delay,
            },
        )

    spikes = nest.Create("spike_recorder")
    nest.Connect(neurons, spikes)
    names = [TRACES[name][0] for name in traces]
    multimeter = nest.Create("multimeter", params={"record_from": names, "interval": dt}) if names else None
    if multimeter:
        nest.Connect(multimeter, neurons, syn_spec={"delay": dt})

    # What happens in the last slice reaches the recorders in the next one.
    nest.Simulate(case.duration + 2 * max(dt, nest.max_delay))
    return collect(case, neurons, parrots, spikes, multimeter, weights, traces)


def collect(case, neurons, parrots, spikes, multimeter, weights, traces):
    dt, n = case.dt, case.n_steps
    n_cells = len(case.cells)
    first = neurons[0].global_id
    recorded = {}
    if multimeter:
        events = multimeter.events
        k, cell = steps(events["times"], dt), events["senders"] - first
        kept = k <= n
        for name in traces:
            there, factor = TRACES[name]
            recorded[name] = np.full((n + 1, n_cells), np.nan)
            recorded[name][k[kept], cell[kept]] = factor * events[there][kept]

    fired, sender = steps(spikes.events["times"], dt), spikes.events["senders"] - first
    trains = [np.sort(fired[(sender == i) & (fired <= n)]) for i in range(n_cells)]

    events = weights.events
    k, pre, post = (
        steps(events["times"], dt),
        events["senders"] - parrots[0].global_id,
        events["targets"] - first,
    )
    carried = []
    for synapse in case.plastic:
        own = np.flatnonzero((pre == synapse.pre) & (post == synapse.post) & (k <= n))
        own = own[np.argsort(k[own], kind="stable")]
        carried.append((k[own], events["weights"][own] / KILO))
    return Result(recorded, trains, carried)
