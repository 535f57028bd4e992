"""Measure, print, keep what was measured of this kind of processor, and write benchmarks/README.md."""

import argparse
import os
import time
from pathlib import Path

from backend_cython.engine import processor
from benchmarks import building, experiment, limits, microcircuit, pynn_networks, races, results, scaling

OUTPUT = Path(__file__).with_name("README.md")
GAINS = Path(__file__).with_name("gains.md")
PARTS = {
    "experiment": ("The experiment", experiment.measure),
    "agreement": ("Do all peers simulate the same?", races.agreement),
    "inputs": ("Many neurons, many inputs", races.inputs),
    "intervals": ("Long intervals and silent synapses", races.intervals),
    "recurrent": ("Recurrent networks", races.recurrent),
    "microcircuit": ("Deep learning in dendrites", microcircuit.measure),
    "pynn": ("PyNN's networks of point neurons", pynn_networks.measure),
    "building": ("Building connections", building.measure),
    "recording": ("Recording everything", races.recording),
    "scaling": ("Threads", scaling.measure),
    "limits": ("What the machine allows", limits.measure),
}
FIRST = "experiment"
INTRODUCTION = """# Benchmarks

`make bench` measures these tables and writes this file; `python -m benchmarks --only inputs` measures one part anew.
What was measured on each kind of processor is kept in `benchmarks/results/`, and below each table stands when and with
what it was. Every table comes from one run in which the peers took turns, numbers are medians, and the time step is
0.1 ms. Peers that are not installed are left out. The package is measured as pip installs it, built for any processor,
unless a table says otherwise.
"""
PEERS = """## What is compared

The Urbanczik–Senn neuron with its learning rule, with the same parameters, spike times and time step, and plastic
synapses with a delay of one step.

* **pyurbanczik** runs through PyNN as users write it; only the cost of a step and of an event is measured at the
  core. Its soma is solved to 1e-6 mV, a plastic event costs the same however long the last one is ago, and results
  do not depend on threads.
* **NEST** (`pp_cond_exp_mc_urbanczik`, `urbanczik_synapse`) is event-driven as well, but walks through the history
  of the neuron, step by step, at each event. It needs a relay neuron before each plastic synapse. Its adaptive
  solver keeps 1e-3 mV. With two threads its results differ from those with one.
* **numba** is a loop over time steps written by hand, one for the experiment and one for N·K synapses: all synapses
  in every step, in arrays, vectorised, with fast-math, blocked for the cache. The soma is advanced by the
  exponential midpoint rule. It does nothing but this network: no checks, no delays other than one step, and it
  cannot be changed in mid-run.
* **Brian2** runs the same steps as the numba loop, from equations and code strings, with its `cython` target on one
  thread; its C++ standalone mode, which compiles a program for each network, is measured with PyNN's networks only.
  The preparation of a run is not counted.

The sums over the dendritic error that make our events cheap could be written by hand in numba or Brian2 too. The
comparison is with what one gets or writes first, not with the best that could be made of each.
"""


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=tuple(PARTS), help="measure these parts only")
    parser.add_argument("--rounds", type=int, default=5, help="runs of NEST's experiment; three times as many of ours")
    parser.add_argument("--turns", type=int, default=3, help="turns of each peer with each network")
    parser.add_argument("--largest", type=float, default=1e7, help="leave out networks with more plastic synapses")
    parser.add_argument("--dry", action="store_true", help="print only, keep nothing")
    options = parser.parse_args()
    if processor.INSTRUCTIONS == "native" and not options.dry:
        parser.error("this build is for one processor only; build it without PYURBANCZIK_NATIVE, or measure with --dry")

    os.environ.setdefault("PYNEST_QUIET", "1")
    for name in options.only or PARTS:
        title, measure = PARTS[name]
        started = time.perf_counter()
        text = measure(options)
        print(f"## {title}\n{text}\n({name}: {time.perf_counter() - started:.0f} s)\n", flush=True)
        if not options.dry:
            # one by one, so that a run that is interrupted leaves what it has measured
            results.keep(name, text)
            OUTPUT.write_text(page(), encoding="utf-8")


def page():
    """All results that are kept."""
    titles = {name: title for name, (title, _) in PARTS.items()}
    return results.page(titles, FIRST, INTRODUCTION, PEERS, GAINS.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
