"""Running a script as the main program."""

import os
import sys
import types
from collections.abc import Iterable


def run(script: str, source: bytes, arguments: Iterable[str]) -> None:
    """Execute `source` as the main program, as the interpreter does."""
    sys.argv[:] = [script, *arguments]
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = os.path.dirname(os.path.realpath(script))
    module = types.ModuleType("__main__")
    module.__file__ = script
    module.__dict__.update(__cached__=None, __spec__=None)
    sys.modules["__main__"] = module
    sys.excepthook = _from_script_on(script, sys.excepthook)
    exec(compile(source, script, "exec", dont_inherit=True), module.__dict__)


def _from_script_on(script, hook):
    """An exception hook that leaves out what lies before the script in a traceback."""

    def show(kind, error, trace):
        first = trace
        while first is not None and first.tb_frame.f_code.co_filename != script:
            first = first.tb_next
        if first is not None or isinstance(error, SyntaxError):
            trace = first
            error = error.with_traceback(first)
        hook(kind, error, trace)

    return show
