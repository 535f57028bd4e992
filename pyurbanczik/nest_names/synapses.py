"""Synapse types under NEST's names and in NEST's units: weights in pA onto dendrites, in nS onto somata."""

from backend_cython.synapses import static as static_core
from backend_cython.synapses import urbanczik_senn as urbanczik_senn_core

from ..neurons.base import Term
from ..synapses.urbanczik_senn import DendriticPrediction
from .advice import look_up
from .native import NativeSynapseType

MILLI = 1e-3  # pA → nA, nS → µS
NEST_DEFAULTS = {"weight": 1.0, "delay": 1.0}


class static_synapse(NativeSynapseType):
    """NEST's synapse of constant `weight` (pA or nS) and `delay` (ms)."""

    core = static_core.StaticSynapses
    own_defaults = NEST_DEFAULTS
    parameters = {"weight": Term("weight", MILLI, "pA or nS")}


class urbanczik_synapse(NativeSynapseType, DendriticPrediction):
    """NEST's name for :class:`pyurbanczik.UrbanczikSennSynapse`: `weight`, `Wmin`, `Wmax` in pA, `delay`,
    `tau_Delta` in ms, `eta`.
    """

    core = urbanczik_senn_core.UrbanczikSennSynapses
    own_defaults = NEST_DEFAULTS
    bounds = ("Wmin", "Wmax")
    parameters = {
        "weight": Term("weight", MILLI, "pA"),
        "eta": Term("eta", 1.0, "dimensionless"),
        "tau_Delta": Term("tau_Delta", 1.0, "ms"),
        "Wmin": Term("w_min", MILLI, "pA"),
        "Wmax": Term("w_max", MILLI, "pA"),
    }


NATIVE_SYNAPSE_TYPES = {cls.__name__: cls for cls in (static_synapse, urbanczik_synapse)}


def native_synapse_type(model_name: str) -> type:
    """The synapse type that NEST calls `model_name`, with NEST's names and units.

    Parameters
    ----------
    model_name : str
        "urbanczik_synapse" or "static_synapse".

    Returns
    -------
    type
        A synapse class; call it with NEST's parameters.

    Raises
    ------
    pyNN.errors.NoModelAvailableError
        For another name; it says what to use instead.
    """
    return look_up("native synapse type", NATIVE_SYNAPSE_TYPES, model_name)
