"""Recorders of populations and of projections: what is to be recorded, and reading it.

A recorder owns samplers, and for what goes to a file a sink for each of them: it alone drains the ones into the others.
"""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from pyNN import errors
from pyNN.recording import Recorder as PyNNRecorder

from .. import simulator
from ..parameters import checked_interval, refuse, to_steps, to_time
from .merging import gathered, numbering, side_by_side
from .neo_blocks import (
    add_population_content,
    add_projection_content,
    add_signal,
    add_spike_trains,
    new_block,
    new_segment,
)
from .neo_export import write
from .samplers import EventSampler, SignalSampler, SpikeSampler
from .signals import SegmentContent


class RecordingError(errors.RecordingError):
    """Something that cannot be recorded."""

    def __str__(self):
        return (
            f"cannot record {self.variable!r} from {type(self.cell_type).__name__}; it offers "
            f"{', '.join(self.cell_type.recordable) or 'nothing'}"
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

    def signals(self):
        """What has been recorded, of each sampler that has recorded anything."""
        for sampler in self.samplers:
            sink = self.sinks.get(sampler)
            if sink:
                # those that have joined since it was last written count too
                yield sink.signal()._replace(indices=sampler.indices)
                continue
            signal = sampler.signal()
            if signal is not None:
                yield signal.in_file(self.path) if self.path else signal


class BaseRecorder:
    """What a recorder of a population and one of a projection share.

    Parameters
    ----------
    owner : Population or Projection
    """

    def __init__(self, owner):
        self.owner = owner
        self._network = simulator.state.network
        self._files = simulator.state.files
        self._members = {}  # {path: our part of that file}
        self._recordings = {}
        self._kept = []
        self._cleared_step = 0

    # ---- choosing what to record

    def header(self):
        """What a file says about the population or projection."""
        raise NotImplementedError

    def ends(self):
        """Further columns, {name: a number for each cell or connection}, that belong to what is recorded."""
        return {}

    def _check_file(self, to_file, keys):
        """The path of the file to which `keys`, {any: name}, are to be recorded, or None for memory.

        Refused if one of them is being recorded elsewhere, or if there can be no such file.
        """
        doing = f"{self.owner.label}.record"
        if to_file is not None and simulator.state.processes:
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
        if self._network is simulator.state.network:
            simulator.state.recorders.add(self)

    def _recording(self, key, kind, name, path):
        """That of a key, a new one if there is none."""
        return self._recordings.setdefault(key, Recording(kind, name, path))

    def _sample(self, recording, source, term, unit, indices, steps, positions=None):
        """Sample `indices` too. Those that join later start later, and so form a signal of their own."""
        samplers = [sampler for sampler in recording.samplers if sampler.source is source]
        for sampler in samplers:
            indices = np.setdiff1d(indices, sampler.own)
        if not indices.size:
            return
        if samplers and samplers[-1].takes(steps):
            samplers[-1].stop()
            recording.samplers.remove(samplers[-1])
            indices = np.union1d(indices, samplers[-1].own)
        sampler = SignalSampler(source, term, recording.name, unit, indices, steps, positions)
        recording.samplers.append(sampler)

    # ---- from samplers to sinks

    def _written(self):
        """Recordings that go to files."""
        return [recording for recording in self._recordings.values() if recording.path]

    def drain(self):
        """Have the sinks take over what the samplers hold."""
        for recording in self._written():
            for sampler in recording.samplers:
                signal = sampler.drain()
                if signal is None:
                    continue
                if sampler not in recording.sinks:
                    number = simulator.state.segment_counter
                    recording.sinks[sampler] = self._members[recording.path].sink(signal, number)
                recording.sinks[sampler].append(signal)

    @property
    def bytes_held(self):
        return sum(sampler.bytes_held for recording in self._written() for sampler in recording.samplers)

    @property
    def bytes_per_step(self):
        return sum(sampler.bytes_per_step for recording in self._written() for sampler in recording.samplers)

    def describe(self):
        """Have the files say how things are called now."""
        header = self.header() if self._members else None
        for member in self._members.values():
            member.describe(header)

    def _close_segments(self, annotations=None):
        if not self._members:
            return
        self._files.flush()
        self.describe()
        stop = float(to_time(self._network.step, self._network.timestep))
        for member in self._members.values():
            member.close_segment(stop, annotations)
        for recording in self._recordings.values():
            recording.sinks = {}
        self._files.flush()

    # ---- segments

    def signals(self):
        """What has been recorded in the present segment, {kind: list}."""
        found = {"samples": [], "spikes": [], "events": []}
        for recording in self._recordings.values():
            found[recording.kind].extend(self._arranged(list(recording.signals())))
        return found

    def _present(self, annotations=None):
        if self._members:
            self._files.flush()
        signals = self.signals()
        return SegmentContent(
            simulator.state.segment_counter,
            float(to_time(self._network.step, self._network.timestep)),
            datetime.now(),
            signals["samples"],
            signals["spikes"][0] if signals["spikes"] else None,
            signals["events"],
            dict(annotations or {}),
        )

    def _arranged(self, signals):
        """Signals of one variable, as they are to be handed out."""
        return signals

    def store_to_cache(self, annotations=None):
        """Keep what was recorded as a segment; called before a reset."""
        if self._network.step > self._cleared_step:
            self._kept.append(self._present(annotations))
        self._close_segments(annotations)
        self._cleared_step = 0
        for sampler in self._samplers():
            sampler.rewind()

    def _samplers(self):
        return [sampler for recording in self._recordings.values() for sampler in recording.samplers]

    def contents(self, names=None, wanted=None):
        """Contents of all segments. The present one is left out after a reset, until time has passed."""
        present = [self._present()] if self._network.step > 0 or not self._kept else []
        return [content.select(names, wanted) for content in (*self._kept, *present)]

    def clear(self):
        """Forget what was recorded; what is in a file stays there, and what follows is a new segment in it."""
        self._close_segments()
        self._kept = []
        self._cleared_step = self._network.step
        for sampler in self._samplers():
            sampler.clear()


class Recorder(BaseRecorder, PyNNRecorder):
    """Records variables of a population, and hands them out as Neo blocks."""

    _simulator = simulator

    def __init__(self, population, file=None):
        self.file = file
        self.population = population
        self.sampling_interval = simulator.state.dt
        super().__init__(population)

    def resolve(self, variables, locations=None):
        """Names of signals. What belongs to no location is recorded once, whatever the locations."""
        celltype = self.population.celltype
        if isinstance(variables, str):
            variables = celltype.recordable if variables == "all" else [variables]
        if locations is None:
            names = [getattr(variable, "name", variable) for variable in variables]
        else:
            compartments = [locations] if isinstance(locations, str) else list(locations)
            names = []
            for variable in variables:
                located = [f"{compartment}.{variable}" for compartment in compartments]
                known = [name for name in located if name in celltype.recordable]
                somewhere = any(name.endswith(f".{variable}") for name in celltype.recordable)
                if somewhere and len(known) < len(located):
                    raise RecordingError(next(name for name in located if name not in known), celltype)
                names.extend(known if somewhere else [variable])
        for name in names:
            if name not in celltype.recordable:
                raise RecordingError(name, celltype)
        return list(dict.fromkeys(names))

    def recording(self, variables, ids, sampling_interval=None, locations=None, to_file=None):
        """Record `variables` of the cells `ids` too, in memory or to a file that grows as time passes: a change, see
        `changes.carry_out` and `Population.record`.
        """
        names = self.resolve(variables, locations)
        population = self.population
        owner = f"{population.label}.record"
        wished = self.sampling_interval if sampling_interval is None else sampling_interval
        wished = checked_interval(owner, wished, self._network.timestep)
        steps = to_steps(wished, self._network.timestep)
        sampled = [name for name in self._recordings if name != "spikes"]
        if names != ["spikes"] and sampled and wished != self.sampling_interval:
            refuse(
                owner,
                "sampling_interval",
                wished,
                f"the {self.sampling_interval} ms with which this population is being recorded",
            )
        path = self._check_file(to_file, dict(zip(names, names)))
        yield
        self._claim(path)
        if names != ["spikes"]:
            self.sampling_interval = wished
        indices = self.indices(ids)
        indices = indices[population._mask_local[indices]]
        units = population.celltype.units
        for name in names:
            if name == "spikes":
                recording = self._recording(name, "spikes", name, path)
                recording.samplers = recording.samplers or [SpikeSampler(population._core, units.get(name, ""))]
                recording.samplers[0].add(indices)
            else:
                recording = self._recording(name, "samples", name, path)
                term = population.celltype.signals[name]
                self._sample(recording, population._core, term, units[name], indices, steps)

    def reset(self):
        """Record nothing any more."""
        if self._members:
            self._files.flush()
        for sampler in self._samplers():
            sampler.stop()
        self._recordings = {}
        self.sampling_interval = simulator.state.dt

    # ---- reading

    def header(self):
        population = self.population
        return {
            "kind": "population",
            "label": population.label,
            "description": population.describe(),
            "annotations": self.metadata,
        }

    def write(self, variables, file, gather=False, filter_ids=None, clear=False, **options):
        """Write what `get` returns to a Neo IO, or to a file."""
        write(lambda: self.get(variables, gather, filter_ids, clear, **options), file, gather)

    def indices(self, ids):
        """Numbers in the population of cells; None for all of them."""
        return None if ids is None else np.asarray(ids).astype(np.int64) - int(self.population.first_id)

    def get(self, variables, gather=False, filter_ids=None, clear=False, annotations=None, locations=None):
        """The data recorded, as a `neo.Block` with a segment for each run between resets."""
        population = self.population
        description = population.describe()
        block = new_block(population.label, description, {**self.metadata, **(annotations or {})})
        for content in self.gathered_contents(gather, variables, locations, filter_ids):
            segment = new_segment(block, content, description)
            add_population_content(segment, content, int(population.first_id), population.label)
        if clear:
            self.clear()
        return block

    def gathered_contents(self, gather, variables, locations, ids):
        """`contents` of all processes in process 0, if that is wanted; else, and in the others, of this one."""
        names = None if isinstance(variables, str) and variables == "all" else self.resolve(variables, locations)
        contents = self.contents(names, self.indices(ids))
        if not gather or self.population.everywhere:
            return contents
        sampled = [name for name in self._recordings if name != "spikes"]
        others = ["spikes"] if "spikes" in self._recordings else []
        return gathered(f"gather what was recorded of {self.population.label}", contents, sampled, others)

    def count(self, variable, gather=True, filter_ids=None):
        """The number of spikes of each cell, as a dictionary."""
        if self.population.everywhere or not gather:
            return super().count(variable, False, filter_ids)
        own = super().count(variable, False, filter_ids)
        found = simulator.state.processes.gather(f"count spikes of {self.population.label}", own)
        return own if found is None else {cell: n for counts in found for cell, n in counts.items()}

    def _local_count(self, variable, filter_ids=None):
        if self._members:
            self._files.flush()
        found = list(self._recordings["spikes"].signals()) if "spikes" in self._recordings else []
        spikes = found[0].select(self.indices(filter_ids)) if found else None
        if spikes is None:
            return {}
        ids = spikes.indices + int(self.population.first_id)
        return dict(zip(ids.tolist(), spikes.table.count(spikes.indices).tolist()))


def assembly_block(assembly, variables, gather, clear, annotations, locations):
    """The data of all populations of an assembly in one block.

    As PyNN has it, `channel_index` counts in the assembly and `source_index` in the population of the cell.
    """
    description = assembly.describe()
    block = new_block(
        assembly.label,
        description,
        {
            "size": assembly.size,
            "label": assembly.label,
            "simulator": simulator.name,
            "dt": simulator.state.dt,
            "mpi_processes": simulator.state.num_processes,
            **assembly.annotations,
            **(annotations or {}),
        },
    )
    columns, offset = [], 0
    for member in assembly.populations:
        recorder = member.recorder
        position = np.full(recorder.population.size, -1)
        position[recorder.indices(member.all_cells)] = np.arange(offset, offset + member.size)
        columns.append(
            (
                recorder.population,
                position,
                recorder.gathered_contents(gather, variables, locations, member._record_filter),
            )
        )
        offset += member.size
    for k in range(max((len(contents) for _, _, contents in columns), default=0)):
        present = [
            (population, position, contents[k]) for population, position, contents in columns if k < len(contents)
        ]
        segment = new_segment(block, present[0][2], description)
        samples = [s._replace(indices=position[s.indices]) for _, position, content in present for s in content.samples]
        ids = np.asarray(assembly.all_cells).astype(np.int64)
        owners = np.repeat(np.arange(len(columns)), [member.size for member in assembly.populations])
        for joined in side_by_side(samples):
            add_signal(
                segment,
                joined,
                channel_index=joined.indices,
                channel_ids=ids[joined.indices],
                source_population=";".join(
                    dict.fromkeys(columns[i][0].label for i in np.unique(owners[joined.indices]))
                ),
            )
        spikes = [
            (content.spikes, int(population.first_id), population.label)
            for population, _, content in present
            if content.spikes is not None
        ]
        if spikes:
            add_spike_trains(segment, spikes, present[0][2].stop)
    if clear:
        for member in assembly.populations:
            member.recorder.clear()
    return block


class ProjectionRecorder(BaseRecorder):
    """Records variables of connections, at their events or on a grid of time, and hands them out as Neo
    blocks.
    """

    def __init__(self, projection):
        self.projection = projection
        self._intervals = {}
        super().__init__(projection)

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
        at_any_time = [name for name in signals if self.projection.can_sample(name)]
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

    def record(self, variables, sampling_interval=None, connections=None, to_file=None):
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
                    EventSampler(core, term, name, unit, core.size, positions) for core, positions in projection._parts
                ]
            else:
                self._intervals[name] = steps
            for k, (core, positions) in enumerate(projection._parts):
                own = chosen if positions is None else np.flatnonzero(np.isin(positions, chosen))
                if steps is None:
                    recording.samplers[k].add(own)
                else:
                    self._sample(recording, core, term, unit, own, steps, positions)

    def _chosen(self, connections):
        if connections is None:
            return np.arange(len(self.projection))
        n = self.projection.size()
        if isinstance(connections, (int, np.integer)):
            connections = [connections]
        try:
            chosen = np.unique(np.arange(n)[connections])
            numbers = numbering(self.projection)[2]
            return chosen if numbers is None else np.flatnonzero(np.isin(numbers, chosen))
        except IndexError:
            refuse(
                f"{self.projection.label}.record",
                "connections",
                repr(connections),
                f"numbers of connections below {n}, a slice or a mask",
            )

    def _arranged(self, signals):
        return side_by_side(signals) if signals and signals[0].kind == "samples" else signals

    def ends(self):
        return {
            "presynaptic_index": self.projection._pre_index,
            "postsynaptic_index": self.projection._post_index,
        }

    def header(self):
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
            "mpi_processes": simulator.state.num_processes,
        }
        return {
            "kind": "projection",
            "label": projection.label,
            "description": description,
            "annotations": {**metadata, **projection.annotations},
        }

    def get(self, variables="all", clear=False, annotations=None, gather=True):
        """The data recorded, as a `neo.Block` with a segment for each run between resets."""
        names = None if isinstance(variables, str) and variables == "all" else self._resolve(variables)
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
            return contents, projection._pre_index, projection._post_index
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
        return gathered(f"gather what was recorded of {projection.label}", numbered, sampled, others), pre, post
