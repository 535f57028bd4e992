from typing import Any

from backend_cython.engine.network import Network

class Exchange:
    @property
    def capacity(self) -> int: ...
    def __init__(self, network: Network, crossing: Any) -> None: ...
