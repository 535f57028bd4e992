"""When neurons fire: the law of a clamped one, and the time-rescaling theorem for one that is driven.

A neuron that is not refractory fires in a step with probability p = 1 - e^{-phi(U) h}. At constant U an
interval is the refractory steps plus a geometric number of mean 1/p; for small h the rate is phi / (1 + phi
tau_refrac).
"""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

import pyurbanczik as sim
from pyurbanczik.compare.judge.confidence import FALSE_ALARM, largest_z, uniform_in_step
from tests.reference import transfer
from tests.reference.neuron import DEFAULTS

from .ours import signal, spike_steps
from .poisson import check_poisson

pytestmark = pytest.mark.statistics

DT, N_CELLS, DURATION = 0.1, 200, 5000.0
U = -54.0  # mV, where the neurons are held


def clamped(tau_refrac, phi_max, u=U, duration=DURATION, seed=7, n_cells=N_CELLS):
    """Spike steps of neurons whose soma and dendrite rest at u."""
    sim.setup(timestep=DT, min_delay=DT, rng_seed=seed)
    rest = {"soma_v_rest": u, "dendrite_v_rest": u}
    cells = sim.Population(
        n_cells, sim.UrbanczikSenn(tau_refrac=tau_refrac, phi_max=phi_max, **rest), initial_values={"v": u}
    )
    cells.record("spikes")
    sim.run(duration)
    return spike_steps(cells.get_data().segments[0], DT, n_cells)


def rate_per_step(phi_max, u=U):
    return transfer.phi(u, **dict(transfer.transfer_parameters(DEFAULTS), phi_max=phi_max)) * 1e-3 * DT


@pytest.mark.parametrize("tau_refrac, phi_max", [(3.0, 150.0), (3.0, 1500.0), (0.1, 1500.0), (10.0, 1e4)])
def test_rate_of_a_clamped_neuron(tau_refrac, phi_max):
    """Counts of renewal processes: mean T/mu, variance T sigma^2/mu^3; z of the mean over all neurons."""
    counts = np.array([len(s) for s in clamped(tau_refrac, phi_max)])
    p = -np.expm1(-rate_per_step(phi_max))
    dead = round(tau_refrac / DT)
    mu, variance = DT * (dead + 1 / p), DT**2 * (1 - p) / p**2
    # The first interval has no refractory time before it: exact to a small part of a spike a neuron.
    expected = (DURATION + DT * dead) / mu + 0.5 * (variance / mu**2 - 1 + DT / mu)
    z = (counts.mean() - expected) / np.sqrt(DURATION * variance / mu**3 / N_CELLS)
    assert abs(z) < largest_z(1)
    continuous = 1e3 * rate_per_step(phi_max) / DT
    law = continuous / (1 + continuous * 1e-3 * tau_refrac)
    assert counts.mean() / DURATION * 1e3 == pytest.approx(law, rel=max(0.03, continuous * 1e-3 * DT))


@pytest.mark.parametrize("tau_refrac, phi_max", [(3.0, 150.0), (0.5, 5000.0)])
def test_intervals_of_a_clamped_neuron(tau_refrac, phi_max):
    """Kolmogorov–Smirnov test of all intervals against the geometric law, made continuous within a step."""
    x = rate_per_step(phi_max)
    beyond = np.concatenate([np.diff(s) for s in clamped(tau_refrac, phi_max)]) - round(tau_refrac / DT)
    assert beyond.min() >= 1
    uniform = uniform_in_step(np.exp(-x * (beyond - 1)), np.exp(-x * beyond), np.random.default_rng(1))
    assert len(uniform) > 10_000
    assert stats.kstest(uniform, "uniform").pvalue > FALSE_ALARM


def test_first_spike_needs_no_refractory_time():
    x = rate_per_step(5000.0)
    first = np.array([s[0] for s in clamped(3.0, 5000.0, n_cells=2000, duration=200.0)])
    uniform = uniform_in_step(np.exp(-x * (first - 1)), np.exp(-x * first), np.random.default_rng(2))
    assert stats.kstest(uniform, "uniform").pvalue > FALSE_ALARM


def test_successive_intervals_and_neighbouring_neurons_are_independent():
    trains = clamped(3.0, 1500.0)
    intervals = [np.diff(s) for s in trains]
    ranks = np.concatenate([i[:-1] for i in intervals]), np.concatenate([i[1:] for i in intervals])
    r = stats.spearmanr(*ranks).statistic
    assert abs(r) * np.sqrt(len(ranks[0])) < largest_z(2)
    bins = np.arange(0, round(DURATION / DT) + 1, 200)
    counts = np.array([np.histogram(s, bins)[0] for s in trains])
    pairs = [stats.spearmanr(a, b).statistic for a, b in pairwise(counts)]
    assert abs(np.mean(pairs)) * np.sqrt(len(pairs) * (len(bins) - 1)) < largest_z(2)


@pytest.mark.parametrize("phi_max", [150.0, 1.2e4])
def test_without_refractory_time_counts_are_poisson(phi_max):
    """Spikes of a step, and of a neuron: mean, variance over mean, and the whole distribution of a step."""
    mean, n_steps = rate_per_step(phi_max), round(DURATION / DT)
    trains = clamped(0.0, phi_max)
    top = check_poisson(trains, mean, n_steps, n_cases=1)
    assert top >= 1 if phi_max < 1e3 else top >= 3


@pytest.mark.parametrize("tau_refrac", [0.0, 2.0])
def test_time_rescaling(tau_refrac):
    """Under any drive the hazard integrated since firing became possible is exponential at the spike."""
    sim.setup(timestep=DT, min_delay=DT, rng_seed=11)
    cells = sim.Population(40, sim.UrbanczikSenn(tau_refrac=tau_refrac, phi_max=600.0))
    noise = np.random.default_rng(5)
    times = np.arange(0.1, 4999.0, 5.0)
    drive = sim.StepCurrentSource(times=times, amplitudes=noise.normal(9.0, 3.0, len(times)))
    drive.inject_into(cells)
    cells.record(["spikes", "rate"])
    sim.run(DURATION)
    segment = cells.get_data().segments[0]
    hazard = signal(segment, "rate") * 1e-3 * DT
    dead, uniform = round(tau_refrac / DT), []
    for i, fired in enumerate(spike_steps(segment, DT, 40)):
        # Without a refractory time a step may hold several spikes: steps with any are what the hazard
        # predicts.
        fired, integrated = np.unique(fired), np.cumsum(hazard[:, i])
        begin = np.concatenate([[0], fired[:-1] + dead])
        before = np.exp(-(integrated[fired - 1] - integrated[begin]))
        uniform.append(uniform_in_step(before, np.exp(-(integrated[fired] - integrated[begin])), noise))
    uniform = np.concatenate(uniform)
    assert len(uniform) > 5000
    assert stats.kstest(uniform, "uniform").pvalue > FALSE_ALARM
