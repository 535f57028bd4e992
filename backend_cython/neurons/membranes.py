"""What cells with a soma and dendrites declare about their membranes, and about what their dendrites learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from backend_cython.model.schema import (
    MOST_SPIKES,
    ErrorDifference,
    ErrorVariable,
    Learnable,
    Parameter,
    check_least,
    check_most,
    check_time_constant,
    shortest_time_constant,
)

MEMBRANE = {
    "cm": Parameter(0.3, "nF", "positive"),
    "g_leak": Parameter(0.03, "uS", "positive"),
    "v_rest": Parameter(-70.0, "mV"),
    "tau_syn_E": Parameter(3.0, "ms", "positive"),
    "tau_syn_I": Parameter(3.0, "ms", "positive"),
    "i_offset": Parameter(0.0, "nA"),
}
SOMA = {**MEMBRANE, "e_rev_E": Parameter(0.0, "mV"), "e_rev_I": Parameter(-75.0, "mV")}


def prefixed(label: str, table: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """The parameters of one compartment among those of its cell."""
    return {f"{label}_{name}": parameter for name, parameter in table.items()}


def learnable(label: str, receptors: Sequence[str], spikes: ErrorVariable, rate_star: str) -> dict[str, Learnable]:
    """What synapses onto a dendrite can learn from.

    Parameters
    ----------
    label : str
        The dendrite's.
    receptors : sequence of str
        Its excitatory one, its inhibitory one, and the one for weights of either sign.
    spikes : ErrorVariable
        The error of the dendrite's prediction of spikes.
    rate_star : str
        The variable (Hz) that holds the rate which it predicts.
    """
    errors = {
        "spikes": spikes,
        "rate": ErrorDifference("rate", rate_star, 1e-3),
        "potential": ErrorDifference(None, f"{label}.v"),
    }
    return {
        receptor: Learnable(errors, f"{label}_cm", f"{label}_g_leak", f"{label}_tau_syn_{kind}", sign, "nA")
        for receptor, kind, sign in zip(receptors, "EIE", (1.0, -1.0, 1.0), strict=True)
    }


def check_membranes(
    owner: str, p: Mapping[str, np.ndarray], timestep: float, conductances: Mapping[str, Sequence[str]]
) -> None:
    """Refuse compartments that are faster than a thousandth of the time step (ms).

    Parameters
    ----------
    p : dict
        All parameters of the cells, one value a cell.
    conductances : dict
        ``{label: names of the conductances through which the compartment discharges}``.

    Raises
    ------
    OutOfBounds
        Naming `owner` and the capacitance or time constant that is too small.
    """
    shortest = shortest_time_constant(timestep)
    reason = f"capacitance / conductances must not be below {shortest:g} ms, a thousandth of the time step"
    for label, names in conductances.items():
        check_least(owner, f"{label}_cm", p[f"{label}_cm"], shortest * sum(p[name] for name in names), reason, "nF")
        for kind in "EI":
            check_time_constant(owner, f"{label}_tau_syn_{kind}", p[f"{label}_tau_syn_{kind}"], timestep)


def check_rates(owner: str, p: Mapping[str, np.ndarray], timestep: float) -> None:
    """Refuse rate functions that are too high for a time step (ms) without refractory time.

    Raises
    ------
    OutOfBounds
        Naming `owner`, the parameter, and the most it can be.
    """
    if "phi_max" in p:
        reason = "a million spikes a time step without refractory time"
        many = np.where(p["tau_refrac"] == 0.0, p["phi_max"], 0.0)
        check_most(owner, "phi_max", many, 1e3 * MOST_SPIKES / timestep, reason, "Hz")
