"""Files with the state of a simulation.

A file is a ZIP archive without compression, which holds

    header.json      `format`, `version`, the number of `arrays`, and under `content` what JSON can hold
    0.npy, 1.npy …   the arrays, in NumPy's format

Each of them carries a CRC-32 checksum, which is compared before anything is used. Arrays are of plain numbers: nothing
in a file is ever executed. A file is written under another name, and takes its own when it is complete.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..parameters import refuse
from ..parameters.hints import File
from ..storage.drafts import draft_of

FORMAT, VERSION = "pyurbanczik state", 1
HEADER = "header.json"
# Two files with the same state are the same.
DATE = (1980, 1, 1, 0, 0, 0)
# Of arrays: bool, integers, floats.
KINDS = "biuf"


def write_state(path: File, content: Any, arrays: Sequence[np.ndarray]) -> None:
    """Write a file, and the folder for it if need be, or leave everything as it is.

    Raises
    ------
    OSError
        If that is not possible.
    """
    with draft_of(os.path.abspath(os.fspath(path))) as draft, open(draft, "wb") as stream:
        with zipfile.ZipFile(stream, "w") as archive:
            header = {"format": FORMAT, "version": VERSION, "content": content, "arrays": len(arrays)}
            _put(archive, HEADER, json.dumps(header).encode())
            for i, array in enumerate(arrays):
                memory = io.BytesIO()
                np.lib.format.write_array(memory, np.ascontiguousarray(array), (1, 0), allow_pickle=False)
                _put(archive, f"{i}.npy", memory.getbuffer())
        stream.flush()
        os.fsync(stream.fileno())


def _put(archive, name, data):
    archive.writestr(zipfile.ZipInfo(name, DATE), data)


def read_state(owner: str, path: File) -> tuple[Any, list[np.ndarray]]:
    """What `write_state` was given.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        For a file that is none of these, of a later version, or damaged.
    """
    path = os.fspath(path)
    with open(path, "rb") as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                header = json.loads(_get(archive, HEADER))
                if header["format"] != FORMAT:
                    raise ValueError(f"it is a {header['format']!r}")
                if header["version"] != VERSION:
                    refuse(owner, "path", f"{path}, of version {header['version']}", f"of version {VERSION}")
                content = header["content"]
                arrays = [_array(_get(archive, f"{i}.npy")) for i in range(header["arrays"])]
        except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, KeyError, TypeError, EOFError, OverflowError,
                NotImplementedError, RuntimeError, RecursionError) as error:  # fmt: skip
            if "of version" in str(error):
                raise
            reason = str(error) or type(error).__name__
            refuse(owner, "path", f"{path}, which is damaged or something else ({reason}),", "what save_state() wrote")
    return content, arrays


def _get(archive, name):
    info = archive.getinfo(name)
    if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
        raise ValueError(f"{name} is compressed or encrypted")
    # this compares the checksum
    return archive.read(info)


def _array(data):
    stream = io.BytesIO(data)
    version = np.lib.format.read_magic(stream)
    if version != (1, 0):
        raise ValueError("an array of another version")
    shape, by_column, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.kind not in KINDS or by_column:
        raise ValueError(f"an array of {dtype}")
    first = stream.tell()
    if dtype.itemsize * int(np.prod(shape, dtype=object)) != len(data) - first:
        raise ValueError("an array of another length")
    return np.frombuffer(data, dtype, offset=first).reshape(shape).copy()
