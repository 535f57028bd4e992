"""Building connections: seconds, and bytes a plastic synapse, in a process that has done nothing before."""

import importlib
import sys
import time

from benchmarks import contest, machine, report
from benchmarks.network import Network

TEXT = """
K inputs onto N = 1000 neurons, all to all, through the user's interface, until the network is ready to run its
first step. *Resident* is what the process holds afterwards, *at most* what it held meanwhile, both above what it
held before, by plastic synapse; then the wall time of the first 10 ms. Each line is one process that has built a
network of ten neurons before.
"""
LARGEST = {"numba": 0, "Brian2": 10**5}  # the loop has arrays, which are not built; Brian2 would take minutes


def measure_one(module, network):
    """Seconds, resident and largest bytes a synapse, and seconds for 10 ms."""
    simulation_class = importlib.import_module(module).Simulation
    simulation_class(Network(10, 10), 20.0).advance(10.0)
    before = machine.resident_memory()
    started = time.perf_counter()
    simulation = simulation_class(network, 50.0)
    seconds = time.perf_counter() - started
    after = machine.resident_memory()
    largest = machine.resident_memory(most=True)
    first = simulation.advance(10.0)
    return seconds, (after - before) * 1e6 / network.size, (largest - before) * 1e6 / network.size, first


def measure(options):
    rows = []
    peers = [peer for peer in contest.ALL if peer.threads == 1 and peer.available]
    for n in (10**5, 10**6, 10**7):
        for peer in peers:
            if n > min(options.largest, LARGEST.get(peer.label, n)):
                continue
            print(f"  {n} synapses, {peer.label}", file=sys.stderr, flush=True)
            with contest.new_process() as process:
                found = process.submit(measure_one, peer.module, Network(1000, n // 1000)).result()
            seconds, resident, largest, first = found
            rows.append(
                [
                    f"10^{len(str(n)) - 1}",
                    peer.label,
                    report.seconds(seconds),
                    report.seconds(seconds / n),
                    f"{resident:.0f} B",
                    f"{largest:.0f} B",
                    report.seconds(first) if first > 0.0 else "–",  # Brian2's time is a difference
                ]
            )
    header = ["synapses", "", "building", "by synapse", "resident", "at most", "first 10 ms"]
    return f"{TEXT}\n{report.table(header, rows)}\n"
