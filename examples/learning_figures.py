"""The two figures of the learning experiment: what the neuron does while it learns, and its weights."""

import neo
import numpy as np
from figures import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY, TAUGHT, new_figure, save

from pyurbanczik import plotting


class Row:
    """One row of panels: its axis label and the traces in it as (label, values, colour, line style)."""

    def __init__(self, label, *traces):
        self.label, self.traces = label, traces


def rows_of(experiment, recording):
    from urbanczik_senn_2014_fig1b import matching_potential, rate

    traces, parameters = recording.traces, experiment.parameters
    rate_soma, rate_dendrite = (rate(experiment, traces[name]) for name in ("soma.v", "v_star"))
    return [
        Row(
            f"potential\n({parameters.units[0]})",
            (r"$V_w$, dendrite", traces["dendrite.v"], SKY, "-"),
            (r"$U_M$, matching potential", matching_potential(experiment, recording), RED, "-"),
            (r"$U$, soma", traces["soma.v"], BLACK, "-"),
            (r"$V_w^*$, dendritic prediction", traces["v_star"], BLUE, "--"),
        ),
        Row(
            f"somatic conductance\n({parameters.units[1]})",
            (r"$g_E$", traces["gsyn_exc"], ORANGE, "-"),
            (r"$g_I$", traces["gsyn_inh"], PURPLE, "-"),
        ),
        Row(
            f"dendritic current\n({parameters.units[2]})",
            (r"$I_\mathrm{ex}$", traces["isyn_exc"], ORANGE, "-"),
            (r"$I_\mathrm{in}$", traces["isyn_inh"], PURPLE, "-"),
        ),
        Row(
            "rate\n(Hz)",
            (r"$\varphi(U)$", rate_soma, BLACK, "-"),
            (r"$\varphi(V_w^*)$", rate_dendrite, BLUE, "--"),
        ),
        Row(
            "rate difference\n(Hz)",
            (r"$\varphi(U)-\varphi(V_w^*)$", rate_soma - rate_dendrite, GREEN, "-"),
        ),
    ]


def shown_repetitions(experiment):
    from urbanczik_senn_2014_fig1b import UNTAUGHT

    first, last = UNTAUGHT, UNTAUGHT + experiment.taught - 1
    return {
        "first taught": first,
        "middle": (first + last) // 2,
        "last taught": last,
        "teacher off": last + 2,
    }


def draw_activity(experiment, recording):
    """The whole run beside chosen repetitions.

    A panel cannot show the 2000 samples of each of a hundred repetitions: the whole run is drawn as each
    trace's mean over a repetition, in a band from its lowest to its highest value there.
    """
    from urbanczik_senn_2014_fig1b import PATTERN, TIMESTEP, in_repetition

    rows, shown = rows_of(experiment, recording), shown_repetitions(experiment)
    figure, axes = new_figure(
        16.0,
        11.0,
        "Learning by the dendritic prediction of somatic spiking (shaded: taught)",
        len(rows),
        1 + len(shown),
        layout=None,
        sharey="row",
        sharex="col",
        gridspec_kw=dict(
            width_ratios=[1.9] + [1.0] * len(shown),
            height_ratios=[1.7, 1.0, 1.0, 1.2, 1.2],
            wspace=0.07,
            hspace=0.12,
            left=0.065,
            right=0.845,
            top=0.915,
            bottom=0.06,
        ),
    )

    def in_repetitions(values):
        return values[1:].reshape(experiment.repetitions, -1)

    seconds = (np.arange(experiment.repetitions) + 0.5) * PATTERN * 1e-3
    in_pattern = np.arange(1, round(PATTERN / TIMESTEP) + 1) * TIMESTEP
    for (whole, *details), row in zip(axes, rows):
        for label, values, colour, style in row.traces:
            table = in_repetitions(values)
            kept = ~np.isnan(table).all(axis=1)
            table = table[kept]
            low, high, mean = np.nanmin(table, axis=1), np.nanmax(table, axis=1), np.nanmean(table, axis=1)
            whole.fill_between(seconds[kept], low, high, color=colour, alpha=0.07, linewidth=0, step="mid")
            for bound in (low, high):
                whole.step(seconds[kept], bound, color=colour, linestyle=style, where="mid", linewidth=0.6, alpha=0.8)
            whole.step(seconds[kept], mean, color=colour, linestyle=style, where="mid", linewidth=1.4, label=label)
            for panel, repetition in zip(details, shown.values()):
                panel.plot(
                    in_pattern,
                    values[in_repetition(repetition)],
                    color=colour,
                    linestyle=style,
                    linewidth=1.4,
                )
        whole.set_ylabel(row.label, fontsize=10)
    figure.align_ylabels(axes[:, 0])

    # Spikes are marked along the upper edge of the lowest row.
    whole, *details = axes[-1]
    low, high = whole.get_ylim()
    whole.set_ylim(low, high + 0.18 * (high - low))
    edge = {"transform": whole.get_xaxis_transform(), "color": RED, "linestyle": "none"}
    whole.plot([], [], marker="|", markersize=9, markeredgewidth=1.3, label="somatic spike", **edge)
    whole.plot(
        recording.spikes * 1e-3,
        np.full(recording.spikes.size, 0.95),
        marker="|",
        markersize=9,
        markeredgewidth=0.2,
        **edge,
    )
    for panel, repetition in zip(details, shown.values()):
        phase = recording.spikes - repetition * PATTERN
        phase = phase[(phase > 0.0) & (phase <= PATTERN)]
        edge["transform"] = panel.get_xaxis_transform()
        panel.plot(phase, np.full(phase.size, 0.95), marker="|", markersize=9, markeredgewidth=1.3, **edge)

    start, end = (time * 1e-3 for time in experiment.teaching)
    for row, panels in enumerate(axes):
        panels[0].axvspan(start, end, color=TAUGHT, zorder=-1, linewidth=0)
        for panel, repetition in zip(panels[1:], shown.values()):
            if start <= (repetition + 0.5) * PATTERN * 1e-3 <= end:
                panel.set_facecolor(TAUGHT)
        for panel in panels:
            panel.margins(x=0)
            if row == len(rows) - 1:
                panel.axhline(0.0, color="0.6", linewidth=0.7, zorder=0)
        panels[-1].legend(
            *panels[0].get_legend_handles_labels(),
            loc="upper left",
            bbox_to_anchor=(1.04, 1.03),
            frameon=False,
            fontsize=10,
            borderaxespad=0.0,
        )

    axes[0, 0].set_title("whole run: mean and range in each repetition", fontsize=10)
    for panel, (name, repetition) in zip(axes[0, 1:], shown.items()):
        began = repetition * PATTERN * 1e-3
        panel.set_title(f"{name}\n{began:.1f} s to {began + PATTERN * 1e-3:.1f} s", fontsize=10)
    axes[-1, 0].set_xlabel("time (s)", fontsize=10)
    axes[-1, 0].set_xlim(0.0, experiment.duration * 1e-3)
    for panel in axes[-1, 1:]:
        panel.set_xlabel("time in the pattern (ms)", fontsize=10)
        panel.set_xticks([0, 100, 200] if panel is axes[-1, -1] else [0, 100])
    return figure


def draw_weights(experiment, recording):
    """Every weight over time, coloured by how far it moved, beside the distribution it ends in."""
    parameters = experiment.parameters
    initial = parameters.synapse["weight"] * parameters.scale
    moved = [index for index, weights in enumerate(recording.weights) if weights.size]
    final = np.array([recording.weights[index][-1] for index in moved])

    title = (
        f"Weights of the {len(moved)} of {len(recording.weights)} dendritic synapses whose input spikes\n"
        "in this pattern (shaded: taught; dotted: initial weight)"
    )
    ratios = dict(width_ratios=[5.0, 1.3, 0.12])
    figure, ((traces, histogram, scale),) = new_figure(12.0, 6.2, title, 1, 3, gridspec_kw=ratios)

    # the initial weight, and what each presynaptic spike carried
    histories = [
        neo.IrregularlySampledSignal(
            np.append(0.0, recording.weight_times[index]),
            np.append(initial, recording.weights[index]),
            units="dimensionless",  # labelled below
            time_units="ms",
            name="weight",
        )
        for index in moved
    ]
    plotting.weights(histories, traces, colorbar=False, linewidths=0.7)
    (drawn,) = traces.collections
    traces.axvspan(*experiment.teaching, color=TAUGHT, zorder=-1, linewidth=0)
    traces.axhline(initial, color="0.25", linestyle=":", linewidth=1.0)
    traces.set_xlim(0.0, experiment.duration)
    traces.set_xlabel("time (ms)", fontsize=10)
    traces.set_ylabel(f"synaptic weight ({parameters.units[2]})", fontsize=10)

    low, high = traces.get_ylim()
    histogram.hist(final, bins=np.linspace(low, high, 61), orientation="horizontal", color="0.55")
    histogram.axhline(initial, color="0.25", linestyle=":", linewidth=1.0)
    histogram.set_ylim(low, high)
    histogram.set_yticklabels([])
    histogram.set_xlabel("synapses", fontsize=10)
    histogram.set_title("at the end", fontsize=10)
    bar = figure.colorbar(drawn, cax=scale)
    bar.set_label(f"change since the start ({parameters.units[2]})", fontsize=10)
    return figure


def save_figures(experiment, recording, folder, stem):
    """Write both figures as PNG."""
    for name, draw in (("activity", draw_activity), ("weights", draw_weights)):
        save(draw(experiment, recording), folder, f"{stem}_{name}")
