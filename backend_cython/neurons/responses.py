"""What a model of a point neuron declares about its synapses, and what follows from that.

A *response* is the time course of what a spike of unit weight adds to a cell, for s ms after its arrival:

============== ========================================= ==========================================
kind           time course                               weight
============== ========================================= ==========================================
``curr_delta`` a jump of the potential                   its height, mV
``*_exp``      e^(−s/τ)                                  the value at once
``*_alpha``    (s/τ) e^(1 − s/τ)                         the peak, at s = τ
``*_beta``     N (e^(−s/τ_decay) − e^(−s/τ_rise))        the peak, which N makes 1; as τ_rise → τ_decay
                                                         this is the alpha function
============== ========================================= ==========================================

``curr_*`` is a current in nA that flows into the cell, ``cond_*`` a conductance g in µS that drives the current
g (E − v). Source of the functions: Roth & van Rossum (2009), Modeling synapses, in: Computational Modeling
Methods for Neuroscientists, MIT Press.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from backend_cython.model.schema import Parameter, State


class Response(NamedTuple):
    """A synaptic response: its kind (a key of `KINDS`), and the names of its parameters and of its signal."""

    kind: str
    tau: str | None = None  # decay time constant
    tau_rise: str | None = None
    e_rev: str | None = None  # reversal potential
    signal: str | None = None  # under which the current or conductance is recorded

    @property
    def unit(self) -> str | None:
        """Of the signal; None if there is none."""
        return KINDS[self.kind].unit

    @property
    def conductance(self) -> bool:
        return KINDS[self.kind].unit == "uS"

    @property
    def state(self) -> State:
        """What the signal is declared as."""
        return State(0.0, str(self.unit), "conductance" if self.conductance else "state")


class Kind(NamedTuple):
    """Unit of the signal, and ``{field of Response: (name, Parameter)}`` as PyNN's composed neurons have them."""

    unit: str | None
    parameters: dict


_TAU = {"tau": ("tau_syn", Parameter(5.0, "ms", "positive"))}
_E_REV = {"e_rev": ("e_syn", Parameter(0.0, "mV"))}
_RISE_AND_DECAY = {
    "tau_rise": ("tau_rise", Parameter(0.2, "ms", "positive")),
    "tau": ("tau_decay", Parameter(1.7, "ms", "positive")),
}
KINDS = {
    "curr_delta": Kind(None, {}),
    "curr_exp": Kind("nA", _TAU),
    "curr_alpha": Kind("nA", _TAU),
    "curr_beta": Kind("nA", _RISE_AND_DECAY),
    "cond_exp": Kind("uS", {**_E_REV, **_TAU}),
    "cond_alpha": Kind("uS", {**_E_REV, **_TAU}),
    "cond_beta": Kind("uS", {**_E_REV, **_RISE_AND_DECAY}),
}


class Derived:
    """A table of a class that follows from what the class, or one derived from it, declares elsewhere."""

    def __init__(self, table: Any) -> None:
        self.table = table

    def __get__(self, cell, cls):
        return self.table(cls)


def recordables(cls: Any) -> dict[str, str]:
    """Units of all states."""
    return {name: state.unit for name, state in cls.STATES.items()}


def receptors(cls: Any) -> tuple[str, ...]:
    """All that respond."""
    return tuple(cls.RESPONSES)


def weight_units(cls: Any) -> dict[str, str]:
    """Units of the weights onto each receptor."""
    return {receptor: cls.RESPONSES[receptor].unit or "mV" for receptor in cls.RECEPTORS}


def time_constants(cls: Any) -> dict[str, Any]:
    """The parameters with which responses decay, of receptors that have one."""
    return {receptor: cls.RESPONSES[receptor].tau for receptor in cls.RECEPTORS if cls.RESPONSES[receptor].tau}


def cell_type(cls: Any) -> type:
    """Class decorator: the states of the responses join those of the membrane."""
    inherited = {r.signal for base in cls.__mro__[1:] for r in getattr(base, "RESPONSES", {}).values()}
    membrane = {name: state for name, state in cls.STATES.items() if name not in inherited}
    cls.STATES = {**membrane, **{r.signal: r.state for r in cls.RESPONSES.values() if r.unit}}
    return cls


def pair(kind: str, excitatory: Any, inhibitory: Any, e_rev_I: float = -70.0) -> tuple[dict, dict]:
    """The two responses of PyNN's standard cells.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    excitatory, inhibitory : float
        Default time constants, ms.
    e_rev_I : float
        Default inhibitory reversal potential, mV, of conductances.

    Returns
    -------
    responses, parameters : dict
        For `RESPONSES`, and to be joined with the `PARAMETERS` of the membrane.
    """
    prefix = "gsyn" if kind.startswith("cond") else "isyn"
    responses, parameters = {}, {}
    for receptor, letter, tau, e_rev in (
        ("excitatory", "E", excitatory, 0.0),
        ("inhibitory", "I", inhibitory, e_rev_I),
    ):
        names = {"tau": f"tau_syn_{letter}", "signal": f"{prefix}_{receptor[:3]}"}
        parameters[names["tau"]] = Parameter(tau, "ms", "positive")
        if prefix == "gsyn":
            names["e_rev"] = f"e_rev_{letter}"
            parameters[names["e_rev"]] = Parameter(e_rev, "mV")
        responses[receptor] = Response(kind, **names)
    return responses, parameters


_composed = {}


def compose(membrane: Any, kinds: Mapping[str, str]) -> type:
    """The class of cells with the given membrane and any responses; always the same one for the same arguments.

    Parameters
    ----------
    membrane : type
        A class derived from `PointNeuron`, such as `IntegrateAndFire`.
    kinds : dict
        ``{receptor: kind}``. The parameters of a response are named "receptor.tau_syn" and so on, its signal is
        "receptor.gsyn" or "receptor.isyn".
    """
    key = (membrane, *kinds.items())
    if key not in _composed:
        responses, parameters = {}, {}
        for receptor, kind in kinds.items():
            given = KINDS[kind].parameters
            parameters.update((f"{receptor}.{name}", p) for name, p in given.values())
            names = {field: f"{receptor}.{name}" for field, (name, _) in given.items()}
            signal = {"nA": "isyn", "uS": "gsyn"}.get(KINDS[kind].unit or "")
            responses[receptor] = Response(kind, signal=signal and f"{receptor}.{signal}", **names)
        body = {"PARAMETERS": {**membrane.PARAMETERS, **parameters}, "RESPONSES": responses}
        _composed[key] = cell_type(type(f"{membrane.__name__}Composed", (membrane,), body))
    return _composed[key]
