"""Synapses whose weight does not change."""

from pyNN.standardmodels import synapses

from backend_cython.synapses import static as core

from .base import SynapseType


class StaticSynapse(SynapseType, synapses.StaticSynapse):
    """Synapse of constant weight.

    Parameters
    ----------
    weight : float
        nA onto a current-based, µS onto a conductance-based receptor. A number, an array of shape (size of
        pre, size of post), a function of the distance, an expression of it such as "0.1 * exp(-d / 50)", or a
        `RandomDistribution`.
    delay : float
        ms; rounded to time steps, and at least one. By default the smallest delay allowed.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is not finite, and for a delay below the time step or above `max_delay`.
    """

    core = core.StaticSynapses
