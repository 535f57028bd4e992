"""Connections as arrays in canonical order.

The order of connections, everywhere, is by presynaptic index, then by postsynaptic index, then as delivered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN.common import IDMixin

from backend_cython.numerics.sorting import are_in_order, by_key

from ..parameters import InvalidConnectionError
from ..parameters.hints import Cells

if TYPE_CHECKING:
    from ..projections import Projection

# Type of the indices of cells, of which large projections hold many.
INDEX = np.int32
# Cells up to which counting costs no time.
FEW = 10_000


class Collector:
    """Gathers connections and their parameters, and puts them into canonical order."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = names
        self.pre, self.post, self.values = [], [], {name: [] for name in names}

    def add(self, pre: np.ndarray, post: np.ndarray, values: Mapping[str, Any]) -> None:
        """Connections from the indices `pre` to the index (or indices) `post`."""
        pre = np.asarray(pre, dtype=INDEX)
        if not pre.size:
            return
        self.pre.append(pre)
        self.post.append(np.broadcast_to(np.asarray(post, dtype=INDEX), pre.shape))
        for name in self.names:
            self.values[name].append(values[name])

    def add_local(self, local: np.ndarray, pre: np.ndarray, post: np.ndarray, values: Mapping[str, Any]) -> None:
        """Those connections whose targets are `local` (a mask of the targets)."""
        here = local[post]
        if not here.all():
            pre, post = pre[here], post[here]
            values = {name: value[here] if np.ndim(value) else value for name, value in values.items()}
        self.add(pre, post, values)

    def finish(self) -> tuple:
        """``(pre, post, {name: float or array})`` in canonical order."""
        if not self.pre:
            empty = np.empty(0, dtype=INDEX)
            return empty, empty, {name: np.empty(0) for name in self.names}
        pre, post = _whole(self.pre), _whole(self.post)
        sizes = [len(chunk) for chunk in self.pre]
        values = {name: _join(chunks, sizes) for name, chunks in self.values.items()}
        if not are_in_order(pre, post):
            varied = [name for name, value in values.items() if np.ndim(value)]
            pre, (post, *columns) = _ordered(pre, post, [post, *(values[name] for name in varied)])
            values.update(zip(varied, columns))
        return pre, post, values


def _ordered(pre, post, columns):
    """`pre` and columns in canonical order."""
    if min(pre.min(), post.min()) < 0 or max(pre.max(), post.max()) > 2 * len(pre) + FEW:
        # few connections between many cells, or indices that are no cells, which is checked later
        order = np.lexsort((post, pre))
        return pre[order], [column[order] for column in columns]
    # connectors deliver target by target
    if (post[1:] < post[:-1]).any():
        (pre, *columns), _ = by_key(post, post.max() + 1, [pre, *columns])
    columns, counts = by_key(pre, pre.max() + 1, columns)
    return np.repeat(np.arange(len(counts), dtype=INDEX), counts), columns


def _whole(chunks):
    return np.ascontiguousarray(chunks[0] if len(chunks) == 1 else np.concatenate(chunks))


def _is_column(values, size):
    """Whether it is an array of so many float64, one behind the other."""
    return (
        isinstance(values, np.ndarray)
        and values.dtype == np.float64
        and values.shape == (size,)
        and values.flags.c_contiguous
    )


def _join(chunks, sizes):
    if len(chunks) == 1 and (isinstance(chunks[0], float) or _is_column(chunks[0], sizes[0])):
        return chunks[0]
    if all(np.ndim(chunk) == 0 for chunk in chunks):
        if all(chunk == chunks[0] for chunk in chunks):
            return float(chunks[0])
        return np.repeat(np.array(chunks, dtype=float), sizes)
    return np.concatenate(
        [np.broadcast_to(np.asarray(chunk, dtype=float), (size,)) for chunk, size in zip(chunks, sizes)]
    )


def joined(parts: list) -> tuple:
    """One of several ``(pre, post, values)`` in canonical order."""
    collector = Collector(list(parts[0][2]))
    for part in parts:
        collector.add(*part)
    return collector.finish()


def check_indices(owner: str, name: str, pre: np.ndarray, post: np.ndarray, shape: tuple[int, ...]) -> None:
    """Refuse indices of cells that do not exist; `name` is the argument of `owner` that brought them."""
    for index, side, size in ((pre, "presynaptic", shape[0]), (post, "postsynaptic", shape[1])):
        if not index.size or (index.dtype.kind in "iu" and index.min() >= 0 and index.max() < size):
            continue
        wrong = ~((index >= 0) & (index < size) & (index == np.rint(index)))
        if wrong.any():
            raise InvalidConnectionError(
                f"{owner}.{name}: {side} index {index[wrong][0]:g} is not allowed; "
                f"it must be an integer from 0 to {size - 1}"
            )


def index_of(population: Cells, cell: Any) -> int:
    """The index of a cell that a connector names by its ID (as PyNN's CSAConnector does) or by its index."""
    return int(population.id_to_index(cell)) if isinstance(cell, IDMixin) else cell


def same_cells(projection: Projection) -> tuple:
    """For each target the index of the same cell among the sources, and the other way round; -1 if it is not there."""
    pre, post = (group.all_cells.astype(np.int64) for group in (projection.pre, projection.post))
    _, at_pre, at_post = np.intersect1d(pre, post, assume_unique=True, return_indices=True)
    pre_of_post, post_of_pre = np.full(len(post), -1), np.full(len(pre), -1)
    pre_of_post[at_post], post_of_pre[at_pre] = at_pre, at_post
    return pre_of_post, post_of_pre


@contextmanager
def as_one_process(projection: Projection) -> Iterator[Any]:
    """Let a connector make all connections, as if there were no other process."""
    state = projection.simulation
    groups = projection.post.members
    before = state.mpi_rank, state.num_processes, [group.local_mask for group in groups]
    state.mpi_rank, state.num_processes = 0, 1
    for group in groups:
        group.local_mask = np.ones(group.size, dtype=bool)
    try:
        yield
    finally:
        state.mpi_rank, state.num_processes, masks = before
        for group, mask in zip(groups, masks):
            group.local_mask = mask
