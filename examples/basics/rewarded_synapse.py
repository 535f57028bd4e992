"""
A rewarded synapse
==================

Learning may wait for a reward. The synapses keep a trace of what they should have
changed (its memory is tau_Delta long), and turn it into a change as long as there is a
reward. Here only what happened shortly before one second counts.
"""

import numpy as np

import pyurbanczik as sim

sim.setup(timestep=0.1, rng_seed=2)
reward = sim.Modulator(times=[0.0, 1000.0, 1300.0], values=[0.0, 1.0, 0.0])
rule = sim.DendriticErrorSynapse(
    weight=0.05,
    eta=0.0006,
    error="rate",
    kernel="psp",
    tau_Delta=300.0,
    w_min=0.0,
    w_max=0.3,
    modulator=reward,
)
times = np.arange(1.0, 2000.0, 20.0)
inputs = sim.Population(
    5,
    sim.SpikeSourceArray(spike_times=[times + 2.0 * i for i in range(5)]),
    label="inputs",
)
neuron = sim.Population(1, sim.UrbanczikSenn(soma_i_offset=8.0), label="neuron")
learning = sim.Projection(
    inputs, neuron, sim.AllToAllConnector(), rule, receptor_type="dendritic_exc"
)
learning.record("weight", sampling_interval=10.0)
reward.record()
sim.run(2000.0)

# %%
# The weights move only while the reward is there.

ax = sim.plotting.weights(learning.get_data(), color="tab:blue")
ax.axvspan(1000.0, 1300.0, color="tab:orange", alpha=0.2)
_ = ax.set_title("shaded: rewarded")
