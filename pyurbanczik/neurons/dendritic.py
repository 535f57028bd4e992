"""Neurons with any number of dendrites, and the parts of which they are made."""

from copy import copy
from keyword import iskeyword
from typing import Any

from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import StandardCellType

from backend_cython.neurons import dendritic_types as core

from ..objects.assignments import GivenAtOnce
from ..parameters import Entry, InvalidPartError, NonExistentParameterError, refuse
from .base import CellType

_types = {}


class Part(GivenAtOnce):
    """What the parts of a neuron share: parameters, checked when they are given.

    Parameters are given by name, or in the order in which the class lists them.

    Attributes
    ----------
    parameters : dict
        The values given, numbers in the declared units.
    """

    declared = {}  # {name: backend_cython.model.schema.Parameter}

    def __init__(self, *values: Any, **parameters: Any) -> None:
        owner = type(self).__name__
        if len(values) > len(self.declared):
            raise TypeError(f"{owner} takes at most {len(self.declared)} parameters ({', '.join(self.declared)})")
        for name, value in zip(self.declared, values):
            if name in parameters:
                raise TypeError(f"{owner}.{name} is given twice")
            parameters[name] = value
        self.parameters = {name: self.take(name, value) for name, value in parameters.items()}

    @classmethod
    def take(cls, name: str, value: Any) -> Any:
        """A checked value of one parameter."""
        if name not in cls.declared:
            raise NonExistentParameterError(name, cls.__name__, cls.declared)
        declared = cls.declared[name]
        return Entry(cls.__name__, name, declared.allowed, declared.unit).take(value)

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in self.parameters.items())})"


class Soma(Part):
    """The soma of a :class:`DendriticNeuron`: a membrane with synaptic conductances.

    Parameters
    ----------
    cm : float
        Capacitance, nF, positive.
    g_leak : float
        Leak conductance, µS, positive.
    v_rest : float
        Leak reversal potential, mV.
    tau_syn_E, tau_syn_I : float
        Decay of the synaptic conductances, ms, positive.
    i_offset : float
        Constant current, nA.
    e_rev_E, e_rev_I : float
        Synaptic reversal potentials, mV.
    """

    declared = core.SOMA


class Dendrite(Part):
    """A dendrite of a :class:`DendriticNeuron`: a membrane with synaptic currents, coupled to the soma.

    Parameters
    ----------
    cm : float
        Capacitance, nF, positive.
    g_leak : float
        Leak conductance, µS, positive.
    v_rest : float
        Leak reversal potential, mV.
    tau_syn_E, tau_syn_I : float
        Decay of the synaptic currents, ms, positive.
    i_offset : float
        Constant current, nA.
    g_to_soma : float
        Conductance by which the dendrite drives the soma, µS, zero or positive.
    g_from_soma : float
        Conductance by which the soma acts back on the dendrite, µS, zero or positive.
    """

    declared = core.DENDRITE


class RateFunction(Part):
    """The rate at which a :class:`DendriticNeuron` spikes, as a function of its somatic potential."""

    core_name: str | None = None

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.declared = core.RATE_FUNCTIONS[cls.core_name]


class Logistic(RateFunction):
    r"""The rate function of Urbanczik and Senn (2014).

    .. math:: \varphi(U) = \frac{\varphi_{max}}{1 + k\,e^{\beta(\theta - U)}}

    Parameters
    ----------
    phi_max : float
        Largest rate, Hz, zero or positive.
    rate_slope : float
        k, without unit, from 0 to 1000.
    beta : float
        Steepness, 1/mV, zero or positive.
    theta : float
        Position, mV.
    """

    core_name = "logistic"


class Softplus(RateFunction):
    r"""A rate that grows without bound, linearly far above `theta`.

    .. math:: \varphi(U) = g \ln(1 + e^{\beta(U - \theta)})

    Parameters
    ----------
    gain : float
        g, Hz, zero or positive.
    beta : float
        Steepness, 1/mV, zero or positive.
    theta : float
        Position, mV.
    """

    core_name = "softplus"


class Rectified(RateFunction):
    r"""A rate that is linear between zero and a largest one.

    .. math:: \varphi(U) = \min(\max(g (U - \theta), 0), \varphi_{max})

    Parameters
    ----------
    gain : float
        g, Hz/mV, zero or positive.
    theta : float
        Threshold, mV.
    phi_max : float
        Largest rate, Hz, zero or positive.
    """

    core_name = "rectified"


class Exponential(RateFunction):
    r"""A rate that grows exponentially.

    .. math:: \varphi(U) = \rho_0\,e^{\beta(U - \theta)}

    Parameters
    ----------
    rho_0 : float
        Rate at `theta`, Hz, zero or positive.
    beta : float
        Steepness, 1/mV, zero or positive.
    theta : float
        Position, mV.
    """

    core_name = "exponential"


def _made_again(labels, rate_function):
    """A copy or what was pickled, still without its values."""
    return object.__new__(_type_of(labels, rate_function))


class DendriticNeuron(CellType, StandardCellType):
    r"""Point-process neuron with a conductance-based soma and any number of current-based dendrites.

    ::

        DendriticNeuron(basal=Dendrite(), apical=Dendrite(g_to_soma=0.4), soma=Soma(cm=0.3),
                        rate_function=Softplus(gain=50.0), tau_refrac=3.0)

    The soma with potential U and the dendrites with potentials V_c follow

    .. math::
        C_s \dot U   &= -g_L(U - E_L) - g_E(U - E_E) - g_I(U - E_I) + \sum_c g_c (V_c - U) + I_s \\
        C_c \dot V_c &= -g_{L,c}(V_c - E_c) + b_c (U - V_c) + I_{E,c} + I_{I,c} + I_c

    with g_c the `g_to_soma` and b_c the `g_from_soma` of the dendrite. A spike that arrives adds the weight of its
    synapse to g_E, g_I (µS, soma) or to I_E, I_I (nA, a dendrite; I_I is negative), each of which decays exponentially
    with a time constant of its own. The soma spikes with the rate φ(U), and is silent for `tau_refrac` after a spike; U
    is not reset. The potential that a dendrite alone, with the others at rest, predicts for the soma is

    .. math::
        V^*_c = \frac{g_L E_L + g_c V_c + \sum_{k \ne c} g_k E_k}{g_L + \sum_k g_k} .

    Parameters
    ----------
    soma : Soma or dict, optional
    rate_function : Logistic, Softplus, Rectified or Exponential, optional
        `Logistic()` by default.
    tau_refrac : float
        Time without spikes after a spike, ms, zero or positive. With 0, the number of spikes in a time step is that of
        a Poisson process; more than a million end the run with an error.
    **dendrites : Dendrite
        At least one, by its label.

    Attributes
    ----------
    labels : tuple of str
        Names of the dendrites.

    Raises
    ------
    TypeError
        For no dendrite, and for parts that are none.
    pyNN.errors.InvalidParameterValueError
        For a label that means something else, and for a value that is not allowed.
    pyNN.errors.NonExistentParameterError
        For a name that does not exist.

    Notes
    -----
    Parameters are given once: under flat names, "soma_cm", "basal_g_to_soma", "theta", or under nested ones,
    "basal.g_to_soma" and ``set(basal={"g_to_soma": 0.5})`` or ``set(basal=Dendrite(g_to_soma=0.5))``. Receptor types
    are, for each dendrite, "<label>_exc" and "<label>_inh" (nA, zero or positive; an inhibitory weight hyperpolarises),
    then "soma_exc" and "soma_inh" (µS), then "<label>" (nA, of either sign, with the time constant `tau_syn_E`). The
    first two are the defaults of a `Projection`. Electrodes inject into the soma or ``location=<label>``.

    Recordable are "spikes", "soma.v" (short "v"), "gsyn_exc", "gsyn_inh" (µS, soma), "rate" (φ(U), Hz), and for each
    dendrite "<label>.v" (mV), "<label>.isyn_exc", "<label>.isyn_inh" (nA), "<label>.v_star" (mV), "<label>.rate_star"
    (φ(V*), Hz) and "<label>.error", (spikes − φ(V*) h) φ'(V*)/φ(V*) of the step, in 1/mV.

    The initial value "v" sets all compartments, "soma.v" or "<label>.v" one of them. All start at their v_rest, if
    nothing else is given. Below threshold potentials are within 1e-6 mV of the solution at a time step of 0.1 ms.

    References
    ----------
    .. [1] Urbanczik R, Senn W (2014) Learning by the dendritic prediction of somatic spiking. Neuron 81:521–528.
    .. [2] Sacramento J, Costa RP, Bengio Y, Senn W (2018) Dendritic cortical microcircuits approximate the
       backpropagation algorithm. NeurIPS 31.
    """

    # PyNN derives the sign of weights from this: positive ones on all receptors
    conductance_based = True
    signal_aliases = {"v": "soma.v"}
    labels = ()
    rate_function = Logistic
    choices = ("rate_function",)

    def __new__(cls, /, *, rate_function=None, **parts):
        if cls.core is None:
            cls._check_rate_function(rate_function)
            labels = tuple(name for name, part in parts.items() if isinstance(part, Dendrite))
            if not labels:
                given = ", ".join(f"{name}={part!r}" for name, part in parts.items()) or "nothing"
                raise TypeError(
                    f"{cls.__name__} needs a dendrite at least, such as basal=Dendrite(); {given} was given"
                )
            cls._check_labels(labels)
            cls = _type_of(labels, Logistic if rate_function is None else type(rate_function))
        return object.__new__(cls)

    def __init__(self, /, *, soma: Any = None, rate_function: Any = None, **parameters: Any) -> None:
        optional = {"rate_function": rate_function, "soma": soma}
        super().__init__(**{name: part for name, part in optional.items() if part is not None}, **parameters)

    def _shown_with(self, rows):
        parts = []
        for name in ("soma", *self.labels):
            inner = ", ".join(
                f"{row.name[len(name) + 1 :]}={row.value}" for row in rows if row.name.startswith(f"{name}_")
            )
            if inner or name != "soma":
                parts.append(f"{name}={'Soma' if name == 'soma' else 'Dendrite'}({inner})")
        inner = ", ".join(f"{row.name}={row.value}" for row in rows if row.name in self.rate_function.declared)
        if inner or self.rate_function is not Logistic:
            parts.append(f"rate_function={self.rate_function.__name__}({inner})")
        parts += [f"{row.name}={row.value}" for row in rows if row.name == "tau_refrac"]
        return f"{type(self).__name__}({', '.join(parts)})"

    def __reduce__(self):
        # which names the type of cell, and that has no name of its own by which it could be found again
        space = copy(self.parameter_space)
        space.component = None
        return _made_again, (self.labels, self.rate_function), {**self.__dict__, "parameter_space": space}

    def __setstate__(self, values):
        self.__dict__.update(values)
        self.parameter_space.component = type(self)

    @classmethod
    def _check_rate_function(cls, rate_function):
        if rate_function is not None and not isinstance(rate_function, RateFunction):
            raise TypeError(
                f"{cls.__name__}.rate_function: {rate_function!r} is not allowed; it must be a Logistic, Softplus, "
                "Rectified or Exponential"
            )

    @classmethod
    def _check_labels(cls, labels):
        rate_parameters = {name for table in core.RATE_FUNCTIONS.values() for name in table}
        taken = {"soma", "soma_exc", "soma_inh", "v", "spikes", "rate", "gsyn_exc", "gsyn_inh", "tau_refrac"}
        taken |= rate_parameters | {f"{label}_{kind}" for label in labels for kind in ("exc", "inh")}
        for label in labels:
            if not label.isidentifier() or iskeyword(label):
                refuse(cls.__name__, "label of a dendrite", repr(label), "a name as of a variable of Python")
            if label in taken:
                refuse(cls.__name__, "label of a dendrite", repr(label), f"none of {', '.join(sorted(taken))}")
            for part, declared in (("soma", core.SOMA), *((other, core.DENDRITE) for other in labels)):
                if label in {f"{part}_{name}" for name in declared}:
                    refuse(cls.__name__, "label of a dendrite", repr(label), f"no name of a parameter of {part!r}")

    @classmethod
    def _several(cls, name, value):
        if name != "rate_function":
            return super()._several(name, value)
        if not isinstance(value, cls.rate_function):
            raise InvalidPartError(
                f"{cls.__name__}.{name}: {value!r} is not allowed; it must be a {cls.rate_function.__name__}, as when "
                "the cell was made"
            )
        return value.parameters

    @classmethod
    def _inner(cls, name, value):
        part = Soma if name == "soma" else Dendrite
        if not isinstance(value, (part, dict, ParameterSpace)):
            raise InvalidPartError(
                f"{cls.__name__}.{name}: {value!r} is not allowed; it must be a {part.__name__}, or a dictionary of "
                "its parameters"
            )
        return value.parameters if isinstance(value, Part) else value

    @classmethod
    def group(cls, name: str) -> dict[str, str]:
        if name not in cls.compartments:
            return {}
        return {inner: f"{name}_{inner}" for inner in (Soma if name == "soma" else Dendrite).declared}


def _type_of(labels, rate_function):
    """The cell type with these dendrites; always the same one for the same ones."""
    key = labels, rate_function
    if key not in _types:
        body = {
            "core": core.dendritic_neuron(labels, rate_function.core_name),
            "labels": labels,
            "rate_function": rate_function,
            "state_groups": {"v": tuple(f"{compartment}.v" for compartment in ("soma", *labels))},
            "__doc__": DendriticNeuron.__doc__,
            "__module__": DendriticNeuron.__module__,
        }
        _types[key] = type("DendriticNeuron", (DendriticNeuron,), body)
    return _types[key]
