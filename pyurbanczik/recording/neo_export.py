"""Writing what has been recorded with the IO classes of Neo."""

import importlib
import os
from collections.abc import Callable, Collection
from typing import Any

import neo
from neo.io import NWBIO
from neo.io.proxyobjects import BaseProxy

from ..parameters import refuse
from ..parameters.hints import File
from ..simulation import simulator
from ..storage.flushing import check_folder
from .formats import fit
from .whole_files import write_file

# For which PyNN knows an IO class, the package that each needs, and those whose class matters here.
PACKAGES = {".pkl": None, ".pickle": None, ".nix": "nixio", ".h5": "nixio", ".nwb": "pynwb", ".mat": "scipy"}
ENDINGS = ", ".join(PACKAGES)
CLASSES = {".nix": neo.io.NixIO, ".h5": neo.io.NixIO, ".nwb": NWBIO, ".mat": neo.io.NeoMatlabIO}


def is_target(to_file: File | None) -> bool:
    # PyNN's older record_v() and its like pass True where they mean nothing
    return to_file is not None and not isinstance(to_file, bool)


def check_target(owner: str, argument: str, to_file: File | None, endings: str = ENDINGS) -> None:
    """Refuse what data cannot be written to, before there are any. `endings` are those that a message names."""
    if not is_target(to_file):
        return
    ending = None
    if isinstance(to_file, str | os.PathLike):
        ending = os.path.splitext(to_file)[1]
        possible = ending in PACKAGES
    else:
        possible = hasattr(to_file, "write") and getattr(to_file, "is_writable", True)
    if not possible:
        refuse(owner, argument, repr(to_file), f"a Neo IO that writes, or a name that ends in one of {endings}")
    if ending is None:
        return
    owner = f"{owner}.{argument}"
    package = PACKAGES[ending]
    if package is not None:
        try:
            importlib.import_module(package)
        except ImportError as error:
            raise ImportError(f"{owner}: {to_file} needs the package {package}: pip install {package}") from error
    check_folder(owner, to_file)


def write(get: Callable[[], Any], io: File, gather: bool | str = True, to_clear: Collection[Any] = ()) -> None:
    """Write the block that `get()` returns to a Neo IO, or to a file; what lies in a file of its own is read for that.

    With `gather` there is one file, otherwise one for each process. The recorders `to_clear` forget after that what
    they hold.
    """
    for recorder in to_clear:
        recorder.owner.check_present()
    if gather and simulator.state.mpi_rank > 0:
        # nor may it open the file, which some classes do at once
        get()
    else:
        _write(get, io, gather)
    for recorder in to_clear:
        recorder.clear()


def _write(get, io, gather):
    check_target("write_data", "io", io)
    # each process has a file of its own, named as PyNN does
    suffix = "" if gather or simulator.state.num_processes == 1 else f".{simulator.state.mpi_rank}"
    found = load_all(get())
    by_name = isinstance(io, str | os.PathLike)
    ending = os.path.splitext(io)[1] if by_name else None
    kind = CLASSES.get(ending, object) if by_name else type(io)
    fit(found, kind)
    if issubclass(kind, NWBIO):
        _date(found)
    if by_name:
        place, known = os.path.realpath(f"{os.fspath(io)}{suffix}"), simulator.state.files_written
        # what one simulation writes belongs together
        write_file(found, place, ending, add=place in known and os.path.exists(place))
        known.add(place)
        return
    name = getattr(io, "filename", None)
    if suffix:
        io.filename = f"{name}{suffix}"
    try:
        io.write(found)
    finally:
        if suffix:
            io.filename = name


def _date(found):
    """Say when the session of a file of NWB began: the format wants it, and the same for all blocks."""
    blocks = found if isinstance(found, list) else [found]
    start = min((block.rec_datetime for block in blocks), default=None)
    for block in blocks:
        block.annotations.setdefault("session_start_time", start.astimezone())


def load_all(block: neo.Block) -> Any:
    """Replace what lies in a file by what is read from it."""
    if isinstance(block, list):
        return [load_all(one) for one in block]
    for segment in block.segments:
        for objects in (segment.analogsignals, segment.spiketrains, segment.irregularlysampledsignals):
            for k, item in enumerate(objects):
                if isinstance(item, BaseProxy):
                    objects[k] = item.load()
    return block
