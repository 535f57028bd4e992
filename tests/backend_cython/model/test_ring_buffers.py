"""What is on its way arrives when it is due, whatever rings it travels through."""

import os
from pathlib import Path

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.ring_buffers import InputBuffer

from ..helpers import DELAYS, Ear, H, in_ms, source, static


def test_an_inbox_of_no_receptors():
    empty = InputBuffer(1000, 0)
    empty.hold(1000, 5)
    empty.clear()


@pytest.mark.parametrize("delay, axonal", [(d, a) for d in (0, *DELAYS) for a in (0, 1, 2, 3, 8) if d + a])
def test_every_delay(delay, axonal):
    """Spikes at successive and at distant steps, over several turns of the rings."""
    network, train = Network(H), np.array([0, 1, 2, 5, 40, 41, 64, 128, 129, 300])
    ear = Ear(network)
    static(source(network, train), ear.cells, delay, axonal=axonal)
    network.advance(400)
    assert ear.steps() == (train + delay + axonal).tolist()


@pytest.mark.parametrize("axonal", DELAYS)
def test_every_axonal_delay(axonal):
    network, train = Network(H), np.array([0, 1, 2, 5, 40, 41, 64, 128, 129, 300])
    ear = Ear(network)
    static(source(network, train), ear.cells, 0, axonal=axonal)
    network.advance(400)
    assert ear.steps() == (train + axonal).tolist()


def test_different_delays_share_a_ring():
    network = Network(H)
    ear = Ear(network, len(DELAYS))
    static(source(network, [0, 3]), ear.cells, np.array(DELAYS))
    network.advance(100)
    due = sorted((train + delay, i, 1.0) for train in (0, 3) for i, delay in enumerate(DELAYS))
    assert ear.heard() == due


@pytest.mark.parametrize("now", [5, 7, 8, 9, 31])
@pytest.mark.parametrize("delay", [3, 4, 7, 8])
@pytest.mark.parametrize("longer", [8, 9, 64, 1000])
def test_growing_a_ring_with_spikes_on_their_way(delay, longer, now):
    network, train = Network(H), [now - 2, now - 1, now]
    ear = Ear(network)
    slow, fast = source(network, []), source(network, train)
    static(fast, ear.cells, delay)
    network.advance(now)
    static(slow, ear.cells, longer)
    slow.set_spikes(in_ms([[now + 1]]))
    network.advance(longer + 20)
    assert ear.steps() == sorted([*(np.array(train) + delay), now + 1 + longer])


def test_a_ring_that_is_long_enough_stays():
    network = Network(H)
    ear = Ear(network)
    src = source(network, [5])
    static(src, ear.cells, 12)
    network.advance(6)
    static(src, ear.cells, 3)
    network.advance(20)
    assert ear.steps() == [17]


def test_changed_delays_leave_the_spikes_on_their_way_alone():
    network = Network(H)
    ear = Ear(network)
    synapses = static(source(network, [5, 10]), ear.cells, 7)
    network.advance(5)
    synapses.set_delay_steps(40)
    network.advance(100)
    assert ear.steps() == [12, 50]


@pytest.mark.parametrize("axonal", [0, 5])
def test_thousands_of_spikes_in_one_step(axonal):
    """Buffers grow while spikes of earlier steps are still inside."""
    network, size = Network(H), 5000
    ear = Ear(network)
    train = [3, 3, 4, 6, 6, 6]
    src = source(network, *[train] * size)
    static(src, ear.cells, 2, weight=1e-6, axonal=axonal)
    network.advance(20)
    late = 2 + axonal
    assert ear.heard() == [(3 + late, 0, 2e-3 * size), (4 + late, 0, 1e-3 * size), (6 + late, 0, 3e-3 * size)]


@pytest.mark.parametrize("axonal", [np.full(30, 37), 2 * np.arange(30)])
def test_axonal_ring_through_bursts_and_silence(axonal):
    """The memory of past spikes is used again; none is lost or doubled on the way."""
    rng = np.random.default_rng(0)
    network = Network(H)
    ear = Ear(network, 30)
    trains = [np.sort(rng.integers(0, 3000, rng.integers(0, 400))) for _ in range(30)]
    pairs = np.arange(30), np.arange(30)
    static(source(network, *trains), ear.cells, 1, pairs=pairs, axonal=axonal)
    network.advance(3100)
    expected = {}
    for i, train in enumerate(trains):
        for step in train:
            due = int(step + axonal[i]) + 1, i
            expected[due] = expected.get(due, 0) + 1
    assert {(step, i): amount for step, i, amount in ear.heard()} == expected


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc to read the resident memory from")
def test_axonal_memory_is_used_again():
    """All of these spikes, kept, would be 48 MB."""
    network, burst = Network(H), 1000
    static(source(network, *[np.arange(4000)] * burst), Ear(network).cells, 1, weight=0.0, axonal=9)
    network.advance(500)
    before = resident_bytes()
    network.advance(3500)
    assert resident_bytes() - before < 2**22


def resident_bytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_an_axon_added_amid_a_run():
    network = Network(H)
    ear = Ear(network)
    src = source(network, [98, 99, 100, 101, 102])
    network.advance(100)
    static(src, ear.cells, 1, axonal=6)
    network.advance(50)
    assert ear.steps() == [108, 109]


@pytest.mark.parametrize("reset", [Network.reset, Network.reset_states])
def test_reset_empties_the_rings(reset):
    network = Network(H)
    ear = Ear(network)
    src = source(network, [8])
    static(src, ear.cells, 20)
    static(src, ear.cells, 1, axonal=20)
    network.advance(10)
    reset(network)
    src.set_spikes([[]])
    network.advance(60)
    assert ear.heard() == []


def test_spikes_arrive_at_the_last_step_and_not_behind_it():
    network = Network(H)
    ear = Ear(network)
    static(source(network, [7, 8]), ear.cells, 3)
    network.advance(10)
    assert ear.steps() == [10]
    network.advance(1)
    assert ear.steps() == [10, 11]
