"""Runs one script in one simulator, in this process: ``python -m pyurbanczik.compare.launch.run_script order.json``."""

from __future__ import annotations

import importlib.metadata
import json
import os
import pickle
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from ...scripts.running import run
from .. import faults
from ..capture.results import RunResult
from ..capture.watching import Capture
from ..mends import mend_connectors, mend_initial_values
from .stand_ins import MODULES, import_simulator, stand_in

PACKAGES = {"nest": "nest-simulator", "neuron": "NEURON"}


def version_of(simulator: str) -> str:
    """The version of the simulator itself."""
    try:
        return importlib.metadata.version(PACKAGES.get(simulator, simulator))
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def run_in(
    simulator: str, script: str, arguments: list[str], seed_shift: int = 0, threads: int | None = None
) -> RunResult:
    """Run a script and return what it left behind, also if it ended with an error."""
    result = RunResult(simulator, version_of(simulator), seed_shift)
    capture = None
    try:
        started, here = time.perf_counter(), MODULES[simulator] in sys.modules
        module: Any = import_simulator(simulator)
        if not here:
            result.seconds["import"] = time.perf_counter() - started
        if simulator not in ("pyurbanczik", "nest"):  # on_nest mends them itself
            mend_connectors()
            mend_initial_values(module)
        capture = Capture(module, seed_shift, threads)
        capture.install()
        stand_in(simulator, module)
        started = time.perf_counter()
        try:
            run(script, Path(script).read_bytes(), arguments)
        except SystemExit as stop:
            if stop.code not in (None, 0):
                result.error = f"the script ended with exit status {stop.code}, see what it printed"
        result.seconds["script"] = time.perf_counter() - started
        capture.finish()
    except BaseException:
        result.error = traceback.format_exc()
    if capture is not None:
        result.simulations, result.problems = capture.simulations, capture.problems
        if not (result.simulations or result.error):
            result.error = "the script calls setup() of no simulator, so that there is nothing to compare"
    result.mended = sorted(faults.used)
    return result


def main() -> None:
    """Read what to do from a file, and write the result into another."""
    order = json.loads(Path(sys.argv[1]).read_text())
    folder = os.getcwd()
    target = Path(order.pop("target"))
    result = run_in(**order)
    os.chdir(folder)
    with open(target, "wb") as file:
        pickle.dump(result, file, protocol=5)
    sys.stdout.flush()
    # what a simulator does while the interpreter is taken down is of no interest
    os._exit(0)


if __name__ == "__main__":
    main()
