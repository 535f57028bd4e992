"""What there is no memory for changes nothing."""

import gc
from contextlib import contextmanager

import numpy as np
import pytest

import pyurbanczik as sim

from .fuzz_world import World, differences

resource = pytest.importorskip("resource", reason="needs limits of processes")

ROOM = 64 << 20


def free_heap():
    """Blocks of what the process has freed before and would be given again, whatever the limit."""
    size = 1 << 30
    while size >= 2 << 20:
        try:
            yield np.empty(size, dtype=np.uint8)
        except MemoryError:
            size //= 2


@contextmanager
def little_memory(room=ROOM):
    """Within, no more than `room` bytes can be had."""
    gc.collect()  # garbage that goes within would be room as well
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 20), before[1]))  # Python itself needs some
    taken = []
    try:
        taken.extend(free_heap())
        resource.setrlimit(resource.RLIMIT_AS, (used + room, before[1]))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


HUNGRY = {
    "population": lambda w: sim.Population(4_000_000, sim.IF_cond_exp()),
    "sources": lambda w: sim.Population(4_000_000, sim.SpikeSourcePoisson(rate=10.0)),
    "projection": lambda w: sim.Projection(
        w.large, w.large, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.001), receptor_type="excitatory"
    ),
    "learning": lambda w: sim.Projection(
        w.large, w.large, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse(weight=0.001), receptor_type="excitatory"
    ),
    "delays": lambda w: w.objects["static"].set(delay=1e6),
    "one delay": lambda w: setattr(w.objects["static"][0], "delay", 1e6),
    "release sites": lambda w: w.objects["multi"].set(n=10_000_000),
    "sites of some": lambda w: w.objects["multi"].set(n=[2, 3] + [10_000_000] * (len(w.objects["multi"]) - 2)),
    "uncountable sites": lambda w: w.objects["multi"].set(n=1e18),
}


NAMES = {
    **dict.fromkeys(("population", "sources"), r"^Population\("),
    **dict.fromkeys(("projection", "learning"), r"^Projection\(receptor_type=\.\.\.\): there is not enough memory"),
    "delays": r"^Projection 'static'\.set\(delay=",
    "one delay": "^Projection 'static'",
    **dict.fromkeys(
        ("release sites", "sites of some", "uncountable sites"),
        r"^Projection 'multi'\.set\(n=\.\.\.\): .*MultiQuantalSynapse\.n: .* release sites do not fit into memory$",
    ),
}


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("what", HUNGRY)
def test_what_there_is_no_memory_for_changes_nothing(what, threads):
    results = []
    for refused in (True, False):
        world = World(threads)
        world.large = sim.Population(10_000, sim.IF_cond_exp())
        sim.run(1.0)
        before = world.table()
        if refused:
            with little_memory(), pytest.raises((MemoryError, ValueError), match=NAMES[what]):
                HUNGRY[what](world)
            assert not differences(before, world.table())
        sim.run(1.0)
        results.append(world.results())
    assert not differences(*results)


def bursting(n):
    """Cells with a hundred thousand spikes in each step of 0.1 ms."""
    return sim.Population(n, sim.UrbanczikSenn(phi_max=1e9, tau_refrac=0.0, theta=-80.0))


def recorded():
    bursting(2).record("spikes")


def unheard():
    bursting(60)


def on_axons():
    synapse = sim.UrbanczikSennSynapse(weight=0.1, delay=50.0, dendritic_delay_fraction=0.0)
    target = sim.Population(1, sim.UrbanczikSenn())
    sim.Projection(bursting(1), target, sim.AllToAllConnector(), synapse, receptor_type="dendritic_exc")


def weights():
    target = sim.Population(100, sim.UrbanczikSenn())
    synapse = sim.UrbanczikSennSynapse(weight=0.1, delay=0.1)
    bursts = sim.Population(1, sim.SpikeSourcePoisson(rate=1e7))
    sim.Projection(bursts, target, sim.AllToAllConnector(), synapse, receptor_type="dendritic_exc").record("weight")


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("build", [recorded, unheard, on_axons, weights])
def test_a_run_without_memory_for_its_spikes_ends_with_an_error(build, threads):
    sim.setup(timestep=0.1, threads=threads)
    build()
    with little_memory():
        for _ in range(2):
            with pytest.raises(MemoryError, match=r"no room for \d+ more bytes of spikes and events; the run ended at"):
                sim.run(50.0)
    assert 0.0 < sim.get_current_time() < 50.0
    sim.reset()
    sim.run(0.0)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_reset_without_memory_for_what_was_recorded_changes_nothing(threads):
    sim.setup(timestep=0.1, threads=threads)
    cells = [sim.Population(1, sim.IF_cond_exp()) for _ in range(4)]
    sim.Assembly(*cells).record("v")
    bursts = bursting(2)
    bursts.record("spikes")
    sim.run(2.0)
    sim.reset()
    bursts.get_data(clear=True)
    sim.run(3.0)
    with little_memory(16 << 20):
        for _ in range(2):
            with pytest.raises(MemoryError, match=r"^reset\(\): .*not enough memory; .*; get_data\(\[\], clear=True\)"):
                sim.reset()
        assert sim.get_current_time() == 3.0
        assert [len(group.get_data("v").segments) for group in cells] == [2] * 4
        # which takes no copy, and gives back what the spikes have taken
        assert not bursts.get_data([], clear=True).segments[0].spiketrains
        np.empty(50 << 20, dtype=np.uint8)
        sim.reset()
    sim.run(1.0)
    for group in cells:
        assert [len(segment.analogsignals[0]) for segment in group.get_data().segments] == [21, 31, 11]
    assert sum(map(len, bursts.get_data().segments[-1].spiketrains)) > 1e6


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("before", [0.0, 1.0])
def test_a_run_without_memory_for_its_recordings_does_not_begin(before, threads):
    sim.setup(timestep=0.1, threads=threads)
    sources = sim.Population(100, sim.SpikeSourceArray(spike_times=[0.0, 0.5]))
    cells = sim.Population(100, sim.UrbanczikSenn())
    sim.Projection(sources, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.1), receptor_type="soma_exc")
    sources.record("spikes")
    cells.record("soma.v")
    if before:
        sim.run(before)
    with (
        little_memory(),
        pytest.raises(MemoryError, match=r"no room for \d+ bytes of recordings; the run did not begin"),
    ):
        sim.run(1e5)
    assert sim.get_current_time() == before
    sim.run(2.0 - before)
    assert all(train.magnitude.tolist() == [0.0, 0.5] for train in sources.get_data().segments[0].spiketrains)
    (v,) = cells.get_data().segments[0].analogsignals
    assert v.shape == (21, 100)
    assert (v.magnitude[:4] != -70.0).any(axis=1).tolist() == [False, False, True, True]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_rate_beyond_what_a_step_can_hold_ends_the_run(threads):
    sim.setup(timestep=0.1, threads=threads)
    steep = sim.Exponential(rho_0=1e3, beta=10.0, theta=-75.0)
    cells = sim.Population(2, sim.DendriticNeuron(basal=sim.Dendrite(), rate_function=steep, tau_refrac=0.0))
    cells[0:1].set(theta=-60.0)
    for _ in range(2):
        with pytest.raises(
            OverflowError, match=r"DendriticNeuron: the rate of cell 1 .* 1000000 spikes in a time step"
        ):
            sim.run(10.0)
    sim.reset()
    cells.set(theta=-60.0)
    sim.run(1.0)
    assert sim.get_current_time() == 1.0
