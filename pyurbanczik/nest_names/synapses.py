"""Synapse types under NEST's names and in NEST's units: weights in pA onto dendrites, in nS onto somata."""

from pyNN.models import BaseSynapseType

from backend_cython.synapses import static as static_core
from backend_cython.synapses import urbanczik_senn as urbanczik_senn_core

from ..neurons.base import Term
from ..parameters import look_up
from ..synapses.base import SynapseType
from ..synapses.urbanczik_senn import DendriticPrediction

MILLI = 1e-3  # pA → nA, nS → µS
NEST_DEFAULTS = {"weight": 1.0, "delay": 1.0}


class NativeSynapseType(BaseSynapseType):
    """Marks the synapse types with NEST's names and units."""


class static_synapse(SynapseType, NativeSynapseType):
    """NEST's synapse of constant `weight` (pA or nS) and `delay` (ms)."""

    core = static_core.StaticSynapses
    own_defaults = NEST_DEFAULTS
    parameters = {"weight": Term("weight", MILLI, "pA")}


class urbanczik_synapse(DendriticPrediction, NativeSynapseType):
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


def native_synapse_type(model_name):
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
        For another name.
    """
    return look_up("native synapse type", NATIVE_SYNAPSE_TYPES, model_name)
