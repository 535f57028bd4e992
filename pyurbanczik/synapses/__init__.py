"""Synapse types, one module for each family."""

from .dendritic_error import DendriticErrorSynapse
from .electrical import ElectricalSynapse, NudgingSynapse
from .short_term import TsodyksMarkramSynapse
from .static import StaticSynapse
from .stdp import (
    AdditivePotentiationMultiplicativeDepression,
    AdditiveWeightDependence,
    GutigWeightDependence,
    MultiplicativeWeightDependence,
    SpikePairRule,
    STDPMechanism,
    Vogels2011Rule,
)
from .stochastic import MultiQuantalSynapse, SimpleStochasticSynapse, StochasticTsodyksMarkramSynapse
from .urbanczik_senn import UrbanczikSennSynapse

__all__ = [
    "AdditivePotentiationMultiplicativeDepression",
    "AdditiveWeightDependence",
    "DendriticErrorSynapse",
    "ElectricalSynapse",
    "GutigWeightDependence",
    "MultiQuantalSynapse",
    "MultiplicativeWeightDependence",
    "NudgingSynapse",
    "STDPMechanism",
    "SimpleStochasticSynapse",
    "SpikePairRule",
    "StaticSynapse",
    "StochasticTsodyksMarkramSynapse",
    "TsodyksMarkramSynapse",
    "UrbanczikSennSynapse",
    "Vogels2011Rule",
]
