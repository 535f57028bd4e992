"""What several core projections or processes hold of the same connections and recordings, side by side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..storage.zarr_arrays import Table, join_columns

if TYPE_CHECKING:
    from backend_cython.engine.communicator import Processes

    from ..projections import Projection


def side_by_side(found: list, names: Iterable[str] = ()) -> Any:
    """Join samples of the same variable, start and grid into one, columns in order; they come in the order of their
    variables, as `names` has it or as they are found, and then of their start.
    """
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
    if len(joined) < 2:
        return joined
    variables = list(dict.fromkeys([*names, *(s.name for s in joined)]))
    return sorted(joined, key=lambda s: (variables.index(s.name), s.start))


def gathered(processes: Processes, doing: str, contents: list, names: Iterable[str], others: Any) -> list:
    """In process 0 the contents of all processes, in the others their own.

    `names` are those of the samples that are being recorded, in order: a process without cells of its own has none.
    `others` are those of what else is being recorded. Both must be the same in all processes.
    """
    found = processes.gather(f"{doing}: {', '.join([*names, *others])}", contents)
    if found is None:
        return contents
    return [_merge(same, names) for same in zip(*found, strict=True)]


def _merge(contents, names):
    """One segment of several processes."""
    spikes = [content.spikes for content in contents if content.spikes is not None]
    return contents[0]._replace(
        # an earlier segment may hold other variables
        samples=side_by_side([samples for content in contents for samples in content.samples], names),
        spikes=_merge_spikes(spikes) if spikes else None,
        events=[events for content in contents for events in content.events],
    )


def _merge_spikes(found):
    keys, times = _joined((spikes.table.keys, spikes.table.times) for spikes in found)
    indices, starts = _joined((spikes.indices, spikes.starts) for spikes in found)
    order = np.argsort(indices)
    return found[0]._replace(indices=indices[order], starts=starts[order], table=Table(keys, times))


def _joined(parts):
    """The columns of several parts, one part below the other."""
    return [np.concatenate(column) for column in zip(*parts)]


def numbering(projection: Projection) -> tuple:
    """Indices of the cells of all connections in canonical order, and the number of each local one among them
    (None: they are all).

    All processes must call it.
    """
    own = projection.table.pre_index, projection.table.post_index
    if projection.everywhere:
        return *own, None
    processes: Any = projection.simulation.processes
    found = processes.share(f"number the connections of {projection.label}", own)
    pre, post = _joined(found)
    order = np.lexsort((post, pre))
    numbers = np.empty_like(order)
    numbers[order] = np.arange(len(order))
    first = sum((len(index) for index, _ in found[: processes.rank]), 0)
    return pre[order], post[order], numbers[first : first + len(projection)]


def columns_of(projection: Projection, names: Iterable[str], gather: bool | str) -> Any:
    """Presynaptic and postsynaptic indices and the values of attributes, one array each: of the local connections, or
    of all in process 0 (with `gather`), or everywhere (if it is "all").
    """
    values = [np.broadcast_to(projection.table.value(name), len(projection)) for name in names]
    own = [projection.table.pre_index, projection.table.post_index, *values]
    if not gather or projection.everywhere:
        return own
    processes: Any = projection.simulation.processes
    doing = f"get {', '.join(names)} of {projection.label}"
    found = processes.share(doing, own) if gather == "all" else processes.gather(doing, own)
    if found is None:
        return own
    columns = _joined(found)
    order = np.lexsort((columns[1], columns[0]))
    return [column[order] for column in columns]
