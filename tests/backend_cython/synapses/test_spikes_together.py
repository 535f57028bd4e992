"""Several spikes of a cell in one step, which reach its synapses as one spike with the sum of their factors."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.projection import Projection
from backend_cython.neurons.dendritic_types import dendritic_neuron
from backend_cython.synapses.dendritic_error_synapses import dendritic_error_synapses
from backend_cython.synapses.modulator import Modulator

from ..helpers import Ear, H, Lab, all_pairs, source, static

STEPS = np.arange(3, 600, 9)
COUNTS = 1 + STEPS % 5
MANY = np.repeat(STEPS, COUNTS)
N_CELLS = 300  # more than loops take at once


@pytest.mark.parametrize("axonal", [0, 3])
def test_static_input_is_that_of_one_spike_as_strong(axonal):
    network = Network(H)
    ears = [Ear(network) for _ in range(3)]
    static(source(network, [2, 5, 5, 5, 9, 9]), ears[0].cells, axonal=axonal)
    static(source(network, [2, 5, 9], weights=[[1.0, 3.0, 2.0]]), ears[1].cells, axonal=axonal)
    static(source(network, [2, 5, 9], [5, 9], [5]), ears[2].cells, axonal=axonal)
    network.run(20)
    heard = [(3 + axonal, 0, 1.0), (6 + axonal, 0, 3.0), (10 + axonal, 0, 2.0)]
    assert [ear.heard() for ear in ears] == [heard] * 3


def test_neighbours_in_the_list_of_spikes_stay_apart():
    network = Network(H)
    ear = Ear(network, 3)
    sources = source(network, [4, 4], [4], [4, 4, 4], weights=[[1.0, 0.5], [4.0], [1.0, 1.0, -0.5]])
    static(sources, ear.cells, pairs=([0, 1, 2], [0, 1, 2]))
    network.run(6)
    assert ear.heard() == [(5, 0, 1.5), (5, 1, 4.0), (5, 2, 1.5)]


@pytest.mark.parametrize("n_cells", [1, N_CELLS])
def test_learning_is_that_of_one_spike_as_strong(n_cells):
    one = Lab([STEPS, [50]], n_cells, weights=[COUNTS.astype(float), [2.0]]).run(600)
    many = Lab([MANY, [50, 50]], n_cells).run(600)
    np.testing.assert_array_equal(many.synapses.get("weight"), one.synapses.get("weight"))
    np.testing.assert_array_equal(many.error.data, one.error.data)
    assert np.ptp(many.synapses.get("weight")) > 0.01


def test_each_spike_has_its_sample():
    many, one = Lab([MANY], N_CELLS).run(600), Lab([STEPS], N_CELLS, weights=[COUNTS.astype(float)]).run(600)
    connection, step, _ = many.synapses.events
    assert step.tolist() == np.repeat(MANY, N_CELLS).tolist()
    assert connection.tolist() == list(range(N_CELLS)) * len(MANY)
    for k in (0, 127, 128, N_CELLS - 1):
        step, weight = many.carried(k)
        np.testing.assert_array_equal(step, MANY)
        np.testing.assert_array_equal(weight, np.repeat(one.carried(k)[1], COUNTS))


def network_of_bursts(threads, bounds, modulator):
    """Sources with bursts onto dendrites whose own bursts excite other dendrites."""
    network = Network(H, 4, threads)
    sources = source(network, MANY, MANY + 2, STEPS[5:], np.repeat(STEPS + 1, 7))
    cells = dendritic_neuron(["basal", "apical"], "softplus")(network, 70)
    cells.set({"tau_refrac": 0.0, "gain": 4e4, "theta": -69.0})
    kind = dendritic_error_synapses("rate", "exponential", bounds, Modulator([[0.5]]) if modulator else None)
    rule = {"weight": 0.01, "eta": 1e-4, "tau_Delta": 1.0, "w_min": -0.02, "w_max": 0.02}
    plastic = [
        Projection(kind, sources, cells, "basal", *all_pairs(sources, cells), 1, rule),
        Projection(kind, cells, cells, "apical", *all_pairs(cells, cells), 1, {**rule, "weight": -0.001}, 2),
    ]
    for projection in plastic:
        projection.record_events()
    return network, plastic


@pytest.mark.parametrize("bounds, modulator", [("read", False), ("state", True)])
def test_threads_and_splits_change_not_a_bit(bounds, modulator):
    found = []
    for threads, parts in ((1, [40]), (2, [40]), (3, [1, 9, 30])):
        network, plastic = network_of_bursts(threads, bounds, modulator)
        for part in parts:
            network.run(part)
        found.append([np.concatenate([p.get("weight"), *p.events]) for p in plastic])
    connection, step = found[0][1][4900:].reshape(3, -1)[:2]
    assert len(step) > 1.3 * len(np.unique([connection, step], axis=1).T), "cells that spike several times a step"
    for other in found[1:]:
        for a, b in zip(found[0], other):
            np.testing.assert_array_equal(a, b)
