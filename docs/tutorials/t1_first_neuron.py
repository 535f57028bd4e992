"""
1. A first neuron
=================

The neuron of Urbanczik and Senn (2014) has a soma, which spikes, and a dendrite, which
learns to predict what the soma does. Here nothing learns yet: neurons are made, driven
by spikes, and looked at.
"""

# %%
# Everything begins with ``setup``. Times are in ms, potentials in mV, capacitances in
# nF, conductances in µS and currents in nA, as everywhere in PyNN.

import numpy as np

import pyurbanczik as sim

sim.setup(timestep=0.1, rng_seed=1)

# %%
# A population of three neurons. What is not given has its default; what is shown is
# what differs from it.

neurons = sim.Population(3, sim.UrbanczikSenn(phi_max=100.0), label="neurons")
neurons

# %%
# Parameters can be given for each neuron, and set at any time. A wrong name is refused,
# with what was probably meant.

neurons.set(soma_i_offset=[0.0, 4.0, 8.0])  # nA
try:
    neurons.set(soma_i_ofset=1.0)
except sim.errors.NonExistentParameterError as error:
    print(error)

# %%
# Quantities are converted, and wrong dimensions refused.

import quantities as pq

neurons.set(soma_cm=300 * pq.pF)
print(neurons.get("soma_cm"), neurons.find_units("soma_cm"))

# %%
# Two trains of spikes reach the dendrites: excitatory ones at ``dendritic_exc``,
# inhibitory ones at ``dendritic_inh``. Weights onto a dendrite are in nA.

exc = sim.Population(
    1,
    sim.SpikeSourceArray(spike_times=np.arange(100.0, 400.0, 10.0)),
    label="excitation",
)
inh = sim.Population(
    1,
    sim.SpikeSourceArray(spike_times=np.arange(250.0, 400.0, 10.0)),
    label="inhibition",
)
synapse = sim.StaticSynapse(weight=0.4, delay=1.0)
projections = [
    sim.Projection(
        exc, neurons, sim.AllToAllConnector(), synapse, receptor_type="dendritic_exc"
    ),
    sim.Projection(
        inh, neurons, sim.AllToAllConnector(), synapse, receptor_type="dendritic_inh"
    ),
]
ax = sim.plotting.network(*projections)

# %%
# What is to be recorded is said before the run. ``sim.run(500.0, progress=True)`` would
# show a bar.

neurons.record(["spikes", "soma.v", "dendrite.v", "rate"])
sim.run(500.0)
block = neurons.get_data()

# %%
# A ``neo.Block`` has a segment for each run between two calls of ``reset``; there was
# one. A segment has an ``AnalogSignal`` for each variable, with a channel for each
# neuron, and a ``SpikeTrain`` for each neuron.

segment = block.segments[0]
for signal in segment.analogsignals:
    print(signal.name, signal.shape, signal.units.dimensionality)
print([len(train) for train in segment.spiketrains], "spikes")

# %%
# The potentials of the first neuron: the soma follows the dendrite.

ax = sim.plotting.traces(block, ["soma.v", "dendrite.v"], cells=0)

# %%
# A spike does not reset the potential U, which sets the rate φ(U) at which spikes are
# drawn at random: other ones in each trial, the same ones again for the same seed.

ax = sim.plotting.traces(block, "rate")

# %%
ax = sim.plotting.raster(block)
