"""Figures of what was recorded in all simulators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..judge.verdicts import DIFFERS

if TYPE_CHECKING:
    from .report import Report

# Of Okabe and Ito, which colour-blind readers can tell apart
COLOURS = ("#000000", "#d55e00", "#0072b2", "#009e73", "#cc79a7")
CELLS = 40  # in a raster
POINTS = 4000  # of a trace
LARGEST = 12  # figures of each kind


def figures(report: Report) -> Iterator[tuple[str, Figure]]:
    """A title and a figure each: spikes, signals, weights and laws."""
    runs = report.runs
    ours = next(iter(runs.values()))
    for number, simulation in enumerate(ours.simulations[:LARGEST]):
        prefix = f"Simulation {number + 1}: " if len(ours.simulations) > 1 else ""
        alike = {
            name: run.simulations[number]
            for name, run in runs.items()
            if number < len(run.simulations)
            and len(run.simulations[number].populations) == len(simulation.populations)
            and len(run.simulations[number].projections) == len(simulation.projections)
        }
        for k, population in enumerate(simulation.populations[:LARGEST]):
            segments = {name: s.populations[k].segments[-1] for name, s in alike.items() if s.populations[k].segments}
            if population.records_spikes and any(len(segment.spike_times) for segment in segments.values()):
                yield f"{prefix}spikes of {population.label}", _raster(segments)
            for variable in segments and next(iter(segments.values())).signals:
                signals = {name: s.signals[variable] for name, s in segments.items() if variable in s.signals}
                yield f"{prefix}{variable} of {population.label}, first cell", _traces(signals, variable)
        for k, projection in enumerate(simulation.projections[:LARGEST]):
            finals = {name: s.projections[k].final for name, s in alike.items()}
            if projection.synapse != "StaticSynapse" and all(
                f is not None and "weight" in f.values for f in finals.values()
            ):
                yield f"{prefix}final weights of {projection.label}", _weights(finals)
    laws = [found for found in report.comparisons if found.what == "law"]
    if laws:
        yield "Laws: the sixty largest distances of means", _laws(laws)


def _new(rows=1, height=3.0, **options):
    figure = Figure(figsize=(10.0, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, 1, squeeze=False, sharex=True, **options)[:, 0]
    for panel in axes:
        panel.spines[["top", "right"]].set_visible(False)
        panel.tick_params(labelsize=8)
    return figure, axes


def _raster(segments):
    figure, (panel,) = _new(height=3.2)
    firing = np.unique(np.concatenate([segment.spike_cells for segment in segments.values()]))[:CELLS]
    n = len(segments)
    for k, ((name, segment), colour) in enumerate(zip(segments.items(), COLOURS)):
        shown = np.isin(segment.spike_cells, firing)
        rows = np.searchsorted(firing, segment.spike_cells[shown]) + (k - (n - 1) / 2) * 0.8 / n
        length = max(2.0, 130.0 / (len(firing) * n))
        panel.plot(segment.spike_times[shown], rows, "|", color=colour, markersize=min(length, 14.0), label=name)
    panel.set_yticks(range(len(firing)), firing if len(firing) < 15 else [""] * len(firing))
    panel.set_xlabel("time (ms)", fontsize=9)
    panel.set_ylabel("cell", fontsize=9)
    figure.legend(*panel.get_legend_handles_labels(), loc="outside right upper", fontsize=9, frameon=False)
    return figure


def _traces(signals, variable):
    figure, (above, below) = _new(2, 3.8, height_ratios=[2.0, 1.0])
    reference = next(iter(signals.values()))
    for k, ((name, signal), colour) in enumerate(zip(signals.items(), COLOURS)):
        step = max(1, len(signal.values) // POINTS)
        times, values = signal.times()[::step], signal.values[::step, 0]
        above.plot(
            times, values, color=colour, linewidth=1.6 - 0.4 * min(k, 2), linestyle="--" if k else "-", label=name
        )
        if k and signal.values.shape == reference.values.shape:
            difference = np.max(np.abs(signal.values - reference.values), axis=1, initial=0.0)
            below.plot(times, difference[::step], color=colour, linewidth=1.0)
    above.set_ylabel(f"{variable} ({reference.unit})", fontsize=9)
    below.set_ylabel("largest\ndifference", fontsize=9)
    below.set_xlabel("time (ms)", fontsize=9)
    figure.legend(*above.get_legend_handles_labels(), loc="outside right upper", fontsize=9, frameon=False)
    return figure


def _weights(finals):
    figure, (panel,) = _new(height=4.0)
    (_, reference), *others = finals.items()
    values = reference.values["weight"]
    for (name, final), colour in zip(others, COLOURS[1:]):
        if len(final) == len(reference):
            panel.plot(values, final.values["weight"], ".", color=colour, markersize=4, alpha=0.6, label=name)
    panel.axline((float(values.mean()), float(values.mean())), slope=1.0, color="0.6", linewidth=0.8, zorder=0)
    panel.set_xlabel("weight here", fontsize=9)
    panel.set_ylabel("weight there", fontsize=9)
    figure.legend(*panel.get_legend_handles_labels(), loc="outside right upper", fontsize=9, frameon=False)
    return figure


def _laws(laws):
    shown = sorted(laws, key=_of_bound)[-60:]
    figure, (panel,) = _new(height=1.2 + 0.19 * len(shown))
    for row, found in enumerate(shown):
        colour = COLOURS[1] if found.verdict == DIFFERS else COLOURS[2]
        panel.plot(min(_of_bound(found), 3.0), row, "o", color=colour, markersize=4)
    panel.axvline(1.0, color="0.4", linestyle=":", linewidth=1.0)
    panel.set_yticks(range(len(shown)), [f"{f.simulator}: {f.of}, {f.variable}" for f in shown], fontsize=7)
    panel.set_xlabel("distance of means as part of its bound (dotted)", fontsize=9)
    panel.set_xlim(left=0.0)
    return figure


def _of_bound(law):
    """The distance of a law as part of what is allowed; one that never varies is equal or differs."""
    return law.difference / law.allowed if law.allowed else min(law.difference, 10.0)
