"""Writing what has been recorded with the IO classes of Neo."""

import os

from neo.io.proxyobjects import BaseProxy
from pyNN.recording import get_io

from .. import simulator
from ..parameters import refuse
from .flushing import ENDING

# For which PyNN knows an IO class.
ENDINGS = (".pkl", ".pickle", ".nix", ".h5", ".nwb", ".mat")


def is_target(to_file):
    # PyNN's older record_v() and its like pass True where they mean nothing
    return to_file is not None and not isinstance(to_file, bool)


def check_target(owner, to_file):
    """Refuse what data cannot be written to, before there are any."""
    if not is_target(to_file) or hasattr(to_file, "write"):
        return
    if not isinstance(to_file, str | os.PathLike) or os.path.splitext(to_file)[1] not in ENDINGS:
        allowed = f"a Neo IO, or a name that ends in {ENDING} or in one of {', '.join(ENDINGS)}"
        refuse(owner, "to_file", repr(to_file), allowed)


def write_at_end(cells, variables, locations, to_file):
    """Have `end()` write these variables of a population, view or assembly, if there is a target."""
    if variables is not None and is_target(to_file):
        simulator.state.write_on_end.append((cells, variables, locations, to_file))


def write(get, io, gather=True):
    """Write the block that `get()` returns to a Neo IO, or to a file; what lies in a file of its own is read for that.

    With `gather` there is one file, otherwise one for each process.
    """
    if gather and simulator.state.mpi_rank > 0:
        # nor may it open the file, which some classes do at once
        get()
        return
    # before the data, which `get` may clear
    io = get_io(os.fspath(io)) if isinstance(io, str | os.PathLike) else io
    if not gather and simulator.state.num_processes > 1:
        io.filename += f".{simulator.state.mpi_rank}"
    io.write(load_all(get()))


def load_all(block):
    """Replace what lies in a file by what is read from it."""
    if isinstance(block, list):
        return [load_all(one) for one in block]
    for segment in block.segments:
        for objects in (segment.analogsignals, segment.spiketrains, segment.irregularlysampledsignals):
            for k, item in enumerate(objects):
                if isinstance(item, BaseProxy):
                    objects[k] = item.load()
    return block
