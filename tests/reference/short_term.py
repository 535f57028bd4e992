"""Twins of the synapses with short-term plasticity: the equations of the papers, integrated by brute force."""

import numpy as np
from scipy.integrate import solve_ivp


def tsodyks_markram(times, U, tau_rec, tau_facil, tau_psc, u=0.0, x=1.0, y=0.0):
    """Tsodyks, Uziel & Markram (2000), eqs. 3 and 4: (u, x, y) as each spike at `times` (ms) meets them.

    u is the one after its jump, which decides how much is released; x and y are those before the release.
    Without facilitation (tau_facil = 0) u is U at every spike. tau_psc = 0: what is active is inactive at once.
    """

    def flow(_, state):
        x, y, u = state
        z = 1.0 - x - y
        y_rate = y / tau_psc if tau_psc else 0.0
        return [z / tau_rec, -y_rate, -u / tau_facil if tau_facil else 0.0]

    now, met = 0.0, []
    for time in times:
        if not tau_psc:
            y = 0.0
        if time > now:
            x, y, u = solve_ivp(flow, (now, time), [x, y, u], rtol=1e-11, atol=1e-13, method="DOP853").y[:, -1]
        now = time
        u = u + U * (1.0 - u) if tau_facil else U
        met.append((u, x, y))
        x, y = x - u * x, y + u * x
    return np.array(met)


def depression(times, U, tau_rec):
    """What each spike releases without facilitation if activity is short: the recursion of Tsodyks & Markram (1997)."""
    x, released = 1.0, []
    for gap in np.diff(times, prepend=-np.inf):
        x = 1.0 - (1.0 - x) * np.exp(-gap / tau_rec)
        released.append(U * x)
        x -= U * x
    return np.array(released)


def release_probability(times, U, tau_facil):
    """u at each spike: u' = U + u (1 - U) e^(-gap / tau_facil), U at the first (Fuhrmann et al. 2002)."""
    u, result = 0.0, []
    for gap in np.diff(times, prepend=-np.inf):
        left = np.exp(-gap / tau_facil) if tau_facil else 0.0
        u = U + (1.0 - U) * u * left
        result.append(u)
    return np.array(result)


def vesicle_ready(times, u, tau_rec):
    """The probability that a release site holds a vesicle at each spike, given the probabilities `u` of release."""
    ready, result = 1.0, []
    for gap, probability in zip(np.diff(times, prepend=-np.inf), u):
        ready = 1.0 - (1.0 - ready) * np.exp(-gap / tau_rec)
        result.append(ready)
        ready *= 1.0 - probability
    return np.array(result)


def release(times, probability, tau_rec, n, uniforms):
    """One run of n release sites (Fuhrmann et al. 2002): vesicles available at each spike, and those released.

    Numbers of `uniforms` are used in this order: at each spike one for each site with a vesicle, in order of
    sites, and behind the one of a site that releases it another for the time until the next one is there.
    """
    numbers = iter(uniforms)
    ready = np.zeros(n)
    available, released = [], []
    for time, u in zip(times, probability):
        full = np.flatnonzero(ready <= time)
        available.append(len(full))
        released.append(0)
        for site in full:
            if next(numbers) <= u:
                released[-1] += 1
                ready[site] = time - tau_rec * np.log(next(numbers))
    return np.array(available), np.array(released)
