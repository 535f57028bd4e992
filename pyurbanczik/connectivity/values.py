"""Values of the parameters of new connections, all at once where PyNN evaluates them target by target.

They are the same: random numbers come from a copy of their generator, in the order in which PyNN draws them.
"""

from __future__ import annotations

from copy import deepcopy
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN.random import MAX_REDRAWS, NumpyRNG, RandomDistribution

from backend_cython.numerics.redraws import within

if TYPE_CHECKING:
    from ..projections import Projection

# One that takes over the states of others.
_generator = np.random.RandomState()


def plain_parameters(projection: Projection, drawn: bool = False) -> dict[str, Any] | None:
    """The parameters that are numbers or arrays of the shape of the projection; None if there are others.

    Distributions are allowed as well if values may be `drawn`.
    """
    values = {}
    for name, lazy in projection.synapse_type.parameter_space.items():
        value = lazy.base_value
        is_array = isinstance(value, np.ndarray) and value.shape == projection.shape
        is_drawn = drawn and type(value) is RandomDistribution
        if lazy.operations or not (isinstance(value, float) or is_array or is_drawn):
            return None
        values[name] = value
    return values


def parameters_at_once(projection: Projection, connector: Any) -> dict[str, Any] | None:
    """The parameters if a connector need not go from target to target, else None."""
    if connector.callback or projection.simulation.processes is not None:
        return None
    return plain_parameters(projection, drawn=True)


def copied(parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters with distributions as they are now, whatever their generators draw until values are needed.

    PyNN copies each by itself, so that no two of them draw from one generator.
    """
    return {
        name: _Copy(value) if isinstance(value, RandomDistribution) else value for name, value in parameters.items()
    }


def picked(parameters: dict[str, Any], pre: np.ndarray, post: np.ndarray) -> dict[str, Any]:
    """Of parameters that are not drawn, the values of these connections."""
    return {name: value[pre, post] if np.ndim(value) else value for name, value in parameters.items()}


def add_by_target(projection: Projection, parameters: dict[str, Any], pre: np.ndarray, sizes: Any) -> None:
    """Add connections from `pre`, of which sizes[0] go to the first target, the next sizes[1] to the second, …

    Distributions among the parameters must be `copied`.
    """
    if not pre.size:
        return
    sizes = np.asarray(sizes, dtype=np.int64)
    post = np.repeat(np.arange(len(sizes), dtype=pre.dtype), sizes)
    values = {}
    for name, value in parameters.items():
        if isinstance(value, _Copy):
            value = projection.synapse_type.entry(name).convert(value.draw(sizes[sizes > 0]))
        values[name] = value[pre, post] if np.ndim(value) == 2 else value
    projection.collector.add(pre, post, values)


class _Copy:
    """A distribution that starts from the present state of its generator, which does not go on."""

    def __init__(self, distribution: RandomDistribution) -> None:
        # to copy a generator takes longer than most draws, since NumPy seeds the copy first
        self.state = _state_of(distribution.rng)
        self.distribution = deepcopy(distribution) if self.state is None else distribution

    def draw(self, sizes: np.ndarray) -> np.ndarray:
        """As many numbers as the `sizes` say, one size after the other."""
        distribution, rng = self.distribution, self.distribution.rng
        if self.state is None:
            return _draw_by_size(distribution, sizes)
        given, rng.rng = rng.rng, _generator
        try:
            _generator.set_state(self.state)
            found = _draw_at_once(distribution, sizes)
            return _draw_by_size(distribution, sizes) if found is None else found
        finally:
            rng.rng = given


def _state_of(rng):
    """The state of a generator of PyNN that works as NumPy's `RandomState`; None of any other."""
    if type(rng) is not NumpyRNG or type(rng.rng) is not np.random.RandomState:
        return None
    state = rng.rng.get_state(legacy=False)
    return state if state["bit_generator"] == "MT19937" else None


def _draw_by_size(distribution, sizes):
    return np.concatenate([distribution.next(size) for size in sizes.tolist()])


def _draw_at_once(distribution, sizes):
    """All numbers with fewest calls; None, and nothing is drawn, if that is impossible."""
    if not all(isinstance(value, Real) for value in distribution.parameters.values()):
        return None
    total = int(sizes.sum())
    if distribution.name != "normal_clipped":
        # one number after the other, however many are asked for
        return distribution.next(total)
    mu, sigma, low, high = (distribution.parameters[name] for name in ("mu", "sigma", "low", "high"))
    generator = distribution.rng.rng
    state = generator.get_state(legacy=False)
    found, ahead = np.empty(total), np.empty(0)
    part = made = 0
    while part < len(sizes):
        ahead = np.concatenate([ahead, generator.normal(mu, sigma, total - made)])
        before = part
        part, used = within(ahead, sizes, part, low, high, MAX_REDRAWS, found[made:])
        if used < 0:
            # which PyNN refuses
            generator.set_state(state)
            return None
        made += int(sizes[before:part].sum())
        ahead = ahead[used:]
    return found
