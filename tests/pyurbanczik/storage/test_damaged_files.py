"""Recordings of which something has been lost or changed: refused, or read as they were."""

import os
import shutil

import numpy as np
import pytest

from pyurbanczik.recording.neo_export import load_all

# With PYURBANCZIK_FAULTS=all a hundred bits of every file are flipped, one by one, and each is cut in all ways.
ALL = os.environ.get("PYURBANCZIK_FAULTS") == "all"
N_FLIPS = 100 if ALL else 1


def contents(sim, path):
    """Everything in a recording, as plain values."""
    found = []
    for block in map(load_all, sim.read_recording(path)):
        found.append((block.name, block.description, sorted(block.annotations.items())))
        for segment in block.segments:
            found.append((segment.name, segment.rec_datetime, sorted(segment.annotations.items())))
            for signal in (*segment.analogsignals, *segment.irregularlysampledsignals, *segment.spiketrains):
                about = (signal.name, str(signal.dimensionality), float(signal.t_start), float(signal.t_stop))
                places = [np.asarray(values).tolist() for _, values in sorted(signal.array_annotations.items())]
                annotations = sorted((name, np.asarray(value).tolist()) for name, value in signal.annotations.items())
                times = np.asarray(getattr(signal, "times", ()))
                found.append((about, places, annotations, times.tobytes(), signal.magnitude.tobytes()))
    return repr(found)


@pytest.fixture
def recording(sim, path, monkeypatch):
    """A small one that has been read, and all of its files."""
    monkeypatch.setattr("pyurbanczik.storage.zarr_store.CHUNK", 40)
    monkeypatch.setattr("pyurbanczik.storage.zarr_store.CHUNK_ROWS_BYTES", 1500)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=np.arange(1.0, 30.0)), label="source")
    cells = sim.Population(3, sim.UrbanczikSenn(soma={"i_offset": 30.0}), label="cells")
    rule = sim.UrbanczikSennSynapse(weight=0.1, eta=0.5, w_max=0.5)
    prj = sim.Projection(source, cells, sim.AllToAllConnector(), rule, label="plastic")
    cells.record(["v", "spikes"], to_file=path)
    prj.record("weight", to_file=path)
    prj.record("weight", sampling_interval=1.0, to_file=path)
    sim.run(8.0)
    sim.reset()
    sim.run(4.0)
    sim.end()
    files = [file for file in sorted(path.rglob("*")) if file.is_file()]
    assert sum(file.name != "zarr.json" for file in files) > 20
    return contents(sim, path), files


def refused_or_same(sim, path, expected):
    """Whether the file is refused."""
    try:
        found = contents(sim, path)
    except ValueError as error:
        assert str(path) in str(error)
        return True
    except FileNotFoundError:
        raise AssertionError("a FileNotFoundError says that there is no recording") from None
    assert found == expected
    return False


def test_a_bit_that_is_flipped(sim, path, recording):
    expected, files = recording
    rng = np.random.default_rng(0)
    refused = 0
    for file in files:
        whole = file.read_bytes()
        for _ in range(N_FLIPS):
            damaged = bytearray(whole)
            damaged[rng.integers(len(whole))] ^= 1 << int(rng.integers(8))
            file.write_bytes(damaged)
            refused += refused_or_same(sim, path, expected)
        file.write_bytes(whole)
    assert refused > 0.8 * N_FLIPS * len(files)
    assert not refused_or_same(sim, path, expected)


def test_a_file_that_is_missing_or_cut_or_too_long(sim, path, recording):
    expected, files = recording
    for k, file in enumerate(files):
        whole = file.read_bytes()
        file.unlink()
        assert refused_or_same(sim, path, expected), f"{file} is missing"
        ways = b"", whole[: len(whole) // 2], whole[:-1], whole + b"x", whole[::-1]
        for damaged in ways if ALL else ways[k % 5 :: 5]:
            file.write_bytes(damaged)
            assert refused_or_same(sim, path, expected), f"{file} has {len(damaged)} of {len(whole)} bytes"
        file.write_bytes(whole)


def test_a_folder_that_is_missing(sim, path, recording, tmp_path):
    expected, files = recording
    for folder in sorted({file.parent for file in files} - {path}):
        shutil.move(folder, tmp_path / "elsewhere")
        assert refused_or_same(sim, path, expected), f"{folder} is missing"
        shutil.move(tmp_path / "elsewhere", folder)


def test_a_damaged_file_is_refused_by_get_data(sim, path, small_pieces):
    cells = sim.Population(3, sim.UrbanczikSenn())
    cells.record("v", to_file=path)
    sim.run(20.0)
    signal = cells.get_data().segments[0].analogsignals[0]
    chunk = next(file for file in sorted(path.rglob("value/c/**/*")) if file.is_file())
    whole = chunk.read_bytes()
    for damage in (chunk.unlink, lambda: chunk.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))):
        damage()
        with pytest.raises(ValueError, match=r"run\.zarr.*value is damaged"):
            signal.load()
