"""Synapse types, one module for each family."""

from .native import native_synapse_type
from .short_term import TsodyksMarkramSynapse
from .static import StaticSynapse
from .stochastic import MultiQuantalSynapse, SimpleStochasticSynapse, StochasticTsodyksMarkramSynapse
from .urbanczik_senn import UrbanczikSennSynapse

__all__ = [
    "MultiQuantalSynapse",
    "SimpleStochasticSynapse",
    "StaticSynapse",
    "StochasticTsodyksMarkramSynapse",
    "TsodyksMarkramSynapse",
    "UrbanczikSennSynapse",
    "native_synapse_type",
]
