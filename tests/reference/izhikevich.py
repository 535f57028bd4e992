"""The Izhikevich neuron, its equations solved to rounding, one time step after the other."""

import numpy as np
from scipy.integrate import solve_ivp

TIGHT = {"method": "DOP853", "rtol": 1e-12, "atol": 1e-12}
PEAK = 30.0  # mV
PICOFARAD = 1e-3  # nF


def simulate(jumps, dt, a=0.02, b=0.2, c=-65.0, d=2.0, i_offset=0.0, currents=None, v=-70.0, u=-14.0):
    """v (mV) and u (mV/ms) at steps 0 … n, and the steps of the spikes.

    jumps      array of shape (n + 1,): what is added to v at each step, mV
    currents   array of shape (n,): injected between steps k and k + 1, nA
    """
    n = len(jumps) - 1
    currents = i_offset + (np.zeros(n) if currents is None else currents)

    def slopes(t, y, current):
        return [0.04 * y[0] ** 2 + 5 * y[0] + 140 - y[1] + current / PICOFARAD, a * (b * y[0] - y[1])]

    def peak(t, y, current):
        return y[0] - PEAK

    peak.terminal = True
    trace, spikes = [(v, u)], []
    for step in range(n):
        path = solve_ivp(slopes, (0.0, dt), [v, u], args=(currents[step],), events=peak, **TIGHT)
        v, u = path.y[:, -1]
        reached = path.t_events[0].size > 0
        if reached:
            u = b * PEAK + (u - b * PEAK) * np.exp(-a * (dt - path.t[-1]))
        v += jumps[step + 1]
        if reached or v >= PEAK:
            v, u = c, u + d
            spikes.append(step + 1)
        trace.append((v, u))
    return *np.array(trace).T, spikes
