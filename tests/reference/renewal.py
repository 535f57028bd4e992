"""Renewal processes: the times at which the hazard, integrated since the last spike, uses up each draw."""

from functools import partial
from itertools import pairwise

import numpy as np
from scipy import stats
from scipy.optimize import brentq


class GammaLaw:
    """Intervals with a shape and a scale (ms)."""

    def __init__(self, shape, scale):
        self.shape, self.scale = shape, scale

    def hazard(self, age):
        """Integrated from age 0 on."""
        return -stats.gamma.logsf(age, self.shape, scale=self.scale)

    def stationary_age(self, draws):
        """An arbitrary time meets an interval with a probability in proportion to its length (x times a gamma
        density is one of shape + 1), and lies anywhere in it."""
        return stats.gamma.isf(next(draws), self.shape + 1, scale=self.scale) * next(draws)


class DeadTimeLaw:
    """Intervals of a dead time plus an exponential one, with a given mean (ms)."""

    def __init__(self, mean, dead):
        self.mean, self.dead = mean, dead

    def hazard(self, age):
        return max(0.0, age - self.dead) / (self.mean - self.dead)

    def stationary_age(self, draws):
        return min(self.dead, self.mean * next(draws))


def times(laws, draws, start, stop):
    """Spike times in [start, stop).

    laws    [(begin, law)]: each law holds from its begin on until that of the next
    draws   iterator of uniform numbers on (0, 1]
    """
    begins = [begin for begin, _ in laws]

    def left_of(draw, last, since, until):
        edges = [since, *(begin for begin in begins if since < begin < until), until]
        for left, right in pairwise(edges):
            law = laws[max(0, np.searchsorted(begins, left, side="right") - 1)][1]
            draw -= law.hazard(right - last) - law.hazard(left - last)
        return draw

    at = start
    first = laws[max(0, np.searchsorted(begins, start, side="right") - 1)][1]
    last = start - first.stationary_age(draws)
    found = []
    while True:
        draw = -np.log(next(draws))
        until = min(stop, at + 1.0)
        while left_of(draw, last, at, until) >= 0.0:
            if until == stop:
                return np.array(found)
            until = min(stop, 2.0 * until - at)
        remaining = partial(left_of, draw, last, at)
        at = last = brentq(remaining, at, until, xtol=1e-11, rtol=1e-14)
        found.append(at)
