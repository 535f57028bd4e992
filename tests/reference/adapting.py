"""Integrate-and-fire neurons that adapt, their equations solved to rounding, one time step after the other.

What a spike of the cell leaves behind is written as the sum over its past spikes. Units: ms, mV, nF, uS, nA.
"""

from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

from .point_neuron import TIGHT, Input


@dataclass
class Conductances:
    """Muller et al. (2007): conductances of adaptation and of the relative refractory mechanism."""

    v_thresh: float = -50.0
    tau_sfa: float = 100.0
    e_rev_sfa: float = -75.0
    q_sfa: float = 0.015
    tau_rr: float = 2.0
    e_rev_rr: float = -75.0
    q_rr: float = 3.0

    names = ("g_s", "g_r")

    def values(self, past):
        """g_s and g_r, for spikes that are `past` ms ago."""
        return self.q_sfa * np.exp(-past / self.tau_sfa).sum(), self.q_rr * np.exp(-past / self.tau_rr).sum()

    def drive(self, past):
        """Conductance, and current at 0 mV."""
        g_s, g_r = self.values(past)
        return g_s + g_r, g_s * self.e_rev_sfa + g_r * self.e_rev_rr

    def spikes(self, v, past, dt):
        return v >= self.v_thresh


class Escape:
    """Mensi et al. (2012): a spike-triggered current, a moving threshold, and the hazard that their distance makes."""

    names = ("i_eta", "v_t")

    def __init__(self, draws, delta_v=0.5, v_t_star=-48.0, lambda0=1.0, eta=(), gamma=()):
        """`draws` are the uniform random numbers; `eta` and `gamma` are sequences of (time constant, jump)."""
        self.draws, self.delta_v, self.v_t_star, self.lambda0 = draws, delta_v, v_t_star, lambda0
        self.eta, self.gamma = eta, gamma
        self.left = -np.log(next(draws))

    def values(self, past):
        return (
            sum(jump * np.exp(-past / tau).sum() for tau, jump in self.eta),
            self.v_t_star + sum(jump * np.exp(-past / tau).sum() for tau, jump in self.gamma),
        )

    def drive(self, past):
        return 0.0, -self.values(past)[0]

    def spikes(self, v, past, dt):
        per_ms = 1e-3 * self.lambda0
        self.left -= per_ms * dt * np.exp((v - self.values(past)[1]) / self.delta_v)
        if self.left > 0:
            return False
        self.left = -np.log(next(self.draws))
        return True


def simulate(membrane, adaptation, responses, arrivals, dt, currents=None, v=-65.0):
    """v, the two values of the adaptation (arrays of shape (n + 1,)), and the steps of the spikes.

    `responses`, `arrivals` and `currents` are those of `tests.reference.point_neuron.simulate`.
    """
    n = len(arrivals) - 1
    currents = np.zeros(n) if currents is None else currents
    source = Input(responses, arrivals, dt)
    clamped, rest_steps = 0, int(np.ceil(np.round(membrane.tau_refrac / dt, 6)))
    spikes, trace = [], [(v, *adaptation.values(np.array([])))]

    def slope(t, y, step):
        g, i = source.total(t, step)
        own_g, own_i = adaptation.drive(t - dt * np.array(spikes))
        into = membrane.cm / membrane.tau_m * (membrane.v_rest - y[0]) + membrane.i_offset + currents[step]
        return [(into + i + own_i - (g + own_g) * y[0]) / membrane.cm]

    for step in range(n):
        if clamped:
            clamped, v = clamped - 1, membrane.v_reset
        else:
            v = solve_ivp(slope, (step * dt, (step + 1) * dt), [v], args=(step,), **TIGHT).y[0, -1]
            if adaptation.spikes(v, dt * (step + 1 - np.array(spikes)), dt):
                spikes.append(step + 1)
                v, clamped = membrane.v_reset, rest_steps
        trace.append((v, *adaptation.values(dt * (step + 1 - np.array(spikes)))))
    return *np.array(trace).T, spikes
