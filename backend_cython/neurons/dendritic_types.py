"""The classes of neurons with dendrites of given names and a given rate function, and what they declare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend_cython.model.schema import Compartment, ErrorVariable, Parameter, State

from .dendritic_neuron import DendriticNeuron
from .membranes import MEMBRANE, SOMA, learnable, prefixed

DENDRITE = {
    **MEMBRANE,
    "g_to_soma": Parameter(0.6, "uS", "non-negative"),
    "g_from_soma": Parameter(0.0, "uS", "non-negative"),
}
RATE_FUNCTIONS = {
    "logistic": {
        "phi_max": Parameter(150.0, "Hz", "non-negative"),
        "rate_slope": Parameter(0.5, "dimensionless", "slope"),
        "beta": Parameter(1.0 / 3.0, "1/mV", "non-negative"),
        "theta": Parameter(-55.0, "mV"),
    },
    "softplus": {
        "gain": Parameter(50.0, "Hz", "non-negative"),
        "beta": Parameter(1.0 / 3.0, "1/mV", "non-negative"),
        "theta": Parameter(-55.0, "mV"),
    },
    "rectified": {
        "gain": Parameter(10.0, "Hz/mV", "non-negative"),
        "theta": Parameter(-60.0, "mV"),
        "phi_max": Parameter(150.0, "Hz", "non-negative"),
    },
    "exponential": {
        "rho_0": Parameter(50.0, "Hz", "non-negative"),
        "beta": Parameter(1.0 / 3.0, "1/mV", "non-negative"),
        "theta": Parameter(-55.0, "mV"),
    },
}

_types: dict[tuple, type[DendriticNeuron]] = {}


def dendritic_neuron(labels: Sequence[str], rate_function: str = "logistic") -> type[DendriticNeuron]:
    """The class of cells with dendrites of these names; always the same one for the same arguments.

    Parameters
    ----------
    labels : sequence of str
        One for each dendrite, at least one.
    rate_function : str
        A key of `RATE_FUNCTIONS`.
    """
    key = (tuple(labels), rate_function)
    if key not in _types:
        _types[key] = type("DendriticNeuron", (DendriticNeuron,), _tables(*key))
    return _types[key]


def _tables(labels: tuple[str, ...], rate_function: str) -> dict[str, Any]:
    """What a class with these dendrites declares."""
    compartments = ("soma", *labels)
    parameters = prefixed("soma", SOMA)
    for label in labels:
        parameters.update(prefixed(label, DENDRITE))
    parameters["tau_refrac"] = Parameter(3.0, "ms", "time")
    parameters.update(RATE_FUNCTIONS[rate_function])
    states = {f"{name}.v": State(f"{name}_v_rest", "mV") for name in compartments}
    states["gsyn_exc"] = states["gsyn_inh"] = State(0.0, "uS", "conductance")
    states.update((f"{label}.isyn_{kind}", State(0.0, "nA")) for label in labels for kind in ("exc", "inh"))
    recordables = {name: state.unit for name, state in states.items()}
    recordables["rate"] = "Hz"
    for label in labels:
        recordables.update({f"{label}.v_star": "mV", f"{label}.rate_star": "Hz", f"{label}.error": "1/mV"})
    time_constants = {}
    for name in (*labels, "soma"):
        time_constants.update({f"{name}_exc": f"{name}_tau_syn_E", f"{name}_inh": f"{name}_tau_syn_I"})
    # last, as all signed receptors
    time_constants.update((label, f"{label}_tau_syn_E") for label in labels)
    learnt: dict[str, Any] = {}
    for label in labels:
        error = ErrorVariable(f"{label}.error")
        learnt |= learnable(label, (f"{label}_exc", f"{label}_inh", label), error, f"{label}.rate_star")
    return {
        "LABELS": labels,
        "RATE_FUNCTION": rate_function,
        "PARAMETERS": parameters,
        "STATES": states,
        "RECORDABLES": recordables,
        "RECEPTORS": tuple(time_constants),
        "SIGNED": {label: f"{label}_exc" for label in labels},
        "COMPARTMENTS": {name: Compartment(f"{name}.v", f"{name}_cm", name == "soma") for name in compartments},
        "LEARNABLE": learnt,
        "WEIGHT_UNITS": {name: "uS" if name in ("soma_exc", "soma_inh") else "nA" for name in time_constants},
        "TAU_SYN": time_constants,
    }
