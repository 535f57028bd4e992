"""Snapshots of populations and projections: what they are made of, and how they are taken back."""

import numpy as np

from .population cimport Population
from .projection cimport Projection
from .schema import check
from .snapshot import Snapshot, check_indices, in_order
from .synapse_group import LONGEST
from .synapse_group cimport SynapseGroup


def save_population(Population population):
    """The state of the cells that this process computes, a `Snapshot`."""
    local = population.local
    rows = {f"parameter/{name}": values[local] for name, values in population._parameters.items()}
    rows |= {f"initial/{name}": values[local] for name, values in population._initial.items()}
    rows |= {f"state/{name}": population.value(name)[local] for name in population.variables}
    rows |= {f"private/{name}": array[population._positions][local] for name, array in population._private.items()}
    facts = {}
    for observer in population.observers.members:
        observer.save(facts, rows)
    spiking = np.array(population.spiking(), np.int64) - local.start
    return Snapshot(facts, rows, {"spikes": (spiking,), "input": coming(population), **population.given()})


cdef positions_of(Population population):
    """Where the cells of this process lie in arrays."""
    return np.arange(population.padded_size)[population._positions][population.local]


cdef coming(Population population):
    """Input on its way: (cell, receptor, steps, value)."""
    cells = positions_of(population)
    receptors = len(population.RECEPTORS) - len(population.SIGNED)
    columns = np.arange(receptors)[:, np.newaxis] * population.stride + cells
    slots = population.input_buffer.coming(population.network.step)[:, columns]
    # of zeros those with a sign count
    steps, receptor, cell = np.nonzero(slots.view(np.int64))
    return in_order([(cell, receptor, steps, slots[steps, receptor, cell])], (0,))


def restoring_population(Population population, snapshot):
    """Check a snapshot of all cells.

    Returns
    -------
    function, function
        They take over parameters, and (when the clock is set and all objects have their parameters) the rest.

    Raises
    ------
    ValueError, KeyError
        For what no such cells can have; nothing has changed then.
    """
    owner = type(population).__name__
    snapshot.check_rows(population.size)
    parameters = {}
    for name, values in snapshot.prefixed("parameter").items():
        declared = population.PARAMETERS[name]
        parameters[name] = check(owner, name, values, declared.allowed, declared.unit)
    population.check_together(parameters, owner)
    _, receptor, steps, _ = snapshot.tables["input"]
    check_indices("receptors of input", receptor, len(population.RECEPTORS) - len(population.SIGNED))
    check_indices("steps of input", steps, LONGEST + 1)
    give = population.giving(snapshot.tables)

    def take_parameters():
        present = population._parameters
        population.take_over({name: np.array(values) for name, values in parameters.items()
                              if not np.array_equal(values, present[name])})
    return take_parameters, lambda: take_cells(population, snapshot, give)


cdef take_cells(Population population, snapshot, give):
    local, positions = population.local, positions_of(population)
    if give is not None:
        give()
    population._initial = {name: np.array(values) for name, values in snapshot.prefixed("initial").items()}
    for name, values in snapshot.prefixed("state").items():
        population._whole(name)[positions] = values[local]
    for name, values in snapshot.prefixed("private").items():
        population._private[name][positions] = values[local]
    cell, receptor, steps, value = snapshot.tables["input"]
    mine = (cell >= local.start) & (cell < local.stop)
    columns = receptor[mine] * population.stride + positions[cell[mine] - local.start]
    population.input_buffer.put(population.network.step, steps[mine], columns, value[mine])
    cells = snapshot.tables["spikes"][0]
    population.spike_again(cells[(cells >= local.start) & (cells < local.stop)])
    for observer in population.observers.members:
        observer.restore(snapshot)


def save_projection(Projection projection):
    """The state of the connections that this process has, a `Snapshot`."""
    cdef SynapseGroup group
    kind, positions = projection.kind, projection.positions
    rows = {f"parameter/{name}": projection.get(name) for name in kind.PARAMETERS}
    rows["parameter/delay steps"] = projection.get_delay_steps()
    for name in kind.STATES:
        rows[f"initial/{name}"] = projection._joined([given_state(group, name) for group in projection.groups])
    memories = [group.memory() for group in projection.groups]
    for name, values in memories[0].items():
        rows[f"private/{name}"] = projection._joined([memory[name] for memory in memories], values.dtype)
    records = [group.records() for group in projection.groups]
    tables = {}
    for name in records[0]:
        pieces = [(row if own is None else own[row], *columns)
                  for own, (row, *columns) in zip(positions, (record[name] for record in records))]
        tables[name] = in_order(pieces, (0,))
    arrived, axons = {}, {}
    for group in projection.groups:
        arrived.setdefault(f"arrived/{group.axonal_steps}", []).append(group.arrived_spikes())
        if group.axonal_steps:
            axons[f"axons/{group.axonal_steps}"] = axonal_spikes(group)
    spikes = {name: in_order(pieces, (0, 1)) for name, pieces in arrived.items()}
    common = None if projection.common is None else projection.common.save()
    return Snapshot({"longest delay": projection.longest_delay, "common": common}, rows, tables, spikes, axons)


cdef given_state(SynapseGroup group, name):
    """What a state was set to by `initialize`, NaN where it was not."""
    return group._initial.get(name, np.full(group.size, np.nan))


cdef axonal_spikes(SynapseGroup group):
    """(step, cell, factor) of presynaptic spikes that are still on axons."""
    step, cell, factor = group.axons.members[group.partition].spikes(group.network.step)
    underway = step > group.network.step - group.axonal_steps
    return step[underway], cell[underway], factor[underway]


def restoring_projection(Projection projection, snapshot):
    """Check a snapshot of these connections; see `restoring_population`."""
    snapshot.check_rows(projection.size)
    for name, (step, cell, factor) in {**snapshot.spikes, **snapshot.shared}.items():
        side = projection.pre if name.startswith("axons") else projection.post
        check_indices(f"cells of {name}", cell, side.size)
        if not len(step) == len(cell) == len(factor):
            raise ValueError(f"the columns of {name} differ in length")
    parameters = snapshot.prefixed("parameter")
    delay = parameters.pop("delay steps")
    if projection.kind.DELIVERS:
        change = projection.change(parameters, None, delay)
    else:
        # what acts at a cell together with other projections was checked when it was set
        values = projection._checked(parameters, projection.size, False)
        parts = [(group, slice(None), slice(None), values, None) for group in projection.groups]
        change = None

    def take_parameters():
        if change is None:
            projection._change(values, parts, [], True, [])
        else:
            change()
        if projection.common is not None:
            projection.common.restore(snapshot.facts["common"])
    return take_parameters, lambda: take_connections(projection, snapshot)


cdef take_connections(Projection projection, snapshot):
    cdef SynapseGroup group
    projection.longest_delay = snapshot.facts["longest delay"]
    for group, positions in zip(projection.groups, projection.positions):
        own = snapshot if positions is None else snapshot.select(positions, projection.size)
        initial = own.prefixed("initial")
        group._initial = {name: values.copy() for name, values in initial.items() if not np.isnan(values).all()}
        first = group.post.block[group.partition].first
        last = group.post.block[group.partition + group.n_parts - 1].last
        step, cell, factor = snapshot.spikes[f"arrived/{group.axonal_steps}"]
        mine = (cell >= first) & (cell < last)
        group.recall(own.prefixed("private"), (step[mine], cell[mine].astype(np.int32), factor[mine]))
        group.recall_records(own.tables)
    longest = max(group.axonal_steps for group in projection.groups)
    for axons in projection.axons.members:
        step, cell, factor = snapshot.shared[f"axons/{longest}"]
        axons.restore(step, cell.astype(np.int32), factor, projection.network.step)
