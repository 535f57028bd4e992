"""Numbers that sum up one run of a stochastic script, whose law over seeds can be compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..capture.results import ProjectionResult, RunResult, Segment, Simulation, WeightEvents
from .verdicts import ROUNDING

PARTS = 10  # of the time of a run, each with statistics of its own

RATE = "rate (Hz)"
MOVEMENT = "change of weight: along its mean direction"
STEPS = "size of steps: root of mean square"
PRIMARY = (RATE, MOVEMENT, STEPS)

Key = tuple[int, str, str]


def is_primary(key: Key) -> bool:
    """Whether a statistic is one of the few that are tested with half of the false alarms between them."""
    return key[2].endswith(PRIMARY)


def tables(*groups: Sequence[RunResult]) -> list[list[dict[Key, float]]]:
    """Statistics of each run of some groups: {(simulation, label, statistic): value}."""
    made = [[statistics(run) for run in runs] for runs in groups]
    everything = [run for runs in groups for run in runs]
    for number, simulation in enumerate(everything[0].simulations):
        for k, projection in enumerate(simulation.projections):
            movements = _movements([_projection(run, number, k) for run in everything])
            if movements is not None:
                rows = (row for table in made for row in table)
                for row, movement in zip(rows, movements):
                    row[number, projection.label, MOVEMENT] = float(movement)
    return made


def statistics(run: RunResult) -> dict[Key, float]:
    """Those that one run has by itself."""
    return {
        (number, label, name): value
        for number, simulation in enumerate(run.simulations)
        for label, name, value in _of_simulation(simulation)
    }


def _projection(run: RunResult, simulation: int, number: int) -> ProjectionResult | None:
    if simulation >= len(run.simulations) or number >= len(run.simulations[simulation].projections):
        return None
    return run.simulations[simulation].projections[number]


def _movements(projections: Sequence[ProjectionResult | None]) -> np.ndarray | None:
    """How far the weights of each run went along the mean change of all runs, which is the same for all groups.

    Where weights do not yet saturate it is proportional to the learning rate, and chance, which moves each weight by
    itself, is averaged out.
    """
    changes = []
    for projection in projections:
        change = None if projection is None else _change(projection)
        if change is None or (changes and len(change) != len(changes[0])):
            return None
        changes.append(change)
    direction = np.mean(changes, axis=0)
    length = np.linalg.norm(direction)
    return np.array(changes) @ direction / length if length > 0.0 else None


def _change(projection: ProjectionResult) -> np.ndarray | None:
    """By connection; none where nothing can change."""
    first, last = projection.initial, projection.final
    if projection.synapse == "StaticSynapse" or first is None or last is None or not 0 < len(first) == len(last):
        return None
    return last.values["weight"] - first.values["weight"] if "weight" in last.values else None


def _of_simulation(simulation: Simulation) -> Iterator[tuple[str, str, float]]:
    for population in simulation.populations:
        for number, segment in enumerate(population.segments):
            prefix = f"segment {number}, " if number else ""
            for name, value in _of_spikes(segment, population.size, simulation.duration):
                yield population.label, prefix + name, value
            for signal_name, signal in segment.signals.items():
                for name, value in _of_samples(signal.values):
                    yield population.label, f"{prefix}{signal_name}: {name}", value
    for projection in simulation.projections:
        if projection.final is not None and len(projection.final) and "weight" in projection.final.values:
            weights = projection.final.values["weight"]
            yield projection.label, "final weight: mean", float(weights.mean())
            yield projection.label, "final weight: spread over connections", _spread(weights)
        change = _change(projection)
        if change is not None:
            yield projection.label, "change of weight: root of mean square", float(np.sqrt(np.mean(change**2)))
        for name, events in projection.events.items():
            for statistic, value in _of_events(events, simulation.duration):
                yield projection.label, f"{name}: {statistic}", value


def _of_events(events: WeightEvents, duration: float) -> Iterator[tuple[str, float]]:
    """Of recorded weights, which are ordered by connection and then by time.

    Steps from one spike to the next are proportional to the learning rate; where weights go to depends on it little.
    """
    part = np.minimum((events.times / max(duration, 1e-300) * PARTS).astype(int), PARTS - 1)
    same = (np.diff(events.pre) == 0) & (np.diff(events.post) == 0) & (np.diff(events.times) > 0)
    steps = np.diff(events.values)[same]
    if steps.size:
        yield STEPS, float(np.sqrt(np.mean(steps**2)))
        yield "size of steps: mean", float(np.abs(steps).mean())
    for k in range(PARTS):
        chosen = events.values[part == k]
        if chosen.size:
            yield f"mean in part {k + 1}", float(chosen.mean())
            yield f"spread in part {k + 1}", _spread(chosen)


def _of_spikes(segment: Segment, size: int, duration: float) -> Iterator[tuple[str, float]]:
    if not duration:
        return
    counts = np.bincount(segment.spike_cells, minlength=size)
    yield RATE, float(counts.mean() / duration * 1e3)
    if size > 1:
        yield "spread of rates (Hz)", _spread(counts) / duration * 1e3
    order = np.lexsort((segment.spike_times, segment.spike_cells))
    cells, times = segment.spike_cells[order], segment.spike_times[order]
    intervals = np.diff(times)[np.diff(cells) == 0]
    if len(intervals) > 2 and intervals.mean() > 0:
        yield "CV of intervals", _spread(intervals) / float(intervals.mean())


def _of_samples(values: np.ndarray) -> Iterator[tuple[str, float]]:
    for k, part in enumerate(np.array_split(values, PARTS)):
        if part.size:
            yield f"mean in part {k + 1}", float(part.mean())
            yield f"spread in part {k + 1}", _spread(part)


def _spread(values: np.ndarray) -> float:
    """Standard deviation; none where rounding alone makes values differ."""
    deviation = float(values.std())
    return deviation if deviation > ROUNDING * float(np.abs(values).max()) else 0.0
