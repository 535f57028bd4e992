"""Where recordings can be written to, and writing them with Neo."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import neo
import pytest
import quantities as pq
from pyNN import errors

from pyurbanczik.recording import neo_export as writing

from ..storage.experiment import Experiment, same

HAS_NIX = importlib.util.find_spec("nixio") is not None


def test_writing_elsewhere_loads(sim, path, tmp_path):
    written = []
    for to_file in (None, path):
        experiment = Experiment(sim, to_file).run()
        for group in (experiment.a, experiment.a[1:2], experiment.both, experiment.prj):
            name = tmp_path / f"{len(written)}.pkl"
            group.write_data(str(name) if len(written) % 2 else neo.io.PickleIO(str(name)))
            written.append(neo.io.PickleIO(str(name)).read_block())
    for loaded, kept in zip(written[4:], written[:4], strict=True):
        same(loaded, kept, lazy=False)


def test_end_writes_what_was_asked_for(sim, tmp_path):
    cell = sim.UrbanczikSenn(soma={"i_offset": 3.0})
    a, b = sim.Population(2, cell), sim.Population(1, cell)
    (a + b).record("v", locations=["soma", "dendrite"], to_file=tmp_path / "both.pkl")
    b.record("rate", to_file=neo.io.PickleIO(tmp_path / "rate.pkl"))
    sim.run(1.0)
    sim.end()
    signals = neo.io.PickleIO(tmp_path / "both.pkl").read_block().segments[0].analogsignals
    assert [(s.name, s.shape) for s in signals] == [("soma.v", (11, 3)), ("dendrite.v", (11, 3))]
    (rate,) = neo.io.PickleIO(tmp_path / "rate.pkl").read_block().segments[0].analogsignals
    assert rate.name == "rate"


def test_setup_writes_what_end_would_have_written(sim, tmp_path):
    target, kept = tmp_path / "run.pkl", tmp_path / "kept.pkl"
    cells = sim.Population(2, sim.IF_cond_exp(), label="cells")
    cells.record("v", to_file=target)
    sim.run(1.0)
    sim.setup(timestep=0.1)
    (signal,) = neo.io.PickleIO(target).read_block().segments[0].analogsignals
    assert signal.shape == (11, 2)
    # an older file is not replaced by an empty one
    kept.write_text("older")
    sim.Population(2, sim.IF_cond_exp()).record("v", to_file=kept)
    target.unlink()
    sim.setup(timestep=0.1)
    sim.end()
    assert kept.read_text() == "older" and not target.exists()


def test_setup_warns_of_what_cannot_be_written(sim, tmp_path):
    folder, target = tmp_path / "folder", tmp_path / "run.pkl"
    folder.mkdir()
    cells = sim.Population(2, sim.IF_cond_exp(), label="cells")
    cells.record("v", to_file=folder / "run.pkl")
    cells.record("spikes", to_file=target)
    sim.run(1.0)
    (folder / "run.pkl").mkdir()
    with pytest.warns(RuntimeWarning, match=r"cells\.record\.to_file: .*run\.pkl cannot be written") as told:
        sim.setup(timestep=0.1)
    assert told[0].filename == __file__ and target.exists()
    assert cells.get_data().segments[0].analogsignals[0].shape == (11, 2)
    sim.setup()


FORK = """
import os, sys, warnings
import pyurbanczik as sim
warnings.simplefilter("error")
sim.setup(timestep=0.1)
cells = sim.Population(2, sim.IF_cond_exp(), label="cells")
cells.record("v", to_file="run.pkl")
sim.run(1.0)
child = os.fork()
if not child:
    for call in (sim.end, lambda: sim.run(1.0), sim.end, sim.setup, sim.end):
        try:
            call()
        except Exception as error:
            print(type(error).__name__, str(error).replace(str(os.getppid()), "N"), flush=True)
    os._exit(0)
os.waitpid(child, 0)
print(os.path.exists("run.pkl"), flush=True)
sim.end()
print(os.path.exists("run.pkl"))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_writes_nothing_that_its_parent_promised(tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[3]), *sys.path])}
    command = [sys.executable, "-c", FORK]
    told = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    error = (
        "cells.record.to_file: run.pkl cannot be written: PermissionError: it is written by process N alone, from "
        "which this one was forked"
    )
    # once time has passed in the child, it has something of its own that it cannot write
    assert told.splitlines() == [f"OSError {error}", f"RuntimeWarning {error}", "False", "True"]


def test_what_goes_to_one_file_is_one_block(sim, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cells = sim.Population(2, sim.UrbanczikSenn(soma={"i_offset": 9.0}))
    cells.record("v", locations=["soma", "dendrite"], to_file="run.pkl")
    cells[:].record(["spikes", "soma.v"], to_file=tmp_path / "run.pkl")
    cells.record("rate", to_file=neo.io.PickleIO(tmp_path / "run.pkl"))
    for _ in range(2):
        sim.run(100.0)
        sim.reset()
    sim.end()
    for segment, expected in zip(
        neo.io.PickleIO("run.pkl").read_block().segments, cells.get_data().segments, strict=True
    ):
        assert [s.name for s in segment.analogsignals] == ["soma.v", "dendrite.v", "rate"]
        assert sum(map(len, segment.spiketrains)) == sum(map(len, expected.spiketrains)) > 0


@pytest.mark.parametrize("ending", [".pkl", ".mat", ".nwb"])
def test_a_file_without_room_for_two_is_refused(sim, tmp_path, monkeypatch, ending):
    monkeypatch.setitem(sys.modules, "pynwb", ModuleType("pynwb"))
    a, b = sim.Population(2, sim.IF_cond_exp(), label="a"), sim.Population(1, sim.IF_cond_exp(), label="b")
    file = tmp_path / f"run{ending}"
    for both in (lambda: sim.Network(a, b).record("v", file), lambda: (a.record("v", file), b.record("v", file))):
        with pytest.raises(
            errors.InvalidParameterValueError, match=rf"\.record\.to_file: .*run\{ending}.* and '[ab]' goes"
        ):
            both()
    with pytest.raises(
        errors.InvalidParameterValueError, match=r"view of 'a'.*record\.to_file: .*run.* and 'a' goes there"
    ):
        a[:1].record("spikes", str(file))
    sim.run(1.0)
    assert a.get_data().segments[0].analogsignals and not b.get_data().segments[0].analogsignals


def test_a_file_with_room_gets_all_blocks(sim):
    class Memory(neo.io.baseio.BaseIO):
        is_writable, writeable_objects = True, [neo.Block]

        def write_all_blocks(self, blocks):
            self.written = [block.name for block in blocks]

    a, b = sim.Population(2, sim.IF_cond_exp(), label="a"), sim.Population(1, sim.IF_cond_exp(), label="b")
    io = Memory()
    b.record("spikes", to_file=io)
    sim.Network(a, b).record("v", to_file=io)
    sim.run(1.0)
    sim.end()
    assert io.written == ["b", "a"]


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
    with pytest.raises(FileExistsError, match=r"record\.to_file: .*run\.zarr exists already"):
        Experiment(sim, path)
    assert len(sim.read_recording(path)) == 4


def test_what_is_no_recording_is_refused(sim, tmp_path, zarr):
    with pytest.raises(FileNotFoundError, match="nothing"):
        sim.read_recording(tmp_path / "nothing.zarr")
    with pytest.raises(ValueError, match=r"No group found"):
        sim.read_recording(tmp_path)
    zarr.open_group(tmp_path / "other.zarr", mode="w")
    with pytest.raises(ValueError, match=r"other\.zarr.*not written as a recording"):
        sim.read_recording(tmp_path / "other.zarr")


def test_what_cannot_be_written_to_is_refused(sim, path, tmp_path, monkeypatch):
    cells = sim.Population(2, sim.UrbanczikSenn(), label="cells")
    prj = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.UrbanczikSennSynapse(w_max=1.0), label="prj")
    for group in (cells, cells[:1], sim.Assembly(cells[:1], cells[1:]), prj):
        variable, name = ("weight", "prj") if group is prj else ("v", "cells")
        for target in (tmp_path / "run.zar", "run", "weights.txt", 5):
            with pytest.raises(errors.InvalidParameterValueError, match=r"record\.to_file: .*\.zarr"):
                group.record(variable, to_file=target)
        (tmp_path / "text").touch()
        with pytest.raises(NotADirectoryError, match=rf"{name}\.record\.to_file: .*text is not a directory"):
            group.record(variable, to_file=tmp_path / "text" / "new" / "run.zarr")
        with monkeypatch.context() as patch:
            patch.setattr(os, "access", lambda folder, mode: False)
            with pytest.raises(PermissionError, match=rf"{name}\.record\.to_file: .* is not writable"):
                group.record(variable, to_file=path)
    sim.run(1.0)
    assert not cells.get_data().segments[0].analogsignals and not prj.get_data().segments[0].irregularlysampledsignals
    assert not path.exists()
    with monkeypatch.context() as patch:
        patch.setattr(os, "mkdir", lambda *arguments: os.open("/", os.O_WRONLY))
        with pytest.raises(OSError, match=r"cells\.record\.to_file: .*new.* cannot be written: "):
            cells.record("rate", to_file=tmp_path / "new" / "run.zarr")
    cells.record("rate")
    later = tmp_path / "new" / "folder" / "run.zarr"
    cells.record("v", to_file=later)
    sim.run(1.0)
    assert sim.read_recording(later)[0].segments[0].analogsignals[0].shape == (11, 2)


@pytest.mark.parametrize("version", [None, "2.18.7"])
def test_without_zarr(sim, tmp_path, monkeypatch, version):
    fake = None if version is None else type(sys)("zarr")
    if fake:
        fake.__version__ = version
    monkeypatch.setitem(sys.modules, "zarr", fake)
    cells = sim.Population(1, sim.UrbanczikSenn())
    for attempt, argument in (
        (lambda: cells.record("v", to_file=tmp_path / "run.zarr"), r"record\.to_file"),
        (lambda: sim.read_recording(tmp_path / "run.zarr"), r"read_recording\.path"),
    ):
        with pytest.raises(ImportError, match=rf"{argument}: .*pyurbanczik\[files\]"):
            attempt()
    sim.run(1.0)
    assert not cells.get_data().segments[0].analogsignals


def test_only_one_process_opens_a_file_of_all(sim, tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("must not be opened")

    monkeypatch.setattr(sim.simulator.state, "mpi_rank", 1)
    monkeypatch.setattr(writing, "write_file", refuse)
    asked = []
    writing.write(lambda: asked.append("data"), tmp_path / "data.nix")
    assert asked == ["data"]


@pytest.mark.parametrize(
    ("ending", "package"), [(".nix", "nixio"), (".h5", "nixio"), (".nwb", "pynwb"), (".mat", "scipy")]
)
def test_what_a_format_needs_is_asked_for_at_once(sim, tmp_path, monkeypatch, ending, package):
    monkeypatch.setitem(sys.modules, package, None)
    cells = sim.Population(1, sim.UrbanczikSenn(), label="cells")
    for group in (cells, cells[:1], cells + sim.Population(1, sim.UrbanczikSenn())):
        with pytest.raises(ImportError, match=rf"record\.to_file: .*run\{ending} needs the package {package}"):
            group.record("v", to_file=tmp_path / f"run{ending}")
    sim.run(1.0)
    sim.end()
    assert not cells.get_data().segments[0].analogsignals


def test_where_nothing_can_be_written_is_refused(sim, tmp_path):
    cells = sim.Population(1, sim.UrbanczikSenn(), label="cells")
    (tmp_path / "text").touch()
    with pytest.raises(NotADirectoryError, match=r"cells\.record\.to_file: .*text is not a directory"):
        cells.record("v", to_file=tmp_path / "text" / "run.pkl")
    (tmp_path / "folder.pkl").mkdir()
    with pytest.raises(IsADirectoryError, match=r"cells\.record\.to_file: .*folder\.pkl"):
        cells.record("v", to_file=str(tmp_path / "folder.pkl"))
    (tmp_path / "device.pkl").symlink_to(os.devnull)
    with pytest.raises(FileExistsError, match=r"cells\.record\.to_file: .*device\.pkl .* no ordinary file"):
        cells.record("v", to_file=tmp_path / "device.pkl")
    for impossible in (neo.io.baseio.BaseIO("run.plx"), "run.txt", 3):
        with pytest.raises(
            errors.InvalidParameterValueError, match=r"cells\.record\.to_file: .* Neo IO .* \.zarr, \.pkl"
        ):
            cells.record("v", to_file=impossible)
    for impossible in ("run.zarr", "run.txt", neo.io.baseio.BaseIO("run.plx")):
        with pytest.raises(errors.InvalidParameterValueError, match=r"write_data\.io: .* a Neo IO .* one of \.pkl"):
            cells.write_data(impossible)


def test_one_file_that_fails_harms_no_other(sim, path, tmp_path):
    cells = sim.Population(2, sim.UrbanczikSenn(), label="cells")
    cells.record("v", to_file=tmp_path / "later" / "v.pkl")
    cells.record("rate", to_file=tmp_path / "rate.pkl")
    cells.record("error", to_file=path)
    sim.run(1.0)
    (tmp_path / "later").touch()
    for _ in range(2):
        with pytest.raises(OSError, match=r"cells\.record\.to_file: .*v\.pkl cannot be written"):
            sim.end()
        (rate,) = neo.io.PickleIO(tmp_path / "rate.pkl").read_block().segments[0].analogsignals
        assert rate.shape == (11, 2)
        assert sim.read_recording(path)[0].segments[0].analogsignals[0].shape == (11, 2)
    (tmp_path / "later").unlink()
    (tmp_path / "rate.pkl").unlink()
    sim.end()
    (v,) = neo.io.PickleIO(tmp_path / "later" / "v.pkl").read_block().segments[0].analogsignals
    assert v.shape == (11, 2) and not (tmp_path / "rate.pkl").exists()


def test_nwb_gets_the_start_of_its_session(sim, monkeypatch):
    class Memory(neo.io.NWBIO):
        def __init__(self):
            self.written = []

        def write(self, block):
            self.written.append(block)

    cells, io = sim.Population(1, sim.UrbanczikSenn()), Memory()
    cells.record("v", to_file=io)
    sim.run(1.0)
    sim.end()
    (block,) = io.written
    assert block.annotations["session_start_time"].timestamp() == block.rec_datetime.timestamp()


class Full(neo.io.PickleIO):
    """A disk without room."""

    def write(self, block):
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("kind", ["population", "view", "assembly", "projection"])
def test_what_could_not_be_written_is_not_forgotten(sim, tmp_path, kind):
    cells = sim.Population(3, sim.IF_curr_exp(i_offset=0.5), label="cells")
    trains = sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0, 5.0]), label="trains")
    weights = sim.Projection(trains, cells, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse(weight=0.1))
    cells.record("v")
    weights.record("weight")
    owner = {
        "population": cells,
        "view": cells[:2],
        "assembly": sim.Assembly(cells, trains),
        "projection": weights,
    }[kind]
    sim.run(10.0)
    before = cells.get_data().segments[0].analogsignals[0].magnitude, len(weights.get_data().segments[0].children)
    with pytest.raises(OSError, match="No space"):
        owner.write_data(Full(str(tmp_path / "full.pkl")), clear=True)
    assert (cells.get_data().segments[0].analogsignals[0].magnitude == before[0]).all()
    assert len(weights.get_data().segments[0].children) == before[1]
    owner.write_data(str(tmp_path / "good.pkl"), clear=True)
    signals = weights if kind == "projection" else cells
    left = signals.get_data().segments[0]
    assert len(left.analogsignals[0]) == 1 if kind != "projection" else not left.irregularlysampledsignals[0].size


def test_each_process_writes_a_file_of_its_own(sim, tmp_path, monkeypatch):
    cells = sim.Population(1, sim.IF_curr_exp())
    cells.record("v")
    sim.run(1.0)
    monkeypatch.setattr(sim.simulator.state, "mpi_rank", 3)
    monkeypatch.setattr(sim.simulator.state, "num_processes", 4)
    io = neo.io.PickleIO(str(tmp_path / "own.pkl"))
    for _ in range(2):
        cells.write_data(io, gather=False)
        assert io.filename == str(tmp_path / "own.pkl")
    endings = [".pkl", ".mat", *(ending for ending in (".nix", ".h5") if HAS_NIX)]
    for ending in endings:
        cells.write_data(tmp_path / f"run{ending}", gather=False)
    assert {path.name for path in tmp_path.iterdir()} == {"own.pkl.3", *(f"run{ending}.3" for ending in endings)}
