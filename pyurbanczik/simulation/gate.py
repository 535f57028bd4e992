"""Who may touch the simulation, and when: one thread at a time, and nobody while time passes.

A run gives other threads the interpreter, and Python calls handlers of signals in its midst. Either may call anything.
While time passes all that reads or changes the simulation is refused; before, runs and changes of several threads wait
for each other. Callbacks of a run are called between steps, when only another run is refused.
"""

import os
import threading
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

# Wall-clock time (s) after which who waits for another thread looks whether that has begun to run.
PATIENCE = 0.05


class Gate:
    """Reads and changes (`enter`, `leave`), runs (`run`) and what has its place between runs (`between_runs`)."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._inside = 0  # accesses of the thread that has the lock, one in the other
        self._runner = None  # the thread whose run it is, from its beginning to its end
        self._stepping = False  # whether time passes in it

    def enter(self, doing: Callable[[], str]) -> None:
        """Wait until no other thread reads or changes; `doing()` tells what is refused during a run."""
        while True:
            if self._stepping:
                self._refuse(doing(), "once that has ended, or in a callback that run() is given")
            if self._lock.acquire(timeout=PATIENCE):
                self._inside += 1
                return

    def leave(self) -> None:
        self._inside -= 1
        self._lock.release()

    def access(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Let a function have the simulation for its own thread, between two steps of a run as well."""
        return self._within(function, partial(self.enter, lambda: f"{function.__name__}()"))

    def between_runs(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Let a function have the simulation for its own thread, refused during a run and within anything else."""
        return self._within(function, partial(self._enter_between_runs, function.__name__))

    def _within(self, function, enter):
        @wraps(function)
        def guarded(*arguments, **keywords):
            enter()
            try:
                return function(*arguments, **keywords)
            finally:
                self.leave()

        return guarded

    def run(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Let a function be a run: there can be no other meanwhile, whoever begins it."""

        @wraps(function)
        def guarded(*arguments, **keywords):
            self._enter_between_runs("run")
            self._runner = threading.get_ident()
            self.leave()
            try:
                return function(*arguments, **keywords)
            finally:
                self._runner = None

        return guarded

    def _enter_between_runs(self, name):
        self.enter(lambda: f"{name}()")
        if self._runner is None and self._inside == 1:
            return
        inside = self._runner is None
        self.leave()
        if inside:
            raise RuntimeError(f"{name}() was called while the simulation is being read or changed")
        self._refuse(f"{name}()", "once that has ended")

    def step(self, function: Callable[[int], None], steps: int) -> None:
        """Call a function in which time passes."""
        with self._lock:
            self._stepping = True
            try:
                function(steps)
            finally:
                self._stepping = False

    def _refuse(self, what, when):
        raise RuntimeError(f"{what} was called while a run is in progress; call it {when}")

    def forked(self) -> None:
        """In a forked process, the other threads have gone, and with them what they were doing."""
        free = self._lock.acquire(blocking=False)
        if free:
            self._lock.release()
        if not free or self._runner not in (None, threading.get_ident()):
            self.__init__()


gate = Gate()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=gate.forked)
