"""What is said of each thing that was compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

EQUAL, DOCUMENTED, DIFFERS = "equal", "differs as documented", "differs"
VERDICTS = (EQUAL, DOCUMENTED, DIFFERS)  # from best to worst
ROUNDING = 1e-9  # of the largest value: as much may be due to rounding


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
    cause : Comparison, optional
        That from which it has its verdict, as a consequence.
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
    cause: Comparison | None = field(default=None, repr=False)
    numbers: dict[str, float] = field(default_factory=dict)

    def follow(self, cause: Comparison, detail: str) -> None:
        """Have the verdict of another comparison, of which this one is a consequence."""
        self.cause, self.verdict, self.entry, self.detail = cause, cause.verdict, cause.entry, detail

    def as_dict(self) -> dict[str, Any]:
        """What is written to the report."""
        made = asdict(replace(self, cause=None))
        del made["cause"]
        return {**made, "consequence": self.cause is not None}

    @property
    def key(self) -> tuple:
        """What was compared, whatever the simulator."""
        return self.simulation, self.what, self.of, self.variable


@dataclass(frozen=True)
class Subject:
    """Of what comparisons are made: a simulator, and one ``setup`` of the script; times in ms."""

    simulator: str
    simulation: int
    timestep: float = 0.1
    duration: float = 0.0

    def comparison(self, what: str, of: str, variable: str, verdict: str, **others: Any) -> Comparison:
        """One thing."""
        return Comparison(self.simulator, self.simulation, what, of, variable, verdict, **others)


def worst(verdicts: Iterable[str]) -> str:
    """The worst of several verdicts."""
    return max(verdicts, key=VERDICTS.index, default=EQUAL)
