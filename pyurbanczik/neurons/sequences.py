"""Parameters that are sequences of numbers, one for each cell."""

from __future__ import annotations

from typing import Any

import numpy as np
from neo.core.basesignal import BaseSignal
from neo.core.spiketrainlist import SpikeTrainList
from pyNN import errors
from pyNN.parameters import ArrayParameter, LazyArray, Sequence

from backend_cython.numerics.sorting import by_key
from backend_cython.numerics.trains import joined

from ..parameters import Entry, is_lazy, private_copy, yielding
from .base import CellType


class Trains:
    """Sequences of numbers, one for each cell: one behind the other in one array, which costs much less than many.

    Parameters
    ----------
    joined : float64 array
    counts : int64 array
        How many numbers each of them has.

    Attributes
    ----------
    lasting : bool
        Whether the numbers are known to be checked, and that nobody will change them.
    """

    __slots__ = ("counts", "joined", "lasting")

    def __init__(self, joined: np.ndarray, counts: np.ndarray) -> None:
        self.joined, self.counts, self.lasting = joined, counts, False

    @classmethod
    def of(cls, arrays: list[np.ndarray]) -> Trains:
        """Copies of one-dimensional float64 arrays."""
        counts = np.fromiter(map(len, arrays), np.int64, len(arrays))
        return cls(np.concatenate(arrays) if arrays else np.empty(0), counts)

    def __len__(self):
        return len(self.counts)

    def __iter__(self):
        ends = self.counts.cumsum().tolist()
        return (self.joined[first:last] for first, last in zip([0, *ends], ends))


class TrainEntry(Entry):
    """Where sequences of numbers are given: one for all cells (an array), or a list with one for each cell."""

    def train(self, value: Any) -> Any:
        """One sequence as a float64 array, which may be the one given."""
        value = value.value if isinstance(value, ArrayParameter) else value
        if type(value) is np.ndarray and value.ndim == 1 and value.dtype == np.float64:
            return value
        train = self.convert(value)
        if np.ndim(train) != 1:
            self.refuse(repr(value), "a sequence of numbers")
        return train

    def trains(self, value: Any) -> np.ndarray | Trains:
        """One sequence as an array, which may be the one given, or copies of several."""
        if isinstance(value, ArrayParameter):
            return self.train(value)
        if isinstance(value, SpikeTrainList):
            found = self._multiplexed(value)
            if found is not None:
                return found
        if isinstance(value, np.ndarray) and value.dtype != object:
            several = value.ndim == 2 and not isinstance(value, BaseSignal)
        elif isinstance(value, (list, tuple, range, np.ndarray, SpikeTrainList)):
            several = len(value) > 0 and (np.ndim(value[0]) > 0 or isinstance(value[0], ArrayParameter))
        else:
            self.refuse(repr(value), "a sequence of numbers, or a list with one sequence for each cell")
        return self._joined(list(value)) if several else self.train(value)

    def _multiplexed(self, spikes):
        """Those of a list of Neo that holds all times in one array, and no trains; None for another one."""
        # one that has trains as well may have others by now
        if spikes._items is not None or spikes._spike_time_array is None:
            return None
        channels, ids = np.asarray(spikes._channel_id_array), spikes._all_channel_ids
        counted = isinstance(ids, range) and ids == range(len(ids))
        known = None if counted else np.array(list(ids))
        times = np.ascontiguousarray(self.convert(spikes._spike_time_array))
        if channels.shape != times.shape or times.ndim != 1:
            self.refuse(f"{channels.size} channel ids for {times.size} spike times", "one id for each time")
        whole = (counted or known.dtype.kind in "iu") and (channels.dtype.kind in "iu" or not channels.size)
        if not (len(ids) and whole):
            return None
        place = channels if counted or (known == np.arange(len(ids))).all() else _places(channels, known)
        if place is None or (place.size and not 0 <= place.min() <= place.max() < len(ids)):
            return None
        (joined_times,), counts = by_key(np.ascontiguousarray(place, np.int32), len(ids), [times])
        return Trains(joined_times, counts)

    def _joined(self, sequences):
        """Those of a list, not one by one if they are what most are, plain arrays."""
        together = joined(sequences, Sequence)
        return Trains(*together) if together is not None else Trains.of([self.train(train) for train in sequences])

    def trains_of_size(self, value: Any, size: int) -> Trains:
        """Sequences for `size` cells; the numbers of a single one may lie in the array given."""
        if is_lazy(value):
            lazy = LazyArray(private_copy(value), shape=(size,), dtype=Sequence)
            with yielding(self.owner, self.name, value):
                value = lazy[:] if callable(lazy.base_value) else lazy.evaluate(simplify=True)
        trains = self.trains(value)
        if isinstance(trains, np.ndarray):
            return Trains(trains if size == 1 else np.tile(trains, size), np.full(size, len(trains)))
        if len(trains) != size:
            raise errors.InvalidDimensionsError(
                f"{self.owner}.{self.name}: {len(trains)} sequences are not allowed; "
                f"there must be one for each of {size} cells"
            )
        return trains


def _places(channels, known):
    """Where each of some channels lies among those that are known; None if some do not, or if two are the same."""
    order = np.argsort(known)
    ordered = known[order]
    if (ordered[1:] == ordered[:-1]).any():
        return None
    found = np.minimum(ordered.searchsorted(channels), len(known) - 1)
    return order[found] if (ordered[found] == channels).all() else None


def in_objects(kind: type, trains: Any, simplified: bool) -> Any:
    """Trains as an array of `kind`; if they are equal and that may be simplified, one of it."""
    if simplified and all(np.array_equal(train, trains[0]) for train in trains):
        return kind(trains[0])
    result = np.empty(len(trains), dtype=object)
    for i, train in enumerate(trains):
        result[i] = kind(train)
    return result


class WithSequences(CellType):
    """What cell types with such parameters share.

    `sequences` names them, with the rule for their numbers; `kind` is PyNN's class of one.
    """

    sequences: dict[str, str] = {}
    kind: type = Sequence

    def entry(self, name: str) -> Any:
        if name not in self.sequences:
            return super().entry(name)
        return TrainEntry(type(self).__name__, name, self.sequences[name], self.units[name])

    def check_parameter(self, name: str, value: Any) -> Any:
        if name not in self.sequences:
            return super().check_parameter(name, value)
        if is_lazy(value):
            return value
        entry = self.entry(name)
        given = entry.trains(value)
        shared = isinstance(given, np.ndarray)
        for numbers in [given] if shared else given:
            self.check_sequence(entry, numbers)
        return self.kind(given) if shared else [self.kind(numbers) for numbers in given]

    def check_sequence(self, entry: Entry, numbers: np.ndarray) -> None:
        """Refuse the sequence of one cell."""
        entry.check(numbers)

    def checked(self, name: str, value: Any, size: int) -> Any:
        if name not in self.sequences:
            return super().checked(name, value, size)
        given = list(self.entry(name).trains_of_size(value, size))
        if is_lazy(value):
            self.check_parameter(name, given)
        return given
