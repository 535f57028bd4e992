"""What every synapse type shares: its tables, derived from those of the core class, and its checks."""

from copy import deepcopy

import numpy as np
from pyNN import errors
from pyNN.parameters import LazyArray
from pyNN.standardmodels import build_translations

from ..neurons.base import Term
from ..simulator import state
from ..values import NonExistentParameterError, check, eager, refuse


class SynapseType:
    """Mixin of all synapse types: what PyNN asks for follows from the class of the core.

    A synapse type names its class of the core as `core`. Its tables of parameters, states and signals are the
    core's; a type with names or units of its own gives `parameters`, `states` or `signals` itself, as ``{name:
    Term}``. What this layer handles by itself, such as the delay, is in `local_parameters`, as ``{name:
    (default, rule, unit)}``.
    """

    core = None
    parameters = {}
    states = {}
    signals = {}
    local_parameters = {"delay": (None, "positive", "ms")}
    own_defaults = {}  # where they differ from the core's
    recordable = ()
    default_initial_values = {}
    bounds = ()  # names of the parameters between which the weight stays
    related = ()  # names whose values `check_together` compares
    # Everything is checked once, for all connections together, when the projection is complete.
    parameter_checks = {}

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "core" not in cls.__dict__:
            return
        if "parameters" not in cls.__dict__:
            cls.parameters = {name: Term(name, 1.0, p.unit) for name, p in cls.core.PARAMETERS.items()}
        own_names = {term.core: name for name, term in cls.parameters.items()}
        if "states" not in cls.__dict__:
            cls.states = {name: Term(name, 1.0, s.unit) for name, s in cls.core.STATES.items()}
        if "signals" not in cls.__dict__:
            cls.signals = {
                own_names.get(name, name): cls.parameters.get(own_names.get(name), Term(name, 1.0, unit))
                for name, unit in cls.core.RECORDABLES.items()
            }
        cls.recordable = tuple(cls.signals)
        cls.default_initial_values = {
            name: own_names[default] if isinstance(default, str) else default / term.factor
            for name, term in cls.states.items()
            for default in [cls.core.STATES[term.core].default]
        }
        defaults = {
            name: cls.core.PARAMETERS[term.core].default / term.factor
            for name, term in cls.parameters.items()
        }
        defaults.update((name, default) for name, (default, _, _) in cls.local_parameters.items())
        defaults.update(cls.own_defaults)
        cls.default_parameters = {"weight": defaults["weight"], "delay": defaults["delay"], **defaults}
        cls.units = {
            name: term.unit
            for table in (cls.signals, cls.states, cls.parameters)
            for name, term in table.items()
        }
        cls.units.update((name, unit) for name, (_, _, unit) in cls.local_parameters.items())
        cls.translations = build_translations(*((name, name) for name in cls.default_parameters))

    def __init__(self, **parameters):
        for name in parameters:
            self.check_name(name)
        given = {**self.default_parameters, **parameters}
        if given["delay"] is None:
            given["delay"] = self._get_minimum_delay()
        if given["weight"] is None:
            given["weight"] = 0.0
        super().__init__(**{name: self.check_parameter(name, value) for name, value in given.items()})
        self.check_together(
            {
                name: lazy.base_value
                for name, lazy in self.parameter_space.items()
                if isinstance(lazy.base_value, float)
            }
        )

    # ---- names

    @classmethod
    def check_name(cls, name):
        """Refuse a name that is no parameter."""
        if name not in cls.default_parameters:
            raise NonExistentParameterError(name, cls.__name__, cls.default_parameters)

    def get_native_names(self, *names):
        """The names themselves: this layer hands values on under the names of PyNN."""
        for name in names:
            self.check_name(name)
        return list(names or self.default_parameters)

    def get_schema(self):
        """Every parameter is a number."""
        return dict.fromkeys(self.default_parameters, float)

    @property
    def native_parameters(self):
        """A copy of the parameters; distributions in it start from their present state."""
        return deepcopy(self.parameter_space)

    def translate(self, parameters, copy=True):
        return deepcopy(parameters) if copy else parameters

    def reverse_translate(self, native_parameters):
        return native_parameters

    def _get_minimum_delay(self):
        return state.default_delay()

    # ---- checks

    def rule(self, name):
        """The rule (a key of `backend_cython.declare.RULES`) that values of a parameter obey."""
        if name in self.local_parameters:
            return self.local_parameters[name][1]
        return self.core.PARAMETERS[self.parameters[name].core].allowed

    def check_parameter(self, name, value):
        """Check what can be checked without knowing the connections."""
        owner = type(self).__name__
        if isinstance(value, str):
            try:
                return LazyArray(value)
            except errors.InvalidParameterValueError:
                refuse(owner, name, repr(value), "a number, or an expression of the distance d")
        if isinstance(value, np.ndarray) and value.ndim == 2:
            # NaN stands for "no connection there", as in what Projection.get returns
            value = value.astype(float)
            given = value[~np.isnan(value)]
            check(owner, name, given, self.rule(name))
        else:
            given = value = eager(owner, name, value, self.rule(name))
        if name == "delay" and isinstance(given, (float, np.ndarray)):
            state.check_delays(owner, given)
        return value

    def check_values(self, values):
        """Refuse impossible values (``{name: float or array}``) of connections."""
        owner = type(self).__name__
        for name, value in values.items():
            if name == "delay":
                state.check_delays(owner, value)
            else:
                check(owner, name, value, self.rule(name))
        self.check_together(values)

    def check_together(self, values):
        """Refuse values that contradict each other; names may be missing."""

    def check_target(self, celltype, receptor):
        """Refuse a target on which the synapse cannot work."""

    def axonal_steps(self, delay_steps, values):
        """The part of the delays, in steps, that lies before the synapse (0: all of it lies behind)."""
        return 0

    def _check_order(self, values, low, high):
        if low in values and high in values:
            wrong = np.asarray(values[low]) > np.asarray(values[high])
            if wrong.any():
                refuse(
                    type(self).__name__,
                    low,
                    _first(values[low], wrong),
                    f"at most {high}, {_first(values[high], wrong)}",
                )


def _first(values, wrong):
    return np.broadcast_to(values, wrong.shape)[wrong].flat[0]
