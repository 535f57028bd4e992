"""Setting a simulation up, running it, and asking for its state."""

import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from pyNN import common
from pyNN.common.control import DEFAULT_MAX_DELAY, DEFAULT_MIN_DELAY, DEFAULT_TIMESTEP

from .parameters import PARTS, Entry, exactly, nearest_step, refuse, to_time
from .parameters.arguments import check_argument
from .parameters.changes import together
from .parameters.hints import Number
from .recording.written_at_end import write_promised
from .simulation import simulator
from .simulation.gate import gate
from .simulation.lifetime import NotEnoughMemoryError
from .simulation.progress import progress_bar

TIME_POINT = Entry("run_until", "time_point", "moment", "ms")
SIMTIME = Entry("run", "simtime", "moment", "ms")


@gate.between_runs
def setup(
    timestep: float = DEFAULT_TIMESTEP,
    min_delay: Number | str = DEFAULT_MIN_DELAY,
    max_delay: Number | str = DEFAULT_MAX_DELAY,
    rng_seed: int = simulator.DEFAULT_SEED,
    threads: int = 1,
    **extra_params: Any,
) -> int:
    """Start a new simulation. What an earlier one created can still be read, as it was at its end, and refuses
    everything else; its memory is free as soon as nobody holds anything of it. What `record(..., to_file=...)` promised
    of it is written, as by `end()`.

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
    RuntimeError
        During a run.

    Warns
    -----
    UserWarning
        For an argument that no backend knows.
    RuntimeWarning
        If what was recorded cannot be written; `get_data` still returns it.
    """
    times = simulator.check_setup(timestep, min_delay, max_delay, rng_seed, threads, extra_params)
    common.setup(times[0], "auto", **extra_params)
    last = simulator.state
    new = simulator.State(*times, int(rng_seed), int(threads), last.processes)
    # an older file stays if there is nothing to write
    errors = write_promised() if last.network.step or last.segment_counter else []
    try:
        simulator.begin(new)
    finally:
        for error in errors:
            warnings.warn(str(error), RuntimeWarning, stacklevel=3)
    return rank()


@gate.between_runs
def end(compatible_output: bool = True) -> None:
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


@gate.run
def run_until(
    time_point: Number, callbacks: Iterable[Callable[[float], float]] | None = None, progress: bool = False
) -> float:
    """Advance the simulation to a time.

    Parameters
    ----------
    time_point : float or quantity
        ms; the nearest time step counts.
    callbacks : list of callables, optional
        Each is called with the present time, first at once, and returns the time at which it wants to be called next;
        the nearest time step counts, and the next one for a wish that is not after now. Of those that would have been
        called after the end of the run, the earliest are called at its end, as PyNN does.
    progress : bool
        Show a bar, in a terminal or a notebook, which is full when the run has ended. Needs the package tqdm (the extra
        "progress"). Of several processes the first one shows it.

    Returns
    -------
    float
        The time reached, ms, on the grid of time steps.

    Raises
    ------
    ValueError
        For a time in the past, NaN or infinity; for callbacks that cannot be called, or return no time.
    RuntimeError
        During another run: from a callback, another thread, or the handler of a signal. What one of the latter two
        reads or changes while time passes is refused as well.
    ImportError
        For `progress` without tqdm; no time has passed then.
    KeyboardInterrupt
        On Ctrl-C, between two time steps: what has been recorded so far can be read, and the run can go on.
    """
    state = simulator.state
    time_point = TIME_POINT.number(time_point)
    if time_point < state.t - state.dt / 2:
        refuse("run_until", "time_point", f"{time_point} ms", f"not in the past (it is {state.t} ms now)")
    return _advance("run_until", exactly(time_point), callbacks, progress)


@gate.run
def run(simtime: Number, callbacks: Iterable[Callable[[float], float]] | None = None, progress: bool = False) -> float:
    """Advance the simulation by `simtime` ms. `run(a)` followed by `run(b)` equals `run(a + b)`.

    Durations that are no multiples of the time step add up: the time reached is the step nearest to the exact sum of
    what was asked for since the start, or since the last `run_until`.

    Parameters and errors are those of :func:`run_until`.
    """
    state = simulator.state
    simtime = SIMTIME.number(simtime)
    if simtime < -state.dt / 2:
        refuse("run", "simtime", f"{simtime} ms", "a finite duration, not negative")
    time_point = state.asked + exactly(simtime)
    SIMTIME.check(time_point / PARTS)
    return _advance("run", time_point, callbacks, progress)


run_for = run


def _advance(owner, time_point, callbacks, progress):
    """Run to an exact time (see `parameters.exactly`), with the callbacks that are due on the way."""
    state = simulator.state
    if not isinstance(progress, (bool, np.bool_)):
        refuse(owner, "progress", repr(progress), "True or False")
    if callbacks is not None and not (isinstance(callbacks, (list, tuple)) and all(map(callable, callbacks))):
        refuse(owner, "callbacks", repr(callbacks), "a list of functions of the time, or None")
    if not callbacks and not progress:
        state.advance(time_point)
        return state.t
    end = state.nearest_step(time_point)
    with progress_bar(state, end, bool(progress)) as advance:
        _call_on_the_way(owner, state, advance, time_point, callbacks or ())
    return state.t


def _call_on_the_way(owner, state, advance, time_point, callbacks):
    end = state.nearest_step(time_point)

    def call(callback):
        """The step at which it wants to be called again."""
        wish = Entry(owner, "callbacks", "any", "ms").number(callback(state.t))
        if np.isnan(wish):
            refuse(owner, "callbacks", f"{wish} from {callback!r}", "the time of the next call, in ms")
        # what comes after the run is told apart as well: it decides on who is called at the end
        return max(nearest_step(wish, state.dt) if np.isfinite(wish) else wish, state.network.step + 1)

    due = [[call(callback), callback] for callback in callbacks]
    while due and state.network.step < end:
        first = min(step for step, _ in due)
        advance(time_point if first >= end else exactly(to_time(first, state.dt)))
        for entry in due:
            if entry[0] == first:
                entry[0] = call(entry[1])
    advance(time_point)


@gate.between_runs
def reset(annotations: Mapping[str, Any] | None = None, repeat: bool = False, keep_weights: bool = False) -> None:
    """Back to t = 0, with the initial values of all state variables and the weights as they were set last; what is
    recorded from now on is a new segment. The network, its parameters and what is to be recorded stay.

    A new trial begins: whatever is random in the simulation (sources of spikes, firing, currents, synapses) is drawn
    anew, independently of all trials before. It depends on `rng_seed` of :func:`setup` and on the number of the trial
    alone, for any number of threads and processes. Parameters and connections that were drawn at random stay.

    Parameters
    ----------
    annotations : dict, optional
        Annotations of the segment that ends.
    repeat : bool
        Repeat the present trial: the same random numbers again.
    keep_weights : bool
        Begin with the weights that plastic synapses have learnt, which count as set from now on: a later reset without
        `keep_weights` goes back to them.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For annotations that are no dictionary, and a `repeat` or `keep_weights` that is no truth value; nothing has
        changed then.
    MemoryError
        If there is no room to keep what was recorded as a segment; nothing has changed then. ``get_data([],
        clear=True)`` of populations and projections makes room without a copy of what they have recorded.
    """
    annotations = check_argument("reset", "annotations", annotations)
    for name, value in (("repeat", repeat), ("keep_weights", keep_weights)):
        if not isinstance(value, (bool, np.bool_)):
            refuse("reset", name, repr(value), "True or False")
    state = simulator.state
    try:
        for _ in together(recorder.keeping(annotations) for recorder in state.recorders):
            state.reset(bool(repeat), bool(keep_weights))
    except MemoryError as error:
        advice = f"{error}; get_data([], clear=True) forgets what a population or projection has recorded"
        raise NotEnoughMemoryError("reset()", advice) from None
    state.files.flush()


@gate.access
def reset_states() -> None:
    """Set the states of all cells and synapses back to their initial values, while time and weights go on: what a
    training loop calls before it shows the next pattern.

    * Potentials, synaptic currents and conductances, adaptation, refractoriness: as after `reset()`, with the initial
      values of `Population.initialize`. Spikes and input on their way are forgotten.
    * Synapses forget: postsynaptic potentials and errors by which they learn and what they have filtered of these (Δ),
      spike-timing traces, vesicles in use, the traces of a `SpikeModulator`. Weights are what they have become: as they
      are read, so that what has been learnt beyond a bound is lost (``bounds="read"`` of a `DendriticErrorSynapse`).
    * Time, recordings, sources of spikes, electrodes and random numbers go on, so that noise is not the same again.

    Results do not depend on the number of threads and processes, all of which must call it. It may be called by a
    callback of :func:`run`.

    Notes
    -----
    PyNN has nothing like it. The name is that of Keras; the same is `reset_state_variables` in BindsNET and `reset_net`
    in SpikingJelly. (`restore` of Brian 2 sets time and weights back as well, and in NEST and Norse scripts do it state
    by state.)

    Raises
    ------
    RuntimeError
        While time passes: from another thread, or the handler of a signal.

    Examples
    --------
    >>> for pattern in patterns:
    ...     sources.set(rate=pattern)
    ...     sim.reset_states()
    ...     sim.run(50.0)
    """
    simulator.state.reset_states()


get_current_time, get_time_step, get_min_delay, get_max_delay, num_processes, rank = common.build_state_queries(
    simulator
)
