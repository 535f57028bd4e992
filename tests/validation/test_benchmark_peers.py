"""What the benchmarks race is the same network: where every spike is certain, weights agree to rounding."""

import importlib

import numpy as np
import pytest

from benchmarks.network import Network

pytestmark = pytest.mark.validation


# Brian2 would spend its time compiling; `python -m benchmarks --only agreement` compares it as well.
@pytest.mark.parametrize(("peer", "needs", "tolerance"), [("numba_peer", "numba", 1e-12), ("nest_peer", "nest", 1e-9)])
def test_peers_simulate_the_same_network(peer, needs, tolerance):
    pytest.importorskip(needs)
    network, duration = Network.deterministic(3, 40), 300.0
    found = []
    for name in ("ours", peer):
        simulation = importlib.import_module(f"benchmarks.{name}").Simulation(network, duration)
        simulation.advance(duration)
        found.append(simulation.weights())
    change = np.abs(found[0] - network.synapse["weight"]).max()
    assert change > 0.05 * network.synapse["weight"]
    assert np.abs(found[0] - found[1]).max() < tolerance * change
