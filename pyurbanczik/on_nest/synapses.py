"""Synapse types: the rule of Urbanczik and Senn by NEST's synapse, and those of pyNN.nest."""

from __future__ import annotations

from itertools import count
from typing import Any

import nest
from pyNN import errors
from pyNN.nest.standardmodels import synapses
from pyNN.nest.synapses import NESTSynapseMixin
from pyNN.standardmodels import StandardSynapseType, build_translations
from pyNN.standardmodels import synapses as standard

from .. import synapses as ours
from ..compare.faults import mended
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
        For a `dendritic_delay_fraction` below 1: to NEST all delay lies behind the synapse.
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

    def __init__(self, **parameters: Any) -> None:
        fraction = parameters.get("dendritic_delay_fraction", 1.0)
        if fraction != 1.0:
            raise errors.InvalidParameterValueError(
                f"UrbanczikSennSynapse.dendritic_delay_fraction: {fraction} is not allowed on NEST; it must be 1.0"
            )
        given = {name: value for name, value in parameters.items() if value is not None}
        super().__init__(**{"delay": self._get_minimum_delay(), **given})

    @property
    def native_parameters(self) -> Any:
        native = super().native_parameters
        native.pop("dendritic_delay_fraction")
        return native

    def get_schema(self) -> dict[str, type]:
        """Every parameter is a number."""
        return dict.fromkeys(self.default_parameters, float)
