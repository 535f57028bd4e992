"""Recording to files while the simulation runs: the same data as in memory, and what is left of them after a crash."""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import neo
import numpy as np
import pytest
import quantities as pq
from backend_cython.lane import can_use_threads
from pyNN import errors

from pyurbanczik import simulator, stored, streams
from pyurbanczik.recording import load_all

ROOT = Path(__file__).parents[2]
needs_threads = pytest.mark.skipif(not can_use_threads(), reason="built without OpenMP")


@pytest.fixture
def zarr():
    return pytest.importorskip("zarr")


@pytest.fixture
def path(tmp_path, zarr):
    return tmp_path / "run.zarr"


@pytest.fixture
def small_pieces(monkeypatch):
    """Buffers, chunks and tables that do not hold even these short runs."""
    monkeypatch.setattr(streams, "BUFFER_BYTES", 20000)
    monkeypatch.setattr(streams, "CHUNK", 64)
    monkeypatch.setattr(stored, "KEPT_ROWS", 5)
    monkeypatch.setattr(stored, "SCANNED_ROWS", 4)


class Experiment:
    """A network of which all kinds of things are recorded, to a file or to memory."""

    def __init__(self, sim, path=None, threads=1):
        sim.setup(timestep=0.1, rng_seed=3, threads=threads)
        rng = np.random.default_rng(1)
        trains = [np.sort(rng.uniform(0.0, 100.0, 10)).round(1) for _ in range(4)]
        self.source = sim.Population(4, sim.SpikeSourceArray(spike_times=trains), label="source")
        cell = sim.UrbanczikSenn(soma={"i_offset": 10.0})
        self.a = sim.Population(3, cell, label="a")
        self.b = sim.Population(2, cell, label="b")
        # parts with different delays before the synapse
        fraction = np.indices((4, 5)).sum(axis=0) % 2
        rule = sim.UrbanczikSennSynapse(
            weight=0.1, delay=0.5, eta=0.5, w_max=0.5, dendritic_delay_fraction=fraction
        )
        self.both = sim.Assembly(self.a, self.b, label="both")
        self.prj = sim.Projection(self.source, self.both, sim.AllToAllConnector(), rule, label="plastic")
        rate = sim.TsodyksMarkramSynapse(weight=0.01, delay=0.2, U=0.5)
        self.stp = sim.Projection(self.source, self.a, sim.AllToAllConnector(), rate, receptor_type="soma_exc")
        self.path, self.sim = path, sim
        self.a[1:].record(["v", "spikes"], locations=["soma", "dendrite"], to_file=path)
        self.b.record("all", to_file=path, sampling_interval=0.7)
        self.prj.record("weight", to_file=path)
        self.prj.record("weight", sampling_interval=2.0, connections=[1, 4, 5, 9, 11], to_file=path)
        self.stp.record("all", to_file=path)

    def run(self):
        sim = self.sim
        sim.run(20.3)
        self.a.record("spikes", to_file=self.path)
        self.a.record("soma.v", to_file=self.path)
        self.prj.record("weight", sampling_interval=2.0, to_file=self.path)
        sim.run(19.7)
        sim.reset(annotations={"trial": np.int64(1)})
        for _ in range(8):
            sim.run(3.0)
        return self

    def blocks(self, clear=False):
        groups = (self.a, self.b, self.a[1:2], self.both, self.prj, self.stp)
        return [group.get_data(clear=clear) for group in groups]


def same(loaded, kept):
    """Blocks with equal contents, to the last bit."""
    for ours, theirs in zip(loaded.segments, kept.segments, strict=True):
        assert ours.name == theirs.name and ours.annotations == theirs.annotations
        for kind in ("analogsignals", "spiketrains", "irregularlysampledsignals"):
            assert len(getattr(ours, kind)) == len(getattr(theirs, kind)), kind
            for lazy, expected in zip(getattr(ours, kind), getattr(theirs, kind)):
                equal(lazy, expected)


def equal(lazy, expected):
    assert lazy.proxy_for is type(expected)
    signal = lazy.load()
    assert lazy.shape == signal.shape == expected.shape
    np.testing.assert_array_equal(signal.magnitude, expected.magnitude)
    assert signal.dimensionality == expected.dimensionality and signal.name == expected.name == lazy.name
    for name in ("t_start", "t_stop", "sampling_period", "sampling_rate", "times"):
        if name not in ("t_start", "t_stop") or len(np.atleast_1d(expected)):
            assert np.all(getattr(signal, name, None) == getattr(expected, name, None)), name
    for annotated in (lazy, signal):
        assert annotated.annotations.keys() == expected.annotations.keys()
        assert annotated.array_annotations.keys() == expected.array_annotations.keys()
        for table in ("annotations", "array_annotations"):
            for name, value in getattr(expected, table).items():
                np.testing.assert_array_equal(getattr(annotated, table)[name], value)
        assert annotated.segment is lazy.segment or annotated is signal


@pytest.mark.parametrize("threads", [1, *(pytest.param(n, marks=needs_threads) for n in (2, 3))])
def test_what_is_read_is_what_memory_would_hold(sim, path, small_pieces, threads):
    expected = Experiment(sim).run().blocks()
    experiment = Experiment(sim, path, threads).run()
    assert simulator.state.network.n_lanes == threads
    found = experiment.blocks()
    for ours, theirs in zip(found, expected, strict=True):
        assert {**ours.annotations} == {**theirs.annotations}
        same(ours, theirs)
    sizes = [len(train.load()) for train in found[0].segments[1].spiketrains]
    assert sum(sizes) > 2, "the comparison needs spikes"
    sim.end()
    again = sim.read_recording(path)
    assert [block.name for block in again] == [expected[k].name for k in (0, 1, 4, 5)]
    for ours, theirs in zip(again, [expected[k] for k in (0, 1, 4, 5)], strict=True):
        same(ours, theirs)
        assert ours.annotations == streams.plain(theirs.annotations)
        assert ours.description == theirs.description


def test_clearing_begins_a_new_segment(sim, path):
    def clearing(experiment):
        experiment.sim.run(12.0)
        first = experiment.blocks(clear=True)
        experiment.sim.run(5.0)
        second = experiment.blocks()
        experiment.sim.reset()
        experiment.sim.run(5.0)
        return first + second + experiment.blocks()

    expected = clearing(Experiment(sim))
    for ours, theirs in zip(clearing(Experiment(sim, path)), expected, strict=True):
        same(ours, theirs)
    assert [len(block.segments) for block in sim.read_recording(path)] == [3] * 4


def test_before_the_first_run(sim, path):
    experiment, kept = Experiment(sim, path).blocks(), Experiment(sim).blocks()
    for ours, theirs in zip(experiment, kept, strict=True):
        same(ours, theirs)
    assert [len(block.segments) for block in sim.read_recording(path)] == [0] * 4


def test_parts_of_signals(sim, path, small_pieces):
    kept, block = Experiment(sim).run().a.get_data(), Experiment(sim, path).run().a.get_data()
    window = (3.04 * pq.ms, 0.0151 * pq.s)
    for lazy, whole in zip(block.segments[1].analogsignals, kept.segments[1].analogsignals, strict=True):
        part = lazy.load(time_slice=window, channel_indexes=[-1])
        expected = whole.time_slice(3.0 * pq.ms, 15.1 * pq.ms)[:, [-1]]
        np.testing.assert_array_equal(part.magnitude, expected.magnitude)
        assert part.t_start == expected.t_start and part.name == whole.name
        assert part.array_annotations["channel_index"].tolist() == expected.array_annotations["channel_index"].tolist()
        assert lazy.load(time_slice=(20.0 * pq.ms, None)).shape == (41, lazy.shape[1])
        with pytest.raises(ValueError, match="t_stop: 99"):
            lazy.load(time_slice=(None, 99.0 * pq.ms))
        assert lazy.load(time_slice=(-1 * pq.ms, 99.0 * pq.ms), strict_slicing=False).shape == lazy.shape
    for lazy, train in zip(block.segments[1].spiketrains, kept.segments[1].spiketrains):
        part, expected = lazy.load(time_slice=window), train.time_slice(*window)
        np.testing.assert_array_equal(part.magnitude, expected.magnitude)
        assert float(part.t_stop) == pytest.approx(15.1) and part.t_start == 3.04 * pq.ms
        assert lazy.t_stop == 24.0 * pq.ms
        with pytest.raises(ValueError, match="t_start"):
            lazy.load(time_slice=(-1.0 * pq.ms, None))
    prj = Experiment(sim, path.with_name("2.zarr")).run().prj.get_data().segments[0]
    for lazy in prj.irregularlysampledsignals:
        part, whole = lazy.load(time_slice=(10 * pq.ms, 20 * pq.ms)), lazy.load()
        inside = (whole.times >= 10 * pq.ms) & (whole.times <= 20 * pq.ms)
        np.testing.assert_array_equal(part.magnitude, whole.magnitude[inside])
        assert lazy.t_start == whole.t_start and lazy.t_stop == whole.t_stop


def test_only_the_chunks_that_are_needed_are_read(sim, path, small_pieces, zarr, monkeypatch):
    cells = sim.Population(5, sim.UrbanczikSenn())
    cells.record("v", to_file=path)
    sim.run(100.0)
    signal = cells.get_data().segments[0].analogsignals[0]
    read = []
    get = zarr.storage.LocalStore.get
    monkeypatch.setattr(
        zarr.storage.LocalStore, "get", lambda self, key, *a, **k: read.append(key) or get(self, key, *a, **k)
    )
    assert signal.load(time_slice=(50 * pq.ms, 51 * pq.ms), channel_indexes=[2]).shape == (10, 1)
    assert 1 <= len([key for key in read if "/c/" in key]) <= 2


def test_neo_knows_the_objects(sim, path):
    segment = Experiment(sim, path).run().a.get_data().segments[0]
    assert isinstance(segment.analogsignals[0], neo.io.proxyobjects.AnalogSignalProxy)
    assert isinstance(segment.spiketrains[0], neo.io.proxyobjects.SpikeTrainProxy)
    part = segment.time_slice(25.0 * pq.ms, 30.0 * pq.ms)
    assert part.analogsignals[0].shape == (50, 2) and isinstance(part.spiketrains[0], neo.SpikeTrain)
    again = pickle.loads(pickle.dumps(segment))
    np.testing.assert_array_equal(again.analogsignals[0].load(), segment.analogsignals[0].load())
    np.testing.assert_array_equal(again.spiketrains[2].load(), segment.spiketrains[2].load())


def test_memory_and_file_side_by_side(sim, path, tmp_path):
    cells = sim.Population(3, sim.UrbanczikSenn(soma={"i_offset": 3.0}))
    cells.record("v", to_file=path)
    cells.record(["rate", "spikes"], to_file=str(tmp_path / "end.pkl"))
    sim.run(20.0)
    segment = cells.get_data().segments[0]
    assert [hasattr(signal, "load") for signal in segment.analogsignals] == [True, False]
    assert isinstance(segment.spiketrains[0], neo.SpikeTrain)
    sim.end()
    (block,) = neo.io.PickleIO(tmp_path / "end.pkl").read()
    assert [signal.name for signal in block.segments[0].analogsignals] == ["rate"]
    cells.write_data(str(tmp_path / "all.pkl"))
    (block,) = neo.io.PickleIO(tmp_path / "all.pkl").read()
    np.testing.assert_array_equal(block.segments[0].analogsignals[0], segment.analogsignals[0].load())
    sim.run(5.0)
    assert load_all(cells.get_data()).segments[0].analogsignals[0].shape == (251, 3)


def test_spike_counts(sim, path, small_pieces):
    counts = []
    for to_file in (None, path):
        experiment = Experiment(sim, to_file).run()
        counts.append([list(group.get_spike_counts().values()) for group in (experiment.a, experiment.b[1:])])
    assert counts[0] == counts[1] and sum(counts[0][0]) > 0


def test_spike_times_between_two_steps(sim, path, small_pieces):
    rng = np.random.default_rng(2)
    times = [np.sort(rng.uniform(0.0, 30.0, 40)) for _ in range(3)]
    found = []
    for to_file in (None, path):
        sim.setup(timestep=0.5)
        source = sim.Population(3, sim.SpikeSourceArray(spike_times=times), label="source")
        source.record("spikes", to_file=to_file)
        blocks = []
        for until in sorted([*(t[20] for t in times), 30.0]):
            sim.run_until(until)
            blocks.append(source.get_data())
        found.append(blocks)
    for ours, theirs in zip(*reversed(found), strict=True):
        same(ours, theirs)
        trains = ours.segments[0].spiketrains, theirs.segments[0].spiketrains
        for column, expected in zip(*(train.multiplexed for train in trains), strict=True):
            np.testing.assert_array_equal(column, expected)
        for start in np.linspace(0.0, 4.0, 50):
            window = start * pq.ms, (start + 2.0) * pq.ms
            for lazy, train in zip(*trains, strict=True):
                np.testing.assert_array_equal(lazy.load(time_slice=window), train.time_slice(*window))


def test_one_variable_has_one_place(sim, path):
    cells = sim.Population(3, sim.UrbanczikSenn())
    source = sim.Population(1, sim.SpikeSourceArray())
    prj = sim.Projection(source, cells, sim.AllToAllConnector(), sim.UrbanczikSennSynapse(w_max=1.0))
    cells[:1].record("v", to_file=path)
    prj.record("weight")
    other = path.with_name("other.zarr")
    for attempt in (
        lambda: cells.record("v"),
        lambda: cells[1:].record(["v", "rate"], to_file=other),
        lambda: prj.record("weight", to_file=path),
        lambda: prj.record("weight", to_file="weights.nix"),
    ):
        with pytest.raises(errors.InvalidParameterValueError, match="to_file"):
            attempt()
    assert not other.exists()
    prj.record("weight", sampling_interval=1.0, to_file=path)
    cells.record("v", to_file=path)
    sim.run(1.0)
    assert [s.name for s in cells.get_data().segments[0].analogsignals] == ["v"]
    cells.record(None)
    cells.record("v", to_file=other)
    sim.run(1.0)
    sim.end()
    assert sim.read_recording(other)[0].segments[0].analogsignals[0].t_start == 1.0 * pq.ms
    assert sim.read_recording(path)[0].segments[0].analogsignals[0].shape == (11, 3)


def test_files_are_not_written_over(sim, path):
    Experiment(sim, path).run()
    with pytest.raises(FileExistsError, match=r"run\.zarr exists already"):
        Experiment(sim, path)
    assert len(sim.read_recording(path)) == 4


def test_what_is_no_recording_is_refused(sim, tmp_path, zarr):
    with pytest.raises(FileNotFoundError, match="nothing"):
        sim.read_recording(tmp_path / "nothing.zarr")
    with pytest.raises(ValueError, match="not a Zarr group"):
        sim.read_recording(tmp_path)
    zarr.open_group(tmp_path / "other.zarr", mode="w")
    with pytest.raises(ValueError, match="not a pyurbanczik recording"):
        sim.read_recording(tmp_path / "other.zarr")


@pytest.mark.parametrize("version", [None, "2.18.7"])
def test_without_zarr(sim, tmp_path, monkeypatch, version):
    fake = None if version is None else type(sys)("zarr")
    if fake:
        fake.__version__ = version
    monkeypatch.setitem(sys.modules, "zarr", fake)
    cells = sim.Population(1, sim.UrbanczikSenn())
    for attempt in (
        lambda: cells.record("v", to_file=tmp_path / "run.zarr"),
        lambda: sim.read_recording(tmp_path / "run.zarr"),
    ):
        with pytest.raises(ImportError, match=r"pyurbanczik\[files\]"):
            attempt()
    sim.run(1.0)
    assert not cells.get_data().segments[0].analogsignals


def test_setup_finishes_files(sim, path, monkeypatch):
    monkeypatch.setattr(streams, "SHARE", 1e9)
    cells = Experiment(sim, path).a
    sim.run(1.0)
    sim.run(1.0)
    assert sim.read_recording(path)[0].segments[0].analogsignals[0].shape == (11, 2)
    sim.setup(timestep=0.1)
    assert sim.read_recording(path)[0].segments[0].analogsignals[0].shape == (21, 2)
    assert cells.get_data().segments[0].analogsignals[0].load().shape == (21, 2)


def test_a_disk_that_is_full_for_a_while(sim, path, small_pieces, monkeypatch):
    expected = Experiment(sim).run().blocks()
    experiment = Experiment(sim, path)
    append, calls = streams.Series.append, []

    def sometimes(self, **columns):
        calls.append(1)
        if len(calls) % 67 == 0:
            raise OSError("no space left on device")
        append(self, **columns)

    def patiently(simtime):
        end = sim.get_current_time() + simtime
        for _ in range(100):
            with contextlib.suppress(OSError):
                sim.run_until(end)
                simulator.state.streams.write()
                return
        pytest.fail("nothing is ever written")

    monkeypatch.setattr(streams.Series, "append", sometimes)
    monkeypatch.setattr(sim, "run", patiently)
    experiment.run()
    monkeypatch.undo()
    for ours, theirs in zip(experiment.blocks(), expected, strict=True):
        same(ours, theirs)
    assert len(calls) > 3 * 67


# ---- processes that end early

SCRIPT = """
import re, sys, threading, time
from pathlib import Path
import numpy as np
import pyurbanczik as sim
from pyurbanczik import streams
path, milliseconds, width = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
sim.setup(timestep=0.1, rng_seed=5)
cells = sim.Population(width, sim.UrbanczikSenn(soma={"i_offset": 3.0}), label="cells")
source = sim.Population(10, sim.SpikeSourcePoisson(rate=100.0))
prj = sim.Projection(source, cells, sim.AllToAllConnector(), sim.UrbanczikSennSynapse(weight=0.1, eta=0.1, w_max=1.0))
to_file = path if path.endswith(".zarr") else None
cells.record(["v", "rate", "spikes"], to_file=to_file)
prj.record("weight", to_file=to_file)
prj.record("weight", sampling_interval=1.0, to_file=to_file)
"""


def start(script, *arguments):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    command = [sys.executable, "-c", SCRIPT + textwrap.dedent(script), *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def undisturbed(sim, width, milliseconds):
    """The blocks of an undisturbed run of the script."""
    namespace = {}
    exec(SCRIPT.replace("sys.argv[1], float(sys.argv[2]), int(sys.argv[3])", f"'', 0, {width}"), namespace)
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


def test_a_killed_process_leaves_the_beginning(sim, path):
    child = start(
        """
        streams.WRITE_SECONDS = 0.0
        streams.SHARE = 0
        def watch():
            while sim.get_current_time() < 200.0:
                time.sleep(0.002)
            print("go", flush=True)
        threading.Thread(target=watch, daemon=True).start()
        while True:
            sim.run(50.0)
        """,
        path,
        0,
        5,
    )
    assert child.stdout.readline() == "go\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert check_prefix(sim, path, 5) >= 100.0


@pytest.mark.parametrize("ending", ["", "raise RuntimeError", "sim.end()"])
def test_a_process_that_ends_leaves_everything(sim, path, ending):
    child = start(f"sim.run(30.0)\nsim.run(0.5)\nsim.run(0.5)\n{ending}", path, 0, 3)
    child.communicate()
    assert (child.returncode == 0) == (ending != "raise RuntimeError")
    assert check_prefix(sim, path, 3) == 31.0


def test_ctrl_c_leaves_everything(sim, path):
    child = start(
        """
        # no other write comes before it
        streams.BUFFER_BYTES, streams.WRITE_SECONDS = 1 << 30, 1e9
        sim.run(1.0)
        print("go", flush=True)
        try:
            sim.run(1e9)
        except KeyboardInterrupt:
            print(sim.get_current_time())
            import os, signal
            os.kill(os.getpid(), signal.SIGKILL)
        """,
        path,
        0,
        5,
    )
    assert child.stdout.readline() == "go\n"
    time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    reached, _ = child.communicate(timeout=60)
    assert check_prefix(sim, path, 5) == pytest.approx(float(reached))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs the process table of Linux")
def test_memory_does_not_grow_with_time(tmp_path, zarr):
    """Ten times the buffer is recorded after a run that has filled it once."""
    child = start(
        """
        def peak():
            # not getrusage, which counts what the parent had when it made the process
            return int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
        streams.WRITE_SECONDS = 1e9
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
