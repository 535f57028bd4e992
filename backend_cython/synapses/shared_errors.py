"""What all synapses of a projection learn from, those of other threads and processes included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from backend_cython.model.synapse_group import Common

from .dendritic_error import DendriticError

if TYPE_CHECKING:
    from ..model.projection import Projection


class SharedErrors(Common):
    """The sums of the error that the synapses of a projection learn from, by τ_Δ.

    How often synapses are brought up to date, and what is kept for them, depends on all that learn from a population
    (see `dendritic_error.pyx`). So that rounding does not depend on the number of processes, each of them has the sums
    that the synapses of any need.
    """

    def __init__(self, projection: Projection) -> None:
        super().__init__(projection)
        self.population = projection.post
        self.receptor = self.population.RECEPTORS[projection.receptor]
        self.errors, self.elsewhere = {}, frozenset()

    def concerns(self, values: Mapping[str, Any]) -> bool:
        return "tau_Delta" in values

    def needs(self, values: Mapping[str, Any]) -> frozenset:
        tau = values.get("tau_Delta", np.empty(0))
        return frozenset(np.unique(tau).tolist() if tau.ndim else [float(tau)])

    def prepare(self, needs: frozenset, longest_delay: int, of_all: Any) -> None:
        for tau in sorted(needs - self.errors.keys()):
            self.errors[tau] = error = DendriticError.of(self.population, self.receptor, tau)
            error.join(self, longest_delay)
        if of_all and needs:
            self.elsewhere = needs

    def reserve(self, longest_delay: int) -> Any:
        return DendriticError.memory(self.population, longest_delay)

    def expect_delay(self, longest_delay: int) -> None:
        for _, error in sorted(self.errors.items()):
            error.hold(longest_delay)

    def finish(self) -> None:
        used = self.elsewhere.union(*(group.time_constants for group in self.groups))
        for tau in self.errors.keys() - used:
            self.errors.pop(tau).leave(self)
        DendriticError.share_horizon(self.population)

    # ---- as a user of sums

    def close(self) -> None:
        """Called when the network is not used any more."""
        self.groups = []

    def settle(self) -> None:
        """Called before the sums start anew."""
        for group in self.groups:
            group.settle()

    def resume(self) -> None:
        """Called after that."""
        for group in self.groups:
            group.resume()

    def take_horizon(self, steps: int) -> None:
        """A row with a PSP is brought up to date when it has not been for that long."""
        for group in self.groups:
            group.take_horizon(steps)
