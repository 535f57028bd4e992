"""The command line: ``python -m pyurbanczik compare script.py [its arguments] --with nest``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from pyNN import errors

from .judge.laws import CONFIDENCE
from .study import CouldNotRunError, compare

COULD_NOT_RUN = 2


def parser() -> argparse.ArgumentParser:
    """Our options; everything else belongs to the script."""
    made = argparse.ArgumentParser(
        prog="python -m pyurbanczik compare",
        usage="python -m pyurbanczik compare script.py [its arguments] --with simulator [options] [-- its arguments]",
        description="Run a PyNN script here and in other simulators, and compare everything that it records.",
        epilog="Exit status: 0 if all is equal or differs as documented, 1 if anything else differs, 2 if the script "
        "could not be run. What follows -- is the script's, also options with the names of these.",
        allow_abbrev=False,
    )
    made.add_argument(
        "--with",
        dest="simulators",
        action="append",
        required=True,
        metavar="simulator",
        help="nest, brian2, neuron ...",
    )
    made.add_argument("--threads", type=int, help="in place of what the script gives to setup")
    made.add_argument("--seeds", type=int, default=1, help="compare laws over so many seeds")
    made.add_argument("--confidence", type=float, default=CONFIDENCE, help=f"of that, by default {CONFIDENCE}")
    made.add_argument("--jobs", type=int, help="runs at the same time")
    made.add_argument("--output", help="folder for report.json and index.html")
    return made


def main(arguments: Sequence[str]) -> int:
    """Run the command, and return its exit status."""
    arguments = list(arguments)
    its_own: list[str] = []
    if "--" in arguments:
        end = arguments.index("--")
        arguments, its_own = arguments[:end], arguments[end + 1 :]
    options, rest = parser().parse_known_args(arguments)
    if not rest or rest[0].startswith("-"):
        parser().error("a script is wanted before its arguments")
    script, *others = rest
    try:
        report = compare(
            script,
            options.simulators,
            arguments=[*others, *its_own],
            threads=options.threads,
            seeds=options.seeds,
            confidence=options.confidence,
            jobs=options.jobs,
            output=options.output,
        )
    except (CouldNotRunError, errors.InvalidParameterValueError) as error:
        print(error, file=sys.stderr)
        return COULD_NOT_RUN
    print(report)
    return report.status
