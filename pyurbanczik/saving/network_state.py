"""The state of a simulation: collected from all processes, compared with the present network, and taken over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from pyNN.parameters import LazyArray

from backend_cython.engine import saving
from backend_cython.engine.saving import Piece
from backend_cython.model.snapshot import Snapshot
from backend_cython.synapses.learning import Choice

from .. import electrodes
from ..neurons.sequences import Trains
from ..parameters import exactly
from ..parameters.changes import carry_out
from ..recording.saved_recordings import DifferentRecordings
from ..simulation.simulator import State
from ..synapses import modulators

# The arrays of a snapshot.
KINDS = ("rows", "tables", "spikes", "shared")


class DifferentNetwork(ValueError):
    """A saved state is that of another network; says what differs."""


# ---- what there is


def outline(state: State) -> dict[str, Any]:
    """What must be the same in the simulation that goes on from a state, but for sizes and connections."""
    network = state.network
    labels, numbers = _labels(state), {id(population.core): i for i, population in enumerate(state.populations)}
    numbers |= {id(core): i for i, modulator in enumerate(state.modulators) for core in modulators.cores(modulator)}
    return {
        "timestep": state.dt,
        "rng_seed": network.seed,
        "populations": [
            [
                population.label,
                population.size,
                type(population.celltype).__name__,
                type(population.core).__name__,
                list(population.core.RECEPTORS),
            ]
            for population in state.populations
        ],
        "projections": [_described(core, labels, numbers) for core in network.projections.members],
        "electrodes": [[None, *electrode.outline()] for electrode in network.electrodes.members],
        "modulators": [
            [None, type(modulator).__name__, numbers.get(id(modulators.cores(modulator)[0].population))]
            for modulator in state.modulators
        ],
        "streams": list(network.streams),
    }


def _described(core, labels, numbers):
    """Label, rule, the numbers of the two populations and of the receptor, and what a rule with choices has chosen."""
    choice, chosen = getattr(core.kind, "CHOICE", Choice()), None
    if choice != Choice():
        chosen = choice._replace(modulator=choice.modulator and numbers[id(choice.modulator)])._asdict()
    ends = numbers[id(core.pre)], numbers[id(core.post)]
    return [labels.get(id(core)), core.owner, core.kind.__name__, *ends, core.receptor, chosen]


def _labels(state):
    """Labels of the projections that are at hand, by the `id` of what they are in the core."""
    return {id(part.core): own.label for own in state.projections.values() for part in own.table.parts}


def compare(there: dict[str, Any], here: dict[str, Any]) -> None:
    """Refuse the outline of another network."""
    for name, unit in (("timestep", " ms"), ("rng_seed", "")):
        if there[name] != here[name]:
            raise DifferentNetwork(f"{name} is {there[name]}{unit} there, {here[name]}{unit} here")
    # earlier versions named modulators, and no more
    there = {**there, "modulators": [[None, one] if isinstance(one, str) else one for one in there["modulators"]]}
    for kind, described in DESCRIBED.items():
        those, these = there[f"{kind}s"], here[f"{kind}s"]
        for number, (that, this) in enumerate(zip(those, these)):
            # labels are made up if none are given, with numbers that go on from one simulation to the next; what
            # earlier versions did not write is not compared
            if any(a != b for a, b in zip(that[1:], this[1:])):
                told = described(that, there, this), described(this, here, that)
                raise DifferentNetwork(f"{kind} {number}: {told[0]} there, {told[1]} here")
        if len(those) != len(these):
            raise DifferentNetwork(f"there are {len(those)} {kind}s there, {len(these)} here")
    if there["streams"] != here["streams"]:
        raise DifferentNetwork(f"streams: {there['streams']} there, {here['streams']} here")


def _population(described, whole, other):
    label, size, celltype, _, *receptors = described
    told = f"{size} {celltype} ({label!r})"
    # cells are told apart by these if by nothing else
    return f"{told} with the receptors {', '.join(*receptors)}" if described[1:4] == other[1:4] else told


def _projection(described, whole, other):
    label, rule, kind, pre, post, receptor, *chosen = described
    ends = " to ".join(repr(whole["populations"][number][0]) for number in (pre, post))
    if any(chosen):
        kind = ", ".join(f"{name}={value!r}" for name, value in chosen[0].items())
    return f"{label!r}, {rule}{f' ({kind})' * (kind != rule)} from {ends}, receptor {receptor}"


def _electrode(described, whole, other):
    _, kind, places = described
    labels = [label for label, *_ in whole["populations"]]
    cells = [
        f"cells {_ranges(indices)} of population {number} ({labels[number]!r}), compartment {compartment}"
        for number, compartment, indices in places
    ]
    return f"{kind} into {' and '.join(cells) or 'no cells'}"


def _ranges(numbers, most=20):
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) != 1) + 1)
    told = [str(run[0]) if run.size == 1 else f"{run[0]}-{run[-1]}" for run in runs[:most] if run.size]
    return ", ".join([*told, f"... ({len(numbers)})"] if len(runs) > most else told)


def _modulator(described, whole, other):
    _, kind, *source = described
    labels = {number: whole["populations"][number][0] for number in source if number is not None}
    return kind + "".join(f" of population {number} ({label!r})" for number, label in labels.items())


DESCRIBED = {
    "population": _population,
    "projection": _projection,
    "electrode": _electrode,
    "modulator": _modulator,
}


# ---- collecting


def _clock(state):
    network = state.network
    # in a callback, the run that is going on has asked for more
    asked = state.asked if state.nearest_step(state.asked) == network.step else exactly(state.t)
    return {
        "step": network.step,
        "started": bool(network.started),
        "trial": state.trial,
        "asked": asked,
        "running": state.running,
        "t_start": state.t_start,
        "segment_counter": state.segment_counter,
        "state_resets": state.state_resets,
        "delays in use": state._delays_in_use,
    }


def collect(state: State) -> tuple[dict[str, Any], dict[str, Piece]]:
    """The clock, and the state of each object by name, as far as this process has it."""
    populations, cores = saving.save(state.network)
    snapshots = {
        id(core): piece.snapshot
        for members, pieces in ((state.network.populations, populations), (state.network.projections, cores))
        for core, piece in zip(members.members, pieces, strict=True)
    }
    pieces = {f"population {i}": piece for i, piece in enumerate(populations)}
    pieces |= {f"synapses {i}": piece for i, piece in enumerate(cores)}
    for population in state.populations:
        snapshot = snapshots[id(population.core)]
        for name, values in _kept_by(population).items():
            snapshot.rows[f"given/{name}"] = np.broadcast_to(values, population.size)[population.core.local]
        for name, trains in _trains_of(population).items():
            row = np.repeat(np.arange(population.size), [len(train) for train in trains])
            snapshot.tables[f"given/{name}"] = (row, np.concatenate(trains))
        population.recorder.save(snapshots, snapshot)
    for number, projection in sorted(state.projections.items()):
        table = projection.table
        own = Snapshot()
        n = len(table)
        own.rows |= {f"given/{name}": np.broadcast_to(v, n) for name, v in table.kept().items()}
        own.rows |= {
            f"initial/{name}": np.broadcast_to(lazy.evaluate(simplify=True), n)
            for name, lazy in projection.initial_values.items()
        }
        projection._recorder.save(snapshots, own)
        pieces[f"projection {number}"] = Piece(own, (table.pre_index, table.post_index), projection.everywhere)
    kinds = (("source", state.current_sources, electrodes), ("modulator", state.modulators, modulators))
    for kind, members, module in kinds:
        for i, member in enumerate(members):
            facts, arrays = module.save(member)
            shapes = {name: list(np.shape(array)) for name, array in arrays.items()}
            tables = {name: (np.zeros(np.size(a), np.int64), np.ravel(a)) for name, a in arrays.items()}
            pieces[f"{kind} {i}"] = Piece(Snapshot({"facts": facts, "shapes": shapes}, {}, tables), (np.zeros(1),))
    return _clock(state), pieces


def _kept_by(population):
    """What users have given, as they have given it."""
    given = {name: values for name, values in population.given.items() if isinstance(values, np.ndarray)}
    initial = {f"initial {name}": lazy.evaluate(simplify=True) for name, lazy in population.initial_values.items()}
    return {**given, **initial}


def _trains_of(population):
    return {name: kept.cut() for name, kept in population.given.items() if not isinstance(kept, np.ndarray)}


def gather(state: State, pieces: dict[str, Piece]) -> dict[str, Piece] | None:
    """The whole of all pieces, in process 0; None in the others."""
    everybody = [pieces] if state.processes is None else state.processes.gather("save a state", pieces)
    if everybody is None:
        return None
    return {name: saving.join([theirs[name] for theirs in everybody]) for name in pieces}


# ---- taking over


def restoring(
    state: State, present: dict[str, Piece], clock: dict[str, Any], pieces: dict[str, Piece]
) -> Callable[[], None]:
    """Check a state, given the `present` one; a function that lets the simulation go on from it.

    Raises
    ------
    DifferentNetwork
        For another network; nothing has changed then.
    """
    if pieces.keys() != present.keys():
        differ = sorted(pieces.keys() ^ present.keys())
        raise DifferentNetwork(f"{differ[0]} is {'here' if differ[0] in present else 'there'} only")
    own = {name: _own_rows(state, name, pieces[name], present[name]) for name in present}
    for name in present:
        _compare_models(state, name, own[name], present[name].snapshot)
    network = state.network
    cells = [pieces[f"population {i}"].snapshot for i in range(len(network.populations.members))]
    synapses = [own[f"synapses {i}"] for i in range(len(network.projections.members))]
    restore_core = saving.restoring(network, cells, synapses, (clock["step"], clock["started"], clock["trial"]))
    snapshots = {id(core): own[f"population {i}"] for i, core in enumerate(network.populations.members)}
    snapshots |= {id(core): own[f"synapses {i}"] for i, core in enumerate(network.projections.members)}
    changes = []
    for i, population in enumerate(state.populations):
        changes.append(_recorder(population, snapshots, own[f"population {i}"]))
        changes.append(_giving(population, cells[i]))
    for number, projection in sorted(state.projections.items()):
        changes.append(_recorder(projection, snapshots, own[f"projection {number}"]))
        changes.append(_giving_values(projection, own[f"projection {number}"]))
    sources = []
    for i, source in enumerate(state.current_sources):
        sources.append(electrodes.restoring(source, *_facts(own[f"source {i}"])))

    def restore():
        carry_out(recorder.ending() for recorder in state.recorders)
        state.files.flush()
        restore_core()
        for name in ("asked", "running", "t_start", "segment_counter", "state_resets"):
            setattr(state, name, clock[name])
        state._delays_in_use = clock["delays in use"] and tuple(clock["delays in use"])
        for change in (*sources, *changes):
            change()
        for i, modulator in enumerate(state.modulators):
            modulators.restore(modulator, *_facts(own[f"modulator {i}"]))
        state.files.restored()

    return restore


def _facts(snapshot):
    shapes = snapshot.facts["shapes"]
    return snapshot.facts["facts"], {name: snapshot.tables[name][1].reshape(shape) for name, shape in shapes.items()}


def _own_rows(state, name, piece, present):
    """What this process takes of an object."""
    if not present.address:
        return piece.snapshot
    mine = np.arange(len(piece.address[0]))
    if not present.everywhere:
        kind, _, number = name.partition(" ")
        local = _local_cells(state, kind, int(number))
        mine = np.flatnonzero(local(piece.address[-1]))
    if not (
        len(mine) == len(present.address[0])
        and all(np.array_equal(that[mine], this) for that, this in zip(piece.address, present.address))
    ):
        raise DifferentNetwork(
            f"connections of {_label(state, name)} differ: " + _first_difference(piece, present, mine)
        )
    return piece.snapshot.select(mine, len(piece.address[0]))


def _local_cells(state, kind, number):
    """A function that tells which numbers of (postsynaptic) cells are of this process."""
    if kind == "projection":
        mask = np.asarray(state.projections[number].post.local_mask)
        return lambda cells: np.append(mask, False)[np.minimum(cells, len(mask))]
    network = state.network
    core = network.populations.members[number] if kind == "population" else network.projections.members[number].post
    return lambda cells: (cells >= core.local.start) & (cells < core.local.stop)


def _first_difference(piece, present, mine):
    there, here = (
        list(zip(*(column[mine].tolist() for column in piece.address))),
        list(zip(*map(list, present.address))),
    )
    if len(there) != len(here):
        return f"{len(there)} there, {len(here)} here"
    number = next(i for i, (that, this) in enumerate(zip(there, here)) if that != this)
    return f"number {number} is {there[number]} there, {tuple(map(int, here[number]))} here"


def _label(state, name):
    kind, _, number = name.partition(" ")
    if kind == "population":
        return f"{name} ({state.populations[int(number)].label!r})"
    if kind == "synapses":
        core = state.network.projections.members[int(number)]
        label = _labels(state).get(id(core))
        # of a projection that nobody holds any more the label is lost
        return f"projection {number} ({core.owner})" if label is None else f"projection {label!r}"
    return f"projection {state.projections[int(number)].label!r}" if kind == "projection" else name


def _compare_models(state, name, there, here):
    those, these = there.shape(), here.shape()
    if those != these and name.split()[0] in ("population", "synapses"):
        differ = sorted(key for key in those.keys() | these.keys() if those.get(key) != these.get(key))
        raise DifferentNetwork(
            f"{_label(state, name)} is of a changed model: {differ[0]!r} is {_form(those.get(differ[0]))} there, "
            f"{_form(these.get(differ[0]))} here"
        )
    if name.startswith("synapses"):
        core = state.network.projections.members[int(name.split()[1])]
        missing = {f"axons/{group.axonal_steps}" for group in core.groups if group.axonal_steps} - there.shared.keys()
        if missing:
            raise DifferentNetwork(f"axonal delays of {_label(state, name)} differ")


def _form(shape):
    return "missing" if shape is None else " ".join(map(str, shape))


def _recorder(owner, snapshots, own):
    recorder = owner.recorder if hasattr(owner, "recorder") else owner._recorder
    try:
        return recorder.restoring(snapshots, own)
    except DifferentRecordings as error:
        raise DifferentNetwork(f"{owner.label!r} {error}") from None


def _giving(population, snapshot):
    """What users have given, for those who ask for it."""
    rows, tables = snapshot.prefixed("given"), snapshot.tables

    def give():
        for name, values in rows.items():
            if name.startswith("initial "):
                population.initial_values[name.partition(" ")[2]] = _lazy(values)
            else:
                population.given[name] = np.array(values)
        for name in _trains_of(population):
            row, values = tables[f"given/{name}"]
            trains = Trains(values, np.bincount(row, minlength=population.size))
            population.celltype.keep(population, name, trains, None)

    return give


def _giving_values(projection, snapshot):
    def give():
        projection.table.keep(snapshot.prefixed("given"))
        for name, values in snapshot.prefixed("initial").items():
            projection.initial_values[name] = _lazy(values)

    return give


def _lazy(values):
    same = len(values) and (values == values[0]).all()
    return LazyArray(float(values[0]) if same else np.array(values), shape=(len(values),), dtype=float)


# ---- as plain arrays


def packed(pieces: dict[str, Piece]) -> tuple[list, list[np.ndarray]]:
    """Names and facts that JSON can hold, and arrays."""
    arrays, content = [], []
    for name, piece in pieces.items():
        snapshot, groups = piece.snapshot, {}
        for kind in KINDS:
            groups[kind] = [[key, _put(arrays, value)] for key, value in sorted(getattr(snapshot, kind).items())]
        content.append([name, snapshot.facts, groups, _put(arrays, piece.address)])
    return content, arrays


def _put(arrays, value):
    """The number of arrays added, after which they are read again: -1 for one that is no tuple."""
    several = isinstance(value, tuple)
    arrays += value if several else [value]
    return len(value) if several else -1


def unpacked(content: list, arrays: list[np.ndarray]) -> dict[str, Piece]:
    """What `packed` was given."""
    following = iter(arrays)
    pieces = {}
    for name, facts, groups, address in content:
        found = {kind: {key: _take(following, number) for key, number in groups[kind]} for kind in KINDS}
        pieces[name] = Piece(Snapshot(facts, **found), _take(following, address))
    return pieces


def _take(following: Iterator, number: int) -> Any:
    return next(following) if number < 0 else tuple(next(following) for _ in range(number))
