"""Connections on their way to the core, cut into parts."""

from itertools import product

import numpy as np
from pyNN.common import Population


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
