"""Cell types, one module for each family."""

from .native import native_cell_type
from .spike_sources import SpikeSourceArray, SpikeSourcePoisson, WeightedSpikeSourceArray
from .urbanczik_senn import UrbanczikSenn

__all__ = [
    "SpikeSourceArray",
    "SpikeSourcePoisson",
    "UrbanczikSenn",
    "WeightedSpikeSourceArray",
    "native_cell_type",
]
