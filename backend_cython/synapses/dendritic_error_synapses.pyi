from typing import Any

from backend_cython.model.population import Population
from backend_cython.synapses.error_synapses import ErrorSynapses

ERRORS: tuple[str, ...]
KERNELS: tuple[str, ...]
BOUNDS: tuple[str, ...]

class DendriticErrorSynapses(ErrorSynapses):
    @classmethod
    def check_ends(cls, pre: Population, post: Population, receptor: str, owner: str | None) -> None: ...
    @classmethod
    def third_parties(cls) -> list: ...

def dendritic_error_synapses(error: str = ..., kernel: str = ..., bounds: str = ..., modulator: Any = ...) -> type: ...
