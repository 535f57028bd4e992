"""Cells, synapses and current sources under NEST's names and in NEST's units."""

from .cells import native_cell_type
from .electrodes import NativeElectrodeType, native_electrode_type
from .native import NativeCellType, NativeSynapseType
from .synapses import native_synapse_type

__all__ = [
    "NativeCellType",
    "NativeElectrodeType",
    "NativeSynapseType",
    "native_cell_type",
    "native_electrode_type",
    "native_synapse_type",
]
