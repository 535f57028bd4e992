"""
Analysis with Elephant
======================

What is recorded comes as objects of Neo, with units, which is what `Elephant
<https://elephant.readthedocs.io>`_ works on: nothing has to be converted.
"""

import matplotlib.pyplot as plt
import numpy as np
import quantities as pq
from elephant.kernels import GaussianKernel
from elephant.statistics import cv, instantaneous_rate, isi, mean_firing_rate

import pyurbanczik as sim

sim.setup(timestep=0.1, rng_seed=7)
neurons = sim.Population(50, sim.UrbanczikSenn(), label="neurons")
neurons.inject(sim.ACSource(amplitude=4.0, offset=5.0, frequency=2.0))
neurons.record("spikes")
sim.run(2000.0)
trains = neurons.get_data().segments[0].spiketrains

# %%
# Rates, and how irregular the spikes are.

rates = np.array([mean_firing_rate(train).rescale("Hz").item() for train in trains])
variation = np.array([cv(isi(train)) for train in trains])
print(
    f"rate {rates.mean():.1f} Hz, coefficient of variation {np.nanmean(variation):.2f}"
)

# %%
# The rate of all cells over time, below the spikes.

rate = instantaneous_rate(
    list(trains), sampling_period=1 * pq.ms, kernel=GaussianKernel(20 * pq.ms)
)
figure, (spikes, mean) = plt.subplots(
    2, 1, sharex=True, figsize=(7.0, 4.5), layout="constrained"
)
sim.plotting.raster(trains, spikes)
mean.plot(rate.times.rescale("ms"), rate.rescale("Hz").magnitude.mean(axis=1))
mean.set_xlabel("time (ms)")
_ = mean.set_ylabel("mean rate (Hz)")
