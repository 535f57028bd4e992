"""Lists of connections in files."""

import io
import os
import warnings
from contextlib import AbstractContextManager, closing, nullcontext
from typing import Any

import numpy as np
from pyNN.recording.files import BaseFile, NumpyBinaryFile, PickleFile, StandardTextFile

from ..parameters import refuse

# Names of the columns with the indices of cells.
SOURCE, TARGET = ("i", "presynaptic_index"), ("j", "postsynaptic_index")
WHAT_FOR = {"r": "reading", "w": "writing"}


class _OpenTextFile(StandardTextFile):
    """A text file that a user has opened, and will close."""

    def __init__(self, stream: Any) -> None:
        self.fileobj = stream
        self.name = getattr(stream, "name", "file")
        self.mode = getattr(stream, "mode", "")

    def write(self, data: Any, metadata: Any) -> None:
        for name, value in metadata.items():
            self.fileobj.write(f"# {name} = {value}\n")
        np.savetxt(self.fileobj, data, delimiter="\t")

    def close(self) -> None:
        pass

    def __del__(self):
        pass


def opened(owner: str, file: Any, mode: str) -> AbstractContextManager[Any]:
    """A context with a `BaseFile`: closed at its end if it was opened here."""
    if isinstance(file, str | os.PathLike):
        text = StandardTextFile(os.fspath(file), mode=mode)
        text._check_open()
        return closing(text)
    if isinstance(file, BaseFile):
        return nullcontext(_in_its_mode(owner, file, mode))
    return nullcontext(_OpenTextFile(file))


def _in_its_mode(owner, file, mode):
    """A file of PyNN's classes, whether it was opened as text or not; refused unless for reading ("r") or writing."""
    stream = getattr(file, "fileobj", None)
    if not isinstance(stream, io.IOBase):
        return file
    if not (stream.writable() if mode == "w" else stream.readable()):
        refuse(owner, "file", f"{file.name!r}, opened with the mode {file.mode!r},", "open for " + WHAT_FOR[mode])
    is_text = isinstance(stream, io.TextIOBase)
    if isinstance(file, StandardTextFile) and not is_text:
        file.fileobj = io.TextIOWrapper(stream)
    elif isinstance(file, PickleFile | NumpyBinaryFile) and is_text:
        file.fileobj = stream.detach()
    return file


def write_values(file: Any, values: Any, names: tuple[str, ...], is_array: bool, with_address: bool) -> None:
    """Write what `Projection.get` returns.

    Parameters
    ----------
    file : str, path, pyNN.recording.files.BaseFile, or text file that is open for writing
    values : list of rows, or list of matrices
    names : list of str
        The attributes.
    is_array : bool
        Whether `values` are matrices, which are written with zeros for NaN, one below the other.
    with_address : bool
        Whether the first two columns of a list are indices of cells.
    """
    if is_array:
        data = np.concatenate([np.nan_to_num(matrix, nan=0.0) for matrix in values])
        metadata = {"columns": names, "format": ["array"]}
    else:
        columns = ["i", "j", *names] if with_address else names
        data = np.array(values, dtype=float).reshape(len(values), len(columns))
        metadata = {"columns": columns}
    with opened("Projection.save", file, "w") as stream:
        stream.write(data, metadata)
        if isinstance(file, BaseFile):
            file.close()


def read_connections(owner: str, file: Any, rank: int | None = None) -> tuple:
    """Connections as ``(rows, names)``, a row being ``(presynaptic index, postsynaptic index, value, ...)``.

    Parameters
    ----------
    owner : str
        Whom errors name.
    file
        As for `write_values`, open for reading.
    rank : int, optional
        Read the file to whose name this is added.
    """
    if rank is not None:
        name = file if isinstance(file, str | os.PathLike) else file.name
        renamed = f"{os.fspath(name)}.{rank}"
        file = renamed if not isinstance(file, BaseFile) or type(file) is StandardTextFile else type(file)(renamed)
    shown = repr(file if isinstance(file, str | os.PathLike) else getattr(file, "name", file))
    try:
        with opened(owner, file, "r") as stream, warnings.catch_warnings():
            # of an empty list
            warnings.simplefilter("ignore", UserWarning)
            _rewind(stream)
            metadata = stream.get_metadata()
            table = np.array(stream.read(), dtype=float, ndmin=2)
    except OSError:
        raise
    except Exception as error:
        refuse(owner, "file", f"{shown} ({error})", "a file with a list of connections")
    columns = list(metadata.get("columns", ()))
    if "array" in metadata.get("format", ()):
        refuse(owner, "file", shown, "a list of connections; this one holds arrays")
    if not table.size:
        return np.empty((0, 2)), tuple(name for name in columns if name not in SOURCE + TARGET)
    return _arranged(owner, shown, table, columns)


def _rewind(stream):
    seek = getattr(getattr(stream, "fileobj", None), "seek", None)
    if seek is not None:
        seek(0)


def _arranged(owner, shown, table, columns):
    """The table with the indices in front, and the names of the other columns."""
    n_columns = table.shape[1]
    if not columns:
        if n_columns not in (2, 4):
            refuse(owner, "file", f"{shown}, with {n_columns} columns without names,", "a file that names its columns")
        columns = ["i", "j", "weight", "delay"][:n_columns]
    addresses = [[k for k, name in enumerate(columns) if name in side] for side in (SOURCE, TARGET)]
    if not all(addresses) and len(columns) + 2 == n_columns:
        # as PyNN reads it, the first two columns need no names
        columns, addresses = ["i", "j", *columns], [[0], [1]]
    if len(columns) != n_columns or not all(addresses):
        allowed = "a file that names all its columns, the indices i and j of cells among them"
        refuse(owner, "file", f"{shown}, with {n_columns} columns and the names {columns},", allowed)
    values = [k for k, name in enumerate(columns) if name not in SOURCE + TARGET]
    return table[:, [addresses[0][0], addresses[1][0], *values]], tuple(columns[k] for k in values)
