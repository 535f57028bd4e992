"""
STDP beside prediction
======================

The same spikes reach an integrate-and-fire cell through synapses that learn by the
timing of spikes, and a dendrite whose synapses learn to predict its soma. Any synapse
of PyNN may be mixed with any cell.
"""

import pyurbanczik as sim

sim.setup(timestep=0.1, rng_seed=5)
noise = sim.Population(40, sim.SpikeSourcePoisson(rate=15.0), label="inputs")
timing = sim.Population(1, sim.IF_cond_exp(i_offset=0.75), label="by timing")
predicting = sim.Population(
    1, sim.UrbanczikSenn(soma_i_offset=4.0), label="by prediction"
)
stdp = sim.STDPMechanism(
    sim.SpikePairRule(tau_plus=20.0, tau_minus=20.0, A_plus=0.02, A_minus=0.021),
    sim.AdditiveWeightDependence(w_min=0.0, w_max=0.004),
    weight=0.002,
)
prediction = sim.UrbanczikSennSynapse(weight=0.05, eta=0.05, w_max=0.5)
first = sim.Projection(
    noise, timing, sim.AllToAllConnector(), stdp, receptor_type="excitatory"
)
second = sim.Projection(
    noise,
    predicting,
    sim.AllToAllConnector(),
    prediction,
    receptor_type="dendritic_exc",
)
for projection in (first, second):
    projection.record("weight", sampling_interval=50.0)
sim.run(10000.0)

# %%
# The network, and how both kinds of weights move.

ax = sim.plotting.network(first, second)

# %%
import matplotlib.pyplot as plt

figure, panels = plt.subplots(1, 2, figsize=(9.0, 3.4), layout="constrained")
for ax, projection, title in zip(
    panels, (first, second), ("by timing", "by prediction")
):
    sim.plotting.weights(projection.get_data(), ax, colorbar=False)
    ax.set_title(title)
