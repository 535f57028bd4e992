"""Random sources whose spikes depend on the one before: Poisson with dead time, gamma, inhomogeneous gamma."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN.parameters import Sequence
from pyNN.standardmodels import cells

from backend_cython.neurons import (
    spike_source_gamma,
    spike_source_inh_gamma,
    spike_source_poisson_refractory,
)

from ..parameters.changes import refused_as_value
from .base import CellType
from .sequences import WithSequences, in_objects

if TYPE_CHECKING:
    from ..populations import Population


class SpikeSourcePoissonRefractory(CellType, cells.SpikeSourcePoissonRefractory):
    r"""Spikes of a Poisson process with dead time.

    .. math:: p(x) = \lambda\,e^{-\lambda (x - \tau_{refrac})} \text{ for intervals } x > \tau_{refrac}, \qquad
        1/\lambda = 1/\text{rate} - \tau_{refrac}

    Intervals are `tau_refrac` plus an exponentially distributed time with the mean 1/rate − tau_refrac, so
    that the mean rate is `rate`. The process is stationary from its start.

    Parameters
    ----------
    rate : float
        Mean rate, Hz; zero or positive.
    tau_refrac : float
        The shortest interval, ms; zero or positive, and below the mean interval 1/rate.
    start, duration : float
        The process runs over [start, start + duration), ms; zero or positive.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is not allowed.

    Notes
    -----
    A change of parameters during a simulation holds from then on: the time since the last spike counts on.
    """

    core = spike_source_poisson_refractory.SpikeSourcePoissonRefractory


class SpikeSourceGamma(CellType, cells.SpikeSourceGamma):
    r"""Spikes of a gamma renewal process.

    Intervals are independent, with the density

    .. math:: p(x) = \frac{\beta^\alpha}{\Gamma(\alpha)}\, x^{\alpha - 1} e^{-\beta x}

    and the mean alpha/beta; their coefficient of variation is 1/√alpha. The process is stationary from its
    start.

    Parameters
    ----------
    alpha : float
        Shape, positive and at most 10⁶; 1 makes a Poisson process of the rate beta.
    beta : float
        Rate parameter, Hz; zero (no spikes) or positive.
    start, duration : float
        The process runs over [start, start + duration), ms; zero or positive.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is not allowed.

    Notes
    -----
    A change of parameters during a simulation holds from then on: the time since the last spike counts on.
    """

    core = spike_source_gamma.SpikeSourceGamma


class SpikeSourceInhGamma(WithSequences, cells.SpikeSourceInhGamma):
    r"""Spikes of an inhomogeneous gamma process.

    At the time t the hazard of a spike is that of a gamma renewal process whose parameters are a(t), b(t):

    .. math:: \lambda(t) = \frac{p_{a(t),b(t)}(t - t_{last})}{\int_{t - t_{last}}^\infty p_{a(t),b(t)}(x)\,dx},
        \qquad p_{a,b}(x) = \frac{x^{a - 1} e^{-x/b}}{\Gamma(a)\, b^a}

    so that the rate is 1/(a b) where they change slowly. The process is stationary at its start.

    Parameters
    ----------
    a : sequence of float, or one sequence for each cell
        Shapes, positive and at most 10⁶.
    b : sequence of float, or one sequence for each cell
        Scales, s; positive.
    tbins : sequence of float, or one sequence for each cell
        Where the bins begin in which ``a[i]``, ``b[i]`` hold, ms; increasing, as many as `a` and `b`. These are
        times of the simulation. The first bin also counts before its begin, the last one has no end.
    start, duration : float
        The process runs over [start, start + duration), ms; zero or positive.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is not allowed, and for sequences of different lengths.

    Notes
    -----
    A change of parameters during a simulation holds from then on: the time since the last spike counts on.
    Set sequences together when their length changes.

    References
    ----------
    .. [1] Muller E, Buesing L, Schemmel J, Meier K (2007) Spike-frequency adapting neural ensembles: Beyond
       mean adaptation and renewal theories. Neural Comput 19:2958–3010.
    """

    core = spike_source_inh_gamma.SpikeSourceInhGamma
    sequences = {"a": "shape", "b": "positive", "tbins": "finite"}
    own_defaults = {"a": Sequence([1.0]), "b": Sequence([1.0]), "tbins": Sequence([0.0])}
    units = {"a": "dimensionless", "b": "s", "tbins": "ms"}

    def writing(
        self, population: Population, values: Mapping[str, Any], indices: np.ndarray | None = None
    ) -> Iterator[None]:
        numbers = {name: value for name, value in values.items() if name not in self.sequences}
        if len(numbers) < len(values):
            old = dict(zip(self.sequences, zip(*population.core.bins(indices))))
            given = [values.get(name, old[name]) for name in self.sequences]
            with refused_as_value():
                bins = population.core.prepared_bins(*given, indices, type(self).__name__)
        others = super().writing(population, numbers, indices)
        next(others)
        yield
        if len(numbers) < len(values):
            population.core.take_over_bins(*bins)
        next(others, None)

    def read(
        self, population: Population, name: str, indices: np.ndarray | None = None, simplified: bool = True
    ) -> Any:
        if name not in self.sequences:
            return super().read(population, name, indices, simplified)
        place = list(self.sequences).index(name)
        trains = [bins[place].copy() for bins in population.core.bins(indices)]
        return in_objects(Sequence, trains, simplified)
