"""Which population of one simulator is which of another: not all simulators have all cell types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from ..capture.results import PopulationResult, ProjectionResult

Member = TypeVar("Member", PopulationResult, ProjectionResult)


def align(ours: Sequence[Member], theirs: Sequence[Member]) -> tuple[list[tuple[Member, Member]], list[str], list[str]]:
    """Pairs, and the labels of those that are here alone and there alone.

    They belong together in the order in which a script makes them; where their numbers differ, by their labels.
    """
    if len(ours) == len(theirs):
        return list(zip(ours, theirs)), [], []
    waiting: dict[str, list[Member]] = {}
    for other in theirs:
        waiting.setdefault(other.label, []).append(other)
    pairs, alone = [], []
    for mine in ours:
        if waiting.get(mine.label):
            pairs.append((mine, waiting[mine.label].pop(0)))
        else:
            alone.append(mine.label)
    return pairs, alone, [other.label for others in waiting.values() for other in others]
