"""Small networks written once, in PyNN, for any simulator."""

import numpy as np
from pyNN.parameters import Sequence

from .cases import poisson_train

DT = 0.1  # ms


def setup(sim, dt=DT, **others):
    """Spikes on the grid and delays from one time step on, which pyNN.nest has to be told."""
    sim.setup(
        timestep=dt, min_delay=dt, max_delay=20.0, spike_precision="on_grid", verbosity="error", rng_seed=1, **others
    )


def trains(seed, n, rate, start, stop, dt=DT):
    """Spike times (ms, on the grid) of n independent Poisson processes of `rate` Hz."""
    rng = np.random.default_rng(seed)
    return [poisson_train(rng, rate, start, stop, dt) for _ in range(n)]


def sources(sim, spike_times):
    """A population that fires at these times, a list for each cell."""
    return sim.Population(
        len(spike_times), sim.SpikeSourceArray(spike_times=[Sequence(times) for times in spike_times])
    )


def recorded(population, signals):
    """Signals, (n_samples, n_cells) each, and the spikes as pairs (cell, time in ms)."""
    segment = population.get_data().segments[-1]
    result = {name: segment.filter(name=name)[0].magnitude for name in signals}
    spikes = np.empty((0, 2))
    if len(segment.spiketrains):
        ids, times = segment.spiketrains.multiplexed
        spikes = np.column_stack([np.asarray(ids, dtype=float), times.magnitude])
    spikes[:, 0] -= population[0]
    result["spikes"] = spikes[np.lexsort(spikes.T[::-1])]
    return result


def connect(sim, pre, post, receptor, weights, rng, max_delay=5.0, dt=DT):
    """All to all, weights[j] * (0.5 .. 1.5) onto cell j, delays of one step to max_delay."""
    rows = [
        (i, j, weight * rng.uniform(0.5, 1.5), dt * rng.integers(1, round(max_delay / dt) + 1))
        for i in range(len(pre))
        for j, weight in enumerate(weights)
    ]
    connector = sim.FromListConnector(rows, column_names=["weight", "delay"])
    return sim.Projection(pre, post, connector, sim.StaticSynapse(), receptor_type=receptor)


def train_statistics(result, n_cells, start, stop):
    """Of each cell: spikes in each third of the time, mean interval and its squared coefficient of variation."""
    thirds = np.linspace(start, stop, 4)
    rows = []
    for i in range(n_cells):
        times = result["spikes"][result["spikes"][:, 0] == i, 1]
        intervals = np.diff(times[times > start])
        rows.append([*np.histogram(times, thirds)[0], intervals.mean(), intervals.var() / intervals.mean() ** 2])
    return np.array(rows)
