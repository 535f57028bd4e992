"""Connections on their way from a connector to the core: collected as arrays, ordered, and cut into parts.

All connectors of PyNN work through `Collector.add`, one call a postsynaptic cell. The commonest ones, with
parameters that need no evaluation cell by cell, are short-cut; the connections, their order and their values
are the same.
"""

from contextlib import contextmanager, nullcontext
from itertools import product

import numpy as np
from pyNN import connectors
from pyNN.common import IDMixin, Population
from pyNN.random import NumpyRNG

from ..parameters import is_number
from .validation import check_list

# Type of the indices of cells, of which large projections hold many.
INDEX = np.int32


class Collector:
    """Gathers connections and their parameters, and puts them into canonical order.

    The order of connections, everywhere, is by presynaptic index, then by postsynaptic index, then as
    delivered.
    """

    def __init__(self, names):
        self.names = names
        self.pre, self.post, self.values = [], [], {name: [] for name in names}

    def add(self, pre, post, values):
        """Connections from the indices `pre` to the index (or indices) `post`."""
        pre = np.asarray(pre, dtype=INDEX)
        if not pre.size:
            return
        self.pre.append(pre)
        self.post.append(np.broadcast_to(np.asarray(post, dtype=INDEX), pre.shape))
        for name in self.names:
            self.values[name].append(values[name])

    def add_local(self, local, pre, post, values):
        """Those connections whose targets are `local` (a mask of the targets)."""
        here = local[post]
        if not here.all():
            pre, post = pre[here], post[here]
            values = {name: value[here] if np.ndim(value) else value for name, value in values.items()}
        self.add(pre, post, values)

    def finish(self):
        """``(pre, post, {name: float or array})`` in canonical order."""
        if not self.pre:
            empty = np.empty(0, dtype=INDEX)
            return empty, empty, {name: np.empty(0) for name in self.names}
        pre, post = _whole(self.pre), _whole(self.post)
        sizes = [len(chunk) for chunk in self.pre]
        values = {name: _join(chunks, sizes) for name, chunks in self.values.items()}
        step = np.diff(pre)
        if (step < 0).any() or (np.diff(post)[step == 0] < 0).any():
            order = np.lexsort((post, pre))
            pre, post = pre[order], post[order]
            values = {name: value[order] if np.ndim(value) else value for name, value in values.items()}
        return pre, post, values


def _whole(chunks):
    return chunks[0] if len(chunks) == 1 else np.concatenate(chunks)


def joined(parts):
    """One of several ``(pre, post, values)`` in canonical order."""
    collector = Collector(list(parts[0][2]))
    for part in parts:
        collector.add(*part)
    return collector.finish()


@contextmanager
def as_one_process(projection):
    """Let a connector make all connections, as if there were no other process."""
    state = projection._simulator.state
    groups = getattr(projection.post, "populations", [projection.post])
    before = state.mpi_rank, state.num_processes, [group._mask_local for group in groups]
    state.mpi_rank, state.num_processes = 0, 1
    for group in groups:
        group._mask_local = np.ones(group.size, dtype=bool)
    try:
        yield
    finally:
        state.mpi_rank, state.num_processes, masks = before
        for group, mask in zip(groups, masks):
            group._mask_local = mask


def _join(chunks, sizes):
    if all(np.ndim(chunk) == 0 for chunk in chunks):
        if all(chunk == chunks[0] for chunk in chunks):
            return float(chunks[0])
        return np.repeat(np.array(chunks, dtype=float), sizes)
    return np.concatenate(
        [np.broadcast_to(np.asarray(chunk, dtype=float), (size,)) for chunk, size in zip(chunks, sizes)]
    )


def index_of(population, cell):
    """The index of a cell that a connector names by its ID (as PyNN's CSAConnector does) or by its index."""
    return int(population.id_to_index(cell)) if isinstance(cell, IDMixin) else cell


def connect(projection, connector, collector):
    """Let `connector` fill `collector`, by a short cut where there is one."""
    shortcut = SHORTCUTS.get(type(connector))
    if (
        shortcut is None
        or connector.location_selector is not None
        or connector.callback is not None
        or not shortcut(projection, connector, collector)
    ):
        # the others look after what is local themselves, and draw the same random numbers in every process
        divided = isinstance(connector, connectors.FixedTotalNumberConnector)
        with as_one_process(projection) if divided else nullcontext():
            connector.connect(projection)


def _plain_parameters(projection):
    """The parameters that are numbers or arrays of the shape of the projection; None if there are others."""
    values = {}
    for name, lazy in projection.synapse_type.parameter_space.items():
        value = lazy.base_value
        if lazy.operations or not (
            is_number(value) or (isinstance(value, np.ndarray) and value.shape == projection.shape)
        ):
            return None
        values[name] = float(value) if is_number(value) else value
    return values


def _all_to_all(projection, connector, collector):
    parameters = _plain_parameters(projection)
    if parameters is None:
        return False
    n_pre, local = projection.shape[0], np.flatnonzero(projection.local_targets).astype(INDEX)
    pre = np.repeat(np.arange(n_pre, dtype=INDEX), len(local))
    post = np.tile(local, n_pre)
    if not connector.allow_self_connections:
        itself = (projection.pre.all_cells[:, np.newaxis] == projection.post.all_cells[local]).ravel()
        pre, post = pre[~itself], post[~itself]
    collector.add(
        pre, post, {name: value[pre, post] if np.ndim(value) else value for name, value in parameters.items()}
    )
    return True


def _one_to_one(projection, connector, collector):
    parameters = _plain_parameters(projection)
    if parameters is None:
        return False
    index = np.arange(min(projection.shape))
    collector.add_local(
        projection.local_targets,
        index,
        index,
        {name: value[index, index] if np.ndim(value) else value for name, value in parameters.items()},
    )
    return True


def _from_list(projection, connector, collector):
    synapse_type = projection.synapse_type
    for name in connector.column_names:
        synapse_type.check_name(name)
    table = np.asarray(connector.conn_list, dtype=float)
    if not table.size:
        return True
    check_list(table, projection.pre.size, projection.post.size)
    given = dict(zip(connector.column_names, table[:, 2:].T))
    values = {}
    for name, lazy in synapse_type.parameter_space.items():
        if name in given:
            values[name] = given[name]
        elif is_number(lazy.base_value) and not lazy.operations:
            values[name] = float(lazy.base_value)
        else:
            return False
    pre, post = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
    collector.add_local(projection.local_targets, pre, post, values)
    return True


def _fixed_total_number(projection, connector, collector):
    rng = connector.rng
    if type(rng) is not NumpyRNG or not isinstance(connector.n, int):
        return False
    n = int(rng.next(None, "binomial", {"n": connector.n, "p": 1.0}))
    sources, targets = alternating_integers(rng.rng, n, projection.shape)
    ends = np.cumsum(np.bincount(targets, minlength=projection.post.size))
    columns = np.split(sources[np.argsort(targets, kind="stable")], ends[:-1])
    connector._standard_connect(
        projection, lambda mask=None: columns if mask is None else [columns[i] for i in np.flatnonzero(mask)]
    )
    return True


def alternating_integers(random_state, n, bounds):
    """What `n` pairs of calls ``randint(bounds[0])``, ``randint(bounds[1])`` of a `RandomState` return.

    Returns
    -------
    ndarray of int64, shape (2, n)

    Notes
    -----
    NumPy keeps the numbers of `RandomState` for good: an integer below a bound is the first of its 32-bit words that is
    small enough when only as many low bits are looked at as the largest possible value has.
    """
    if bounds[0] == bounds[1]:
        return random_state.randint(bounds[0], size=2 * n).reshape(n, 2).T
    largest = [bound - 1 for bound in bounds]
    masks = [(1 << value.bit_length()) - 1 for value in largest]
    found, side, used = ([], []), 0, 0
    before = random_state.get_state()
    while len(found[1]) < n:
        words = random_state.randint(1 << 32, size=2 * (n - len(found[1])) + 16, dtype=np.uint32).tolist()
        for word in words:
            # a bound of 1 takes no word
            while not largest[side] and len(found[1]) < n:
                found[side].append(0)
                side = 1 - side
            if len(found[1]) == n:
                break
            used += 1
            value = word & masks[side]
            if value <= largest[side]:
                found[side].append(value)
                side = 1 - side
    # words that were drawn ahead are not used up
    random_state.set_state(before)
    random_state.randint(1 << 32, size=used, dtype=np.uint32)
    return np.array(found, dtype=np.int64)


SHORTCUTS = {
    connectors.AllToAllConnector: _all_to_all,
    connectors.OneToOneConnector: _one_to_one,
    connectors.FromListConnector: _from_list,
    connectors.FixedTotalNumberConnector: _fixed_total_number,
}


class Part:
    """Connections between one population and the cells that one thread has of another, with one delay on the
    axon: what the core can hold in one piece.
    """

    def __init__(self, pre, post, pre_index, post_index, positions, axonal):
        self.pre = pre
        self.post = post
        self.pre_index = pre_index
        self.post_index = post_index
        self.positions = positions  # of its connections among all; None means all, in order
        self.axonal = axonal

    def pick(self, value):
        """The values of this part's connections."""
        return value if self.positions is None or not np.ndim(value) else value[self.positions]


def members(group):
    """``[(population, indices in it), ...]`` of a population, view or assembly, in the order of its cells."""
    parts = getattr(group, "populations", [group])
    return [(part, None) if isinstance(part, Population) else (part._population, part._indices) for part in parts]


def cut(pre_group, post_group, pre, post, axonal, by_partition=True):
    """Cut connections (canonical order) into `Part` objects.

    `axonal` is 0 or an array of steps; `by_partition` tells whether the core wants each partition's targets apart.
    """
    pre_members, post_members = members(pre_group), members(post_group)
    n = len(pre)
    axons = np.unique(axonal) if np.ndim(axonal) else np.array([axonal])
    pre_member, pre_index = _locate(pre_members, pre)
    post_member, post_index = _locate(post_members, post)
    parts = []
    for a, (pre_population, _) in enumerate(pre_members):
        for b, (post_population, _) in enumerate(post_members):
            partition, n_partitions = 0, 1
            if by_partition and post_population._core.n_partitions > 1:
                here = post_index if np.ndim(post_member) == 0 else np.where(post_member == b, post_index, 0)
                partition, n_partitions = post_population._core.partitions_of(here), post_population._core.n_partitions
            for steps, number in product(axons, range(n_partitions)):
                chosen = np.ones(n, dtype=bool)
                for labels, wanted in ((pre_member, a), (post_member, b), (axonal, steps), (partition, number)):
                    if np.ndim(labels):
                        chosen &= labels == wanted
                if not chosen.any():
                    continue
                positions = None if chosen.all() else np.flatnonzero(chosen)
                source = pre_index if positions is None else pre_index[positions]
                target = post_index if positions is None else post_index[positions]
                step = np.diff(source)
                if (step < 0).any() or (np.diff(target)[step == 0] < 0).any():
                    # the cells of a view need not be in the order of their population
                    order = np.lexsort((target, source))
                    source, target = source[order], target[order]
                    positions = order if positions is None else positions[order]
                parts.append(Part(pre_population, post_population, source, target, positions, int(steps)))
    return parts


def streams(network, n_pre, n_post, pre, post):
    """A random stream for each connection (canonical order), however they will be cut.

    It depends on its cells alone, and on its place among connections between the same two.
    """
    pair = pre.astype(np.int64) * n_post + post
    place = np.arange(len(pair)) - np.searchsorted(pair, pair, "left")
    first = np.uint64(network.take_connection_streams())
    return first + (pair + place * (n_pre * n_post)).astype(np.uint64)


def _locate(group, index):
    """For indices in a group: the number of the member (0 if there is but one) and the index in its
    population.
    """
    if len(group) == 1:
        indices = group[0][1]
        return 0, index if indices is None else indices[index]
    sizes = [population.size if indices is None else len(indices) for population, indices in group]
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    member = np.searchsorted(bounds, index, side="right") - 1
    where = np.concatenate(
        [np.arange(population.size) if indices is None else indices for population, indices in group]
    )
    return member, where[index]


def within(positions, where):
    """For a part: which of its connections are meant (None: all), and where their values stand.

    `positions` are the numbers of the part's connections among all (None: in order), `where` the numbers of
    the connections that are meant (None: all).
    """
    if where is None:
        return None, slice(None) if positions is None else positions
    if positions is None:
        return where, slice(None)
    chosen = np.flatnonzero(np.isin(positions, where))
    order = np.argsort(where, kind="stable")
    return chosen, order[np.searchsorted(where[order], positions[chosen])]
