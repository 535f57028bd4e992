"""Reading recordings from files, without the simulation that they come from."""

import os
from datetime import datetime
from typing import Any

import neo
import numpy as np

from ..storage.annotations import from_plain
from ..storage.signals import COLUMNS, SegmentContent, stored_signal
from ..storage.zarr_arrays import StoredArray
from ..storage.zarr_store import FORMAT, VERSION, check_zarr
from .merging import side_by_side
from .neo_blocks import (
    add_population_content,
    add_projection_content,
    add_spike_trains,
    new_block,
    new_segment,
)

ENDS = ("presynaptic_index", "postsynaptic_index")


def read_recording(path: str) -> list[neo.Block]:
    """What populations and projections recorded to a file, as by ``record("v", to_file="run.zarr")``.

    The simulation may have ended, crashed, been killed, or still be running: what was written up to a certain moment
    is there. To read from the file, `load` the signals and spike trains of the blocks, or parts of them.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    list of neo.Block
        One for each population and projection, in the order in which they began to record, with their label as
        its name. Segments are those that `get_data` returns, also those that it has cleared.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not a recording, or if anything of it is missing or damaged. Whether that holds for a chunk is known
        only when `load` reads it.
    ImportError
        Without the package zarr (the extra "files").
    """
    check_zarr("read_recording.path")
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"read_recording.path: {path!r} is not allowed; it must be the name of a file")
    path = os.path.abspath(os.fspath(path))
    if not os.path.exists(path):
        raise FileNotFoundError(f"read_recording.path: there is no {path}")
    try:
        return _Reader(path).blocks()
    except Exception as error:
        raise ValueError(f"read_recording.path: {path} cannot be read: {error}") from error


class _Reader:
    """Blocks of the members of a file."""

    def __init__(self, path: str) -> None:
        from ..storage.zarr_checks import open_root

        self.path = path
        self.root = open_root(path)
        about: Any = self.root.attrs.asdict()
        if about.get("format") != FORMAT or about.get("version") != VERSION:
            raise ValueError(f"it is not a {FORMAT}, version {VERSION}")
        self.timestep, self.segments, self.live = about["timestep"], about["segments"], about["live"]

    def blocks(self) -> Any:
        return [self._block(name, n) for name, n in enumerate(self.segments)]

    def _group(self, name):
        try:
            return self.root[name].attrs.asdict()
        except KeyError as error:
            raise ValueError(f"{name} is missing") from error

    def _block(self, member, n_segments):
        header = self._group(str(member))
        block = new_block(header["label"], header["description"], from_plain(header["annotations"]))
        for name in (f"{member}/{k}" for k in range(n_segments)):
            about = self._group(name)
            # what is over says itself how much it holds
            state = self.live.get(name, about)
            ends = ENDS if header["kind"] == "projection" else ()
            found = [self._signal(f"{name}/{key}", n, ends) for key, n in state["lengths"].items()]
            signals = [signal for signal, _ in found]
            content = SegmentContent(
                about["number"],
                state["stop"],
                datetime.fromisoformat(about["created"]),
                side_by_side([signal for signal in signals if signal.kind == "samples"]),
                None,
                [signal for signal in signals if signal.kind == "events"],
                from_plain(about.get("annotations", {})),
            )
            segment = new_segment(block, content, header["description"])
            if header["kind"] == "projection":
                add_projection_content(segment, content, *_ends(found))
                continue
            first_id = header["annotations"]["first_id"]
            add_population_content(segment, content, first_id, header["label"])
            # one for each choice of cells, of which there may have been several
            spikes = [(signal, first_id, header["label"]) for signal in signals if signal.kind == "spikes"]
            if spikes:
                add_spike_trains(segment, spikes, state["stop"])
        return block

    def _signal(self, name, n, ends):
        """A signal of `n` rows, and what is told of each cell or connection that it belongs to."""
        about = self._group(name)
        kind, index = about.pop("kind"), f"{name}/{about.pop('index')}"
        columns = [StoredArray.of(self.path, f"{name}/{column}", n) for column in COLUMNS[kind]]
        known = self._group(index).get("columns", ("index", *ends))
        size = self.root[f"{index}/index"].shape[0]
        rows = {column: StoredArray.of(self.path, f"{index}/{column}", size)[:] for column in known}
        return stored_signal(kind, about, rows, columns, self.timestep), rows


def _ends(found):
    """Indices of the cells before and behind each connection that is recorded."""
    size = 1 + max((int(index["index"].max(initial=-1)) for _, index in found), default=-1)
    ends = np.full(size, -1), np.full(size, -1)
    for _, index in found:
        for end, name in zip(ends, ENDS):
            end[index["index"]] = index[name]
    return ends
