"""Instructions of a neuron's step and of a plastic event, counted by callgrind."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from backend_cython.engine import processor

ROOT = Path(__file__).resolve().parents[1]
TEXT = """Instructions are counted by callgrind, which knows no AVX-512: what is measured in ns here can use wider
vectors and thus fewer instructions."""
WIDEST = [name for name in processor.SUPPORTED if name != "avx512"][-1]
N_NEURON_STEPS = 30_000  # at least, so that the begin of a run does not matter
RATE = 200.0  # Hz, so that few steps hold many events


def collected(n, k, rate):
    """Instructions of some steps, their number, and the number of plastic events in them."""
    n_steps = max(300, N_NEURON_STEPS // n)
    code = f"from benchmarks import core_costs; print(core_costs.advance_seconds({n}, {k}, {n_steps}, {rate})[1])"
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*Network*advance*"]
    environment = os.environ | {processor.VARIABLE: WIDEST, "PYTHONPATH": str(ROOT)}
    command += [sys.executable, "-c", code]
    found = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return int(re.search(r"Collected : (\d+)", found.stderr).group(1)), n_steps, int(found.stdout)


def counts(sizes):
    """{(N, K): (instructions a step, instructions an event)}; empty if valgrind is missing or may not know them."""
    if shutil.which("valgrind") is None or processor.INSTRUCTIONS == "native":
        return {}
    found = {}
    print("  counting instructions", file=sys.stderr, flush=True)
    for n, k in sizes:
        without, n_steps, _ = collected(n, 0, 0.0)
        total, _, events = collected(n, k, RATE)
        found[n, k] = without / (n * n_steps), (total - without) / events
    return found
