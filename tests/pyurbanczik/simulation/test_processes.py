"""How a process finds out whether it is one of several; tests/mpi has what they do together."""

import sys
from types import SimpleNamespace

import pytest

from pyurbanczik.simulation import process_group as processes
from pyurbanczik.simulation.process_group import join, number_of_processes


@pytest.mark.parametrize(
    "environment, n",
    [
        ({}, 1),
        ({"PMI_SIZE": "1"}, 1),
        ({"PMI_SIZE": "4", "PMI_RANK": "2"}, 4),
        ({"OMPI_COMM_WORLD_SIZE": "3"}, 3),
        ({"SLURM_STEP_NUM_TASKS": "8"}, 8),
        ({"SLURM_NTASKS": "8"}, 1),
        ({"PMI_SIZE": "nonsense"}, 1),
        ({"PMI_SIZE": "4", "PYURBANCZIK_MPI": "0"}, 1),
        ({"PYURBANCZIK_MPI": "1"}, None),
    ],
)
def test_the_launcher_says_how_many_there_are(environment, n):
    assert number_of_processes(environment) == n


def test_a_single_process_does_not_touch_mpi(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpi4py", None)  # an import would fail
    assert join({}) is None
    assert join({"PMI_SIZE": "4", "PYURBANCZIK_MPI": "off"}) is None


def test_several_processes_need_mpi4py(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    message = (
        r"^pyurbanczik was started as one of 4 processes, which need mpi4py with an MPI library .*pip install "
        r"'pyurbanczik\[mpi\]'.*PYURBANCZIK_MPI=0"
    )
    with pytest.raises(RuntimeError, match=message):
        join({"PMI_SIZE": "4"})


class World:
    """An MPI that knows of `size` processes."""

    def __init__(self, size):
        self.COMM_WORLD = SimpleNamespace(rank=0, size=size)

    @staticmethod
    def Get_library_version():
        return "Some MPI 1.0\nbuilt today"


def test_an_mpi_that_does_not_know_of_the_others_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpi4py", SimpleNamespace(MPI=World(1)))
    message = r"one of 4 processes, but mpi4py knows of 1: it uses another MPI \(Some MPI 1\.0\)"
    with pytest.raises(RuntimeError, match=message):
        join({"PMI_SIZE": "4"})
    assert join({"PYURBANCZIK_MPI": "1"}) is None


def test_processes_that_are_more_than_processors_do_not_keep_them(monkeypatch):
    monkeypatch.delenv("MPIR_CVAR_POLLS_BEFORE_YIELD", raising=False)
    monkeypatch.setattr(processes.os, "cpu_count", lambda: 2)
    monkeypatch.setitem(sys.modules, "mpi4py", SimpleNamespace(MPI=World(1)))
    for neighbours, expected in (("2", None), ("3", "10")):
        join({"PYURBANCZIK_MPI": "1", "MPI_LOCALNRANKS": neighbours})
        assert processes.os.environ.get("MPIR_CVAR_POLLS_BEFORE_YIELD") == expected
