"""Files with states: whole, damaged, foreign, and those that cannot be written."""

import io
import json
import zipfile

import numpy as np
import pytest

from pyurbanczik.saving.state_file import HEADER, read_state, write_state

ARRAYS = [np.arange(5), np.linspace(0, 1, 7).reshape(7, 1), np.zeros((0, 3)), np.array([2**63], dtype=np.uint64)]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.state"
    write_state(path, {"a": [1.5, None, 1e300]}, ARRAYS)
    return path


def refused(path, match=None):
    with pytest.raises(ValueError, match=match) as caught:
        read_state("load_state", path)
    assert str(path) in str(caught.value)


def test_what_is_written_is_read(path):
    content, arrays = read_state("load_state", path)
    assert content == {"a": [1.5, None, 1e300]}
    for mine, theirs in zip(arrays, ARRAYS, strict=True):
        assert mine.dtype == theirs.dtype
        np.testing.assert_array_equal(mine, theirs)
        mine += 1


def test_folders_are_made(tmp_path):
    write_state(tmp_path / "a" / "b" / "c.state", {}, ARRAYS)
    assert len(read_state("load_state", tmp_path / "a" / "b" / "c.state")[1]) == len(ARRAYS)


def test_every_truncation_is_noticed(path):
    whole = path.read_bytes()
    for n in [0, 1, 20, *range(30, len(whole), 37), len(whole) - 1]:
        path.write_bytes(whole[:n])
        refused(path, "damaged")


def test_changed_bytes_are_noticed(path):
    """But for those of the dates and attributes of parts, which mean nothing."""
    whole = path.read_bytes()
    before = read_state("load_state", path)
    noticed = 0
    for n in range(0, len(whole), 7):
        changed = bytearray(whole)
        changed[n] ^= 0x55
        path.write_bytes(changed)
        try:
            content, arrays = read_state("load_state", path)
        except ValueError as error:
            assert str(path) in str(error)
            noticed += 1
            continue
        assert content == before[0]
        for mine, theirs in zip(arrays, before[1], strict=True):
            np.testing.assert_array_equal(mine, theirs)
    assert noticed > 0.6 * len(range(0, len(whole), 7))


def test_a_folder_is_no_file(sim, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(
        IsADirectoryError, match=r"save_state\.path: .*folder cannot be written, since it is a directory"
    ):
        sim.save_state(folder)
    assert [*tmp_path.iterdir()] == [folder]


def test_foreign_files_are_refused(tmp_path):
    path = tmp_path / "foreign"
    path.write_text("weight 0.1\n")
    refused(path, "damaged or something else")
    np.savez(tmp_path / "some.npz", a=np.arange(3))
    refused(tmp_path / "some.npz")
    with pytest.raises(FileNotFoundError):
        read_state("load_state", tmp_path / "missing")


def archive(path, header, **members):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(HEADER, json.dumps(header))
        for name, data in members.items():
            file.writestr(f"{name[1:]}.npy", data)


def test_files_of_strangers_are_refused(tmp_path):
    path, good = tmp_path / "stranger", {"format": "pyurbanczik state", "version": 1, "content": {}, "arrays": 1}
    archive(path, {**good, "format": "another"})
    refused(path, "another")
    archive(path, {**good, "version": 2})
    refused(path, "of version 2")
    objects = io.BytesIO()
    np.save(objects, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    archive(path, good, _0=objects.getvalue())
    refused(path, "object")
    # more numbers than there are
    large = io.BytesIO()
    np.lib.format.write_array_header_1_0(large, {"descr": "<f8", "fortran_order": False, "shape": (1 << 50,)})
    archive(path, good, _0=large.getvalue())
    refused(path, "another length")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(HEADER, json.dumps(good))
    refused(path, "compressed")


def test_what_cannot_be_written_leaves_the_older_file(path, monkeypatch):
    before = path.read_bytes()

    def full(*arguments, **keywords):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np.lib.format, "write_array", full)
    with pytest.raises(OSError, match="No space"):
        write_state(path, {}, ARRAYS)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_equal_states_are_equal_files(path, tmp_path):
    write_state(tmp_path / "b", {"a": [1.5, None, 1e300]}, ARRAYS)
    assert (tmp_path / "b").read_bytes() == path.read_bytes()
