"""Spikes of neurons with dendrites, for each rate function: when a clamped soma fires, and how often in a step.

A cell that is not refractory fires in a step with probability p = 1 − e^{−φ(U) h}, so that an interval is the
refractory steps plus a geometric number of mean 1/p. Without refractory time the number of spikes of a step is Poisson
with the mean φ(U) h. Under any drive, the hazard between spikes is exponential.
"""

import numpy as np
import pytest
from scipy import stats

import pyurbanczik as sim
from pyurbanczik.compare.judge.confidence import FALSE_ALARM, largest_z, uniform_in_step
from tests.reference import dendritic_neuron as twin

from .ours import signal, spike_steps
from .poisson import check_poisson

pytestmark = pytest.mark.statistics

H, N_CELLS, N_STEPS = 0.1, 50, 10_000
U = -58.0  # mV, where somata are held
# (class, parameters, their rate at U in Hz, from the equations)
RATES = {
    "logistic": (
        sim.Logistic, {"phi_max": 400.0, "rate_slope": 0.5, "beta": 0.25, "theta": -56.0}, 400 / (1 + 0.5 * np.exp(0.5))
    ),
    "softplus": (sim.Softplus, {"gain": 80.0, "beta": 0.5, "theta": -60.0}, 80 * np.log(1 + np.e)),
    "rectified": (sim.Rectified, {"gain": 20.0, "theta": -65.0, "phi_max": 500.0}, 140.0),
    "rectified, at its bound": (sim.Rectified, {"gain": 50.0, "theta": -65.0, "phi_max": 120.0}, 120.0),
    "exponential": (sim.Exponential, {"rho_0": 50.0, "beta": 0.5, "theta": -60.0}, 50 * np.e),
}  # fmt: skip


def clamped(name, tau_refrac, scale=1.0):
    """Spike steps of cells whose compartments all rest at U, and φ(U) h; `scale` multiplies the rate."""
    kind, parameters, rate = RATES[name]
    amplitudes = [one for one in ("phi_max", "gain", "rho_0") if one in parameters]
    parameters = {**parameters, **{one: scale * parameters[one] for one in amplitudes}}
    sim.setup(timestep=H, min_delay=H, rng_seed=17)
    cell = sim.DendriticNeuron(
        soma=sim.Soma(v_rest=U),
        basal=sim.Dendrite(v_rest=U),
        apical=sim.Dendrite(v_rest=U, g_to_soma=0.3, g_from_soma=0.1),
        rate_function=kind(**parameters),
        tau_refrac=tau_refrac,
    )
    cells = sim.Population(N_CELLS, cell)
    cells.record("spikes")
    sim.run(H * N_STEPS)
    return spike_steps(cells.get_data().segments[0], H, N_CELLS), scale * rate * 1e-3 * H


@pytest.mark.parametrize("tau_refrac", [0.1, 3.0])
@pytest.mark.parametrize("name", RATES)
def test_intervals(name, tau_refrac):
    """Kolmogorov–Smirnov test of all intervals against the geometric law; z of their mean."""
    trains, x = clamped(name, tau_refrac)
    beyond = np.concatenate([np.diff(train) for train in trains]) - round(tau_refrac / H)
    assert len(beyond) > 3000
    assert beyond.min() >= 1
    p = -np.expm1(-x)
    # the longest intervals are missing, since they do not fit into the run
    z = (beyond.mean() - 1 / p) / (np.sqrt(1 - p) / p / np.sqrt(len(beyond)))
    assert abs(z) < largest_z(10) + np.sqrt(len(beyond)) * 2 / (N_STEPS * p)
    uniform = uniform_in_step(np.exp(-x * (beyond - 1)), np.exp(-x * beyond), np.random.default_rng(1))
    assert stats.kstest(uniform, "uniform").pvalue > FALSE_ALARM / 10


@pytest.mark.parametrize("scale", [1.0, 60.0])
@pytest.mark.parametrize("name", RATES)
def test_several_spikes_in_a_step(name, scale):
    """Counts of cells, and the whole distribution of a step, are Poisson without refractory time."""
    trains, mean = clamped(name, 0.0, scale)
    top = check_poisson(trains, mean, N_STEPS, n_cases=10)
    assert top >= (2 if scale == 1.0 else 5)


@pytest.mark.parametrize("tau_refrac", [0.0, 2.0])
@pytest.mark.parametrize("name", RATES)
def test_time_rescaling(name, tau_refrac):
    """With currents into soma and dendrites; the rate is that of the twin at the recorded potential."""
    kind, parameters, _ = RATES[name]
    sim.setup(timestep=H, min_delay=H, rng_seed=11)
    cell = sim.DendriticNeuron(
        basal=sim.Dendrite(), apical=sim.Dendrite(g_to_soma=0.3, g_from_soma=0.1), rate_function=kind(**parameters),
        tau_refrac=tau_refrac,
    )  # fmt: skip
    cells = sim.Population(40, cell)
    noise = np.random.default_rng(5)
    times = np.arange(0.1, H * N_STEPS - 1.0, 5.0)
    for location, mean in (("soma", 9.0), ("apical", 0.1)):
        amplitudes = noise.normal(mean, mean / 3, len(times))
        sim.StepCurrentSource(times=times, amplitudes=amplitudes).inject_into(cells, location=location)
    cells.record(["spikes", "soma.v"])
    sim.run(H * N_STEPS)
    segment = cells.get_data().segments[0]
    rate, _ = twin.rate_and_log_slope(name.split(",")[0], signal(segment, "soma.v"), parameters)
    hazard = rate * 1e-3 * H
    dead, uniform = round(tau_refrac / H), []
    for i, fired in enumerate(spike_steps(segment, H, 40)):
        fired, integrated = np.unique(fired), np.cumsum(hazard[:, i])
        begin = np.concatenate([[0], fired[:-1] + dead])
        before = np.exp(-(integrated[fired - 1] - integrated[begin]))
        uniform.append(uniform_in_step(before, np.exp(-(integrated[fired] - integrated[begin])), noise))
    uniform = np.concatenate(uniform)
    assert len(uniform) > 1000
    assert stats.kstest(uniform, "uniform").pvalue > FALSE_ALARM / 10
