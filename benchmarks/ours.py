"""What is measured of pyurbanczik: the experiment, its step loop alone, growth, and any network."""

import time

import numpy as np
from pyNN.parameters import Sequence

import pyurbanczik as sim
from backend_cython.engine.network import Network
from backend_cython.engine.team import can_use_threads
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SampleRecorder, SpikeRecorder
from backend_cython.neurons.spike_source_array import SpikeSourceArray
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.synapses.static import StaticSynapses
from backend_cython.synapses.urbanczik_senn import UrbanczikSennSynapses
from benchmarks import network as networks
from benchmarks.core_costs import all_to_all
from examples.urbanczik_senn_2014_fig1b import RECORDED, TEACHER_WEIGHT, TIMESTEP, simulate

RECORDABLES = ("soma.v", "dendrite.v", "gsyn_exc", "gsyn_inh", "isyn_exc", "isyn_inh")


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


def step_loop(experiment, seed=1):
    """Seconds of the compiled step loop alone, everything recorded, as the numba loop does it."""
    network = Network(TIMESTEP, seed)
    neuron = UrbanczikSenn(network, 1)
    neuron.set(flat(experiment.parameters.cell))
    inputs = SpikeSourceArray(network, len(experiment.inputs))
    inputs.set_spikes(experiment.all_input_times)
    synapse = {name: value for name, value in experiment.parameters.synapse.items() if name != "delay"}
    index = all_to_all(inputs.size, 1)
    plastic = Projection(UrbanczikSennSynapses, inputs, neuron, "dendritic_exc", *index, 1, synapse)

    times, *weights = experiment.teacher_input
    for receptor, spike_weights in zip(("soma_exc", "soma_inh"), weights):
        teacher = SpikeSourceArray(network, 1)
        teacher.set_spikes([times], weights=[spike_weights])
        Projection(StaticSynapses, teacher, neuron, receptor, *all_to_all(1, 1), 1, {"weight": TEACHER_WEIGHT})

    recorders = [SampleRecorder(neuron, variable, np.array([0]), 1) for variable in RECORDED]
    recorders.append(SpikeRecorder(neuron))
    plastic.record_events()

    started = time.perf_counter()
    network.advance(round(experiment.duration / TIMESTEP))
    seconds = time.perf_counter() - started
    network.close()  # as the end of a simulation does, so that the next one finds its memory again
    return seconds


class Growth:
    """One neuron, ten inputs at 10 Hz and a synapse that never sees a spike; nothing is recorded."""

    def __init__(self, trains):
        self.network = Network(TIMESTEP, 1)
        neuron = UrbanczikSenn(self.network, 1)
        inputs = SpikeSourceArray(self.network, len(trains))
        inputs.set_spikes(trains)
        parameters = {"weight": 0.09, "eta": 0.17, "tau_Delta": 100.0, "w_min": 0.0, "w_max": 1.35}
        Projection(UrbanczikSennSynapses, inputs, neuron, "dendritic_exc", *all_to_all(len(trains), 1), 1, parameters)

    def advance(self, duration):
        self.network.advance(round(duration / TIMESTEP))


def has_threads():
    """Whether the core that is installed can use them."""
    return can_use_threads()


class Simulation:
    """See ``benchmarks.network``; written with PyNN, as users write it."""

    def __init__(self, network, duration, threads=1, record=False):
        sim.setup(timestep=TIMESTEP, min_delay=min(network.delay, TIMESTEP), rng_seed=1, threads=threads)
        self.cells = sim.Population(network.targets, sim.UrbanczikSenn(**network.cell))
        self.cells.initialize(
            **{"soma.v": network.cell["soma"]["v_rest"], "dendrite.v": network.cell["dendrite"]["v_rest"]}
        )
        if network.recurrent:
            sources = self.cells
        else:
            trains = [Sequence(times) for times in network.trains(duration)]
            sources = sim.Population(network.inputs, sim.SpikeSourceArray(spike_times=trains))
        for receptor, times in zip(("soma_exc", "soma_inh"), network.teacher(duration)):
            teacher = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
            synapse = sim.StaticSynapse(weight=networks.TEACHER_WEIGHT, delay=TIMESTEP)
            sim.Projection(teacher, self.cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
        self.plastic = sim.Projection(
            sources,
            self.cells,
            sim.AllToAllConnector(allow_self_connections=not network.recurrent),
            sim.UrbanczikSennSynapse(**network.synapse),
            receptor_type="dendritic_exc",
        )
        self.record = record
        if record:
            self.cells.record(["spikes", *RECORDABLES])
            self.plastic.record("weight")
        sim.run(0.0)

    def advance(self, duration):
        started = time.perf_counter()
        sim.run(duration)
        if self.record:
            self.cells.get_data(clear=True)
            self.plastic.get_data(clear=True)
        return time.perf_counter() - started

    def weights(self):
        return np.nan_to_num(self.plastic.get("weight", format="array"))
