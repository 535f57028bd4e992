"""A network of integrate-and-fire cells that learns: whatever differed anywhere would spread."""

from functools import partial

import numpy as np

from .pynn_networks import DT, recorded, setup, sources, trains

DURATION = 500.0  # ms of input, then silence until one last volley
VOLLEY = DURATION + 50.0
DELAY = 1.0  # of plastic synapses
SIZES = {"input": 30, "excitatory": 40, "inhibitory": 10}
W_MAX = {"current": 0.8, "conductance": 0.012}


def network(kind, sim):
    """Plastic synapses from the input and among excitatory cells; inhibition is static."""
    setup(sim)
    rng = np.random.default_rng(11)
    cell = {"current": sim.IF_curr_exp, "conductance": sim.IF_cond_exp}[kind](
        tau_m=15.0, cm=0.25, tau_refrac=2.0, tau_syn_E=3.0, tau_syn_I=6.0
    )
    spike_times = trains(12, SIZES["input"], 20.0, 2.0, DURATION)
    groups = {
        "input": sources(sim, [np.append(times, VOLLEY) for times in spike_times]),
        **{name: sim.Population(SIZES[name], cell) for name in ("excitatory", "inhibitory")},
    }
    for name in ("excitatory", "inhibitory"):
        groups[name].initialize(v=rng.uniform(-65.0, -52.0, SIZES[name]))
        groups[name].record(["spikes", "v"])
    w_max = W_MAX[kind]

    def join(pre, post, probability, synapse, low, high, delays, receptor="excitatory", sign=1.0):
        rows = [
            (i, j, sign * w_max * rng.uniform(low, high), DT * round(rng.uniform(*delays) / DT))
            for i in range(SIZES[pre])
            for j in range(SIZES[post])
            if rng.random() < probability and (pre, i) != (post, j)
        ]
        connector = sim.FromListConnector(rows, column_names=["weight", "delay"])
        return sim.Projection(groups[pre], groups[post], connector, synapse, receptor_type=receptor)

    def rule():
        return sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(tau_plus=15.0, tau_minus=25.0, A_plus=0.04, A_minus=0.03),
            weight_dependence=sim.MultiplicativeWeightDependence(w_min=0.0, w_max=w_max),
        )

    plastic = join("input", "excitatory", 0.5, rule(), 0.3, 0.7, (DELAY, DELAY))
    join("excitatory", "excitatory", 0.2, rule(), 0.1, 0.3, (0.5, 3.0))
    join("excitatory", "inhibitory", 0.3, sim.StaticSynapse(), 0.2, 0.4, (0.1, 2.0))
    sign = -1.0 if kind == "current" else 1.0
    join("inhibitory", "excitatory", 0.5, sim.StaticSynapse(), 0.4, 0.6, (0.1, 2.0), "inhibitory", sign)
    start = plastic.get("weight", "array")
    # NEST brings a weight up to date with each presynaptic spike: no cell fires between the volley and the end
    sim.run(VOLLEY + DELAY)
    result = {"before": start, "after": plastic.get("weight", "array")}
    for name in ("excitatory", "inhibitory"):
        result.update({f"{name} {key}": value for key, value in recorded(groups[name], ["v"]).items()})
    return result


SCRIPTS = {kind: partial(network, kind) for kind in W_MAX}
