"""Processes that are threads of this one: a communicator with what the core asks of mpi4py's."""

import threading

import numpy as np

from backend_cython.engine.communicator import Processes

TIMEOUT = 60.0  # s


class Communicator:
    """One of several that stand for processes; see `run_processes`."""

    def __init__(self, rank, size, barrier, board):
        self.rank, self.size = rank, size
        self._barrier, self._board = barrier, board
        self.calls = 0

    def allgather(self, mine):
        self.calls += 1
        self._board[self.rank] = mine
        self._barrier.wait(TIMEOUT)
        everything = list(self._board)
        self._barrier.wait(TIMEOUT)
        return everything

    def gather(self, mine):
        everything = self.allgather(mine)
        return everything if self.rank == 0 else None

    def Allgather(self, mine, everything):
        parts = self.allgather(np.array(mine).ravel())
        np.asarray(everything).reshape(-1)[:] = np.concatenate(parts)

    def Allgatherv(self, mine, receiving):
        everything, (sizes, starts), _ = receiving
        for part, size, start in zip(self.allgather(np.array(mine)), sizes, starts, strict=True):
            np.asarray(everything)[start : start + size] = part

    def Abort(self, code):
        self._barrier.abort()


def run_processes(size, function):
    """``function(processes)`` for each of `size` processes at once; what each of them returned.

    The first exception of any process is raised.
    """
    barrier, board, results, failures = threading.Barrier(size), [None] * size, [None] * size, []

    def work(rank):
        try:
            results[rank] = function(Processes(Communicator(rank, size, barrier, board)))
        except BaseException as error:
            failures.append(error)
            barrier.abort()

    workers = [threading.Thread(target=work, args=(rank,)) for rank in range(size)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    failures.sort(key=lambda error: isinstance(error, threading.BrokenBarrierError))
    if failures:
        raise failures[0]
    return results
