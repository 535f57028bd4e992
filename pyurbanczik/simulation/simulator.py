"""The state of the simulator: the core network, its clock, and what one `setup()` has created so far."""

from __future__ import annotations

import itertools
import warnings
import weakref
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN import common, errors
from pyNN.common.control import BaseState

from backend_cython.engine.network import Network

from ..objects.copies import Lasting
from ..parameters import (
    LONGEST_TIME,
    PARTS,
    Entry,
    InvalidConnectionError,
    exactly,
    extent,
    nearest_step,
    refuse,
    to_time,
)
from ..parameters.arguments import check_argument
from ..parameters.hints import Number
from ..parameters.suggestions import close_to
from ..parameters.units import is_integer
from ..storage.flushing import RecordingFiles
from .gate import gate
from .process_group import join

if TYPE_CHECKING:
    from backend_cython.engine.communicator import Processes

name = "pyurbanczik"

DEFAULT_TIMESTEP = 0.1  # ms
DEFAULT_SEED = 42
SHORTEST_TIMESTEP, LONGEST_TIMESTEP = 1e-6, 1e6  # ms
# Input that is on its way for so long takes 128 MB a cell and receptor.
LONGEST_DELAY = 2**24  # steps
# Each takes memory in every population.
MOST_THREADS = 4096
# What setup() of the other backends takes: accepted so that a script runs here unchanged, without effect.
FOREIGN_ARGUMENTS = frozenset(
    [
        "allow_update_on_post",
        "auto_cleanup",
        "cell_type_map",
        "code_dir",
        "codegen_target",
        "db_name",
        "debug",
        "default_maxstep",
        "device",
        "filename",
        "grng_seed",
        "hardware",
        "label",
        "limit_to",
        "max_atoms_per_core",
        "model_name",
        "n_chips_required",
        "native_rng_baseseed",
        "num_processes",
        "parallel_safe",
        "quit_on_end",
        "rank",
        "recording_precision",
        "reference",
        "rng_seeds",
        "rng_seeds_seed",
        "rng_type",
        "rtol",
        "atol",
        "save_format",
        "spike_precision",
        "t_flush",
        "time_scale_factor",
        "use_cvode",
        "use_gui",
        "verbosity",
    ]
)
OWN_ARGUMENTS = ("timestep", "min_delay", "max_delay", "rng_seed", "threads")

_networks_made = itertools.count()


class NotLocalError(errors.NotLocalError, AttributeError):
    """A cell of another process, whose parameters are no attributes here: `hasattr` answers False."""


class ID(int, common.IDMixin):
    """A cell: a number, through which the parameters of the cell are read and written.

    A copy is the same cell. A pickled cell comes back as the same cell as long as its network exists in the
    process that unpickles it, and as a plain number without a population otherwise.
    """

    def __new__(cls, n, parent=None):
        self = super().__new__(cls, n)
        if parent is not None:
            object.__setattr__(self, "parent", parent)
        return self

    def __getattr__(self, attribute):
        if attribute.startswith("_") or "parent" not in self.__dict__:
            raise AttributeError(f"cell {int(self)} has no {attribute}: it belongs to no population")
        if attribute == "set":
            raise AttributeError(
                "set a parameter of one cell by its name, e.g. population[0].tau_refrac = 2.0, or "
                "use set() of a view, e.g. population[0:1].set(tau_refrac=2.0)"
            )
        return self._own_view().get(attribute)

    def _own_view(self):
        if not self.local:
            raise NotLocalError(f"cell {int(self)} belongs to another process")
        return self.as_view()

    def __setattr__(self, attribute, value):
        if attribute == "parent" or attribute.startswith("_") or hasattr(type(self), attribute):
            object.__setattr__(self, attribute, value)
        else:
            self._own_view().set(**{attribute: value})

    def _set_position(self, position):
        check_argument(f"cell {int(self)}", "position", position)
        self.parent._set_cell_position(self, position)

    position = property(common.IDMixin._get_position, _set_position, doc="x, y and z of the cell, in µm.")

    def inject(self, current_source: Any, location: str | None = None) -> None:
        """Inject a current, see `Population.inject`."""
        self.as_view().inject(current_source, location)

    def get_parameters(self) -> dict[str, Any]:
        """All parameters of the cell, as a dict."""
        names = self.celltype.get_parameter_names()
        return dict(zip(names, self._own_view().get(names)))

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __reduce__(self):
        return _restore_id, (
            int(self),
            self.parent.simulation.network_token if "parent" in self.__dict__ else None,
        )


def _restore_id(number, network_token):
    if network_token is not None and network_token == state.network_token:
        for population in state.populations:
            if population.first_id <= number <= population.last_id:
                return population.all_cells[number - population.first_id]
    return ID(number)


class State(Lasting, BaseState):
    """Clock and registry of one simulation, which all that belongs to it refers to.

    As long as it is the present one, it owns its populations, and what they lead to; after that it lives as long as any
    of them does, and the core network with it. Nothing that it leads to may lead back to it then but through objects
    that the garbage collector follows; where that is easily avoided nothing does, so that its memory is free at once.

    Parameters
    ----------
    timestep, min_delay, max_delay, rng_seed, threads
        As for :func:`pyurbanczik.setup`, checked.
    processes : backend_cython.engine.communicator.Processes, optional
        Those that share the cells.

    Attributes
    ----------
    network : backend_cython.engine.network.Network
        The compiled core of the present simulation; every `setup()` makes a new one.
    processes : backend_cython.engine.communicator.Processes
        Those that share the cells; None if there is but this one.
    segment_counter : int
        Number of resets so far.
    state_resets : int
        Number of resets of the states alone.
    trial : int
        Number of the trial, whose random numbers are its own: resets so far but for those that repeat a trial.
    asked : int
        The time up to which runs were asked for: the exact sum of their durations (see `parameters.exactly`), of which
        `t` is the nearest time on the grid.
    running : bool
        Whether time has passed (or a run was asked for) since the start or the last reset.
    cells : mapping
        Arrays of the cells of populations, by their first number. They hold objects, into which the garbage collector
        does not look, so that they must not belong to what the objects refer to.
    """

    name = name

    def __init__(
        self,
        timestep: float = DEFAULT_TIMESTEP,
        min_delay: Number | str = "auto",
        max_delay: Number | str = "auto",
        rng_seed: int = DEFAULT_SEED,
        threads: int = 1,
        processes: Processes | None = None,
    ) -> None:
        super().__init__()
        self.processes = processes
        self.mpi_rank = self.processes.rank if self.processes else 0
        self.num_processes = self.processes.size if self.processes else 1
        self.network = Network(timestep, rng_seed, threads, self.processes)
        # populations and networks of the core refer to each other
        weakref.finalize(self, self.network.close).atexit = False
        self.network_token = next(_networks_made)
        self.generators_made = itertools.count()
        self.projections_made = 0
        self.rng_seed = rng_seed
        self.threads = threads
        self._min_delay: Any = min_delay
        self._max_delay: Any = max_delay
        self._delays_in_use: tuple[float, float] | None = None
        self.t_start = 0
        self.running = False
        self.asked = 0
        self.segment_counter = 0
        self.state_resets = 0
        self.id_counter = 1
        self.files = RecordingFiles(self.network)
        self.cells: MutableMapping[int, Any] = {}
        self._own_nothing()

    def _own_nothing(self):
        self.populations = []
        self.projections = weakref.WeakValueDictionary()  # by number, in the order in which they were made
        self.current_sources = []
        self.modulators = []
        self.recorded = set()  # populations and projections
        self.recorders = set()  # theirs
        self.write_on_end = []
        self.files_written = set()  # with Neo, by name

    def retire(self) -> None:
        """Another simulation begins: what there is can still be read by those who have it."""
        self.cells = weakref.WeakValueDictionary(self.cells)
        try:
            self.files.close()
        finally:
            self._own_nothing()

    @property
    def state(self) -> State:
        """Itself: what PyNN asks the simulator of a population for."""
        return self

    @property
    def dt(self) -> float:
        """Time step, ms."""
        return self.network.timestep

    @property
    def t(self) -> float:
        """Time, ms."""
        return float(to_time(self.network.step, self.dt))

    @property
    def min_delay(self) -> float | str:
        """Smallest delay allowed; with "auto", the smallest in use (the time step before there is any)."""
        if self._min_delay != "auto":
            return self._min_delay
        return self._delays_in_use[0] if self._delays_in_use else self.dt

    @property
    def max_delay(self) -> float | str:
        """Largest delay allowed; with "auto", the largest in use (the time step before there is any)."""
        if self._max_delay != "auto":
            return self._max_delay
        return self._delays_in_use[1] if self._delays_in_use else self.dt

    def default_delay(self) -> float:
        """The delay of synapses for which none is given."""
        return self.dt if self._min_delay == "auto" else self._min_delay

    def check_delays(self, owner: str, delays: np.ndarray) -> None:
        """Refuse delays (ms) below the time step or outside what `setup` allows."""
        try:
            Entry(owner, "delay", "finite", "ms").check(delays)
        except errors.InvalidParameterValueError as error:
            raise InvalidConnectionError(str(error)) from None
        if not np.size(delays):
            return
        shortest, longest = extent(delays)
        most = LONGEST_DELAY * self.dt
        if longest > most:
            raise InvalidConnectionError(
                f"{owner}.delay: {longest} ms is not allowed; it must be at most {most:g} ms, {LONGEST_DELAY} steps"
            )
        lowest = self.dt if self._min_delay == "auto" else max(self.dt, self._min_delay)
        tolerance = 1e-6 * self.dt
        if shortest < lowest - tolerance:
            what = "the time step" if self._min_delay == "auto" else "min_delay"
            raise InvalidConnectionError(
                f"{owner}.delay: {shortest} ms is not allowed; it must be at least {what}, {lowest} ms"
            )
        if self._max_delay != "auto" and longest > self._max_delay + tolerance:
            raise InvalidConnectionError(
                f"{owner}.delay: {longest} ms is not allowed; it must be at most max_delay, {self._max_delay} ms"
            )

    def note_delays(self, delays: np.ndarray) -> None:
        """Take note of delays that connections use now."""
        if np.size(delays):
            shortest, longest = extent(delays)
            known = self._delays_in_use or (np.inf, -np.inf)
            self._delays_in_use = (min(known[0], float(shortest)), max(known[1], float(longest)))

    def run_until(self, time_point: float) -> None:
        """Run until `time_point` (ms), to the nearest time step."""
        self.advance(exactly(time_point))

    def advance(self, time_point: int) -> None:
        """The same for an exact time, see `parameters.exactly`."""
        end = self.nearest_step(time_point)
        self.running = True
        try:
            if end > self.network.step:
                gate.step(self.files.run, end - self.network.step)
        finally:
            # a run that was interrupted has asked for what there is
            self.asked = time_point if self.network.step == end else exactly(self.t)

    def nearest_step(self, time_point: int) -> int:
        """The time step nearest to an exact time, of two that are as near the later one."""
        return nearest_step(time_point / PARTS, self.dt)

    @property
    def trial(self) -> int:
        return self.network.trial

    def reset(self, repeat: bool = False, keep_weights: bool = False) -> None:
        """Back to t = 0, for a new trial or for the present one again; parameters and structure stay."""
        self.network.reset(self.trial + (not repeat), keep_weights)
        self.files.rewound()
        for source in self.current_sources:
            source.rewind()
        self.running = False
        self.asked = 0
        self.t_start = 0
        self.segment_counter += 1

    def reset_states(self) -> None:
        """Initial states of everything, while time, weights and random numbers go on."""
        self.network.reset_states()
        self.state_resets += 1


def check_setup(
    timestep: float, min_delay: Number | str, max_delay: Number | str, rng_seed: int, threads: int, extra_params: Any
) -> tuple[float, Any, Any]:
    """Refuse impossible arguments of `setup()`, and warn about unknown ones.

    Returns
    -------
    tuple
        Time step (ms), `min_delay` and `max_delay` (ms or "auto").
    """
    timestep = Entry("setup", "timestep", "positive", "ms").number(timestep)
    if not SHORTEST_TIMESTEP <= timestep <= LONGEST_TIMESTEP:
        refuse("setup", "timestep", f"{timestep} ms", f"from {SHORTEST_TIMESTEP:g} to {LONGEST_TIMESTEP:g} ms")
    limits: list[Any] = []
    for what, delay in (("min_delay", min_delay), ("max_delay", max_delay)):
        if not isinstance(delay, str) or delay != "auto":
            allowed = f"'auto', or at least the time step, {timestep} ms"
            if isinstance(delay, str | None):
                refuse("setup", what, repr(delay), allowed)
            delay = Entry("setup", what, "any", "ms").number(delay)
            if not timestep * (1 - 1e-6) <= delay <= LONGEST_TIME:
                refuse("setup", what, f"{delay} ms", allowed)
        limits.append(delay)
    min_delay, max_delay = limits
    if min_delay != "auto" and max_delay != "auto" and min_delay > max_delay:
        refuse("setup", "min_delay", f"{min_delay} ms", f"at most max_delay, {max_delay} ms")
    if not is_integer(rng_seed):
        refuse("setup", "rng_seed", repr(rng_seed), "an integer")
    if not is_integer(threads) or not 1 <= threads <= MOST_THREADS:
        refuse("setup", "threads", repr(threads), f"an integer from 1 to {MOST_THREADS}")
    for argument in extra_params:
        if argument not in FOREIGN_ARGUMENTS:
            hint = close_to(argument, [*OWN_ARGUMENTS, *FOREIGN_ARGUMENTS])
            warnings.warn(
                f"setup() knows no argument {argument!r}, neither here nor in other backends{hint}",
                stacklevel=4,
            )
    return timestep, min_delay, max_delay


state = State(processes=join())


def begin(new: State) -> None:
    """Let a new simulation be the present one from now on."""
    global state
    last, state = state, new
    last.retire()
