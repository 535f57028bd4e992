"""Connections of a projection in two simulators: as they were made, and what they have learnt."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..capture.results import Connections, ProjectionResult
from ..documented import LAST_WEIGHTS, RANDOM_STREAMS
from .verdicts import DIFFERS, DOCUMENTED, EQUAL, ROUNDING, Comparison, Subject


def compare_connections(subject: Subject, mine: ProjectionResult, other: ProjectionResult) -> Iterator[Comparison]:
    """Which cells are connected, and the weights and delays before the first run."""
    first, theirs = mine.initial, other.initial
    if first is None or theirs is None:
        return
    equal = np.array_equal(first.pre, theirs.pre) and np.array_equal(first.post, theirs.post)
    verdict, detail = EQUAL if equal else DIFFERS, f"{len(first)} here, {len(theirs)} there"
    yield _drawn(mine, subject.comparison("connections", mine.label, "cells", verdict, detail=detail))
    if equal:
        for found in _compare_values(subject, "initial weights", mine, first, theirs):
            yield _drawn(mine, found)


def compare_learnt(subject: Subject, mine: ProjectionResult, other: ProjectionResult) -> Iterator[Comparison]:
    """Final weights, and weights recorded at spikes."""
    if mine.final is not None and other.final is not None and len(mine.final) == len(other.final):
        for found in _compare_values(subject, "final weights", mine, mine.final, other.final):
            if found.variable == "weight":
                yield _explained_by_spikes(subject, found, mine, other)
    for name in sorted(mine.events.keys() | other.events.keys()):
        ours, theirs = mine.events.get(name), other.events.get(name)
        if ours is None or theirs is None or len(ours.times) != len(theirs.times):
            counts = [0 if events is None else len(events.times) for events in (ours, theirs)]
            detail = f"{counts[0]} values here, {counts[1]} there"
            yield subject.comparison("recorded weights", mine.label, name, DIFFERS, detail=detail)
        elif len(ours.times):
            change, rounding = np.abs(ours.values - theirs.values), ROUNDING * float(np.max(np.abs(ours.values)))
            at = float(ours.times[change > rounding].min(initial=np.inf))
            yield _judged(
                subject,
                "recorded weights",
                mine.label,
                name,
                change.max(),
                rounding,
                unit=ours.unit,
                at=at if np.isfinite(at) else None,
            )


def _compare_values(subject, what, projection, mine: Connections, other: Connections) -> Iterator[Comparison]:
    for name in sorted(mine.values.keys() & other.values.keys()):
        values, others = mine.values[name], other.values[name]
        if len(values):
            difference, scale = np.max(np.abs(values - others)), np.max(np.abs(values))
            yield _judged(subject, what, projection.label, name, difference, ROUNDING * scale)


def _judged(subject, what, of, variable, difference, rounding, **others) -> Comparison:
    """The verdict of a difference that only rounding can explain."""
    verdict = EQUAL if difference <= rounding else DIFFERS
    return subject.comparison(
        what, of, variable, verdict, difference=float(difference), allowed=float(rounding), **others
    )


def _drawn(projection: ProjectionResult, found: Comparison) -> Comparison:
    """What a simulator's own generator has drawn differs as its random numbers do."""
    if found.verdict == DIFFERS and projection.native:
        found.verdict, found.entry = DOCUMENTED, RANDOM_STREAMS.name
        found.detail = f"{found.detail}; drawn by NativeRNG".lstrip("; ")
    return found


def _explained_by_spikes(subject, found: Comparison, mine: ProjectionResult, other: ProjectionResult) -> Comparison:
    """Final weights differ as documented if theirs are those that our last spikes carried."""
    entry = next((entry for entry in LAST_WEIGHTS if entry.simulator == subject.simulator), None)
    if found.verdict == EQUAL or entry is None or mine.carried is None or other.final is None:
        return found
    carried, theirs = mine.carried.values["weight"], other.final.values["weight"]
    if np.max(np.abs(carried - theirs)) <= ROUNDING * np.max(np.abs(carried)):
        found.verdict, found.entry, found.detail = DOCUMENTED, entry.name, entry.text
    return found
