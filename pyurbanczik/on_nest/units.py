"""Plain numbers in PyNN's units out of quantities, which pyNN.nest does not know."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from copy import copy
from typing import Any

import numpy as np
import quantities as pq
from neo.core.spiketrainlist import SpikeTrainList
from pyNN.parameters import ArrayParameter, LazyArray, Sequence
from pyNN.random import RandomDistribution

from ..parameters.units import SPELLINGS, WITH_UNIT, has_units, numbers

# PyNN's unit of each dimension
UNITS = ("ms", "mV", "nA", "uS", "nF", "Hz", "1/mV", "mV/ms", "um", "degree", "dimensionless")


def plain(value: Any, unit: str | None = None) -> Any:
    """A value without units: in `unit`, or in PyNN's unit of its dimension. What has none stays as it is."""
    if isinstance(value, pq.Quantity):
        return numbers(value, unit or _unit(value))
    if isinstance(value, ArrayParameter):
        return type(value)(plain(value.value, unit)) if has_units(value.value) else value
    if isinstance(value, RandomDistribution):
        if not any(map(has_units, value.parameters.values())):
            return value
        bare = copy(value)
        with_unit = WITH_UNIT.get(value.name, ())
        bare.parameters = {
            name: plain(given, unit if name in with_unit else "dimensionless")
            for name, given in value.parameters.items()
        }
        return bare
    if isinstance(value, LazyArray) and has_units(value.base_value):
        bare = copy(value)
        bare.base_value = plain(value.base_value, unit)
        return bare
    if isinstance(value, SpikeTrainList):
        return [Sequence(plain(train, unit)) for train in value]
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)) and (has_units(value) or any(isinstance(v, ArrayParameter) for v in value)):
        return [plain(item, unit) for item in value]
    if isinstance(value, np.ndarray) and value.dtype == object and has_units(value):
        return numbers(value, unit or _unit(value.flat[0]))
    return value


def _unit(quantity):
    dimension = quantity.dimensionality.simplified
    for unit in UNITS:
        if pq.Quantity(1.0, SPELLINGS.get(unit, unit)).dimensionality.simplified == dimension:
            return unit
    return None  # which `numbers` refuses


def plain_parameters(parameters: Mapping[str, Any], units: Mapping[str, str]) -> dict[str, Any]:
    """Parameters without units, each in the unit that `units` declares for it."""
    return {name: plain(value, units.get(name)) for name, value in parameters.items()}


def without_units(function: Callable) -> Callable:
    """A function whose arguments may be quantities."""

    @functools.wraps(function)
    def wrapped(*arguments: Any, **keywords: Any) -> Any:
        return function(*map(plain, arguments), **{name: plain(value) for name, value in keywords.items()})

    return wrapped
