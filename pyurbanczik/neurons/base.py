"""What every cell type shares: its tables, derived from those of the core class, and the way values take to
the core.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import build_translations
from pyNN.standardmodels.base import excitatory_receptor_types, inhibitory_receptor_types

from ..objects.assignments import GivenAtOnce
from ..objects.presentation import ShownModel
from ..parameters import (
    Entry,
    InvalidConnectionError,
    InvalidPartError,
    NonExistentParameterError,
    NonExistentStateError,
    extent,
    fill,
    is_lazy,
    refuse,
    simplify,
)
from ..parameters.changes import refused_as_value
from .magnitudes import warn_of_nest_units

if TYPE_CHECKING:
    from ..populations import Population


class Term(NamedTuple):
    """One parameter, state or recordable: its name in the core, the core's number for a value of 1, and its
    unit.
    """

    core: str
    factor: float
    unit: str


def terms(core: Any, **converted: Any) -> dict[str, Any]:
    """The parameters of a class of the core under their own names, but for those given as ``name=Term(...)``."""
    return {name: converted.get(name) or Term(name, 1.0, declared.unit) for name, declared in core.PARAMETERS.items()}


class CellType(ShownModel, GivenAtOnce):
    """Mixin of all cell types: what PyNN asks for follows from the class of the core.

    A cell type names its class of the core as `core`. Its tables of parameters, states and signals are the
    core's; a type with names or units of its own gives `parameters`, `states` and `signals` itself, as
    ``{name: Term}``.
    """

    core: Any = None
    # tables that PyNN has
    default_parameters: dict[str, Any]
    units: dict[str, str]
    recordable: Any
    conductance_based: bool
    parameter_space: Any
    get_schema: Any
    parameters: dict[str, Any] = {}
    states: dict[str, Any] = {}
    signals: dict[str, Any] = {}
    compartments: tuple[str, ...] = ()
    own_defaults: dict[str, Any] = {}  # parameters besides those of the core
    core_defaults: dict[str, Any] = {}  # with what a core population begins
    _checked: dict[str, Any] = {}
    # A state name that stands for several states, and a signal name that is short for another one.
    state_groups: dict[str, Any] = {}
    signal_aliases: dict[str, Any] = {}

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "core" not in cls.__dict__:
            return
        tables = (
            ("parameters", {n: p.unit for n, p in cls.core.PARAMETERS.items()}),
            ("states", {n: s.unit for n, s in cls.core.STATES.items()}),
            ("signals", dict(cls.core.RECORDABLES)),
        )
        for table, units in tables:
            if table not in cls.__dict__:
                setattr(cls, table, {name: Term(name, 1.0, unit) for name, unit in units.items()})
        aliases = {short: cls.signals[name] for short, name in cls.signal_aliases.items()}
        cls.signals = {**aliases, **cls.signals}
        cls._declare(cls.__dict__)

    @classmethod
    def _declare(cls, own):
        """Set the attributes that PyNN reads, unless the class body gives them."""
        parameters = cls.core.PARAMETERS
        owners = {term.core: name for name, term in cls.parameters.items()}
        cls.core_defaults = {name: parameters[term.core].default / term.factor for name, term in cls.parameters.items()}
        defaults = {}
        for name, term in cls.states.items():
            default = cls.core.STATES[term.core].default
            defaults[name] = owners[default] if isinstance(default, str) else default / term.factor
        derived = {
            "default_parameters": {**cls.core_defaults, **cls.own_defaults},
            "default_initial_values": defaults,
            "recordable": ["spikes", *cls.signals],
            "receptor_types": tuple(cls.core.RECEPTORS),
            "injectable": bool(cls.core.COMPARTMENTS),
            "compartments": tuple(cls.core.COMPARTMENTS),
        }
        for attribute, value in derived.items():
            if attribute not in own:
                setattr(cls, attribute, value)
        units = {"spikes": "ms", **own.get("units", {})}
        for table in (cls.parameters, cls.states, cls.signals):
            units.update((name, term.unit) for name, term in table.items())
        units.update((group, units[members[0]]) for group, members in cls.state_groups.items())
        cls.units = units
        cls.translations = build_translations(*((name, name) for name in cls.default_parameters))

    def __init__(self, /, **parameters: Any) -> None:
        self._checked = {name: self.check_parameter(name, value) for name, value in self.flatten(parameters).items()}
        warn_of_nest_units(type(self).__name__, self._checked, self.units)
        # PyNN's own makes a lazy array of each default first
        values = {**self.default_parameters, **self._checked}
        self.parameter_space = ParameterSpace(values, self.get_schema(), component=type(self))

    def _values_to_show(self):
        return self.flatten(self.parameter_space)

    def weight_unit(self, receptor: str | None) -> str:
        """The unit of the weights of synapses onto a receptor."""
        return self.core.WEIGHT_UNITS.get(receptor) or ("uS" if self.conductance_based else "nA")

    # ---- names

    @classmethod
    def flatten(cls, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters under their own names; ``soma={"cm": 0.3}`` and ``"soma.cm"`` mean ``soma_cm``.

        Raises
        ------
        pyNN.errors.NonExistentParameterError
            For a name that the cell type does not have.
        pyNN.errors.InvalidParameterValueError
            For what is no part of a cell where one is given, and for a parameter that is given twice.
        """
        flat = {}
        for name, value in parameters.items():
            given = {name: value} if name in cls.default_parameters else cls._several(name, value)
            for twice in sorted(given.keys() & flat.keys()):
                values = f"{reprlib.repr(flat[twice])} beside {reprlib.repr(given[twice])}"
                refuse(cls.__name__, twice, values, "one value, given once")
            flat.update(given)
        return flat

    @classmethod
    def _several(cls, name, value):
        """The parameters, under their own names, that are given by a name which is none of these."""
        if not cls.group(name):
            return {cls.own_name(name): value}
        return {cls.own_name(f"{name}.{inner}"): given for inner, given in cls._inner(name, value).items()}

    @classmethod
    def _inner(cls, name, value):
        """What is given of a compartment."""
        if not isinstance(value, (dict, ParameterSpace)):
            raise InvalidPartError(
                f"{cls.__name__}.{name}: {value!r} is not allowed; it must be a dictionary of its parameters"
            )
        return value

    @classmethod
    def own_name(cls, name: str) -> str:
        compartment, _, inner = name.partition(".")
        own = f"{compartment}_{inner}" if compartment in cls.compartments else name
        if own not in cls.default_parameters:
            raise NonExistentParameterError(name, cls.__name__, cls.default_parameters)
        return own

    @classmethod
    def has_parameter(cls, name: str) -> bool:
        """Whether there is a parameter of this name."""
        return name in cls.default_parameters or name.replace(".", "_", 1) in cls.default_parameters

    @classmethod
    def group(cls, name: str) -> dict[str, str]:
        """``{inner name: own name}`` of the parameters of the compartment `name`."""
        if name not in cls.compartments:
            return {}
        return {own[len(name) + 1 :]: own for own in cls.default_parameters if own.startswith(f"{name}_")}

    def can_record(self, variable: str, location: str | None = None) -> bool:
        """Whether `variable` can be recorded (at a location, if one is given)."""
        if location is not None and any(name.endswith(f".{variable}") for name in self.recordable):
            return f"{location}.{variable}" in self.recordable
        return variable in self.recordable

    def resolve_states(self, initial_values: Mapping[str, Any]) -> dict[str, Any]:
        """``{state: value}``, groups of states replaced by their members, which a name of their own
        overrides.

        Raises
        ------
        pyNN.errors.NonExistentParameterError
            For a name that is no state of the cell type.
        """
        resolved = {}
        for name in sorted(initial_values, key=self.state_groups.__contains__, reverse=True):
            members = self.state_groups.get(name, (name,))
            for member in members:
                if member not in self.states:
                    raise NonExistentStateError(name, type(self).__name__, [*self.state_groups, *self.states])
                resolved[member] = initial_values[name]
        return resolved

    # ---- checks

    def entry(self, name: str) -> Entry:
        """Where values of a parameter are given."""
        term = self.parameters.get(name)
        rule, factor = (self.core.PARAMETERS[term.core].allowed, term.factor) if term else ("finite", 1.0)
        return Entry(type(self).__name__, name, rule, self.units.get(name), factor)

    def check_parameter(self, name: str, value: Any) -> Any:
        """Check what can be checked without knowing the number of cells, and leave the rest to `checked`."""
        return self.entry(name).take(value)

    def checked(self, name: str, value: Any, size: int) -> Any:
        """Values for `size` cells of what `check_parameter` returned."""
        entry = self.entry(name)
        return entry.evaluate(value, size) if is_lazy(value) else entry.of_size(value, size)

    def check_weights(self, weights: Any, receptor: str | None, unit: str) -> None:
        """Refuse weights (in `unit`) of the wrong sign, and receptors at which no spikes arrive.

        Weights are zero or positive, but for synaptic currents and jumps of the potential: there those onto an
        inhibitory receptor are zero or negative, and onto a receptor whose name does not tell (see
        `pyNN.standardmodels.base`) all have the same sign.
        """
        if receptor not in self.core.RECEPTORS:
            raise InvalidConnectionError(
                f"{type(self).__name__} takes no spikes at {receptor!r}, but at {', '.join(self.core.RECEPTORS)}"
            )
        if not np.size(weights) or receptor in self.core.SIGNED:
            return
        least, most = extent(weights)
        response = getattr(self.core, "RESPONSES", {}).get(receptor)
        signed = response is not None and not response.conductance
        if not signed or receptor in excitatory_receptor_types:
            wrong, allowed = least < 0, "zero or positive"
        elif receptor in inhibitory_receptor_types:
            wrong, allowed = most > 0, "zero or negative, since the synapses are current-based"
        else:
            wrong, allowed = least < 0 < most, "all positive or all negative"
        if wrong:
            value = least if least < 0 else most
            raise InvalidConnectionError(
                f"{type(self).__name__}: a weight of {value} {unit} onto {receptor!r} is not "
                f"allowed; it must be {allowed}"
            )

    def evaluate(self, parameters: Mapping[str, Any], size: int) -> Any:
        """Checked values of parameters (own names) for `size` cells: floats, or arrays of shape (size,)."""
        return {name: self.checked(name, self.check_parameter(name, value), size) for name, value in parameters.items()}

    # ---- between population and core

    def initial_parameters(self, size: int) -> dict[str, Any]:
        """The checked values with which a population of `size` cells starts, where they are not the core's own."""
        values = {}
        for name, lazy in self.flatten(self.parameter_space).items():
            value = lazy if lazy.operations else lazy.base_value
            if value is self.core_defaults.get(name):
                continue
            if value is not self._checked.get(name):
                value = self.check_parameter(name, value)
            values[name] = self.checked(name, value, size)
        return values

    def create(self, network: Any, size: int) -> Any:
        """The core population."""
        return self.core(network, size)

    def writing(
        self, population: Population, values: Mapping[str, Any], indices: np.ndarray | None = None
    ) -> Iterator[None]:
        """Pass checked values (see `evaluate`) on to the cells at `indices`, or all: a change, see `carry_out`."""
        owner = type(self).__name__
        core_values = {}
        for name, value in values.items():
            term = self.parameters[name]
            core_values[term.core] = value * term.factor
        with refused_as_value(self.parameters):
            prepared = population.core.prepared(core_values, indices, owner, checked=True)
        yield
        population.core.take_over(prepared)
        for name, value in values.items():
            if self.parameters[name].factor != 1.0:
                # a change of units rounds, and what is read must be what was given
                given = population.given.setdefault(name, np.full(population.size, self.default_parameters[name]))
                fill(given, indices, value)

    def read(
        self, population: Population, name: str, indices: np.ndarray | None = None, simplified: bool = True
    ) -> Any:
        """Values of one parameter of the cells at `indices`, or all: one number if they are equal."""
        if name in population.given:
            values = population.given[name].copy()
        else:
            term = self.parameters[name]
            values = population.core.get(term.core) / term.factor
        if indices is not None:
            values = values[indices]
        return simplify(values) if simplified else values

    def to_show(self, population: Population, name: str, indices: np.ndarray | None = None) -> Any:
        """What `read` returns, as far as it can be told from what is shown of it."""
        return self.read(population, name, indices, indices is None or indices.size > 0)

    def check_state(self, population: Population, name: str, value: Any, size: int) -> Any:
        """Checked initial values: `value` may also name a parameter, whose values are taken then."""
        if isinstance(value, str) and value in self.default_parameters:
            return value
        owner, term = (
            f"initial value of {type(self).__name__}",
            self.states.get(self.state_groups.get(name, (name,))[0]),
        )
        if term is None:
            # unknown names are refused elsewhere
            return value
        entry = Entry(owner, name, self.core.STATES[term.core].allowed, term.unit, term.factor)
        # unlike parameters, in all simulators
        return entry.values(value, size, moving=True)
