"""Synapse types, one module for each family."""

from .native import native_synapse_type
from .static import StaticSynapse
from .urbanczik_senn import UrbanczikSennSynapse

__all__ = ["StaticSynapse", "UrbanczikSennSynapse", "native_synapse_type"]
