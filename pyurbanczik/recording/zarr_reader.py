"""Reading recordings from files, without the simulation that they come from."""

import os
from datetime import datetime

import numpy as np

from .merging import side_by_side
from .neo_blocks import (
    add_population_content,
    add_projection_content,
    add_spike_trains,
    new_block,
    new_segment,
)
from .signals import Content, Samples, StoredEvents, StoredSpikes
from .zarr_arrays import Columns, Table
from .zarr_store import FORMAT, VERSION, load_zarr


def read_recording(path):
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
        If it is not a recording.
    ImportError
        Without the package zarr (the extra "files").
    """
    zarr = load_zarr("read_recording.path")
    path = os.path.abspath(os.fspath(path))
    if not os.path.exists(path):
        raise FileNotFoundError(f"read_recording.path: there is no {path}")
    try:
        root = zarr.open_group(path, mode="r")
    except (FileNotFoundError, ValueError) as error:
        raise ValueError(f"read_recording.path: {path} is not a Zarr group ({error})") from error
    if root.attrs.get("format") != FORMAT or root.attrs.get("version") != VERSION:
        raise ValueError(f"read_recording.path: {path} is not a {FORMAT}, version {VERSION}")
    live = root.attrs["live"]
    return [_block(owner, name, live, path, root.attrs["timestep"]) for name, owner in _numbered(root)]


def _numbered(group):
    """The groups "0", "1", ... in a group."""
    return sorted(((name, member) for name, member in group.groups() if name.isdigit()), key=lambda m: int(m[0]))


def _block(owner, path, live, origin, timestep):
    header = owner.attrs.asdict()
    block = new_block(header["label"], header["description"], header["annotations"])
    for name, group in _numbered(owner):
        about = group.attrs.asdict()
        state = live.get(f"{path}/{name}", about)
        if "lengths" not in state:
            # killed before anything was written
            continue
        found = [_Series(group[key], n, origin, timestep) for key, n in state["lengths"].items()]
        # cells that joined later come behind the others of their variable
        names = list(dict.fromkeys(series.about["name"] for series in found))
        found.sort(key=lambda series: names.index(series.about["name"]))
        samples = [series.samples() for series in found if series.kind == "samples"]
        content = Content(
            about["number"],
            state["stop"],
            datetime.fromisoformat(about["created"]),
            side_by_side(samples) if header["kind"] == "projection" else samples,
            None,
            _events([series for series in found if series.kind == "events"]),
            about.get("annotations", {}),
        )
        segment = new_segment(block, content, header["description"])
        if header["kind"] == "projection":
            add_projection_content(segment, content, *_ends(found))
            continue
        first_id = header["annotations"]["first_id"]
        add_population_content(segment, content, first_id, header["label"])
        # one for each choice of cells, of which there may have been several
        spikes = [(series.spikes(), first_id, header["label"]) for series in found if series.kind == "spikes"]
        if spikes:
            add_spike_trains(segment, spikes, state["stop"])
    return block


class _Series:
    """A series in a file, up to the row `n`."""

    def __init__(self, group, n, origin, timestep):
        self.group, self.n, self.origin, self.timestep = group, n, origin, timestep
        about = group.attrs.asdict()
        self.kind = about["kind"]
        self.about = about
        index = group[about["index"]]
        self.index = {name: array[:] for name, array in index.arrays()}
        self.indices = self.index["index"]

    def samples(self):
        about = self.about
        data = Columns.of(self.group["value"], self.n, self.origin)
        return Samples(about["name"], about["unit"], self.indices, about["start"], about["interval"], data)

    def spikes(self):
        return StoredSpikes(self.indices, self.about["start"], self._table("cell"))

    def events(self):
        return self._table("connection", self.group["value"])

    def _table(self, key, values=None):
        times = self.group["time"]
        return Table(self.group[key], times, values, n=self.n, origin=self.origin, timestep=self.timestep)


def _events(found):
    result = []
    for name in dict.fromkeys(series.about["name"] for series in found):
        same = [series for series in found if series.about["name"] == name]
        indices = np.sort(np.concatenate([series.indices for series in same]))
        tables = [(series.events(), series.indices) for series in same]
        result.append(StoredEvents(name, same[0].about["unit"], indices, tables))
    return result


def _ends(found):
    """Indices of the cells before and behind each connection that is recorded."""
    size = 1 + max((int(series.indices.max(initial=-1)) for series in found), default=-1)
    ends = np.full(size, -1), np.full(size, -1)
    for series in found:
        for end, name in zip(ends, ("presynaptic_index", "postsynaptic_index")):
            end[series.indices] = series.index[name]
    return ends
