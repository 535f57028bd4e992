"""What a model declares about its parameters and states, and the check of values against it."""

from typing import NamedTuple

import numpy as np


class Parameter(NamedTuple):
    """One parameter of a model: default value, unit, and the rule its values obey (a key of `RULES`)."""

    default: float
    unit: str
    allowed: str = "finite"


class State(NamedTuple):
    """One state variable: initial value (a number, or the name of the parameter that holds it), unit, and the
    rule that initial values obey.
    """

    default: float | str
    unit: str
    allowed: str = "state"


# Products of states that are larger than this could be infinite.
LARGEST = 1e150
# Spikes of one cell in one step that can be meant; more only fill the memory.
MOST_SPIKES = 1e6

RULES = {
    "finite": (lambda x: np.isfinite(x), "finite"),
    "positive": (lambda x: np.isfinite(x) & (x > 0), "positive and finite"),
    "non-negative": (lambda x: np.isfinite(x) & (x >= 0), "zero or positive, and finite"),
    "fraction": (lambda x: (x >= 0) & (x <= 1), "between 0 and 1"),
    "count": (lambda x: np.isfinite(x) & (x > 0) & (x == np.rint(x)), "a positive integer"),
    "whole": (lambda x: np.isfinite(x) & (x >= 0) & (x == np.rint(x)), "zero or a positive integer"),
    "state": (lambda x: np.abs(x) <= LARGEST, f"finite, and at most {LARGEST:g} in size"),
    "conductance": (lambda x: (x >= 0) & (x <= LARGEST), f"finite, and between 0 and {LARGEST:g}"),
    "duration": (lambda x: x >= 0, "zero or positive (infinity means for ever)"),
}


def refuse(owner, name, value, allowed):
    """Raise the ValueError by which every impossible value is refused."""
    raise ValueError(f"{owner}.{name}: {value} is not allowed; it must be {allowed}")


def check(owner, name, values, allowed):
    """Return `values` as float64 if all of them obey the rule `allowed`.

    Raises
    ------
    ValueError
        Naming `owner`, `name`, the first value refused (with its index, if there are several) and
        what is allowed.
    """
    test, text = RULES[allowed]
    try:
        values = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        refuse(owner, name, repr(values), f"a number, {text}")
    good = test(values)
    if not np.all(good):
        if values.ndim == 0:
            refuse(owner, name, float(values), text)
        index = int(np.flatnonzero(~good)[0])
        refuse(owner, name, f"{float(values.flat[index])} (index {index})", text)
    return values


def check_least(owner, name, values, least, reason):
    """Refuse `values` below `least`, element by element."""
    _refuse_first(owner, name, values, values < least, "at least", least, reason)


def check_most(owner, name, values, most, reason):
    """Refuse `values` above `most`, element by element."""
    _refuse_first(owner, name, values, values > most, "at most", most, reason)


def _refuse_first(owner, name, values, wrong, relation, bound, reason):
    if wrong.any():
        index = int(np.argmax(wrong))
        bound = np.broadcast_to(bound, values.shape)[index]
        refuse(owner, name, f"{values[index]} (index {index})", f"{relation} {bound:g} ({reason})")


def equal_runs(table):
    """Bounds of the stretches of equal neighbouring columns: stretch i is bounds[i] … bounds[i + 1] - 1."""
    changes = np.flatnonzero((table[:, 1:] != table[:, :-1]).any(axis=0)) + 1
    return np.concatenate([np.zeros(min(table.shape[1], 1), int), changes, [table.shape[1]]])


def find(owner, table, name):
    """Return ``table[name]``, or refuse a name that is not in `table`."""
    try:
        return table[name]
    except KeyError:
        raise KeyError(f"{owner} has no {name!r}; it has {', '.join(table)}") from None
