"""Run PyNN scripts in a simulator, in a process of its own.

A script is a function of the simulator module that returns a dictionary of arrays; it makes its own `setup`. A
module of scripts has them in a dictionary `SCRIPTS`. All of a module run in one process for each simulator, since
starting NEST takes longer than a script; what a script returned, or the error it ended with, is kept in a file of
its own, so that a failure, even a crash, concerns no script before it.
"""

import importlib
import subprocess
import sys
import traceback
from pathlib import Path

import numpy as np

from pyurbanczik.compare.launch.processes import environment
from pyurbanczik.compare.launch.stand_ins import import_simulator

ROOT = Path(__file__).parents[2]
ERROR = "__error__"
SIMULATORS = {"nest": "nest", "ours": "pyurbanczik"}


class ScriptFailed(Exception):
    """A script ended with an error, of which this is the traceback."""


class Results:
    """What the scripts of a module returned in one simulator: `results[name]` is a dictionary of arrays."""

    def __init__(self, folder, process, output):
        self.folder, self.process, self.output = folder, process, output

    def __getitem__(self, name):
        self.process.wait()
        path = self.folder / f"{name}.npz"
        if not path.exists():
            raise ScriptFailed(
                f"no result of {name!r}, the process returned {self.process.returncode}:\n"
                + self.output.read_text(errors="replace")[-4000:]
            )
        with np.load(path) as stored:
            result = dict(stored)
        if ERROR in result:
            raise ScriptFailed(str(result[ERROR]))
        return result


def start(module, simulator, folder):
    """Start all scripts of a module (its full name) in a simulator, one of SIMULATORS; results go to a folder."""
    folder.mkdir(parents=True)
    output = folder / "output.txt"
    with open(output, "w") as file:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", __name__, module, simulator, str(folder)],
            cwd=ROOT,
            env=environment(),
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    return Results(folder, process, output)


def run_all(module, simulator, folder):
    scripts = importlib.import_module(module).SCRIPTS
    sim = import_simulator(SIMULATORS[simulator])
    for name, script in scripts.items():
        try:
            result = script(sim)
        except Exception:
            result = {ERROR: traceback.format_exc()}
        np.savez(folder / f"{name}.npz", **result)


if __name__ == "__main__":
    run_all(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
