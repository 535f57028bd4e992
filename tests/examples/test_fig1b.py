"""The dendrite learns to predict the soma that a teacher draws along a time course, in both systems of units."""

from dataclasses import replace

import pytest
import urbanczik_senn_2014_fig1b as experiment


def verdict(units, taught=100, seed=1, **rule):
    one = experiment.Experiment.create(units, taught, seed)
    parameters = replace(one.parameters, synapse={**one.parameters.synapse, **rule})
    one = replace(one, parameters=parameters)
    return experiment.summary(one, experiment.simulate(one, seed)).splitlines()[-1]


@pytest.mark.parametrize("units", experiment.PARAMETER_SETS)
@pytest.mark.parametrize("seed", [1, 2])
def test_it_learns(units, seed):
    assert verdict(units, seed=seed).startswith("PASS")


@pytest.mark.parametrize(
    "rule", [dict(eta=0.0), dict(w_min=0.09, w_max=0.09)], ids=["not plastic", "held by its bounds"]
)
def test_without_plasticity_it_does_not(rule):
    assert verdict("mV", **rule).startswith("FAIL")
