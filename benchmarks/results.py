"""What was measured, for each kind of processor in a file of its own, and the page made of all of them."""

import datetime
import json
import re
from pathlib import Path

from benchmarks import machine

FOLDER = Path(__file__).with_name("results")


def keep(name, text, folder=FOLDER):
    """Let `text` be what is known of a part on this kind of processor, measured now."""
    processor = machine.kind()
    path = folder / f"{re.sub('[^a-z0-9]+', '-', processor.lower())}.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"processor": processor, "parts": {}}
    known["parts"][name] = {
        "date": datetime.date.today().isoformat(),
        "with": machine.description(),
        "text": text.strip().split("\n"),
    }
    folder.mkdir(exist_ok=True)
    path.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def page(titles, first, introduction, peers, gains, folder=FOLDER):
    """The page: the part `first` of every processor, then all others of each.

    Parameters
    ----------
    titles : dict
        ``{name of a part: title}``, in order.
    introduction, peers, gains : str
        What stands at the beginning, behind the first part, and at the end.
    """
    files = sorted(folder.glob("*.json"))
    processors = [json.loads(path.read_text(encoding="utf-8")) for path in files]
    told = set()
    lines = [introduction, f"## {titles[first]}", ""]
    for known in processors:
        if first in known["parts"]:
            # which says on what
            lines += [*_shown(known["parts"][first], told), ""]
    lines.append(peers)
    for known in processors:
        parts = {name: known["parts"][name] for name in titles if name != first and name in known["parts"]}
        if parts:
            lines += [f"## {known['processor']}", ""]
        for name, part in parts.items():
            lines += [f"### {titles[name]}", "", *_shown(part, told), ""]
    return "\n".join([*lines, gains])


def _shown(part, told):
    """Lines of a part, without what has been told of the same part of another processor."""
    lines = part["text"]
    table = next((i for i, line in enumerate(lines) if line.startswith("|")), 0)
    explanation = tuple(lines[:table])
    shown = lines[table:] if explanation in told else lines
    told.add(explanation)
    return [*shown, "", f"Measured {part['date']} on {part['with']}."]
