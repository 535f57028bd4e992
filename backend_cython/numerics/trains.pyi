"""Types of the compiled module of the same name."""

from typing import Any

import numpy as np

def joined(sequences: list[Any], holder: type) -> tuple[np.ndarray, np.ndarray] | None: ...
