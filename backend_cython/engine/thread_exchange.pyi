from typing import Any

from backend_cython.engine.network import Network

class ArrivalMemory: ...

class ThreadExchange:
    def __init__(self, network: Network, crossing: Any) -> None: ...
