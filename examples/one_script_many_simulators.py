"""
One script in many simulators
=============================

The learning experiment of

    Urbanczik R, Senn W (2014) Learning by the dendritic prediction of somatic spiking.
    Neuron 81(3):521-528, doi:10.1016/j.neuron.2013.11.030, Figure 1B,

as it is in ``urbanczik_senn_2014_fig1b``, here and in NEST: ``pyurbanczik.compare`` runs the script in both, with
several seeds of the somatic spikes, and compares all that it records. Simulators draw other random numbers, so that no
two runs are alike; what has to be alike are the laws: rates, variability, mean and spread of each signal and of weights
in each tenth of the run. Each is compared by Welch's test, at a confidence that holds for all of them together.

Deviations: 20 repetitions with the teacher in place of 100. It needs NEST (``pip install "pyurbanczik[nest]"``) or
whatever else ``--with`` names.
"""

from pathlib import Path

import command_line
import numpy as np

import pyurbanczik

# %%
# Parameters
# ----------

# beside the modules that examples share; a script that the gallery runs has no __file__
SCRIPT = Path(command_line.__file__).parent / "urbanczik_senn_2014_fig1b.py"
REPETITIONS, SEEDS = 20, 12
CONFIDENCE = 0.999

# %%
# Protocol
# --------


def compare(simulators, seeds, repetitions, seed, script=SCRIPT):
    """A report for each simulator."""
    progress = command_line.ProgressBar(len(simulators), "simulators")
    reports = {}
    for name in simulators:
        arguments = ["--no-plot", "--repetitions", str(repetitions), "--seed", str(seed)]
        reports[name] = pyurbanczik.compare(script, [name], arguments=arguments, seeds=seeds, confidence=CONFIDENCE)
        progress()
    return reports


# %%
# Analysis
# --------


def laws(report):
    """Name, distance (standard errors), largest one allowed, and means here and there of each statistic."""
    found = [one for one in report.comparisons if one.what == "law"]
    names = [f"{one.of}: {one.variable}" for one in found]
    numbers = [(one.difference, one.allowed, one.numbers["here"], one.numbers["there"]) for one in found]
    return names, np.array(numbers, dtype=float).reshape(-1, 4)


def relative(numbers):
    """Distances over the largest ones allowed; what never varies has 0, or infinity if it differs."""
    distance, allowed = numbers[:, 0], numbers[:, 1]
    return np.divide(distance, allowed, out=distance.copy(), where=allowed > 0.0)


def seconds(run):
    """That the first run took, built and run."""
    return sum(one.seconds.get(part, 0.0) for one in run.simulations for part in ("build", "run"))


def summary(reports):
    lines, passed = [], []
    for name, report in reports.items():
        names, numbers = laws(report)
        far = numbers[:, 0] > numbers[:, 1]
        here, there = (seconds(report.runs[one]) for one in ("pyurbanczik", name))
        lines.append(f"{name} {report.runs[name].version}, {report.seeds} seeds: {report.verdict}")
        lines.append(
            f"  {len(names)} laws compared, of which {far.sum()} differ; {here:.2f} s a run here, {there:.2f} s there"
        )
        if len(names):
            worst = np.argmax(relative(numbers))
            lines.append(
                f"  farthest apart: {names[worst]}, {numbers[worst, 0]:.1f} of {numbers[worst, 1]:.1f} standard errors"
            )
        lines += [f"  differs: {names[k]}, {numbers[k, 0]:.1f} standard errors" for k in np.flatnonzero(far)]
        passed.append(report.status == 0 and len(names) > 0)
    criterion = f"all is equal or differs as documented, laws at a confidence of {CONFIDENCE:g}"
    return "\n".join([*lines, command_line.verdict(criterion, all(passed))])


def draw(reports):
    import figures

    title = f"{SCRIPT.stem}: the same laws in {' and '.join(['pyurbanczik', *reports])}"
    figure, ((alike, apart, cost),) = figures.new_figure(
        13.0, 4.4, title, 1, 3, gridspec_kw=dict(width_ratios=[1, 1.2, 0.8])
    )
    bars = {}
    for colour, (name, report) in zip(figures.COLOURS, reports.items()):
        _, numbers = laws(report)
        here, there = numbers.T[2:]
        alike.plot(np.abs(here), np.abs(there), "o", markersize=4, alpha=0.6, color=colour, label=name)
        apart.plot(np.sort(relative(numbers)), "o", markersize=3, color=colour, label=name)
        bars |= {"pyurbanczik": seconds(report.runs["pyurbanczik"]), name: seconds(report.runs[name])}
    alike.axline((1.0, 1.0), (2.0, 2.0), color="0.5", linewidth=1, zorder=0)
    alike.set(xscale="log", yscale="log", xlabel="mean of each statistic here, |.|", ylabel="there")
    apart.axhline(1.0, color="0.5", linestyle=":")
    apart.set(xlabel="statistic, ordered", ylabel="difference over the largest one allowed", ylim=(0.0, 1.2))
    cost.bar(list(bars), list(bars.values()), color=[figures.BLACK, *figures.COLOURS][: len(bars)])
    cost.set(yscale="log", ylabel="build and run, once (s)")
    alike.legend(frameon=False)
    apart.legend(frameon=False)
    return figure


def main(arguments=None):
    parser = command_line.parser("The first experiment in several simulators")
    parser.add_argument("--with", dest="simulators", action="append", help="nest (default), brian2, …; may be repeated")
    parser.add_argument("--seeds", type=command_line.positive_integer, default=SEEDS, help="of somatic spikes")
    parser.add_argument("--repetitions", type=command_line.positive_integer, default=REPETITIONS, help="taught ones")
    options = parser.parse_args(arguments)
    if options.seeds < 2:
        parser.error("--seeds: laws need at least 2")
    try:
        reports = compare(options.simulators or ["nest"], options.seeds, options.repetitions, options.seed)
    except pyurbanczik.compare.CouldNotRunError as error:
        raise SystemExit(str(error)) from None
    print(summary(reports))
    if not options.no_plot:
        import figures

        figures.save(draw(reports), options.output, "one_script_many_simulators")


if __name__ == "__main__":
    main()
