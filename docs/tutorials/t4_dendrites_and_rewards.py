r"""
4. Several dendrites, and rewards
=================================

:class:`~pyurbanczik.DendriticNeuron` has any number of dendrites, and
:class:`~pyurbanczik.DendriticErrorSynapse` learns on each of them, from a choice of
errors:

.. math::
    \dot w = \eta\,M\,\Delta - \lambda w, \qquad
    \tau_\Delta \dot\Delta = -\Delta + x\,e

with the error e of the dendrite, a trace x of the presynaptic spikes, and a factor M: a
reward, or the spikes of a population.
"""

import numpy as np

import pyurbanczik as sim

sim.setup(timestep=0.1, rng_seed=4)

# %%
# Dendrites have labels, by which receptors, signals and parameters are called.

cell = sim.DendriticNeuron(
    basal=sim.Dendrite(g_to_soma=0.6),
    apical=sim.Dendrite(g_to_soma=0.3),
    rate_function=sim.Logistic(phi_max=150.0),
)
neuron = sim.Population(1, cell, label="neuron")
print(neuron.receptor_types)

# %%
# The basal dendrite gets input that stays as it is. The apical one learns to predict
# what the soma does then: the error "rate" is φ(U) − φ(V*), the difference of the rates
# of the soma and of the prediction of this dendrite.

times = [np.arange(5.0 + i, 6000.0, 50.0) for i in range(10)]
signal = sim.Population(10, sim.SpikeSourceArray(spike_times=times), label="signal")
context = sim.Population(10, sim.SpikeSourceArray(spike_times=times), label="context")
everyone = sim.AllToAllConnector()
fixed = sim.Projection(
    signal, neuron, everyone, sim.StaticSynapse(weight=0.2), receptor_type="basal"
)

reward = sim.Modulator(0.0)
rule = sim.DendriticErrorSynapse(
    weight=0.0,
    eta=0.002,
    error="rate",
    tau_Delta=100.0,
    w_min=-0.5,
    w_max=0.5,
    modulator=reward,
)
learning = sim.Projection(context, neuron, everyone, rule, receptor_type="apical")
rule

# %%
# The receptor "apical" takes weights of either sign. Nothing is learnt before there is
# a reward.

neuron.record(["rate", "basal.rate_star", "apical.rate_star"])
learning.record("weight", sampling_interval=20.0)
reward.record()
sim.run(2000.0)
reward.set(1.0)  # from now on
sim.run(3000.0)
reward.set(0.0)
sim.run(1000.0)

# %%
ax = sim.plotting.weights(learning.get_data(), color="tab:blue", colorbar=False)
ax.axvspan(2000.0, 5000.0, color="tab:orange", alpha=0.15)

# %%
# The apical dendrite predicts more and more of what the soma does. As it also drives
# the soma, both rise: bounds of the weights, or inhibition, keep that in check.

ax = sim.plotting.traces(neuron.get_data(), ["rate", "apical.rate_star"])

# %%
# A :class:`~pyurbanczik.SpikeModulator` follows the spikes of a population instead, as
# dopamine does.

sim.reset()
cells = sim.Population(
    3,
    sim.SpikeSourceArray(spike_times=[[10.0], [12.0], [60.0]]),
    label="dopamine cells",
)
dopamine = sim.SpikeModulator(cells, tau=30.0)
dopamine.record()
sim.run(150.0)
ax = sim.plotting.traces(dopamine.get_data())
