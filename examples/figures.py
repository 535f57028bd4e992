"""Drawing that the experiments share."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# Colours of Okabe and Ito, which colour-blind readers can tell apart.
BLACK, ORANGE, SKY, GREEN, BLUE, RED, PURPLE = (
    "#000000",
    "#e69f00",
    "#56b4e9",
    "#009e73",
    "#0072b2",
    "#d55e00",
    "#cc79a7",
)
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED)
TAUGHT = "#f3efe4"  # background of what is taught


def new_figure(width, height, title, rows=1, columns=1, layout="constrained", **subplots):
    """A figure with a title and an array of its panels."""
    figure = Figure(figsize=(width, height), dpi=130, layout=layout)
    FigureCanvasAgg(figure)
    panels = figure.subplots(rows, columns, squeeze=False, **subplots)
    for panel in panels.flat:
        panel.spines[["top", "right"]].set_visible(False)
        panel.tick_params(labelsize=9, direction="out", length=3)
    figure.suptitle(title, fontsize=12, x=0.01, ha="left")
    return figure, panels


def draw_mean(panel, x, samples, colour, label, **style):
    """The mean of samples (runs, points) in a band of its standard error."""
    samples = np.asarray(samples, dtype=float)
    mean, error = samples.mean(axis=0), samples.std(axis=0, ddof=1) / np.sqrt(len(samples))
    panel.fill_between(x, mean - error, mean + error, color=colour, alpha=0.2, linewidth=0)
    panel.plot(x, mean, color=colour, label=label, **style)


def draw_spikes(panel, times, rows, colour=BLACK, size=3.0):
    """A mark for each spike at its time and row."""
    panel.plot(times, rows, linestyle="none", marker="|", markersize=size, markeredgewidth=0.6, color=colour)


def save(figure, folder, name):
    """Write the figure as PNG, and say where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    figure.savefig(path)
    print(f"figure: {path}")
