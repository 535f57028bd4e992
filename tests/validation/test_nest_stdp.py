"""Spike-timing-dependent plasticity against NEST's stdp_synapse and vogels_sprekeler_synapse, as they run.

Both take all delay for dendritic. NEST keeps weights in units of Wmax, so that rounding differs; and it works
out its traces from the last spikes, ours go on from step to step.
"""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.projection import Projection
from backend_cython.synapses import stdp_rules
from backend_cython.synapses.stdp import composed
from tests.backend_cython.helpers import H, all_pairs, source
from tests.backend_cython.stdp_bench import puppets

N_STEPS = 5000
KILO = 1e3  # nA in pA
PER_MS = 1e-3  # Hz in 1/ms
TOLERANCE = 1e-12  # of w_max: some hundred updates, each of which rounds

PAIR = {"tau_plus": 15.0, "tau_minus": 28.0, "A_plus": 0.02, "A_minus": 0.018}
VOGELS = {"tau": 20.0, "eta": 0.02, "rho": 12.0}
EXPONENTS = {
    "AdditiveWeightDependence": (0.0, 0.0),
    "MultiplicativeWeightDependence": (1.0, 1.0),
    "AdditivePotentiationMultiplicativeDepression": (0.0, 1.0),
    "GutigWeightDependence": (0.4, 0.7),
}


def trains(seed, n):
    """Steps, no two spikes of a train in one."""
    rng = np.random.default_rng(seed)
    return [np.sort(rng.choice(np.arange(50, N_STEPS - 100), 60, replace=False)) for _ in range(n)]


def with_meetings(pre, post, delay):
    """Some postsynaptic spikes reach the synapses together with presynaptic ones."""
    return [np.union1d(train, pre[k % len(pre)][::6] - delay) for k, train in enumerate(post)]


def parrots(nest, given, **parameters):
    cells = nest.Create("parrot_neuron", len(given), params=parameters)
    for cell, train in zip(cells, given):
        ahead = np.round(H * (np.asarray(train) - 1), 6)
        generator = nest.Create("spike_generator", params={"spike_times": ahead})
        nest.Connect(generator, cell, syn_spec={"delay": H})
    return cells


def start(nest):
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.resolution = H


def carried(nest, pre, post, model, delay, parameters):
    """Weights (nA) that the spikes of `pre` carry in NEST, a list for each of all pairs."""
    start(nest)
    sources, targets = parrots(nest, pre), parrots(nest, post, tau_minus=parameters.pop("tau_minus"))
    recorder = nest.Create("weight_recorder")
    nest.CopyModel(model, "recorded", {"weight_recorder": recorder})
    # a parrot ignores what reaches its second port
    syn = {"synapse_model": "recorded", "receptor_type": 1, "delay": H * delay, **parameters}
    nest.Connect(sources, targets, syn_spec=syn)
    nest.Simulate(H * N_STEPS)
    events = recorder.events
    order = np.argsort(events["times"], kind="stable")
    sender, target = (np.asarray(events[name])[order] for name in ("senders", "targets"))
    weights = np.asarray(events["weights"])[order] / KILO
    return [weights[(sender == s) & (target == t)] for s in sources.tolist() for t in targets.tolist()]


def ours(pre, post, timing, weights, delay, parameters):
    network = Network(H)
    sources, targets = source(network, *pre), puppets(network, *post)
    kind = composed(getattr(stdp_rules, timing), getattr(stdp_rules, weights))
    synapses = Projection(kind, sources, targets, "excitatory", *all_pairs(sources, targets), delay, parameters)
    synapses.record_events()
    network.run(N_STEPS)
    connection, _, weight = synapses.events
    return [weight[connection == k] for k in range(synapses.size)]


def compare(got, expected, w_max):
    for a, b in zip(got, expected, strict=True):
        assert len(a) == len(b) == 60
        assert np.ptp(b) > 0.1 * abs(w_max)
        np.testing.assert_allclose(a, b, rtol=0, atol=TOLERANCE * abs(w_max))


@pytest.mark.parametrize("weights", EXPONENTS)
@pytest.mark.parametrize("delay", [1, 10, 37])
@pytest.mark.parametrize("w_max", [0.8, -0.8])
def test_pairs(nest, weights, delay, w_max):
    pre = trains(1, 3)
    post = with_meetings(pre, trains(2, 2), delay)
    mu_plus, mu_minus = EXPONENTS[weights]
    own = {"mu_plus": mu_plus, "mu_minus": mu_minus} if weights == "GutigWeightDependence" else {}
    got = ours(pre, post, "SpikePairRule", weights, delay, {**PAIR, **own, "weight": 0.5 * w_max, "w_max": w_max})
    expected = carried(
        nest,
        pre,
        post,
        "stdp_synapse",
        delay,
        {
            "tau_minus": PAIR["tau_minus"],
            "tau_plus": PAIR["tau_plus"],
            "lambda": PAIR["A_plus"],
            "alpha": PAIR["A_minus"] / PAIR["A_plus"],
            "mu_plus": mu_plus,
            "mu_minus": mu_minus,
            "weight": KILO * 0.5 * w_max,
            "Wmax": KILO * w_max,
        },
    )
    compare(got, expected, w_max)


@pytest.mark.parametrize("delay", [1, 10, 37])
@pytest.mark.parametrize("w_max", [0.8, -0.8])
def test_inhibitory_plasticity(nest, delay, w_max):
    pre = trains(3, 3)
    post = with_meetings(pre, trains(4, 2), delay)
    bounds = {"weight": 0.5 * w_max, "w_max": w_max}
    got = ours(pre, post, "Vogels2011Rule", "AdditiveWeightDependence", delay, {**VOGELS, **bounds})
    expected = carried(
        nest,
        pre,
        post,
        "vogels_sprekeler_synapse",
        delay,
        {
            "tau_minus": VOGELS["tau"],
            "tau": VOGELS["tau"],
            "eta": KILO * VOGELS["eta"],
            "alpha": 2 * PER_MS * VOGELS["rho"] * VOGELS["tau"],
            **{{"w_max": "Wmax"}.get(name, name): KILO * value for name, value in bounds.items()},
        },
    )
    compare(got, expected, w_max)
