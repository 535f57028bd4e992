"""What there is no memory for changes nothing."""

from contextlib import contextmanager

import pytest

import pyurbanczik as sim

from .fuzz_world import World, differences

resource = pytest.importorskip("resource", reason="needs limits of processes")

ROOM = 64 << 20


@contextmanager
def little_memory():
    """Within, no more than `ROOM` bytes can be had."""
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, before[1]))
    try:
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
