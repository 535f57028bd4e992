"""A neuron with any number of dendrites: its equations solved to rounding, its rate functions, and its errors.

    C_s U'   = −g_L (U − E_L) − g_E (U − E_E) − g_I (U − E_I) + Σ_c g_c (V_c − U) + I_s
    C_c V_c' = −g_Lc (V_c − E_c) + I_Ec + I_Ic + b_c (U − V_c) + I_c

    V*_c = (g_L E_L + g_c V_c + Σ_{k≠c} g_k E_k) / (g_L + Σ_k g_k)

Units: ms, mV, nF, uS, nA, and Hz for rates. A cell is a dictionary of parameters, flat as in the package.
"""

import numpy as np
from scipy.integrate import solve_ivp
from scipy.special import expit

TIGHT = {"method": "DOP853", "rtol": 1e-12, "atol": 1e-11}
MEMBRANE = {
    "cm": 0.3,
    "g_leak": 0.03,
    "v_rest": -70.0,
    "tau_syn_E": 3.0,
    "tau_syn_I": 3.0,
    "i_offset": 0.0,
}
SOMA = {**MEMBRANE, "e_rev_E": 0.0, "e_rev_I": -75.0}
DENDRITE = {**MEMBRANE, "g_to_soma": 0.6, "g_from_soma": 0.0}


def defaults(labels):
    """The parameters of a cell with these dendrites, without its rate function."""
    cell = {f"soma_{name}": value for name, value in SOMA.items()}
    for label in labels:
        cell.update((f"{label}_{name}", value) for name, value in DENDRITE.items())
    return {**cell, "tau_refrac": 3.0}


def synaptic_time_constants(cell, labels):
    """Of the currents of each dendrite, excitatory and inhibitory, and then of the two conductances."""
    return np.array([cell[f"{part}_tau_syn_{kind}"] for part in (*labels, "soma") for kind in "EI"])


def derivatives(t, y, cell, labels, synaptic, currents):
    """Right-hand side for (U, V_1, V_2, ...); synaptic variables hold at t = 0, currents are constant."""
    now = (synaptic * np.exp(-t / synaptic_time_constants(cell, labels))).reshape(-1, 2)
    soma = y[0]
    into_soma = cell["soma_g_leak"] * (cell["soma_v_rest"] - soma) + cell["soma_i_offset"] + currents[0]
    into_soma += now[-1, 0] * (cell["soma_e_rev_E"] - soma) + now[-1, 1] * (cell["soma_e_rev_I"] - soma)
    slopes = [0.0]
    for c, label in enumerate(labels):
        p = {name: cell[f"{label}_{name}"] for name in DENDRITE}
        v = y[1 + c]
        into_soma += p["g_to_soma"] * (v - soma)
        into = p["g_leak"] * (p["v_rest"] - v) + now[c].sum() + p["g_from_soma"] * (soma - v) + p["i_offset"]
        slopes.append((into + currents[1 + c]) / p["cm"])
    slopes[0] = into_soma / cell["soma_cm"]
    return slopes


def integrate(cell, labels, dt, arrivals, currents, v_init):
    """Potentials (n + 1, 1 + dendrites) and synaptic variables (n + 1, 2 dendrites + 2) at the steps 0 … n.

    arrivals   (n + 1, 2 dendrites + 2), with their signs: in the record of step k, acting from then on
    currents   (n, 1 + dendrites), injected over (k dt, (k + 1) dt]
    """
    n = len(arrivals) - 1
    decay = np.exp(-dt / synaptic_time_constants(cell, labels))
    synaptic = np.array(arrivals, dtype=float)
    for k in range(n):
        synaptic[k + 1] += synaptic[k] * decay
    v = np.empty((n + 1, 1 + len(labels)))
    v[0] = v_init
    for k in range(n):
        arguments = cell, labels, synaptic[k], currents[k]
        v[k + 1] = solve_ivp(derivatives, (0.0, dt), v[k], args=arguments, **TIGHT).y[:, -1]
    return v, synaptic


def prediction(cell, labels, label, v):
    """V*: where this dendrite alone, the others at rest, would hold the soma, mV."""
    couplings = {other: cell[f"{other}_g_to_soma"] for other in labels}
    drive = cell["soma_g_leak"] * cell["soma_v_rest"] + couplings[label] * v
    drive = drive + sum(couplings[other] * cell[f"{other}_v_rest"] for other in labels if other != label)
    return drive / (cell["soma_g_leak"] + sum(couplings.values()))


def _logistic(u, *, phi_max, rate_slope, beta, theta, **_):
    share = expit(beta * (u - theta) - np.log(rate_slope))
    return phi_max * share, beta * (1.0 - share)


def _softplus(u, *, gain, beta, theta, **_):
    x = beta * (u - theta)
    rise = np.logaddexp(0.0, x)
    return gain * rise, beta * expit(x) / rise


def _rectified(u, *, gain, theta, phi_max, **_):
    rate = np.clip(gain * (u - theta), 0.0, phi_max)
    inside = (rate > 0.0) & (rate < phi_max)
    return rate, np.where(inside, gain / np.where(inside, rate, 1.0), 0.0)


def _exponential(u, *, rho_0, beta, theta, **_):
    return rho_0 * np.exp(beta * (u - theta)), np.full_like(u, beta)


RATE_FUNCTIONS = {
    "logistic": _logistic,
    "softplus": _softplus,
    "rectified": _rectified,
    "exponential": _exponential,
}


def rate_and_log_slope(rate_function, u, cell):
    """φ(u) in Hz, and φ'/φ in 1/mV."""
    return RATE_FUNCTIONS[rate_function](np.asarray(u, dtype=float), **cell)


def error_of_spikes(rate_function, v_star, n_spikes, dt, cell):
    """(n − φ(V*) h) φ'(V*)/φ(V*) of each step, 1/mV."""
    rate, log_slope = rate_and_log_slope(rate_function, v_star, cell)
    return (n_spikes - rate * 1e-3 * dt) * log_slope
