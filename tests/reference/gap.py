"""Passive two-compartment cells and gap junctions between their somata, solved exactly.

C_s dV_s/dt = −g_L (V_s − E_L) + g_D (V_d − V_s) + I + Σ w (V_s' − V_s),   C_d dV_d/dt = −g_d (V_d − E_d)
"""

import numpy as np
from scipy.linalg import expm


def somata(cells, junctions, v, times, both=True):
    """Somatic potentials (mV) at `times` (ms), shape (times, cells).

    cells       one dictionary a cell, with the names and units of UrbanczikSenn
    junctions   [(cell, cell, µS)], in both directions, or from the first to the second cell only
    v           (mV, mV) of soma and dendrite at time 0, one pair a cell
    """
    n = len(cells)
    rate, drive = np.zeros((2 * n, 2 * n)), np.zeros(2 * n)
    for i, p in enumerate(cells):
        soma, dendrite = i, n + i
        rate[soma, soma] = -(p["soma_g_leak"] + p["g_dendrite_to_soma"]) / p["soma_cm"]
        rate[soma, dendrite] = p["g_dendrite_to_soma"] / p["soma_cm"]
        drive[soma] = (p["soma_g_leak"] * p["soma_v_rest"] + p["soma_i_offset"]) / p["soma_cm"]
        rate[dendrite, dendrite] = -p["dendrite_g_leak"] / p["dendrite_cm"]
        drive[dendrite] = p["dendrite_g_leak"] * p["dendrite_v_rest"] / p["dendrite_cm"]
    for i, j, w in junctions:
        for here, there in ((i, j), (j, i)) if both else ((j, i),):
            rate[here, there] += w / cells[here]["soma_cm"]
            rate[here, here] -= w / cells[here]["soma_cm"]
    fixed = -np.linalg.solve(rate, drive)
    start = np.array([pair[0] for pair in v] + [pair[1] for pair in v])
    return np.array([(fixed + expm(rate * t) @ (start - fixed))[:n] for t in times])
