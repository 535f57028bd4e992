"""Connectors that decide on each pair of cells by a probability."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy, deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN import connectors
from pyNN.connectors import Connector
from pyNN.core import IndexBasedExpression
from pyNN.parameters import LazyArray
from pyNN.random import NumpyRNG, RandomDistribution

from ..parameters import refuse
from ..parameters.expressions import Expression
from .base import CheckedConnector, allowed_pairs, arguments_of
from .connection_list import INDEX
from .space import displacements
from .values import add_by_target, copied, parameters_at_once

if TYPE_CHECKING:
    from ..projections import Projection

PROBABILITY = "a probability, from 0 to 1"
# Random numbers that are drawn at once, if it does not matter.
AT_ONCE = 1 << 18
# Sums and products of floats may yield a little more than the 1 that is meant.
ROUNDING = 1e-9


def function_of_d(expression: Any) -> Callable[..., Any]:
    """A function of the array `d`, from the text of an expression or from a function."""
    return expression if callable(expression) else Expression(expression)


def yielded(
    owner: str, name: str, expression: Any, function: Callable[[], Any], shape: tuple[int, ...]
) -> float | np.ndarray:
    """The probabilities that a function yields, one for all or those of an array of that shape, all of them checked."""
    try:
        with np.errstate(all="ignore"):
            found = np.asarray(function())
    except Exception as error:
        refuse(owner, name, f"{expression!r}, which fails ({type(error).__name__}: {error}),", PROBABILITY)
    if found.size != 1 and found.shape != shape:
        refuse(owner, name, f"{expression!r}, which yields an array of shape {found.shape},", f"of shape {shape}")
    if found.dtype.kind not in "biuf":
        refuse(owner, name, f"{expression!r}, which yields {found!r},", PROBABILITY)
    wrong = ~((found >= 0) & (found <= 1 + ROUNDING))
    if wrong.any():
        refuse(owner, name, f"{expression!r}, which yields {found[wrong].flat[0]:g},", PROBABILITY)
    return found


class _ProbabilityConnector(CheckedConnector):
    def _connect_by(self, projection, probability, distance_map=None):
        """Connect pairs for which a random number from 0 to 1 is below their `probability`."""
        number = LazyArray(RandomDistribution("uniform", (0, 1), rng=self.rng), projection.shape)
        connection_map = number < probability
        if self.allow_self_connections is not True:
            connection_map *= LazyArray(allowed_pairs(projection, self.allow_self_connections))
        self._connect_with_map(projection, connection_map, distance_map)


class FixedProbabilityConnector(_ProbabilityConnector, connectors.FixedProbabilityConnector):
    """Connects each pair of cells with the same probability.

    Parameters
    ----------
    p_connect : float
        From 0 to 1.
    allow_self_connections : bool or "NoMutual"
        Whether a cell may be connected to itself; "NoMutual": nor a pair of cells in both directions.
    rng : pyNN.random.AbstractRNG, optional
        Decides on the connections.
    location_selector, safe, callback
        As for all connectors: None; no meaning (values are always checked); a function that is called with the
        part of the work that is done, from 0 to 1.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For values that are not allowed.
    """

    __init__ = arguments_of(connectors.FixedProbabilityConnector)

    def connect(self, projection: Projection) -> None:
        """Connect up a projection."""
        parameters = parameters_at_once(projection, self)
        if parameters is None or type(self.rng) is not NumpyRNG:
            self._connect_by(projection, self.p_connect)
            return
        n_pre, n_post = projection.shape
        allowed = None
        if self.allow_self_connections is not True:
            allowed = allowed_pairs(projection, self.allow_self_connections).T.ravel()
        # the same numbers as for one target after the other, from a copy of the generator, as PyNN draws them
        rng = deepcopy(self.rng).rng
        at_once = max(1, AT_ONCE // max(n_pre, 1)) * n_pre
        sources, sizes = [np.empty(0, dtype=INDEX)], [np.empty(0, dtype=np.int64)]
        for first in range(0, n_pre * n_post, at_once or 1):
            n = min(at_once, n_pre * n_post - first)
            chosen = rng.random_sample(n) < self.p_connect
            if allowed is not None:
                chosen &= allowed[first : first + n]
            post, pre = np.divmod(np.flatnonzero(chosen), n_pre)
            sources.append(pre.astype(INDEX))
            sizes.append(np.bincount(post, minlength=n // n_pre))
        add_by_target(projection, copied(parameters), np.concatenate(sources), np.concatenate(sizes))


class DistanceDependentProbabilityConnector(_ProbabilityConnector, connectors.DistanceDependentProbabilityConnector):
    """Connects each pair of cells with a probability that depends on their distance.

    Parameters
    ----------
    d_expression : str or function
        A Python expression in the distance `d`, in the units of the `space` of the projection, such as "exp(-d)" or
        "d < 3"; or a function of an array of distances.
    allow_self_connections, rng, location_selector, safe, callback
        As for :class:`FixedProbabilityConnector`.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For values that are not allowed: also when a projection is made, if a probability is not from 0 to 1 then.
    """

    __init__ = arguments_of(connectors.DistanceDependentProbabilityConnector)

    def prepare(self) -> None:
        super().prepare()
        self.distance_function = function_of_d(self.d_expression)
        if isinstance(self.d_expression, str):
            # near and far, to find at once what cannot be evaluated; more than 1 may lie beyond all distances
            self._probabilities(np.array([0.0, 1e12]), lambda found: np.minimum(found, 1.0))

    def connect(self, projection: Projection) -> None:
        """Connect up a projection."""
        distance_map = self._generate_distance_map(projection)
        probability = LazyArray(distance_map.base_value, shape=projection.shape)
        probability.apply(self._probabilities)
        self._connect_by(projection, probability, distance_map)

    @classmethod
    def adopt(cls, connector: Connector) -> Any:
        own = super().adopt(connector)
        own.distance_function = function_of_d(own.d_expression)
        return own

    def _probabilities(self, d, seen=lambda found: found):
        owner, expression = type(self).__name__, self.d_expression
        return yielded(owner, "d_expression", expression, lambda: seen(self.distance_function(d)), np.shape(d))


class IndexBasedProbabilityConnector(_ProbabilityConnector, connectors.IndexBasedProbabilityConnector):
    """Connects each pair of cells with a probability that depends on their indices.

    Parameters
    ----------
    index_expression : pyNN.core.IndexBasedExpression
        Called with an array of presynaptic indices and a postsynaptic index.
    allow_self_connections, rng, location_selector, safe, callback
        As for :class:`FixedProbabilityConnector`.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For values that are not allowed: also when a projection is made, if a probability is not from 0 to 1 then.
    """

    __init__ = arguments_of(connectors.IndexBasedProbabilityConnector)
    given_as = "index_expression"

    def connect(self, projection: Projection) -> None:
        """Connect up a projection."""
        owner, name, given = type(self).__name__, self.given_as, self.index_expression
        # a copy, since a connector may be used again
        expression = copy(given)
        expression.projection = projection

        def probabilities(i, j):
            shape = np.broadcast_shapes(np.shape(i), np.shape(j))
            return yielded(owner, name, given, lambda: expression(i, j), shape)

        self._connect_by(projection, LazyArray(probabilities, projection.shape))


class DisplacementDependentProbabilityConnector(
    IndexBasedProbabilityConnector, connectors.DisplacementDependentProbabilityConnector
):
    """Connects each pair of cells with a probability that depends on the displacement of the postsynaptic one.

    Parameters
    ----------
    disp_function : function or str
        A function of an array `d` of shape (3, number of cells), ``position of post - position of pre`` in the `space`
        of the projection; or a Python expression in `d`, such as "(d[0] < 3) * exp(-abs(d[2]))".
    allow_self_connections, rng, location_selector, safe, callback
        As for :class:`FixedProbabilityConnector`.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For values that are not allowed: also when a projection is made, if a probability is not from 0 to 1 then.
    """

    __init__ = arguments_of(connectors.DisplacementDependentProbabilityConnector)
    given_as = "disp_function"

    class DisplacementExpression(IndexBasedExpression):
        """The value of a function of the displacement in the space of a projection."""

        def __init__(self, disp_function: Callable[..., Any]) -> None:
            self._disp_function = disp_function

        def __call__(self, i: Any, j: Any) -> np.ndarray:
            return self._disp_function(displacements(self.projection, i, j))

    def prepare(self) -> None:
        super().prepare()
        self.index_expression = self.DisplacementExpression(function_of_d(self.disp_function))

    @classmethod
    def adopt(cls, connector: Connector) -> Any:
        own = super().adopt(connector)
        own.disp_function = connector.index_expression._disp_function
        own.prepare()
        return own
