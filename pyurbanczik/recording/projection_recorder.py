"""The recorder of a projection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import neo
import numpy as np

from ..parameters import checked_interval, refuse, to_steps, to_time
from ..parameters.hints import File, Number
from ..parameters.selection import checked_selector
from ..parameters.units import is_integer
from ..simulation import simulator
from .merging import gathered, numbering
from .neo_blocks import (
    add_projection_content,
    new_block,
    new_segment,
)
from .recorders import BaseRecorder, RecordingError
from .samplers import EventSampler

if TYPE_CHECKING:
    from ..projections import Projection


class ProjectionRecorder(BaseRecorder):
    """Records variables of connections, at their events or on a grid of time, and hands them out as Neo
    blocks.
    """

    def __init__(self, projection: Projection) -> None:
        super().__init__(projection)
        self._intervals = {}

    projection = BaseRecorder.owner

    def _resolve(self, variables):
        synapse_type = self.projection.synapse_type
        offered = getattr(synapse_type, "recordable", ())
        if isinstance(variables, str):
            variables = offered if variables == "all" else [variables]
        for name in variables:
            if name not in offered:
                raise RecordingError(name, synapse_type)
        return list(dict.fromkeys(variables))

    def _resolve_sampled(self, variables):
        """Names of what has a value at any time; "all" means just those."""
        signals = self.projection.synapse_type.signals
        at_any_time = [name for name in signals if self.projection.table.parts.can_sample(signals[name].core)]
        names = at_any_time if isinstance(variables, str) and variables == "all" else self._resolve(variables)
        for name in names:
            if name not in at_any_time:
                refuse(
                    f"{self.projection.label}.record",
                    "sampling_interval",
                    f"an interval for {name!r}",
                    "None: it has values at presynaptic spikes only",
                )
        return names

    def record(
        self,
        variables: Any,
        sampling_interval: Number | None = None,
        connections: Any = None,
        to_file: File | None = None,
    ) -> None:
        """See `Projection.record`."""
        projection = self.projection
        names = self._resolve(variables) if sampling_interval is None else self._resolve_sampled(variables)
        chosen = self._chosen(connections)
        steps = None
        if sampling_interval is not None:
            interval = checked_interval(f"{projection.label}.record", sampling_interval, self._network.timestep)
            steps = to_steps(interval, self._network.timestep)
            for name in names:
                if self._intervals.get(name, steps) != steps:
                    refuse(
                        f"{projection.label}.record",
                        "sampling_interval",
                        sampling_interval,
                        f"{to_time(self._intervals[name], self._network.timestep)}, as it is being recorded",
                    )
        # at events and on a grid are two recordings
        kind = "events" if steps is None else "samples"
        path = self._check_file(to_file, {(kind, name): name for name in names})
        self._claim(path)
        for name in names:
            term, unit = projection.synapse_type.signals[name], projection.find_units(name)
            recording = self._recording((kind, name), kind, name, path)
            if steps is None:
                recording.samplers = recording.samplers or [
                    EventSampler(part.core, term, name, unit, part.numbers, lag)
                    for part in projection.table.parts
                    for lag in np.unique(part.core.axonal_steps)
                ]
            else:
                self._intervals[name] = steps
            for part in projection.table.parts:
                own = chosen if part.numbers is None else np.sort(part.within(chosen)[0])
                if steps is None:
                    for sampler in recording.samplers:
                        if sampler.source is part.core:
                            sampler.add(own)
                else:
                    self._sample(recording, part.core, term, unit, own, steps, part.numbers)

    def _chosen(self, connections):
        if connections is None:
            return np.arange(len(self.projection))
        n = self.projection.size()
        owner, allowed = f"{self.projection.label}.record", f"numbers of connections below {n}, a slice or a mask"
        selector = [connections] if is_integer(connections) else connections
        chosen = np.unique(np.arange(n)[checked_selector(owner, "connections", selector, n, allowed)])
        numbers = numbering(self.projection)[2]
        return chosen if numbers is None else np.flatnonzero(np.isin(numbers, chosen))

    def _sources(self):
        return [(part.core, 0) for part in self.projection.table.parts]

    def _interval(self, key):
        return self._intervals[key[1]] if key[0] == "samples" else None

    def ends(self) -> dict[str, Any]:
        return {
            "presynaptic_index": self.projection.table.pre_index,
            "postsynaptic_index": self.projection.table.post_index,
        }

    def header(self) -> dict[str, Any]:
        projection = self.projection
        # PyNN's describe() prints every spike time of an array source on the way
        description = (
            f"{projection.size()} connections, {type(projection.synapse_type).__name__}, from "
            f"{projection.pre.label!r} to {projection.receptor_type!r} of {projection.post.label!r}"
        )
        metadata = {
            "label": projection.label,
            "size": projection.size(),
            "receptor_type": projection.receptor_type,
            "synapse_type": type(projection.synapse_type).__name__,
            "simulator": simulator.name,
            "dt": self._network.timestep,
            "mpi_processes": self.simulation.num_processes,
        }
        return {
            "kind": "projection",
            "label": projection.label,
            "description": description,
            "annotations": {**metadata, **projection.annotations},
        }

    def get(
        self,
        variables: Any = "all",
        clear: bool = False,
        annotations: Mapping[str, Any] | None = None,
        gather: bool | str = True,
    ) -> neo.Block:
        """The data recorded, as a `neo.Block` with a segment for each run between resets."""
        names = None if isinstance(variables, str) and variables == "all" else self._resolve(variables)
        if clear:
            self.projection.check_present()
        header = self.header()
        block = new_block(header["label"], header["description"], {**header["annotations"], **(annotations or {})})
        contents, pre, post = self._numbered_contents(names, gather)
        for content in contents:
            segment = new_segment(block, content, header["description"])
            add_projection_content(segment, content, pre, post)
        if clear:
            self.clear()
        return block

    def _numbered_contents(self, names, gather):
        """What is to be returned, and the indices of the cells of the connections in it."""
        projection, contents = self.projection, self.contents(names)
        if not gather or projection.everywhere:
            return contents, projection.table.pre_index, projection.table.post_index
        pre, post, numbers = numbering(projection)
        numbered = [
            content._replace(
                samples=[s._replace(indices=numbers[s.indices]) for s in content.samples],
                events=[e.renumbered(numbers) for e in content.events],
            )
            for content in contents
        ]
        sampled = [name for kind, name in self._recordings if kind == "samples"]
        others = [f"events of {name}" for kind, name in self._recordings if kind == "events"]
        doing = f"gather what was recorded of {projection.label}"
        return gathered(self.simulation.processes, doing, numbered, sampled, others), pre, post
