"""What multiplies the learning of `DendriticErrorSynapse`: a reward, attention, the release of dopamine."""

from __future__ import annotations

from typing import Any

import neo
import numpy as np
import quantities as pq
from pyNN.common import Population

from backend_cython.synapses.modulator import Modulator as CoreModulator
from backend_cython.synapses.modulator import ModulatorRecorder

from ..objects.assignments import NoAssignments
from ..objects.presentation import Shown, text
from ..parameters import Entry, is_lazy, refuse, to_time
from ..parameters.suggestions import close_to
from ..simulation.lifetime import Member, changing, reading


class ModulatorBase(Shown, NoAssignments, Member):
    """What modulators share: a record, with one sample for each time step."""

    _set_by: dict[str, str] = {}  # {parameter: how it is set}

    picklable = "what get_data() returns"

    def __init__(self) -> None:
        self._record_from = None
        self._trial = self._state.segment_counter

    def _arguments(self):
        return [f"{name}={value}" for name, value in self._facts()]

    def _facts(self):
        try:
            return [("value", text(self.value))]
        except RuntimeError:
            # while time passes
            return []

    @property
    def _state(self):
        return self.simulation

    @changing
    def record(self) -> None:
        """Keep the values from the present time on."""
        self._follow_resets()
        if self._record_from is None:
            self._record_from = self._state.network.step
            self._start_record()

    @reading
    def get_data(self) -> neo.AnalogSignal:
        """The values since `record`, or since the last reset if that was later, one at each time step up to now.

        Returns
        -------
        neo.AnalogSignal
            Without unit; one channel, or one for each cell.
        """
        self._follow_resets()
        if self._record_from is None:
            refuse(type(self).__name__, "get_data", "without record()", "called after record()")
        first, dt = self._record_from, self._state.dt
        return neo.AnalogSignal(
            self._recorded(first, self._state.network.step),
            units=pq.dimensionless,
            t_start=to_time(first, dt) * pq.ms,
            sampling_period=dt * pq.ms,
            name="modulator",
        )

    def _instead(self, name):
        return self._set_by.get(name)

    def _start_record(self):
        """Keep what is to be known of the present trial."""
        raise NotImplementedError

    def _recorded(self, first, last):
        """The values from one step to another, both included, shape (steps, channels)."""
        raise NotImplementedError

    def _core_for(self, places, size):
        raise NotImplementedError

    def _join(self, core, places, size):
        """Another modulator of the core is to do the same; there is none by default."""

    def _cores(self):
        """All modulators of the core that do what it does."""
        return [self._core]

    def _save(self):
        raise NotImplementedError

    def _restore(self, facts, arrays):
        raise NotImplementedError

    def _reset(self):
        """Time has gone back to 0."""

    def _follow_resets(self):
        """Begin again if there was a reset."""
        if self._trial != self._state.segment_counter:
            self._trial = self._state.segment_counter
            if self._record_from is not None:
                self._record_from = 0
            self._reset()

    def _number(self, name, value, allowed="finite", unit="dimensionless"):
        return Entry(type(self).__name__, name, allowed, unit).number(value)


class Modulator(ModulatorBase):
    """A factor M of learning that is given: constant, in steps of time, or set while the simulation goes on.

    Parameters
    ----------
    value : float or array
        M, without unit: one number, or one for each postsynaptic cell of the projections that it modulates.
    times, values : sequence, optional
        Instead of `value`: increasing times (ms), and what M is from each of them on, a number or one for each cell.
        Before the first time M is 0.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For numbers that are not finite, for times that do not increase, for other numbers of values than of times.

    Notes
    -----
    `set` acts from the present time on, and what was to come of `values` is dropped. After a reset M begins with what
    was set last, or else with the first of `values`.
    """

    _set_by = dict.fromkeys(("value", "times", "values"), "use set(...)")

    @changing
    def __init__(self, value: Any = None, *, times: Any = None, values: Any = None) -> None:
        super().__init__()
        owner = type(self).__name__
        if times is None and values is None:
            steps, rows = [0], self._row("value", 1.0 if value is None else value)[np.newaxis]
        elif value is not None:
            refuse(owner, "value", value, "missing if there are times and values")
        elif times is None or values is None:
            refuse(owner, "times" if times is None else "values", None, "given, as times and values belong together")
        else:
            steps, rows = self._schedule(times, values)
        self._core = CoreModulator(rows, steps)
        self._history = None  # (step, values from it on), kept for a record
        self._users = []
        self._state.modulators.append(self)

    def _schedule(self, times, values):
        owner = type(self).__name__
        times = np.atleast_1d(Entry(owner, "times", "time", "ms").convert(times))
        if times.ndim != 1 or len(times) == 0 or (np.diff(times) <= 0).any():
            refuse(owner, "times", times.tolist(), "a list of increasing times")
        Entry(owner, "times", "time", "ms").check(times)
        values = np.atleast_1d(Entry(owner, "values", "finite", "dimensionless").take(values))
        if len(values) != len(times) or values.ndim > 2:
            refuse(owner, "values", f"an array of shape {values.shape}", f"one value for each of {len(times)} times")
        steps = np.ceil(times / self._state.dt - 1e-9).astype(np.int64)
        rows = values.reshape(len(times), -1)
        # of several within one time step only the last one acts
        last = np.append(np.diff(steps) > 0, True)
        steps, rows = steps[last], rows[last]
        if steps[0] > 0:
            steps, rows = np.append(0, steps), np.concatenate([np.zeros((1, rows.shape[1])), rows])
        return steps, rows

    def _row(self, name, value):
        entry = Entry(type(self).__name__, name, "finite", "dimensionless")
        if is_lazy(value):
            entry.refuse(repr(value), "a number, or one for each cell")
        row = np.atleast_1d(entry.take(value))
        if row.ndim != 1 or len(row) == 0:
            entry.refuse(f"an array of shape {row.shape}", "a number, or one for each cell")
        return row

    @property
    def value(self) -> float | np.ndarray:
        """M at the present time: a number, or an array with one for each cell."""
        self._follow_resets()
        row = self._core.value(self._state.network.step)
        return float(row[0]) if len(row) == 1 else row.copy()

    @changing
    def set(self, value: Any) -> None:
        """Let M be `value` from the present time on: a number, or one for each postsynaptic cell."""
        self._follow_resets()
        row, now = self._row("value", value), self._state.network.step
        steps, rows = self._core.table
        # without projections as well, other numbers would not go with those that are kept
        kept = [rows.shape[1]] if steps[0] < now and rows.shape[1] > 1 else []
        for size in (*kept, *(size for _, _, size in self._users)):
            self._check_size(row, size)
        self._core.set(row, now)
        if self._history is not None:
            while self._history and self._history[-1][0] >= now:
                self._history.pop()
            self._history.append((now, row))
        for core, places, _ in self._users:
            core.set(self._of_cells(row, places), now)

    def _check_size(self, row, size):
        if len(row) not in (1, size):
            refuse(type(self).__name__, "value", f"{len(row)} numbers", f"one number, or one for each of {size} cells")

    @staticmethod
    def _of_cells(rows, places):
        return rows if rows.shape[-1] == 1 else rows[..., places]

    def _core_for(self, places, size):
        self._follow_resets()
        steps, rows = self._core.table
        self._check_size(rows[0], size)
        return CoreModulator(self._of_cells(rows, places), steps)

    def _join(self, core, places, size):
        self._users.append((core, places, size))

    def _cores(self):
        return [self._core, *(core for core, _, _ in self._users)]

    def _save(self):
        self._follow_resets()
        arrays = dict(zip(("steps", "rows", "initial steps", "initial rows"), (*self._core.table, *self._core.initial)))
        for number, (_, row) in enumerate(self._history or ()):
            arrays[f"history/{number}"] = row
        past = None if self._history is None else [int(step) for step, _ in self._history]
        return {"record from": self._record_from, "history": past}, arrays

    def _restore(self, facts, arrays):
        self._trial, self._record_from = self._state.segment_counter, facts["record from"]
        past = facts["history"]
        self._history = None if past is None else [(step, arrays[f"history/{i}"]) for i, step in enumerate(past)]
        tables = [(arrays["steps"], arrays["rows"]), (arrays["initial steps"], arrays["initial rows"])]
        self._core.restore_schedule(*tables)
        for core, places, _ in self._users:
            core.restore_schedule(*((steps, self._of_cells(rows, places)) for steps, rows in tables))

    def _reset(self):
        self._core.reset()
        if self._history is not None:
            self._start_record()

    def _start_record(self):
        self._history = list(zip(*self._core.table))

    def _recorded(self, first, last):
        steps, rows = zip(*self._history)
        acting = np.searchsorted(steps, np.arange(first, last + 1), side="right") - 1
        width = max(map(len, rows))
        return np.stack([np.broadcast_to(row, width) for row in rows])[np.maximum(acting, 0)]


class SpikeModulator(ModulatorBase):
    r"""A factor of learning that follows spikes: what they release, and what is left of it.

    .. math:: M(t) = b + \sum_f w\,e^{-(t - t_f)/\tau}

    over all spikes t_f ≤ t of all cells of a population.

    Parameters
    ----------
    population : Population
    tau : float
        τ, ms, positive.
    weight : float
        w, without unit.
    baseline : float
        b, without unit.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a number that is not allowed, and for a population of another simulation.
    """

    _set_by = {name: f"use set({name}=...)" for name in ("tau", "weight", "baseline")}

    @changing
    def __init__(self, population: Population, tau: Any = 200.0, weight: Any = 1.0, baseline: Any = 0.0) -> None:
        super().__init__()
        if not all(isinstance(population, kind) for kind in (Population, Member)):
            refuse(type(self).__name__, "population", repr(population), "a Population")
        population.check_present()
        values = {
            "tau": self._number("tau", tau, "positive", "ms"),
            "weight": self._number("weight", weight),
            "baseline": self._number("baseline", baseline),
        }
        self.population = population
        self._values = values
        self._core = CoreModulator(population=population.core, **values)
        self._state.modulators.append(self)

    def _facts(self):
        return [("population", repr(self.population.label)), *((name, text(x)) for name, x in self._values.items())]

    @property
    def value(self) -> float:
        """M at the present time."""
        return float(self._core.value(self._state.network.step)[0])

    @changing
    def set(self, **parameters: Any) -> None:
        """Change `tau`, `weight` or `baseline` from the present time on; spikes before keep their weight."""
        number = ("finite", "dimensionless")
        rules = {"tau": ("positive", "ms"), "weight": number, "baseline": number}
        for name in parameters:
            if name not in rules:
                refuse(type(self).__name__, name, "a value", f"one of {', '.join(rules)}{close_to(name, rules)}")
        values = {name: self._number(name, value, *rules[name]) for name, value in parameters.items()}
        self._core.change(**values)
        self._values = {**self._values, **values}

    def _core_for(self, places, size):
        # one for all projections
        return self._core

    def _save(self):
        self._follow_resets()
        arrays = self._core.save()
        if self._record_from is not None:
            arrays["recorded"] = np.array(self._recorder.data)
        return {"values": self._values, "record from": self._record_from}, arrays

    def _restore(self, facts, arrays):
        recording = self._record_from is not None
        self._trial, self._record_from = self._state.segment_counter, facts["record from"]
        self._values = facts["values"]
        self._core.restore(arrays)
        if self._record_from is not None:
            if not recording:
                self._start_record()
            self._recorder.restore(self._record_from, arrays["recorded"])

    def _start_record(self):
        self._recorder = ModulatorRecorder(self._core)

    def _recorded(self, first, last):
        return self._recorder.data[:, np.newaxis]


def core_for(modulator: ModulatorBase, places: np.ndarray, size: int) -> CoreModulator:
    """A modulator of the core for cells of which `places` are the numbers among the `size` of a projection."""
    modulator.check_present()
    return modulator._core_for(places, size)


def follow(modulator: ModulatorBase, core: CoreModulator, places: np.ndarray, size: int) -> None:
    """Let such a modulator of the core do what `modulator` does from now on."""
    modulator._join(core, places, size)


def cores(modulator: ModulatorBase) -> list[CoreModulator]:
    """All modulators of the core that do what `modulator` does."""
    return modulator._cores()


def save(modulator: ModulatorBase) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The state of a modulator: what JSON can hold, and arrays."""
    return modulator._save()


def restore(modulator: ModulatorBase, facts: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Take that over."""
    modulator._restore(facts, arrays)
