"""The recorder of a population, and what those of an assembly hold, as one block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import neo
import numpy as np
from pyNN import errors
from pyNN.recording import Recorder as PyNNRecorder

from ..parameters import checked_interval, refuse, to_steps
from ..parameters.hints import Cells, File, Names, Number
from ..parameters.suggestions import close_to
from ..simulation import simulator
from .merging import gathered, side_by_side
from .neo_blocks import (
    add_population_content,
    add_signal,
    add_spike_trains,
    new_block,
    new_segment,
)
from .neo_export import write
from .recorders import BaseRecorder, RecordingError
from .samplers import SpikeSampler

if TYPE_CHECKING:
    from ..populations import Population


class NotRecordedError(RecordingError, errors.NothingToWriteError):
    """A variable is asked for that none of the cells records."""

    def __init__(self, label: str | None, variable: str) -> None:
        Exception.__init__(self, label, variable)

    def __str__(self):
        label, variable = self.args
        return f"{label}: {variable!r} is not recorded of these cells; call record({variable!r}) before the simulation"


class NotOfferedError(RecordingError):
    """A variable is asked for that none of the cells has."""

    def __init__(self, label: str | None, variable: str, offered: list[str]) -> None:
        Exception.__init__(self, label, variable, offered)

    def __str__(self):
        label, variable, offered = self.args
        offers = ", ".join(offered) or "nothing"
        return f"cannot read {variable!r} from {label}; it offers {offers}{close_to(variable, offered)}"


def signal_names(celltype: Any, variables: Any, locations: Names | None) -> list[str]:
    """Names of signals, those that a cell type does not have included. What belongs to no location is named once,
    whatever the locations.
    """
    if isinstance(variables, str):
        variables = celltype.recordable if variables == "all" else [variables]
    if locations is None:
        names = [getattr(variable, "name", variable) for variable in variables]
    else:
        compartments = [locations] if isinstance(locations, str) else list(locations)
        names = []
        for variable in variables:
            somewhere = any(name.endswith(f".{variable}") for name in celltype.recordable)
            names.extend([f"{compartment}.{variable}" for compartment in compartments] if somewhere else [variable])
    return list(dict.fromkeys(names))


def check_offered(label: str | None, cells: Iterable[Cells], variables: Any, locations: Names | None = None) -> None:
    """Refuse to read a variable of populations and views none of which has it."""
    if isinstance(variables, str) and variables == "all":
        return
    celltypes = [group.celltype for group in cells]
    offered = list(dict.fromkeys(name for celltype in celltypes for name in celltype.recordable))
    for celltype in celltypes:
        for name in signal_names(celltype, variables, locations):
            if name not in offered:
                raise NotOfferedError(label, name, offered)


class Recorder(BaseRecorder, PyNNRecorder):
    """Records variables of a population, and hands them out as Neo blocks."""

    def __init__(self, population: Population, file: None = None) -> None:
        self._with_spikes = np.zeros(population.size, dtype=bool)  # whose spikes are recorded, in whatever process
        super().__init__(population)
        self.file = file
        self.sampling_interval = population.simulation.dt

    population = BaseRecorder.owner

    def recording(
        self,
        variables: Any,
        ids: Iterable[int] | None,
        sampling_interval: Number | None = None,
        locations: Names | None = None,
        to_file: File | None = None,
    ) -> Iterator[None]:
        """Record `variables` of the cells `ids` (None: all) too, in memory or to a file that grows as time passes: a
        change, see `changes.carry_out` and `Population.record`.
        """
        population = self.population
        names = signal_names(population.celltype, variables, locations)
        for name in names:
            if name not in population.celltype.recordable:
                raise RecordingError(name, population.celltype)
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
        indices = np.arange(population.size) if ids is None else self.indices(ids)
        if "spikes" in names:
            self._with_spikes[indices] = True
        indices = indices[population.local_mask[indices]]
        units = population.celltype.units
        for name in names:
            if name == "spikes":
                recording = self._recording(name, "spikes", name, path)
                recording.samplers = recording.samplers or [SpikeSampler(population.core, units.get(name, ""))]
                recording.samplers[0].add(indices)
            else:
                recording = self._recording(name, "samples", name, path)
                term = population.celltype.signals[name]
                self._sample(recording, population.core, term, units[name], indices, steps)

    def reset(self) -> None:
        """Record nothing any more."""
        if self._members:
            self._files.flush()
        for sampler in self._samplers():
            sampler.stop()
        self._recordings = {}
        self._with_spikes[:] = False
        self.sampling_interval = self.simulation.dt

    def _sources(self):
        core = self.population.core
        return [(core, core.local.start)]

    def _interval(self, key):
        return None if key == "spikes" else to_steps(self.sampling_interval, self._network.timestep)

    # ---- reading

    def header(self) -> dict[str, Any]:
        population = self.population
        return {
            "kind": "population",
            "label": population.label,
            "description": population.describe(),
            "annotations": self.metadata,
        }

    def write(
        self,
        variables: Any,
        file: File,
        gather: bool | str = False,
        filter_ids: Iterable[int] | None = None,
        clear: bool = False,
        **options: Any,
    ) -> None:
        """Write what `get` returns to a Neo IO, or to a file."""
        write(partial(self.get, variables, gather, filter_ids, **options), file, gather, [self] if clear else [])

    def indices(self, ids: Iterable[int] | None) -> Any:
        """Numbers in the population of cells; None for all of them."""
        return None if ids is None else np.asarray(ids).astype(np.int64) - int(self.population.first_id)

    def get(
        self,
        variables: Any,
        gather: bool | str = False,
        filter_ids: Iterable[int] | None = None,
        clear: bool = False,
        annotations: Mapping[str, Any] | None = None,
        locations: Names | None = None,
    ) -> neo.Block:
        """The data recorded, as a `neo.Block` with a segment for each run between resets."""
        population = self.population
        check_offered(population.label, [population], variables, locations)
        if clear:
            population.check_present()
        description = population.describe()
        block = new_block(population.label, description, {**self.metadata, **(annotations or {})})
        for content in self.gathered_contents(gather, variables, locations, filter_ids):
            segment = new_segment(block, content, description)
            add_population_content(segment, content, int(population.first_id), population.label)
        if clear:
            self.clear()
        return block

    def gathered_contents(
        self, gather: bool | str, variables: Any, locations: Names | None, ids: Iterable[int] | None
    ) -> Any:
        """`contents` of all processes in process 0, if that is wanted; else, and in the others, of this one.

        Variables that the cells do not have are left out.
        """
        everything = isinstance(variables, str) and variables == "all"
        names = None if everything else signal_names(self.population.celltype, variables, locations)
        contents = self.contents(names, self.indices(ids))
        if not gather or self.population.everywhere:
            return contents
        sampled = [name for name in self._recordings if name != "spikes"]
        others = ["spikes"] if "spikes" in self._recordings else []
        doing = f"gather what was recorded of {self.population.label}"
        return gathered(self.simulation.processes, doing, contents, sampled, others)

    def records_spikes(self, ids: Iterable[int] | None = None) -> bool:
        """Whether spikes of any of these cells (None: of the population), of whatever process, are being recorded."""
        return bool(self._with_spikes[slice(None) if ids is None else self.indices(ids)].any())

    def count(
        self, variable: str, gather: bool | str = True, filter_ids: Iterable[int] | None = None
    ) -> Mapping[Any, int]:
        """The number of spikes of each cell, as a dictionary."""
        own = super().count(variable, False, filter_ids)
        if self.population.everywhere or not gather:
            return own
        found = self.simulation.processes.gather(f"count spikes of {self.population.label}", own)
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


def assembly_block(
    assembly: Cells,
    variables: Any,
    gather: bool | str,
    clear: bool,
    annotations: Mapping[str, Any] | None,
    locations: Names | None,
) -> neo.Block:
    """The data of all populations of an assembly in one block.

    As PyNN has it, `channel_index` counts in the assembly and `source_index` in the population of the cell.
    """
    if clear:
        assembly.check_present()
    description = assembly.describe()
    block = new_block(
        assembly.label,
        description,
        {
            "size": assembly.size,
            "label": assembly.label,
            "simulator": simulator.name,
            "dt": assembly.simulation.dt,
            "mpi_processes": assembly.simulation.num_processes,
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
                recorder.gathered_contents(gather, variables, locations, member.record_filter),
            )
        )
        offset += member.size
    for present in _by_segment(columns):
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
                    dict.fromkeys(str(columns[i][0].label) for i in np.unique(owners[joined.indices]))
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


def _by_segment(columns):
    """Of each segment, (population, position, content) of those that have it: some were cleared, or began later."""
    found = {}
    for population, position, contents in columns:
        for content in contents:
            found.setdefault(content.number, []).append((population, position, content))
    # as of one population, the present segment is left out after a reset until time has passed
    begun = {number: present for number, present in found.items() if present[0][2].stop > 0.0} or found
    return [begun[number] for number in sorted(begun)]
