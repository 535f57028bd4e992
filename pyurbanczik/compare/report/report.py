"""The result of a comparison."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...parameters import optional
from ..capture.results import RunResult
from ..documented import PAGE, RANDOM_STREAMS
from ..faults import FAULTS
from ..judge.verdicts import DIFFERS, VERDICTS, Comparison, worst

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure


class Report:
    """What one script did in several simulators.

    Attributes
    ----------
    comparisons : list of Comparison
        Of each simulator with this one, thing by thing.
    runs : dict
        The first run in each simulator (`RunResult`), this one included.
    """

    def __init__(self, script: str, arguments: list[str], seeds: int, confidence: float) -> None:
        self.script, self.arguments, self.seeds, self.confidence = script, arguments, seeds, confidence
        self.comparisons: list[Comparison] = []
        self.runs: dict[str, RunResult] = {}

    def add(self, run: RunResult, comparisons: Iterable[Comparison] = ()) -> None:
        """Add a run, and how it compares."""
        name = run.simulator
        while name in self.runs:
            name += " again"
        self.runs[name] = run
        self.comparisons.extend(comparisons)

    @property
    def verdict(self) -> str:
        """The worst of all verdicts."""
        return worst(found.verdict for found in self.comparisons)

    @property
    def status(self) -> int:
        """Exit status of the command: 1 if anything differs that is not documented."""
        return int(self.verdict == DIFFERS)

    def counts(self) -> dict[str, int]:
        """How many comparisons had each verdict."""
        counts = Counter(found.verdict for found in self.comparisons)
        return {verdict: counts[verdict] for verdict in VERDICTS}

    def to_dict(self) -> dict[str, Any]:
        """All of it, as it is written to report.json."""
        return {
            "script": self.script,
            "arguments": self.arguments,
            "seeds": self.seeds,
            "confidence": self.confidence if self.seeds > 1 else None,
            "verdict": self.verdict,
            "counts": self.counts(),
            "documentation": PAGE,
            "simulators": {
                name: {
                    "version": run.version,
                    "seconds": run.seconds,
                    "simulations": [simulation.seconds for simulation in run.simulations],
                    "mended": {fault: FAULTS[fault] for fault in run.mended},
                    "problems": run.problems,
                }
                for name, run in self.runs.items()
            },
            "comparisons": [found.as_dict() for found in self.comparisons],
        }

    def to_dataframe(self) -> pandas.DataFrame:
        """One row for each comparison. Needs pandas."""
        return optional("pandas", "to_dataframe()", "compare").DataFrame(
            [found.as_dict() for found in self.comparisons]
        )

    def plot(self) -> list[Figure]:
        """Figures of what was recorded in all simulators. Needs Matplotlib."""
        optional("matplotlib", "plot()", "compare")
        from .figures import figures

        return [figure for _, figure in figures(self)]

    def write(self, folder: Path) -> None:
        """Write report.json and index.html into a folder, which is made if need be."""
        from .page import page

        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(_finite(self.to_dict()), indent=1, ensure_ascii=False)
        (folder / "report.json").write_text(text + "\n", encoding="utf-8")
        (folder / "index.html").write_text(page(self), encoding="utf-8")

    def __repr__(self):
        return f"<Report of {Path(self.script).name}: {self.verdict}>"

    def _repr_html_(self) -> str:
        """What notebooks show: the summary, and figures if Matplotlib is there."""
        from .page import drawn

        return f"<pre>{escape(str(self))}</pre>\n{chr(10).join(drawn(self))}"

    def __str__(self):
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """A summary for the terminal: what differs first."""
        lines = []
        for name, run in self.runs.items():
            build = sum(simulation.seconds.get("build", 0.0) for simulation in run.simulations)
            running = sum(simulation.seconds.get("run", 0.0) for simulation in run.simulations)
            lines.append(f"{name} {run.version}: built in {build:.3f} s, run in {running:.3f} s")
            lines += [f"  mended: {fault}" for fault in run.mended]
            lines += [f"  not read: {problem}" for problem in run.problems]
        order = sorted(self.comparisons, key=lambda found: -VERDICTS.index(found.verdict))
        shown = [found for found in order if found.verdict != VERDICTS[0]]
        lines += [sentence(found) for found in shown[:LONGEST]]
        if len(shown) > LONGEST:
            lines.append(f"... and {len(shown) - LONGEST} more")
        lines.append(", ".join(f"{count} {verdict}" for verdict, count in self.counts().items()))
        if self.seeds > 1:
            lines.append(f"laws of {self.seeds} seeds, at a confidence of {self.confidence:g}")
        elif any(found.entry == "random-streams" for found in self.comparisons):
            lines.append("stochastic: --seeds 24 compares laws")
        lines.append(f"verdict: {self.verdict}")
        return lines


LONGEST = 40  # lines of differences in a summary


def sentence(found: Comparison) -> str:
    """One comparison in a line."""
    where = ": ".join(filter(None, [found.simulator, found.of, f"{found.what} ({found.variable})"]))
    parts = [f"{found.verdict}: {where}"]
    whole = found.cause is not None or found.entry == RANDOM_STREAMS.name
    difference = found.numbers.get("largest", found.difference) if whole else found.difference
    if difference is not None:
        parts.append(f"by {difference:.3g} {found.unit}".rstrip())
    if found.at is not None:
        parts.append(f"at {found.at:g} ms")
    if found.entry:
        parts.append(f"[{found.entry}]")
    return " ".join(parts) + (f"; {found.detail}" if found.detail else "")


def _finite(value):
    """The same for JSON, which knows no infinity."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
