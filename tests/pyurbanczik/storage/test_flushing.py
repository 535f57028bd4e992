"""Recording to files while the simulation runs: the same data as in memory."""

import pickle
import shutil
import weakref
from contextlib import nullcontext

import neo
import numpy as np
import pytest
import quantities as pq

from pyurbanczik.recording.neo_export import load_all
from pyurbanczik.simulation import simulator
from pyurbanczik.storage import flushing, zarr_store
from pyurbanczik.storage.annotations import plain

from .experiment import Experiment, needs_threads, same


@pytest.mark.parametrize("threads", [1, *(pytest.param(n, marks=needs_threads) for n in (2, 3))])
def test_what_is_read_is_what_memory_would_hold(sim, path, small_pieces, threads):
    expected = Experiment(sim).run().blocks()
    experiment = Experiment(sim, path, threads).run()
    assert simulator.state.network.n_partitions == threads
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
        assert ours.annotations == plain(theirs.annotations)
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
        for start in np.linspace(0.0, 4.0, 12):
            window = start * pq.ms, (start + 2.0) * pq.ms
            for lazy, train in zip(*trains, strict=True):
                np.testing.assert_array_equal(lazy.load(time_slice=window), train.time_slice(*window))


def test_setup_finishes_files(sim, path, monkeypatch):
    monkeypatch.setattr(flushing, "SHARE", 1e9)
    cells = Experiment(sim, path).a
    sim.run(1.0)
    sim.run(1.0)
    assert sim.read_recording(path)[0].segments[0].analogsignals[0].shape == (11, 2)
    sim.setup(timestep=0.1)
    assert sim.read_recording(path)[0].segments[0].analogsignals[0].shape == (21, 2)
    assert cells.get_data().segments[0].analogsignals[0].load().shape == (21, 2)


@pytest.mark.parametrize("removed", [False, True])
def test_what_is_left_of_an_old_simulation_harms_no_file_at_exit(sim, tmp_path, removed, capsys):
    pytest.importorskip("zarr")
    old = Experiment(sim, tmp_path / "old.zarr").run()
    files = simulator.state.files
    if removed:
        sim.run(1.0)
        shutil.rmtree(tmp_path / "old.zarr")
    with pytest.warns(RuntimeWarning, match="cannot be written") if removed else nullcontext():
        sim.setup(timestep=0.1)
    new = Experiment(sim, tmp_path / "new.zarr")
    del old
    new.run()
    files.write_at_exit()
    flushing._close_all()
    assert len(sim.read_recording(tmp_path / "new.zarr")[0].segments) == 2
    assert ("old.zarr" in capsys.readouterr().err) == removed


def test_files_are_freed_with_their_simulation(sim, path, uncollected):
    experiment = Experiment(sim, path).run()
    gone = weakref.ref(simulator.state.files)
    sim.setup(timestep=0.1)
    del experiment
    assert gone() is None


def test_a_file_that_was_removed_does_not_come_back(sim, path):
    experiment = Experiment(sim, path).run()
    experiment.a.annotate(late="yes")
    sim.end()
    assert sim.read_recording(path)[0].annotations["late"] == "yes"
    shutil.rmtree(path)
    simulator.state.files.write_at_exit()
    sim.setup(timestep=0.1)
    assert not path.exists()


def test_what_is_held_is_bounded(sim, path, monkeypatch):
    """As much as the documentation says, whatever the duration: nothing else than its amount makes a write due here."""
    monkeypatch.setattr(flushing, "WRITE_SECONDS", 1e9)
    sim.setup(timestep=0.1)
    cells = sim.Population(5000, sim.SpikeSourceArray(spike_times=[]))
    cells.record("spikes", to_file=path)
    cells = sim.Population(5000, sim.IF_curr_exp())
    cells.record("v", to_file=path)
    taken = []
    append = zarr_store.Sink.append
    monkeypatch.setattr(
        zarr_store.Sink,
        "append",
        lambda self, signal: taken.append(sum(column.nbytes for column in signal.columns)) or append(self, signal),
    )
    sim.run(60.0)
    assert max(taken) <= 16 << 20 < sum(taken)
