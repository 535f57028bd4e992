"""Random numbers for values of parameters: the simulator's own generator; and PyNN's without need of MPI."""

import copyreg
import functools
from copy import deepcopy
from typing import Any

import numpy as np
from pyNN import random

from .parameters import Entry, check_choice
from .simulation import simulator


class NativeRNG(random.WrappedRNG, random.NativeRNG):
    """The simulator's own generator of random numbers for parameters, initial values and connectors.

    A counter-based generator (Philox), which knows all distributions of PyNN. What it draws is the same on every
    platform, and belongs to this simulator: `NumpyRNG` gives the same numbers in all simulators.

    Parameters
    ----------
    seed : int, optional
        Without one, the seed follows from `rng_seed` of :func:`setup` and from how many generators without a seed
        have been made since: the same script draws the same numbers, and no two generators are alike.
    parallel_safe : bool, optional
        Whether several processes draw the same numbers, so that together they make the network that a single one
        makes. Otherwise each has numbers of its own.
    """

    def __init__(self, seed: int | None = None, parallel_safe: bool = True) -> None:
        super().__init__(seed, parallel_safe)
        key = [seed] if seed is not None else [simulator.state.rng_seed, next(simulator.state.generators_made)]
        if seed is None and not parallel_safe:
            key.append(self.mpi_rank)
        self.rng = np.random.Generator(np.random.Philox(np.random.SeedSequence([abs(k) for k in key])))

    def _next(self, distribution, n, parameters):
        check_choice(f"{type(self).__name__}.next", "distribution", distribution, random.available_distributions)
        expected = random.available_distributions[distribution]
        if set(parameters) != set(expected):
            raise KeyError(f"{distribution!r} needs the parameters {expected}, not {tuple(parameters)}")
        owner = f"{type(self).__name__}.{distribution}"
        for name, value in parameters.items():
            Entry(owner, name).convert(value)
        return getattr(self, f"_{distribution}")(size=n, **parameters)

    def _binomial(self, n, p, size):
        return self.rng.binomial(n, p, size)

    def _gamma(self, k, theta, size):
        return self.rng.gamma(k, theta, size)

    def _exponential(self, beta, size):
        return self.rng.exponential(beta, size)

    def _lognormal(self, mu, sigma, size):
        return self.rng.lognormal(mu, sigma, size)

    def _normal(self, mu, sigma, size):
        return self.rng.normal(mu, sigma, size)

    def _normal_clipped(self, mu, sigma, low, high, size):
        return self._clipped(functools.partial(self.rng.normal, mu, sigma), low, high, size)

    def _normal_clipped_to_boundary(self, mu, sigma, low, high, size):
        return np.clip(self.rng.normal(mu, sigma, size), low, high)

    def _poisson(self, lambda_, size):
        return self.rng.poisson(lambda_, size)

    def _uniform(self, low, high, size):
        return self.rng.uniform(low, high, size)

    def _uniform_int(self, low, high, size):
        return self.rng.integers(low, high, size)

    def _vonmises(self, mu, kappa, size):
        return self.rng.vonmises(mu, kappa, size)

    # what connectors ask for besides distributions

    def permutation(self, x: Any) -> np.ndarray:
        """A sequence, or the numbers below an integer, in random order."""
        return self.rng.permutation(x)

    def shuffle(self, x: Any) -> None:
        """Bring a sequence into random order in place."""
        self.rng.shuffle(x)

    def choice(self, *arguments: Any, **keywords: Any) -> Any:
        """Random elements; see `numpy.random.Generator.choice`."""
        return self.rng.choice(*arguments, **keywords)


def do_without_mpi() -> None:
    """Tell PyNN's generators the rank of this process.

    They would import mpi4py, which a single process need not have, and which may find no MPI library.
    """
    random.get_mpi_config = lambda: (simulator.state.mpi_rank, simulator.state.num_processes)


def _made_again(cls, values):
    rng = cls.__new__(cls)
    # which also binds methods to the generator itself
    random.AbstractRNG.__init__(rng, values["seed"])
    rng.__dict__.update(values)
    return rng


def _reduced(rng):
    values = {name: value for name, value in vars(rng).items() if not callable(value)}
    return _made_again, (type(rng), {**values, "rng": deepcopy(rng.rng)})


def copy_generators() -> None:
    """Let generators be copied and pickled: each copy draws for itself what the other one will draw."""
    for cls in (random.NumpyRNG, NativeRNG):
        copyreg.pickle(cls, _reduced)
