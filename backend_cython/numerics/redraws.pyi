from typing import Any

import numpy as np

def within(
    numbers: np.ndarray, sizes: np.ndarray, part: int, low: float, high: float, most: int, out: np.ndarray
) -> tuple[int, int]: ...
def alternating_integers(random_state: Any, n: int, bounds: tuple[int, ...]) -> np.ndarray: ...
