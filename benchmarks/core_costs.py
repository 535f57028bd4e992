"""Single costs of the compiled core: a neuron's time step and a plastic event. Needs the core and NumPy alone."""

import time

import numpy as np

from backend_cython.engine.network import Network
from backend_cython.model.projection import Projection
from backend_cython.neurons.spike_source_array import SpikeSourceArray
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.synapses.urbanczik_senn import UrbanczikSennSynapses

TIMESTEP = 0.1  # ms


def all_to_all(pre, post):
    return np.repeat(np.arange(pre), post), np.tile(np.arange(post), pre)


def advance_seconds(n_neurons, n_inputs, n_steps, rate):
    """Seconds to advance neurons that all receive the same inputs, and the number of plastic events."""
    network = Network(TIMESTEP, 1)
    neurons = UrbanczikSenn(network, n_neurons)
    events = 0
    if n_inputs:
        rng = np.random.default_rng(1)
        spikes = rng.random((n_inputs, n_steps)) < rate * 1e-3 * TIMESTEP
        inputs = SpikeSourceArray(network, n_inputs)
        inputs.set_spikes([(np.flatnonzero(row) + 1) * TIMESTEP for row in spikes])
        parameters = {"weight": 0.01, "eta": 0.17, "tau_Delta": 100.0, "w_min": 0.0, "w_max": 1.0}
        index = all_to_all(n_inputs, n_neurons)
        Projection(UrbanczikSennSynapses, inputs, neurons, "dendritic_exc", *index, 1, parameters)
        events = int(spikes.sum()) * n_neurons
    started = time.perf_counter()
    network.advance(n_steps)
    return time.perf_counter() - started, events


def single_costs(repeats, n_neurons=500, n_inputs=100, rate=50.0, n_steps=5000):
    """Nanoseconds for a neuron and time step, and for a plastic event."""
    without = np.median([advance_seconds(n_neurons, 0, n_steps, 0.0)[0] for _ in range(repeats)])
    runs = [advance_seconds(n_neurons, n_inputs, n_steps, rate) for _ in range(repeats)]
    seconds, events = np.median([run[0] for run in runs]), runs[0][1]
    return without / (n_neurons * n_steps) * 1e9, (seconds - without) / events * 1e9
