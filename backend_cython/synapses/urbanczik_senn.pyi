from backend_cython.model.population import Population
from backend_cython.synapses.error_synapses import ErrorSynapses

class UrbanczikSennSynapses(ErrorSynapses):
    @classmethod
    def check_ends(cls, pre: Population, post: Population, receptor: str, owner: str | None) -> None: ...
