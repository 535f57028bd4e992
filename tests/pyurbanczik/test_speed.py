"""Upper limits, several times what is needed, on the work of this layer: a quadratic slip does not pass."""

from time import process_time

import numpy as np
from pyNN.parameters import Sequence


def seconds(action):
    started = process_time()
    action()
    return process_time() - started


def test_a_million_static_synapses(sim):
    source, cells = sim.Population(1000, sim.SpikeSourceArray()), sim.Population(1000, sim.UrbanczikSenn())
    made = []
    synapse = sim.StaticSynapse(weight=0.1, delay=0.5)
    assert seconds(lambda: made.append(sim.Projection(source, cells, sim.AllToAllConnector(), synapse))) < 2.0
    assert seconds(lambda: made[0].get("weight", format="array")) < 1.0
    assert seconds(lambda: made[0].get("weight", format="list")) < 1.0
    assert seconds(lambda: made[0].set(weight=0.2)) < 0.2


def test_ten_thousand_spike_trains(sim):
    source = sim.Population(10_000, sim.SpikeSourceArray(spike_times=[np.arange(1.0, 11.0)] * 10_000))
    source.record("spikes")
    sim.run(12.0)
    assert seconds(lambda: [len(train) for train in source.get_data().segments[0].spiketrains]) < 0.5


def test_setting_spike_times_again_and_again(sim):
    source = sim.Population(200, sim.SpikeSourceArray())
    trains = [Sequence(np.arange(k, 200.0, 100.0)) for k in range(200)]
    assert seconds(lambda: [source.set(spike_times=trains) for _ in range(104)]) < 0.2
