"""Spikes of a population in two simulators."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..capture.results import PopulationResult
from ..documented import find
from .distances import mean_distances
from .verdicts import DIFFERS, DOCUMENTED, EQUAL, Comparison, Subject


def compare_spikes(subject: Subject, mine: PopulationResult, other: PopulationResult) -> Iterator[Comparison]:
    """One comparison for each segment in which anything fires."""
    if len(mine.segments) != len(other.segments):
        detail = f"{len(mine.segments)} segments here, {len(other.segments)} there"
        yield subject.comparison("spikes", mine.label, "spikes", DIFFERS, detail=detail)
        return
    for number, (ours, theirs) in enumerate(zip(mine.segments, other.segments)):
        pairs = [(s.spike_cells, s.spike_times) for s in (ours, theirs)]
        if any(len(times) for _, times in pairs):
            name = "spikes" if not number else f"spikes of segment {number}"
            yield _compare_trains(subject, mine, name, pairs)


def _compare_trains(subject, population, name, pairs):
    timestep, size = subject.timestep, population.size
    keys = [np.rint(times / timestep).astype(np.int64) * size + cells for cells, times in pairs]
    only = [_left_over(*keys), _left_over(*keys[::-1])]
    n, m = (len(times) for _, times in pairs)
    unmatched = np.concatenate(only)
    numbers = {"spikes here": float(n), "spikes there": float(m), "unmatched": float(len(unmatched))}
    if not len(unmatched):
        return subject.comparison("spikes", population.label, name, EQUAL, difference=0.0, unit="ms", numbers=numbers)
    first = int(unmatched.min())
    step, cell = divmod(first, size)
    whose = 0 if first in only[0] else 1
    shift = _nearest(pairs[1 - whose], cell, step * timestep)
    numbers.update(mean_distances(*pairs, subject.duration))
    entry = find(subject.simulator, population.celltype, "spikes")
    allowed = 0.0 if entry is None else entry.size + entry.steps * timestep
    documented = entry is not None and shift <= allowed + 1e-6 * timestep
    return subject.comparison(
        "spikes",
        population.label,
        name,
        DOCUMENTED if documented else DIFFERS,
        difference=shift,
        allowed=allowed,
        unit="ms",
        at=step * timestep,
        entry=entry.name if documented else "",
        detail=f"cell {cell} fires {'here' if not whose else 'there'} alone"
        + (f"; {entry.text}" if documented else ""),
        numbers=numbers,
    )


def _left_over(keys: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Those of `keys` that are not among the others as many times."""
    found, counts = np.unique(keys, return_counts=True)
    theirs, their_counts = np.unique(others, return_counts=True)
    _, at, there = np.intersect1d(found, theirs, assume_unique=True, return_indices=True)
    matched = np.zeros(len(found), dtype=np.int64)
    matched[at] = their_counts[there]
    return found[counts > matched]


def _nearest(spikes, cell: int, time: float) -> float:
    """How far the nearest spike of a cell is, ms."""
    cells, times = spikes
    own = times[cells == cell]
    return float(np.min(np.abs(own - time))) if len(own) else float("inf")
