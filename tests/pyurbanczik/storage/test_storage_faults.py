"""Storage that fails at any moment: nothing that was recorded is lost.

With PYURBANCZIK_FAULTS=all every single call fails once, otherwise some of them, spread over all.
"""

import errno
import os
import shutil
import subprocess

import numpy as np
import pytest

from pyurbanczik.recording.neo_export import load_all
from pyurbanczik.simulation import simulator

from .experiment import same


def some(numbers, n):
    """About `n` of them, the first one included, or all if that is wanted."""
    return numbers if os.environ.get("PYURBANCZIK_FAULTS") == "all" else numbers[:: max(1, len(numbers) // n)]


class Faults:
    """Makes calls that change a store fail: from number `first` on, `count` of them, before or after they are done."""

    def __init__(self, monkeypatch, first=None, count=1, done=False):
        from pyurbanczik.storage.zarr_checks import CheckedStore

        self.calls, self.first, self.last, self.done = 0, first, None if first is None else first + count, done
        for name in ("set", "set_if_not_exists"):
            monkeypatch.setattr(CheckedStore, name, self.failing(getattr(CheckedStore, name)))

    def failing(self, method):
        async def call(store, *arguments):
            self.calls += 1
            fails = self.first is not None and self.first <= self.calls < self.last
            if not fails or self.done:
                await method(store, *arguments)
            if fails:
                raise OSError(errno.ENOSPC, "No space left on device")

        return call


class Patient:
    """What a user does whose calls may fail: the same again."""

    def __init__(self, path, most=1):
        self.path, self.most, self.told = path, most, []

    def __call__(self, call, *arguments, **named):
        for _ in range(1 + self.most):
            try:
                return call(*arguments, **named)
            except OSError as error:
                assert str(self.path) in str(error) and "No space left on device" in str(error)
                self.told.append(call.__name__)
        raise AssertionError(f"{call.__name__} fails for good")


def scenario(sim, path, patient):
    """Segments of all kinds; what `get_data` gives on the way."""
    sim.setup(timestep=0.1, rng_seed=3)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[0.2, 0.9, 1.5]), label="source")
    cells = sim.Population(2, sim.UrbanczikSenn(soma={"i_offset": 30.0}), label="cells")
    rule = sim.UrbanczikSennSynapse(weight=0.1, delay=0.1, eta=0.5, w_max=0.5)
    prj = sim.Projection(source, cells, sim.AllToAllConnector(), rule, label="plastic")
    patient(cells[:1].record, ["v", "spikes"], to_file=path)
    patient(prj.record, "weight", to_file=path)
    found = []

    def look(clear=False):
        found.extend(load_all(group.get_data(clear=clear)) for group in (cells, prj))

    def run(until):
        patient(sim.run_until, until)

    run(1.0)
    patient(cells.record, ["v", "spikes"], to_file=path)
    run(2.0)
    sim.reset()
    run(1.0)
    look(clear=True)
    run(2.0)
    look()
    return found


def finished(sim, path, expected):
    """The file holds all segments, also those that were cleared."""
    blocks = sim.read_recording(path)
    assert [len(block.segments) for block in blocks] == [3, 3]
    for ours, early, late in zip(blocks, expected[:2], expected[2:], strict=True):
        ours.segments, rest = ours.segments[:2], ours.segments[2:]
        same(ours, early)
        ours.segments = rest
        same(ours, late)


@pytest.fixture
def expected(sim):
    return scenario(sim, None, lambda call, *arguments, **named: call(*arguments, **named))


@pytest.fixture
def n_calls(sim, tmp_path, zarr, monkeypatch):
    """How often an undisturbed run changes the store."""
    monkeypatch.setattr("pyurbanczik.storage.flushing.SHARE", 0)
    with monkeypatch.context() as patch:
        faults = Faults(patch)
        scenario(sim, tmp_path / "undisturbed.zarr", Patient(tmp_path, 0))
        sim.end()
    return faults.calls


@pytest.mark.parametrize("done", [False, True])
def test_each_call_fails_once(sim, tmp_path, expected, n_calls, monkeypatch, done):
    told = set()
    for n in some(range(1, n_calls + 1), 8):
        path = tmp_path / f"{n}.zarr"
        patient = Patient(path)
        with monkeypatch.context() as patch:
            faults = Faults(patch, n, done=done)
            found = scenario(sim, path, patient)
            patient(sim.end)
            assert faults.calls > n
        for ours, theirs in zip(found, expected, strict=True):
            same(ours, theirs, lazy=False)
        finished(sim, path, expected)
        assert len(patient.told) <= 1
        told.update(patient.told)
    assert {"record", "run_until"} <= told


def test_a_disk_that_is_full_from_some_moment_on(sim, tmp_path, expected, n_calls, monkeypatch):
    for n in some(range(10, n_calls), 5):
        path = tmp_path / f"{n}.zarr"
        patient = Patient(path)
        with monkeypatch.context() as patch:
            Faults(patch, n, 10**9)
            try:
                found = scenario(sim, path, patient)
            except AssertionError as error:
                assert "record fails for good" in str(error)
                sim.setup(timestep=0.1)
                assert not path.exists() or sim.read_recording(path) is not None
                continue
            for ours, theirs in zip(found, expected, strict=True):
                same(ours, theirs, lazy=False)
            # once, although it has been tried again and again
            assert patient.told.count("run_until") == 1
            for _ in range(2):
                with pytest.raises(OSError, match=rf"{n}\.zarr cannot be written: No space left on device"):
                    sim.end()
        sim.end()
        finished(sim, path, expected)


def test_setup_with_a_disk_that_is_full(sim, tmp_path, path, expected, n_calls, monkeypatch):
    with monkeypatch.context() as patch:
        Faults(patch, n_calls // 2, 10**9)
        scenario(sim, path, Patient(path))
        cells = simulator.state.populations[1]
        before = load_all(cells.get_data())
        with pytest.warns(RuntimeWarning, match=r"run\.zarr ends at .* ms, since the rest cannot be written") as told:
            sim.setup(timestep=0.1)
        assert told[0].filename == __file__
        for ours, theirs in zip(cells.get_data().segments, before.segments, strict=True):
            np.testing.assert_array_equal(ours.analogsignals[0].load(), theirs.analogsignals[0])
    other = tmp_path / "other.zarr"
    for ours, theirs in zip(scenario(sim, other, Patient(other, 0)), expected, strict=True):
        same(ours, theirs, lazy=False)


def test_a_file_that_is_removed_amid_a_run(sim, path, monkeypatch):
    monkeypatch.setattr("pyurbanczik.storage.flushing.SHARE", 0)
    cells = sim.Population(2, sim.IF_curr_exp())
    cells.record("v", to_file=path)
    sim.run(1.0)
    path.rename(path.with_name("elsewhere.zarr"))
    for step in (lambda: sim.run(1.0), sim.end):
        with pytest.raises(OSError, match=r"run\.zarr cannot be written: .*removed"):
            step()
    assert sim.get_current_time() == 2.0
    assert not path.exists()
    with pytest.raises(ValueError, match=r"run\.zarr"):
        cells.get_data().segments[0].analogsignals[0].load()
    path.with_name("elsewhere.zarr").rename(path)
    sim.end()
    assert sim.read_recording(path)[0].segments[0].analogsignals[0].load().shape == (21, 2)


def test_rows_stay_in_memory_until_the_file_says_that_it_has_them(sim, path, monkeypatch):
    """Which is the last call of a write: if that fails, and the file goes as well, nothing is lost."""
    cells = sim.Population(2, sim.IF_curr_exp())
    kept = sim.Population(2, sim.IF_curr_exp())
    cells.record("v", to_file=path)
    kept.record("v")

    def full(file, attributes):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pyurbanczik.storage.zarr_store.RecordingFile._put", full)
    with pytest.raises(OSError, match="No space left on device"):
        sim.run(1.0)
    shutil.rmtree(path)
    found, expected = (group.get_data().segments[0].analogsignals[0] for group in (cells, kept))
    np.testing.assert_array_equal(found.load(), expected)
    with pytest.warns(RuntimeWarning, match=r"run\.zarr ends at 0\.0 ms"):
        sim.setup()


def test_a_small_file_system(sim, tmp_path, zarr):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("file systems cannot be mounted here")
    try:
        source = sim.Population(40, sim.SpikeSourcePoisson(rate=100.0))
        cells, kept = (sim.Population(40, sim.UrbanczikSenn()) for _ in range(2))
        for group in (cells, kept):
            synapse = sim.StaticSynapse(weight=0.01)
            sim.Projection(source, group, sim.OneToOneConnector(), synapse, receptor_type="soma_exc")
        cells.record("v", to_file=disk / "run.zarr")
        kept.record("v")
        told = []
        for until in np.arange(20.0, 1001.0, 20.0):
            try:
                sim.run_until(until)
                cells.get_data()
            except OSError as error:
                told.append(error)
                sim.run_until(until)
        assert [error.errno for error in told] == [errno.ENOSPC]
        with pytest.raises(OSError, match="No space left on device"):
            sim.end()
        expected = kept.get_data().segments[0].analogsignals[0].magnitude
        found = cells.get_data().segments[0].analogsignals[0].load().magnitude
        assert found.shape == (10001, 40)
        subprocess.run(["mount", "-o", "remount,size=30m", str(disk)], check=True)
        sim.end()
        again = sim.read_recording(disk / "run.zarr")[0].segments[0].analogsignals[0].load().magnitude
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(again, expected)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
