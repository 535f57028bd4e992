"""A bar that shows how far a run has come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..parameters import exactly, optional, to_time

if TYPE_CHECKING:
    from .simulator import State

# Wall-clock time (s) after which the bar moves.
PERIOD = 0.1
# So many pieces has the run of several processes.
PIECES = 100


@contextmanager
def progress_bar(state: State, end: int, wanted: bool) -> Iterator[Callable[[Any], None]]:
    """What runs up to a time in the place of `state.advance`: that itself, or if a bar is wanted, in pieces, which
    changes no results. `end` is the step at which all will have been run.
    """
    if not wanted:
        yield state.advance
        return
    tqdm = optional("tqdm.auto", "progress=True", "progress").tqdm
    begin = state.network.step
    total = float(to_time(end - begin, state.dt))
    bar_format = "{percentage:3.0f}%|{bar}| {n:.0f} of {total:.0f} ms [{elapsed}<{remaining}]"
    # several processes step together, so that their pieces must not depend on how long each of them takes
    together = state.processes is not None
    piece = max(1, (end - begin) // PIECES) if together else 1

    def advance(time_point):
        nonlocal piece
        last = state.nearest_step(time_point)
        while state.network.step < last:
            began, first = time.perf_counter(), state.network.step
            reached = min(first + piece, last)
            state.advance(time_point if reached == last else exactly(to_time(reached, state.dt)))
            bar.update(float(to_time(state.network.step - begin, state.dt)) - bar.n)
            if not together:
                # pieces of about the period, which are found soon and overshoot little
                took = max(time.perf_counter() - began, 1e-6)
                piece = max(1, round((reached - first) * min(10.0, PERIOD / took)))
        state.advance(time_point)

    with tqdm(total=total, disable=state.mpi_rank > 0, bar_format=bar_format) as bar:
        yield advance
