"""Neo objects from plain arrays. The one module that builds them."""

from __future__ import annotations

import functools
import gc
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import neo
import numpy as np
import quantities as pq
from neo.core.dataobject import ArrayDict
from neo.core.spiketrainlist import SpikeTrainList
from neo.io.proxyobjects import BaseProxy

from backend_cython.numerics.sorting import by_key

from ..parameters.annotations import with_text_keys
from ..storage.zarr_arrays import Columns
from .neo_proxies import LazyEvents, LazySignal, LazyTrain

if TYPE_CHECKING:
    from ..storage.signals import SegmentContent

MS = pq.ms.dimensionality
PER_MS = (1 / pq.ms).dimensionality
HZ = pq.Hz.dimensionality
# The attributes of objects as Neo makes them.
SIGNAL = vars(neo.AnalogSignal([] * pq.ms, sampling_period=1.0 * pq.ms))
EVENTS = vars(neo.IrregularlySampledSignal([] * pq.ms, [] * pq.ms))
TRAIN = vars(neo.SpikeTrain([] * pq.ms, 0.0 * pq.ms))


class _Bare(np.ndarray):
    """An array that becomes one of quantities or Neo, whose constructors spend most of their time on units."""

    def made(self, kind: type, attributes: dict[str, Any]) -> Any:
        """The same array as one of that class, with all its attributes."""
        self.__dict__ = attributes
        self.__class__ = kind
        return self


def _quantity(values, dimensionality):
    """`values` as a quantity."""
    return values.view(_Bare).made(pq.Quantity, {"_dimensionality": dimensionality})


@functools.cache
def _dimensionality(unit):
    return pq.unit_registry[unit].dimensionality


def new_block(name: str, description: str | None, annotations: Mapping[str, Any]) -> neo.Block:
    """A block without segments."""
    block = neo.Block(name=name, description=description)
    # which may be called "name" as well
    block.annotate(**with_text_keys(annotations))
    block.rec_datetime = datetime.now()
    return block


def new_segment(block: neo.Block, content: SegmentContent, description: str | None) -> neo.Segment:
    """The segment for `content`, in `block`."""
    segment = neo.Segment(name=f"segment{content.number:03d}", description=description, rec_datetime=content.created)
    segment.annotate(**content.annotations)
    if not block.segments:
        block.rec_datetime = content.created
    block.segments.append(segment)
    segment.block = block
    return segment


def add_signal(
    segment: neo.Segment,
    samples: Any,
    channel_ids: np.ndarray | None = None,
    source_population: str | None = None,
    **array_annotations: Any,
) -> None:
    """An analog signal, a channel a cell or connection."""
    annotations = {} if channel_ids is None else {"channel_ids": channel_ids, "source_population": source_population}
    if isinstance(samples.data, Columns):
        signal = LazySignal(samples, array_annotations, annotations)
        signal.segment = segment
        segment.analogsignals.append(signal)
        return
    of_channels = ArrayDict(samples.data.shape[1])
    of_channels.update(array_annotations)
    signal = samples.data.view(_Bare).made(
        neo.AnalogSignal,
        {
            **SIGNAL,
            "_dimensionality": _dimensionality(samples.unit),
            "_t_start": _quantity(np.array(samples.start), MS),
            "_sampling_rate": _quantity(np.array(1.0 / samples.interval), PER_MS),
            "name": samples.name,
            "annotations": annotations,
            "array_annotations": of_channels,
        },
    )
    signal.segment = segment
    segment.analogsignals.append(signal)


def _split(labels, keys, *columns):
    """Where the numbers lie that carry each of the keys, and `columns` (in order of time) in that order."""
    # what carries another label comes last
    place = np.full(max(labels.max(initial=0), keys.max(initial=0)) + 1, len(keys), dtype=np.int32)
    place[keys] = np.arange(len(keys))
    ordered, counts = by_key(place.take(labels), len(keys) + 1, [np.ascontiguousarray(column) for column in columns])
    ends = counts.cumsum().tolist()
    return map(slice, [0, *ends], ends[:-1]), *(column.view(_Bare) for column in ordered)


class SpikeTrains(SpikeTrainList):
    """Neo's list of spike trains, with a quick way to their `multiplexed` form.

    Pickled or copied it is Neo's own list.
    """

    @property
    def multiplexed(self) -> Any:
        """``(ids, times)``: the channel of each spike and its time, train after train, in ms."""
        # nothing is kept, so that trains can be added; dimensionalities themselves are slow to compare
        loaded = (train.load() if isinstance(train, BaseProxy) else train for train in self)
        trains = [train if dict.__eq__(train._dimensionality, MS) else train.rescale("ms") for train in loaded]
        ids = np.array([train.annotations.get("channel_id", i) for i, train in enumerate(trains)], dtype=np.int64)
        times = np.concatenate([np.empty(0), *(train.view(np.ndarray) for train in trains)])
        return np.repeat(ids, [train.size for train in trains]), _quantity(times, MS)

    def __reduce__(self):
        return SpikeTrainList, (self._items,), {"segment": self.segment}


def _all_at_once(make):
    """Let `make`, which makes many small objects that all stay, do so without searches for garbage in between."""

    @functools.wraps(make)
    def wrapped(*arguments):
        collecting = gc.isenabled()
        gc.disable()
        try:
            return make(*arguments)
        finally:
            if collecting:
                gc.enable()

    return wrapped


@_all_at_once
def add_spike_trains(segment: neo.Segment, groups: Any, stop: float) -> None:
    """One train a cell: `groups` are (spikes, first id, label of the population)."""
    trains = []
    stop_time = np.array(stop, dtype=float)
    for spikes, first_id, label in groups:
        if spikes.table.origin is not None:
            trains.extend(_lazy_trains(segment, spikes, first_id, label, stop))
            continue
        starts = spikes.starts.copy().view(_Bare)
        parts, times = _split(spikes.table.keys, spikes.indices, spikes.table.times)
        for number, (index, part) in enumerate(zip(spikes.indices.tolist(), parts)):
            of_cell = times[part]
            train = of_cell.made(
                neo.SpikeTrain,
                {
                    **TRAIN,
                    "_dimensionality": MS,
                    "t_start": starts[number, ...].made(pq.Quantity, {"_dimensionality": MS}),
                    "t_stop": _quantity(stop_time.copy(), MS),
                    "sampling_rate": _quantity(np.array(1.0), HZ),
                    "annotations": {
                        "source_population": label,
                        "source_index": index,
                        "channel_id": first_id + index,
                    },
                    "array_annotations": ArrayDict(len(of_cell)),
                    "segment": segment,
                },
            )
            trains.append(train)
    segment.spiketrains = SpikeTrains(items=trains, parent=segment)


def _lazy_trains(segment, spikes, first_id, label, stop):
    for index, start in zip(spikes.indices.tolist(), spikes.starts.tolist()):
        annotations = {"source_population": label, "source_index": index, "channel_id": first_id + index}
        train = LazyTrain(spikes.table, index, start, stop, annotations)
        train.segment = segment
        yield train


def _lazy_events(segment, events, pre, post):
    for index in events.indices.tolist():
        annotations = {"presynaptic_index": int(pre[index]), "postsynaptic_index": int(post[index])}
        signal = LazyEvents(events.table, index, events.name, events.unit, annotations)
        signal.segment = segment
        yield signal


@_all_at_once
def add_event_signals(segment: neo.Segment, tables: Any, pre: Any, post: Any) -> None:
    """One irregularly sampled signal a connection, in their order; `tables` are events of the same variable."""
    signals = []
    for events in tables:
        if events.table.origin is not None:
            signals.extend(_lazy_events(segment, events, pre, post))
            continue
        dimensionality = _dimensionality(events.unit)
        table, sources, targets = events.table, pre[events.indices].tolist(), post[events.indices].tolist()
        parts, times, values = _split(table.keys, events.indices, table.times, table.values)
        values = values[:, np.newaxis]
        for source, target, part in zip(sources, targets, parts):
            signal = values[part].made(
                neo.IrregularlySampledSignal,
                {
                    **EVENTS,
                    "_dimensionality": dimensionality,
                    "times": times[part].made(pq.Quantity, {"_dimensionality": MS}),
                    "name": events.name,
                    "annotations": {"presynaptic_index": source, "postsynaptic_index": target},
                    "array_annotations": ArrayDict(1),
                    "segment": segment,
                },
            )
            signals.append(signal)
    order = np.argsort(np.concatenate([events.indices for events in tables]), kind="stable")
    segment._irregularlysampledsignals._items.extend(signals[k] for k in order.tolist())


def add_population_content(segment: neo.Segment, content: SegmentContent, first_id: int, label: str | None) -> None:
    """What was recorded from the cells of a population."""
    for samples in content.samples:
        add_signal(
            segment,
            samples,
            channel_index=samples.indices,
            channel_ids=samples.indices + first_id,
            source_population=label,
        )
    if content.spikes is not None:
        add_spike_trains(segment, [(content.spikes, first_id, label)], content.stop)


def add_projection_content(segment: neo.Segment, content: SegmentContent, pre: Any, post: Any) -> None:
    """What was recorded from connections, whose ends are `pre` and `post`."""
    for samples in content.samples:
        add_signal(
            segment,
            samples,
            presynaptic_index=pre[samples.indices],
            postsynaptic_index=post[samples.indices],
        )
    for name in dict.fromkeys(events.name for events in content.events):
        add_event_signals(segment, [events for events in content.events if events.name == name], pre, post)
