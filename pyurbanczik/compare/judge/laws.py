"""Laws of stochastic scripts: statistics over seeds in two simulators, at a stated confidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from ..capture.results import RunResult
from ..documented import RANDOM_STREAMS
from .confidence import z_of_difference
from .statistics import is_primary, tables
from .verdicts import DIFFERS, DOCUMENTED, EQUAL, ROUNDING, Comparison

CONFIDENCE = 0.999


def compare_laws(
    simulator: str, ours: Sequence[RunResult], theirs: Sequence[RunResult], confidence: float = CONFIDENCE
) -> list[Comparison]:
    """One comparison for each statistic, by Welch's test; the probability that any of them is falsely found to differ
    is at most 1 - `confidence`. See `distances_and_bounds`.
    """
    here, there = tables(ours, theirs)
    keys = [key for key in here[0] if all(key in row for table in (here, there) for row in table)]
    if not keys:
        return []
    a, b = (np.array([[row[key] for key in keys] for row in table]) for table in (here, there))
    primary = np.array([is_primary(key) for key in keys])
    distances, bounds = distances_and_bounds(a, b, primary, 1.0 - confidence)
    return [
        Comparison(
            simulator,
            number,
            "law",
            label,
            name,
            EQUAL if distance <= bound else DIFFERS,
            difference=float(distance),
            allowed=float(bound),
            unit="standard errors",
            detail=f"{mine.mean():.6g} here, {other.mean():.6g} there, {len(mine)} seeds",
            numbers={"here": float(mine.mean()), "there": float(other.mean()), "spread here": float(mine.std(ddof=1))},
        )
        for (number, label, name), distance, bound, mine, other in zip(keys, distances, bounds, a.T, b.T)
        if np.isfinite(bound)  # else seeds are too few to tell
    ]


def distances_and_bounds(
    a: np.ndarray, b: np.ndarray, primary: np.ndarray, false_alarm: float
) -> tuple[np.ndarray, np.ndarray]:
    """Distance of the means of each statistic in standard errors, and how large it may be.

    Half of `false_alarm` is shared by the few primary statistics, which say most about a law, the other half by all the
    others (Bonferroni's correction with weights); those that do not vary take no part, since chance cannot decide
    them. Degrees of freedom are those of Welch and Satterthwaite.

    Parameters
    ----------
    a, b : ndarray, shape (n_seeds, n_statistics)
        Of independent runs.
    primary : ndarray of bool, shape (n_statistics,)
    false_alarm : float
        Probability that any distance exceeds its bound though all laws are equal.

    Returns
    -------
    distances, bounds : ndarray, shape (n_statistics,)
    """
    difference = np.abs(a.mean(axis=0) - b.mean(axis=0))
    rounding = ROUNDING * np.maximum(np.abs(a).max(axis=0), np.abs(b).max(axis=0))
    varies = np.maximum(np.ptp(a, axis=0), np.ptp(b, axis=0)) > rounding
    distances = np.where(difference <= rounding, 0.0, np.inf)
    bounds = np.full(len(distances), _bound_of_constants(len(a), len(b), false_alarm))
    shares = np.empty(len(distances))
    for chosen in (primary, ~primary):
        shares[chosen] = 0.5 * false_alarm / max(1, int(np.count_nonzero(varies & chosen)))
    a, b = a[:, varies], b[:, varies]
    distances[varies] = np.abs(z_of_difference(a, b))
    bounds[varies] = stats.t.isf(0.5 * shares[varies], _degrees_of_freedom(a, b))
    return distances, bounds


def _degrees_of_freedom(a, b):
    of_a, of_b = a.var(axis=0, ddof=1) / len(a), b.var(axis=0, ddof=1) / len(b)
    return (of_a + of_b) ** 2 / (of_a**2 / (len(a) - 1) + of_b**2 / (len(b) - 1))


def _bound_of_constants(n, m, false_alarm):
    """None if a statistic of two values may by chance well be one of them in all runs here, the other in all there."""
    by_chance = 2.0 ** (1 - n - m)
    return 0.0 if by_chance <= 0.1 * false_alarm else np.inf


def by_other_random_numbers(found: list[Comparison], of_seeds: list[Comparison]) -> None:
    """Explain by other random numbers what also differs here between two seeds."""
    from_seed_to_seed = {comparison.key for comparison in of_seeds if comparison.verdict != EQUAL}
    for comparison in found:
        if comparison.verdict == DIFFERS and comparison.key in from_seed_to_seed:
            comparison.verdict, comparison.entry = DOCUMENTED, RANDOM_STREAMS.name
            comparison.detail, comparison.cause = RANDOM_STREAMS.text, None
    for comparison in found:
        if comparison.cause is not None:
            comparison.verdict, comparison.entry = comparison.cause.verdict, comparison.cause.entry
