"""Runs of a script, each in a process of its own."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from ..capture.results import RunResult

RUN_SCRIPT = f"{__package__}.run_script"
ROOT = str(Path(__file__).parents[3])
SHOWN = 2000  # characters of what a script printed


class Order(NamedTuple):
    """A run of a script in a simulator."""

    simulator: str
    script: str
    arguments: tuple[str, ...] = ()
    seed_shift: int = 0
    threads: int | None = None


def environment(simulator: str = "nest") -> dict[str, str]:
    """That of this process, without what would make runs in a simulator depend on the machine."""
    path = os.get_exec_path()
    if simulator == "nest":
        # pyNN.nest tries to compile its extension, for a minute and in vain, wherever it finds nest-config.
        path = [folder for folder in path if not shutil.which("nest-config", path=folder)]
    modules = os.pathsep.join(filter(None, [ROOT, os.environ.get("PYTHONPATH")]))
    defaults = {"OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
    return {**defaults, **os.environ, "PATH": os.pathsep.join(path), "PYTHONPATH": modules}


def run(order: Order) -> RunResult:
    """Run a script to its end; a run that fails, or whose process dies, is a result with an error."""
    with tempfile.TemporaryDirectory(prefix="pyurbanczik-compare-") as name:
        folder = Path(name)
        target, output = folder / "result", folder / "output.txt"
        (folder / "order.json").write_text(json.dumps({**order._asdict(), "target": str(target)}))
        command = [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "pyurbanczik.compare.launch.run_script",
            str(folder / "order.json"),
        ]
        with open(output, "w") as file:
            ended = subprocess.run(
                command,
                env=environment(order.simulator),
                stdout=file,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                check=False,
            )
        printed = output.read_text(errors="replace")[-SHOWN:]
        if not target.exists():
            error = f"the process ended with status {ended.returncode}:\n{printed}"
            return RunResult(order.simulator, "unknown", order.seed_shift, error=error, output=printed)
        with open(target, "rb") as file:
            result = pickle.load(file)
        result.output = printed
        return result


def run_all(orders: Iterable[Order], jobs: int = 1) -> list[RunResult]:
    """Run several, `jobs` of them at a time; results are in the order of the orders."""
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(run, orders))
