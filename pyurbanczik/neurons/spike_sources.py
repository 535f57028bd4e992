"""Sources of spikes: at given times, at given times with given weights, and at random."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from warnings import warn

import numpy as np
from pyNN.parameters import Sequence
from pyNN.standardmodels import StandardCellType, cells

from backend_cython.model.schema import RULES
from backend_cython.neurons import spike_source_array, spike_source_poisson
from backend_cython.numerics.trains import copied

from ..parameters import LONGEST_TIME, is_lazy, refuse
from ..parameters.changes import refused_as_value
from .base import CellType
from .sequences import TrainEntry, Trains, in_objects

if TYPE_CHECKING:
    from ..populations import Population


def are_trains(given: np.ndarray | Trains) -> bool:
    """Whether times of one source, or of several, are finite, not negative and sorted."""
    times = given if isinstance(given, np.ndarray) else given.joined
    if not times.size:
        return True
    in_order = times[1:] >= times[:-1]
    least, most = times[0], times[-1]
    if isinstance(given, Trains):
        # between the last of a train and the first of the next one there is no order
        first = given.counts[:-1].cumsum()
        in_order[first[(first > 0) & (first < times.size)] - 1] = True
        least, most = times.min(), times.max()
    return bool(least >= 0 and most <= LONGEST_TIME and in_order.all())


def number_of_past(population: Population, trains: Trains, indices: np.ndarray | None) -> int:
    """How many times of the new trains of `indices` (or all) are not after now, and were not in the trains so far."""
    network = population.core.network
    if not network.started:
        return 0

    def past(times):
        return times / network.timestep + 0.5 < network.step + 1

    if not past(trains.joined.min(initial=np.inf)):
        return 0
    before = population.core.times(indices)
    begun = [(train[past(train)], old) for train, old in zip(trains, before) if train.size and past(train[0])]
    return sum(int((~np.isin(now_past, old)).sum()) for now_past, old in begun)


def warn_of_past(population: Population, n: int) -> None:
    """Tell that `n` spike times, if any, are past."""
    # every process has all sources: one of them is enough to tell
    state = population.simulation
    if n and not state.mpi_rank:
        warn(
            f"{population.label}.spike_times: {n} of the spike times given are past (it is {state.t} ms now), and are "
            "not emitted before a reset()",
            stacklevel=_level_of_user(),
        )


def _level_of_user():
    """The stack level, for a warning by the caller, of the first frame that is neither ours nor PyNN's."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in ("pyurbanczik", "pyNN"):
        frame, level = frame.f_back, level + 1
    return level


class StoredTrains:
    """A copy of trains, which are cut when they are asked for."""

    def __init__(self, trains: Trains) -> None:
        self.trains = Trains(trains.joined.copy(), trains.counts)

    def cut(self, indices: np.ndarray | None = None) -> list[np.ndarray]:
        """Copies of the trains of `indices`, or of all."""
        trains = list(self.trains)
        return [train.copy() for train in (trains if indices is None else (trains[i] for i in indices))]


class KeptByCore:
    """Trains that the core gives back as they were given, by its method `cut`."""

    def __init__(self, cut: Callable[..., Any]) -> None:
        self.cut = cut


class _GivenTrains(CellType):
    """What the sources with given spike times share."""

    _known_to_be_trains = False

    def entry(self, name: str) -> Any:
        rule = "time" if name == "spike_times" else "finite"
        return TrainEntry(type(self).__name__, name, rule, self.units[name])

    def check_parameter(self, name: str, value: Any) -> Any:
        """Check the numbers; the order of times is checked when the population is made, as PyNN has it."""
        if is_lazy(value):
            return value
        entry = self.entry(name)
        trains = entry.trains(value)
        are_times = name == "spike_times"
        if isinstance(trains, np.ndarray):
            # it is the user's own array perhaps
            rule = RULES[entry.allowed]
            copy = copied(trains, rule.least, rule.most, are_times)
            if copy is None:
                copy = entry.check(trains).copy()
            else:
                self._known_to_be_trains |= are_times
            # populations use it as well
            copy.flags.writeable = False
            return Sequence(copy)
        if are_times and are_trains(trains):
            self._known_to_be_trains = True
        else:
            entry.check(trains.joined)
        return [Sequence(train) for train in trains]

    def evaluate(self, parameters: Mapping[str, Any], size: int) -> Any:
        return {name: self.entry(name).trains_of_size(value, size) for name, value in parameters.items()}

    def initial_parameters(self, size: int) -> dict[str, Any]:
        given = {name: lazy.base_value for name, lazy in self.parameter_space.items()}
        values = self.evaluate(given, size)
        for name, trains in values.items():
            # not if somebody has put another array in the place of the copy
            if isinstance(trains, Trains):
                trains.lasting = given[name] is self._checked.get(name) and not trains.joined.flags.writeable
        if not self._known_to_be_trains:
            self._check_trains(values["spike_times"])
        self.check_together(values)
        return values

    def _check_trains(self, trains):
        entry = self.entry("spike_times")
        for train in trains:
            if not are_trains(train):
                entry.check(train)
                worst = int(np.argmax(train[1:] < train[:-1]))
                entry.refuse(f"{train[worst + 1]} ms after {train[worst]} ms", "sorted")

    def check_together(self, values: Mapping[str, Any]) -> None:
        """Refuse times and weights that do not match."""

    def writing(
        self, population: Population, values: Mapping[str, Any], indices: np.ndarray | None = None
    ) -> Iterator[None]:
        trains = {}
        for name in self.default_parameters:
            trains[name] = values[name] if name in values else Trains.of(population.given[name].cut(indices))
        self.check_together(trains)
        owner, times, factors = type(self).__name__, trains["spike_times"], self.factors(trains)
        columns = [None if column is None else (column.joined, column.counts) for column in (times, factors)]
        with refused_as_value():
            lasting = factors is not None and factors.lasting
            events = population.core.prepared_spikes(columns[0], indices, columns[1], owner, lasting)
        n_past = number_of_past(population, times, indices)
        yield
        population.core.take_over_spikes(events)
        for name, value in values.items():
            self.keep(population, name, value, indices)
        warn_of_past(population, n_past)

    def keep(self, population: Population, name: str, value: Any, indices: np.ndarray | None) -> None:
        """Keep the trains of the cells at `indices`, or of all, for those who ask for them."""
        if indices is not None:
            before = population.given[name]
            if isinstance(before, KeptByCore) and (name == "spike_times" or value.counts.all()):
                return
            whole = before.cut()
            for i, train in zip(indices, value):
                whole[i] = train
            value = Trains.of(whole)
        population.given[name] = self.stored(population, name, value)

    def stored(self, population: Population, name: str | None, trains: Any) -> Any:
        """What keeps the trains of all cells so that they can be asked for."""
        if name == "spike_times":
            return KeptByCore(population.core.times)
        return StoredTrains(trains)

    def factors(self, trains: Any) -> Any:
        """Factors of the spikes for the core; None if all are 1."""
        return None

    def read(
        self, population: Population, name: str, indices: np.ndarray | None = None, simplified: bool = True
    ) -> Any:
        return in_objects(Sequence, population.given[name].cut(indices), simplified)

    def to_show(self, population: Population, name: str, indices: np.ndarray | None = None) -> Any:
        """As many empty places if the first two cells have different trains: all that is shown then is their number."""
        cells, kept = np.arange(population.size) if indices is None else indices, population.given[name]
        if len(cells) > 1 and not isinstance(kept, np.ndarray) and not np.array_equal(*kept.cut(cells[:2])):
            return np.empty(len(cells), dtype=object)
        return self.read(population, name, indices)


class SpikeSourceArray(_GivenTrains, cells.SpikeSourceArray):
    """Spikes at given times.

    Parameters
    ----------
    spike_times : sequence of float, or one sequence for each cell
        ms; sorted, not negative, finite. A spike is emitted at the time step nearest to its time, and recorded
        with the time given. Spike trains of Neo have units of their own, and times since the start of the simulation:
        ``set(spike_times=segment.spiketrains)`` plays a recording back, one train for each cell. Fastest are plain
        arrays, or all trains in one array, as ``neo.core.spiketrainlist.SpikeTrainList.from_spike_time_array`` has
        them.
        ``population.set(spike_times=...)`` replaces them during a simulation: what has been emitted remains,
        and times that are not after now are past, of which there is a warning unless they were given before.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For times that are negative, not finite or (when the population is made) not sorted.
    """

    core = spike_source_array.SpikeSourceArray
    default_parameters = {"spike_times": Sequence([])}
    units = {"spike_times": "ms"}


class WeightedSpikeSourceArray(_GivenTrains, StandardCellType):
    """Spikes at given times, each with a factor that multiplies the weights of the synapses it passes.

    Parameters
    ----------
    spike_times : sequence of float, or one sequence for each cell
        ms; as for :class:`SpikeSourceArray`.
    spike_weights : sequence of float, or one sequence for each cell
        One factor for each spike; without any, all are 1. Set it together with `spike_times` when their
        number changes.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For times that are negative, not finite or not sorted, and for as many weights as there are no spikes.
    """

    core = spike_source_array.SpikeSourceArray
    default_parameters = {"spike_times": Sequence([]), "spike_weights": Sequence([])}
    units = {"spike_times": "ms", "spike_weights": "dimensionless"}

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        values = [self.parameter_space[name].base_value for name in self.default_parameters]
        if all(isinstance(value, (Sequence, float, bool)) for value in values):
            self.initial_parameters(1)

    def check_together(self, values: Mapping[str, Any]) -> None:
        n_times, n_weights = values["spike_times"].counts, values["spike_weights"].counts
        for i in np.flatnonzero((n_weights > 0) & (n_weights != n_times)):
            refuse(
                type(self).__name__,
                "spike_weights",
                f"{n_weights[i]} weights for {n_times[i]} spike times (source {i})",
                "one weight for each spike time",
            )

    def stored(self, population: Population, name: str | None, trains: Any) -> Any:
        if name == "spike_weights" and trains.counts.all():
            return KeptByCore(population.core.factors)
        return super().stored(population, name, trains)

    def factors(self, trains: Any) -> Any:
        times, weights = trains["spike_times"], trains["spike_weights"]
        if not weights.joined.size:
            return None
        if (weights.counts == times.counts).all():
            return weights
        factors = np.ones(times.joined.size)
        factors[np.repeat(weights.counts > 0, times.counts)] = weights.joined
        return Trains(factors, times.counts)


class SpikeSourcePoisson(CellType, cells.SpikeSourcePoisson):
    r"""Spikes of a Poisson process.

    .. math:: P(n \text{ spikes in } h) = \frac{(\text{rate} \cdot h)^n}{n!}\,e^{-\text{rate} \cdot h}

    Parameters
    ----------
    rate : float
        Hz, zero or positive.
    start, duration : float
        The process runs over [start, start + duration), ms; zero or positive.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is negative or not finite.

    Notes
    -----
    The intervals are drawn, with a random number for each spike; from 0.1 to 16 spikes a time step the numbers of
    spikes in the steps, which takes less time. They are only counted, in a fraction of that time, as long as nobody
    records them and nothing reads them but `StaticSynapse` with one delay from each source to one cell, in the same
    order (`OneToOneConnector`). A change of `rate` holds from the next step on.
    """

    core = spike_source_poisson.SpikeSourcePoisson
