"""What a synapse learns from, as far as it is not its own: by this, synapses share sums of the error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

# those that may differ between the connections of a projection
KEYS = ("tau_Delta", "decay", "tau_kernel", "v_target")


class Learning(NamedTuple):
    """Error, trace, filter and modulator of a synapse.

    `kernel` is "psp", "exponential", or "nest" for a PSP with NEST's unit of the learning rate. `general` are sums for
    a modulator, a decay, no filter (`tau_Delta` 0) or weights with bounds of their own; those have all of the `delay`
    (steps behind the synapse) in them. Times in ms, `decay` in 1/ms, `v_target` in mV.
    """

    error: str = "spikes"
    kernel: str = "nest"
    tau_Delta: float = 100.0
    decay: float = 0.0
    tau_kernel: float = 0.0
    v_target: float = 0.0
    general: bool = False
    delay: int = 0
    modulator: object = None

    @property
    def numbers(self) -> tuple:
        """What it is sorted by."""
        return self[:-1]


class Choice(NamedTuple):
    """What all connections of a projection have in common."""

    error: str = "spikes"
    kernel: str = "nest"
    bounds: str = "read"
    modulator: object = None

    def learning(self, **numbers: Any) -> Learning:
        """With `numbers` of `KEYS`, and without the delay."""
        general = (
            self.modulator is not None
            or self.bounds == "state"
            or (numbers.get("decay", 0.0) > 0.0 or numbers["tau_Delta"] == 0.0)
        )
        return Learning(self.error, self.kernel, **numbers, general=general, modulator=self.modulator)


def distinct(columns: Mapping[str, Any]) -> tuple[list[dict], np.ndarray | None]:
    """The different rows of columns, and which of them each connection has (None: there is one row).

    `columns` is {name: number or array}.
    """
    names = list(columns)
    if all(np.ndim(values) == 0 for values in columns.values()):
        return [{name: float(values) for name, values in columns.items()}], None
    table = np.stack(np.broadcast_arrays(*columns.values()), axis=1)
    if len(table) == 0:
        return [], None
    if len(names) == 1:
        rows, group = np.unique(table[:, 0], return_inverse=True)
        rows = rows[:, np.newaxis]
    else:
        rows, group = np.unique(table, axis=0, return_inverse=True)
    return [dict(zip(names, row)) for row in rows.tolist()], group.ravel()
