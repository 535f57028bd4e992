"""What a model declares about its parameters and states, and the check of values against it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

# Values of so many cells or synapses are looked at in another way than few.
MANY = 1000


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


class Compartment(NamedTuple):
    """A part of a cell into which electrodes inject current, and which gap junctions may couple to other cells.

    `potential` is the variable that holds its potential, `capacitance` (nF) a number, or the name of a parameter.
    """

    potential: str
    capacitance: float | str
    coupled: bool = False


class ErrorVariable(NamedTuple):
    """The variable that holds an error of each step, and its number for an error of 1."""

    name: str
    scale: float = 1.0


class ErrorDifference(NamedTuple):
    """An error that is the difference of two variables, times the time step (ms) and `factor`.

    `plus` None stands for a number that the synapse gives, its target.
    """

    plus: str | None
    minus: str
    factor: float = 1.0


class Learnable(NamedTuple):
    """What synapses onto one receptor can learn from.

    `errors` says how each kind of error is found: "spikes", (n − φ(V*) h) φ′(V*)/φ(V*), in 1/mV, "rate",
    (φ(U) − φ(V*)) h, or "potential", (target − V) h, in mV·ms. `capacitance` / `conductance` is the membrane time
    constant of the receptor's compartment and `tau_syn` that of its input (nF, µS, ms: numbers, or names of
    parameters); `sign` is that of the potential which a positive weight evokes, and `unit` that of weights.
    """

    errors: dict
    capacitance: float | str
    conductance: float | str
    tau_syn: float | str
    sign: float
    unit: str

    @property
    def parameters(self) -> set[str]:
        """Names of the parameters that matter."""
        return {x for x in (self.capacitance, self.conductance, self.tau_syn) if isinstance(x, str)}


# Bounds of all numbers, in the units of the core (ms, mV, nF, µS, nA, Hz), far beyond anything physical: products and
# quotients that a model makes of them stay finite.
LARGEST = 1e18
SMALLEST = 1e-18
# Times that are longer could not be counted in steps: 31 years, in ms.
LONGEST_TIME = 1e12
# Spikes of one cell in one step that can be meant; more only fill the memory.
MOST_SPIKES = 1e6
# A larger shape of a gamma distribution has intervals that vary by less than a thousandth.
MOST_REGULAR = 1e6


class Rule(NamedTuple):
    """What numbers must be: not below `least` and not above `most`, and whole if they count something."""

    text: str
    least: float
    most: float
    whole: bool = False

    def allowed(self, x: Any, unit: str = "", factor: float = 1.0) -> str:
        """What one number `x` that does not obey must be."""
        if self.most / factor < x < np.inf and self.most >= LONGEST_TIME:
            return f"at most {self.most / factor:g}{unit}"
        below = 0.0 < x < self.least / factor or -np.inf < x < self.least / factor < 0.0
        return f"at least {self.least / factor:g}{unit}" if below and not self.whole else self.text


RULES = {
    "any": Rule("a number", -np.inf, np.inf),
    "finite": Rule("finite", -LARGEST, LARGEST),
    "positive": Rule("positive and finite", SMALLEST, LARGEST),
    "non-negative": Rule("zero or positive, and finite", 0.0, LARGEST),
    "fraction": Rule("between 0 and 1", 0.0, 1.0),
    # what keeps a logistic rate function finite
    "slope": Rule("between 0 and 1000", 0.0, 1e3),
    "shape": Rule("positive, and at most a million", SMALLEST, MOST_REGULAR),
    "count": Rule("a positive integer", 1.0, LARGEST, whole=True),
    "whole": Rule("zero or a positive integer", 0.0, LARGEST, whole=True),
    "conductance": Rule("finite, and zero or positive", 0.0, LARGEST),
    "time": Rule("zero or positive, and finite", 0.0, LONGEST_TIME),
    "interval": Rule("positive and finite", SMALLEST, LONGEST_TIME),
    "moment": Rule("finite", -LONGEST_TIME, LONGEST_TIME),
    "duration": Rule("zero or positive (infinity means for ever)", 0.0, np.inf),
}
# of states: as of parameters
RULES["state"] = RULES["finite"]


def with_unit(unit: str | None) -> str:
    """A unit as it follows a number."""
    text = str(unit or "")
    if text in ("", "dimensionless"):
        return ""
    return f" ({text})" if " " in text else f" {text}"


def refuse(owner: str, name: str, value: Any, allowed: str) -> None:
    """Raise the ValueError by which every impossible value is refused."""
    raise ValueError(f"{owner}.{name}: {value} is not allowed; it must be {allowed}")


def obeys(value: float, allowed: str, factor: float = 1.0) -> bool:
    """Whether one number obeys a rule; see `check`."""
    rule = RULES[allowed]
    return rule.least / factor <= value <= rule.most / factor and (not rule.whole or value.is_integer())


def check(owner: str, name: str, values: Any, allowed: str, unit: str | None = None, factor: Any = 1.0) -> Any:
    """Return `values` as float64 if all of them obey the rule `allowed`.

    Parameters
    ----------
    unit : str, optional
        The unit of `values`, which the message names.
    factor : float
        The core's number for a value of 1.

    Raises
    ------
    ValueError
        Naming `owner`, `name`, the first value refused (with its index, if there are several) and
        what is allowed.
    """
    if type(values) is float and obeys(values, allowed, factor):
        return np.float64(values)
    rule = RULES[allowed]
    try:
        values = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        refuse(owner, name, repr(values), f"a number, {rule.text}")
    # without arrays of truth values, which large ones would fill memory with; of what is no number neither is true
    large = values.size > MANY and not rule.whole
    if large and rule.least / factor <= values.min() and values.max() <= rule.most / factor:
        return values
    good = (values >= rule.least / factor) & (values <= rule.most / factor)
    if rule.whole:
        good = good & (values == np.rint(values))
    if not good.all():
        unit = with_unit(unit)
        index = int(np.flatnonzero(~good)[0])
        value = float(values.flat[index])
        which = f" (index {index})" if values.ndim else ""
        refuse(owner, name, f"{value}{unit}{which}", rule.allowed(value, unit, factor))
    return values


def beside(number: float, other: float) -> str:
    """A number with as many digits as tell it from another one, six at least."""
    for digits in range(6, 18):
        text = f"{number:.{digits}g}"
        if (float(text) < other, float(text) > other) == (number < other, number > other):
            break
    return text


class OutOfBounds(ValueError):
    """The refusal of a value by a bound that follows from other parameters.

    Parameters
    ----------
    owner, name, which : str
        The class, the parameter, and which of several values.
    value, bound : float
        In the `unit`.
    relation, reason : str
    """

    def __init__(
        self,
        owner: str,
        name: str,
        which: str,
        value: float,
        relation: str,
        bound: float,
        reason: str,
        unit: str | None,
    ) -> None:
        super().__init__(owner, name, which, value, relation, bound, reason, unit)
        self.owner, self.name, self.which, self.reason, self.unit = owner, name, which, reason, unit
        self.value, self.relation, self.bound = value, relation, bound

    def __str__(self) -> str:
        unit = with_unit(self.unit)
        return (
            f"{self.owner}.{self.name}: {self.value}{unit}{self.which} is not allowed; "
            f"it must be {self.relation} {beside(self.bound, self.value)}{unit} ({self.reason})"
        )

    def under(self, name: str, factor: float, unit: str | None) -> "OutOfBounds":
        """The same under the name and in the unit that a user knows, of which one is `factor` of this one."""
        value, bound = self.value / factor, self.bound / factor
        return OutOfBounds(self.owner, name, self.which, value, self.relation, bound, self.reason, unit)


def check_least(owner: str, name: str, values: Any, least: Any, reason: str, unit: str | None = None) -> None:
    """Refuse `values` below `least`, element by element."""
    wrong = values < least
    if wrong.any():
        _refuse_first(owner, name, values, wrong, "at least", least, reason, unit)


def check_above(owner: str, name: str, values: Any, bound: Any, reason: str, unit: str | None = None) -> None:
    """Refuse `values` that are not above `bound`, element by element."""
    wrong = values <= bound
    if wrong.any():
        _refuse_first(owner, name, values, wrong, "above", bound, reason, unit)


def check_most(owner: str, name: str, values: Any, most: Any, reason: str, unit: str | None = None) -> None:
    """Refuse `values` above `most`, element by element."""
    wrong = values > most
    if wrong.any():
        _refuse_first(owner, name, values, wrong, "at most", most, reason, unit)


def shortest_time_constant(timestep: float) -> float:
    """A thousandth of the time step: below it only ever more substeps would follow a time constant."""
    return 1e-3 * timestep


def check_time_constant(owner: str, name: str, values: Any, timestep: float) -> None:
    """Refuse time constants (ms) that are too short for the time step."""
    check_least(owner, name, values, shortest_time_constant(timestep), "a thousandth of the time step", "ms")


def check_rate(owner: str, name: str, values: Any, timestep: float) -> None:
    """Refuse rates (Hz) of more spikes than a time step (ms) can hold."""
    check_most(owner, name, values, 1e3 * MOST_SPIKES / timestep, "a million spikes a time step", "Hz")


def _refuse_first(owner, name, values, wrong, relation, bound, reason, unit):
    index = int(np.argmax(wrong))
    bound = np.broadcast_to(bound, values.shape)[index]
    raise OutOfBounds(owner, name, f" (index {index})", float(values[index]), relation, float(bound), reason, unit)


def equal_runs(table: Any) -> np.ndarray:
    """Bounds of the runs of equal neighbouring columns in some rows: run i is bounds[i] … bounds[i + 1] - 1."""
    n = len(table[0])
    if n == 1:
        return np.array([0, 1])
    changes = np.zeros(max(n - 1, 0), dtype=bool)
    for row in table:
        changes |= row[1:] != row[:-1]
    return np.concatenate([np.zeros(min(n, 1), int), np.flatnonzero(changes) + 1, [n]])


def find(owner: str, table: Mapping[str, Any], name: str) -> Any:
    """Return ``table[name]``, or refuse a name that is not in `table`."""
    try:
        return table[name]
    except KeyError:
        raise KeyError(f"{owner} has no {name!r}; it has {', '.join(table)}") from None
