"""Peers side by side: each in a process of its own, going on in turns, medians over the turns."""

import functools
import gc
import importlib
import multiprocessing
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from benchmarks import machine, report

WARM_UP = 500.0  # ms of biological time before anything counts; NEST's histories have their length then
SHORTEST, LONGEST = 200.0, 5000.0  # ms of biological time in one turn
TURN = 0.7  # seconds of wall time that a turn should take
LIMIT = 20.0  # seconds that a peer may be expected to need on one thread for all turns of one network

_simulation = None


@functools.cache
def installed(module):
    """Whether it can be imported; in a process of its own, as NEST greets and numba takes a second."""
    command = [sys.executable, "-c", f"import {module}"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def turn_of(expected, longest=LONGEST, wall=TURN):
    """Biological time (ms) of a turn of `wall` seconds, if a second of it is expected to take so many."""
    return float(np.clip(1e3 * wall / expected, SHORTEST, longest).round())


@dataclass(frozen=True)
class Peer:
    """A simulator, and rough costs in ns that decide how long it is run, or whether at all."""

    label: str
    module: str
    needs: str
    time_step: float  # whatever the network
    neuron_step: float
    synapse_step: float
    event: float
    threads: int = 1

    @property
    def available(self):
        if not installed(self.needs):
            return False
        return self.threads == 1 or (machine.cores() >= self.threads and self.has_threads)

    @property
    def has_threads(self):
        if self.module != "benchmarks.ours":
            return True
        return importlib.import_module(self.module).has_threads()

    def expected(self, network):
        """Seconds of wall time for a second of biological time."""
        events = (network.inputs - network.silent) * network.targets * network.rate
        steps = self.time_step + self.neuron_step * network.targets + self.synapse_step * network.size
        return 1e-9 * (1e4 * steps + self.event * events) / self.threads

    def turn(self, network, rounds, warm_up, longest):
        """Biological time of one turn (ms), None if the network is beyond the limit for this peer."""
        expected = self.expected(network)
        if expected * self.threads * 1e-3 * (warm_up + rounds * SHORTEST) > LIMIT:
            return None
        return turn_of(expected, longest)


OURS = Peer("pyurbanczik", "benchmarks.ours", "pyurbanczik", 300, 10, 0, 5)
NUMBA = Peer("numba", "benchmarks.numba_peer", "numba", 100, 40, 0.4, 0)
NEST = Peer("NEST", "benchmarks.nest_peer", "nest", 3_000, 700, 0, 25_000)
BRIAN = Peer("Brian2", "benchmarks.brian_peer", "brian2", 50_000, 150, 4, 0)


def with_threads(peer, threads):
    """The same peer; on one thread it is the one given, so that all names fit."""
    label = peer.label if threads == 1 else f"{peer.label}, {threads} threads"
    return replace(peer, label=label, threads=threads)


ALL = (OURS, with_threads(OURS, 2), NUMBA, NEST, with_threads(NEST, 2), BRIAN)


def build(module, network, duration, threads, record):
    global _simulation
    _simulation = None
    gc.collect()  # gives memory back, and names, which Brian2 needs to use its compiled code again
    _simulation = importlib.import_module(module).Simulation(network, duration, threads, record)


def advance(duration):
    return _simulation.advance(duration)


def weights():
    return _simulation.weights()


def guarded(function, *arguments):
    """Some errors of simulators cannot pass from process to process."""
    try:
        return function(*arguments)
    except Exception as error:
        raise RuntimeError(f"{type(error).__name__}: {error}") from None


def new_process():
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))


class Contest:
    """Processes of the peers that are installed; they are started when they are needed first."""

    def __init__(self, peers=ALL):
        self.peers = [peer for peer in peers if peer.available]
        self.processes = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes.values():
            process.shutdown()

    def call(self, peer, function, *arguments):
        if peer not in self.processes:
            self.processes[peer] = new_process()
        return self.processes[peer].submit(guarded, function, *arguments).result()

    def race(self, network, rounds, record=False, skip=(), warm_up=WARM_UP, longest=LONGEST):
        """{peer: median seconds of wall time for a second of biological time}"""
        peers = [peer for peer in self.peers if peer.label not in skip]
        turns = {peer: peer.turn(network, rounds, warm_up, longest) for peer in peers}
        turns = {peer: turn for peer, turn in turns.items() if turn is not None}
        for peer, turn in turns.items():
            duration = warm_up + rounds * turn + 10.0
            self.call(peer, build, peer.module, network, duration, peer.threads, record)
            self.call(peer, advance, warm_up)
        found = {peer: [] for peer in turns}
        for _ in range(rounds):
            for peer, turn in turns.items():
                found[peer].append(self.call(peer, advance, turn) / (turn * 1e-3))
        return {peer: float(np.median(values)) for peer, values in found.items()}

    def table(self, cases, header, rounds, skip=(), **how):
        """Race the networks of ``cases``, [(first cells of the row, network)]; the table, and where we lose."""
        rows, lost = [], []
        peers = [peer for peer in self.peers if peer.label not in skip]
        for cells, network in cases:
            print(f"  {', '.join(cells)}", file=sys.stderr, flush=True)
            found = self.race(network, rounds, skip=skip, **how)
            row = list(cells)
            for peer in peers:
                if peer not in found:
                    row.append("–")
                    continue
                ratio = found[peer] / found[OURS]
                row.append(report.seconds(found[peer]) + ("" if peer is OURS else f" ({report.times(ratio)})"))
                if ratio < 1.0 and peer.module != OURS.module:
                    what = ", ".join(f"{name} {cell}".strip() for name, cell in zip(header, cells))
                    lost.append(f"{peer.label} ({what}: {report.times(1.0 / ratio)})")
            rows.append(row)
        text = report.table([*header, *(peer.label for peer in peers)], rows)
        verdict = (
            f"Faster than pyurbanczik on one thread: {'; '.join(lost)}."
            if lost
            else ("No peer is faster than pyurbanczik on one thread.")
        )
        return f"{text}\n\n{verdict}\n"
