"""Connections of all connectors: process 0 writes what they are, gathered, to the file that is named.

``python -m tests.mpi.connectors FILE``
"""

import pickle
import sys

import numpy as np

import pyurbanczik as sim
from pyurbanczik.random_numbers import NativeRNG


class ThirdDiagonals(sim.IndexBasedExpression):
    def __call__(self, i, j):
        return 1.0 * ((i + j) % 3 == 0)


def connectors(rng):
    return [
        sim.AllToAllConnector(),
        sim.AllToAllConnector(allow_self_connections=False),
        sim.OneToOneConnector(),
        sim.FixedProbabilityConnector(0.3, rng=rng),
        sim.FixedTotalNumberConnector(17, rng=rng),
        sim.FixedTotalNumberConnector(17, rng=rng, allow_self_connections=False),
        sim.FixedTotalNumberConnector(17, rng=rng, with_replacement=False),
        sim.FixedNumberPreConnector(2, "NoMutual", rng=rng),
        sim.FixedNumberPostConnector(2, "NoMutual", rng=rng),
        sim.FixedNumberPreConnector(3, rng=rng),
        sim.FixedNumberPreConnector(3, rng=rng, with_replacement=True),
        sim.FixedNumberPreConnector(2, rng=rng, allow_self_connections=False),
        sim.FixedNumberPostConnector(3, rng=rng),
        sim.FixedNumberPostConnector(3, rng=rng, with_replacement=True),
        sim.FixedNumberPostConnector(3, rng=rng, allow_self_connections=False),
        sim.DistanceDependentProbabilityConnector("exp(-d/2)", rng=rng),
        sim.DisplacementDependentProbabilityConnector(lambda d: np.exp(-abs(d[0]) - abs(d[1])), rng=rng),
        sim.IndexBasedProbabilityConnector(ThirdDiagonals(), rng=rng),
        sim.SmallWorldConnector(2.0, 0.3, rng=rng),
        sim.FromListConnector([(0, 1, 0.1), (3, 3, 0.2), (2, 5, 0.3), (2, 5, 0.4)], column_names=["weight"]),
        sim.FromListConnector([(0, 1), (3, 3), (2, 5)]),
        sim.ArrayConnector(np.arange(81).reshape(9, 9) % 4 == 0),
    ]


def main(file):
    found = []
    for make in (sim.NumpyRNG, NativeRNG):
        sim.setup()
        grid = sim.Population(9, sim.IF_cond_exp(), structure=sim.Grid2D())
        line, sources = sim.Population(14, sim.IF_cond_exp()), sim.Population(6, sim.SpikeSourcePoisson())
        rng = make(seed=7)
        weights = (sim.RandomDistribution("normal_clipped", (0.1, 0.05, 0.0, 1.0), rng=rng), 0.1, "0.1 * d")
        for pre, post in ((grid, grid), (sources, line), (grid[2:7], line[1::2]), (line, grid + line[3:6])):
            for connector in connectors(rng):
                fits = {sim.ArrayConnector: post is grid}
                for weight in weights if fits.get(type(connector), True) else ():
                    projection = sim.Projection(pre, post, connector, sim.StaticSynapse(weight=weight, delay=0.5))
                    found.append((type(connector).__name__, projection.size(), projection.get("weight", "list")))
    if sim.rank() == 0:
        with open(file, "wb") as stream:
            pickle.dump(found, stream)


if __name__ == "__main__":
    main(sys.argv[1])
