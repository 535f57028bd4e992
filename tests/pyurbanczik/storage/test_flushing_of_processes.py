"""Recordings in files of processes that end early: what is left of them, and how much memory they take.

PYURBANCZIK_KILLS=100 kills a hundred of them.
"""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from backend_cython.engine.team import can_use_threads

from .experiment import same

ROOT = Path(__file__).parents[3]

SCRIPT = """
import re, signal, sys, threading, time
from pathlib import Path
import numpy as np
import pyurbanczik as sim
from pyurbanczik.storage import flushing
signal.signal(signal.SIGINT, signal.default_int_handler)  # background processes of a shell ignore it
path, milliseconds, width, threads = sys.argv[1], *map(int, sys.argv[2:])
sim.setup(timestep=0.1, rng_seed=5, threads=threads)
cells = sim.Population(width, sim.UrbanczikSenn(soma={"i_offset": 3.0}), label="cells")
source = sim.Population(10, sim.SpikeSourcePoisson(rate=100.0))
prj = sim.Projection(source, cells, sim.AllToAllConnector(), sim.UrbanczikSennSynapse(weight=0.1, eta=0.1, w_max=1.0))
to_file = path if path.endswith(".zarr") else None
cells.record(["v", "rate", "spikes"], to_file=to_file)
prj.record("weight", to_file=to_file)
prj.record("weight", sampling_interval=1.0, to_file=to_file)

def say_when_reached(milliseconds):
    def watch():
        while sim.get_current_time() < milliseconds:
            time.sleep(0.002)
        print("go", flush=True)
    threading.Thread(target=watch, daemon=True).start()
"""


@pytest.fixture
def start():
    """Starts processes that run the script; none is left when the test ends, however it ends."""
    children = []

    def begin(script, *arguments, threads=1):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
        command = [sys.executable, "-c", SCRIPT + textwrap.dedent(script), *map(str, arguments), str(threads)]
        children.append(
            subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        )
        return children[-1]

    yield begin
    for child in children:
        child.kill()
        child.wait()
        child.stdout.close()


def undisturbed(sim, width, milliseconds):
    """The blocks of an undisturbed run of the script."""
    namespace = {}
    exec(SCRIPT.replace("sys.argv[1], *map(int, sys.argv[2:])", f"'', 0, {width}, 1"), namespace)
    sim.run(milliseconds)
    return namespace["cells"].get_data(), namespace["prj"].get_data()


def check_prefix(sim, path, width):
    """What is in the file is the beginning of the recording, equally long for all; returns its length (ms)."""
    blocks = sim.read_recording(path)
    cells = blocks[0].segments[0]
    stop = float(cells.spiketrains[0].t_stop)
    expected = undisturbed(sim, width, stop)
    for ours, theirs in zip(blocks, expected, strict=True):
        same(ours, theirs)
    return stop


# How many are killed, at moments spread over a run.
KILLS = int(os.environ.get("PYURBANCZIK_KILLS", 2))


@pytest.mark.parametrize("kill", range(KILLS))
def test_a_killed_process_leaves_the_beginning(sim, start, path, kill):
    at_least = 10.0 + 190.0 * (kill + 1) / KILLS
    child = start(
        """
        flushing.WRITE_SECONDS = 0.0
        flushing.SHARE = 0
        say_when_reached(milliseconds)
        while True:
            sim.run(50.0)
        """,
        path,
        int(at_least) + 1,
        5,
        threads=1 + kill % 2 * can_use_threads(),
    )
    assert child.stdout.readline() == "go\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    # what is under way is at most a little longer than everything before it
    assert check_prefix(sim, path, 5) >= at_least / 4


@pytest.mark.parametrize("ending", ["", "raise RuntimeError", "sim.end()"])
def test_a_process_that_ends_leaves_everything(sim, start, path, ending):
    child = start(f"sim.run(30.0)\nsim.run(0.5)\nsim.run(0.5)\n{ending}", path, 0, 3)
    child.communicate()
    assert (child.returncode == 0) == (ending != "raise RuntimeError")
    assert check_prefix(sim, path, 3) == 31.0


FORK = """
        import os, warnings
        flushing.WRITE_SECONDS = flushing.SHARE = 1e9  # the parent's second run is in memory when it forks
        sim.run(1.0)
        sim.run(1.0)
        there, here = os.pipe()
        child = os.fork()
        if child == 0:
            os.read(there, 1)
"""
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@needs_fork
@pytest.mark.parametrize(
    "action",
    [
        "sim.setup(timestep=0.1)",
        "sim.end()",
        "cells.get_spike_counts()",
        "sim.reset()",
        "sim.save_state(path + '.state')",
        "assert cells.get_data().segments[0].analogsignals[0].load().shape == (21, 5)",
        "sys.exit()",
    ],
)
def test_a_forked_process_leaves_the_file_to_its_parent(sim, start, path, action):
    child = start(
        FORK
        + f"""
            try:
                {action}
            except Exception as error:
                print(repr(error))
            os._exit(0)
        sim.run(28.0)
        cells.get_data()
        os.write(here, b"x")
        os.waitpid(child, 0)
        print("ended", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
        """,
        path,
        0,
        5,
    )
    assert child.communicate()[0] == "ended\n"
    assert check_prefix(sim, path, 5) == 30.0


@needs_fork
def test_what_a_forked_process_records_stays_in_its_memory(sim, start, path):
    child = start(
        FORK
        + """
            def told(call, *arguments):
                parent = f"process {os.getppid()} "
                with warnings.catch_warnings(record=True) as found:
                    try:
                        call(*arguments)
                    except Exception as error:
                        print(type(error).__name__, str(error).replace(parent, "process N "))
                for one in found:
                    print(one.category.__name__, str(one.message).replace(parent, "process N "))

            told(sim.run, 1.0)
            told(lambda: source.record("spikes", to_file=path))
            told(sim.end)
            told(sim.save_state, path + ".state")
            told(sim.setup)
            print(cells.get_data().segments[0].analogsignals[0].load().shape, flush=True)
            sys.exit()
        os.write(here, b"x")
        os.waitpid(child, 0)
        """,
        path,
        0,
        5,
    )
    other = f"{path} is written by process N alone, from which this one was forked"
    unwritten = f"OSError {path} cannot be written: PermissionError: it is written by process N alone, from which this"
    told = child.communicate()[0].splitlines()
    assert told[0] == f"RuntimeWarning {other}; what is recorded here stays in memory, where get_data() finds it"
    assert told[1].startswith("FileExistsError ") and told[1].endswith(f".to_file: {other}; choose another name")
    assert [line.startswith(unwritten) for line in told[2:-1]] == [True, True]
    assert told[-1] == "(31, 5)"
    assert check_prefix(sim, path, 5) == 2.0


def test_a_disk_that_is_full_at_the_end(start, path):
    child = start(
        """
        from pyurbanczik.storage.zarr_checks import CheckedStore
        sys.stderr = sys.stdout
        sim.run(30.0)
        sim.end()
        async def full(self, key, value):
            raise OSError(28, "No space left on device")
        CheckedStore.set = full
        flushing.SHARE = 1e9
        sim.run(5.0)
        sim.run(5.0)
        """,
        path,
        0,
        3,
    )
    told = child.communicate()[0].splitlines()[-1]
    assert told == f"{path} ends at 30.0 ms, since the rest cannot be written: [Errno 28] No space left on device"


def test_ctrl_c_leaves_everything(sim, start, path):
    child = start(
        """
        # no other write comes before it
        flushing.BUFFER_BYTES, flushing.WRITE_SECONDS = 1 << 30, 1e9
        sim.run(1.0)
        say_when_reached(50.0)
        try:
            sim.run(1e9)
        except KeyboardInterrupt:
            print(sim.get_current_time(), flush=True)
            import os
            os.kill(os.getpid(), signal.SIGKILL)
        """,
        path,
        0,
        5,
    )
    assert child.stdout.readline() == "go\n"
    child.send_signal(signal.SIGINT)
    reached, _ = child.communicate()
    assert 50.0 <= float(reached) == pytest.approx(check_prefix(sim, path, 5))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs the process table of Linux")
def test_memory_does_not_grow_with_time(start, tmp_path, zarr):
    """Ten times the buffer is recorded after a run that has filled it once."""
    child = start(
        """
        def peak():
            # not getrusage, which counts what the parent had when it made the process
            return int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
        flushing.WRITE_SECONDS = 1e9
        sim.run(milliseconds)
        before = peak()
        sim.run(10 * milliseconds)
        print(before, peak())
        """,
        tmp_path / "run.zarr",
        300,
        250,
    )
    output, _ = child.communicate()
    before, after = map(float, output.split())
    written = 8 * 2 * 250 * 33000 / 2**20
    assert written > 120 and after - before < 40
