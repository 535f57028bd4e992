"""Writing what has been recorded with the IO classes of Neo."""

import importlib
import os
from collections.abc import Callable, Collection
from typing import Any

import neo
from neo.io import NWBIO
from neo.io.proxyobjects import BaseProxy
from pyNN.recording import get_io

from ..parameters import refuse
from ..parameters.hints import Cells, File, Names
from ..simulation import simulator
from ..storage.flushing import ENDING, check_folder
from ..storage.zarr_store import failure

# For which PyNN knows an IO class, and the package that each needs.
PACKAGES = {".pkl": None, ".pickle": None, ".nix": "nixio", ".h5": "nixio", ".nwb": "pynwb", ".mat": "scipy"}


def is_target(to_file: File | None) -> bool:
    # PyNN's older record_v() and its like pass True where they mean nothing
    return to_file is not None and not isinstance(to_file, bool)


def check_target(owner: str, to_file: File | None) -> None:
    """Refuse what data cannot be written to, before there are any."""
    if not is_target(to_file):
        return
    owner = f"{owner}.to_file"
    if not isinstance(to_file, str | os.PathLike):
        if not hasattr(to_file, "write") or not getattr(to_file, "is_writable", True):
            _refuse_target(owner, to_file)
        return
    ending = os.path.splitext(to_file)[1]
    if ending not in PACKAGES:
        _refuse_target(owner, to_file)
    package = PACKAGES[ending]
    if package is not None:
        try:
            importlib.import_module(package)
        except ImportError as error:
            raise ImportError(f"{owner}: {to_file} needs the package {package}: pip install {package}") from error
    if os.path.isdir(to_file):
        raise IsADirectoryError(f"{owner}: {to_file} cannot be written, since it is a directory")
    check_folder(owner, to_file)


def _refuse_target(owner, to_file):
    allowed = f"a Neo IO that writes, or a name that ends in {ENDING} or in one of {', '.join(PACKAGES)}"
    refuse(owner.removesuffix(".to_file"), "to_file", repr(to_file), allowed)


def write_at_end(cells: Cells, variables: Names | None, locations: Names | None, to_file: File | None) -> None:
    """Have `end()` write these variables of a population, view or assembly, if there is a target."""
    if variables is not None and is_target(to_file):
        cells.simulation.write_on_end.append((cells, variables, locations, to_file))


def write_promised() -> list[OSError]:
    """Write what `write_at_end` was told; the errors of what cannot be written, which is still to be written then."""
    pending, simulator.state.write_on_end = simulator.state.write_on_end, []
    errors = []
    for promise in pending:
        cells, variables, locations, to_file = promise
        try:
            cells.write_data(to_file, variables, locations=locations)
        except Exception as error:
            simulator.state.write_on_end.append(promise)
            target = getattr(to_file, "filename", to_file)
            errors.append(failure(f"{cells.label}.record.to_file: {target} cannot be written", error))
            errors[-1].__cause__ = error
    return errors


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
    check_target("write_data", io)
    io = get_io(os.fspath(io)) if isinstance(io, str | os.PathLike) else io
    if not gather and simulator.state.num_processes > 1:
        io.filename += f".{simulator.state.mpi_rank}"
    found = load_all(get())
    if isinstance(io, NWBIO):
        for block in found if isinstance(found, list) else [found]:
            # which the format requires
            block.annotations.setdefault("session_start_time", block.rec_datetime.astimezone())
    io.write(found)


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
