from typing import Any

from backend_cython.neurons.integrate_and_fire import IntegrateAndFire

class IF_facets_hardware1(IntegrateAndFire):
    def leak(self) -> Any: ...
    def check_together(self, p: Any, owner: str | None) -> None: ...
