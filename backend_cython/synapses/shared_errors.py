"""What all synapses of a projection learn from, those of other threads and processes included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from backend_cython.model.synapse_group import Common

from .dendritic_error import DendriticError
from .learning import KEYS, Learning, distinct

if TYPE_CHECKING:
    from ..model.projection import Projection


def numbers(learning: Learning) -> tuple:
    """What learnings are sorted by."""
    return learning.numbers


class SharedErrors(Common):
    """The sums of the error that the synapses of a projection learn from, by what they learn (`Learning`).

    How often synapses are brought up to date, and what is kept for them, depends on all that learn from a population
    (see `error_sums.pyx`). So that rounding does not depend on the number of processes, each of them has the sums
    that the synapses of any need.
    """

    def __init__(self, projection: Projection) -> None:
        super().__init__(projection)
        self.population, self.n_connections = projection.post, projection.size
        self.receptor = self.population.RECEPTORS[projection.receptor]
        self.choice = projection.kind.CHOICE
        self.errors, self.remote = {}, frozenset()
        self.longest_delay = 0

    def concerns(self, values: Mapping[str, Any]) -> bool:
        return any(name in values for name in KEYS)

    def needs(self, values: Mapping[str, Any]) -> frozenset:
        given = {name: values[name] for name in KEYS if name in values}
        if not given or self.n_connections == 0:
            return frozenset()
        rows = [{name: row[name] for name in given} for row in distinct(given)[0]]
        if "tau_Delta" in given and not self.errors:
            return frozenset(self.choice.learning(**row)._replace(modulator=None) for row in rows)
        present = {tuple((name, getattr(learning, name)) for name in KEYS) for learning in self.errors}
        return frozenset(
            self.choice.learning(**{**dict(old), **row})._replace(modulator=None) for old in present for row in rows
        )

    def prepare(self, needs: frozenset, longest_delay: int, of_all: Any) -> None:
        self.longest_delay = max(longest_delay, self.longest_delay)
        alone = self.population.network.processes is None
        wanted = {need._replace(modulator=self.choice.modulator) for need in needs if not (need.general and alone)}
        for learning in sorted(wanted - self.errors.keys(), key=numbers):
            self.error_of(learning)
        if of_all and needs:
            self.remote = frozenset(wanted)

    def error_of(self, learning: Learning) -> DendriticError:
        """The sums for this, which are made if there are none."""
        if learning not in self.errors:
            self.errors[learning] = error = DendriticError.of(
                self.population, self.receptor, learning=learning, look_back=self.longest_delay
            )
            error.join(self, 0 if learning.general else self.longest_delay)
        return self.errors[learning]

    def reserve(self, longest_delay: int) -> Any:
        return DendriticError.memory(self.population, longest_delay)

    def expect_delay(self, longest_delay: int) -> None:
        self.longest_delay = max(longest_delay, self.longest_delay)
        for learning in sorted(self.errors, key=numbers):
            self.errors[learning].hold(longest_delay)

    def finish(self) -> None:
        used = self.remote.union(*(group.learning for group in self.groups))
        for learning in self.errors.keys() - used:
            self.errors.pop(learning).leave(self)
        DendriticError.share_horizon(self.population)

    def save(self) -> Any:
        return [self.longest_delay, [list(learning.numbers) for learning in sorted(self.remote, key=numbers)]]

    def restore(self, saved: Any) -> None:
        self.longest_delay, remote = saved
        self.remote = frozenset(Learning._make((*one, self.choice.modulator)) for one in remote)
        for learning in sorted(self.remote, key=numbers):
            self.error_of(learning)
        self.finish()

    # ---- as a user of sums

    def close(self) -> None:
        """Called when the network is not used any more."""
        self.groups = []

    def settle(self) -> None:
        """Called before the sums start anew."""
        for group in self.groups:
            group.settle()

    def rescale(self, error: DendriticError, ratio: np.ndarray) -> None:
        """Called in between if the capacitances of cells became those times `ratio`."""
        for group in self.groups:
            group.rescale(error, ratio)

    def resume(self) -> None:
        """Called after that."""
        for group in self.groups:
            group.resume()

    def take_horizon(self, steps: int) -> None:
        """A row with a PSP is brought up to date when it has not been for that long."""
        for group in self.groups:
            group.take_horizon(steps)
