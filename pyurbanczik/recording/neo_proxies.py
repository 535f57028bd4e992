"""Neo objects whose data lie in a file until they are loaded.

They are Neo's own proxy objects, so that Neo (`Segment.time_slice`, for instance) and what builds on it treats them as
it should. Neo's machinery for reading raw files is not used: it counts time in seconds, and what is loaded here is to
be the same, to the last bit, as a recording in memory, in ms.
"""

from collections.abc import Mapping
from typing import Any

import neo
import numpy as np
import quantities as pq
from neo.core.dataobject import ArrayDict
from neo.io.proxyobjects import AnalogSignalProxy, BaseProxy, SpikeTrainProxy


def _bounds(time_slice, start, stop, strict):
    """Both ends of `time_slice` in ms; None means the end of the data (`start`, `stop`)."""
    ends = []
    for name, time, end in zip(("t_start", "t_stop"), time_slice or (None, None), (start, stop)):
        time = end if time is None else float(pq.Quantity(time).rescale("ms"))
        if strict and not start <= time <= stop:
            raise ValueError(f"{name}: {time} ms is not allowed; it must lie between {start} and {stop} ms")
        ends.append(min(max(time, start), stop))
    return ends


class LazySignal(AnalogSignalProxy):
    """An `AnalogSignal` in a file.

    Parameters
    ----------
    samples : signals.SampledSignal
        Their data are `Columns`.
    array_annotations, annotations : dict
    """

    def __init__(
        self, samples: Any, array_annotations: Mapping[str, Any] | None, annotations: Mapping[str, Any]
    ) -> None:
        self._data = samples.data
        self._start, self._interval = samples.start, samples.interval
        self.shape = samples.data.shape
        self.dtype = np.dtype(np.float64)
        self.units = pq.Quantity(1.0, samples.unit)
        self.t_start = samples.start * pq.ms
        self.sampling_period = samples.interval * pq.ms
        self.sampling_rate = 1.0 / self.sampling_period
        BaseProxy.__init__(self, array_annotations, name=samples.name, file_origin=samples.data.origin, **annotations)

    def load(
        self,
        time_slice: tuple | None = None,
        strict_slicing: bool = True,
        channel_indexes: Any = None,
        magnitude_mode: str = "rescaled",
    ) -> Any:
        """Read the signal, or a part of it, from the file.

        Parameters
        ----------
        time_slice : (start, stop), optional
            Quantities, or None for the beginning or end of the signal.
        strict_slicing : bool
            Whether times outside the signal are refused, or taken for its ends.
        channel_indexes : list, slice or mask, optional
            Columns of the signal.
        magnitude_mode : {"rescaled", "raw"}
            Without meaning: the numbers in the file are in the signal's units.

        Returns
        -------
        neo.AnalogSignal

        Raises
        ------
        ValueError
            For a time outside the signal, if slicing is strict.
        """
        first, last, start = 0, len(self._data), self.t_start
        if time_slice is not None:
            begin, end = _bounds(time_slice, self._start, self._start + last * self._interval, strict_slicing)
            first = round((begin - self._start) / self._interval)
            last = min(last, first + round((end - begin) / self._interval))
            start = self.t_start + first * self.sampling_period
        columns = slice(None) if channel_indexes is None else channel_indexes
        return neo.AnalogSignal(
            self._data.read(first, last, columns),
            units=self.units,
            t_start=start,
            sampling_period=self.sampling_period,
            name=self.name,
            file_origin=self.file_origin,
            array_annotations={name: values[columns] for name, values in self.array_annotations.items()},
            **self.annotations,
        )


class _Rows(BaseProxy):
    """What spike trains and event signals share: the rows of a `Table` that belong to one of its keys."""

    def _open(self, table, key, **annotations):
        self._table, self._key = table, key
        # not the constructor of the base class, which asks for the length, for which the file has to be read
        super(BaseProxy, self).__init__(file_origin=table.origin, **annotations)

    @property
    def size(self) -> int:
        return int(self._table.count(np.array([self._key]))[0])

    @property
    def array_annotations(self) -> Any:
        return ArrayDict(self.shape[-1])


class LazyTrain(_Rows, SpikeTrainProxy):
    """A `SpikeTrain` in a file: the rows of `table` that belong to the cell `key`, between `start` and `stop` (ms)."""

    def __init__(self, table: Any, key: int, start: float, stop: float, annotations: Mapping[str, Any]) -> None:
        self._start, self._stop = float(start), float(stop)
        self.units = pq.ms
        self.t_start, self.t_stop = self._start * pq.ms, self._stop * pq.ms
        self.sampling_rate = 1.0 * pq.Hz
        self.left_sweep = None
        self._open(table, key, **annotations)

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.size,)

    def load(
        self,
        time_slice: tuple | None = None,
        strict_slicing: bool = True,
        magnitude_mode: str = "rescaled",
        load_waveforms: bool = False,
    ) -> Any:
        """Read the train, or a part of it, from the file.

        Parameters
        ----------
        time_slice : (start, stop), optional
            Quantities, or None for the beginning or end of the train. Both ends are included.
        strict_slicing : bool
            Whether times outside the train are refused, or taken for its ends.
        magnitude_mode, load_waveforms
            Without meaning: there are no raw times, and no waveforms.

        Returns
        -------
        neo.SpikeTrain

        Raises
        ------
        ValueError
            For a time outside the train, if slicing is strict.
        """
        start, stop = _bounds(time_slice, self._start, self._stop, strict_slicing)
        # times given to a source lie around their time step, but none of a train after its end
        inner = (start if start > self._start else None, stop if stop < self._stop else None)
        times, _ = self._table.read(self._key, *inner)
        return neo.SpikeTrain(
            np.minimum(times, stop),
            units="ms",
            t_start=start * pq.ms,
            t_stop=stop * pq.ms,
            sampling_rate=self.sampling_rate,
            file_origin=self.file_origin,
            **self.annotations,
        )


class LazyEvents(_Rows):
    """An `IrregularlySampledSignal` in a file: the rows of `table` that belong to the connection `key`."""

    _parent_objects = ("Segment",)
    proxy_for = neo.IrregularlySampledSignal

    def __init__(self, table: Any, key: int, name: str, unit: str, annotations: Mapping[str, Any]) -> None:
        self.units = pq.Quantity(1.0, unit)
        self._open(table, key, name=name, **annotations)

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.size, 1)

    @property
    def t_start(self) -> pq.Quantity:
        return self.load().t_start

    @property
    def t_stop(self) -> pq.Quantity:
        return self.load().t_stop

    def load(self, time_slice: tuple | None = None, strict_slicing: bool = False) -> Any:
        """Read the signal, or a part of it, from the file.

        Parameters
        ----------
        time_slice : (start, stop), optional
            Quantities, or None for no limit. Both ends are included.
        strict_slicing : bool
            Without meaning: events happen now and then.

        Returns
        -------
        neo.IrregularlySampledSignal
        """
        limits = [None if time is None else float(time.rescale("ms")) for time in time_slice or (None, None)]
        times, values = self._table.read(self._key, *limits)
        return neo.IrregularlySampledSignal(
            times,
            values.reshape(-1, 1),
            units=self.units,
            time_units="ms",
            name=self.name,
            file_origin=self.file_origin,
            **self.annotations,
        )
