"""Spike-timing-dependent plasticity, composed of a rule of timing and a dependence on the weight."""

from collections.abc import Mapping
from typing import Any

from pyNN import errors
from pyNN.standardmodels import build_translations, synapses

from backend_cython.synapses import stdp_rules as core
from backend_cython.synapses.stdp import composed

from ..objects.assignments import GivenAtOnce
from ..objects.presentation import ShownModel
from ..parameters import Entry
from ..parameters.hints import Values
from ..parameters.units import TARGETS_UNITS, TargetUnit
from .base import SplitDelay, take

# The unit of weights, of their bounds, and of learning rates in their unit.
WEIGHTS = "nA or uS"


class Component(ShownModel, GivenAtOnce):
    """Mixin of the parts of a mechanism: tables and checks follow from the part of the core, named `core`.

    Every rule of timing goes with every dependence on the weight.
    """

    core: Any = None
    possible_models = frozenset({"stdp"})

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        declared = cls.core.PARAMETERS
        cls.default_parameters = {name: p.default for name, p in declared.items()}
        cls.units = {name: p.unit for name, p in declared.items()}
        cls.translations = build_translations(*((name, name) for name in declared))

    def __init__(self, **parameters: Any) -> None:
        self.weight_unit = TargetUnit(WEIGHTS)
        super().__init__(**{name: take(self._entry(name), value) for name, value in parameters.items()})

    def _entry(self, name):
        declared = self.core.PARAMETERS[name]
        unit = self.weight_unit if declared.unit in TARGETS_UNITS else declared.unit
        return Entry(type(self).__name__, name, declared.allowed, unit)


class SpikePairRule(Component, synapses.SpikePairRule):
    r"""Change of the weight by every pair of spikes, according to the time Δt from the pre- to the
    postsynaptic one:

    .. math::
        \Delta w = \begin{cases}
        + w_{max}\,A_+\,e^{-\Delta t/\tau_+}\, f_+(w) & \Delta t > 0 \\
        - w_{max}\,A_-\,e^{\Delta t/\tau_-}\, f_-(w) & \Delta t < 0 \end{cases}

    with the factors f of the dependence on the weight. Spikes that reach the synapse at the same time are no
    pair.

    Parameters
    ----------
    tau_plus, tau_minus : float
        ms, positive.
    A_plus, A_minus : float
        Amplitudes, dimensionless.

    References
    ----------
    .. [1] Song S, Miller KD, Abbott LF (2000) Competitive Hebbian learning through spike-timing-dependent
       synaptic plasticity. Nat Neurosci 3:919–926.
    """

    core = core.SpikePairRule

    def __init__(
        self, tau_plus: Values = 20.0, tau_minus: Values = 20.0, A_plus: Values = 0.01, A_minus: Values = 0.01
    ) -> None:
        super().__init__(tau_plus=tau_plus, tau_minus=tau_minus, A_plus=A_plus, A_minus=A_minus)


class Vogels2011Rule(Component, synapses.Vogels2011Rule):
    r"""Plasticity of inhibitory synapses that balances excitation: pairs of spikes increase the weight
    whatever their order, presynaptic spikes decrease it,

    .. math::
        \Delta w = + \eta\,e^{-|\Delta t|/\tau}\, f_+(w) \text{ for each pair}, \qquad
        \Delta w = - 2\,\rho\,\tau\,\eta\, f_-(w) \text{ for each presynaptic spike}

    with the factors f of the dependence on the weight (1 in the paper: AdditiveWeightDependence). Spikes that
    reach the synapse at the same time are no pair.

    Parameters
    ----------
    tau : float
        ms, positive.
    eta : float
        Learning rate, in the unit of the weight; zero or positive.
    rho : float
        Rate of the postsynaptic cell at which the weight stays, in Hz, as in the paper; zero or positive.
        (pyNN.neuron takes the number as 1/ms.)

    References
    ----------
    .. [1] Vogels TP, Sprekeler H, Zenke F, Clopath C, Gerstner W (2011) Inhibitory plasticity balances
       excitation and inhibition in sensory pathways and memory networks. Science 334:1569–1573.
    """

    core = core.Vogels2011Rule

    def __init__(self, tau: Values = 20.0, eta: Values = 1e-10, rho: Values = 3.0) -> None:
        super().__init__(tau=tau, eta=eta, rho=rho)


class AdditiveWeightDependence(Component, synapses.AdditiveWeightDependence):
    """Changes do not depend on the weight, f₊ = f₋ = 1, which is cut off at its bounds.

    Parameters
    ----------
    w_min, w_max : float
        Bounds of the weight, in its unit. Weights keep their sign: 0 ≤ w_min ≤ w_max, or, for the negative
        weights of inhibitory synapses onto current-based cells, w_max ≤ w_min ≤ 0. "Potentiation" is always
        towards w_max, so that it makes inhibition stronger too.
    """

    core = core.AdditiveWeightDependence

    def __init__(self, w_min: Values = 0.0, w_max: Values = 1.0) -> None:
        super().__init__(w_min=w_min, w_max=w_max)


class MultiplicativeWeightDependence(Component, synapses.MultiplicativeWeightDependence):
    """Changes vanish towards the bounds: f₊ = (w_max − w) / w_max, f₋ = (w − w_min) / w_max.

    Parameters
    ----------
    w_min, w_max : float
        As in :class:`AdditiveWeightDependence`.
    """

    core = core.MultiplicativeWeightDependence

    def __init__(self, w_min: Values = 0.0, w_max: Values = 1.0) -> None:
        super().__init__(w_min=w_min, w_max=w_max)


class AdditivePotentiationMultiplicativeDepression(Component, synapses.AdditivePotentiationMultiplicativeDepression):
    """Decreases are proportional to the weight: f₊ = 1, f₋ = w / w_max.

    Parameters
    ----------
    w_min, w_max : float
        As in :class:`AdditiveWeightDependence`.
    """

    core = core.AdditivePotentiationMultiplicativeDepression

    def __init__(self, w_min: Values = 0.0, w_max: Values = 1.0) -> None:
        super().__init__(w_min=w_min, w_max=w_max)


class GutigWeightDependence(Component, synapses.GutigWeightDependence):
    """Powers of the distances to the bounds: f₊ = ((w_max − w) / w_max)^mu_plus,
    f₋ = ((w − w_min) / w_max)^mu_minus.

    Parameters
    ----------
    w_min, w_max : float
        As in :class:`AdditiveWeightDependence`.
    mu_plus, mu_minus : float
        Exponents, zero or positive.

    References
    ----------
    .. [1] Gütig R, Aharonov R, Rotter S, Sompolinsky H (2003) Learning input correlations through nonlinear
       temporally asymmetric Hebbian plasticity. J Neurosci 23:3697–3714.
    """

    core = core.GutigWeightDependence

    def __init__(self, w_min: Values = 0.0, w_max: Values = 1.0, mu_plus: Values = 0.5, mu_minus: Values = 0.5) -> None:
        super().__init__(w_min=w_min, w_max=w_max, mu_plus=mu_plus, mu_minus=mu_minus)


class STDPMechanism(SplitDelay, synapses.STDPMechanism):
    """Synapse whose weight depends on the times of pre- and postsynaptic spikes.

    All parameters, those of the components included, can be read and set through the `Projection`:
    ``projection.get("w_max", "list")``, ``projection.set(A_plus=0.02)``. They may differ between connections.
    Setting the weight leaves the memory of past spikes alone, setting another parameter leaves the weight
    where it is.

    The weight changes when a spike reaches the synapse: a presynaptic one after the part of the delay that
    lies on the axon, a postsynaptic one after the part in the dendrite. ``projection.get("weight", ...)`` is
    always up to date, and a presynaptic spike carries the weight after its own change.

    Recordable are "weight", and the traces "K_plus" and "K_minus" of the pre- and postsynaptic spikes that have
    reached the synapse: each spike adds 1, which decays with the time constant of the rule.

    Parameters
    ----------
    timing_dependence : SpikePairRule or Vogels2011Rule
    weight_dependence : AdditiveWeightDependence, MultiplicativeWeightDependence, \
AdditivePotentiationMultiplicativeDepression or GutigWeightDependence
    voltage_dependence : None
    dendritic_delay_fraction : float
        Part of the delay behind the synapse, from 0 to 1.
    weight : float
        nA or µS, between the bounds of `weight_dependence`.
    delay : float
        ms; rounded to time steps, and at least one. By default the smallest delay allowed.

    Raises
    ------
    pyNN.errors.NoModelAvailableError
        Without a dependence on timing and on the weight, or with one on the voltage.
    pyNN.errors.InvalidParameterValueError
        For a value that is not allowed.
    """

    bounds = ("w_min", "w_max")
    related = ("w_min", "w_max", "weight")

    def __init__(
        self,
        timing_dependence: Any = None,
        weight_dependence: Any = None,
        voltage_dependence: None = None,
        dendritic_delay_fraction: Values = 1.0,
        weight: Values = 0.0,
        delay: Values | None = None,
    ) -> None:
        for name, component, kind in (
            ("timing_dependence", timing_dependence, synapses.STDPTimingDependence),
            ("weight_dependence", weight_dependence, synapses.STDPWeightDependence),
        ):
            offered = [cls for cls in Component.__subclasses__() if issubclass(cls, kind)]
            if not isinstance(component, tuple(offered)):
                names = ", ".join(cls.__name__ for cls in offered)
                raise errors.NoModelAvailableError(
                    f"{type(self).__name__}.{name}: {component!r} is not available; it must be one of {names}"
                )
        if voltage_dependence is not None:
            raise errors.NoModelAvailableError(
                f"{type(self).__name__}.voltage_dependence: {voltage_dependence!r} is not available; it must be None"
            )
        self.timing_dependence = timing_dependence
        self.weight_dependence = weight_dependence
        self.voltage_dependence = None
        self._usual_delay = self._get_minimum_delay()
        self._build_translations()
        self.weight_units = {WEIGHTS: self._common_unit()}
        self.dendritic_delay_fraction = dendritic_delay_fraction
        self.weight = 0.0 if weight is None else weight
        self.delay = self._usual_delay if delay is None else delay
        numbers = {
            name: lazy.base_value for name, lazy in self.parameter_space.items() if isinstance(lazy.base_value, float)
        }
        if numbers.get("weight") == 0.0:
            # not given, as far as one can tell: the connector, or `Projection.set`, may have weights
            del numbers["weight"]
        self.check_together(numbers)

    def __setattr__(self, name, value):
        if name in ("weight", "delay", "dendritic_delay_fraction"):
            # these PyNN reads from here
            vars(self)[name] = self.check_parameter(name, value)
        elif name.endswith("_dependence") and name in vars(self):
            raise AttributeError(f"{type(self).__name__}.{name} = ... is not allowed; make a new {type(self).__name__}")
        else:
            super().__setattr__(name, value)

    def _common_unit(self):
        """The unit of all weights, on which the components must agree."""
        unit = TargetUnit(WEIGHTS)
        for component in (self.timing_dependence, self.weight_dependence):
            given = component.weight_unit.settled
            if given and unit.settled not in (None, given):
                raise errors.InvalidParameterValueError(
                    f"{type(self).__name__}: weights in {unit.settled} and in {given} are not allowed together; they "
                    "must be in the unit of one target"
                )
            unit.settled = unit.settled or given
        return unit

    def check_target_unit(self, target_unit: str) -> None:
        super().check_target_unit(target_unit)
        # what functions and distributions in the components have yielded by now
        self.weight_units = {WEIGHTS: self._common_unit()}
        super().check_target_unit(target_unit)

    @property
    def core(self) -> Any:
        """The class of the core."""
        return composed(self.timing_dependence.core, self.weight_dependence.core)

    def _build_translations(self):
        """Tables of this mechanism alone, whatever other ones are composed of."""
        vars(self).update(self.tables(self.core, {}))

    def get_parameter_names(self) -> list[str]:
        return list(self.default_parameters)

    def _arguments(self):
        return [repr(component) for component in self._components()]

    def _components(self):
        return [self.timing_dependence, self.weight_dependence]

    def _facts(self):
        return [("timing", repr(self.timing_dependence)), ("weight", repr(self.weight_dependence))]

    def _changed(self, values=None):
        # what the components were made with stands with them
        elsewhere = {name for component in self._components() for name in component.default_parameters}
        return [row for row in super()._changed(values) if values is not None or row.name not in elsewhere]

    def check_together(self, values: Mapping[str, Any], target_unit: str | None = None) -> None:
        """Refuse bounds that contradict each other, and weights outside of them."""
        try:
            core.check_bounds(type(self).__name__, values, str(self.unit("weight", target_unit)))
        except ValueError as error:
            raise errors.InvalidParameterValueError(str(error)) from None
