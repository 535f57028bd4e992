"""The dendritic cortical microcircuit learns the bars, and what it needs for that."""

import dataclasses

import dendritic_microcircuit
import numpy as np
import pytest
import sacramento_2018_bars as experiment
from microcircuit_of_rates import RateMicrocircuit

CHANCE = 0.375  # as many right as a constant answer gives at best
EPOCHS = 24


def accuracy(seed=1, **changes):
    accuracies, _ = experiment.learn(dataclasses.replace(experiment.DESIGN, **changes), seed, EPOCHS)
    return experiment.last_fifth(accuracies)


def test_it_learns():
    assert np.mean([accuracy(seed) for seed in (1, 2)]) > 0.85


@pytest.mark.parametrize("name", experiment.ABLATIONS)
def test_without_what_it_needs_it_does_not(name):
    assert accuracy(**experiment.ABLATIONS[name]) < 0.7


def test_with_an_error_of_the_wrong_sign_it_does_not():
    design = experiment.DESIGN
    assert accuracy(eta_up=tuple(-eta for eta in design.eta_up)) <= 0.5


def test_with_interneurons_off_it_does_not(monkeypatch):
    monkeypatch.setattr(dendritic_microcircuit, "NUDGING", 0.0)
    assert accuracy() < 0.7


def test_weights_are_those_of_the_twin_with_rates():
    """With many spikes and slow learning, what is learnt is what the equilibrium of rates says."""
    design = experiment.DESIGN
    slow = dataclasses.replace(
        design, psi=100.0, eta_up=tuple(0.1 * eta for eta in design.eta_up),
        eta_ip=0.1 * design.eta_ip, eta_pi=0.1 * design.eta_pi,
    )  # fmt: skip
    order = [0, 3, 6, 1, 4, 7, 2, 5] * 2
    spikes, rates = dendritic_microcircuit.Microcircuit(slow, seed=6), RateMicrocircuit(slow, seed=6)
    before = [spikes.weights(layer) for layer in (0, 1)]
    for network in (spikes, rates):
        network.train(experiment.PATTERNS, experiment.CLASSES, order)
    for layer in (0, 1):
        learnt, expected = (network.weights(layer) - before[layer] for network in (spikes, rates))
        assert np.corrcoef(learnt.ravel(), expected.ravel())[0, 1] > 0.97
        assert learnt.std() == pytest.approx(expected.std(), rel=0.1)
