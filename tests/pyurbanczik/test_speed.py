"""Upper limits, several times what is needed, on the work of this layer: a loop in Python over synapses, spikes or
cells that needs none does not pass. The work is counted in lines, since seconds depend on what else the machine does.
"""

import sys

import numpy as np
from pyNN.parameters import Sequence


def lines(action):
    """How many lines of Python an action runs."""
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    finally:
        sys.settrace(before)
    return count


def test_a_million_static_synapses(sim):
    source, cells = sim.Population(1000, sim.SpikeSourceArray()), sim.Population(1000, sim.UrbanczikSenn())
    made = []
    synapse = sim.StaticSynapse(weight=0.1, delay=0.5)
    assert lines(lambda: made.append(sim.Projection(source, cells, sim.AllToAllConnector(), synapse))) < 5000
    assert lines(lambda: made[0].get("weight", format="array")) < 1000
    assert lines(lambda: made[0].get("weight", format="list")) < 1000
    assert lines(lambda: made[0].set(weight=0.2)) < 1000


def test_ten_thousand_spike_trains(sim):
    source = sim.Population(10_000, sim.SpikeSourceArray(spike_times=[np.arange(1.0, 11.0)] * 10_000))
    source.record("spikes")
    sim.run(12.0)
    assert lines(lambda: [len(train) for train in source.get_data().segments[0].spiketrains]) < 200 * source.size


def test_setting_spike_times_again_and_again(sim):
    source = sim.Population(200, sim.SpikeSourceArray())
    trains = [Sequence(np.arange(k, 200.0, 100.0)) for k in range(200)]
    assert 100 < lines(lambda: [source.set(spike_times=trains) for _ in range(10)]) < 10 * 30 * source.size
