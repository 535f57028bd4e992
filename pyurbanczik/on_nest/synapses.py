"""Synapse types: the rule of Urbanczik and Senn by NEST's synapse, and those of pyNN.nest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

import nest
import numpy as np
from pyNN import errors
from pyNN.nest.standardmodels import synapses
from pyNN.nest.synapses import NESTSynapseMixin
from pyNN.standardmodels import StandardSynapseType, build_translations
from pyNN.standardmodels import synapses as standard

from .. import synapses as ours
from ..compare.faults import mended
from ..parameters import Entry
from .refusals import names_of
from .units import plain_parameters

KILO = 1e3  # nA in pA
_numbers = count()


class OwnModel:
    """Each projection gets a copy of NEST's model: what is common to all synapses of a model is then its own.

    Among that is the device that records weights.
    """

    units: dict[str, str] = {"delay": "ms"}
    shares_model = False

    def __init__(self, *arguments: Any, **parameters: Any) -> None:
        with names_of(type(self).__name__):
            super().__init__(*arguments, **plain_parameters(parameters, self.units))

    def _get_nest_synapse_model(self):
        model = super()._get_nest_synapse_model()
        if self.shares_model:
            return model
        own = f"{model}_{next(_numbers)}"
        nest.CopyModel(model, own)
        return own


class StaticSynapse(OwnModel, synapses.StaticSynapse):
    __doc__ = standard.StaticSynapse.__doc__


class STDPMechanism(OwnModel, synapses.STDPMechanism):
    __doc__ = standard.STDPMechanism.__doc__


class TsodyksMarkramSynapse(OwnModel, synapses.TsodyksMarkramSynapse):
    __doc__ = standard.TsodyksMarkramSynapse.__doc__


class SimpleStochasticSynapse(OwnModel, synapses.SimpleStochasticSynapse):
    __doc__ = standard.SimpleStochasticSynapse.__doc__


class MultiQuantalSynapse(OwnModel, synapses.MultiQuantalSynapse):
    __doc__ = standard.MultiQuantalSynapse.__doc__


class GutigWeightDependence(synapses.GutigWeightDependence):
    __doc__ = standard.GutigWeightDependence.__doc__

    def __init__(self, w_min: float = 0.0, w_max: float = 1.0, mu_plus: float = 0.5, mu_minus: float = 0.5) -> None:
        super().__init__(w_min, w_max)
        standard.GutigWeightDependence.__init__(self, w_min, w_max, mu_plus, mu_minus)
        mended("gutig-exponents")


class UrbanczikSennSynapse(OwnModel, NESTSynapseMixin, StandardSynapseType):
    """:class:`pyurbanczik.UrbanczikSennSynapse` by NEST's ``urbanczik_synapse``.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is not allowed, and for a `dendritic_delay_fraction` below 1: to NEST all delay lies behind the
        synapse.
    """

    default_parameters = {**ours.UrbanczikSennSynapse.default_parameters}
    units = ours.UrbanczikSennSynapse.units
    translations = build_translations(
        ("weight", "weight", KILO),
        ("delay", "delay"),
        ("eta", "eta"),
        ("tau_Delta", "tau_Delta"),
        ("w_min", "Wmin", KILO),
        ("w_max", "Wmax", KILO),
        ("dendritic_delay_fraction", "dendritic_delay_fraction"),
    )
    nest_name = "urbanczik_synapse"
    needs_dendrite = True

    def __init__(self, **parameters: Any) -> None:
        self._as_ours(parameters)
        fraction = parameters.get("dendritic_delay_fraction", 1.0)
        if fraction != 1.0:
            raise errors.InvalidParameterValueError(
                f"UrbanczikSennSynapse.dendritic_delay_fraction: {fraction} is not allowed on NEST; it must be 1.0"
            )
        given = {name: value for name, value in parameters.items() if value is not None}
        super().__init__(**{"delay": self._get_minimum_delay(), **given})

    @classmethod
    def _as_ours(cls, parameters):
        """Our rule with these parameters, which refuses what is impossible; the limits of delays are NEST's."""
        cls._check_delay(parameters.get("delay"))
        return ours.UrbanczikSennSynapse(**{name: value for name, value in parameters.items() if name != "delay"})

    @classmethod
    def _check_delay(cls, delay):
        if delay is not None and not isinstance(delay, str):
            Entry(cls.__name__, "delay", "positive", "ms").take(delay)

    def check_values(self, given: Mapping[str, Any], present: Callable[[str], Any]) -> None:
        """Refuse impossible new values of connections; `present` tells the old ones."""
        rule = self._as_ours({})
        for name, value in given.items():
            rule.check_name(name)
            if name == "delay":
                self._check_delay(value)
            else:
                rule.check_parameter(name, value)
        numbers = {name: value for name, value in given.items() if name in rule.related and np.ndim(value) == 0}
        if numbers:
            rule.check_together({name: numbers[name] if name in numbers else present(name) for name in rule.related})

    def check_native(self, values: Mapping[str, Any]) -> None:
        """Refuse impossible values of new connections, under NEST's names and in its units."""
        names = {"w_min": "Wmin", "weight": "weight", "w_max": "Wmax"}
        self._as_ours({}).check_together({name: np.asarray(values[theirs]) / KILO for name, theirs in names.items()})

    @property
    def native_parameters(self) -> Any:
        native = super().native_parameters
        native.pop("dendritic_delay_fraction")
        return native

    def get_schema(self) -> dict[str, type]:
        """Every parameter is a number."""
        return dict.fromkeys(self.default_parameters, float)
