"""The dendritic cortical microcircuit learns the bars, and what it needs for that."""

import dataclasses

import dendritic_microcircuit
import numpy as np
import pytest
import sacramento_2018_bars as experiment

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
