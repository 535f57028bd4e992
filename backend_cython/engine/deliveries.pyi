from typing import Any

from backend_cython.engine.pointer_list import PointerList

class Deliveries(PointerList):
    def add(self, member: Any) -> None: ...
