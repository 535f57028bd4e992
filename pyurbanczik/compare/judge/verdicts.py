"""What is said of each thing that was compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

EQUAL, DOCUMENTED, DIFFERS = "equal", "differs as documented", "differs"
VERDICTS = (EQUAL, DOCUMENTED, DIFFERS)  # from best to worst


@dataclass
class Comparison:
    """One thing of one simulator against this one.

    Attributes
    ----------
    simulator : str
    simulation : int
        Number of the ``setup`` of the script, from 0.
    what : str
        "network", "connections", "initial weights", "spikes", "signal", "recorded weights", "final weights" or "law".
    of : str
        Label of the population or projection.
    variable : str
    verdict : str
        One of `VERDICTS`.
    difference, allowed : float, optional
        The largest difference, and how large it may be, in `unit`; of a law, in standard errors.
    at : float, optional
        Time of the largest difference or of the first spike that differs, ms.
    entry : str
        The entry of docs/simulator_differences.md.
    detail : str
        The reason, in words.
    consequence : bool
        Whether it has its verdict from the first spike that differs in the simulation.
    numbers : dict
        More figures, by name.
    """

    simulator: str
    simulation: int
    what: str
    of: str
    variable: str
    verdict: str
    difference: float | None = None
    allowed: float | None = None
    unit: str = ""
    at: float | None = None
    entry: str = ""
    detail: str = ""
    consequence: bool = False
    numbers: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """What is written to the report."""
        return asdict(self)

    @property
    def key(self) -> tuple:
        """What was compared, whatever the simulator."""
        return self.simulation, self.what, self.of, self.variable


def worst(verdicts: Iterable[str]) -> str:
    """The worst of several verdicts."""
    return max(verdicts, key=VERDICTS.index, default=EQUAL)
