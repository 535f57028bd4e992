"""Types of the compiled module of the same name."""

from typing import Any

import numpy as np

def copied(numbers: np.ndarray, least: float, most: float, ascending: bool) -> np.ndarray | None: ...
def joined(sequences: list[Any], holder: type) -> tuple[np.ndarray, np.ndarray] | None: ...
