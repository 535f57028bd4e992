"""Networks of point neurons in PyNN, beside pyNN.nest, NEST's own interface and Brian2."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import limits, machine, report
from benchmarks.contest import installed
from benchmarks.point_networks import NETWORKS

ROOT = Path(__file__).resolve().parents[1]
NEEDS = {"pyurbanczik": "pyurbanczik", "pyNN.nest": "pyNN.nest", "NEST": "nest", "Brian2": "brian2"}
NEEDS["Brian2, C++"] = "brian2"
QUICK = 4.0  # seconds that a process may have taken to be asked once more
# Of a synapse: weight, target and delay are read; a plastic one is written as well, and has a trace and a rule.
BYTES_AN_EVENT = {False: 8 + 4 + 4, True: 8 + 8 + 4 * 4}

TEXT = """
The same networks through PyNN with this simulator and with pyNN.nest, in NEST's own interface, and in Brian2 with its
`cython` target and as a C++ program (with OpenMP on two threads): COBA and CUBA after Vogels & Abbott (2005) with a
constant drive, Brunel's (2000) network and one with STDP between the excitatory cells, 10 % connected, and the
microcircuit of Potjans & Diesmann (2014) at a tenth of its size. *Building* is everything up to the first step, for
Brian2 with the compilation of what its cache lacks; *running* is a biological second; *reading* all its spikes. Rates
tell how alike the activities are, whose random numbers differ; the ratios in brackets are of the time of an event, a
spike at a recurrent synapse, when running, and of the whole else. Each is the best of up to {turns} processes.
"""
LIMIT = """
Weight, target and delay of a synapse on their way from memory take {static:.2f} ns an event at {bandwidth:.1f} GB/s,
and what a plastic one needs {plastic:.2f} ns; the targets' sums lie in a cache.
"""


def in_new_process(peer, network, threads):
    command = [sys.executable, "-m", "benchmarks.point_peers", peer, network.label, str(threads)]
    found = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if found.returncode:
        raise RuntimeError(f"{peer}, {network.label}: {found.stderr[-2000:]}")
    building, running, reading, spikes = json.loads(found.stdout.splitlines()[-1])
    rate = sum(spikes.values()) / network.n_cells / (1e-3 * network.duration)
    event = running / max(1.0, network.events(spikes))
    return {"building": building, "running": running, "reading": reading, "rate": rate, "event": event}


def best(peer, network, threads, turns):
    """The least of each over so many processes, or fewer if they are slow."""
    found = []
    while len(found) < turns:
        started = time.perf_counter()
        found.append(in_new_process(peer, network, threads))
        if time.perf_counter() - started > QUICK:
            break
    rate = found[0]["rate"]
    return {what: min(each[what] for each in found) for what in found[0]} | {"rate": rate}


def allowed_by_memory():
    with tempfile.TemporaryDirectory() as folder:
        bandwidth = limits.bandwidth(limits.load_kernels(limits.compile_kernels(folder)))
    static, plastic = (size / bandwidth for _, size in sorted(BYTES_AN_EVENT.items()))
    return LIMIT.format(static=static, plastic=plastic, bandwidth=bandwidth)


def cell(what, found, own, per_second):
    if found is None:
        return "–"
    ratio = found["event"] / own["event"] if what == "running" else found[what] / own[what]
    seconds = found[what] * (per_second if what == "running" else 1.0)
    return report.seconds(seconds) + ("" if found is own else f" ({report.times(ratio)})")


def measure(options):
    peers = [peer for peer, module in NEEDS.items() if installed(module)]
    rows = {"running": [], "building": [], "reading": []}
    for network in NETWORKS.values():
        for threads in range(1, min(2, machine.cores()) + 1):
            found = {}
            for peer in peers:
                # on one thread alone
                apart = peer in network.too_slow or (threads > 1 and peer == "Brian2")
                print(f"  {network.label}, {peer}, {threads}", file=sys.stderr, flush=True)
                found[peer] = None if apart else best(peer, network, threads, options.turns)
            own = found["pyurbanczik"]
            for what, table in rows.items():
                cells = [cell(what, found[peer], own, 1e3 / network.duration) for peer in peers]
                table.append([network.label, threads, *cells])
            rates = "/".join(f"{each['rate']:.2g}" for each in found.values() if each)
            size = f"{network.n_cells} cells, {network.n_synapses:.2g} synapses"
            rows["running"][-1][1:1] = [size, f"{rates} Hz"]
            rows["running"][-1].append(f"{1e9 * own['event']:.2g} ns")
    parts = [TEXT.format(turns=options.turns)]
    for what, table in rows.items():
        header = ["network", "threads", *peers]
        if what == "running":
            header = ["network", "size", "rates", "threads", *peers, "an event"]
        parts.append(f"*{what.capitalize()}:*\n\n{report.table(header, table)}\n")
    return "\n".join([*parts, allowed_by_memory()])
