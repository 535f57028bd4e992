"""What populations and projections of any PyNN simulator hold, as plain arrays."""

from __future__ import annotations

from typing import Any

import neo
import numpy as np
from pyNN import random

from .results import Connections, ProjectionResult, Segment, Signal, WeightEvents


def records_spikes(population: Any) -> bool:
    """Whether spikes of any cell of a population are being recorded."""
    recorder = population.recorder
    if hasattr(recorder, "records_spikes"):
        return recorder.records_spikes()
    return any(variable.name == "spikes" and cells for variable, cells in recorder.recorded.items())


def is_native(rng: Any) -> bool:
    """Whether a generator is a simulator's own."""
    return isinstance(rng, random.NativeRNG)


def draws_natively(values: Any) -> bool:
    """Whether the simulator's own generator draws any of some parameters, or initial values."""
    return any(is_native(getattr(getattr(value, "base_value", None), "rng", None)) for _, value in values.items())


def segments(population: Any) -> list[Segment]:
    """All that a population holds; spikes and cells by their index in it."""
    block = population.recorder.get("all", gather=True)
    return [_segment(segment, int(population.first_id)) for segment in block.segments]


def _segment(segment: neo.Segment, first_id: int) -> Segment:
    cells, times = np.empty(0, dtype=int), np.empty(0)
    if len(segment.spiketrains):
        ids, times = segment.spiketrains.multiplexed
        cells, times = np.asarray(ids, dtype=int) - first_id, np.asarray(times.magnitude, dtype=float)
        order = np.lexsort((cells, times))
        cells, times = cells[order], times[order]
    return Segment(cells, times, {signal.name: _signal(signal) for signal in segment.analogsignals})


def _signal(signal: neo.AnalogSignal) -> Signal:
    columns = signal.array_annotations.get("channel_index", np.arange(signal.shape[1]))
    return Signal(
        signal.units.dimensionality.string,
        float(signal.t_start.rescale("ms")),
        float(signal.sampling_period.rescale("ms")),
        np.asarray(columns, dtype=int),
        np.array(signal.magnitude, dtype=float),
    )


def connections(projection: Any) -> Connections:
    """Cells, weights and delays of all connections."""
    names = [name for name in ("weight", "delay") if projection.synapse_type.has_parameter(name)]
    rows = projection.get(names, format="list", gather=True, with_address=True)
    table = np.array([tuple(row) for row in rows], dtype=float).reshape(len(rows), 2 + len(names))
    pre, post = table[:, :2].T.astype(int)
    return Connections.ordered(pre, post, dict(zip(names, table[:, 2:].T)))


def recorded_of_connections(projection: Any, result: ProjectionResult) -> None:
    """Add what a projection recorded, where the simulator can."""
    if not hasattr(projection, "record"):
        return
    for segment in projection.get_data().segments:
        result.signals.update((signal.name, _signal(signal)) for signal in segment.analogsignals)
        by_name: dict[str, list] = {}
        for signal in segment.irregularlysampledsignals:
            by_name.setdefault(signal.name, []).append(signal)
        result.events.update((name, _events(signals)) for name, signals in by_name.items())


def records_weights(projection: Any) -> bool:
    """Whether anything of the connections of a projection is being recorded."""
    return any(segment.data_children for segment in projection.get_data().segments)


def carried_weights(projection: Any) -> Connections | None:
    """The weights that the last presynaptic spikes carried, if those of all connections are recorded.

    A weight that no spike has passed yet is as it is.
    """
    rows = projection.get(["weight", "delay"], format="list", gather=True, with_address=True)
    table = np.array([tuple(row) for row in rows], dtype=float).reshape(len(rows), 4)
    signals = [s for s in projection.get_data().segments[-1].irregularlysampledsignals if s.name == "weight"]
    if len(signals) != len(table):
        return None
    weights = [float(s.magnitude[-1, 0]) if len(s) else row[2] for s, row in zip(signals, table)]
    values = {"weight": np.array(weights), "delay": table[:, 3]}
    pre, post = table[:, :2].T.astype(int)
    return Connections.ordered(pre, post, values)


def _events(signals):
    signals = [signal for signal in signals if len(signal)]
    ends = (
        np.repeat([signal.annotations[f"{end}synaptic_index"] for signal in signals], [len(s) for s in signals])
        for end in ("pre", "post")
    )
    pre, post = (np.asarray(end, dtype=int) for end in ends)
    times, values = (
        np.concatenate([part(signal) for signal in signals]) if signals else np.empty(0)
        for part in (lambda s: s.times.rescale("ms").magnitude, lambda s: s.magnitude[:, 0])
    )
    order = np.lexsort((times, post, pre))
    unit = signals[0].units.dimensionality.string if signals else ""
    return WeightEvents(unit, pre[order], post[order], times[order], values[order])
