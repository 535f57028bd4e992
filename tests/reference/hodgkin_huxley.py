"""The Traub–Miles neuron: its equations, with the rates as Traub & Miles (1991) write them, solved to rounding.

Rates are relative to v_offset. Units: ms, mV, nF, uS, nA.
"""

from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

from .point_neuron import TIGHT, Input

PEAK = 30.0  # above v_offset
DEAD_TIME = 2.0  # ms


@dataclass
class HodgkinHuxley:
    gbar_Na: float = 20.0
    gbar_K: float = 6.0
    g_leak: float = 0.01
    cm: float = 0.2
    v_offset: float = -63.0
    e_rev_Na: float = 50.0
    e_rev_K: float = -90.0
    e_rev_leak: float = -65.0
    i_offset: float = 0.0

    def current(self, v, m, h, n):
        """Into the cell."""
        return -(
            self.g_leak * (v - self.e_rev_leak)
            + self.gbar_Na * m**3 * h * (v - self.e_rev_Na)
            + self.gbar_K * n**4 * (v - self.e_rev_K)
        )

    def opening(self, v, m, h, n):
        """m', h', n'"""
        u = v - self.v_offset
        alpha_m = 0.32 * (13 - u) / (np.exp((13 - u) / 4) - 1)
        beta_m = 0.28 * (u - 40) / (np.exp((u - 40) / 5) - 1)
        alpha_h = 0.128 * np.exp((17 - u) / 18)
        beta_h = 4 / (1 + np.exp((40 - u) / 5))
        alpha_n = 0.032 * (15 - u) / (np.exp((15 - u) / 5) - 1)
        beta_n = 0.5 * np.exp((10 - u) / 40)
        return (
            alpha_m * (1 - m) - beta_m * m,
            alpha_h * (1 - h) - beta_h * h,
            alpha_n * (1 - n) - beta_n * n,
        )


def simulate(cell, responses, arrivals, dt, currents=None, v=-65.0, m=0.0, h=1.0, n=0.0):
    """v, m, h, n at steps 0 … n (an array of shape (n + 1, 4)), and the steps of the spikes.

    Parameters are those of `tests.reference.point_neuron.simulate`.
    """
    n_steps = len(arrivals) - 1
    currents = np.zeros(n_steps) if currents is None else currents
    source = Input(responses, arrivals, dt)

    def slopes(t, y, step):
        conductance, synaptic = source.total(t, step)
        into = cell.current(*y) + cell.i_offset + currents[step] + synaptic - conductance * y[0]
        return [into / cell.cm, *cell.opening(*y)]

    y, trace, spikes = np.array([v, m, h, n]), [[v, m, h, n]], []
    for step in range(n_steps):
        y = solve_ivp(slopes, (step * dt, (step + 1) * dt), y, args=(step,), **TIGHT).y[:, -1]
        falls = trace[-1][0] > y[0] >= cell.v_offset + PEAK
        trace.append(y)
        if falls and (not spikes or (step + 1 - spikes[-1]) * dt > DEAD_TIME + 1e-9):
            spikes.append(step + 1)
    return np.array(trace), spikes
