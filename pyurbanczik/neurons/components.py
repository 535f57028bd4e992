"""The parts of which `PointNeuron` composes cells: membranes and post-synaptic responses."""

from typing import Any

from pyNN.standardmodels import build_translations, cells, receptors

from backend_cython.neurons.adaptive_exponential import AdaptiveExponential
from backend_cython.neurons.integrate_and_fire import IntegrateAndFire
from backend_cython.neurons.responses import KINDS

from ..objects.assignments import GivenAtOnce
from ..objects.presentation import ShownModel
from ..parameters import Entry, NonExistentParameterError
from .adaptive import ADAPTATION
from .base import Term, terms


class Component(ShownModel, GivenAtOnce):
    """Mixin of the parts: values are checked when they are given.

    Attributes
    ----------
    declared : dict
        ``{name: backend_cython.model.schema.Parameter}``
    terms : dict
        ``{name: Term}``
    """

    declared: dict[str, Any] = {}
    terms: dict[str, Any] = {}
    default_parameters: dict[str, Any]

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.translations = build_translations(*((name, name) for name in getattr(cls, "default_parameters", ())))

    def _units(self):
        return {name: term.unit for name, term in self.terms.items()}

    def _values_to_show(self):
        # PyNN's `locations` has no meaning here
        return {name: value for name, value in self.parameter_space.items() if name in self.declared}

    def __init__(self, **parameters: Any) -> None:
        owner = type(self).__name__
        values = {}
        for name, value in parameters.items():
            if name not in self.default_parameters:
                raise NonExistentParameterError(name, owner, self.default_parameters)
            if name in self.declared:
                term = self.terms[name]
                value = Entry(owner, name, self.declared[name].allowed, term.unit, term.factor).take(value)
            values[name] = value
        super().__init__(**values)


class Membrane(Component):
    """Mixin of what a cell is apart from its synapses; `core` is the class of the core."""

    core: Any = None

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.declared = cls.core.PARAMETERS
        cls.scale_factors = dict.fromkeys(cls.default_initial_values, 1.0)


class LIF(Membrane, cells.LIF):
    r"""The membrane of a leaky integrate-and-fire neuron, for :class:`PointNeuron`.

    .. math:: c_m \dot v = -\frac{c_m}{\tau_m} (v - v_{rest}) + I_{syn} + i_{offset} + I

    Parameters are those of :class:`IF_cond_exp` but for the synapses: `cm` (nF), `tau_m`, `tau_refrac` (ms),
    `v_rest`, `v_reset`, `v_thresh` (mV) and `i_offset` (nA). "v" can be recorded.
    """

    core = IntegrateAndFire
    terms = terms(IntegrateAndFire)


class AdExp(Membrane, cells.AdExp):
    r"""The membrane of an adaptive exponential integrate-and-fire neuron, for :class:`PointNeuron`.

    .. math::
        c_m \dot v &= -g_L (v - v_{rest}) + g_L \Delta_T e^{(v - v_{thresh}) / \Delta_T} - w + I_{syn} + i_{offset} + I,
                      \qquad g_L = c_m / \tau_m \\
        \tau_w \dot w &= a (v - v_{rest}) - w

    Parameters are those of :class:`EIF_cond_exp_isfa_ista` but for the synapses. "v" and "w" can be recorded.
    """

    core = AdaptiveExponential
    terms = terms(AdaptiveExponential, a=ADAPTATION)


class PostSynapticResponse(Component):
    """Mixin of the time courses of what a spike adds to a cell; `kind` is that of the core.

    PyNN's parameter `locations` has no meaning for cells without extension.
    """

    kind: str | None = None

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.declared = dict(KINDS[cls.kind].parameters.values())
        cls.terms = {name: Term(name, 1.0, parameter.unit) for name, parameter in cls.declared.items()}
        cls.recordable = list(cls.default_initial_values)
        cls.scale_factors = dict.fromkeys(cls.recordable, 1.0)


class CurrExpPostSynapticResponse(PostSynapticResponse, receptors.CurrExpPostSynapticResponse):
    r"""A current that a spike increases by its weight (nA), and that decays with `tau_syn` (ms).

    .. math:: I_{syn}(t) = \sum_f \text{weight} \cdot e^{-(t - t_f)/\tau_{syn}}

    "isyn" can be recorded.
    """

    kind = "curr_exp"


class CondExpPostSynapticResponse(PostSynapticResponse, receptors.CondExpPostSynapticResponse):
    r"""A conductance that a spike increases by its weight (µS), and that decays with `tau_syn` (ms).

    .. math:: I_{syn}(t) = g\,(e_{syn} - v), \qquad g(t) = \sum_f \text{weight} \cdot e^{-(t - t_f)/\tau_{syn}}

    Its current reverses at `e_syn` (mV). "gsyn" can be recorded.
    """

    kind = "cond_exp"


class CondAlphaPostSynapticResponse(PostSynapticResponse, receptors.CondAlphaPostSynapticResponse):
    r"""A conductance that follows the alpha function after a spike, and peaks `tau_syn` (ms) later at the weight (µS).

    .. math:: I_{syn}(t) = g\,(e_{syn} - v), \qquad
        g(t) = \sum_f \text{weight} \cdot \frac{t - t_f}{\tau_{syn}}\,e^{1 - (t - t_f)/\tau_{syn}}

    Its current reverses at `e_syn` (mV). "gsyn" can be recorded.
    """

    kind = "cond_alpha"


class CondBetaPostSynapticResponse(PostSynapticResponse, receptors.CondBetaPostSynapticResponse):
    r"""A conductance that is the difference of two exponentials after a spike, with the weight (µS) as its peak.

    .. math:: I_{syn}(t) = g\,(e_{syn} - v), \qquad
        g(t) \propto \sum_f \text{weight} \left(e^{-(t - t_f)/\tau_{decay}} - e^{-(t - t_f)/\tau_{rise}}\right)

    The time constants are `tau_rise` and `tau_decay` (ms), of which the former must not be larger; if they are
    equal, this is the alpha function. The current reverses at `e_syn` (mV). "gsyn" can be recorded.
    """

    kind = "cond_beta"


# PyNN's short names
ExpPSR = CondExpPostSynapticResponse
AlphaPSR = CondAlphaPostSynapticResponse
BetaPSR = CondBetaPostSynapticResponse
