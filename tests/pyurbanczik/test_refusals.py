"""Random calls of every public method: what is refused changes nothing and says why, whatever the threads and splits.

``PYURBANCZIK_FUZZ_CALLS`` sets the number of calls (``make fuzz``: 100 000), ``PYURBANCZIK_FUZZ_SEED`` the first seed.
"""

import os
from typing import NamedTuple

import pytest

import pyurbanczik as sim

from .fuzz_calls import Source, attempt, fault_of
from .fuzz_world import World, differences

CALLS = int(os.environ.get("PYURBANCZIK_FUZZ_CALLS", 1500))
FIRST = int(os.environ.get("PYURBANCZIK_FUZZ_SEED", 0))
AT_ONCE = 125
RUNS = ("run", "run_for", "run_until")


class Played(NamedTuple):
    """A sequence of calls that was made."""

    outcomes: list  # the type of the error of each call, or None
    times: list  # after each call
    faults: list  # what is wrong with refusals
    results: dict


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def play(seed, folder, threads=1, like=None, split=False):
    """Make the calls of a seed: all of them, or only those that were not refused when `like` was played.

    With `split`, runs are made in two parts.
    """
    world = World(threads)
    world.folder = str(folder)
    source, outcomes, times, faults = Source(seed, world), [], [], []
    state = world.table() if like is None else None
    for number in range(AT_ONCE):
        call = source.draw()
        if like is not None and like.outcomes[number] is not None:
            continue
        if split and call.method in RUNS and not call.keywords.get("callbacks"):
            now, then = sim.get_current_time(), like.times[number]
            sim.run_until(now + round((then - now) / 2, 1))
            sim.run_until(then)
            continue
        error = attempt(call, world)
        outcomes.append(error and type(error))
        times.append(sim.get_current_time())
        if like is not None:
            assert error is None, f"call {number}, {call!r}: {error!r} with {threads} threads only"
            continue
        before, state = state, world.table()
        if error is not None:
            changed = differences(before, state)
            if changed:
                faults.append(f"{call!r} raised {error!r:.200}, but changed\n    " + "\n    ".join(changed[:5]))
            if fault_of(error):
                faults.append(f"{call!r}: {fault_of(error)}")
    sim.run(2.0)
    return Played(outcomes, times, faults, world.results())


@pytest.mark.parametrize("seed", range(FIRST, FIRST + max(1, CALLS // AT_ONCE)))
def test_random_calls(seed, folder):
    alone = play(seed, folder)
    assert {None} < set(alone.outcomes)
    assert not alone.faults, f"{len(alone.faults)} faults:\n" + "\n".join(alone.faults)
    for threads, split in ((3, False), (1, True)):
        again = play(seed, folder, threads, alone, split)
        assert not differences(alone.results, again.results), "results that refused calls, threads or splits changed"
