"""Files of Neo's formats that are written as a whole, on HDF5 as well."""

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import neo
from pyNN.recording import get_io

from ..storage.drafts import draft_of

# Formats on HDF5 that hold several blocks, each of which can be added to those that are there.
NIX_ENDINGS = (".nix", ".h5")


def write_file(blocks: Any, path: str, ending: str, add: bool) -> None:
    """Write a block, or a list of blocks, to a file in the format of an ending; with `add`, behind those in it.

    The path is without links, since it is replaced.

    Raises
    ------
    OSError
        If that is impossible. The file is what it was then.
    """
    with draft_of(path, ending) as draft:
        if ending in NIX_ENDINGS:
            if add:
                shutil.copyfile(path, draft)
            with _new_nix(draft, "rw" if add else "ow") as target:
                target.write(blocks)
            return
        target = get_io(draft)
        if isinstance(target, neo.io.NWBIO):
            # which is the name of the file unless something else is given
            target.annotations.setdefault("identifier", path)
        target.write(blocks)


@contextmanager
def _new_nix(path: str, mode: str) -> Iterator[neo.io.NixIO]:
    """A NIX file that is complete afterwards, or else an `OSError`."""
    import h5py
    from nixio import file as nixio_file

    with _Patient(path, "r+b" if mode == "rw" else "w+b") as file:

        def access():
            properties = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
            properties.set_fileobj_driver(h5py.h5fd.fileobj_driver, file)
            return properties

        with mock.patch.object(nixio_file, "make_fapl", access):
            target = neo.io.NixIO(path, mode)
        try:
            try:
                yield target
            finally:
                target.close()
        except Exception:
            if file.error is None:
                raise
        if file.error is not None:
            raise file.error


class _Patient(io.FileIO):
    """A file that keeps its first error, and in memory what it cannot write from then on.

    HDF5 cannot close a file that refuses to be written: Python ends with a segmentation fault after that.
    """

    error: OSError | None = None

    def __init__(self, path: str, mode: str) -> None:
        super().__init__(path, mode)
        self._kept = {}  # {place: bytes}, in the order in which they were written

    def write(self, data: Any) -> int:
        data = memoryview(data).cast("B")
        place, n = self.tell(), 0
        try:
            while self.error is None and n < len(data):
                n += super().write(data[n:])
        except OSError as error:
            self.error = error
        if n < len(data):
            self._kept[place] = bytes(data)
        return len(data)

    def truncate(self, size: int | None = None) -> int:
        try:
            if self.error is None:
                return super().truncate(size)
        except OSError as error:
            self.error = error
        return size or 0

    def readinto(self, buffer: Any) -> int:
        begin, view = self.tell(), memoryview(buffer).cast("B")
        n = super().readinto(view) or 0
        view[n:] = bytes(len(view) - n)
        for place, data in self._kept.items():
            first, last = max(place, begin), min(place + len(data), begin + len(view))
            if first < last:
                view[first - begin : last - begin] = data[first - place : last - place]
        return len(view)
