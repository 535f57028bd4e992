"""Digits are learnt from few pictures by spikes as by rates, and not without what the rule needs."""

import dataclasses

import dendritic_microcircuit
import pytest
import sacramento_2018_digits as experiment

pytest.importorskip("sklearn")

SHOWN = 1000


def accuracy(kind=dendritic_microcircuit.Microcircuit, **changes):
    design = dataclasses.replace(experiment.DESIGN, **changes)
    return experiment.learn(kind, design, seed=1, shown=SHOWN).accuracy


def test_spikes_learn():
    assert accuracy() > 0.3


def test_rates_learn():
    assert accuracy(experiment.RateMicrocircuit) > 0.4


@pytest.mark.parametrize(
    "change",
    [
        dict(feedback=False),
        dict(interneurons_learn=False),
        dict(eta_up=tuple(-eta for eta in experiment.DESIGN.eta_up)),
    ],
    ids=["no feedback", "interneurons off", "wrong sign"],
)
def test_without_what_it_needs_rates_do_not(change):
    assert accuracy(experiment.RateMicrocircuit, **change) < 0.3
