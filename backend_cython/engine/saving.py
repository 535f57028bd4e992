"""The state of a network: of all its objects, as arrays that depend neither on threads nor on processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..model.saving import restoring_population, restoring_projection, save_population, save_projection
from ..model.snapshot import Snapshot


class Piece(NamedTuple):
    """The state of an object, or the part of it that one process has.

    Attributes
    ----------
    snapshot : Snapshot
    address : tuple of arrays
        What its rows are known by in all processes: numbers of cells, or of the cells that connections connect.
    everywhere : bool
        Whether every process has all of it.
    """

    snapshot: Snapshot
    address: tuple = ()
    everywhere: bool = True

    def described(self) -> int:
        """The number of its rows."""
        return len(self.address[0]) if self.address else 0


def join(pieces: Sequence[Piece]) -> Piece:
    """The whole of those of all processes, rows in the order of their addresses."""
    if pieces[0].everywhere:
        pieces = pieces[:1]
    address = [np.concatenate(column) for column in zip(*(piece.address for piece in pieces), strict=True)]
    n = len(address[0]) if address else 0
    order = np.lexsort(address[::-1]) if address else np.arange(n)
    numbers = np.empty(n, dtype=np.int64)
    numbers[order] = np.arange(n)
    own = np.split(numbers, np.cumsum([piece.described() for piece in pieces])[:-1])
    return Piece(Snapshot.join([piece.snapshot for piece in pieces], own), tuple(column[order] for column in address))


def save(network: Any) -> tuple[list[Piece], list[Piece]]:
    """The populations and the projections of a network, as far as this process has them."""
    populations = [
        Piece(save_population(population), (np.arange(population.size)[population.local],), population.replicated)
        for population in network.populations.members
    ]
    by_id = {id(population): i for i, population in enumerate(network.populations.members)}
    for i, electrode in enumerate(network.electrodes.members):
        for j, (population, memory) in enumerate(electrode.memory()):
            rows = populations[by_id[id(population)]].snapshot.rows
            rows.update({f"electrode/{i}/{j}/{name}": v[population.local] for name, v in memory.items()})
    projections = [
        Piece(save_projection(projection), (projection.pre_index, projection.post_index), not projection.kind.DELIVERS)
        for projection in network.projections.members
    ]
    return populations, projections


def restoring(
    network: Any, populations: Sequence[Snapshot], projections: Sequence[Snapshot], clock: tuple[int, bool, int]
) -> Callable[[], None]:
    """Check snapshots of all cells, and of those connections that this process has.

    Parameters
    ----------
    clock : (step, whether it was started, number of the trial)

    Returns
    -------
    function
        It takes them over.

    Raises
    ------
    ValueError, KeyError
        For what no such network can have; nothing has changed then.
    """
    pairs = zip(network.populations.members, populations, strict=True)
    cells = [restoring_population(population, own) for population, own in pairs]
    pairs = zip(network.projections.members, projections, strict=True)
    others = [restoring_projection(projection, own) for projection, own in pairs]

    def restore():
        step, started, trial = clock
        network.reset(trial)
        for parameters, _ in (*cells, *others):
            parameters()
        network.go_on_from(step, started)
        for _, states in (*cells, *others):
            states()
        by_id = {id(population): own for population, own in zip(network.populations.members, populations)}
        for i, electrode in enumerate(network.electrodes.members):
            memories = []
            for j, (population, _) in enumerate(electrode.memory()):
                rows = by_id[id(population)].prefixed(f"electrode/{i}/{j}")
                memories.append({name: values[population.local] for name, values in rows.items()})
            electrode.recall(memories)

    return restore
