"""Processes that share the cells of a network: each runs the same script, and computes its own cells.

All of them do the same things in the same order. What they do together begins with an exchange, in which each says what
it is about to do, so that processes that have gone different ways end with an error instead of waiting for ever.
"""

import sys
import time
import traceback
from typing import Any

import numpy as np

# Bytes and numbers that each process brings to an exchange.
LONGEST_NAME = 160
MOST_NUMBERS = 8
# Wall-clock time for a last message.
PASSING_SECONDS = 0.5


class Processes:
    """The processes of a communicator.

    Parameters
    ----------
    communicator : mpi4py.MPI.Comm, or what has its `rank`, `size`, `Allgather`, `Allgatherv`, `allgather`, `gather`
        and `Abort`
    """

    def __init__(self, communicator: Any) -> None:
        self.communicator = communicator
        self.rank = communicator.rank
        self.size = communicator.size
        self._mine = np.zeros(LONGEST_NAME + 8 * MOST_NUMBERS, dtype=np.uint8)
        self._all = np.zeros((self.size, self._mine.size), dtype=np.uint8)

    def meet(self, doing: str, *numbers: int) -> Any:
        """Wait for the others, who must be `doing` the same.

        Returns
        -------
        ndarray of int64, shape (size, len(numbers))
            The numbers of every process.

        Raises
        ------
        RuntimeError
            In every process, if they are not doing the same.
        """
        self._announce(doing, numbers)
        names = self._all[:, :LONGEST_NAME]
        if (names != names[0]).any():
            said = [bytes(name).rstrip(b"\0").decode(errors="replace") for name in names]
            told = "; ".join(f"process {rank}: {what}" for rank, what in enumerate(said))
            raise RuntimeError(f"the processes are not doing the same ({told}); they must all run the same script")
        return self._all[:, LONGEST_NAME:].copy().view(np.int64)[:, : len(numbers)]

    def _announce(self, doing, numbers=()):
        name = doing.encode()[:LONGEST_NAME]
        self._mine[:] = 0
        self._mine[: len(name)] = np.frombuffer(name, dtype=np.uint8)
        self._mine[LONGEST_NAME:].view(np.int64)[: len(numbers)] = numbers
        self.communicator.Allgather(self._mine, self._all)

    def leave(self) -> None:
        """Tell the others that this process has come to its end. They see it when they meet the next time."""
        self._announce("has ended")

    def fail(self, error: BaseException) -> None:
        """End all processes: the others would wait for this one for ever."""
        sys.stdout.flush()
        report = "".join(traceback.format_exception(error))
        sys.stderr.write(f"process {self.rank} of {self.size} failed and ends the others:\n{report}")
        sys.stderr.flush()
        # the launcher throws away what it has not passed on when it hears of the end
        time.sleep(PASSING_SECONDS)
        self.communicator.Abort(1)

    def share(self, doing: str, mine: Any) -> list:
        """What each process has, as a list, known to all of them."""
        self.meet(doing)
        return self.communicator.allgather(mine)

    def gather(self, doing: str, mine: Any) -> list | None:
        """What each process has, as a list, in process 0; None in the others."""
        self.meet(doing)
        return self.communicator.gather(mine)
