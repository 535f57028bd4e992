"""Sources of spikes under NEST's names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN.parameters import Sequence

from backend_cython.neurons import spike_source_poisson

from ..neurons.base import CellType, Term
from ..neurons.sequences import Trains
from ..neurons.spike_sources import SpikeSourcePoisson, WeightedSpikeSourceArray, number_of_past, warn_of_past
from ..parameters import Entry, fill, refuse, simplify
from ..parameters.changes import refused_as_value
from ..simulation import simulator
from .native import NativeCellType
from .time_grid import FOREVER, check_window, on_grid

if TYPE_CHECKING:
    from ..populations import Population

WINDOW = {"origin": 0.0, "start": 0.0, "stop": FOREVER}
FLAGS = {"allow_offgrid_times": False, "shift_now_spikes": False}
TRAINS = {name: Sequence([]) for name in ("spike_times", "spike_weights", "spike_multiplicities")}


class spike_generator(NativeCellType, WeightedSpikeSourceArray):
    """NEST's generator of given spikes.

    Parameters
    ----------
    spike_times : sequence of float, or one sequence for each cell
        ms after `origin`; sorted, positive, and multiples of the time step.
    spike_weights : sequence of float, or one sequence for each cell
        Factors of the weights of the synapses; without any, all are 1.
    spike_multiplicities : sequence of int, or one sequence for each cell
        How many spikes are emitted at each time; without any, one.
    origin, start, stop : float
        ms, multiples of the time step. Only spikes after `origin` + `start` and up to `origin` + `stop` are emitted.
    allow_offgrid_times : bool
        Whether times between two steps are allowed, which then mean the later one.
    shift_now_spikes : bool
        Whether a spike at the present time, which would be past, comes at the next step.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For values that are not allowed, some of them when the population is made, since they depend on the time step.
    """

    core = WeightedSpikeSourceArray.core
    default_parameters = {**TRAINS, **WINDOW, **FLAGS}
    units = {
        **dict.fromkeys(default_parameters, "dimensionless"),
        **dict.fromkeys(("spike_times", *WINDOW), "ms"),
    }

    def entry(self, name: str) -> Entry:
        if name in WINDOW:
            return Entry(type(self).__name__, name, "duration" if name == "stop" else "time", "ms")
        return super().entry(name)

    def check_parameter(self, name: str, value: Any) -> Any:
        if name in TRAINS:
            return super().check_parameter(name, value)
        if name in WINDOW:
            return CellType.check_parameter(self, name, value)
        if not isinstance(value, (bool, np.bool_)):
            refuse(type(self).__name__, name, repr(value), "True or False")
        return bool(value)

    def evaluate(self, parameters: Mapping[str, Any], size: int) -> Any:
        trains = {name: self.check_parameter(name, value) for name, value in parameters.items() if name in TRAINS}
        window = {name: value for name, value in parameters.items() if name in WINDOW}
        flags = {name: self.check_parameter(name, value) for name, value in parameters.items() if name in FLAGS}
        return {**super().evaluate(trains, size), **CellType.evaluate(self, window, size), **flags}

    def check_together(self, values: Mapping[str, Any]) -> None:
        super().check_together(values)
        owner = type(self).__name__
        for i, (times, numbers) in enumerate(zip(values["spike_times"], values["spike_multiplicities"])):
            if numbers.size and times.size != numbers.size:
                refuse(
                    owner,
                    "spike_multiplicities",
                    f"{numbers.size} multiplicities for {times.size} spike times (source {i})",
                    "one multiplicity for each spike time",
                )
            wrong = (numbers < 0) | (numbers != np.rint(numbers)) | (numbers > 1e6)
            if wrong.any():
                refuse(owner, "spike_multiplicities", numbers[wrong][0], "an integer from 0 to a million")

    def writing(
        self, population: Population, values: Mapping[str, Any], indices: np.ndarray | None = None
    ) -> Iterator[None]:
        cells = np.arange(population.size)[slice(None) if indices is None else indices]
        given = {}
        for name in self.default_parameters:
            if name in values:
                given[name] = values[name]
            elif name in TRAINS:
                given[name] = Trains.of(population.given[name].cut(indices))
            else:
                given[name] = population.given[name][cells]
        self.check_together(given)
        check_window(type(self).__name__, {name: given[name] for name in WINDOW})
        rows = zip(
            *(given[name] for name in TRAINS),
            *(np.broadcast_to(given[name], cells.shape) for name in (*WINDOW, *FLAGS)),
        )
        trains = [self._played(*row) for row in rows]
        times, factors = [train[0] for train in trains], [train[1] for train in trains]
        with refused_as_value():
            events = population.core.prepared_spikes(times, indices, factors, type(self).__name__)
        n_past = number_of_past(population, Trains.of(times), indices)
        yield
        population.core.take_over_spikes(events)
        for name, value in values.items():
            if name in TRAINS:
                self.keep(population, name, value, indices)
            else:
                kept = population.given.setdefault(name, np.full(population.size, self.default_parameters[name]))
                fill(kept, indices, value)
        warn_of_past(population, n_past)

    def _played(self, times, weights, numbers, origin, start, stop, offgrid_allowed, shifted):
        """Times and factors of the spikes that one cell emits."""
        owner = type(self).__name__
        if not shifted and times.size and times[0] == 0.0:
            refuse(owner, "spike_times", 0.0, "positive, unless shift_now_spikes is set")
        step = np.rint((origin + on_grid(owner, "spike_times", times, offgrid_allowed)) / simulator.state.dt)
        if shifted:
            step[step == np.rint(simulator.state.t / simulator.state.dt)] += 1
        half = simulator.state.dt / 2
        at = step * simulator.state.dt
        emitted = (at > origin + start + half) & (at < origin + stop + half)
        number = numbers.astype(np.int64) if numbers.size else np.ones(times.size, dtype=np.int64)
        factor = weights if weights.size else np.ones(times.size)
        number = number[emitted]
        return np.repeat(at[emitted], number), np.repeat(factor[emitted], number)

    def stored(self, population: Population, name: str | None, trains: Any) -> Any:
        """What is set reads back, whatever is emitted."""
        return super().stored(population, None, trains)

    def read(
        self, population: Population, name: str, indices: np.ndarray | None = None, simplified: bool = True
    ) -> Any:
        if name in TRAINS:
            return super().read(population, name, indices, simplified)
        values = population.given[name] if indices is None else population.given[name][indices]
        return simplify(values) if simplified else values.copy()


class poisson_generator(NativeCellType, SpikeSourcePoisson):
    """NEST's Poisson generator: `rate` (Hz), from `origin` + `start` to `origin` + `stop` (ms, multiples of the step).

    A cell of ours is one source, whose targets all receive the same spikes; in NEST every target receives
    spikes of its own.
    """

    core = spike_source_poisson.SpikeSourcePoisson
    default_parameters = {"rate": 0.0, **WINDOW}
    parameters = {
        "rate": Term("rate", 1.0, "Hz"),
        "start": Term("start", 1.0, "ms"),
        "stop": Term("duration", 1.0, "ms"),
    }
    units = {"origin": "ms"}

    def writing(
        self, population: Population, values: Mapping[str, Any], indices: np.ndarray | None = None
    ) -> Iterator[None]:
        """Turn `origin` and `stop` into a start and a duration."""
        given = {}
        for name, default in self.default_parameters.items():
            given[name] = np.array(population.given.get(name, np.full(population.size, default)))
            if name in values:
                fill(given[name], indices, values[name])
        check_window(type(self).__name__, {name: given[name] for name in WINDOW})
        own = {
            "rate": given["rate"],
            "start": given["origin"] + given["start"],
            "duration": given["stop"] - given["start"],
        }
        with refused_as_value():
            prepared = population.core.prepared(own, None, type(self).__name__)
        yield
        population.core.take_over(prepared)
        population.given.update(given)
