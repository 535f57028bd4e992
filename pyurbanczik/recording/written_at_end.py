"""What `record(..., to_file=...)` promises to write when the simulation ends."""

import os
from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

import neo
import numpy as np
from neo.io import NWBIO

from ..parameters import refuse
from ..parameters.hints import Cells, File, Names
from ..simulation import simulator
from ..storage.flushing import ENDING
from ..storage.zarr_store import failure, written_by
from .neo_export import ENDINGS, check_target, is_target, write

# Where there is room for several blocks. Neo's writer of NWB stumbles over names that several blocks have.
ENDINGS_FOR_SEVERAL = (".nix", ".h5")


class Promise(NamedTuple):
    cells: Cells
    variables: Names
    locations: Names | None
    to_file: File
    process: int  # which has promised; those that are forked from it do not write

    @property
    def target(self) -> str:
        """What errors call the file."""
        return f"{self.cells.label}.record.to_file: {getattr(self.to_file, 'filename', self.to_file)}"


def promise(cells: Cells, variables: Names | None, locations: Names | None, to_file: File | None) -> None:
    """Have `end()` write these variables of a population, view or assembly, if there is a target."""
    if variables is not None and is_target(to_file):
        cells.simulation.write_on_end.append(Promise(cells, variables, locations, to_file, os.getpid()))


def check_promise(groups: Iterable[Cells], to_file: File | None) -> None:
    """Refuse what the data of these groups of cells, and of those to which it is promised, cannot be written to."""
    for cells in groups:
        owner = f"{cells.label}.record"
        check_target(owner, "to_file", to_file, f"{ENDING}, {ENDINGS}")
        if not is_target(to_file) or _has_room(to_file):
            continue
        promised = (one.cells for one in cells.simulation.write_on_end if _place(one.to_file) == _place(to_file))
        for other in (*promised, *groups):
            if _numbers(other) != _numbers(cells):
                allowed = f"a file of its own, as it has room for one group of cells, and {other.label!r} goes there"
                refuse(owner, "to_file", repr(to_file), allowed)


def write_promised() -> list[OSError]:
    """Write what was promised; the errors of what cannot be written, which is still to be written then."""
    state, own, errors = simulator.state, {}, []
    for one in state.write_on_end:
        if one.process == os.getpid():
            own.setdefault(_place(one.to_file), []).append(one)
        elif state.files.run_by != one.process:
            # what was there before the fork is written where time passed
            reason = PermissionError(f"it {written_by(one.process)}")
            errors.append(failure(f"{one.target} cannot be written", reason))
    for promises in own.values():
        try:
            write(partial(_blocks, promises), promises[0].to_file)
        except Exception as error:
            errors.append(failure(f"{promises[0].target} cannot be written", error))
            errors[-1].__cause__ = error
        else:
            state.write_on_end = [one for one in state.write_on_end if not any(one is done for done in promises)]
    return errors


def _has_room(to_file):
    """Whether the data of several groups of cells can be written to a file."""
    if isinstance(to_file, str | os.PathLike):
        return os.path.splitext(to_file)[1] in ENDINGS_FOR_SEVERAL
    return hasattr(to_file, "write_all_blocks") and not isinstance(to_file, NWBIO)


def _place(to_file):
    """What is the same for all names and Neo IOs of one file."""
    name = to_file if isinstance(to_file, str | os.PathLike) else getattr(to_file, "filename", None)
    return id(to_file) if name is None else os.path.realpath(name)


def _numbers(group):
    """What tells the cells of a group from those of others."""
    own = [(id(cells.root), cells.root_indices, cells.size) for cells in group.members]
    return tuple((root, (np.arange(size) if k is None else k).tobytes()) for root, k, size in own)


def _blocks(promises):
    """What is to be written to a file: a block, or a list of them, one for each group of cells."""
    blocks = {}
    for cells, variables, locations, *_ in promises:
        block = cells.get_data(variables, locations=locations)
        known = blocks.setdefault(_numbers(cells), block)
        if known is not block:
            _add(known, block)
    blocks = list(blocks.values())
    return blocks if len(blocks) > 1 else blocks[0]


def _add(block: neo.Block, other: neo.Block) -> None:
    """Add what another block of the same cells has in addition."""
    for segment, more in zip(block.segments, other.segments, strict=True):
        known = {signal.name for signal in segment.analogsignals}
        segment.analogsignals.extend([signal for signal in more.analogsignals if signal.name not in known])
        if not len(segment.spiketrains):
            segment.spiketrains.extend(list(more.spiketrains))
