from typing import Any

from backend_cython.neurons.renewal_source import RenewalSource

class SpikeSourcePoissonRefractory(RenewalSource):
    def check_together(self, p: Any, owner: str | None) -> None: ...
    def prepare_law(self) -> None: ...
