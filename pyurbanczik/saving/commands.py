"""`save_state` and `load_state`."""

from __future__ import annotations

import os
from typing import Any

from ..parameters import refuse
from ..parameters.arguments import check_argument
from ..parameters.hints import File
from ..simulation import simulator
from ..simulation.gate import gate
from ..storage.flushing import check_folder
from .network_state import DifferentNetwork, collect, compare, gather, outline, packed, restoring, unpacked
from .state_file import read_state, write_state


@gate.access
def save_state(path: File) -> None:
    """Write the state of the simulation to a file, from which :func:`load_state` lets it go on.

    A file holds all that the future depends on: time and trial; states, parameters and weights as they are now; spikes
    and input on their way; the positions of all random streams; and what has been recorded in memory. What is recorded
    to ".zarr" files is written to these first, and stays there alone. The file depends neither on the number of threads
    nor on that of processes, all of which must call it. A callback of :func:`run` may call it.

    The file appears, or takes the place of an older one, when it is complete: whatever goes wrong, an older one stays.

    Parameters
    ----------
    path : str or path
        Any name; what was there before is replaced. Folders are made if need be.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For what is no path.
    OSError
        If the file, or one of those to which recordings go, cannot be written.
    RuntimeError
        While time passes: from another thread, or the handler of a signal.

    Notes
    -----
    In Brian 2 this is `store(filename=...)`. NEST has nothing like it. PyNN saves weights alone (`Projection.save`).

    Examples
    --------
    >>> sim.run(3600e3)
    >>> sim.save_state("first_hour.state")
    """
    check_argument("save_state", "path", path)
    state, error = simulator.state, None
    for failed in state.files.finish().values():
        raise failed
    clock, pieces = collect(state)
    whole = gather(state, pieces)
    if whole is not None:
        try:
            check_folder("save_state.path", path)
            content, arrays = packed(whole)
            write_state(path, {"outline": outline(state), "clock": clock, "pieces": content}, arrays)
        except Exception as failed:
            error = failed
    _agree(state, "write a state", error)


def _agree(state, doing, error):
    """Raise the error of any process in all of them."""
    errors = [error] if state.processes is None else state.processes.share(doing, error)
    for failed in errors:
        if failed is not None:
            raise failed


@gate.between_runs
def load_state(path: File) -> None:
    """Go on from a state that :func:`save_state` has written, to the last bit as if the run had not been cut.

    The network must be there: a script builds it as the one that saved did (the same populations, projections,
    electrodes and modulators, and the same calls of `record`, in the same order, with the same `timestep` and
    `rng_seed` of :func:`setup`), with any number of threads and processes. What was set since then (parameters,
    weights, delays, initial values, spike times, currents) comes from the file, as does what was recorded in memory.
    What is recorded to a ".zarr" file goes on in the one that the present script has named: in a segment of its own,
    which begins with the state. Labels may differ.

    Parameters
    ----------
    path : str or path

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For the state of another network, saying what differs; for a file that is damaged, truncated, written by a later
        version, or something else. It is a `ValueError`, and nothing has changed then.
    OSError
        If the file cannot be read; nothing has changed then.
    RuntimeError
        During a run.

    Notes
    -----
    In Brian 2 this is `restore(filename=...)`. Files of others are safe to load: they hold numbers, and nothing in them
    is executed.

    Examples
    --------
    >>> network = build()
    >>> sim.load_state("first_hour.state")
    >>> sim.run(3600e3)
    """
    check_argument("load_state", "path", path)
    state, error = simulator.state, None
    restore: Any = None
    try:
        content, arrays = read_state("load_state", path)
        restore = _prepared(state, os.fspath(path), content, arrays)
    except Exception as failed:
        error = failed
    _agree(state, "load a state", error)
    restore()


def _prepared(state, path, content, arrays):
    present = collect(state)[1]
    try:
        compare(content["outline"], outline(state))
        return restoring(state, present, content["clock"], unpacked(content["pieces"], arrays))
    except DifferentNetwork as error:
        refuse("load_state", "path", f"{path}, the state of another network ({error}),", "one of this network")
    except (ValueError, KeyError, IndexError, TypeError, StopIteration, AttributeError, RuntimeError) as error:
        refuse("load_state", "path", f"{path}, which is damaged ({error}),", "what save_state() wrote")
