"""What a difference brings about: a cell that fires at another time changes everything that it reaches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..capture.results import PopulationResult, ProjectionResult, Simulation
from ..documented import FIRST_DIVERGENCE, RANDOM_STREAMS
from .verdicts import DOCUMENTED, EQUAL, VERDICTS, Comparison

BOTH_WAYS = ("ElectricalSynapse",)
FROM_THE_START = -np.inf


@dataclass(frozen=True)
class Cause:
    """The first difference that reaches a population or projection: its time, ms, and what it is."""

    time: float = np.inf
    comparison: Comparison | None = None

    def explain(self, found: Comparison) -> Comparison:
        """The same comparison; if it differs later than this, it is a consequence and has the verdict of its cause."""
        first = self.comparison
        if first is None or found is first or found.verdict == EQUAL:
            return found
        # at the same time, one spike is not due to another
        earlier = found.at is not None and (found.at < self.time or (found.what == "spikes" and found.at == self.time))
        if not earlier:
            before = f"until {self.time:g} ms; " if found.what == "signal" and found.difference is not None else ""
            found.follow(first, before + self.text)
        return found

    @property
    def text(self) -> str:
        """In words."""
        first = self.comparison
        if first is None:
            return ""
        if first.what == "spikes":
            return f"{FIRST_DIVERGENCE}: that of {first.of} at {self.time:g} ms"
        return f"follows from {first.what} of {first.of}"


class Divergences:
    """The first difference of each population and projection, and of all from which spikes reach it."""

    def __init__(self, simulation: Simulation) -> None:
        self.populations, self.projections = simulation.populations, simulation.projections
        self.own: dict[int, list[Cause]] = {}
        self._sources: dict[int, set[int]] | None = None
        for number, population in enumerate(self.populations):
            if population.native:
                drawn = Comparison("", 0, "initial values", population.label, "", DOCUMENTED, entry=RANDOM_STREAMS.name)
                self.own.setdefault(number, []).append(Cause(FROM_THE_START, drawn))

    def by_connections(self, projection: ProjectionResult, found: Iterable[Comparison]) -> None:
        """Other connections, and other weights, are other input from the start."""
        causes = [Cause(FROM_THE_START, one) for one in found if one.verdict != EQUAL]
        for number in projection.post:
            self.own.setdefault(number, []).extend(causes)

    def by_spikes(self, population: PopulationResult, found: Iterable[Comparison]) -> None:
        """From the first spike that differs everything may differ."""
        causes = [Cause(one.at, one) for one in found if one.verdict != EQUAL and one.at is not None]
        self.own.setdefault(self._number(population), []).extend(causes)

    def of_population(self, population: PopulationResult) -> Cause:
        """What reaches a population first."""
        return self._first({self._number(population)})

    def of_projection(self, projection: ProjectionResult) -> Cause:
        """What reaches the cells of a projection first."""
        return self._first({*projection.pre, *projection.post})

    def _number(self, population):
        return next(number for number, own in enumerate(self.populations) if own is population)

    def _first(self, numbers):
        if self._sources is None:
            self._sources = self._reach()
        causes = [cause for n in numbers for source in self._sources[n] for cause in self.own.get(source, ())]
        return min(causes, key=lambda c: (c.time, -VERDICTS.index(c.comparison.verdict)), default=Cause())

    def _reach(self):
        """From which populations spikes come to each, over any number of synapses, itself included."""
        sources = {number: {number} for number in range(len(self.populations))}
        edges = [(p.pre, p.post) for p in self.projections]
        edges += [(p.post, p.pre) for p in self.projections if p.synapse in BOTH_WAYS]
        grown = True
        while grown:
            before = sum(map(len, sources.values()))
            for pre, post in edges:
                for target in post:
                    sources[target].update(*(sources[source] for source in pre))
            grown = sum(map(len, sources.values())) > before
        return sources
