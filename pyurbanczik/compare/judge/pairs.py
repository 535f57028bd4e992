"""What two runs of a script have in common, thing by thing."""

from __future__ import annotations

from collections.abc import Iterator

from ..capture.results import PopulationResult, RunResult, Simulation
from .alignment import align
from .connections import compare_connections, compare_learnt
from .divergence import Divergences
from .signals import compare_signals
from .spikes import compare_spikes
from .verdicts import DIFFERS, EQUAL, Comparison, Subject


def compare_runs(ours: RunResult, theirs: RunResult) -> list[Comparison]:
    """All comparisons of two runs."""
    found = []
    if len(ours.simulations) != len(theirs.simulations):
        detail = f"{len(ours.simulations)} calls of setup here, {len(theirs.simulations)} there"
        found.append(Subject(theirs.simulator, 0).comparison("network", "", "simulations", DIFFERS, detail=detail))
    for number, (mine, other) in enumerate(zip(ours.simulations, theirs.simulations)):
        found += _compare_simulations(theirs.simulator, number, mine, other)
    return found


def _compare_simulations(simulator: str, number: int, ours: Simulation, theirs: Simulation) -> list[Comparison]:
    subject = Subject(simulator, number, ours.timestep, ours.duration)
    populations, found = _matched(subject, "populations", ours, theirs)
    projections, others = _matched(subject, "projections", ours, theirs)
    found += others
    found += _structure(subject, ours, theirs, populations)
    if any(one.variable in ("cells", "duration") for one in found):
        return found  # nothing else can be compared

    divergences = Divergences(ours)
    for mine, other in projections:
        connections = list(compare_connections(subject, mine, other))
        divergences.by_connections(mine, connections)
        found += connections
    spikes = [list(compare_spikes(subject, *pair)) for pair in populations]
    for (mine, _), of_population in zip(populations, spikes):
        divergences.by_spikes(mine, of_population)
    for (mine, other), of_population in zip(populations, spikes):
        cause = divergences.of_population(mine)
        found += [cause.explain(one) for one in of_population]
        found += [cause.explain(one) for one in compare_signals(subject, mine, other, cause.time)]
    for mine, other in projections:
        cause = divergences.of_projection(mine)
        found += [cause.explain(one) for one in compare_learnt(subject, mine, other)]
    return found


def _matched(subject, name, ours, theirs):
    """The populations, or projections, that both have, and what is told of them."""
    mine, other = getattr(ours, name), getattr(theirs, name)
    pairs, *alone = align(mine, other)
    detail = f"{len(mine)} here, {len(other)} there"
    for labels, where in zip(alone, ("here", "there")):
        detail += "".join(f"; {label} {where} alone" for label in labels)
    verdict = EQUAL if len(pairs) == len(mine) == len(other) else DIFFERS
    return pairs, [subject.comparison("network", "", name, verdict, detail=detail)]


def _structure(
    subject: Subject, ours: Simulation, theirs: Simulation, populations: list[tuple[PopulationResult, PopulationResult]]
) -> Iterator[Comparison]:
    for mine, other in populations:
        if (mine.celltype, mine.size) != (other.celltype, other.size):
            detail = f"{mine.size} {mine.celltype} here, {other.size} {other.celltype} there"
            yield subject.comparison("network", mine.label, "cells", DIFFERS, detail=detail)
    duration = abs(ours.duration - theirs.duration)
    if duration > ours.timestep / 2:
        yield subject.comparison("network", "", "duration", DIFFERS, difference=duration, unit="ms")
