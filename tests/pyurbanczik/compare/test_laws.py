"""Laws of many runs: equal ones are found equal, others not."""

import numpy as np
import pytest

from pyurbanczik.compare.judge.laws import compare_laws
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
    ours = [a_run(weight=0.5) for _ in range(4)]
    theirs = [a_run("nest", weight=0.6) for _ in range(4)]
    by_variable = {comparison.variable: comparison.verdict for comparison in compare_laws("nest", ours, theirs)}
    assert by_variable["final weight: mean"] == DIFFERS
    assert by_variable["rate (Hz)"] == EQUAL


def test_more_comparisons_need_a_larger_distance():
    few, many = (
        compare_laws("nest", runs("a", 0, 4), runs("b", 9, 4), confidence)[0].allowed for confidence in (0.9, 0.999)
    )
    assert few < many
