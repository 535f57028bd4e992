"""Files that are written as a whole."""

import subprocess
import sys

import neo
import numpy as np
import pytest

from pyurbanczik.recording import whole_files

READERS = {
    ".pkl": ("pickle", neo.io.PickleIO),
    ".mat": ("scipy", neo.io.NeoMatlabIO),
    ".nwb": ("pynwb", lambda name: neo.io.NWBIO(name, "r")),
    ".nix": ("nixio", lambda name: neo.io.NixIO(name, "ro")),
    ".h5": ("nixio", lambda name: neo.io.NixIO(name, "ro")),
}


def read(path):
    """The segment of the first block in a file."""
    needed, reader = READERS[path.suffix]
    pytest.importorskip(needed)
    io = reader(str(path))
    return (io.read_all_blocks()[0] if path.suffix == ".nwb" else io.read_block()).segments[0]


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("ending", READERS)
def test_files_of_earlier_simulations_are_replaced(sim, tmp_path, ending):
    pytest.importorskip(READERS[ending][0])
    path, link = tmp_path / f"run{ending}", tmp_path / f"link{ending}"
    path.write_text("anything")
    link.symlink_to(path)
    for number, how in ((2, "end"), (3, "write")):
        sim.setup(timestep=0.1)
        cells = sim.Population(number, sim.IF_curr_exp())
        cells.record("v", to_file=path if how == "end" else None)
        sim.run(number)
        if how == "end":
            sim.end()
        else:
            cells.write_data(str(link))
        expected = cells.get_data().segments[0].analogsignals[0].magnitude
        assert np.array_equal(read(path).analogsignals[0].magnitude, expected)
    assert {one.name for one in tmp_path.iterdir()} == {path.name, link.name} and link.is_symlink()


@pytest.mark.parametrize("ending", [".nix", ".h5"])
def test_what_one_simulation_writes_to_a_file_for_several_is_added(sim, tmp_path, ending):
    pytest.importorskip("nixio")
    path = tmp_path / f"run{ending}"
    a, b, c = (sim.Population(n, sim.IF_curr_exp(), label=label) for n, label in ((1, "a"), (2, "b"), (3, "c")))
    a.record("v")
    b.record("v")
    c.record("v", to_file=path)
    sim.run(1.0)
    a.write_data(path)
    b.write_data(str(path))
    sim.end()
    reader = neo.io.NixIO(str(path), "ro")
    blocks = {block.name: block.segments[0].analogsignals[0].shape for block in reader.read_all_blocks()}
    reader.close()
    assert blocks == {"a": (11, 1), "b": (11, 2), "c": (11, 3)}
    path.unlink()
    a.write_data(path)
    assert read(path).analogsignals[0].shape == (11, 1)


FULL = """
import resource, signal, sys
import numpy as np
import neo
import pyurbanczik as sim

path = sys.argv[1]
sim.setup(timestep=0.1)
cells = sim.Population(20, sim.IF_curr_exp(i_offset=0.5), label="cells")
cells.record(["v", "spikes"], to_file=path)
sim.run(500.0)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
most = resource.getrlimit(resource.RLIMIT_FSIZE)
for attempt in (lambda: cells.write_data(path, clear=True), sim.end, sim.end):
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, most[1]))
    try:
        attempt()
    except OSError as error:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
        assert "too large" in str(error), error
        assert cells.get_data().segments[0].analogsignals[0].shape == (5001, 20)
        assert open(path).read() == "as it was"
    else:
        raise AssertionError("no error")
sim.end()
reader = neo.io.NixIO(path, "ro") if path.endswith(".nix") else neo.io.PickleIO(path)
written = reader.read_block().segments[0].analogsignals[0].magnitude
assert np.array_equal(written, cells.get_data().segments[0].analogsignals[0].magnitude)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit for the size of files")
@pytest.mark.parametrize("ending", [".nix", ".pkl"])
def test_a_full_disk_loses_nothing(tmp_path, ending):
    pytest.importorskip(READERS[ending][0])
    path = tmp_path / f"run{ending}"
    path.write_text("as it was")
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_hdf5_reads_back_what_it_could_not_write(tmp_path):
    with whole_files._Patient(str(tmp_path / "file"), "w+b") as file:
        file.write(b"abcdef")
        file.error = OSError(28, "No space left on device")
        for place, data in ((4, b"1234"), (5, b"x"), (12, b"z")):
            file.seek(place)
            file.write(data)
        file.truncate(20)
        for place, expected in ((2, b"cd1x34\0"), (5, b"x"), (11, b"\0z\0")):
            buffer = bytearray(b"?" * len(expected))
            file.seek(place)
            assert file.readinto(buffer) == len(expected) and buffer == expected
    assert (tmp_path / "file").read_bytes() == b"abcdef"
