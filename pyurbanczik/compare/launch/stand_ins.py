"""One simulator under all names by which a script may ask for one."""

from __future__ import annotations

import importlib
import sys
import types
from typing import Any

import pyurbanczik

from ...scripts import aliases

# The module that is each simulator. NEST gets the models and the ways of recording of this package.
MODULES = {
    "pyurbanczik": "pyurbanczik",
    "nest": "pyurbanczik.on_nest",
    "brian2": "pyNN.brian2",
    "neuron": "pyNN.neuron",
    "arbor": "pyNN.arbor",
    "mock": "pyNN.mock",
}


class StandIn(types.ModuleType):
    """A simulator under the name of this package: scripts that import ``pyurbanczik`` get that."""

    def __init__(self, simulator: str, module: types.ModuleType) -> None:
        super().__init__(pyurbanczik.__name__, module.__doc__)
        self.__dict__.update({name: value for name, value in vars(module).items() if not name.startswith("__")})
        self.__path__ = pyurbanczik.__path__  # type: ignore[attr-defined]
        self.__spec__ = pyurbanczik.__spec__
        self._simulator, self._module = simulator, module

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__"):
            if hasattr(self._module, name):
                return getattr(self._module, name)
            common = getattr(pyurbanczik, name, None)
            # what belongs to PyNN and to no simulator
            if getattr(common, "__module__", getattr(common, "__name__", "")).startswith("pyNN."):
                return common
            if common is not None and not isinstance(common, types.ModuleType):
                raise AttributeError(f"{self._simulator} has no {name}")
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


def import_simulator(simulator: str) -> types.ModuleType:
    """The module of a simulator, one of `MODULES`."""
    return importlib.import_module(MODULES[simulator])


def stand_in(simulator: str, module: types.ModuleType) -> None:
    """From now on a script gets this simulator, whichever it asks for."""
    if simulator != "pyurbanczik":
        sys.modules["pyurbanczik"] = StandIn(simulator, module)
    aliases.stand_in_for_all(module.__name__)
