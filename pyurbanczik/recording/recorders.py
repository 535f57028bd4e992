"""Recorders of populations and of projections: what is to be recorded, and reading it."""

import numpy as np
from pyNN import errors, recording

from .. import simulator
from ..parameters import checked_interval, refuse, to_steps, to_time
from .gathering import gathered, numbering
from .keeping import Keeper
from .merging import side_by_side
from .neo_blocks import (
    add_population_content,
    add_projection_content,
    new_block,
    new_segment,
)
from .neo_export import write
from .samplers import EventSampler, Sampler, SpikeSampler
from .signals import StoredSpikes
from .zarr_store import Place


class RecordingError(errors.RecordingError):
    """Something that cannot be recorded."""

    def __str__(self):
        return (
            f"cannot record {self.variable!r} from {type(self.cell_type).__name__}; it offers "
            f"{', '.join(self.cell_type.recordable) or 'nothing'}"
        )


class Recorder(Keeper, recording.Recorder):
    """Records variables of a population, and hands them out as Neo blocks."""

    _simulator = simulator

    def __init__(self, population, file=None):
        self.file = file
        self.population = population
        self.sampling_interval = simulator.state.dt
        self._samplers = {}
        self._spikes = None
        super().__init__(simulator.state.network)

    # ---- choosing what to record

    def _resolve(self, variables, locations=None):
        """Names of signals. What belongs to no location is recorded once, whatever the locations."""
        celltype = self.population.celltype
        if isinstance(variables, str):
            variables = celltype.recordable if variables == "all" else [variables]
        if locations is None:
            names = [getattr(variable, "name", variable) for variable in variables]
        else:
            places = [locations] if isinstance(locations, str) else list(locations)
            names = []
            for variable in variables:
                placed = [f"{place}.{variable}" for place in places]
                known = [name for name in placed if name in celltype.recordable]
                somewhere = any(name.endswith(f".{variable}") for name in celltype.recordable)
                if somewhere and len(known) < len(placed):
                    raise RecordingError(next(name for name in placed if name not in known), celltype)
                names.extend(known if somewhere else [variable])
        for name in names:
            if name not in celltype.recordable:
                raise RecordingError(name, celltype)
        return list(dict.fromkeys(names))

    def recording(self, variables, ids, sampling_interval=None, locations=None, to_file=None):
        """Record `variables` of the cells `ids` too, in memory or to a file that grows as time passes: a change, see
        `changes.carry_out` and `Population.record`.
        """
        names = self._resolve(variables, locations)
        population = self.population
        owner = f"{population.label}.record"
        wished = self.sampling_interval if sampling_interval is None else sampling_interval
        wished = checked_interval(owner, wished, self._network.timestep)
        steps = to_steps(wished, self._network.timestep)
        if names != ["spikes"] and self._samplers and wished != self.sampling_interval:
            refuse(
                owner,
                "sampling_interval",
                wished,
                f"the {self.sampling_interval} ms with which this population is being recorded",
            )
        path = self._check_place(owner, to_file, dict(zip(names, names)))
        yield
        stream = self._claim(owner, path, names)
        if names != ["spikes"]:
            self.sampling_interval = wished
        self._register()
        indices = np.asarray(ids).astype(np.int64) - int(population.first_id)
        indices = indices[population._mask_local[indices]]
        for name in names:
            place = stream and Place(stream, name, population.celltype.units.get(name, ""))
            if name == "spikes":
                self._spikes = self._spikes or SpikeSampler(population._core, place)
                self._spikes.add(indices)
                continue
            if name not in self._samplers:
                term = population.celltype.signals[name]
                self._samplers[name] = Sampler(
                    population._core,
                    term.core,
                    lambda core=term.core: population._core.value(core),
                    term.factor,
                    place,
                )
            self._samplers[name].add(indices, steps)

    def reset(self):
        """Record nothing any more."""
        for stream in self._streams:
            stream.file.write()
        for sampler in self._all_samplers():
            sampler.stop()
        self._places = {}
        self._samplers = {}
        self._spikes = None
        self.sampling_interval = simulator.state.dt

    # ---- reading

    def _snapshot(self):
        units = self.population.celltype.units
        samples = [
            samples for name, sampler in self._samplers.items() for samples in sampler.snapshot(name, units[name])
        ]
        return samples, self._spikes.snapshot() if self._spikes else None, []

    def _rewind(self):
        if self._spikes:
            self._spikes.rewind()

    def _clear_simulator(self):
        for sampler in self._all_samplers():
            sampler.clear()

    def _all_samplers(self):
        return [*self._samplers.values(), *([self._spikes] if self._spikes else [])]

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

    def _indices(self, ids):
        return None if ids is None else np.asarray(ids).astype(np.int64) - int(self.population.first_id)

    def get(self, variables, gather=False, filter_ids=None, clear=False, annotations=None, locations=None):
        """The data recorded, as a `neo.Block` with a segment for each run between resets."""
        names = None if isinstance(variables, str) and variables == "all" else self._resolve(variables, locations)
        population = self.population
        description = population.describe()
        block = new_block(population.label, description, {**self.metadata, **(annotations or {})})
        for content in self.gathered_contents(gather, names, self._indices(filter_ids)):
            segment = new_segment(block, content, description)
            add_population_content(segment, content, int(population.first_id), population.label)
        if clear:
            self.clear()
        return block

    def gathered_contents(self, gather, names=None, wanted=None):
        """`contents` of all processes in process 0, if that is wanted; else, and in the others, of this one."""
        contents = self.contents(names, wanted)
        if not gather or self.population.everywhere:
            return contents
        others = ["spikes"] if self._spikes else []
        return gathered(f"gather what was recorded of {self.population.label}", contents, self._samplers, others)

    def count(self, variable, gather=True, filter_ids=None):
        """The number of spikes of each cell, as a dictionary."""
        if self.population.everywhere or not gather:
            return super().count(variable, False, filter_ids)
        own = super().count(variable, False, filter_ids)
        found = simulator.state.processes.gather(f"count spikes of {self.population.label}", own)
        return own if found is None else {cell: n for counts in found for cell, n in counts.items()}

    def _local_count(self, variable, filter_ids=None):
        spikes = self._spikes.snapshot() if self._spikes else None
        spikes = spikes and spikes.select(self._indices(filter_ids))
        if spikes is None:
            return {}
        if isinstance(spikes, StoredSpikes):
            counts = spikes.table.count(spikes.indices)
        else:
            counts = np.bincount(spikes.cell, minlength=self.population.size)[spikes.indices]
        return dict(zip((spikes.indices + int(self.population.first_id)).tolist(), counts.tolist()))


class ProjectionRecorder(Keeper):
    """Records variables of connections, at their events or on a grid of time, and hands them out as Neo
    blocks.
    """

    def __init__(self, projection):
        self.projection = projection
        self._events = {}
        self._samplers = {}
        self._intervals = {}
        super().__init__(simulator.state.network)

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
        keys = {(name, steps is None): name for name in names}
        owner = f"{projection.label}.record"
        stream = self._claim(owner, self._check_place(owner, to_file, keys), keys)
        self._register()
        for name in names:
            term = projection.synapse_type.signals[name]
            place = stream and Place(stream, name, projection.find_units(name))
            if steps is None:
                self._events.setdefault(
                    name, EventSampler(projection._parts, len(projection), term.core, term.factor, place)
                ).add(chosen)
                continue
            self._intervals[name] = steps
            if name not in self._samplers:
                self._samplers[name] = [
                    (
                        Sampler(
                            core,
                            term.core,
                            lambda core=core, name=term.core: core.value(name),
                            term.factor,
                            place and place._replace(positions=positions),
                        ),
                        positions,
                    )
                    for core, positions in projection._parts
                ]
            for sampler, positions in self._samplers[name]:
                sampler.add(chosen if positions is None else np.flatnonzero(np.isin(positions, chosen)), steps)

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

    def _snapshot(self):
        units = {name: self.projection.find_units(name) for name in (*self._samplers, *self._events)}
        samples = []
        for name, parts in self._samplers.items():
            found = [
                s if positions is None else s._replace(indices=positions[s.indices])
                for sampler, positions in parts
                for s in sampler.snapshot(name, units[name])
            ]
            samples.extend(side_by_side(found))
        return samples, None, [sampler.snapshot(name, units[name]) for name, sampler in self._events.items()]

    def _all_samplers(self):
        on_grid = [sampler for parts in self._samplers.values() for sampler, _ in parts]
        return [*on_grid, *self._events.values()]

    def _clear_simulator(self):
        for sampler in self._all_samplers():
            sampler.clear()

    def addresses(self, indices):
        projection = self.projection
        return {
            "presynaptic_index": projection._pre_index[indices],
            "postsynaptic_index": projection._post_index[indices],
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
                events=[
                    e._replace(indices=numbers[e.indices], connection=numbers[e.connection]) for e in content.events
                ],
            )
            for content in contents
        ]
        others = [f"events of {name}" for name in self._events]
        doing = f"gather what was recorded of {projection.label}"
        return gathered(doing, numbered, self._samplers, others), pre, post
