"""The two-compartment neuron: its equations solved to rounding, and one time step after the other.

    C_s dV_s/dt = -g_s (V_s - E_s) - g_E (V_s - E_E) - g_I (V_s - E_I) + g_ds (V_d - V_s) + I_s      soma
    C_d dV_d/dt = -g_d (V_d - E_d) + I_E + I_I + g_sd (V_s - V_d) + I_d                              dendrite
    x' = -x / tau_x                          for the synaptic g_E, g_I (soma) and I_E, I_I (dendrite)

Spikes leave the potentials untouched. Units: ms, mV, nF, uS, nA, and Hz for rates.
"""

from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

from .rule import PER_SECOND, delta_pi
from .transfer import phi, transfer_parameters

DEFAULTS = {
    "soma_cm": 0.3,
    "dendrite_cm": 0.3,
    "soma_g_leak": 0.03,
    "dendrite_g_leak": 0.03,
    "soma_v_rest": -70.0,
    "dendrite_v_rest": -70.0,
    "soma_e_rev_E": 0.0,
    "soma_e_rev_I": -75.0,
    "soma_tau_syn_E": 3.0,
    "soma_tau_syn_I": 3.0,
    "dendrite_tau_syn_E": 3.0,
    "dendrite_tau_syn_I": 3.0,
    "soma_i_offset": 0.0,
    "dendrite_i_offset": 0.0,
    "g_dendrite_to_soma": 0.6,
    "g_soma_to_dendrite": 0.0,
    "tau_refrac": 3.0,
    "phi_max": 150.0,
    "rate_slope": 0.5,
    "beta": 1.0 / 3.0,
    "theta": -55.0,
}

RECEPTORS = ("dendritic_exc", "dendritic_inh", "soma_exc", "soma_inh")
RECEPTOR_SIGNS = np.array([1.0, -1.0, 1.0, 1.0])  # an inhibitory current is negative, a conductance never is


@dataclass
class Trajectory:
    """Arrays over the steps 0 … n; synaptic has a column for each of RECEPTORS."""

    v_soma: np.ndarray
    v_dendrite: np.ndarray
    synaptic: np.ndarray
    n_spikes: np.ndarray = None
    error: np.ndarray = None


def synaptic_time_constants(cell):
    """In the order of RECEPTORS."""
    names = ("dendrite_tau_syn_E", "dendrite_tau_syn_I", "soma_tau_syn_E", "soma_tau_syn_I")
    return np.array([cell[name] for name in names])


def derivatives(t, v, cell, synaptic, currents):
    """Right-hand side; synaptic variables hold at t = 0, currents (soma, dendrite) are constant."""
    v_s, v_d = v
    i_exc, i_inh, g_exc, g_inh = synaptic * np.exp(-t / synaptic_time_constants(cell))
    leak_s = cell["soma_g_leak"] * (cell["soma_v_rest"] - v_s)
    leak_d = cell["dendrite_g_leak"] * (cell["dendrite_v_rest"] - v_d)
    conductances = g_exc * (cell["soma_e_rev_E"] - v_s) + g_inh * (cell["soma_e_rev_I"] - v_s)
    into_s = cell["g_dendrite_to_soma"] * (v_d - v_s) + cell["soma_i_offset"] + currents[0]
    into_d = cell["g_soma_to_dendrite"] * (v_s - v_d) + cell["dendrite_i_offset"] + currents[1]
    return [
        (leak_s + conductances + into_s) / cell["soma_cm"],
        (leak_d + i_exc + i_inh + into_d) / cell["dendrite_cm"],
    ]


def integrate(cell, dt, arrivals, currents=None, v_init=(-70.0, -70.0)):
    """Potentials and synaptic variables at steps 0 … n, by DOP853 with a relative tolerance of 1e-12.

    arrivals   (n + 1, 4), what reaches each receptor at the end of step k: in the record of k, acting from
    then on currents   (n, 2), injected into soma and dendrite over (k dt, (k + 1) dt]
    """
    n = len(arrivals) - 1
    currents = np.zeros((n, 2)) if currents is None else currents
    decay = np.exp(-dt / synaptic_time_constants(cell))
    synaptic = np.empty((n + 1, 4))
    synaptic[0] = RECEPTOR_SIGNS * arrivals[0]
    for k in range(n):
        synaptic[k + 1] = synaptic[k] * decay + RECEPTOR_SIGNS * arrivals[k + 1]

    v = np.empty((n + 1, 2))
    v[0] = v_init
    # One call a step: between points of its own the solver would interpolate, at a lower order.
    for k in range(n):
        of_step = solve_ivp(
            derivatives,
            (0.0, dt),
            v[k],
            "DOP853",
            args=(cell, synaptic[k], currents[k]),
            rtol=1e-12,
            atol=1e-11,
        )
        v[k + 1] = of_step.y[:, -1]
    return Trajectory(v[:, 0], v[:, 1], synaptic)


def refractory_steps(cell, dt):
    """Whole steps of the refractory time; a part of one counts as one, as in NEST."""
    return int(np.ceil(round(cell["tau_refrac"] / dt, 6)))


def fire(v_soma, dt, cell, draw):
    """Spikes of every step: the integrated hazard passes one exponential draw after the other.

    draw() gives the next one, of mean 1. After a spike refractory_steps() pass without hazard; without a
    refractory time a step holds as many spikes as draws are passed, which makes the count Poisson.
    """
    rate = phi(v_soma, **transfer_parameters(cell)) * PER_SECOND
    dead_steps = refractory_steps(cell, dt)
    n_spikes = np.zeros(len(v_soma), dtype=int)
    left, remaining = 0, draw()
    for k in range(1, len(v_soma)):
        if left > 0:
            left -= 1
            continue
        remaining -= rate[k] * dt
        while remaining <= 0.0:
            n_spikes[k] += 1
            if dead_steps > 0:
                left, remaining = dead_steps, draw()
                break
            remaining += draw()
    return n_spikes


def simulate(cell, dt, arrivals, currents=None, v_init=(-70.0, -70.0), draw=lambda: np.inf):
    """Step by step: integrate, add arrivals, fire, book the error. Never fires by default."""
    trajectory = integrate(cell, dt, arrivals, currents, v_init)
    trajectory.n_spikes = fire(trajectory.v_soma, dt, cell, draw)
    trajectory.error = delta_pi(trajectory.v_dendrite, trajectory.n_spikes, dt, cell)
    return trajectory
