"""Runs a PyNN script with this simulator: ``python -m pyurbanczik script.py [arguments]``.

Whatever simulator the script asks PyNN for, it gets this one. Everything else is as with ``python script.py``.
``python -m pyurbanczik compare script.py [arguments] --with nest`` runs it in others as well, and tells what differs.
"""

import argparse
import os
import sys

from .scripts.aliases import stand_in_for_all
from .scripts.running import run


def main() -> None:
    """Parse the command line and run the script, or compare what it does in several simulators."""
    if sys.argv[1:2] == ["compare"] and not os.path.isfile("compare"):
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


if __name__ == "__main__":
    main()
