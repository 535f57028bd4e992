"""Runs a PyNN script with this simulator: ``python -m pyurbanczik script.py [arguments]``.

Whatever simulator the script asks PyNN for, it gets this one. Everything else is as with ``python script.py``.
``python -m pyurbanczik compare script.py [arguments] --with nest`` runs it in others as well, and tells what differs.
"""

import argparse
import os
import sys
import types
from collections.abc import Iterable

from .scripts.aliases import stand_in_for_all


def main() -> None:
    """Parse the command line and run the script, or compare what it does in several simulators."""
    if sys.argv[1:2] == ["compare"] and not os.path.exists("compare"):
        from .compare.command import main as compare

        sys.exit(compare(sys.argv[2:]))
    parser = argparse.ArgumentParser(
        prog="python -m pyurbanczik",
        description="Run a PyNN script with pyurbanczik as its simulator, whichever simulator it asks for.",
        epilog="A script that wants the name of a simulator takes any ('nest', 'neuron', 'pyurbanczik', ...). "
        "If it asks for it by get_simulator or get_script_args of pyNN.utility, the name can be left out. "
        "'python -m pyurbanczik compare --help' tells how to compare it with other simulators.",
    )
    parser.add_argument("script", help="the script to run")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="its arguments")
    given = parser.parse_args()
    try:
        with open(given.script, "rb") as file:
            source = file.read()
    except OSError as error:
        parser.error(f"cannot open {given.script!r}: {error.strerror}")
    stand_in_for_all()
    run(given.script, source, given.arguments)


def run(script: str, source: bytes, arguments: Iterable[str]) -> None:
    """Execute `source` as the main program, as the interpreter does."""
    sys.argv[:] = [script, *arguments]
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = os.path.dirname(os.path.realpath(script))
    module = types.ModuleType("__main__")
    module.__file__ = script
    module.__cached__ = module.__spec__ = None
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


if __name__ == "__main__":
    main()
