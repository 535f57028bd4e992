"""Spikes as dots, and signals as traces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..parameters import refuse
from .data import (
    COLOURS,
    QUANTITIES,
    channel_numbers,
    chosen,
    clean,
    labelled,
    new_axes,
    signals,
    spike_trains,
    unit_of,
)


def raster(data: Any, ax: Any = None, *, segment: int = -1, color: Any = COLOURS[0], size: float = 3.0) -> Any:
    """A dot for each spike: time from left to right, cells from bottom to top.

    Parameters
    ----------
    data : neo.Block, neo.Segment, neo.SpikeTrain or list of neo.SpikeTrain
        What `get_data()` of a population, view or assembly returns.
    ax : matplotlib.axes.Axes, optional
        Where to draw.
    segment : int
        Which segment of a block; the last one by default.
    color : matplotlib colour
    size : float
        Size of a dot, points.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For data without spike trains.

    Notes
    -----
    A cell's height is its index in its population (the annotation "source_index"); cells of several populations are
    numbered through.
    """
    trains = spike_trains("plotting.raster", data, segment)
    sources = [train.annotations.get("source_population") for train in trains]
    rows = [train.annotations.get("source_index", i) for i, train in enumerate(trains)]
    if len(set(sources)) > 1 or len(set(rows)) < len(rows):
        rows = list(range(len(trains)))
    times = np.concatenate([train.rescale("ms").magnitude for train in trains])
    cells = np.repeat(np.array(rows), [len(train) for train in trains])
    ax = new_axes("plotting.raster", ax, figsize=(7.0, 3.0))
    ax.plot(times, cells, linestyle="none", marker=".", markersize=size, markeredgewidth=0, color=color)
    begin = min(float(train.t_start.rescale("ms")) for train in trains)
    end = max(float(train.t_stop.rescale("ms")) for train in trains)
    ax.set_xlim(begin, end if end > begin else None)
    ax.set_ylim(min(rows) - 0.5, max(rows) + 0.5)
    ax.set_xlabel("time (ms)")
    ax.set_ylabel(f"cell of {sources[0]}" if sources[0] and len(set(sources)) == 1 else "cell")
    ax.yaxis.get_major_locator().set_params(integer=True)
    clean(ax)
    return ax


def traces(
    data: Any,
    variables: str | Sequence[str] | None = None,
    ax: Any = None,
    *,
    cells: int | Sequence[int] | None = None,
    segment: int = -1,
    **line_options: Any,
) -> Any:
    """Signals over time, one line for each variable and cell.

    Parameters
    ----------
    data : neo.Block, neo.Segment, a signal of neo or a list of them
        What `get_data()` of a population, projection or modulator returns.
    variables : str or list of str, optional
        Names of signals, such as "soma.v"; all of them by default.
    ax : matplotlib.axes.Axes, or a sequence of them, optional
        Where to draw: one for each unit among the signals.
    cells : int or sequence of int, optional
        Numbers of channels among those of a name, which lie in several signals if some joined later; all of them by
        default.
    segment : int
        Which segment of a block; the last one by default.
    **line_options
        Passed on to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    matplotlib.axes.Axes or array of them
        An array, one below the other, if the signals have several units.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a name or a cell that is not among the data.
    """
    owner = "plotting.traces"
    found = chosen(owner, "variables", variables, signals(owner, data, segment))
    by_unit = {}
    for signal in found:
        by_unit.setdefault(unit_of(signal), []).append(signal)
    panels = np.atleast_1d(
        new_axes(owner, ax, nrows=len(by_unit), sharex=True, figsize=(7.0, 1.0 + 2.0 * len(by_unit)))
    )
    if len(panels) != len(by_unit):
        refuse(owner, "ax", f"{len(panels)} axes", f"{len(by_unit)}, one for each unit ({', '.join(by_unit)})")
    columns = _columns(owner, cells, found)
    for panel, (unit, members) in zip(panels, by_unit.items()):
        names = list(dict.fromkeys(_name(signal) for signal in members))
        several = any(len(own) > 1 for signal, own in columns if unit_of(signal) == unit)
        for signal, own in columns:
            if unit_of(signal) == unit:
                colour = COLOURS[names.index(_name(signal)) % len(COLOURS)]
                options = {"color": colour, "linewidth": 1.0, "alpha": 0.6 if several else 1.0, **line_options}
                lines = panel.plot(signal.times.rescale("ms").magnitude, signal.magnitude[:, own], **options)
                if lines and "label" not in line_options:
                    lines[0].set_label(_name(signal))
        # signals at the events of connections come one for each connection
        handles, labels = panel.get_legend_handles_labels()
        if len(names) > 1:
            panel.legend(*zip(*dict(zip(labels, zip(handles, labels))).values()), frameon=False)
        panel.set_ylabel(labelled(names[0] if len(names) == 1 else QUANTITIES.get(unit, ", ".join(names[:3])), unit))
        panel.margins(x=0)
        clean(panel)
    panels[-1].set_xlabel("time (ms)")
    return panels[0] if len(panels) == 1 and not isinstance(ax, (list, tuple, np.ndarray)) else panels


def _name(signal):
    """What a signal is called: electrodes record currents without a name."""
    return signal.name or QUANTITIES.get(unit_of(signal), "")


def _columns(owner, cells, found):
    """The signals and the chosen columns of each, those of a name counted in the order of their cells."""
    chosen_columns = []
    for name in dict.fromkeys(signal.name for signal in found):
        same = [signal for signal in found if signal.name == name]
        numbers = channel_numbers(same)
        place = np.argsort(np.concatenate(numbers), kind="stable")
        n = len(place)
        own = np.arange(n) if cells is None else np.atleast_1d(cells)
        if own.dtype.kind not in "iu" or own.ndim != 1 or (own.size and not (-n <= own.min() and own.max() < n)):
            refuse(owner, "cells", repr(cells), f"numbers of channels of {name}, of which there are {n}")
        first = 0
        for signal in same:
            columns = place[own] - first
            chosen_columns.append((signal, columns[(columns >= 0) & (columns < signal.shape[1])]))
            first += signal.shape[1]
    return chosen_columns
