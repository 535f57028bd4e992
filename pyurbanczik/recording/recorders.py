"""Recorders of populations and of projections: what is to be recorded, and reading it.

A recorder owns samplers, and for what goes to a file a sink for each of them: it alone drains the ones into the others.
"""

import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from pyNN import errors

from ..objects.copies import Lasting
from ..parameters import refuse, to_time
from ..parameters.changes import carry_out
from ..parameters.suggestions import close_to
from ..storage.signals import SegmentContent
from .merging import side_by_side
from .samplers import SignalSampler
from .saved_recordings import SavedRecordings


class RecordingError(errors.RecordingError):
    """Something that cannot be recorded."""

    def __str__(self):
        return (
            f"cannot record {self.variable!r} from {type(self.cell_type).__name__}; it offers "
            f"{', '.join(self.cell_type.recordable) or 'nothing'}{close_to(self.variable, self.cell_type.recordable)}"
        )


@dataclass
class Recording:
    """One variable that is being recorded.

    Attributes
    ----------
    kind : str
        Of its signals.
    path : str or None
        The file; None: in memory.
    samplers : list
    sinks : dict
        {sampler: sink in the segment in progress}
    """

    kind: str
    name: str
    path: str | None
    samplers: list = field(default_factory=list)
    sinks: dict = field(default_factory=dict)

    def signals(self) -> Iterator[Any]:
        """What has been recorded, of each sampler that has recorded anything."""
        for sampler in self.samplers:
            sink = self.sinks.get(sampler)
            if sink:
                # those that have joined since it was last written count too
                yield sink.signal()._replace(**sampler.joined)
                continue
            signal = sampler.signal()
            if signal is not None:
                yield signal.in_file(self.path) if self.path else signal


class BaseRecorder(SavedRecordings, Lasting):
    """What a recorder of a population and one of a projection share.

    Parameters
    ----------
    owner : Population or Projection
    """

    def __init__(self, owner: Any) -> None:
        # it is kept by its owner, or in the registry of its simulation
        self._owner = weakref.ref(owner)
        self._network = owner.simulation.network
        self._files = owner.simulation.files
        self._members = {}  # {path: our part of that file}
        self._recordings = {}
        self._kept = []
        self._cleared_step = 0

    @property
    def owner(self) -> Any:
        return self._owner()

    @property
    def simulation(self) -> Any:
        return self.owner.simulation

    @property
    def _simulator(self):
        # by this name PyNN's recorder asks for it
        return self.simulation

    # ---- choosing what to record

    def header(self) -> dict[str, Any]:
        """What a file says about the population or projection."""
        raise NotImplementedError

    def ends(self) -> dict[str, Any]:
        """Further columns, {name: a number for each cell or connection}, that belong to what is recorded."""
        return {}

    def _check_file(self, to_file, keys):
        """The path of the file to which `keys`, {any: name}, are to be recorded, or None for memory.

        Refused if one of them is being recorded elsewhere, or if there can be no such file.
        """
        doing = f"{self.owner.label}.record"
        if to_file is not None and self.simulation.processes:
            refuse(doing, "to_file", to_file, "None, since several processes cannot write to one such file")
        path = None if to_file is None else self._files.check(doing, to_file)
        for key, name in keys.items():
            now = self._recordings[key].path if key in self._recordings else path
            if now != path:
                where = "in memory" if now is None else f"to {now}"
                refuse(doing, "to_file", path, f"the one place where {name!r} is being recorded: {where}")
        return path

    def _claim(self, path):
        """Have a part of a file that has been checked (None: memory), and from now on a new segment at each reset."""
        if path is not None and path not in self._members:
            doing = f"{self.owner.label}.record"
            self._members[path] = self._files.add(doing, path, self, self.header(), self.ends())
        self.simulation.recorders.add(self)
        self.simulation.recorded.add(self.owner)

    def _recording(self, key, kind, name, path):
        """That of a key, a new one if there is none."""
        return self._recordings.setdefault(key, Recording(kind, name, path))

    def _sample(self, recording, source, term, unit, indices, steps, positions=None):
        """Sample `indices` too. Those that join later start later, and so form a signal of their own until all of
        them begin anew.
        """
        samplers = [sampler for sampler in recording.samplers if sampler.source is source]
        for sampler in samplers:
            indices = np.setdiff1d(indices, sampler.own)
        if not indices.size:
            return
        sampler = SignalSampler(source, term, recording.name, unit, indices, steps, positions)
        if samplers and samplers[-1].takes(steps):
            recording.samplers.remove(samplers[-1])
            sampler = SignalSampler.in_place_of([samplers[-1], sampler])
        recording.samplers.append(sampler)

    def _join_samplers(self):
        """Let signals that begin anew together be one, without a copy of their samples."""
        for recording in self._recordings.values():
            if recording.kind != "samples":
                continue
            by_source = {}
            for sampler in recording.samplers:
                by_source.setdefault(id(sampler.source), []).append(sampler)
            recording.samplers = [
                SignalSampler.in_place_of(same) if len(same) > 1 else same[0] for same in by_source.values()
            ]

    # ---- from samplers to sinks

    def _written(self):
        """Recordings that go to files."""
        return [recording for recording in self._recordings.values() if recording.path]

    def drain(self) -> None:
        """Have the sinks take over what the samplers hold."""
        for recording in self._written():
            for sampler in recording.samplers:
                signal = sampler.drain()
                if signal is None:
                    continue
                if sampler not in recording.sinks:
                    number = self.simulation.segment_counter
                    recording.sinks[sampler] = self._members[recording.path].sink(signal, number)
                recording.sinks[sampler].append(signal)

    @property
    def bytes_held(self) -> int:
        return sum(sampler.bytes_held for recording in self._written() for sampler in recording.samplers)

    @property
    def bytes_per_step(self) -> float:
        return sum(sampler.bytes_per_step for recording in self._written() for sampler in recording.samplers)

    def describe(self) -> None:
        """Have the files say how things are called now."""
        header = self.header() if self._members else None
        for member in self._members.values():
            member.describe(header)

    # ---- segments

    def signals(self, names: Iterable[str] | None = None) -> dict[str, list]:
        """What has been recorded in the present segment of the variables `names` (None: of all), {kind: list}."""
        found = {"samples": [], "spikes": [], "events": []}
        for recording in self._recordings.values():
            if names is None or recording.name in names:
                signals = list(recording.signals())
                # parts of a projection, and cells that several calls have chosen
                found[recording.kind].extend(side_by_side(signals) if recording.kind == "samples" else signals)
        return found

    def _present(self, names=None, annotations=None):
        if self._members:
            self._files.flush()
        signals = self.signals(names)
        return SegmentContent(
            self.simulation.segment_counter,
            float(to_time(self._network.step, self._network.timestep)),
            datetime.now(),
            signals["samples"],
            signals["spikes"][0] if signals["spikes"] else None,
            signals["events"],
            dict(annotations or {}),
        )

    def ending(self, annotations: Mapping[str, Any] | None = None) -> Iterator[None]:
        """Let what follows be new segments in files, which are to be flushed then: a change (see `changes`)."""
        if self._members:
            self._files.flush()
            self.describe()
        stop = float(to_time(self._network.step, self._network.timestep))
        yield
        for member in self._members.values():
            member.close_segment(stop, annotations)
        for recording in self._recordings.values():
            recording.sinks = {}

    def keeping(self, annotations: Mapping[str, Any] | None = None) -> Iterator[None]:
        """Keep what was recorded as a segment, and go on from t = 0 in a new one: a change, amid which the network is
        reset.
        """
        kept = [self._present(None, annotations)] if self._network.step > self._cleared_step else []
        yield from self.ending(annotations)
        self._kept += kept
        self._cleared_step = 0
        for sampler in self._samplers():
            sampler.rewind()
        self._join_samplers()

    def _samplers(self):
        return [sampler for recording in self._recordings.values() for sampler in recording.samplers]

    def contents(self, names: Iterable[str] | None = None, wanted: np.ndarray | None = None) -> list:
        """Contents of all segments. The present one is left out after a reset, until time has passed."""
        present = [self._present(names)] if self._network.step > 0 or not self._kept else []
        return [content.select(names, wanted) for content in (*self._kept, *present)]

    def clear(self) -> None:
        """Forget what was recorded; what is in a file stays there, and what follows is a new segment in it."""
        carry_out([self.ending()])
        if self._members:
            self._files.flush()
        self._kept = []
        self._cleared_step = self._network.step
        for sampler in self._samplers():
            sampler.clear()
        self._join_samplers()
