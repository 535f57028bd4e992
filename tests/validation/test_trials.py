"""Trials are independent of each other, whatever draws in them."""

import numpy as np
import pytest

import pyurbanczik as sim
from pyurbanczik.compare.judge.confidence import largest_z

pytestmark = [pytest.mark.validation, pytest.mark.statistics]

N_TRIALS = 12
N_CELLS = 300
SHIFTS = range(-2, 3)
KINDS = ("Poisson source", "gamma source", "hazard", "noisy current", "release")


def observe():
    """One number of each kind a cell and trial, which noise alone decides on: {kind: (trials, cells)}."""
    sim.setup(timestep=0.1, rng_seed=2718)
    poisson = sim.Population(N_CELLS, sim.SpikeSourcePoisson(rate=200.0))
    gamma = sim.Population(N_CELLS, sim.SpikeSourceGamma(alpha=2.0, beta=400.0))
    neurons = sim.Population(N_CELLS, sim.UrbanczikSenn(soma_i_offset=20.0, tau_refrac=0.0))
    for cells in (poisson, gamma, neurons):
        cells.record("spikes")
    currents = [sim.NoisyCurrentSource(mean=0.0, stdev=1.0, dt=1.0) for _ in range(N_CELLS)]
    for current in currents:
        current.record()
    regular = sim.Population(N_CELLS, sim.SpikeSourceArray(spike_times=np.arange(1.0, 90.0)))
    # without a leak to speak of, the potential counts what was released
    counters = sim.Population(
        N_CELLS, sim.IF_curr_delta(tau_m=1e9, v_thresh=1e9, v_rest=0.0), initial_values={"v": 0.0}
    )
    counters.record("v", sampling_interval=100.0)
    release = sim.SimpleStochasticSynapse(weight=1.0, p=0.4)
    sim.Projection(regular, counters, sim.OneToOneConnector(), release, receptor_type="excitatory")
    found = {kind: [] for kind in KINDS}
    for _ in range(N_TRIALS):
        sim.run(100.0)
        for kind, cells in (("Poisson source", poisson), ("gamma source", gamma), ("hazard", neurons)):
            found[kind].append(list(cells.get_spike_counts().values()))
        found["noisy current"].append([current._get_data()[1].mean() for current in currents])
        found["release"].append(counters.get_data(clear=True).segments[-1].analogsignals[0].magnitude[-1])
        sim.reset()
    return {kind: np.array(values) for kind, values in found.items()}


def test_trials_are_uncorrelated():
    """Of the same cell and of its neighbours; the correlation of n independent pairs is z / sqrt(n)."""
    bound = largest_z(len(KINDS) * (N_TRIALS - 1) * len(SHIFTS))
    for kind, values in observe().items():
        assert values.shape == (N_TRIALS, N_CELLS) and values.std() > 0
        deviation = (values - values.mean()) / values.std()
        for lag in range(1, N_TRIALS):
            for shift in SHIFTS:
                products = deviation[lag:] * np.roll(deviation[:-lag], shift, axis=1)
                z = products.mean() * np.sqrt(products.size)
                assert abs(z) < bound, (kind, lag, shift)
