"""Weights drift and diffuse as theory says, and theory is that of the rule."""

import numpy as np
import pytest
import urbanczik_senn_2014_diffusion as experiment

TAUGHT, ALONE, N_TRIALS = 150, 50, 200


@pytest.fixture(scope="module")
def pattern():
    return experiment.create_pattern(seed=3)


def agreement(pattern, **rule):
    """Deviation of the means, and variances over those of theory, at the end of teaching and at the end."""
    weights = experiment.simulate(pattern, N_TRIALS, TAUGHT, ALONE, seed=3, **rule)
    means, covariances = experiment.predict(pattern, TAUGHT, ALONE)
    return [experiment.compare(weights[k], means[k], covariances[k]) for k in (TAUGHT // experiment.CHUNK, -1)]


def test_drift_and_diffusion_are_those_of_theory(pattern):
    for deviation, spread, error in agreement(pattern):
        assert deviation < 0.1
        assert abs(spread - 1.0) < 4.4 * error < 0.2


def test_with_an_error_of_the_wrong_sign_they_are_not(pattern):
    for deviation, *_ in agreement(pattern, eta=-experiment.ETA):
        assert deviation > 1.0


def test_with_half_the_rate_of_learning_they_are_not(pattern):
    for deviation, spread, _ in agreement(pattern, eta=0.5 * experiment.ETA):
        assert deviation > 0.2
        assert spread < 0.5


@pytest.mark.parametrize("taught", [True, False])
def test_the_jacobian_is_that_of_the_drift_of_its_twin(pattern, taught):
    theory = experiment.Theory(pattern, taught)
    w = np.random.default_rng(1).uniform(-0.2, 0.4, experiment.N_INPUTS)
    for i in (0, 7, 30):
        step = 1e-4 * (np.arange(experiment.N_INPUTS) == i)
        slope = (theory.drift(w + step) - theory.drift(w - step)) / 2e-4
        assert theory.jacobian(w)[:, i] == pytest.approx(slope, rel=1e-5, abs=1e-10)
