"""
Trials
======

``reset`` begins a new trial: time is zero again, weights are those that were set last,
and whatever is random is drawn anew. The same seed gives the same trials.
``reset(repeat=True)`` plays the same noise once more.
"""

import matplotlib.pyplot as plt

import pyurbanczik as sim

sim.setup(timestep=0.1, rng_seed=6)
neurons = sim.Population(20, sim.UrbanczikSenn(), label="neurons")
step = sim.StepCurrentSource(times=[200.0, 500.0], amplitudes=[8.0, 0.0])
neurons.inject(step)
neurons.record("spikes")
for _ in range(3):
    sim.run(700.0)
    sim.reset()

# %%
# What was recorded has a segment for each trial.

trials = neurons.get_data()
figure, panels = plt.subplots(
    3, 1, sharex=True, figsize=(7.0, 5.0), layout="constrained"
)
for number, ax in enumerate(panels):
    sim.plotting.raster(trials, ax, segment=number)
    ax.set_title(f"trial {number}", loc="left")
for ax in panels[:-1]:
    ax.set_xlabel("")
