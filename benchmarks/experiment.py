"""The Fig. 1B experiment, single costs and a silent synapse: the table that is compared over time."""

from benchmarks import core_costs, growth, ours, report
from benchmarks.contest import installed
from examples.urbanczik_senn_2014_fig1b import Experiment

TEXT = """
The experiment is `examples/urbanczik_senn_2014_fig1b.py`: one neuron, 200 plastic synapses, 20.8 s of
biological time, with every potential, conductance, current, spike and weight recorded. *Whole experiment* is
building, running and reading it into arrays. *Step loop* is the compiled loop alone: recording is on,
building and reading are not counted. NEST needs a relay neuron between each source and its plastic synapse;
pyurbanczik does not. The numba loop is written by hand for this one experiment and updates every synapse in
every step.
"""


def compared(what, own, peer, name, digits):
    if peer is None:
        return [what, report.seconds(own), "", ""]
    return [what, report.seconds(own), f"{name} {report.seconds(peer)}", f"{peer / own:.{digits}f} times as fast"]


def experiment_rows(experiment, rounds):
    rows = []
    for rearm, how in ((False, "given at once"), (True, "set anew every 200 ms")):

        def own(rearm=rearm):
            return ours.whole_experiment(experiment, rearm)

        def peer(rearm=rearm):
            from benchmarks import nest_peer

            return nest_peer.simulate(experiment, rearm)[0]

        measured = report.median_seconds(rounds, own, peer if installed("nest") else None)
        rows.append(compared(f"whole experiment, spike times {how}", *measured, "NEST", 0))

    def loop():
        from benchmarks import numba_experiment

        return numba_experiment.simulate(experiment)[0]

    measured = report.median_seconds(
        3 * rounds, lambda: ours.step_loop(experiment), loop if installed("numba") else None, 1
    )
    return [*rows, compared("step loop", *measured, "numba", 2)]


def growth_rows():
    first, last, gained = growth.in_new_process(ours.Growth)
    label = "a simulated second with a silent synapse, in the first 20 s and in the last 20 of 160 s"
    row = [label, f"{report.seconds(first)}, {report.seconds(last)}", "", ""]
    memory = ["memory gained between them", f"{gained:.1f} MB", "", ""]
    if installed("nest"):
        from benchmarks import nest_peer

        first_nest, last_nest, gained_nest = growth.in_new_process(nest_peer.Growth)
        row[2:] = [
            f"NEST {report.seconds(first_nest)}, {report.seconds(last_nest)}",
            f"{first_nest / first:.0f} and {last_nest / last:.0f} times as fast",
        ]
        memory[2] = f"NEST {gained_nest:.1f} MB"
    return [row, memory]


def cost_rows(repeats):
    step, event = core_costs.single_costs(repeats)
    return [
        ["a neuron's time step (500 neurons, no recording)", f"{step:.1f} ns", "", ""],
        ["a plastic event (500 neurons, 100 inputs at 50 Hz)", f"{event:.1f} ns", "", ""],
    ]


def measure(options):
    rounds = options.rounds
    rows = experiment_rows(Experiment.create(), rounds) + cost_rows(rounds) + growth_rows()
    return f"{TEXT}\n{report.table(['what', 'pyurbanczik', 'peer', ''], rows)}\n"
