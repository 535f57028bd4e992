"""Annotations, which may be anything, as JSON can hold them."""

from collections.abc import Mapping
from functools import reduce
from operator import mul
from typing import Any

import numpy as np
import quantities as pq


def plain(value: Any) -> Any:
    """`value` as numbers, truth values, texts, None, and lists and dictionaries of such.

    A quantity is a dictionary, ``{"quantity": 5.0, "units": {"mV": 1, "ms": -1}}``. What has no such form is the text
    that `str` makes of it. There is nothing that cannot be stored: a simulation must be able to end.
    """
    if isinstance(value, pq.Quantity):
        units = _named(value)
        return str(value) if units is None else {"quantity": plain(value.magnitude), "units": units}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    for kind, others in ((bool, np.bool_), (int, np.integer), (float, np.floating)):
        if isinstance(value, kind | others):
            return kind(value)
    return None if value is None else str(value)


def from_plain(value: Any) -> Any:
    """What `plain` was given, as far as it can be told: dictionaries, lists, numbers, texts and quantities."""
    if isinstance(value, list):
        return [from_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"quantity", "units"} and isinstance(value["units"], dict):
        units = {_unit(name): power for name, power in value["units"].items()}
        if None not in units:
            return pq.Quantity(value["quantity"], reduce(mul, (u**n for u, n in units.items()), pq.dimensionless))
    return {key: from_plain(item) for key, item in value.items()}


def _named(quantity):
    """{name: power} of the units of a quantity; None if something of it could not be restored."""
    if isinstance(quantity, pq.UncertainQuantity) or quantity.dtype.kind not in "biuf":
        return None
    names = {}
    for unit, power in quantity.dimensionality.items():
        known = [name for name in (unit.symbol, unit.name) if _unit(name) is unit]
        if not known:
            return None
        names[known[0]] = plain(power)
    return names


def _unit(name):
    """The unit of a name or symbol; None if there is none. An expression, which would be evaluated, is none."""
    if not name.isidentifier():
        return None
    try:
        found = pq.unit_registry[name]
    except LookupError:
        return None
    return found if isinstance(found, pq.UnitQuantity) else None
