"""This package under the names by which PyNN scripts find their simulator."""

import functools
import sys
from typing import Any

import pyNN

from . import spinnaker

OWN_NAME = __package__.split(".")[0]
SIMULATORS = (
    OWN_NAME,
    "arbor",
    "brian",
    "brian2",
    "genesis",
    "mock",
    "moose",
    "nest",
    "neuroml",
    "neuron",
    "pcsim",
    "spiNNaker",
)
SPINNAKER_PACKAGES = ("spynnaker", "spynnaker8", "pacman")


def stand_in_for(name: Any, by: Any = OWN_NAME) -> None:
    """From now on ``import pyNN.<name>``, in whatever form, gives this package, or the module called `by`."""
    sys.modules[f"pyNN.{name}"] = sys.modules[by]
    setattr(pyNN, name, sys.modules[by])


def stand_in_for_all(by: str = OWN_NAME) -> None:
    """Stand in for every simulator of PyNN, and let scripts leave the name of the simulator out.

    Parameters
    ----------
    by : str
        The module that all of them get; another one than this package stands in for itself alone.
    """
    import pyNN.utility
    from pyNN.utility import script_tools

    for name in SIMULATORS:
        stand_in_for(name, by)
    if by == OWN_NAME:
        stand_in_for("spiNNaker", spinnaker.__name__)
        spinnaker.stand_in()
        sys.meta_path.insert(0, _NoSubmodules)
    for function, lacks_name in ((script_tools.get_simulator, _no_name), (script_tools.get_script_args, _too_few)):
        wrapped = _with_own_name(function, lacks_name)
        setattr(script_tools, function.__name__, wrapped)
        setattr(pyNN.utility, function.__name__, wrapped)


class _NoSubmodules:
    """Keeps parts of this package from being imported a second time as parts of another simulator."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> None:
        parts = name.split(".")
        if len(parts) > 2 and parts[0] == "pyNN" and parts[1] in SIMULATORS:
            whole, what = f"pyNN.{parts[1]}", "not for its parts"
        elif len(parts) > 1 and parts[0] in SPINNAKER_PACKAGES:
            whole, what = parts[0], "but not for this part of it"
        else:
            return
        raise ModuleNotFoundError(f"No module named {name!r}: pyurbanczik stands in for {whole}, {what}", name=name)


def _no_name(*arguments):
    return not any(argument in SIMULATORS for argument in sys.argv[1:])


def _too_few(n_args, usage=""):
    return _no_name() and len(sys.argv) - 1 < n_args


def _with_own_name(function, lacks_name):
    """`function` of the command line, reading our name as the first argument where a name is lacking."""

    @functools.wraps(function)
    def wrapped(*arguments, **keywords):
        if not lacks_name(*arguments, **keywords):
            return function(*arguments, **keywords)
        given = list(sys.argv)
        sys.argv.insert(1, OWN_NAME)
        try:
            return function(*arguments, **keywords)
        finally:
            sys.argv[:] = given

    return wrapped
