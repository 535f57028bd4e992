"""What several recorders hold, as one: the populations of an assembly, the parts of a projection."""

import numpy as np

from .. import simulator
from .neo_blocks import add_signal, add_spike_trains, new_block, new_segment
from .zarr_arrays import join_columns


def side_by_side(found):
    """Join samples of the same variable, start and grid into one, columns in order."""
    joined = []
    for key in dict.fromkeys((s.name, s.start, s.interval, len(s.data)) for s in found):
        same = [s for s in found if (s.name, s.start, s.interval, len(s.data)) == key]
        if len(same) == 1 and (np.diff(same[0].indices) > 0).all():
            joined.append(same[0])
            continue
        indices = np.concatenate([s.indices for s in same])
        order = np.argsort(indices, kind="stable")
        data = join_columns([s.data for s in same], order)
        joined.append(same[0]._replace(indices=indices[order], data=data))
    return joined


def merged_block(assembly, variables, gather, clear, annotations, locations):
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
        names = None if isinstance(variables, str) and variables == "all" else recorder._resolve(variables, locations)
        position = np.full(recorder.population.size, -1)
        position[recorder._indices(member.all_cells)] = np.arange(offset, offset + member.size)
        columns.append(
            (
                recorder.population,
                position,
                recorder.gathered_contents(gather, names, recorder._indices(member._record_filter)),
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
