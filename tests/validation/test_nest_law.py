"""Stochastic networks in NEST and in ours: equal means and variances of rates and weights.

All neurons are equal and receive the same trains, so that they differ by their spikes only and are
independent samples of one law. A current into the soma teaches; weights feed back on the dendrite.
"""

import numpy as np
import pytest

from pyurbanczik.compare.judge.confidence import largest_z, z_of_difference, z_of_spread_difference
from tests.reference.neuron import DEFAULTS

from . import nest_runner, ours
from .cases import Case, Plastic, Static, poisson_train

pytestmark = pytest.mark.statistics

DT, DURATION, N_SOURCES = 0.1, 3000.0, 12
NEST_NEURONS, OUR_NEURONS = 150, 600


def learning(n_cells, seed, tau_refrac):
    rng = np.random.default_rng(71)
    cell = {
        **DEFAULTS,
        "soma_i_offset": 4.0,
        "tau_refrac": tau_refrac,
        "phi_max": 300.0,
        "dendrite_v_rest": -66.0,
    }
    trains = [poisson_train(rng, 20.0, 5.0, DURATION - 1.0, DT) for _ in range(N_SOURCES)]
    delays = 0.1 * rng.integers(1, 20, N_SOURCES)
    plastic = [
        Plastic(i, j, 0.15, delays[i], eta=0.03, tau_Delta=100.0, w_min=1e-3, w_max=1.0)
        for i in range(N_SOURCES)
        for j in range(n_cells)
    ]
    wave = poisson_train(rng, 200.0, 1000.0, 2500.0, DT)
    static = [Static("soma_exc", j, 0.03, 0.1, wave) for j in range(n_cells)]
    return Case(DURATION, DT, [cell] * n_cells, [(-70.0, -66.0)] * n_cells, trains, plastic, static, seed=seed)


def statistics_of(case, result):
    """A row for each neuron: spikes of the run and its thirds, middle and last weights, their means."""
    thirds = np.linspace(0, case.n_steps, 4)
    counts = np.array([np.histogram(fired, thirds)[0] for fired in result.spikes])
    weights = np.empty((len(case.cells), N_SOURCES, 2))
    for synapse, (_, carried) in zip(case.plastic, result.events):
        weights[synapse.post, synapse.pre] = carried[len(carried) // 2], carried[-1]
    return np.column_stack([counts.sum(axis=1), counts, weights.reshape(len(case.cells), -1), weights.mean(axis=1)])


@pytest.mark.parametrize("tau_refrac", [3.0, 0.0])
def test_means_and_variances(nest, tau_refrac):
    theirs = learning(NEST_NEURONS, seed=12, tau_refrac=tau_refrac)
    mine = learning(OUR_NEURONS, seed=13, tau_refrac=tau_refrac)
    a = statistics_of(theirs, nest_runner.run(theirs, traces={}))
    b = statistics_of(mine, ours.run(mine, traces=()))
    bound = largest_z(2 * a.shape[1], NEST_NEURONS - 1)
    assert np.max(np.abs(z_of_difference(a, b))) < bound
    assert np.max(np.abs(z_of_spread_difference(a, b))) < bound

    # The case has something to compare: spikes, learning, and chance.
    assert b[:, 0].mean() > 50
    assert np.abs(z_of_mean_movement(b)).max() > 10


def z_of_mean_movement(rows):
    mean_last = rows[:, -1]
    return (mean_last - 0.15).mean() / (mean_last.std(ddof=1) / np.sqrt(len(mean_last)))
