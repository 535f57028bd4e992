"""What is measured of pyurbanczik: the whole experiment, the step loop alone, single costs, and growth."""

import time

import numpy as np
from backend_cython.network import Network
from backend_cython.neurons.spike_source_array import SpikeSourceArray
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.recorder import SampleRecorder, SpikeRecorder
from backend_cython.synapses.static import StaticSynapses
from backend_cython.synapses.urbanczik_senn import UrbanczikSennSynapses

from examples.urbanczik_senn_2014_fig1b import RECORDED, TEACHER_WEIGHT, TIMESTEP, simulate


def whole_experiment(experiment, rearm):
    """Seconds to build, run and read it through PyNN, everything recorded."""
    return simulate(experiment, rearm=rearm).seconds


def flat(cell):
    """{'soma': {'cm': 0.3}} as {'soma_cm': 0.3}."""
    parameters = {}
    for name, value in cell.items():
        if isinstance(value, dict):
            parameters |= {f"{name}_{key}": number for key, number in value.items()}
        else:
            parameters[name] = value
    return parameters


def all_to_all(pre, post):
    return np.repeat(np.arange(pre), post), np.tile(np.arange(post), pre)


def step_loop(experiment, seed=1):
    """Seconds of the compiled step loop alone, everything recorded, as the numba loop does it."""
    network = Network(TIMESTEP, seed)
    neuron = UrbanczikSenn(network, 1)
    neuron.set(flat(experiment.parameters.cell))
    inputs = SpikeSourceArray(network, len(experiment.inputs))
    inputs.set_spikes(experiment.all_input_times)
    synapse = {name: value for name, value in experiment.parameters.synapse.items() if name != "delay"}
    index = all_to_all(inputs.size, 1)
    plastic = UrbanczikSennSynapses(inputs, neuron, "dendritic_exc", *index, 1, synapse)

    times, *weights = experiment.teacher_input
    for receptor, spike_weights in zip(("soma_exc", "soma_inh"), weights):
        teacher = SpikeSourceArray(network, 1)
        teacher.set_spikes([times], weights=[spike_weights])
        StaticSynapses(teacher, neuron, receptor, *all_to_all(1, 1), 1, {"weight": TEACHER_WEIGHT})

    recorders = [SampleRecorder(neuron, variable, np.array([0]), 1) for variable in RECORDED]
    recorders.append(SpikeRecorder(neuron))
    plastic.record_events()

    started = time.perf_counter()
    network.advance(round(experiment.duration / TIMESTEP))
    return time.perf_counter() - started


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
        UrbanczikSennSynapses(inputs, neurons, "dendritic_exc", *index, 1, parameters)
        events = int(spikes.sum()) * n_neurons
    started = time.perf_counter()
    network.advance(n_steps)
    return time.perf_counter() - started, events


def single_costs(repeats):
    """Nanoseconds for a neuron and time step, and for a plastic event, in a population of 500 neurons."""
    n_neurons, n_steps = 500, 5000
    without = np.median([advance_seconds(n_neurons, 0, n_steps, 0.0)[0] for _ in range(repeats)])
    runs = [advance_seconds(n_neurons, 100, n_steps, 50.0) for _ in range(repeats)]
    seconds, events = np.median([run[0] for run in runs]), runs[0][1]
    return without / (n_neurons * n_steps) * 1e9, (seconds - without) / events * 1e9


class Growth:
    """One neuron, ten inputs at 10 Hz and a synapse that never sees a spike; nothing is recorded."""

    def __init__(self, trains):
        self.network = Network(TIMESTEP, 1)
        neuron = UrbanczikSenn(self.network, 1)
        inputs = SpikeSourceArray(self.network, len(trains))
        inputs.set_spikes(trains)
        parameters = {"weight": 0.09, "eta": 0.17, "tau_Delta": 100.0, "w_min": 0.0, "w_max": 1.35}
        UrbanczikSennSynapses(inputs, neuron, "dendritic_exc", *all_to_all(len(trains), 1), 1, parameters)

    def advance(self, duration):
        self.network.advance(round(duration / TIMESTEP))
