"""
3. Networks and plasticity
==========================

All standard cells, synapses and connectors of PyNN for point neurons are there, and go
with learning dendrites. Here cells that fire at random drive integrate-and-fire cells
by synapses that learn by the timing of spikes; those drive dendrites that learn by
prediction; and inhibition keeps both in check.
"""

import pyurbanczik as sim

sim.setup(timestep=0.1, rng_seed=3)
noise = sim.Population(50, sim.SpikeSourcePoisson(rate=20.0), label="noise")
cells = sim.Population(40, sim.IF_cond_exp(tau_refrac=2.0), label="relay")
inhibitory = sim.Population(10, sim.IF_cond_exp(tau_refrac=1.0), label="inhibition")
readout = sim.Population(5, sim.UrbanczikSenn(soma_i_offset=4.0), label="readout")

# %%
# A mechanism of plasticity is composed of a rule of timing and a dependence on the
# weight.

stdp = sim.STDPMechanism(
    timing_dependence=sim.SpikePairRule(
        tau_plus=20.0, tau_minus=20.0, A_plus=0.01, A_minus=0.012
    ),
    weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=0.02),
    weight=0.01,
    delay=1.0,
)
depressing = sim.TsodyksMarkramSynapse(weight=0.06, U=0.5, tau_rec=200.0, tau_facil=0.0)
prediction = sim.UrbanczikSennSynapse(weight=0.02, eta=0.05, w_max=0.2)

# %%
# A connector says who is connected to whom. Weights and delays may be drawn at random,
# or depend on the distance.

some = sim.FixedProbabilityConnector(0.3)
delays = sim.RandomDistribution("uniform", low=0.5, high=2.0)
projections = {
    "stdp": sim.Projection(noise, cells, some, stdp, receptor_type="excitatory"),
    "drive": sim.Projection(
        cells, inhibitory, some, depressing, receptor_type="excitatory"
    ),
    "inhibition": sim.Projection(
        inhibitory,
        cells,
        some,
        sim.StaticSynapse(weight=0.01, delay=delays),
        receptor_type="inhibitory",
    ),
    "prediction": sim.Projection(
        cells,
        readout,
        sim.AllToAllConnector(),
        prediction,
        receptor_type="dendritic_exc",
    ),
}
ax = sim.plotting.network(*projections.values())

# %%
# Weights, and states such as u and x of depressing synapses, are recorded through the
# projection.

for population in (cells, inhibitory, readout):
    population.record("spikes")
projections["stdp"].record("weight", sampling_interval=20.0)
projections["prediction"].record("weight", sampling_interval=20.0)
projections["drive"].record(["u", "x"], sampling_interval=1.0, connections=[0, 1])
sim.run(2000.0)

# %%
import matplotlib.pyplot as plt

figure, panels = plt.subplots(
    3, 1, sharex=True, figsize=(7.0, 6.0), layout="constrained"
)
for ax, population in zip(panels, (cells, inhibitory, readout)):
    sim.plotting.raster(population.get_data(), ax)

# %%
ax = sim.plotting.weights(projections["stdp"].get_data())

# %%
ax = sim.plotting.weights(projections["prediction"].get_data())

# %%
# The efficacy of two depressing synapses.

ax = sim.plotting.traces(projections["drive"].get_data(), ["u", "x"])

# %%
# Callbacks act while the simulation runs: they are called with the time and return when
# they want to be called next.


def weaker_noise(t):
    noise.set(rate=10.0)
    return t + 1000.0


sim.run(500.0, callbacks=[weaker_noise])
print(sim.get_current_time(), noise.get("rate"))
