import numpy as np

from backend_cython.model.synapse_group import SynapseGroup

class SegmentedRows(SynapseGroup):
    def allocate_states(self) -> None: ...
    def rows_of(self, where: np.ndarray | slice) -> np.ndarray: ...
