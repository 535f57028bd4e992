"""
A sweep over processes
======================

Runs that do not depend on each other go to processes of their own. Each of them begins
by ``setup``, so that the result depends on the parameter and the seed alone.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import matplotlib.pyplot as plt
import numpy as np

import pyurbanczik as sim


def mean_rate(current, seed=1):
    """Spikes per second of a neuron with a current (nA) into its soma."""
    sim.setup(timestep=0.1, rng_seed=seed)
    neurons = sim.Population(50, sim.UrbanczikSenn(soma_i_offset=current))
    neurons.record("spikes")
    sim.run(1000.0)
    return neurons.mean_spike_count()


# %%
# Two processes share nine currents.

currents = np.linspace(0.0, 16.0, 9)
if __name__ == "__main__":
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as processes:
        rates = list(processes.map(mean_rate, currents))

    figure, ax = plt.subplots(figsize=(5.0, 3.2), layout="constrained")
    ax.plot(currents, rates, "o-")
    ax.set_xlabel("current into the soma (nA)")
    ax.set_ylabel("rate (Hz)")
