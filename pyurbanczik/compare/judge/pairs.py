"""What two runs of a script have in common, thing by thing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..capture.results import Connections, PopulationResult, ProjectionResult, RunResult, Signal, Simulation
from ..documented import FIRST_DIVERGENCE, LAST_WEIGHT, find
from .distances import mean_distances
from .verdicts import DIFFERS, DOCUMENTED, EQUAL, Comparison, worst

ROUNDING = 1e-9  # of the largest value: as much may be due to rounding


def compare_runs(ours: RunResult, theirs: RunResult) -> list[Comparison]:
    """All comparisons of two runs."""
    found = []
    if len(ours.simulations) != len(theirs.simulations):
        detail = f"{len(ours.simulations)} calls of setup here, {len(theirs.simulations)} there"
        found.append(Comparison(theirs.simulator, 0, "network", "", "simulations", DIFFERS, detail=detail))
    for number, (mine, other) in enumerate(zip(ours.simulations, theirs.simulations)):
        found += _Pair(theirs.simulator, number, mine, other).comparisons()
    return found


class _Pair:
    """One simulation in two simulators."""

    def __init__(self, simulator: str, number: int, ours: Simulation, theirs: Simulation) -> None:
        self.simulator, self.number, self.ours, self.theirs = simulator, number, ours, theirs
        self.timestep = ours.timestep
        self.diverged = np.inf  # time of the first spike that differs anywhere, ms
        self.divergence: Comparison | None = None

    def comparison(self, what: str, of: str, variable: str, verdict: str, **others: Any) -> Comparison:
        """One thing of this pair."""
        return Comparison(self.simulator, self.number, what, of, variable, verdict, **others)

    def comparisons(self) -> list[Comparison]:
        """All of them."""
        structure = list(self._structure())
        if any(found.verdict == DIFFERS for found in structure):
            return structure
        projections = list(zip(self.ours.projections, self.theirs.projections))
        populations = list(zip(self.ours.populations, self.theirs.populations))
        before = [c for pair in projections for c in self._initial(*pair)]
        spikes = [c for pair in populations for c in self._spikes(*pair)]
        self._find_divergence(spikes)
        after = [c for pair in populations for c in self._signals(*pair)]
        after += [c for pair in projections for c in self._learnt(*pair)]
        return [*structure, *before, *map(self._as_consequence, spikes), *map(self._as_consequence, after)]

    # ---- the network

    def _structure(self) -> Iterator[Comparison]:
        for name in ("populations", "projections"):
            mine, other = len(getattr(self.ours, name)), len(getattr(self.theirs, name))
            verdict = EQUAL if mine == other else DIFFERS
            yield self.comparison("network", "", name, verdict, detail=f"{mine} here, {other} there")
        for mine, other in zip(self.ours.populations, self.theirs.populations):
            if (mine.celltype, mine.size) != (other.celltype, other.size):
                detail = f"{mine.size} {mine.celltype} here, {other.size} {other.celltype} there"
                yield self.comparison("network", mine.label, "cells", DIFFERS, detail=detail)
        duration = abs(self.ours.duration - self.theirs.duration)
        if duration > self.timestep / 2:
            yield self.comparison("network", "", "duration", DIFFERS, difference=duration, unit="ms")

    def _initial(self, mine: ProjectionResult, other: ProjectionResult) -> Iterator[Comparison]:
        if mine.initial is None or other.initial is None:
            return
        n, m = len(mine.initial), len(other.initial)
        equal = n == m and all(
            np.array_equal(getattr(mine.initial, end), getattr(other.initial, end)) for end in ("pre", "post")
        )
        verdict, detail = EQUAL if equal else DIFFERS, f"{n} here, {m} there"
        yield self.comparison("connections", mine.label, "cells", verdict, detail=detail)
        if equal:
            yield from self._values("initial weights", mine, mine.initial, other.initial)

    def _values(self, what, projection, mine: Connections, other: Connections) -> Iterator[Comparison]:
        for name in mine.values.keys() & other.values.keys():
            values, others = mine.values[name], other.values[name]
            if not len(values):
                continue
            difference, scale = np.max(np.abs(values - others)), np.max(np.abs(values))
            yield self._judged(what, projection.label, name, difference, ROUNDING * scale)

    def _judged(self, what, of, variable, difference, rounding, **others) -> Comparison:
        """The verdict of a difference that only rounding can explain."""
        verdict = EQUAL if difference <= rounding else DIFFERS
        return self.comparison(
            what, of, variable, verdict, difference=float(difference), allowed=float(rounding), **others
        )

    def _explained_by_spikes(self, found: Comparison, mine: ProjectionResult, other: ProjectionResult) -> Comparison:
        """Final weights differ as documented if theirs are those that our last spikes carried."""
        if found.verdict == EQUAL or self.simulator != LAST_WEIGHT.simulator or mine.carried is None:
            return found
        carried, theirs = mine.carried.values["weight"], other.final.values["weight"]
        if np.max(np.abs(carried - theirs)) <= ROUNDING * np.max(np.abs(carried)):
            found.verdict, found.entry, found.detail = DOCUMENTED, LAST_WEIGHT.name, LAST_WEIGHT.text
        return found

    # ---- spikes

    def _spikes(self, mine: PopulationResult, other: PopulationResult) -> Iterator[Comparison]:
        if len(mine.segments) != len(other.segments):
            detail = f"{len(mine.segments)} segments here, {len(other.segments)} there"
            yield self.comparison("spikes", mine.label, "spikes", DIFFERS, detail=detail)
            return
        for number, (ours, theirs) in enumerate(zip(mine.segments, other.segments)):
            pairs = [(s.spike_cells, s.spike_times) for s in (ours, theirs)]
            if not any(len(times) for _, times in pairs):
                continue
            keys = [np.rint(times / self.timestep).astype(np.int64) * mine.size + cells for cells, times in pairs]
            only = [_left_over(*keys), _left_over(*keys[::-1])]
            n, m = (len(times) for _, times in pairs)
            unmatched = np.concatenate(only)
            numbers = {"spikes here": float(n), "spikes there": float(m), "unmatched": float(len(unmatched))}
            name = "spikes" if not number else f"spikes of segment {number}"
            if not len(unmatched):
                yield self.comparison("spikes", mine.label, name, EQUAL, difference=0.0, unit="ms", numbers=numbers)
                continue
            first = int(unmatched.min())
            step, cell = divmod(first, mine.size)
            whose = 0 if first in only[0] else 1
            shift = _nearest(pairs[1 - whose], cell, step * self.timestep)
            numbers.update(mean_distances(*pairs, self.ours.duration))
            entry = find(self.simulator, mine.celltype, "spikes")
            allowed = 0.0 if entry is None else entry.size + entry.steps * self.timestep
            documented = entry is not None and shift <= allowed + 1e-6 * self.timestep
            yield self.comparison(
                "spikes",
                mine.label,
                name,
                DOCUMENTED if documented else DIFFERS,
                difference=shift,
                allowed=allowed,
                unit="ms",
                at=step * self.timestep,
                entry=entry.name if documented else "",
                detail=f"cell {cell} fires {'here' if not whose else 'there'} alone"
                + (f"; {entry.text}" if documented else ""),
                numbers=numbers,
            )

    def _find_divergence(self, spikes):
        for found in spikes:
            if found.at is not None and found.at < self.diverged:
                self.diverged, self.divergence = found.at, found

    def _as_consequence(self, found: Comparison) -> Comparison:
        """What differs later than the first spike has its verdict from that."""
        first = self.divergence
        later = found is not first and found.verdict != EQUAL and (found.at is None or found.at >= self.diverged)
        if first is None or not later or found.what == "connections":
            return found
        found.verdict, found.entry, found.consequence = first.verdict, first.entry, True
        found.detail = f"{FIRST_DIVERGENCE}: that of {first.of} at {self.diverged:g} ms"
        return found

    # ---- signals

    def _signals(self, mine: PopulationResult, other: PopulationResult) -> Iterator[Comparison]:
        for number, (ours, theirs) in enumerate(zip(mine.segments, other.segments)):
            for name in ours.signals.keys() | theirs.signals.keys():
                label = name if not number else f"{name} of segment {number}"
                yield self._signal(mine, label, name, ours.signals.get(name), theirs.signals.get(name))

    def _signal(self, population, label, name, mine: Signal | None, other: Signal | None) -> Comparison:
        if mine is None or other is None:
            detail = f"recorded {'there' if mine is None else 'here'} alone"
            return self.comparison("signal", population.label, label, DIFFERS, detail=detail)
        if mine.values.shape != other.values.shape or abs(mine.interval - other.interval) > 1e-9:
            detail = f"shape {mine.values.shape} here, {other.values.shape} there"
            return self.comparison("signal", population.label, label, DIFFERS, detail=detail)
        order = np.argsort(other.columns)[np.argsort(np.argsort(mine.columns))]
        values, others = mine.values, other.values[:, order]
        entry = find(self.simulator, population.celltype, name)
        until = int(np.searchsorted(mine.times(), self.diverged - 1e-9))
        scale = float(np.nanmax(np.abs(values), initial=0.0))
        rounding = ROUNDING * scale
        difference = np.abs(values - others)
        difference[np.isnan(values) & np.isnan(others)] = 0.0
        difference[np.isnan(difference)] = np.inf
        allowed = np.broadcast_to(
            rounding if entry is None else np.maximum(rounding, entry.allowed(values)), values.shape
        )
        numbers = {"largest": float(difference.max(initial=0.0)), "rms": float(np.sqrt(np.mean(difference**2)))}
        early, limit = difference[:until], allowed[:until]
        if not early.size:
            return self._nothing_before(population, label, mine, difference, numbers)
        beyond = early > limit
        # a spike is a jump, which a step apart may be anywhere
        worst_of = np.unravel_index(np.argmax(early / np.maximum(limit, 1e-300)), early.shape)
        verdict = DIFFERS if beyond.any() else EQUAL if early.max() <= rounding else DOCUMENTED
        documented = verdict == DOCUMENTED and entry is not None
        after = verdict != DIFFERS and bool((difference > allowed).any())
        found = self.comparison(
            "signal",
            population.label,
            label,
            verdict,
            difference=float(early[worst_of]),
            allowed=float(limit[worst_of]),
            unit=mine.unit,
            at=float(mine.times()[np.argmax(beyond.any(axis=1)) if beyond.any() else worst_of[0]]),
            entry=entry.name if documented and entry is not None else "",
            detail=entry.text if documented and entry is not None else "",
            numbers=numbers,
        )
        if after and self.divergence is not None:
            found.verdict, found.consequence = worst([verdict, self.divergence.verdict]), True
            found.entry = found.entry or self.divergence.entry
            found.detail = f"until {self.diverged:g} ms; {FIRST_DIVERGENCE}"
        return found

    def _nothing_before(self, population, label, mine, difference, numbers):
        verdict = EQUAL if not difference.size else DIFFERS
        at = self.diverged if verdict == DIFFERS else None
        return self.comparison("signal", population.label, label, verdict, unit=mine.unit, at=at, numbers=numbers)

    # ---- what was learnt

    def _learnt(self, mine: ProjectionResult, other: ProjectionResult) -> Iterator[Comparison]:
        if mine.final is not None and other.final is not None and len(mine.final) == len(other.final):
            for found in self._values("final weights", mine, mine.final, other.final):
                if found.variable == "weight":
                    yield self._explained_by_spikes(found, mine, other)
        for name in mine.events.keys() | other.events.keys():
            ours, theirs = mine.events.get(name), other.events.get(name)
            if ours is None or theirs is None or len(ours.times) != len(theirs.times):
                counts = [0 if events is None else len(events.times) for events in (ours, theirs)]
                detail = f"{counts[0]} values here, {counts[1]} there"
                yield self.comparison("recorded weights", mine.label, name, DIFFERS, detail=detail)
                continue
            if not len(ours.times):
                continue
            change = np.abs(ours.values - theirs.values)
            scale = float(np.max(np.abs(ours.values)))
            at = float(ours.times[np.argmax(change > ROUNDING * scale)])
            yield self._judged(
                "recorded weights", mine.label, name, change.max(), ROUNDING * scale, unit=ours.unit, at=at
            )


def _left_over(keys: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Those of `keys` that are not among the others as many times."""
    found, counts = np.unique(keys, return_counts=True)
    theirs, their_counts = np.unique(others, return_counts=True)
    place = np.searchsorted(theirs, found)
    same = (
        (place < len(theirs)) & (theirs[np.minimum(place, len(theirs) - 1)] == found)
        if len(theirs)
        else found < found.min()
    )
    matched = np.zeros(len(found), dtype=np.int64)
    matched[same] = their_counts[place[same]]
    return found[counts > matched]


def _nearest(spikes, cell: int, time: float) -> float:
    """How far the nearest spike of a cell is, ms."""
    cells, times = spikes
    own = times[cells == cell]
    return float(np.min(np.abs(own - time))) if len(own) else float("inf")
