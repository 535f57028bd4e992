"""Laws of stochastic scripts: statistics over seeds in two simulators, at a stated confidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..capture.results import RunResult, Simulation, WeightEvents
from ..documented import RANDOM_STREAMS
from .confidence import largest_z, z_of_difference
from .verdicts import DIFFERS, DOCUMENTED, EQUAL, Comparison

PARTS = 10  # of the time of a run, each with statistics of its own
ROUNDING = 1e-9
CONFIDENCE = 0.999

Key = tuple[int, str, str]


def statistics(run: RunResult) -> dict[Key, float]:
    """Statistics of one run: {(simulation, label, statistic): value}."""
    return {
        (number, label, name): value
        for number, simulation in enumerate(run.simulations)
        for label, name, value in _of_simulation(simulation)
    }


def _of_simulation(simulation: Simulation) -> Iterator[tuple[str, str, float]]:
    for population in simulation.populations:
        for number, segment in enumerate(population.segments):
            suffix = f", segment {number}" if number else ""
            for name, value in _of_spikes(segment, population.size, simulation.duration):
                yield population.label, name + suffix, value
            for signal_name, signal in segment.signals.items():
                for name, value in _of_samples(signal.values):
                    yield population.label, f"{signal_name}: {name}{suffix}", value
    for projection in simulation.projections:
        if projection.final is not None and len(projection.final) and "weight" in projection.final.values:
            weights = projection.final.values["weight"]
            yield projection.label, "final weight: mean", float(weights.mean())
            yield projection.label, "final weight: spread over connections", float(weights.std())
            if projection.initial is not None and len(projection.initial) == len(weights):
                change = weights - projection.initial.values["weight"]
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
    steps = np.abs(np.diff(events.values)[same])
    if steps.size:
        yield "mean size of steps", float(steps.mean())
    for k in range(PARTS):
        chosen = events.values[part == k]
        if chosen.size:
            yield f"mean in part {k + 1}", float(chosen.mean())
            yield f"spread in part {k + 1}", float(chosen.std())


def _of_spikes(segment, size: int, duration: float) -> Iterator[tuple[str, float]]:
    if not duration:
        return
    counts = np.bincount(segment.spike_cells, minlength=size)
    yield "rate (Hz)", float(counts.mean() / duration * 1e3)
    if size > 1:
        yield "spread of rates (Hz)", float(counts.std() / duration * 1e3)
    order = np.lexsort((segment.spike_times, segment.spike_cells))
    cells, times = segment.spike_cells[order], segment.spike_times[order]
    intervals = np.diff(times)[np.diff(cells) == 0]
    if len(intervals) > 2 and intervals.mean() > 0:
        yield "CV of intervals", float(intervals.std() / intervals.mean())


def _of_samples(values: np.ndarray) -> Iterator[tuple[str, float]]:
    for k, part in enumerate(np.array_split(values, PARTS)):
        if part.size:
            yield f"mean in part {k + 1}", float(part.mean())
            yield f"spread in part {k + 1}", float(part.std())


def compare_laws(
    simulator: str, ours: Sequence[RunResult], theirs: Sequence[RunResult], confidence: float = CONFIDENCE
) -> list[Comparison]:
    """One comparison for each statistic, by Welch's test; the probability that any of them is falsely found to differ
    is at most 1 - `confidence`.
    """
    tables = [[statistics(run) for run in runs] for runs in (ours, theirs)]
    keys = [key for key in tables[0][0] if all(key in table for runs in tables for table in runs)]
    n = min(map(len, tables))
    bound = float(largest_z(max(len(keys), 1), 2 * n - 2, 1.0 - confidence))
    found = []
    for key in keys:
        a, b = (np.array([table[key] for table in runs]) for runs in tables)
        scale = max(np.max(np.abs(a)), np.max(np.abs(b)), 1e-300)
        difference = abs(a.mean() - b.mean())
        if max(np.ptp(a), np.ptp(b)) <= ROUNDING * scale:
            z = 0.0 if difference <= ROUNDING * scale else np.inf
        else:
            z = abs(float(z_of_difference(a, b)))
        found.append(
            Comparison(
                simulator,
                key[0],
                "law",
                key[1],
                key[2],
                EQUAL if z <= bound else DIFFERS,
                difference=float(z),
                allowed=bound,
                unit="standard errors",
                detail=f"{a.mean():.6g} here, {b.mean():.6g} there, {n} seeds",
                numbers={"here": float(a.mean()), "there": float(b.mean()), "spread here": float(a.std(ddof=1))},
            )
        )
    return found


def by_other_random_numbers(found: list[Comparison], of_seeds: list[Comparison]) -> None:
    """Explain by other random numbers what also differs here between two seeds."""
    from_seed_to_seed = {comparison.key for comparison in of_seeds if comparison.verdict != EQUAL}
    random = {number for number, what, *_ in from_seed_to_seed if what == "spikes"}
    for comparison in found:
        consequence = comparison.consequence and comparison.simulation in random
        if comparison.verdict == DIFFERS and (comparison.key in from_seed_to_seed or consequence):
            comparison.verdict, comparison.entry = DOCUMENTED, RANDOM_STREAMS.name
            comparison.detail = RANDOM_STREAMS.text
