"""Point neurons with any synaptic responses: their equations solved to rounding, one time step after the other.

    cm v' = −g_leak (v − v_rest) + upstroke(v) − w + I + Σ i_k + Σ g_k (E_k − v),       g_leak = cm / tau_m
    tau_w w' = a (v − v_rest) − w                                                       (adaptive neurons)

A response is the sum over the spikes that have arrived of weight × time course, written as it is defined. Units:
ms, mV, nF, uS, nA.
"""

from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

TIGHT = {"method": "DOP853", "rtol": 1e-12, "atol": 1e-12}


@dataclass
class Response:
    """A synaptic response: "delta", "exp", "alpha" or "beta"; a conductance if it has a reversal potential."""

    shape: str
    tau: float = 1.0
    tau_rise: float = 1.0
    e_rev: float | None = None

    def course(self, s):
        """What a spike of unit weight adds, `s` after it arrived."""
        if self.shape == "exp":
            return np.exp(-s / self.tau)
        if self.shape == "alpha":
            return s / self.tau * np.exp(1 - s / self.tau)
        peak = np.log(self.tau / self.tau_rise) / (1 / self.tau_rise - 1 / self.tau)
        return self._difference(s) / self._difference(peak)

    def _difference(self, s):
        return np.exp(-s / self.tau) - np.exp(-s / self.tau_rise)


@dataclass
class Adaptation:
    """What makes an adaptive exponential neuron of a leaky one."""

    a: float = 0.004
    b: float = 0.0805
    tau_w: float = 144.0
    delta_T: float = 2.0
    v_spike: float = -40.0


@dataclass
class Membrane:
    cm: float = 1.0
    tau_m: float = 20.0
    v_rest: float = -65.0
    v_thresh: float = -50.0
    v_reset: float = -65.0
    tau_refrac: float = 0.1
    i_offset: float = 0.0
    adaptation: Adaptation | None = None


class Input:
    """Synaptic conductance and current at any time, from what has arrived at which step."""

    def __init__(self, responses, arrivals, dt):
        self.responses, self.arrivals, self.dt = responses, np.asarray(arrivals, dtype=float), dt
        self._past = {}

    def past(self, k, step):
        """Times and weights of what has arrived up to `step`."""
        if (k, step) not in self._past:
            steps = np.flatnonzero(self.arrivals[: step + 1, k])
            self._past[k, step] = steps * self.dt, self.arrivals[steps, k]
        return self._past[k, step]

    def value(self, k, t, step):
        """Of response `k` at time `t`, from the arrivals up to `step`."""
        times, weights = self.past(k, step)
        return float(weights @ self.responses[k].course(t - times)) if times.size else 0.0

    def total(self, t, step):
        """Conductance, and current at 0 mV."""
        conductance = current = 0.0
        for k, response in enumerate(self.responses):
            if response.shape != "delta":
                value = self.value(k, t, step)
                conductance += 0.0 if response.e_rev is None else value
                current += value if response.e_rev is None else value * response.e_rev
        return conductance, current

    def jump(self, step):
        return sum(self.arrivals[step, k] for k, r in enumerate(self.responses) if r.shape == "delta")


def simulate(membrane, responses, arrivals, dt, currents=None, v_init=-65.0, w_init=0.0):
    """Potential, adaptation and responses at steps 0 … n, and the steps of the spikes.

    Parameters
    ----------
    arrivals : array of shape (n + 1, number of responses)
        What arrives at each step; nothing at step 0.
    currents : array of shape (n,), optional
        Injected between steps k and k + 1.

    Returns
    -------
    v, w : arrays of shape (n + 1,)
    values : array of shape (n + 1, number of responses)
    spikes : list of int
    """
    n = len(arrivals) - 1
    currents = np.zeros(n) if currents is None else currents
    source = Input(responses, arrivals, dt)
    extra = membrane.adaptation
    g_leak = membrane.cm / membrane.tau_m
    rest_steps = int(np.ceil(np.round(membrane.tau_refrac / dt, 6)))
    cut = membrane.v_thresh if extra is None or extra.delta_T == 0 else extra.v_spike
    v, w, clamped, spikes = v_init, w_init, 0, []
    trace = np.empty((n + 1, 2))
    trace[0] = v, w

    def slopes(t, y, step, current, free):
        conductance, synaptic = source.total(t, step)
        into = g_leak * (membrane.v_rest - y[0]) + membrane.i_offset + current + synaptic - conductance * y[0]
        if extra is None:
            return [free * into / membrane.cm, 0.0]
        if extra.delta_T > 0:
            # held beyond the cut-off, where the solver tries steps that it gives up
            upstroke = np.exp((min(y[0], cut + extra.delta_T) - membrane.v_thresh) / extra.delta_T)
            into += g_leak * extra.delta_T * upstroke
        return [
            free * (into - y[1]) / membrane.cm,
            (extra.a * (y[0] - membrane.v_rest) - y[1]) / extra.tau_w,
        ]

    def crossing(t, y, *_):
        return y[0] - cut

    crossing.terminal, crossing.direction = True, 1
    for step in range(n):
        t, end = step * dt, (step + 1) * dt
        fired_inside = False
        while t < end:
            free = float(clamped == 0 and not (fired_inside and rest_steps))
            inside = extra is not None and free
            arguments = {"args": (step, currents[step], free), "events": crossing if inside else None}
            path = solve_ivp(slopes, (t, end), [v, w], **arguments, **TIGHT)
            if path.status < 0:
                raise RuntimeError(path.message)
            t, (v, w) = path.t[-1], path.y[:, -1]
            if inside and path.t_events[0].size:
                spikes.append(step + 1)
                v, w = membrane.v_reset, w + extra.b
                fired_inside = True
        if clamped:
            clamped -= 1
        elif fired_inside and rest_steps:
            clamped = rest_steps
        else:
            v += source.jump(step + 1)
            if v >= cut:
                spikes.append(step + 1)
                v, w, clamped = membrane.v_reset, w + (extra.b if extra else 0.0), rest_steps
        trace[step + 1] = v, w
    values = np.array(
        [
            [0.0 if r.shape == "delta" else source.value(k, step * dt, step) for k, r in enumerate(responses)]
            for step in range(n + 1)
        ]
    )
    return trace[:, 0], trace[:, 1], values, spikes
