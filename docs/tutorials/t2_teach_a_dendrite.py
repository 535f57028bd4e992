r"""
2. Teach a dendrite
===================

A teacher drives the soma, and the dendrite learns to bring about the same by itself:
the experiment of Urbanczik and Senn (2014), Fig. 1, in short. The dendrite predicts for
the soma

.. math:: V^*_w = \frac{g_L E_L + g_{ds} V_w}{g_L + g_{ds}}

and a synapse grows if the soma spikes more than this prediction says, shortly after the
synapse was active.
"""

# %%
# The same pattern of spikes of 200 inputs, again and again.

import numpy as np
from quantities import ms

import pyurbanczik as sim

sim.setup(timestep=0.1, rng_seed=1)
PATTERN, REPETITIONS = 200.0, 40  # ms
rng = np.random.default_rng(1)
once = [np.sort(rng.uniform(0.1, PATTERN, rng.poisson(2.0))) for _ in range(200)]
trains = [
    np.concatenate([train + i * PATTERN for i in range(REPETITIONS)]) for train in once
]

inputs = sim.Population(200, sim.SpikeSourceArray(spike_times=trains), label="inputs")
neuron = sim.Population(1, sim.UrbanczikSenn(), label="neuron")
rule = sim.UrbanczikSennSynapse(
    weight=0.09, delay=0.1, eta=0.17, tau_Delta=100.0, w_min=0.0, w_max=1.35
)
learning = sim.Projection(
    inputs, neuron, sim.AllToAllConnector(), rule, receptor_type="dendritic_exc"
)
learning

# %%
# The teacher sets somatic conductances, by spikes that have weights of their own. It is
# silent in the last ten repetitions.

times = np.arange(0.1, 30 * PATTERN, 0.1)
wave = 0.0054 + 0.0048 * np.sin(4.0 * np.pi * times / PATTERN)  # µS
for weights, receptor in ((wave, "soma_exc"), (np.full(times.size, 0.018), "soma_inh")):
    teacher = sim.Population(
        1, sim.WeightedSpikeSourceArray(spike_times=times, spike_weights=weights)
    )
    synapse = sim.StaticSynapse(weight=1.0, delay=0.1)
    sim.Projection(
        teacher, neuron, sim.AllToAllConnector(), synapse, receptor_type=receptor
    )

# %%
# Recording weights: at each presynaptic spike, or on a grid of time.

neuron.record(["soma.v", "v_star", "rate", "rate_star"])
learning.record("weight", sampling_interval=20.0)
sim.run(REPETITIONS * PATTERN)
block = neuron.get_data()

# %%
# The weights move fast at first and settle when the prediction is good.

ax = sim.plotting.weights(learning.get_data())

# %%
# The learning curve: how far the rate of the soma is from the predicted one, in each
# repetition. It falls while the dendrite learns. After the teacher has gone, at 6 s,
# the soma has nothing but its dendrite to follow.

ax = sim.plotting.learning_curve(block, PATTERN)

# %%
# Potentials in the first repetition ...


def repetition(number):
    start = number * PATTERN
    return [
        signal.time_slice(start * ms, (start + PATTERN) * ms)
        for signal in block.segments[0].analogsignals
    ]


ax = sim.plotting.traces(repetition(0), ["soma.v", "v_star"])

# %%
# ... in the last one that is taught, and without teacher: the neuron has learnt the
# time course.

ax = sim.plotting.traces(repetition(29), ["soma.v", "v_star"])

# %%
ax = sim.plotting.traces(repetition(39), ["soma.v", "v_star"])

# %%
# ``get`` reads a weight as it is now, with all that has been learnt; looking changes
# nothing.

weights = learning.get("weight", format="array")
print(weights.shape, f"{weights.min():.3f} to {weights.max():.3f} nA")
