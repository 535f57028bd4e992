"""Threads: the same network on more of them (strong scaling), and a network that grows with them (weak)."""

import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace

import numpy as np

from benchmarks import limits, machine, point_networks, report
from benchmarks.contest import NUMBA, OURS, WARM_UP, advance, build, guarded, new_process, turn_of, with_threads
from benchmarks.network import Network

TEXT = """
Wall time for a second of biological time: on one thread, on several, and in as many processes of one thread each that
simulate the same at once. All of them take turns. The processes have nothing to do with each other, so that what they
lose is lost to the machine, whose processors share caches and memory, and virtual ones now and then a core: *possible*
is how many of them end in the time of one, and *gain* how many times as fast as one thread several are. With weak
scaling, of a network that grows with the threads, both say which part of the speed of one thread is left.

Virtual processors are not always whole, nor alike: for seconds or minutes two of them are one core, or one is slower by
half than the other. *Undisturbed* is the gain in those turns alone before and after which no process lost more than
{lost:.0%}, in brackets how many of all turns these are.

Threads of a network must wait for each other, and the slower one holds up all. *In step* is what several gain at the
same time that do nothing else: in a small loop they step leaky cells, as many as one thread can in the time of a step
(0.1 ms) of the network, and meet after each.
"""
INPUTS = ((100, 200), (100, 1000), (1000, 1000))
RECURRENT = ((300, 0.1), (1000, 0.1), (1000, 1.0))  # neurons, delay in ms
STEPS = 10_000  # in a second of biological time
WEAK = (500, 1000)  # neurons of each thread, inputs
LARGEST_OF_POINTS = 5e6  # synapses of PyNN's networks, of which every process has a copy
TURN = 0.3  # seconds of wall time that a turn should take
LONGEST = 20_000.0  # ms of biological time in one turn
A_CELL = 2e-5  # seconds that a point neuron takes for a biological second, about
A_FEW = 1000  # cells
PIECES = 5  # of a turn
TURNS = 3  # times as many as of others, since small differences matter
LEAST_TURNS = 3  # of which a median says anything
LOST = 0.1  # of the speed of one thread that a process may lose beside others while the processors are whole and alike


def thread_counts():
    counts = [1]
    while counts[-1] * 2 <= machine.cores():
        counts.append(counts[-1] * 2)
    return counts[1:]


def cases(threads):
    """Name, network on one thread, network on several."""
    for n, k in INPUTS:
        yield f"N = {n}, K = {k}", *2 * (Network(n, k),)
    for n, delay in RECURRENT:
        yield f"recurrent, N = {n}, delay {delay} ms", *2 * (replace(Network.of_neurons(n), delay=delay),)
    n, k = WEAK
    yield f"weak, N = {n} a thread, K = {k}", Network(n, k), Network(n * threads, k)
    for network in point_networks.NETWORKS.values():
        if network.n_synapses <= LARGEST_OF_POINTS:
            yield network.label, network, network


def gain_in_step(kernels, step, threads):
    """How many times as fast several threads are that step cells, for which one takes `step` seconds, and meet.

    Not known to a build without threads.
    """
    if not limits.OPENMP:
        return np.nan
    in_step = limits.load_kernels(kernels).in_step

    def seconds(n, threads, steps):
        started = time.perf_counter()
        in_step(n, threads, steps)
        return (time.perf_counter() - started) / steps

    # virtual processors are slow at first
    n = round(step / seconds(A_FEW, 1, 100 * STEPS) * A_FEW)
    steps = max(1, round(TURN / PIECES / step))
    alone, together = np.median([[seconds(n, k, steps) for k in (1, threads)] for _ in range(PIECES)], axis=0)
    return alone / together


def in_turns(peer, one, many, threads, turns, kernels):
    """Turn by turn the seconds that a biological second takes: of one thread, of several, of processes at once; and
    what threads gain that do next to nothing but meet.
    """
    of_points = isinstance(one, point_networks.Network)
    module = "benchmarks.point_peers" if of_points else peer.module
    turn = turn_of(A_CELL * one.n_cells if of_points else peer.expected(one), LONGEST, TURN)
    whole = WARM_UP + 2 * turns * turn  # ms, for which there must be input
    with ExitStack() as stack:
        *alone, team, bare = (stack.enter_context(new_process()) for _ in range(threads + 2))

        def all_of(processes, function, *arguments):
            return [future.result() for future in [each.submit(guarded, function, *arguments) for each in processes]]

        def seconds(processes, duration):
            return max(all_of(processes, advance, duration)) / (1e-3 * duration)

        all_of(alone, build, module, one, whole, 1, False)
        all_of([team], build, module, many, whole, threads, False)
        all_of([team], advance, WARM_UP)
        all_of(alone, advance, WARM_UP)
        found = []
        for _ in range(turns):
            times = [seconds(processes, turn) for processes in (alone[:1], [team], alone)]
            found.append(times + all_of([bare], gain_in_step, kernels, times[0] / STEPS, threads))
    return np.array(found)


def undisturbed(found):
    """The seconds of several threads in the turns at whose beginning and end the processors were whole and alike."""
    alone, together, at_once, _ = found.T
    whole = at_once < (1.0 + LOST) * np.median(alone)
    return together[1:][whole[1:] & whole[:-1]]


def measure(options):
    with tempfile.TemporaryDirectory() as folder:
        return measure_with(limits.compile_kernels(folder), options)


def measure_with(kernels, options):
    rows = []
    for peer in (OURS, NUMBA):
        for threads in thread_counts():
            if not with_threads(peer, threads).available:
                continue
            for label, one, many in cases(threads):
                ours_alone = isinstance(one, point_networks.Network) or one.delay != 0.1 or one.recurrent
                if (peer is NUMBA and ours_alone) or (isinstance(one, Network) and many.size > options.largest):
                    continue
                print(f"  {label}, {peer.label}, {threads} threads", file=sys.stderr, flush=True)
                turns = TURNS * options.turns
                found = in_turns(peer, one, many, threads, turns, kernels)
                alone, together, at_once, in_step = np.median(found, axis=0)
                whole = undisturbed(found)
                work = threads if one is many else 1
                gains = alone / together, work * alone / at_once, in_step * work / threads
                times = map(report.seconds, (alone, together, at_once))
                best = (
                    f"{alone / np.median(whole):.2f} ({len(whole)}/{turns - 1})" if len(whole) >= LEAST_TURNS else "-"
                )
                rows.append([label, peer.label, threads, *times, *(f"{gain:.2f}" for gain in gains), best])
    header = [
        "network",
        "",
        "threads",
        "one thread",
        "several",
        "processes at once",
        "gain",
        "possible",
        "in step",
        "undisturbed",
    ]
    note = "" if with_threads(OURS, 2).has_threads else "This build of pyurbanczik runs on one thread.\n"
    return f"{TEXT.format(lost=LOST)}{note}\n{report.table(header, sorted(rows, key=lambda row: row[0]))}\n"
