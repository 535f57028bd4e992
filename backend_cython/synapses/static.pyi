from typing import Any

import numpy as np

from backend_cython.model.synapse_group import SynapseGroup

class StaticSynapses(SynapseGroup):
    def allocate_states(self) -> None: ...
    def store(self, values: Any, where: np.ndarray | slice | None) -> None: ...
    def fetch(self, name: str) -> float | np.ndarray: ...
