"""Measure, print the table, and write it to benchmarks/README.md."""

import argparse
import importlib.util
from pathlib import Path

import numpy as np

from benchmarks import growth, machine, ours
from examples.urbanczik_senn_2014_fig1b import Experiment

# Importing NEST prints its licence, so look before.
nest_peer = importlib.import_module("benchmarks.nest_peer") if importlib.util.find_spec("nest") else None
numba_peer = importlib.import_module("benchmarks.numba_peer") if importlib.util.find_spec("numba") else None

OUTPUT = Path(__file__).with_name("README.md")
INTRODUCTION = """# Benchmarks

`make bench` measures this table and writes this file. All numbers come from one run of one process and are
medians; everything is simulated with a time step of 0.1 ms.

The experiment is `examples/urbanczik_senn_2014_fig1b.py`: one neuron, 200 plastic synapses, 20.8 s of
biological time, with every potential, conductance, current, spike and weight recorded. *Whole experiment* is
building, running and reading it into arrays. *Step loop* is the compiled loop alone: recording is on,
building and reading are not counted. NEST needs a relay neuron between each source and its plastic synapse;
pyurbanczik does not. The numba loop is written by hand for this one experiment and updates every synapse in
every step. Peers that are not installed are left out.
"""


def medians(rounds, own, peer=None, own_per_round=3):
    """Median seconds of both, measured in turns so that both meet the same load of the machine.

    The first call of each fills caches and compiles what is compiled on first use; it does not count.
    """
    own()
    if peer:
        peer()
    ours_seconds, peer_seconds = [], []
    for _ in range(rounds):
        ours_seconds += [own() for _ in range(own_per_round)]
        if peer:
            peer_seconds.append(peer())
    return float(np.median(ours_seconds)), float(np.median(peer_seconds)) if peer else None


def milliseconds(seconds):
    return f"{seconds * 1e3:.3g} ms" if seconds < 1.0 else f"{seconds:.2f} s"


def compared(what, own, peer, name, digits):
    if peer is None:
        return [what, milliseconds(own), "", ""]
    return [what, milliseconds(own), f"{name} {milliseconds(peer)}", f"{peer / own:.{digits}f} times as fast"]


def experiment_rows(experiment, rounds):
    rows = []
    for rearm, how in ((False, "given at once"), (True, "set anew every 200 ms")):

        def own(rearm=rearm):
            return ours.whole_experiment(experiment, rearm)

        def peer(rearm=rearm):
            return nest_peer.simulate(experiment, rearm)[0]

        measured = medians(rounds, own, peer if nest_peer else None)
        rows.append(compared(f"whole experiment, spike times {how}", *measured, "NEST", 0))

    def loop():
        return numba_peer.simulate(experiment)[0]

    measured = medians(3 * rounds, lambda: ours.step_loop(experiment), loop if numba_peer else None, 1)
    return [*rows, compared("step loop", *measured, "numba", 2)]


def growth_rows():
    first, last, gained = growth.in_new_process(ours.Growth)
    label = "a simulated second with a silent synapse, in the first 20 s and in the last 20 of 160 s"
    row = [label, f"{milliseconds(first)}, {milliseconds(last)}", "", ""]
    memory = ["memory gained between them", f"{gained:.1f} MB", "", ""]
    if nest_peer:
        first_nest, last_nest, gained_nest = growth.in_new_process(nest_peer.Growth)
        row[2:] = [
            f"NEST {milliseconds(first_nest)}, {milliseconds(last_nest)}",
            f"{first_nest / first:.0f} and {last_nest / last:.0f} times as fast",
        ]
        memory[2] = f"NEST {gained_nest:.1f} MB"
    return [row, memory]


def cost_rows(repeats):
    step, event = ours.single_costs(repeats)
    return [
        ["a neuron's time step (500 neurons, no recording)", f"{step:.1f} ns", "", ""],
        ["a plastic event (500 neurons, 100 inputs at 50 Hz)", f"{event:.1f} ns", "", ""],
    ]


def table(rows):
    lines = ["| what | pyurbanczik | peer | |", "|---|---|---|---|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="runs of NEST; three times as many of ours")
    parser.add_argument("--dry", action="store_true", help="print only, leave benchmarks/README.md as it is")
    options = parser.parse_args()

    experiment = Experiment.create()
    rows = experiment_rows(experiment, options.rounds) + cost_rows(options.rounds) + growth_rows()
    text = f"{table(rows)}\n\nMeasured on: {machine.description()}.\n"
    print(text)
    if not options.dry:
        OUTPUT.write_text(f"{INTRODUCTION}\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
