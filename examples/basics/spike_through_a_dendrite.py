"""
A spike through a dendrite
==========================

A spike arrives at the dendrite of a two-compartment neuron. Its current charges the
dendrite, whose potential V_w draws the soma's potential U along. Without other input, U
follows what the dendrite predicts for it, V*_w.
"""

import pyurbanczik as sim

sim.setup(timestep=0.1)
source = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0]))
neuron = sim.Population(1, sim.UrbanczikSenn(phi_max=0.0), label="neuron")
sim.Projection(
    source,
    neuron,
    sim.OneToOneConnector(),
    sim.StaticSynapse(weight=0.5),
    receptor_type="dendritic_exc",
)
neuron.record(["soma.v", "dendrite.v", "v_star", "isyn_exc"])
sim.run(80.0)

# %%
# Signals of one unit share a panel.

potentials, current = sim.plotting.traces(neuron.get_data())
potentials.set_title("The soma follows its dendrite")
