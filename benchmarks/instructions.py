"""Instructions of a neuron's step and of a plastic event, counted by callgrind."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEXT = """Instructions are counted by callgrind on a portable build, for it knows no AVX-512: what is measured in ns
here can use wider vectors and thus fewer instructions."""
N_NEURON_STEPS = 30_000  # at least, so that the begin of a run does not matter
RATE = 200.0  # Hz, so that few steps hold many events


def portable_core(folder):
    """Build the core for any processor of this kind, apart from the build in use."""
    built = shutil.ignore_patterns("*.so", "__pycache__")
    shutil.copytree(ROOT / "backend_cython", Path(folder, "backend_cython"), ignore=built)
    shutil.copy(ROOT / "setup.py", folder)
    command = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    environment = os.environ | {"PYURBANCZIK_NATIVE": "0"}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)


def collected(folder, n, k, rate):
    """Instructions of some steps, their number, and the number of plastic events in them."""
    n_steps = max(300, N_NEURON_STEPS // n)
    code = f"from benchmarks import core_costs; print(core_costs.advance_seconds({n}, {k}, {n_steps}, {rate})[1])"
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*Network*advance*"]
    # the working directory comes first on the path, and this checkout after the portable core in it
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((folder, str(ROOT)))}
    command += [sys.executable, "-c", code]
    found = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return int(re.search(r"Collected : (\d+)", found.stderr).group(1)), n_steps, int(found.stdout)


def counts(sizes):
    """{(N, K): (instructions a step, instructions an event)}; empty without valgrind."""
    if shutil.which("valgrind") is None:
        return {}
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        print("  counting instructions", file=sys.stderr, flush=True)
        portable_core(folder)
        for n, k in sizes:
            without, n_steps, _ = collected(folder, n, 0, 0.0)
            total, _, events = collected(folder, n, k, RATE)
            found[n, k] = without / (n * n_steps), (total - without) / events
    return found
