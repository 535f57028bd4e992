"""A comparison from its start to its report."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ..parameters import refuse
from ..storage.flushing import nearest_folder
from .judge.laws import CONFIDENCE, by_other_random_numbers, compare_laws
from .judge.pairs import compare_runs
from .launch.processes import Order, run_all
from .launch.stand_ins import MODULES
from .report.report import Report

OWN = "pyurbanczik"


class CouldNotRunError(RuntimeError):
    """A script ended with an error in a simulator, whose own message this is."""

    def __init__(self, simulator: str, error: str) -> None:
        super().__init__(f"{simulator} could not run the script:\n{error}")
        self.simulator, self.error = simulator, error


def compare(
    script: str | os.PathLike,
    simulators: str | Sequence[str] = ("nest",),
    *,
    arguments: Sequence[str] = (),
    threads: int | None = None,
    seeds: int = 1,
    confidence: float = CONFIDENCE,
    jobs: int | None = None,
    output: str | os.PathLike | None = None,
) -> Report:
    """Run a PyNN script here and in other simulators, each time in a process of its own, and compare everything
    recorded, all connections and final weights.

    Parameters
    ----------
    script : path
        The script, as it is: whichever simulator it asks for, it gets the one that is meant.
    simulators : str or sequence of str
        "nest", "brian2", "neuron" …, with which this simulator is compared; "pyurbanczik" compares it with itself.
    arguments : sequence of str
        The script's own.
    threads : int, optional
        In place of the number that the script gives to ``setup``.
    seeds : int
        With 2 or more the script is run with so many seeds (those that it gives to ``setup``, counted up), and laws are
        compared: rates, variability of intervals, signals and weights.
    confidence : float
        Of the comparison of laws: the probability that equal laws are found to be equal, in all statistics together.
    jobs : int, optional
        How many runs go on at the same time: 1, or as many as there are processors for several seeds.
    output : path, optional
        A folder for ``report.json`` and ``index.html``.

    Returns
    -------
    Report

    Raises
    ------
    CouldNotRunError
        If the script ends with an error in any of them, or calls ``setup`` of no simulator.
    pyNN.errors.InvalidParameterValueError
        For a simulator that is not known, and numbers that are not allowed.
    """
    names = _check(script, simulators, arguments, threads, seeds, confidence, jobs, output)
    script = str(script)
    shifts = range(max(seeds, 2))  # the second seed tells what is random
    wanted = [(OWN, shift) for shift in shifts]
    wanted += [(name, shift) for name in names for shift in range(seeds)]
    orders = [Order(name, script, tuple(arguments), shift, threads) for name, shift in wanted]
    jobs = jobs or (1 if seeds == 1 else os.cpu_count() or 1)
    results = run_all(orders, jobs)
    for result in results:
        if result.error:
            printed = f"\nIt printed:\n{result.output}" if result.output.strip() else ""
            raise CouldNotRunError(result.simulator, result.error + printed)
    ours, report = results[: len(shifts)], Report(script, list(arguments), seeds, confidence)
    report.add(ours[0])
    of_seeds = compare_runs(*ours[:2])
    for k, name in enumerate(names):
        start = len(shifts) + k * seeds
        theirs = results[start : start + seeds]
        found = compare_runs(ours[0], theirs[0])
        by_other_random_numbers(found, of_seeds)
        if seeds > 1:
            found += compare_laws(name, ours, theirs, confidence)
        report.add(theirs[0], found)
    if output is not None:
        report.write(Path(output))
    return report


def _check(script, simulators, arguments, threads, seeds, confidence, jobs, output):
    known = ", ".join(MODULES)
    if not isinstance(script, (str, os.PathLike)) or not Path(script).is_file():
        refuse("compare", "script", repr(script), "the path of a file")
    names = [simulators] if isinstance(simulators, str) else simulators
    if not isinstance(names, Sequence) or not names:
        refuse("compare", "simulators", repr(simulators), f"one or more of {known}")
    for name in names:
        if not isinstance(name, str) or name not in MODULES:
            refuse("compare", "simulators", repr(name), f"one of {known}")
    if isinstance(arguments, str) or not isinstance(arguments, Sequence):
        refuse("compare", "arguments", repr(arguments), "a list of texts")
    for argument in arguments:
        if not isinstance(argument, str):
            refuse("compare", "arguments", repr(argument), "a text")
    for name, value, optional in (("threads", threads, True), ("seeds", seeds, False), ("jobs", jobs, True)):
        if not (optional and value is None) and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            refuse("compare", name, repr(value), "a whole number, at least 1")
    if isinstance(confidence, bool) or not isinstance(confidence, (int, float)) or not 0.0 < confidence < 1.0:
        refuse("compare", "confidence", repr(confidence), "a number between 0 and 1")
    if not (output is None or isinstance(output, (str, os.PathLike))):
        refuse("compare", "output", repr(output), "the path of a folder")
    # before minutes of simulation are lost
    folder = None if output is None else nearest_folder(Path(output, "index.html"))
    if folder is not None and not os.path.isdir(folder):
        refuse("compare", "output", repr(output), f"the path of a folder; {folder} is none")
    return list(names)
