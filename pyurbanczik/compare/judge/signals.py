"""Recorded signals of a population in two simulators."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..capture.results import PopulationResult, Signal
from ..documented import find
from .verdicts import DIFFERS, DOCUMENTED, EQUAL, ROUNDING, Comparison, Subject


def compare_signals(
    subject: Subject, mine: PopulationResult, other: PopulationResult, diverged: float
) -> Iterator[Comparison]:
    """One comparison for each signal and segment; until `diverged`, ms, a signal has no excuse."""
    for number, (ours, theirs) in enumerate(zip(mine.segments, other.segments)):
        for name in sorted(ours.signals.keys() | theirs.signals.keys()):
            label = name if not number else f"{name} of segment {number}"
            yield _compare(subject, mine, label, name, ours.signals.get(name), theirs.signals.get(name), diverged)


def _compare(subject, population, label, name, mine: Signal | None, other: Signal | None, diverged) -> Comparison:
    def comparison(verdict, **others):
        return subject.comparison("signal", population.label, label, verdict, **others)

    if mine is None or other is None:
        return comparison(DIFFERS, detail=f"recorded {'there' if mine is None else 'here'} alone")
    if mine.values.shape != other.values.shape or abs(mine.interval - other.interval) > 1e-9:
        return comparison(DIFFERS, detail=f"shape {mine.values.shape} here, {other.values.shape} there")
    order = np.argsort(other.columns)[np.argsort(np.argsort(mine.columns))]
    difference = _distances(mine.values, other.values[:, order])
    numbers = {"largest": float(difference.max(initial=0.0)), "rms": float(np.sqrt(np.mean(difference**2)))}
    rounding = ROUNDING * float(np.nanmax(np.abs(mine.values), initial=0.0))
    entry = find(subject.simulator, population.celltype, name)
    allowed = (
        rounding if entry is None else np.maximum(rounding, entry.allowed(mine.values, subject.timestep, mine.interval))
    )
    allowed = np.broadcast_to(allowed, difference.shape)
    times = mine.times()
    until = int(np.searchsorted(times, diverged - 1e-9))
    if not until:
        verdict = DIFFERS if (difference > allowed).any() else EQUAL
        return comparison(verdict, unit=mine.unit, numbers=numbers)
    early, limit = difference[:until], allowed[:until]
    beyond = early > limit
    worst = np.unravel_index(np.argmax(early / np.maximum(limit, 1e-300)), early.shape)
    if beyond.any():
        verdict, at = DIFFERS, times[np.argmax(beyond.any(axis=1))]
    elif (difference > allowed).any():  # only later
        verdict, at = DIFFERS, diverged
    else:
        verdict, at = EQUAL if early.max(initial=0.0) <= rounding else DOCUMENTED, times[worst[0]]
    named = entry if verdict == DOCUMENTED else None
    return comparison(
        verdict,
        difference=float(early[worst]),
        allowed=float(limit[worst]),
        unit=mine.unit,
        at=float(at),
        entry=named.name if named else "",
        detail=named.text if named else "",
        numbers=numbers,
    )


def _distances(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Differences; infinite where one of both is no number."""
    difference = np.abs(values - others)
    difference[np.isnan(values) & np.isnan(others)] = 0.0
    difference[np.isnan(difference)] = np.inf
    return difference
