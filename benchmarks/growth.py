"""Time and memory over a long run with a silent synapse."""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from benchmarks import machine


def measure(network_class, duration=160e3, chunk=20e3):
    """Seconds of wall time for a simulated second in the first and last chunk, and MB gained between them."""
    rng = np.random.default_rng(2)
    trains = [(np.flatnonzero(row) + 1) * 0.1 for row in rng.random((10, round(duration / 0.1) - 1)) < 1e-3]
    network = network_class([*trains, []])
    costs, memory = [], []
    for _ in range(round(duration / chunk)):
        started = time.perf_counter()
        network.advance(chunk)
        costs.append((time.perf_counter() - started) / (chunk * 1e-3))
        memory.append(machine.resident_memory())
    gained = memory[-1] - memory[0] if memory[0] is not None else float("nan")
    return costs[0], costs[-1], gained


def in_new_process(network_class):
    """Measure where nothing allocated earlier can be used again, so that memory shows its growth."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, network_class).result()
