"""
5. Analysis with Neo and Elephant
=================================

What is recorded comes back as objects of `Neo <https://neo.readthedocs.io>`_, with
units and annotations. Whatever works on these works on recordings of this simulator:
`Elephant <https://elephant.readthedocs.io>`_, or your own NumPy.
"""

import numpy as np
import quantities as pq
from elephant.conversion import BinnedSpikeTrain
from elephant.kernels import GaussianKernel
from elephant.spike_train_correlation import correlation_coefficient
from elephant.statistics import instantaneous_rate, mean_firing_rate, time_histogram

import pyurbanczik as sim

sim.setup(timestep=0.1, rng_seed=5)
neurons = sim.Population(10, sim.UrbanczikSenn(soma_i_offset=3.0), label="neurons")
neurons.inject(sim.NoisyCurrentSource(mean=1.0, stdev=3.0, dt=20.0))
neurons.record(["spikes", "soma.v", "rate"])
for trial in range(3):
    sim.run(1000.0)
    sim.reset(annotations={"trial": trial})

# %%
# A block with a segment for each trial.

block = neurons.get_data()
print(block.name, [segment.annotations for segment in block.segments])

# %%
# Neo's own tools: units, slices of time, annotations.

segment = block.segments[0]
(potential,) = segment.filter(name="soma.v")
part = potential.time_slice(200 * pq.ms, 400 * pq.ms)
print(part.shape, part.mean(axis=0)[:3].rescale("V"))
train = segment.spiketrains[3]
print(
    train.annotations["source_population"],
    train.annotations["source_index"],
    len(train),
)

# %%
# Rates, histograms and correlations by Elephant.

rates = [mean_firing_rate(train).rescale("Hz").item() for train in segment.spiketrains]
print(np.round(rates, 1), "Hz")
histogram = time_histogram(
    list(segment.spiketrains), bin_size=20 * pq.ms, output="rate"
)
binned = BinnedSpikeTrain(list(segment.spiketrains), bin_size=20 * pq.ms)
correlations = correlation_coefficient(binned)
print("mean correlation", np.round(correlations[np.triu_indices(10, 1)].mean(), 2))

# %%
# The current is the same for all neurons, so that their spikes go together. The
# estimated rate, and φ(U) of the model.

import matplotlib.pyplot as plt

kernel = GaussianKernel(10 * pq.ms)
estimate = instantaneous_rate(
    list(segment.spiketrains), sampling_period=1 * pq.ms, kernel=kernel
)
(phi,) = segment.filter(name="rate")
figure, ax = plt.subplots(figsize=(7.0, 3.0), layout="constrained")
ax.plot(phi.times.rescale("ms"), phi.magnitude.mean(axis=1), label="φ(U)")
ax.plot(
    estimate.times.rescale("ms"),
    estimate.rescale("Hz").magnitude.mean(axis=1),
    label="estimated from spikes",
)
ax.set_xlabel("time (ms)")
ax.set_ylabel("rate (Hz)")
_ = ax.legend(frameon=False)

# %%
# Numbers of spikes as a table of pandas.

import pandas

table = pandas.DataFrame(
    [
        {
            "trial": number,
            "neuron": train.annotations["source_index"],
            "spikes": len(train),
        }
        for number, part in enumerate(block.segments)
        for train in part.spiketrains
    ]
)
table.pivot(index="neuron", columns="trial", values="spikes").describe().round(1)
