"""What there is to draw in a block, a segment or a list, and axes to draw it into."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import neo
import numpy as np
from neo.io.proxyobjects import BaseProxy

from ..parameters import optional, refuse
from ..parameters.suggestions import close_to

# Colours of Okabe and Ito, which colour-blind readers can tell apart.
COLOURS = ("#000000", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")

# Units whose symbols in quantities are not those of print.
SYMBOLS = {"dimensionless": "", "uS": "µS", "1/mV": "mV⁻¹"}

# What several signals of one unit are.
QUANTITIES = {"mV": "potential", "nA": "current", "µS": "conductance", "Hz": "rate"}


def new_axes(owner: str, ax: Any, **figure_options: Any) -> Any:
    """`ax`, or the axes of a new figure."""
    if ax is not None:
        axes = optional("matplotlib.axes", "pyurbanczik.plotting", "plot")
        for one in np.atleast_1d(np.asarray(ax, dtype=object)).flat:
            if not isinstance(one, axes.Axes):
                refuse(owner, "ax", repr(one), "axes of matplotlib, or None")
        return ax
    pyplot = optional("matplotlib.pyplot", "pyurbanczik.plotting", "plot")
    return pyplot.subplots(layout="constrained", **figure_options)[1]


def clean(ax: Any) -> None:
    """Without the frame's upper and right side."""
    ax.spines[["top", "right"]].set_visible(False)


def unit_of(values: Any) -> str:
    """The unit of a quantity as it is printed, "" if it has none."""
    name = values.dimensionality.string
    return SYMBOLS.get(name, name)


def labelled(name: str, unit: str) -> str:
    """A name with its unit behind it."""
    return f"{name} ({unit})" if unit else name


def segment_of(owner: str, data: Any, segment: int) -> neo.Segment | None:
    """The segment to draw; None for what is no block and no segment."""
    if isinstance(data, neo.Segment):
        return data
    if not isinstance(data, neo.Block):
        return None
    n = len(data.segments)
    if not isinstance(segment, (int, np.integer)) or not -n <= segment < n:
        refuse(owner, "segment", repr(segment), f"the number of one of {n} segments")
    return data.segments[segment]


def end_of(signals: Iterable[Any]) -> float:
    """The time (ms) at which the last of the signals ends. Neo knows none for one without samples."""
    return max((float(signal.t_stop.rescale("ms")) for signal in signals if len(signal)), default=0.0)


def loaded(item: Any) -> Any:
    """The item itself, or what it stands for in a file."""
    return item.load() if isinstance(item, BaseProxy) else item


def spike_trains(owner: str, data: Any, segment: int) -> list[neo.SpikeTrain]:
    """The spike trains in `data`."""
    part = segment_of(owner, data, segment)
    items = [data] if isinstance(data, neo.SpikeTrain) else data if part is None else part.spiketrains
    trains = [loaded(item) for item in items] if isinstance(items, Iterable) else [items]
    if not all(isinstance(train, neo.SpikeTrain) for train in trains):
        refuse(
            owner, "data", f"a {type(data).__name__}", "a neo Block, Segment or SpikeTrain, or a list of spike trains"
        )
    if not trains:
        refuse(
            owner, "data", "a segment without spike trains", 'one that holds spikes: call record("spikes") before run'
        )
    return trains


def signals(owner: str, data: Any, segment: int) -> list[neo.AnalogSignal | neo.IrregularlySampledSignal]:
    """The signals in `data`, all of them."""
    part = segment_of(owner, data, segment)
    kinds = (neo.AnalogSignal, neo.IrregularlySampledSignal)
    if part is not None:
        items = [*part.analogsignals, *part.irregularlysampledsignals]
    else:
        items = [data] if isinstance(data, (*kinds, BaseProxy)) or not isinstance(data, Iterable) else list(data)
    found = [loaded(item) for item in items]
    if not all(isinstance(item, kinds) for item in found):
        refuse(owner, "data", f"a {type(data).__name__}", "a neo Block, Segment or signal, or a list of signals")
    if not found:
        refuse(owner, "data", "a segment without signals", "one that holds signals: call record() before run")
    return found


def chosen(owner: str, name: str, wanted: Any, found: list) -> list:
    """Those of the signals whose names are wanted, in the order of the wish; all of them for None."""
    if wanted is None:
        return found
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    there = list(dict.fromkeys(signal.name for signal in found))
    for one in names:
        if one not in there:
            refuse(owner, name, repr(one), f"one of {', '.join(map(str, there))}{close_to(one, there)}")
    return [signal for one in names for signal in found if signal.name == one]


def channel_numbers(parts: list) -> list[np.ndarray]:
    """The numbers of the channels of signals of one name: those of their cells, or counted through without such."""
    numbers, n = [], 0
    for signal in parts:
        counted = np.arange(n, n + signal.shape[1])
        numbers.append(np.asarray(signal.array_annotations.get("channel_index", counted)))
        n += signal.shape[1]
    return numbers
