"""How weights change, and how well what is learnt predicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import floor
from typing import Any, NamedTuple

import neo
import numpy as np
import quantities as pq

from ..parameters import Entry, refuse
from ..parameters.hints import Number
from ..projections import Projection
from .data import COLOURS, channel_numbers, chosen, clean, end_of, labelled, new_axes, segment_of, signals, unit_of

# How far samples may be from the grid of others, and periods from it, as a part of its interval.
TOLERANCE = 1e-6


class History:
    """The values of one connection over time, from one recording: at its events, as steps, or on a grid."""

    def __init__(self, times: np.ndarray, values: np.ndarray, at_events: bool) -> None:
        self.times, self.values, self.at_events = times, values, at_events

    def last(self, time: float) -> tuple[float, float]:
        """When the last sample up to a time (ms) was taken, and its value: NaN before the first."""
        place = np.searchsorted(self.times, time, side="right") - 1
        return (self.times[place], self.values[place]) if place >= 0 else (-np.inf, np.nan)


_ENDS = ("presynaptic_index", "postsynaptic_index")


def _histories(owner, data, variable, segment):
    """What was recorded of each connection, {(pre, post, which one between these two): its recordings}, that at events
    before that on a grid, and the unit.
    """
    found = chosen(owner, "variable", variable, signals(owner, data, segment))
    histories, seen = {}, Counter()
    for signal in sorted(found, key=_at_events, reverse=True):
        at_events, values = _at_events(signal), signal.magnitude
        times = signal.times.rescale("ms").magnitude
        notes = signal.array_annotations or signal.annotations
        ends = [np.atleast_1d(notes.get(name, [None] * values.shape[1])) for name in _ENDS]
        for i, pair in enumerate(zip(*ends)):
            history = History(times, values[:, i], at_events)
            histories.setdefault((*pair, seen[at_events, pair]), []).append(history)
            seen[at_events, pair] += 1
    return histories, unit_of(found[0])


def _at_events(signal):
    return isinstance(signal, neo.IrregularlySampledSignal)


def weights(
    data: Any,
    ax: Any = None,
    *,
    variable: str = "weight",
    connections: Sequence[int] | None = None,
    segment: int = -1,
    color: Any = None,
    colorbar: bool = True,
    **line_options: Any,
) -> Any:
    """The weight of each connection over time, coloured by how far it moved.

    Parameters
    ----------
    data : neo.Block, neo.Segment, a signal of neo or a list of them
        What `get_data()` of a projection returns, recorded at events or on a grid.
    ax : matplotlib.axes.Axes, optional
        Where to draw.
    variable : str
        Which variable: "weight", or another one that the synapses have, such as "u" and "x".
    connections : sequence of int, optional
        Numbers of connections among those recorded; all of them by default.
    segment : int
        Which segment of a block; the last one by default.
    color : matplotlib colour, optional
        One colour for all, instead of one for each change.
    colorbar : bool
        Whether to draw the scale of these colours.
    **line_options
        Passed on to `matplotlib.collections.LineCollection`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a variable or connection that is not among the data.

    Notes
    -----
    A weight that was recorded at events is drawn as it acts: it keeps its value until the next presynaptic spike. Of a
    connection that was recorded on a grid, too, that is drawn if it had no event.
    """
    from matplotlib.collections import LineCollection
    from matplotlib.colors import TwoSlopeNorm

    owner = "plotting.weights"
    found, unit = _histories(owner, data, variable, segment)
    histories = [next((one for one in own if one.times.size), own[0]) for own in found.values()]
    if connections is not None:
        numbers = np.atleast_1d(connections)
        if numbers.dtype.kind not in "iu" or (
            numbers.size and not 0 <= numbers.min() <= numbers.max() < len(histories)
        ):
            refuse(owner, "connections", repr(connections), f"numbers of connections below {len(histories)}")
        histories = [histories[i] for i in numbers]
    part = segment_of(owner, data, segment)
    end = max((h.times[-1] for h in histories if h.times.size), default=0.0)
    if part is not None:
        end = max(end, end_of(signals(owner, part, segment)))
    drawn = [h for h in histories if h.times.size]
    lines = [_steps(h, end) if h.at_events else np.column_stack((h.times, h.values)) for h in drawn]
    change = np.array([h.values[-1] - h.values[0] for h in drawn])
    order = np.argsort(np.abs(change), kind="stable")
    options = {"linewidths": 0.8, **line_options}
    if color is None:
        most = max(np.abs(change).max(initial=0.0), 1e-30)
        options |= {"array": change[order], "cmap": "coolwarm", "norm": TwoSlopeNorm(0.0, -most, most)}
    else:
        options["colors"] = color
    ax = new_axes(owner, ax, figsize=(7.0, 3.6))
    collection = LineCollection([lines[i] for i in order], **options)
    ax.add_collection(collection)
    ax.autoscale_view()
    ax.set_xlim(0.0 if end > 0.0 else None, end or None)
    ax.set_xlabel("time (ms)")
    ax.set_ylabel(labelled(variable, unit))
    if color is None and colorbar and drawn:
        ax.figure.colorbar(collection, ax=ax, label=labelled("change since the first sample", unit))
    clean(ax)
    return ax


def _steps(history, end):
    times = np.append(history.times, max(end, history.times[-1]))
    values = np.append(history.values, history.values[-1])
    return np.column_stack((np.repeat(times, 2)[1:], np.repeat(values, 2)[:-1]))


def weight_matrix(
    data: Any,
    ax: Any = None,
    *,
    time: Number | None = None,
    variable: str = "weight",
    segment: int = -1,
    colorbar: bool = True,
    **image_options: Any,
) -> Any:
    """Weights as an image: presynaptic cells from left to right, postsynaptic ones from bottom to top.

    Parameters
    ----------
    data : Projection, neo.Block, neo.Segment, signals of neo, or array
        A projection (weights as they are now), what its `get_data()` returns, or an array of shape (number of
        presynaptic cells, number of postsynaptic cells), which `get("weight", format="array")` returns.
    ax : matplotlib.axes.Axes, optional
        Where to draw.
    time : float or quantity, optional
        When, in ms, for what was recorded; at the end by default.
    variable : str
        Which variable of the connections.
    segment : int
        Which segment of a block; the last one by default.
    colorbar : bool
        Whether to draw the scale of colours.
    **image_options
        Passed on to `matplotlib.axes.Axes.imshow`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For data of another kind, and a time for weights that are those of now.

    Notes
    -----
    Where there is no connection, or none was recorded up to that time, the image is empty. Several connections
    between the same two cells are shown as their sum. What was recorded both at events and on a grid has the value of
    its last sample of either.
    """
    owner = "plotting.weight_matrix"
    image, unit = _image(owner, data, time, variable, segment)
    ax = new_axes(owner, ax, figsize=(5.0, 4.0))
    options = {"origin": "lower", "aspect": "auto", "interpolation": "none", **image_options}
    drawn = ax.imshow(image.T, **options)
    ax.set_xlabel("presynaptic cell")
    ax.set_ylabel("postsynaptic cell")
    for axis in (ax.xaxis, ax.yaxis):
        axis.get_major_locator().set_params(integer=True)
    if colorbar:
        ax.figure.colorbar(drawn, ax=ax, label=labelled(variable, unit))
    return ax


def _image(owner, data, time, variable, segment):
    """An array of shape (pre, post), and the unit of what is in it."""
    if isinstance(data, (Projection, np.ndarray)) and not isinstance(data, neo.core.basesignal.BaseSignal):
        if time is not None:
            refuse(owner, "time", repr(time), "None: these weights are those of now")
        if isinstance(data, Projection):
            return data.get(variable, format="array"), unit_of(pq.Quantity(1.0, data.find_units(variable)))
        if data.ndim != 2:
            refuse(owner, "data", f"an array of shape {data.shape}", "of shape (presynaptic, postsynaptic cells)")
        return np.asarray(data), unit_of(data) if isinstance(data, pq.Quantity) else ""
    histories, unit = _histories(owner, data, variable, segment)
    if any(pre is None for pre, _, _ in histories):
        refuse(owner, "data", "a signal without presynaptic indices", "what get_data() of a projection returns")
    time = np.inf if time is None else Entry(owner, "time", "finite", "ms").number(time)
    image = np.full([1 + max(key[end] for key in histories) for end in (0, 1)], np.nan)
    for (*pair, _), recordings in histories.items():
        _, value = max((one.last(time) for one in recordings), key=lambda sample: sample[0])
        place = tuple(pair)
        image[place] = value if np.isnan(image[place]) else np.nansum([image[place], value])
    return image, unit


def learning_curve(
    data: Any,
    period: Number | None = None,
    ax: Any = None,
    *,
    target: Any = "rate",
    predicted: str = "rate_star",
    segment: int = -1,
    **line_options: Any,
) -> Any:
    """How far a prediction is from its target: the root of the mean square of their difference, period by period.

    Parameters
    ----------
    data : neo.Block, neo.Segment or list of signals of neo
        What `get_data()` of a population returns.
    period : float or quantity, optional
        Length of a period, ms. Without it, each segment of a block is one: a point for each trial.
    ax : matplotlib.axes.Axes, optional
        Where to draw.
    target : str, array or None
        What should be predicted: the name of a signal that was recorded of the same cells, or its values at all
        samples (of a segment), with NaN where nothing is to be compared. None compares with zero, which suits
        `predicted="error"`.
    predicted : str
        The name of the signal that predicts.
    segment : int
        With a period: which segment of a block.
    **line_options
        Passed on to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For names that are not among the data, targets of other cells or of another shape, and a period longer than
        the data.
    """
    owner = "plotting.learning_curve"
    if period is None:
        if not isinstance(data, neo.Block):
            refuse(owner, "period", None, "a duration, unless the data are a block with a segment for each trial")
        trials = data.segments or [segment_of(owner, data, segment)]
        parts = [_differences(owner, trial, target, predicted, segment) for trial in trials]
        curve = [_root_mean_square([d.values for d in differences]) for differences, _ in parts]
        places, label = np.arange(len(parts)), "trial"
        unit = parts[0][1]
    else:
        differences, unit = _differences(owner, data, target, predicted, segment)
        begin, interval = min(d.start for d in differences), max(d.interval for d in differences)
        length = interval * round(Entry(owner, "period", "positive", "ms").number(period) / interval)
        n = int((max(d.end for d in differences) - begin) / length + TOLERANCE) if length else 0
        if n == 0:
            refuse(owner, "period", period, f"at least {interval} ms, and at most the duration of the data")
        # the first sample is that of the beginning; a period has those after it
        ends = begin + length * np.arange(n + 1)
        curve = [_root_mean_square([d.between(*both) for d in differences]) for both in pairwise(ends)]
        places, label = (ends[:-1] + 0.5 * length) * 1e-3, "time (s)"
    ax = new_axes(owner, ax, figsize=(5.0, 3.2))
    ax.plot(places, curve, **{"color": COLOURS[1], "marker": "o", "markersize": 3.0, **line_options})
    ax.set_xlabel(label)
    what = (
        f"RMS of {predicted}"
        if target is None
        else f"RMS of {target if isinstance(target, str) else 'target'} − {predicted}"
    )
    ax.set_ylabel(labelled(what, unit))
    ax.set_ylim(bottom=0.0)
    if period is None:
        ax.xaxis.get_major_locator().set_params(integer=True)
    clean(ax)
    return ax


class Samples(NamedTuple):
    """Values of shape (samples, cells), the first ones at `start` (ms), and the numbers of the cells."""

    start: float
    interval: float
    values: np.ndarray
    cells: np.ndarray

    @property
    def end(self) -> float:
        return self.start + self.interval * (len(self.values) - 1)

    def between(self, begin: float, end: float) -> np.ndarray:
        """The samples after `begin`, up to `end`."""
        first, last = (max(0, floor((t - self.start) / self.interval + TOLERANCE) + 1) for t in (begin, end))
        return self.values[first:last]

    def minus(self, other: Samples) -> Samples | None:
        """The difference where both have samples of the same cells at the same times; None if they have none."""
        shift = round((other.start - self.start) / self.interval)
        off = max(abs(other.start - self.start - shift * self.interval), abs(other.interval - self.interval))
        own, others = self.values[max(shift, 0) :], other.values[max(-shift, 0) :]
        n = min(len(own), len(others))
        cells, of_own, of_other = np.intersect1d(self.cells, other.cells, return_indices=True)
        if off > TOLERANCE * self.interval or not n or not cells.size:
            return None
        values = own[:n, of_own] - others[:n, of_other]
        return Samples(max(self.start, other.start), self.interval, values, cells)


def _samples(owner, argument, name, found, units=None):
    """Those of the signals of a name, of which there are several if cells joined later, and their units."""
    parts = chosen(owner, argument, name, found)
    units = units or parts[0].units
    numbers = channel_numbers(parts)
    if len(set().union(*numbers)) < sum(map(len, numbers)):
        refuse(owner, argument, f"{name!r}, several times of the same cells,", "the name of one signal of each cell")
    samples = []
    for part, cells in zip(parts, numbers):
        try:
            values = part.rescale(units).magnitude
        except ValueError:
            unit = pq.Quantity(1.0, units).dimensionality
            refuse(owner, argument, f"{name!r} in {part.dimensionality}", f"the name of a signal in {unit}")
        start, interval = (float(time.rescale("ms")) for time in (part.t_start, part.sampling_period))
        samples.append(Samples(start, interval, values, cells))
    return samples, units


def _differences(owner, data, target, predicted, segment):
    """Target minus prediction, as a list of `Samples`, and their unit."""
    found = [signal for signal in signals(owner, data, segment) if not _at_events(signal)]
    if not found:
        refuse(owner, "data", "a segment with signals at events alone", "one with signals on a grid of time")
    predictions, units = _samples(owner, "predicted", predicted, found)
    if isinstance(target, str):
        targets, _ = _samples(owner, "target", target, found, units)
        pairs = [one.minus(prediction) for one in targets for prediction in predictions]
        differences = [difference for difference in pairs if difference is not None]
        cells = set().union(*(one.cells.tolist() for one in (*targets, *predictions)))
        alone = cells.difference(*(difference.cells.tolist() for difference in differences))
        if alone:
            value = f"{target!r}, with nothing to compare for cell {min(alone)},"
            refuse(owner, "target", value, f"recorded of the same cells as {predicted!r}, at the same times")
    else:
        wanted = 0.0 if target is None else _given(owner, target, [one.values for one in predictions], units)
        differences = [one._replace(values=wanted - one.values) for one in predictions]
    return differences, unit_of(units)


def _given(owner, target, predictions, units):
    """A target that is given as its values at all samples."""
    wanted = Entry(owner, "target", "any", str(units.dimensionality)).convert(target)
    values = predictions[0]
    if np.ndim(wanted) and len(predictions) > 1:
        refuse(owner, "target", "an array", "a number or a name, since some of these cells were recorded later")
    if np.ndim(wanted) == 1 and len(wanted) == len(values):
        wanted = wanted[:, np.newaxis]
    if np.shape(wanted) not in ((), values.shape, (len(values), 1)):
        refuse(owner, "target", f"an array of shape {np.shape(wanted)}", f"one value for each of {len(values)} samples")
    return wanted


def _root_mean_square(parts):
    """NaN if there is nothing to compare."""
    values = np.concatenate([part.ravel() for part in parts])
    there = values[~np.isnan(values)]
    return np.sqrt(np.mean(there**2)) if there.size else np.nan
