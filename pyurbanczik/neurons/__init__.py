"""Cell types, one module for each family."""

from .adaptive import EIF_cond_alpha_isfa_ista, EIF_cond_exp_isfa_ista
from .components import (
    LIF,
    AdExp,
    AlphaPSR,
    BetaPSR,
    CondAlphaPostSynapticResponse,
    CondBetaPostSynapticResponse,
    CondExpPostSynapticResponse,
    CurrExpPostSynapticResponse,
    ExpPSR,
)
from .composed import PointNeuron
from .dendritic import Dendrite, DendriticNeuron, Exponential, Logistic, Rectified, Softplus, Soma
from .gif import GIF_cond_exp
from .gsfa_grr import IF_cond_exp_gsfa_grr
from .hodgkin_huxley import HH_cond_exp
from .integrate_and_fire import (
    IF_cond_alpha,
    IF_cond_exp,
    IF_curr_alpha,
    IF_curr_delta,
    IF_curr_exp,
    IF_facets_hardware1,
)
from .izhikevich import Izhikevich
from .renewal_sources import SpikeSourceGamma, SpikeSourceInhGamma, SpikeSourcePoissonRefractory
from .spike_sources import SpikeSourceArray, SpikeSourcePoisson, WeightedSpikeSourceArray
from .urbanczik_senn import UrbanczikSenn

__all__ = [
    "LIF",
    "AdExp",
    "AlphaPSR",
    "BetaPSR",
    "CondAlphaPostSynapticResponse",
    "CondBetaPostSynapticResponse",
    "CondExpPostSynapticResponse",
    "CurrExpPostSynapticResponse",
    "Dendrite",
    "DendriticNeuron",
    "EIF_cond_alpha_isfa_ista",
    "EIF_cond_exp_isfa_ista",
    "ExpPSR",
    "Exponential",
    "GIF_cond_exp",
    "HH_cond_exp",
    "IF_cond_alpha",
    "IF_cond_exp",
    "IF_cond_exp_gsfa_grr",
    "IF_curr_alpha",
    "IF_curr_delta",
    "IF_curr_exp",
    "IF_facets_hardware1",
    "Izhikevich",
    "Logistic",
    "PointNeuron",
    "Rectified",
    "Softplus",
    "Soma",
    "SpikeSourceArray",
    "SpikeSourceGamma",
    "SpikeSourceInhGamma",
    "SpikeSourcePoisson",
    "SpikeSourcePoissonRefractory",
    "UrbanczikSenn",
    "WeightedSpikeSourceArray",
]
