"""Laws of many runs: equal ones are found equal, others not."""

import numpy as np
import pytest

from pyurbanczik.compare.capture.results import Connections
from pyurbanczik.compare.judge.laws import compare_laws, distances_and_bounds
from pyurbanczik.compare.judge.statistics import MOVEMENT, tables
from pyurbanczik.compare.judge.verdicts import DIFFERS, EQUAL

from .examples import DURATION, a_run, potential


def runs(simulator, first_seed, n, rate=0.5, shift=0.0):
    made = []
    for seed in range(first_seed, first_seed + n):
        rng = np.random.default_rng(seed)
        spikes = [
            (cell, t) for cell in range(3) for t in np.sort(rng.uniform(0.0, DURATION, rng.poisson(rate * DURATION)))
        ]
        made.append(a_run(simulator, spikes=spikes, v=potential(seed) + shift, weight=0.5 + 0.01 * rng.normal()))
    return made


def test_equal_laws():
    found = compare_laws("nest", runs("pyurbanczik", 100, 24), runs("nest", 200, 24))
    assert {comparison.verdict for comparison in found} == {EQUAL}
    assert {"rate (Hz)", "CV of intervals", "v: mean in part 1", "final weight: mean"} <= {c.variable for c in found}


@pytest.mark.parametrize(("change", "variable"), [({"rate": 1.0}, "rate (Hz)"), ({"shift": 3.0}, "v: mean in part 1")])
def test_another_law(change, variable):
    found = compare_laws("nest", runs("pyurbanczik", 100, 24), runs("nest", 200, 24, **change))
    by_variable = {comparison.variable: comparison for comparison in found}
    assert by_variable[variable].verdict == DIFFERS
    assert by_variable["final weight: mean"].verdict == EQUAL


def test_what_does_not_vary_must_be_equal():
    ours = [a_run(weight=0.5) for _ in range(8)]
    theirs = [a_run("nest", weight=0.6) for _ in range(8)]
    by_variable = {comparison.variable: comparison.verdict for comparison in compare_laws("nest", ours, theirs)}
    assert by_variable["final weight: mean"] == DIFFERS
    assert by_variable["rate (Hz)"] == EQUAL


def test_what_is_constant_but_for_rounding_has_no_spread():
    """Its standard deviation is one of rounding, which any number of seeds repeats."""
    ours = np.full_like(potential(1), -70.3)
    theirs = np.nextafter(ours, 0.0)
    theirs[::2] = ours[::2]
    found = compare_laws("nest", [a_run(v=ours)] * 12, [a_run("nest", v=theirs)] * 12)
    assert {one.verdict for one in found if one.variable.startswith("v: ")} == {EQUAL}


def test_too_few_seeds_do_not_tell_what_never_varies():
    found = compare_laws("nest", [a_run(weight=0.5)] * 2, [a_run("nest", weight=0.6)] * 2)
    assert "final weight: mean" not in {comparison.variable for comparison in found}


def test_more_comparisons_need_a_larger_distance():
    few, many = (
        compare_laws("nest", runs("a", 0, 4), runs("b", 9, 4), confidence)[0].allowed for confidence in (0.9, 0.999)
    )
    assert few < many


@pytest.mark.parametrize("false_alarm", [0.2, 0.05])
def test_false_alarms_are_as_rare_as_stated(false_alarm):
    rng = np.random.default_rng(3)
    primary = np.arange(60) < 3
    alarms = 0
    for _ in range(400):
        # skewed, and correlated as tenths of one run are
        a, b = (np.exp(0.5 * rng.normal(size=(24, 60)) + 0.5 * rng.normal(size=(24, 1))) for _ in "ab")
        distances, bounds = distances_and_bounds(a, b, primary, false_alarm)
        alarms += np.any(distances > bounds)
    assert alarms / 400 < false_alarm + 4.0 * np.sqrt(false_alarm * (1.0 - false_alarm) / 400)
    assert alarms > 0


def test_few_primary_statistics_see_more_than_many():
    rng = np.random.default_rng(4)
    a, b = (rng.normal(size=(24, 200)) for _ in "ab")
    primary = np.arange(200) == 0
    _, bounds = distances_and_bounds(a, b, primary, 1e-3)
    assert bounds[0] + 1.0 < bounds[1:].min()


def test_a_movement_is_measured_along_the_mean_of_all_runs():
    rng = np.random.default_rng(5)
    toward = np.array([3.0, 4.0])

    def learnt(change):
        run = a_run()
        projection = run.simulations[0].projections[0]
        weights = {**projection.initial.values, "weight": projection.initial.values["weight"] + change}
        projection.final = Connections(projection.initial.pre, projection.initial.post, weights)
        return run

    groups = [[learnt(rate * toward + 1e-3 * rng.normal(size=2)) for _ in range(5)] for rate in (1.0, 1.1)]
    movements = [[row[0, "inputs→cells", MOVEMENT] for row in table] for table in tables(*groups)]
    np.testing.assert_allclose(movements[0], 5.0, atol=0.01)
    np.testing.assert_allclose(movements[1], 5.5, atol=0.01)
    assert not any(key[2] == MOVEMENT for key in tables([a_run()])[0][0])  # nothing was learnt
