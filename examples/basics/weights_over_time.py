"""
Weights over time
=================

Weights are recorded as other variables are: at each presynaptic spike, or at regular
times. Here a current into the soma makes it fire more than its dendrites predict, so
that the inputs grow which come just before.
"""

import numpy as np

import pyurbanczik as sim

sim.setup(timestep=0.1, rng_seed=3)
rng = np.random.default_rng(3)
trains = [np.sort(rng.uniform(0.0, 4000.0, 60)) for _ in range(30)]
inputs = sim.Population(30, sim.SpikeSourceArray(spike_times=trains), label="inputs")
neurons = sim.Population(4, sim.UrbanczikSenn(), label="neurons")
neurons.set(soma_i_offset=[0.0, 1.5, 3.0, 4.5])
rule = sim.UrbanczikSennSynapse(weight=0.05, eta=0.05, w_max=0.3)
learning = sim.Projection(
    inputs, neurons, sim.AllToAllConnector(), rule, receptor_type="dendritic_exc"
)
learning.record("weight")
sim.run(4000.0)

# %%
# A weight changes when it is used: its line has a step at each presynaptic spike.

ax = sim.plotting.weights(learning.get_data())

# %%
# The same weights as a matrix at any time, here at the end. The stronger the current
# into a neuron, the larger the weights.

ax = sim.plotting.weight_matrix(learning.get_data())
