"""What formats cannot hold, or Neo cannot read again."""

import datetime
from fractions import Fraction

import neo
import numpy as np
import pytest
import quantities as pq
from pyNN import errors

from pyurbanczik.recording import formats

GOOD = [
    *(True, 3, -(2**63), np.uint8(4), 0.5, np.float32(0.5), Fraction(1, 2), "", "é", b"ab", np.array(3), 3 * pq.mV),
    *([], [1, np.int64(2)], (0.5, 1.5), ["a", ""], [True, False], np.arange(3.0), np.array(["a", "b"])),
    *([1, 2] * pq.mV, [1 * pq.mV, 2 * pq.mV], datetime.date(2020, 1, 2), datetime.datetime(2020, 1, 2, 3, 4)),
]
BAD = [
    *(
        None,
        1j,
        2**63,
        b"\xff",
        "a\0b",
        {},
        {"a": 1},
        [None],
        [1, "a"],
        [1, 0.5],
        [True, 2],
        (1, "a"),
        np.zeros((2, 2)),
    ),
    *([[1], [2]], [b"a"], [datetime.date(2020, 1, 2)], datetime.timedelta(1), np.datetime64("2020-01-01"), 1j * pq.mV),
    *([1 * pq.mV, 1 * pq.s], [1 * pq.mV, 2], [[1, 2]] * pq.mV, np.array([1j]), np.array([2**63], dtype="u8")),
]


@pytest.mark.parametrize("value", GOOD, ids=repr)
def test_nix_gives_back_what_is_allowed(tmp_path, value):
    pytest.importorskip("nixio")
    formats.check_annotations("cells", {"key": value})
    block = neo.Block(key=value)
    io = neo.io.NixIO(str(tmp_path / "file.nix"), "ow")
    io.write_block(block)
    io.close()
    io = neo.io.NixIO(str(tmp_path / "file.nix"), "ro")
    found = io.read_block().annotations["key"]
    io.close()
    assert np.all(np.asarray(found) == np.asarray(value.decode() if isinstance(value, bytes) else value))


@pytest.mark.parametrize("value", BAD, ids=repr)
def test_what_nix_cannot_hold_is_refused(value):
    with pytest.raises(
        errors.InvalidParameterValueError, match=r"cells\.annotations: key=(?s:.*) it must be a number, text"
    ):
        formats.check_annotations("cells", {"key": value})


@pytest.mark.parametrize("ending", ["nix", "h5"])
def test_annotations_are_refused_before_a_file_is_touched(sim, tmp_path, ending):
    pytest.importorskip("nixio")
    path = tmp_path / f"run.{ending}"
    cells = sim.Population(2, sim.IF_curr_exp(), label="cells")
    cells.record("v", to_file=path)
    sim.run(1.0)
    sim.reset(annotations={"a/b": 1})
    sim.run(1.0)
    path.write_text("as it was")
    with pytest.raises(errors.InvalidParameterValueError, match=r"cells\.write_data\.annotations: a/b=1 "):
        cells.write_data(path, clear=True)
    with pytest.raises(OSError, match=r"cells\.record\.to_file: .*annotations: a/b=1 "):
        sim.end()
    assert path.read_text() == "as it was" and len(cells.get_data().segments) == 2
    io = neo.io.NixIO(str(tmp_path / "own.nix"), "ow")
    with pytest.raises(errors.InvalidParameterValueError, match=r"annotations: key=None "):
        cells.write_data(io, annotations={"key": None})
    assert not io.nix_file.blocks
    io.close()


def weights(sim, times):
    """A projection that has recorded weights at spikes of each presynaptic cell."""
    source = sim.Population(len(times), sim.SpikeSourceArray(spike_times=times))
    cell = sim.Population(1, sim.IF_curr_exp())
    projection = sim.Projection(source, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1), label="prj")
    projection.record("weight")
    sim.run(10.0)
    return projection


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning", "ignore::DeprecationWarning")
def test_nwb_has_the_connections_with_events(sim, tmp_path):
    pytest.importorskip("pynwb")
    weights(sim, [[], [5.0], [2.0, 6.0]]).write_data(tmp_path / "run.nwb")
    (block,) = neo.io.NWBIO(str(tmp_path / "run.nwb"), "r").read_all_blocks()
    found = [(len(s), s.description) for s in block.segments[0].irregularlysampledsignals]
    assert found == [(n, f"presynaptic_index {n}, postsynaptic_index 0") for n in (1, 2)]
    assert block.annotations["identifier"] == str(tmp_path / "run.nwb")


def test_a_warning_tells_what_neo_cannot_read_from_matlab(sim, tmp_path, recwarn):
    projection = weights(sim, [[5.0], []])
    with pytest.warns(UserWarning, match=r"prj\.write_data: Neo cannot read 'weight' again .* one sample only"):
        projection.write_data(tmp_path / "one.mat")
    sim.setup(timestep=0.1)
    recwarn.clear()
    weights(sim, [[5.0, 6.0], []]).write_data(tmp_path / "two.mat")
    assert not [one for one in recwarn if "write_data" in str(one.message)]
    signals = neo.io.NeoMatlabIO(str(tmp_path / "two.mat")).read_block().segments[0].irregularlysampledsignals
    assert [len(signal) for signal in signals] == [2, 0]
    sim.setup(timestep=0.1)
    cells = sim.Population(3, sim.IF_curr_exp(), label="cells")
    cells.record("v")
    with pytest.warns(UserWarning, match=r"cells\.write_data: Neo cannot read 'v' again"):
        cells.write_data(tmp_path / "begun.mat")
