"""Cells composed of a membrane and any post-synaptic responses."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import cells

from backend_cython.neurons.responses import compose

from ..parameters import NonExistentParameterError, refuse
from ..parameters.hints import Names
from .base import CellType, Term
from .components import Membrane, PostSynapticResponse

_composed = {}


def _composed_type(membrane, responses):
    """The cell type with a class of membrane and classes of responses; always the same for the same ones."""
    responses = dict(sorted(responses.items()))
    key = (membrane, *responses.items())
    if key not in _composed:
        parameters = dict(membrane.terms)
        for receptor, response in responses.items():
            for name, term in response.terms.items():
                parameters[f"{receptor}.{name}"] = Term(f"{receptor}.{name}", term.factor, term.unit)
        conductances = {response.conductance_based for response in responses.values()}
        body = {
            "core": compose(membrane.core, {receptor: response.kind for receptor, response in responses.items()}),
            "parameters": parameters,
            "receptor_types": list(responses),
            "conductance_based": conductances == {True},
            "__doc__": PointNeuron.__doc__,
            "__module__": PointNeuron.__module__,
        }
        _composed[key] = type("PointNeuron", (PointNeuron,), body)
    return _composed[key]


def _made_again(membrane, responses):
    """A copy or what was pickled, still without its values."""
    return object.__new__(_composed_type(membrane, responses))


class PointNeuron(CellType, cells.PointNeuron):
    """A cell composed of a membrane and any number of post-synaptic responses of any kinds.

    ::

        PointNeuron(LIF(tau_m=10.0), excitatory=CondExpPostSynapticResponse(tau_syn=2.0),
                    slow=CurrExpPostSynapticResponse())

    Each response is a receptor type. Its parameters and signals have its name in front: "excitatory.tau_syn",
    "excitatory.gsyn", "slow.isyn"; parameters are given and asked for as ``population.get("excitatory.tau_syn")``,
    ``population.set(**{"excitatory.tau_syn": 3.0})`` or ``population.set(excitatory={"tau_syn": 3.0})``.

    Weights onto a conductance (µS) are zero or positive. Those onto a current (nA) are zero or positive for
    receptors called "excitatory", "AMPA" or "NMDA", zero or negative for "inhibitory", "GABA", "GABAA" and
    "GABAB", and all of the same sign for others. Receptor types are in alphabetical order, as in PyNN: the first one
    is the default of a `Projection`.

    Parameters
    ----------
    neuron : LIF or AdExp
    **post_synaptic_receptors : post-synaptic responses
        One for each receptor type, by name.

    Raises
    ------
    TypeError
        For anything else than these components.
    pyNN.errors.InvalidParameterValueError
        For the name of a receptor that means something else, and for a value that is not allowed.
    """

    # what PyNN computes for each cell anew belongs to the type here, see `_composed_type`
    receptor_types = ()
    recordable = ()
    units = {}
    default_initial_values = {}
    conductance_based = True
    scale_factors = {}

    def __new__(cls, neuron=None, **post_synaptic_receptors):
        if cls.core is None:
            cls._check_components(neuron, post_synaptic_receptors)
            cls = _composed_type(type(neuron), {name: type(r) for name, r in post_synaptic_receptors.items()})
        return object.__new__(cls)

    def __init__(self, neuron: Any, **post_synaptic_receptors: Any) -> None:
        cells.PointNeuron.__init__(self, neuron, **post_synaptic_receptors)
        # by the components
        self._checked = {name: lazy.base_value for name, lazy in self.flatten(self.parameter_space).items()}

    def __reduce__(self):
        responses = {name: type(response) for name, response in self.post_synaptic_receptors.items()}
        return _made_again, (type(self.neuron), responses), self.__dict__

    @classmethod
    def _check_components(cls, neuron, responses):
        if not isinstance(neuron, Membrane):
            raise TypeError(f"{cls.__name__}.neuron: {neuron!r} is not allowed; it must be a LIF or an AdExp")
        for name, response in responses.items():
            if not isinstance(response, PostSynapticResponse):
                raise TypeError(
                    f"{cls.__name__}.{name}: {response!r} is not allowed; it must be a post-synaptic response, "
                    "such as CondExpPostSynapticResponse(...)"
                )
            if "." in name or name in ("spikes", "v", "w", *neuron.default_parameters):
                taken = f"without dots and none of spikes, {', '.join(neuron.default_parameters)}, w, v"
                refuse(cls.__name__, "receptor type", repr(name), taken)

    # ---- names

    @classmethod
    def _inner(cls, name, value):
        # `locations` is PyNN's, for cells with extension
        return {inner: given for inner, given in super()._inner(name, value).items() if inner != "locations"}

    @classmethod
    def own_name(cls, name: str) -> str:
        if name not in cls.default_parameters:
            raise NonExistentParameterError(name, cls.__name__, cls.default_parameters)
        return name

    @classmethod
    def group(cls, name: str) -> dict[str, str]:
        return {own[len(name) + 1 :]: own for own in cls.default_parameters if own.startswith(f"{name}.")}

    @classmethod
    def has_parameter(cls, name: str) -> bool:
        return name in cls.default_parameters

    # ---- what PyNN gathers from the components: native names and values are those of PyNN

    def get_schema(self) -> dict[str, Any]:
        """Types of the parameters, nested as `parameter_space` is."""
        parts = {name: response.get_schema() for name, response in self.post_synaptic_receptors.items()}
        return {**self.neuron.get_schema(), **parts}

    @property
    def native_parameters(self) -> ParameterSpace:
        return deepcopy(self.parameter_space)

    def translate(self, parameters: Mapping[str, Any], copy: bool = True) -> ParameterSpace:
        return deepcopy(parameters) if copy else parameters

    def reverse_translate(self, native_parameters: Any) -> ParameterSpace:
        return native_parameters

    def get_native_names(self, *names: str) -> list[str]:
        return [self.own_name(name) for name in names or self.default_parameters]

    def simple_parameters(self) -> list[str]:
        return list(self.default_parameters)

    def scaled_parameters(self) -> list[str]:
        return []

    def computed_parameters(self) -> list[str]:
        return []

    def computed_parameters_include(self, parameter_names: Names) -> bool:
        return False
