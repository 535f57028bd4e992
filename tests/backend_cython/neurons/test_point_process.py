"""Spikes by a hazard, of both models that have one."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.recorder import SpikeRecorder
from backend_cython.neurons.dendritic_types import dendritic_neuron
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn

from ..helpers import SIZES, H, choices

MODELS = {"two compartments": UrbanczikSenn, "two dendrites": dendritic_neuron(["basal", "apical"])}
pytestmark = pytest.mark.parametrize("model", MODELS)


def make(model, size=1, h=H, **parameters):
    network = Network(h, 4)
    cells = MODELS[model](network, size)
    cells.set(parameters)
    return network, cells


@pytest.mark.parametrize(
    "h, tau_refrac, dead",
    [
        (0.1, 0.1, 1),
        (0.1, 0.3, 3),
        (0.1, 3.0, 30),
        (0.1, 0.04, 1),
        (0.1, 0.05, 1),
        (0.1, 0.24, 3),
        (0.25, 0.6, 3),
        (0.25, 0.5, 2),
        (0.25, 0.0004, 0),
        (0.1, 1e6, 10**7),
    ],
)
def test_refractory_time_is_rounded_up_to_whole_steps(model, h, tau_refrac, dead):
    """A neuron that fires as soon as it may."""
    network, cells = make(model, h=h, tau_refrac=tau_refrac, phi_max=1e9, rate_slope=0.0)
    spikes = SpikeRecorder(cells)
    network.run(200)
    assert spikes.data[1].tolist() == list(range(1, 201, dead + 1))


def test_the_number_of_spikes_without_refractory_time_is_poisson(model):
    """4.5 standard errors: a false alarm once in 10^5 for each of the two."""
    network, cells = make(model, 400, phi_max=2e4, rate_slope=0.0, tau_refrac=0.0)
    spikes = SpikeRecorder(cells)
    network.run(50)
    index, step = spikes.data
    counts = np.bincount(50 * index + step - 1, minlength=20_000)
    assert abs(counts.mean() - 2.0) < 4.5 * np.sqrt(2.0 / 20_000)
    assert abs(counts.var() / 2.0 - 1) < 4.5 * np.sqrt(2.5 / 20_000)


def test_a_reset_gives_all_draws_back(model):
    network, cells = make(model, 20, phi_max=500.0, rate_slope=0.0)
    runs = []
    for _run in range(2):
        spikes = SpikeRecorder(cells)
        network.run(300)
        runs.append(np.array(spikes.data))
        network.reset()
    np.testing.assert_array_equal(*runs)
    assert runs[0].size > 40


@pytest.mark.parametrize("size", SIZES)
def test_all_cells_that_must_spike_do_and_no_others(model, size):
    for excited in choices(size):
        network, cells = make(model, size, phi_max=1e9, tau_refrac=10.0)
        cells.initialize("soma.v", np.where(excited, 0.0, -1000.0))
        spikes = SpikeRecorder(cells)
        network.run(5)
        np.testing.assert_array_equal(spikes.data, (np.flatnonzero(excited), np.ones(excited.sum())))
