"""Setting a simulation up, running it, and asking for its state."""

import numpy as np
from pyNN import common
from pyNN.common.control import DEFAULT_MAX_DELAY, DEFAULT_MIN_DELAY, DEFAULT_TIMESTEP

from . import simulator
from .parameters import Entry, is_number, refuse
from .recording.neo_export import write_promised


def setup(
    timestep=DEFAULT_TIMESTEP,
    min_delay=DEFAULT_MIN_DELAY,
    max_delay=DEFAULT_MAX_DELAY,
    rng_seed=simulator.DEFAULT_SEED,
    threads=1,
    **extra_params,
):
    """Start a new simulation; what an earlier one created is forgotten.

    Parameters
    ----------
    timestep : float
        Time step of the simulation, ms.
    min_delay, max_delay : float or "auto"
        Limits of the synaptic delays, ms. "auto" takes them from the delays that are used.
    rng_seed : int
        Seed of all random numbers that the simulator draws. The same seed gives the same run, for any number
        of threads and processes.
    threads : int
        Number of threads (of each process) among which the cells of each population are divided, each cell with
        the synapses onto it. Results do not depend on it, to the last bit. It pays from some hundred cells on, the
        more so the longer the shortest delay, as long as each thread has a processor of its own. Processes that
        ``mpiexec`` starts divide the cells in the same way.
    **extra_params
        Arguments of other backends are accepted and ignored.

    Returns
    -------
    int
        Rank of the process: 0, or more in some of those that ``mpiexec`` starts together.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is impossible.

    Warns
    -----
    UserWarning
        For an argument that no backend knows.
    """
    times = simulator.check_setup(timestep, min_delay, max_delay, rng_seed, threads, extra_params)
    common.setup(times[0], "auto", **extra_params)
    simulator.state.clear(*times, int(rng_seed), int(threads))
    return rank()


def end(compatible_output=True):
    """Write the data that `record(..., to_file=...)` promised to write, and bring files that grow while the simulation
    runs up to date. Recorded data stay readable.

    Raises
    ------
    OSError
        The first error that there was, when everything else has been written. What could not be written is tried
        again by the next `end()`.
    """
    errors = [*simulator.state.files.finish().values(), *write_promised()]
    if errors:
        raise errors[0]


def run_until(time_point, callbacks=None):
    """Advance the simulation to a time.

    Parameters
    ----------
    time_point : float or quantity
        ms; the nearest time step counts.
    callbacks : list of callables, optional
        Each is called with the present time and returns the time at which it wants to be called next.

    Returns
    -------
    float
        The time reached, ms.

    Raises
    ------
    ValueError
        For a time in the past, NaN or infinity.
    KeyboardInterrupt
        On Ctrl-C, between two time steps: what has been recorded so far can be read, and the run can go on.
    """
    state = simulator.state
    time_point = Entry("run_until", "time_point", "moment", "ms").number(time_point)
    if time_point < state.t - state.dt / 2:
        refuse("run_until", "time_point", f"{time_point} ms", f"not in the past (it is {state.t} ms now)")
    if callbacks is not None and not (isinstance(callbacks, (list, tuple)) and all(map(callable, callbacks))):
        refuse("run", "callbacks", repr(callbacks), "a list of functions of the time, or None")
    if not callbacks:
        state.run_until(time_point)
        return state.t
    due = [[callback(state.t), callback] for callback in callbacks]
    while state.t < time_point - state.dt / 2:
        for when, callback in due:
            if not is_number(when) or np.isnan(when):
                refuse("run", "callbacks", f"{when!r} from {callback!r}", "the time of the next call, in ms")
        # a wish for a time that is not after now means: at the next time step
        next_time = max(min(when for when, _ in due), state.t + state.dt)
        state.run_until(min(next_time, time_point))
        for wish in due:
            if wish[0] <= state.t + state.dt / 2:
                wish[0] = wish[1](state.t)
    return state.t


def run(simtime, callbacks=None):
    """Advance the simulation by `simtime` ms. `run(a)` followed by `run(b)` equals `run(a + b)`.

    Parameters and errors are those of :func:`run_until`.
    """
    simtime = Entry("run", "simtime", "moment", "ms").number(simtime)
    if simtime < -simulator.state.dt / 2:
        refuse("run", "simtime", f"{simtime} ms", "a finite duration, not negative")
    return run_until(simulator.state.t + simtime, callbacks)


run_for = run

reset = common.build_reset(simulator)

get_current_time, get_time_step, get_min_delay, get_max_delay, num_processes, rank = common.build_state_queries(
    simulator
)
