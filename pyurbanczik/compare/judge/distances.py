"""Distances between spike trains."""

from __future__ import annotations

import numpy as np

LARGEST = 50  # trains of which distances are computed
TIME_CONSTANT = 10.0  # ms, of the van Rossum distance

Spikes = tuple[np.ndarray, np.ndarray]


def mean_distances(ours: Spikes, theirs: Spikes, duration: float) -> dict[str, float]:
    """Means over cells of both distances; of the first `LARGEST` cells that fire.

    Parameters
    ----------
    ours, theirs : (cells, times)
        Index of the cell, and time in ms, of each spike.
    duration : float
        ms.
    """
    firing = np.unique(np.concatenate([ours[0], theirs[0]]))[:LARGEST]
    pairs = [[np.unique(times[cells == cell]) for cells, times in (ours, theirs)] for cell in firing]
    if not pairs or duration <= 0.0:
        return {}
    return {
        "van Rossum distance": float(np.mean([van_rossum_distance(a, b) for a, b in pairs])),
        "SPIKE distance": float(np.mean([spike_distance(a, b, duration) for a, b in pairs])),
    }


def van_rossum_distance(a: np.ndarray, b: np.ndarray, tau: float = TIME_CONSTANT) -> float:
    r"""Distance of van Rossum (2001) between two sorted trains, such that a single spike against none has 1.

    .. math::
        D^2 = \sum_{ij} s_i s_j e^{-|t_i - t_j| / \tau},

    where s is 1 for spikes of one train and -1 for those of the other.
    """
    times = np.concatenate([a, b])
    signs = np.repeat([1.0, -1.0], [len(a), len(b)])
    order = np.argsort(times, kind="stable")
    decays = np.exp(-np.diff(times[order]) / tau)
    total = trace = 0.0
    for sign, decay in zip(signs[order].tolist(), [1.0, *decays.tolist()]):
        trace *= decay
        total += sign * (sign + 2.0 * trace)
        trace += sign
    return float(np.sqrt(max(total, 0.0)))


def spike_distance(a: np.ndarray, b: np.ndarray, duration: float) -> float:
    """SPIKE distance of Kreuz et al. (2013) between two sorted trains in (0, duration): 0 for equal ones, at most 1."""
    trains = [np.unique(np.concatenate([[0.0], train, [duration]])) for train in (a, b)]
    edges = np.unique(np.concatenate(trains))
    middles = 0.5 * (edges[1:] + edges[:-1])
    intervals, lines = [], []
    for train, other in (trains, trains[::-1]):
        nearest = np.min(np.abs(train[:, None] - other[None, :]), axis=1)
        before = np.searchsorted(train, middles, side="right") - 1
        start, end = train[before], train[before + 1]
        intervals.append(end - start)
        lines.append(
            [
                (nearest[before] * (end - at) + nearest[before + 1] * (at - start)) / (end - start)
                for at in (edges[:-1], edges[1:])
            ]
        )
    mean = 0.5 * (intervals[0] + intervals[1])
    at_ends = [(lines[0][k] * intervals[1] + lines[1][k] * intervals[0]) / (2.0 * mean**2) for k in (0, 1)]
    return float(np.sum(0.5 * (at_ends[0] + at_ends[1]) * np.diff(edges)) / duration)
