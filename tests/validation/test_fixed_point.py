"""Without a teacher nothing is learnt on average; with a refractory time what is learnt is the law of its
spikes.

Given the past, the spikes of a step have mean phi(U) h without refractory time. If no input reaches the soma
but through the dendrite, U relaxes to V*_w within C_s / (g_L + g_ds); where that is much shorter than a step,
U = V*_w, and the error of a step has mean zero given the past. The weight, a sum of errors times quantities
known before them, is then a martingale: its mean stays where it began, whatever weights and dendrite do, as
long as it is not clipped. Its variance is the sum of the squares, E[dPi^2] = phi h h_fn^2 for Poisson counts.
"""

import numpy as np
import pytest
from scipy import stats

from pyurbanczik.compare.judge.confidence import FALSE_ALARM, largest_z, z_of_mean
from tests.reference import rule, transfer
from tests.reference.neuron import DEFAULTS

from . import ours
from .cases import Case, Plastic, Static, poisson_train, steps

pytestmark = pytest.mark.statistics

DT, DURATION, N_CELLS = 0.1, 3000.0, 250
U = -55.0


def case_without_teacher(weight, eta, seed, n_cells=N_CELLS, n_sources=5, u=U, **cell):
    """Equal neurons that all receive the same trains, and differ by chance only."""
    rng = np.random.default_rng(seed)
    cell = {**DEFAULTS, "soma_v_rest": u, "dendrite_v_rest": u, "tau_refrac": 0.0, **cell}
    trains = [poisson_train(rng, 20.0, 5.0, DURATION - 1.0, DT) for _ in range(n_sources)]
    plastic = [
        Plastic(i, j, weight, 0.1 * (1 + 3 * i), eta, tau_Delta=100.0, w_max=1e6)
        for i in range(n_sources)
        for j in range(n_cells)
    ]
    return Case(DURATION, DT, [cell] * n_cells, [(u, u)] * n_cells, trains, plastic, seed=seed)


def transmitted(case, result):
    """Weights carried in the middle and at the end, both (n_cells, n_sources); whether any was clipped."""
    last, middle = np.empty((2, len(case.cells), len(case.trains)))
    clipped = False
    for synapse, (_, weights) in zip(case.plastic, result.events):
        last[synapse.post, synapse.pre], middle[synapse.post, synapse.pre] = (
            weights[-1],
            weights[len(weights) // 2],
        )
        clipped |= bool(np.any(weights == 0.0))
    return middle, last, clipped


def product_of_unit_errors(case, synapse):
    """What the error of each step is multiplied with on its way into the last weight, but for h(V*)."""
    cell, train = case.cells[0], steps(case.trains[synapse.pre], DT)
    past = np.arange(train[-1] + 1)
    psp = rule.psp(train[-1], train, DT, cell["dendrite_cm"] / cell["dendrite_g_leak"], cell["dendrite_tau_syn_E"])
    delay = round(synapse.delay / DT)
    factor = rule.PICO_PER_NANO * synapse.eta * transfer.UNIT_VOLTAGE * psp
    factor *= -np.expm1(-(train[-1] - past) * DT / synapse.tau_Delta)
    return factor[delay + 1 :]  # the error before the first step is zero


def test_mean_and_variance_of_weights_at_a_constant_potential():
    """Synapses too weak to move the dendrite: mean and variance of the last weights are known exactly."""
    case = case_without_teacher(weight=1e-3, eta=3e-4, seed=3)
    _, last, clipped = transmitted(case, ours.run(case, traces=()))
    assert not clipped
    z = z_of_mean(last, 1e-3)
    assert np.max(np.abs(z)) < largest_z(10, N_CELLS - 1)

    shape = transfer.transfer_parameters(DEFAULTS)
    per_step = transfer.phi(U, **shape) * rule.PER_SECOND * DT * transfer.h(U, **shape) ** 2
    for i in range(len(case.trains)):
        variance = per_step * np.sum(product_of_unit_errors(case, case.plastic[i * N_CELLS]) ** 2)
        ratio = np.sum((last[:, i] - last[:, i].mean()) ** 2) / variance
        assert FALSE_ALARM / 20 < stats.chi2.sf(ratio, N_CELLS - 1) < 1 - FALSE_ALARM / 20


def test_weights_that_drive_the_dendrite_keep_their_mean():
    """A soma that follows within 0.05 ms, strong synapses, and strong learning: still no drift."""
    case = case_without_teacher(weight=0.4, eta=0.06, seed=4, u=-62.0, n_cells=100, soma_cm=0.03)
    result = ours.run(case, traces=("dendrite.v",))
    middle, last, clipped = transmitted(case, result)
    assert not clipped
    assert np.ptp(result.traces["dendrite.v"]) > 8.0
    assert last.std() > 0.02
    both = np.column_stack([middle, last])
    assert np.max(np.abs(z_of_mean(both, 0.4))) < largest_z(both.shape[1], len(both) - 1)


def test_a_refractory_time_makes_weights_drift_by_the_missing_spikes():
    """Errors have the mean (rate - phi) h, rate = 1 / (tau_refrac + h/p), once the first interval is over."""
    tau_refrac = 3.0
    case = case_without_teacher(weight=0.01, eta=3e-4, seed=5, tau_refrac=tau_refrac)
    _, last, clipped = transmitted(case, ours.run(case, traces=()))
    assert not clipped
    shape = transfer.transfer_parameters(DEFAULTS)
    hazard = transfer.phi(U, **shape) * rule.PER_SECOND * DT
    mean_error = (1 / (round(tau_refrac / DT) - 1 / np.expm1(-hazard)) - hazard) * transfer.h(U, **shape)
    z = [
        z_of_mean(last[:, i], 0.01 + mean_error * np.sum(product_of_unit_errors(case, case.plastic[i * N_CELLS])))
        for i in range(len(case.trains))
    ]
    assert np.max(np.abs(z)) < largest_z(len(z), N_CELLS - 1)
    assert np.max(z_of_mean(last, 0.01)) < -largest_z(len(z), N_CELLS - 1), "no drift at all would pass as well"


def test_a_teacher_makes_weights_grow():
    """With somatic excitation the soma fires more than the dendrite predicts."""
    case = case_without_teacher(weight=0.05, eta=1e-3, seed=6, u=-62.0)
    times = np.arange(5.0, DURATION - 5.0, 1.0)
    case.static = [Static("soma_exc", j, 0.05, 0.1, times) for j in range(N_CELLS)]
    _, last, _ = transmitted(case, ours.run(case, traces=()))
    assert np.min(z_of_mean(last, 0.05)) > largest_z(5, N_CELLS - 1)
