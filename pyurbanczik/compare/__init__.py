"""One PyNN script in several simulators, and what differs.

``python -m pyurbanczik compare script.py --with nest`` on the command line; ``pyurbanczik.compare(script, ["nest"])``
in Python: this module is that function.
"""

import sys
import types
from typing import Any

from .judge.verdicts import Comparison
from .report.report import Report
from .study import CouldNotRunError, compare

__all__ = ["Comparison", "CouldNotRunError", "Report", "compare"]


class _Callable(types.ModuleType):
    """``pyurbanczik.compare`` is a package, and the function that it is there for."""

    def __call__(self, *arguments: Any, **keywords: Any) -> Report:
        return compare(*arguments, **keywords)


sys.modules[__name__].__class__ = _Callable
