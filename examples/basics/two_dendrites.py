"""
Two dendrites
=============

A neuron with a basal and an apical dendrite. Each predicts the soma by itself, so each
has an error of its own: the one that knows more has less to learn.
"""

import numpy as np

import pyurbanczik as sim

sim.setup(timestep=0.1, rng_seed=4)
cell = sim.DendriticNeuron(basal=sim.Dendrite(), apical=sim.Dendrite(g_to_soma=0.3))
neuron = sim.Population(1, cell, label="neuron")
drive = sim.Population(
    1, sim.SpikeSourceArray(spike_times=np.arange(50.0, 400.0, 5.0)), label="drive"
)
weak = sim.Population(
    1, sim.SpikeSourceArray(spike_times=np.arange(200.0, 400.0, 10.0)), label="context"
)
one_to_one = sim.OneToOneConnector()
basal = sim.Projection(
    drive, neuron, one_to_one, sim.StaticSynapse(weight=0.4), receptor_type="basal"
)
apical = sim.Projection(
    weak, neuron, one_to_one, sim.StaticSynapse(weight=0.4), receptor_type="apical"
)
neuron.record(
    [
        "soma.v",
        "basal.v_star",
        "apical.v_star",
        "rate",
        "basal.rate_star",
        "apical.rate_star",
    ]
)
sim.run(500.0)

# %%
# What each dendrite predicts, and what the soma does.

potentials, rates = sim.plotting.traces(neuron.get_data())

# %%
# The network as it was built.

ax = sim.plotting.network(basal, apical)
