"""Trains of spikes before and behind plastic synapses, and what the definition says of their weights."""

import numpy as np

from backend_cython.engine.network import Network
from backend_cython.model.projection import Projection
from backend_cython.neurons.spike_source_array import SpikeSourceArray
from backend_cython.synapses import stdp_rules
from backend_cython.synapses.stdp import composed
from tests.reference.stdp import carried

from .helpers import H, all_pairs, in_ms, source

TIMING = {"SpikePair": "SpikePairRule", "Vogels2011": "Vogels2011Rule"}
WEIGHTS = {
    "Additive": "AdditiveWeightDependence",
    "Multiplicative": "MultiplicativeWeightDependence",
    "AdditivePotentiationMultiplicativeDepression": "AdditivePotentiationMultiplicativeDepression",
    "Gutig": "GutigWeightDependence",
}
PAIR = {"tau_plus": 17.0, "tau_minus": 31.0, "A_plus": 0.03, "A_minus": 0.025}
VOGELS = {"tau": 20.0, "eta": 0.05, "rho": 8.0}
BOUNDS = {"w_min": 0.1, "w_max": 2.0}
N_STEPS = 2000


class Puppet(SpikeSourceArray):
    """Cells that fire when they are told to, and take input that does nothing."""

    RECEPTORS = ("excitatory",)


def puppets(network, *trains):
    cells = Puppet(network, len(trains))
    cells.set_spikes(in_ms(trains))
    return cells


def parameters(timing, weights, **given):
    p = {**(PAIR if timing == "SpikePair" else VOGELS), **BOUNDS}
    if weights == "Gutig":
        p.update(mu_plus=0.3, mu_minus=0.7)
    return {**p, **given}


def kind(timing, weights):
    return composed(getattr(stdp_rules, TIMING[timing]), getattr(stdp_rules, WEIGHTS[weights]))


def trains(seed, n, n_steps=N_STEPS, rate=0.03):
    """Trains of steps in which now and then several spikes share a step."""
    rng = np.random.default_rng(seed)
    return [np.sort(rng.integers(0, n_steps, rng.poisson(rate * n_steps))) for _ in range(n)]


class Bench:
    """Given trains before and behind all-to-all synapses, with everything recorded."""

    def __init__(
        self, pre, post, timing="SpikePair", weights="Additive", delay=1, axonal=0, weight=1.0, record=True, **given
    ):
        self.network = Network(H)
        self.pre, self.post = pre, post
        self.source, self.cells = source(self.network, *pre), puppets(self.network, *post)
        self.delay, self.axonal = np.broadcast_to(delay, len(pre) * len(post)), axonal
        self.timing, self.weights, self.weight = timing, weights, weight
        self.p = parameters(timing, weights, **given)
        self.synapses = Projection(
            kind(timing, weights),
            self.source,
            self.cells,
            "excitatory",
            *all_pairs(self.source, self.cells),
            delay,
            {"weight": weight, **self.p},
            axonal_steps=axonal,
        )
        if record:
            self.synapses.record_events()

    def run(self, *n_steps):
        for n in n_steps or (N_STEPS,):
            self.network.run(n)
        return self

    def got(self, k):
        connection, _, weight = self.synapses.events
        return weight[connection == k]

    def arrivals(self, k):
        pre, post = self.pre[k // len(self.post)], self.post[k % len(self.post)]
        # in whole steps, so that what meets at the synapse meets in the twin
        return np.asarray(pre) + self.axonal, np.asarray(post) + self.delay[k]

    def due(self, k, end=N_STEPS, timestep=H):
        # times in steps: time constants are scaled instead
        p = {name: np.broadcast_to(value, self.synapses.size)[k] for name, value in self.p.items()}
        for name in p.keys() & {"tau_plus", "tau_minus", "tau"}:
            p[name] = p[name] / timestep
        if "rho" in p:
            p["rho"] = p["rho"] * timestep
        pre, post = (times.tolist() for times in self.arrivals(k))
        w = np.broadcast_to(self.weight, self.synapses.size)[k]
        return carried(self.timing, self.weights, p, w, pre, post, end)

    def check(self, tolerance=1e-12):
        moved = 0
        for k in range(self.synapses.size):
            weights, last = self.due(k)
            np.testing.assert_allclose(self.got(k), weights, rtol=0, atol=tolerance)
            assert abs(self.synapses.get("weight")[k] - last) < tolerance
            moved += np.ptp(weights) > 1e-3 if weights else 0
        assert moved, "weights that hardly move prove little"
