"""Tests of distributions at a stated rate of false alarms: how probable it is that equal laws are found to differ.

With fixed seeds a test passes or fails always; the rate is that at the time when seeds, or the use of random numbers,
were chosen.
"""

from typing import Any

import numpy as np
from scipy import stats

FALSE_ALARM = 1e-5  # of a whole test, shared between its comparisons


def largest_z(n_comparisons: int, degrees_of_freedom: float = np.inf, false_alarm: float = FALSE_ALARM) -> float:
    """Two-sided bound that the largest of n_comparisons |z| exceeds with probability false_alarm at most."""
    return stats.t.isf(false_alarm / (2 * n_comparisons), degrees_of_freedom)


def z_of_mean(samples: Any, expected: Any) -> np.ndarray:
    """Distance of the mean of each column from `expected`, in standard errors."""
    samples = np.asarray(samples, dtype=float)
    return (samples.mean(axis=0) - expected) / (samples.std(axis=0, ddof=1) / np.sqrt(len(samples)))


def z_of_difference(a: Any, b: Any) -> np.ndarray:
    """Welch's statistic of the means of each column."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    error = np.sqrt(a.var(axis=0, ddof=1) / len(a) + b.var(axis=0, ddof=1) / len(b))
    return (a.mean(axis=0) - b.mean(axis=0)) / error


def z_of_spread_difference(a: Any, b: Any) -> np.ndarray:
    """Welch's statistic of the distances from the median (Brown & Forsythe): robust where tails are long."""
    return z_of_difference(*(np.abs(x - np.median(x, axis=0)) for x in map(np.asarray, (a, b))))


def uniform_in_step(survived_before: np.ndarray, survived_after: np.ndarray, rng: Any) -> np.ndarray:
    """Turn events of discrete time into uniform numbers: random within the probability mass of their step."""
    return survived_after + (survived_before - survived_after) * rng.random(len(survived_before))
