"""index.html: everything in one file, which needs no network."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from ..documented import PAGE
from ..faults import FAULTS
from ..judge.verdicts import DIFFERS, DOCUMENTED, EQUAL, VERDICTS, Comparison

if TYPE_CHECKING:
    from .report import Report

CLASSES = {EQUAL: "equal", DOCUMENTED: "documented", DIFFERS: "differs"}
STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em; }
body { color: #1b1b1b; background: #fff; }
h1 { font-size: 1.5em; overflow-wrap: anywhere; } h2, summary { font-size: 1.15em; font-weight: bold; margin-top: 2em; }
summary { cursor: pointer; margin-bottom: 0.8em; } code { overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: 0.9em; }
th, td { text-align: left; vertical-align: top; padding: 0.25em 0.6em; border-bottom: 1px solid #ddd; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.verdict { padding: 0.1em 0.5em; border-radius: 0.3em; white-space: nowrap; }
.equal { background: #d9efe3; } .documented { background: #fdf0cc; } .differs { background: #f8d3c6; font-weight: 600; }
figure { margin: 1.5em 0; } img { max-width: 100%; }
@media (max-width: 60em) {
  thead { display: none; } tr { display: block; border-bottom: 1px solid #bbb; padding: 0.5em 0; }
  td { display: flex; gap: 0.6em; border: 0; padding: 0.1em 0; text-align: left; overflow-wrap: anywhere; }
  td.number { white-space: normal; text-align: left; } td:empty { display: none; }
  td::before { content: attr(data-label); flex: 0 0 6.5em; color: #666; }
}
"""


def page(report: Report) -> str:
    """The page as text."""
    name = Path(report.script).name
    parts = [
        f"<h1>{escape(name)} in {escape(', '.join(report.runs))}</h1>",
        f"<p>{_badge(report.verdict)} &nbsp; {_counts(report)}</p>",
        _how(report),
        "<h2>Simulators</h2>",
        _speed(report),
        _mended(report),
    ]
    for title, chosen in (
        ("What differs", DIFFERS),
        ("What differs as documented", DOCUMENTED),
        ("What is equal", EQUAL),
    ):
        rows = [found for found in report.comparisons if found.verdict == chosen]
        if rows:
            shown = "" if chosen == EQUAL else " open"
            parts.append(f"<details{shown}><summary>{title} ({len(rows)})</summary>{_table(rows)}</details>")
    parts += ["<h2>Figures</h2>", *drawn(report)]
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(name)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>\n'
        f"<body>\n{chr(10).join(filter(None, parts))}\n</body></html>\n"
    )


def _badge(verdict):
    return f'<span class="verdict {CLASSES[verdict]}">{verdict}</span>'


def _counts(report):
    return ", ".join(f"{report.counts()[verdict]} {verdict}" for verdict in VERDICTS)


def _how(report):
    text = f"Script: <code>{escape(' '.join([report.script, *report.arguments]))}</code>."
    if report.seeds > 1:
        text += (
            f" Laws of {report.seeds} seeds are compared by Welch's test; if all of them are equal, the "
            f"probability that none is found to differ is at least {report.confidence:g}."
        )
    return f"<p>{text}</p>"


def _rows(columns, rows):
    """A table; `columns` are a title and a class each. On narrow screens each cell shows its title."""
    head = "".join(f'<th class="{kind}">{title}</th>' for title, kind in columns)
    body = ""
    for row in rows:
        cells = (f'<td class="{k}" data-label="{title}">{cell}</td>' for (title, k), cell in zip(columns, row))
        body += f"<tr>{''.join(cells)}</tr>"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _number(value, digits=4):
    return "" if value is None else f"{value:.{digits}g}"


def _speed(report):
    columns = [("simulator", ""), ("version", "")]
    columns += [(f"{what} (s)", "number") for what in ("import", "build", "run")]
    rows = []
    for name, run in report.runs.items():
        spent = [sum(simulation.seconds.get(what, 0.0) for simulation in run.simulations) for what in ("build", "run")]
        numbers = map(_number, (run.seconds.get("import"), *spent))
        rows.append([escape(name), escape(run.version), *numbers])
    return _rows(columns, rows)


def _mended(report):
    items = [
        f"<li>{escape(name)}, <b>{escape(fault)}</b>: {escape(FAULTS[fault])}</li>"
        for name, run in report.runs.items()
        for fault in run.mended
    ]
    items += [f"<li>{escape(n)}, not read: {escape(p)}</li>" for n, run in report.runs.items() for p in run.problems]
    return f"<h2>Mended for this script</h2><ul>{''.join(items)}</ul>" if items else ""


def _table(rows: list[Comparison]) -> str:
    columns = [(title, "") for title in ("simulator", "what", "of", "variable", "verdict")]
    columns += [("difference", "number"), ("allowed", "number"), ("unit", ""), ("at (ms)", "number"), ("reason", "")]
    return _rows(columns, map(_comparison, rows))


def _comparison(found: Comparison) -> list[str]:
    reason = escape(found.detail)
    if found.entry:
        reason = f"<b>{escape(found.entry)}</b> ({PAGE}). {reason}"
    if found.numbers:
        reason += ("<br>" if reason else "") + ", ".join(
            f"{escape(name)} {value:.6g}" for name, value in found.numbers.items()
        )
    return [
        *map(escape, (found.simulator, found.what, found.of, found.variable)),
        _badge(found.verdict),
        _number(found.difference),
        _number(found.allowed),
        escape(found.unit),
        _number(found.at, 6),
        f"<span>{reason}</span>",
    ]


def drawn(report: Report) -> Iterator[str]:
    """Figures as elements that hold their own data."""
    try:
        from .figures import figures
    except ImportError:
        yield "<p>No figures: Matplotlib is not installed.</p>"
        return
    for title, figure in figures(report):
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=110)
        image = base64.b64encode(buffer.getvalue()).decode("ascii")
        alt = escape(title, quote=True)
        shown = f'<img alt="{alt}" src="data:image/png;base64,{image}">'
        yield f"<figure><figcaption>{escape(title)}</figcaption>{shown}</figure>"
