"""What every synapse type shares: its tables, derived from those of the core class, and its checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import numpy as np
from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import build_translations

from backend_cython.model.schema import with_unit

from ..neurons.base import Term
from ..objects.assignments import GivenAtOnce
from ..objects.presentation import ShownModel, changed
from ..parameters import Entry, InvalidConnectionError, NonExistentParameterError, is_lazy
from ..parameters.expressions import of_distance
from ..parameters.units import TARGETS_UNITS, TargetUnit
from ..simulation import simulator

# For these None means the default.
OPTIONAL = ("weight", "delay")


class SynapseType(ShownModel, GivenAtOnce):
    """Mixin of all synapse types: what PyNN asks for follows from the class of the core.

    A synapse type names its class of the core as `core`. Its tables of parameters, states and signals are the
    core's; a type with names or units of its own gives `parameters`, `states` or `signals` itself, as ``{name:
    Term}``. What this layer handles by itself, such as the delay, is in `local_parameters`, as ``{name:
    (default, rule, unit)}``.
    """

    core: Any = None
    # tables that PyNN has
    default_parameters: dict[str, Any]
    units: dict[str, str]
    parameter_space: Any
    parameters: dict[str, Any] = {}
    states: dict[str, Any] = {}
    signals: dict[str, Any] = {}
    local_parameters: dict[str, tuple] = {"delay": (None, "positive", "ms")}
    own_defaults: dict[str, Any] = {}  # where they differ from the core's
    recordable: tuple[str, ...] = ()
    default_initial_values: dict[str, Any] = {}
    bounds: tuple[str, ...] = ()  # names of the parameters between which the weight stays
    related: Any = ()  # names whose values `check_together` compares
    everywhere = False  # whether every process has to know all connections
    parameter_checks: dict[str, Any] = {}  # of PyNN; here every number is checked when it is given
    _checked: dict[str, Any] = {}  # values that were found to be possible, each for itself and together

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if isinstance(cls.__dict__.get("core"), type):
            for name, table in cls.tables(cls.core, cls.__dict__).items():
                setattr(cls, name, table)

    @classmethod
    def tables(cls, core: Any, own: Any) -> dict[str, Any]:
        """``{attribute: table}`` of what follows from a class of the core, and from those tables that `own`
        has instead.
        """
        parameters = own.get("parameters")
        if parameters is None:
            parameters = {name: Term(name, 1.0, p.unit) for name, p in core.PARAMETERS.items()}
        own_names = {term.core: name for name, term in parameters.items()}
        states, signals = own.get("states"), own.get("signals")
        if states is None:
            states = {name: Term(name, 1.0, s.unit) for name, s in core.STATES.items()}
        if signals is None:
            signals = {
                own_names.get(name, name): parameters.get(own_names.get(name), Term(name, 1.0, unit))
                for name, unit in core.RECORDABLES.items()
            }
        initial = {name: core.STATES[term.core].default for name, term in states.items()}
        defaults = {name: core.PARAMETERS[term.core].default / term.factor for name, term in parameters.items()}
        defaults.update((name, default) for name, (default, _, _) in cls.local_parameters.items())
        defaults.update(cls.own_defaults)
        first = {name: defaults[name] for name in ("weight", "delay") if name in defaults}
        units = {name: term.unit for table in (signals, states, parameters) for name, term in table.items()}
        units.update((name, unit) for name, (_, _, unit) in cls.local_parameters.items())
        return {
            "parameters": parameters,
            "states": states,
            "signals": signals,
            "recordable": tuple(signals),
            "default_initial_values": {
                name: own_names[default] if isinstance(default, str) else default / states[name].factor
                for name, default in initial.items()
            },
            "default_parameters": {**first, **defaults},
            "units": units,
            "translations": build_translations(*((name, name) for name in defaults)),
        }

    def __init__(self, **parameters: Any) -> None:
        self.weight_units, self._usual_delay = {}, self._get_minimum_delay()
        for name in parameters:
            self.check_name(name)
        given = {name: value for name, value in parameters.items() if value is not None or name not in OPTIONAL}
        values = dict(self.default_parameters)
        if values.get("delay", 0.0) is None:
            values["delay"] = self._usual_delay
        values.update((name, self.check_parameter(name, value)) for name, value in given.items())
        super().__init__(**values)
        self._checked = {name: value for name, value in values.items() if isinstance(value, float)}
        self.check_together(self._checked)

    def _changed(self, values=None):
        rows = super()._changed(values)
        if "delay" in self.default_parameters:
            delay = self.parameter_space["delay"].base_value if values is None else values["delay"]
            rows += changed({"delay": delay}, {"delay": self._usual_delay}, {"delay": "ms"})
        return rows

    # ---- names

    def check_name(self, name: str) -> None:
        """Refuse a name that is no parameter."""
        if name not in self.default_parameters:
            raise NonExistentParameterError(name, type(self).__name__, self.default_parameters)

    def get_native_names(self, *names: str) -> list[str]:
        """The names themselves: this layer hands values on under the names of PyNN."""
        for name in names:
            self.check_name(name)
        return list(names or self.default_parameters)

    def get_schema(self) -> dict[str, Any]:
        """Every parameter is a number."""
        return dict.fromkeys(self.default_parameters, float)

    @property
    def native_parameters(self) -> ParameterSpace:
        """A copy of the parameters; distributions in it start from their present state."""
        return deepcopy(self.parameter_space)

    def translate(self, parameters: Mapping[str, Any], copy: bool = True) -> ParameterSpace:
        return deepcopy(parameters) if copy else parameters

    def reverse_translate(self, native_parameters: Any) -> ParameterSpace:
        return native_parameters

    def _get_minimum_delay(self):
        return simulator.state.default_delay()

    # ---- checks

    def unit(self, name: str, target_unit: str | None = None) -> Any:
        """The unit of a parameter: onto cells whose weights are in `target_unit`, or onto any."""
        unit = self.units[name]
        if unit not in TARGETS_UNITS:
            return unit
        return TargetUnit.of(unit, target_unit) if target_unit else self._weight_unit(unit)

    def _weight_unit(self, declared):
        """What the quantities that were given as weights say of the target."""
        return self.weight_units.setdefault(declared, TargetUnit(declared))

    def entry(self, name: str, target_unit: str | None = None) -> Entry:
        """Where values of a parameter are given; `target_unit` as for `unit`."""
        if name in self.local_parameters:
            rule, factor = self.local_parameters[name][1], 1.0
        else:
            term = self.parameters[name]
            rule, factor = self.core.PARAMETERS[term.core].allowed, term.factor
        return Entry(type(self).__name__, name, rule, self.unit(name, target_unit), factor)

    def check_parameter(self, name: str, value: Any) -> Any:
        """Check what can be checked without knowing the connections."""
        value = take(self.entry(name), value)
        if name == "delay" and not is_lazy(value):
            simulator.state.check_delays(type(self).__name__, known(value))
        return value

    def check_target_unit(self, target_unit: str) -> None:
        """Refuse weights that were given in the unit of another kind of target."""
        for declared, unit in self.weight_units.items():
            expected = TargetUnit.of(declared, target_unit)
            if unit.settled not in (None, expected):
                raise InvalidConnectionError(
                    f"{type(self).__name__}.weight: a weight in {unit.settled} is not allowed; onto this receptor it "
                    f"must be in {expected}"
                )

    def check_values(self, values: Mapping[str, Any], target_unit: str | None = None) -> None:
        """Refuse impossible values (``{name: float or array}``) of connections."""
        for name, value in values.items():
            if name == "delay":
                simulator.state.check_delays(type(self).__name__, value)
            else:
                self.entry(name, target_unit).check(value)

    def check_all(self, values: Mapping[str, Any], target_unit: str | None) -> None:
        """Refuse impossible values of new connections; what was checked when this was made is not checked again."""
        # the limits of delays are those of the present simulation
        new = {name: value for name, value in values.items() if name == "delay" or value is not self._checked.get(name)}
        self.check_values(new, target_unit)
        if new.keys() - {"delay"}:
            self.check_together(values, target_unit)

    def check_together(self, values: Mapping[str, Any], target_unit: str | None = None) -> None:
        """Refuse values that contradict each other; names may be missing."""

    def core_for(self, places: np.ndarray, size: int) -> type:
        """The class of the core for connections onto cells of one population, of which `places` are the numbers among
        the `size` postsynaptic cells of the projection (of cells without connections any number).
        """
        return self.core

    def joined(self, kind: Any, places: np.ndarray, size: int) -> None:
        """Called when connections of such a class have been made."""

    def receptor(self, name: str) -> str | None:
        """The receptor that is meant by `name` (None: the cells' default one)."""
        return name

    def check_source(self, celltype: Any) -> None:
        """Refuse presynaptic cells with which the synapse cannot work."""

    def check_target(self, celltype: Any, receptor: str | None) -> None:
        """Refuse a target on which the synapse cannot work."""

    def check_onto(self, celltype: Any, receptor: str | None, values: Mapping[str, Any]) -> None:
        """Refuse values (``{name: float or array}``) of connections that only this receptor does not allow."""

    def axonal_steps(self, delay_steps: np.ndarray, values: Mapping[str, Any]) -> Any:
        """The part of the delays, in steps, that lies before the synapse (0: all of it lies behind)."""
        return 0

    def _check_order(self, values, low, high, named):
        """Refuse values of `low` above those of `high`; the message names the one of them that is `named`."""
        if low in values and high in values:
            wrong = np.asarray(values[low]) > np.asarray(values[high])
            if wrong.any():
                unit = with_unit(self.unit(named))
                other, relation = (high, "at most") if named == low else (low, "at least")
                self.entry(named).refuse(
                    f"{_first(values[named], wrong)}{unit}",
                    f"{relation} {other}, {_first(values[other], wrong)}{unit}",
                )


class SplitDelay(SynapseType):
    """A synapse that sees spikes of both cells: part of its delay lies before it, the rest behind."""

    local_parameters = {
        **SynapseType.local_parameters,
        "dendritic_delay_fraction": (1.0, "fraction", "dimensionless"),
    }

    def axonal_steps(self, delay_steps: np.ndarray, values: Mapping[str, Any]) -> Any:
        fraction = np.asarray(values["dendritic_delay_fraction"])
        return np.rint((1.0 - fraction) * delay_steps).astype(int)


def take(entry: Entry, value: Any) -> Any:
    """A value as a user gives it for all connections, checked as far as possible without knowing them."""
    if isinstance(value, str):
        return of_distance(entry, value)
    if isinstance(getattr(value, "base_value", value), Iterator):
        entry.refuse(repr(value), "a number, an array, a distribution, or a function or expression of the distance d")
    if is_lazy(value):
        return entry.postpone(value)
    value = entry.convert(value)
    entry.check(known(value))
    return value


def known(value: Any) -> Any:
    """The numbers in an array: NaN stands for "no connection there", as in what Projection.get returns."""
    return value[~np.isnan(value)] if np.ndim(value) == 2 else value


def _first(values, wrong):
    return np.broadcast_to(values, wrong.shape)[wrong].flat[0]
