"""Threads: the same network on more of them (strong scaling), and a network that grows with them (weak)."""

from dataclasses import replace

from benchmarks import machine, report
from benchmarks.contest import NUMBA, OURS, Contest, with_threads
from benchmarks.network import Network

TEXT = """
Wall time for a second of biological time. Strong scaling: how many times as fast as one thread. Weak scaling, with
a network that grows with the threads: which part of the speed of one thread is left. In recurrent networks the delay
bounds how often threads wait for each other.
"""
INPUTS = ((100, 200), (100, 1000), (1000, 1000))
RECURRENT = ((300, 0.1), (1000, 0.1), (1000, 1.0))  # neurons, delay in ms
WEAK = (500, 1000)  # neurons of each thread, inputs


def thread_counts():
    counts = [1]
    while counts[-1] * 2 <= machine.cores():
        counts.append(counts[-1] * 2)
    return counts


def cases(threads):
    """Name, unit of the gain, network."""
    for n, k in INPUTS:
        yield f"strong, N = {n}, K = {k}", "×", Network(n, k)
    for n, delay in RECURRENT:
        yield f"strong, recurrent, N = {n}, delay {delay} ms", "×", replace(Network.of_neurons(n), delay=delay)
    n, k = WEAK
    yield f"weak, N = {n} a thread, K = {k}", "", Network(n * threads, k)


def measure(options):
    rows = []
    for peer in (OURS, NUMBA):
        one = {}
        for threads in thread_counts():
            with Contest([with_threads(peer, threads)]) as contest:
                if not contest.peers:
                    continue
                for label, unit, network in cases(threads):
                    if network.size > options.largest or (peer is NUMBA and network.delay != 0.1):
                        continue
                    (seconds,) = contest.race(network, options.turns).values()
                    gain = one.setdefault(label, seconds) / seconds
                    rows.append([label, peer.label, threads, report.seconds(seconds), f"{gain:.2f}{unit}"])
    rows.sort(key=lambda row: row[0])
    note = "" if with_threads(OURS, 2).has_threads else "This build of pyurbanczik runs on one thread.\n"
    return f"{TEXT}{note}\n{report.table(['network', '', 'threads', 'time', 'gain'], rows)}\n"
