"""Spikes that are counted instead of listed: whoever reads them so gets what lists would give, bit by bit."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.engine.team import can_use_threads
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SampleRecorder, SpikeRecorder
from backend_cython.neurons.spike_source_poisson import SpikeSourcePoisson
from backend_cython.neurons.standard_cells import IF_curr_alpha, IF_curr_exp
from backend_cython.synapses.tsodyks_markram import TsodyksMarkramSynapses

from ..helpers import H, all_pairs, static
from ..processes import run_processes

THREADS = [1, pytest.param(2, marks=pytest.mark.skipif(not can_use_threads(), reason="built without OpenMP")), 3]
MANY, FEW = 8000.0, 50.0  # Hz; spikes of the first are counted


def one_to_one(n, first=0, onto=0):
    return np.arange(first, first + n), np.arange(onto, onto + n)


class World:
    """Cells with noise from sources one by one, among other connections."""

    def __init__(self, threads, listed, random):
        self.network = Network(H, 7, threads)
        n = int(random.integers(200, 500))
        self.sources = SpikeSourcePoisson(self.network, n)
        self.sources.set({"rate": MANY * random.uniform(0.2, 3.0, n)})
        self.listed = SpikeRecorder(self.sources) if listed else None
        model = IF_curr_exp if random.integers(2) else IF_curr_alpha
        self.cells = model(self.network, int(random.integers(3 * n // 4, 2 * n)))
        m = int(random.integers(n // 2, min(n, self.cells.size) + 1))
        pairs = one_to_one(m, random.integers(n - m + 1), random.integers(self.cells.size - m + 1))
        if random.integers(3) == 0:
            # with a gap
            pairs = np.delete(pairs[0], m - 1), np.delete(pairs[1], m // 2)
        size = len(pairs[0])
        weight = random.uniform(0.0, 0.1, size) if random.integers(2) else 0.05
        self.changing = static(self.sources, self.cells, random.integers(1, 40), weight, "excitatory", pairs)
        if random.integers(2):
            self.changing = static(self.sources, self.cells, 3, -0.03, "inhibitory", pairs)
        pairs = np.unravel_index(np.sort(random.integers(self.cells.size**2, size=900)), 2 * (self.cells.size,))
        static(self.cells, self.cells, 2, 0.01, "excitatory", pairs)
        self.v = SampleRecorder(self.cells, "v", np.arange(self.cells.size))
        self.seen = []

    def change(self, random):
        """Do something at random that does not record."""
        some = np.flatnonzero(random.integers(2, size=self.sources.size))
        projection = self.changing
        what = random.integers(8)
        if what == 0:
            self.sources.set({"rate": float(random.choice([0.0, FEW, MANY, 30 * MANY]))}, some)
        elif what == 1:
            self.sources.set({"rate": MANY})
        elif what == 2:
            start = self.network.time + random.uniform(-1.0, 3.0)
            self.sources.set({"start": max(0.0, start), "duration": random.uniform(0.5, 20.0)}, some)
        elif what == 3:
            projection.set({"weight": random.uniform(0.0, 0.1, projection.size)})
        elif what == 4:
            projection.set({"weight": 0.02})
        elif what == 5:
            projection.set({}, delay_steps=random.integers(1, 20, projection.size).astype(np.int32))
        elif what == 6:
            projection.set({}, delay_steps=5)
        else:
            self.network.reset()

    def watch(self, random):
        """Record the spikes of the sources for a while."""
        before = self.network.step
        recorder = self.listed or SpikeRecorder(self.sources)
        self.network.run(int(random.integers(1, 30)))
        cells, steps = recorder.data
        self.seen.append((cells[steps > before], steps[steps > before]))
        if recorder is not self.listed:
            self.network.remove_recorder(recorder)


def results(seed, threads, listed):
    """Of a random history: arrays, and whether spikes were counted in each part of it."""
    random = np.random.default_rng(seed)
    world = World(threads, listed, random)
    counted = []
    for _ in range(6):
        world.network.run(int(random.integers(1, 60)))
        counted.append(not world.sources.listed)
        (world.watch if random.integers(4) == 0 else world.change)(random)
    world.network.run(40)
    return [world.v.data.copy(), *(column for seen in world.seen for column in seen)], counted


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("seed", range(30))
def test_counts_give_what_lists_give(seed, threads):
    with_lists, counted = results(seed, 1, True)
    assert not any(counted)
    found, counted = results(seed, threads, False)
    assert counted[0] and len(found) == len(with_lists)
    for one, other in zip(found, with_lists):
        np.testing.assert_array_equal(one, other)


def in_processes(size, threads=1, listed=False):
    """The potentials that all processes record, with a new rate in between."""

    def run(processes):
        network = Network(H, 7, threads, processes)
        sources = SpikeSourcePoisson(network, 300)
        sources.set({"rate": MANY})
        cells = IF_curr_exp(network, 250)
        own = np.arange(250)[cells.local]
        static(sources, cells, 2, 0.05, "excitatory", (own + 20, own))
        if listed:
            SpikeRecorder(sources)
        v = SampleRecorder(cells, "v", own)
        network.run(40)
        assert sources.listed == listed
        sources.set({"rate": 2.0 * MANY}, np.arange(0, 300, 3))
        network.run(41)
        return v.data

    return np.hstack(run_processes(size, run) if size > 1 else [run(None)])


@pytest.mark.parametrize("size, threads", [(2, 1), (3, 1), (2, 2)])
def test_processes_count_the_same(size, threads):
    np.testing.assert_array_equal(in_processes(size, threads), in_processes(1, listed=True))


@pytest.fixture
def noise():
    network = Network(H, 7)
    sources = SpikeSourcePoisson(network, 100)
    sources.set({"rate": MANY})
    return sources


def is_counted(sources):
    sources.network.run(1)
    return not sources.listed


def test_who_counts(noise):
    cells = IF_curr_exp(noise.network, 100)
    assert not is_counted(noise)
    projection = static(noise, cells, 2, 0.1, "excitatory", one_to_one(100))
    assert is_counted(noise)
    noise.set({"rate": FEW}, np.arange(1))
    assert not is_counted(noise)
    noise.set({"rate": 0.0}, np.arange(1))
    assert is_counted(noise)
    projection.set({}, delay_steps=np.arange(1, 101, dtype=np.int32))
    assert not is_counted(noise)
    projection.set({}, delay_steps=7)
    assert is_counted(noise)
    projection.record_events()
    assert not is_counted(noise)


@pytest.mark.parametrize(
    "pairs",
    [
        lambda n: (np.arange(n), np.arange(n)[::-1].copy()),
        lambda n: (np.arange(n // 2), 2 * np.arange(n // 2)),
        lambda n: (2 * np.arange(n // 2), np.arange(n // 2)),
        lambda n: (np.repeat(np.arange(n), 2), np.tile(np.arange(n), 2)),
    ],
    ids=["backwards", "every other target", "every other source", "two each"],
)
def test_others_read_lists(noise, pairs):
    static(noise, IF_curr_exp(noise.network, 100), 2, 0.1, "excitatory", pairs(100))
    assert not is_counted(noise)


def test_others_beside_them_need_lists(noise):
    cells = IF_curr_exp(noise.network, 100)
    static(noise, cells, 2, 0.1, "excitatory", one_to_one(100))
    assert is_counted(noise)
    Projection(TsodyksMarkramSynapses, noise, cells, "excitatory", *all_pairs(noise, cells), 2, {"weight": 0.01})
    assert not is_counted(noise)
