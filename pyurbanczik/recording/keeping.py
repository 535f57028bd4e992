"""Segments of a recording, and the files in which they lie."""

from datetime import datetime

from .. import simulator
from ..parameters import refuse, to_time
from .signals import Content


class Keeper:
    """What a recorder of a population and one of a projection share: the contents of their segments, and the files
    to which they record.
    """

    def __init__(self, network):
        self._network = network
        self._kept = []
        self._cleared_step = 0
        self._places = {}  # of everything that is being recorded, the path of the file; None: in memory
        self._streams = []

    # ---- files

    def header(self):
        """What a file says about the population or projection."""
        raise NotImplementedError

    def addresses(self, indices):
        """Further columns, {name: integers}, that belong to what is recorded."""
        return {}

    def _all_samplers(self):
        """Samplers of all that is being recorded."""
        raise NotImplementedError

    def samplers_to(self, stream):
        """Those that record to one file."""
        return [sampler for sampler in self._all_samplers() if sampler.place and sampler.place.stream is stream]

    @property
    def segment_number(self):
        return simulator.state.segment_counter

    def _check_place(self, owner, to_file, keys):
        """The path of the file to which `keys`, {any: name}, are to be recorded, or None for memory.

        Refused if one of them is being recorded elsewhere, or there can be no such file.
        """
        if to_file is not None and simulator.state.processes:
            refuse(owner, "to_file", to_file, "None, since several processes cannot write to one such file")
        streams = simulator.state.streams
        path = None if to_file is None else streams.check(owner, to_file)
        for key, name in keys.items():
            now = self._places.get(key, path)
            if now != path:
                where = "in memory" if now is None else f"to {now}"
                refuse(owner, "to_file", path, f"the one place where {name!r} is being recorded: {where}")
        return path

    def _claim(self, owner, path, keys):
        """Record `keys` to one place that has been checked: the part of a file that is ours, or memory (None)."""
        stream = None if path is None else simulator.state.streams.stream(owner, path, self, self._network)
        self._places.update(dict.fromkeys(keys, path))
        if stream and stream not in self._streams:
            self._streams.append(stream)
        return stream

    # ---- segments

    def _register(self):
        """From now on a reset begins a new segment."""
        if self._network is simulator.state.network:
            simulator.state.recorders.add(self)

    def _present(self, annotations=None):
        return Content(
            simulator.state.segment_counter,
            float(to_time(self._network.step, self._network.timestep)),
            datetime.now(),
            *self._snapshot(),
            dict(annotations or {}),
        )

    def store_to_cache(self, annotations=None):
        """Keep what was recorded as a segment; called before a reset."""
        if self._network.step > self._cleared_step:
            self._kept.append(self._present(annotations))
        self._close_segments(annotations)
        self._cleared_step = 0
        self._rewind()

    def _close_segments(self, annotations=None):
        for stream in self._streams:
            stream.file.write()
            stream.close_segment(annotations)

    def _rewind(self):
        """Called at a reset."""

    def contents(self, names=None, wanted=None):
        """Contents of all segments. The present one is left out after a reset, until time has passed."""
        present = [self._present()] if self._network.step > 0 or not self._kept else []
        return [content.select(names, wanted) for content in (*self._kept, *present)]

    def clear(self):
        """Forget what was recorded; what is in a file stays there, and what follows is a new segment in it."""
        self._close_segments()
        self._kept = []
        self._cleared_step = self._network.step
        self._clear_simulator()
