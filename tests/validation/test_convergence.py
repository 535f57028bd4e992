"""The limit of fine time steps: weights converge to the rule as a system of differential equations.

With a silent soma (no spikes, no chance) the error is dPi/dt = -phi(V*) h(V*), and with s = t - D the time of
the dendrite, D the delay,

    C V' = -g (V - E) + I,    I' = -I/tau_s,    A' = psp(s + D) dPi/dt,    B' = A' - B/tau_Delta,

I jumps by w at each arrival t_f + D, and the spike of t_f carries w = w_0 + c (A - B) of s = t_f - D. The sum
over steps is a trapezoidal one, since its terms vanish at both ends (psp at the first spike, 1 - e^{...} at
the read-out): its error is of second order, and it has no smaller one because the integrand's slope jumps at
spikes.
"""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from tests.reference import rule, transfer

from . import ours
from .cases import Case, Plastic, random_cell, silence

DELAY, TRAIN = 0.8, np.array([4.0, 9.6, 12.8, 13.6, 25.6, 26.4, 40.0, 47.2, 64.0, 80.0])
SYNAPSE = Plastic(0, 0, weight=0.3, delay=DELAY, eta=0.5, tau_Delta=30.0)
STEPS = np.array([0.8, 0.4, 0.2, 0.1, 0.05])


def quiet_cell():
    cell = random_cell(np.random.default_rng(3))
    silence(cell)
    return cell


def continuous_weights(cell, v_init):
    """Weight of every spike of TRAIN in the limit of vanishing steps."""
    tau_leak, tau_syn = cell["dendrite_cm"] / cell["dendrite_g_leak"], cell["dendrite_tau_syn_E"]
    shape = transfer.transfer_parameters(cell)
    scale = rule.PICO_PER_NANO * SYNAPSE.eta * transfer.UNIT_VOLTAGE

    def derivatives(s, y):
        v, current, _, low_passed = y
        v_star = transfer.prediction(v, cell)
        error = -transfer.phi(v_star, **shape) * rule.PER_SECOND * transfer.h(v_star, **shape) * (s > 0.0)
        since = s + DELAY - TRAIN
        product = error * np.sum(rule.kernel(np.maximum(since, 0.0), tau_leak, tau_syn))
        dv = (cell["dendrite_g_leak"] * (cell["dendrite_v_rest"] - v) + current) / cell["dendrite_cm"]
        return [dv, -current / tau_syn, product, product - low_passed / SYNAPSE.tau_Delta]

    events = sorted(
        [(t - DELAY, "read", i) for i, t in enumerate(TRAIN)] + [(t + DELAY, "arrive", i) for i, t in enumerate(TRAIN)]
    )
    y, now, weights = np.array([v_init, 0.0, 0.0, 0.0]), 0.0, np.zeros(len(TRAIN))
    for time, kind, i in events:
        if time > now:
            y = solve_ivp(derivatives, (now, time), y, method="DOP853", rtol=1e-12, atol=1e-14).y[:, -1]
            now = time
        if kind == "read":
            weights[i] = SYNAPSE.weight + scale * (y[2] - y[3])
        else:
            y[1] += weights[i]
    return weights


def test_weights_converge_to_the_differential_equations():
    cell = quiet_cell()
    expected = continuous_weights(cell, v_init=-60.0)
    movement = np.max(np.abs(expected - SYNAPSE.weight))
    assert movement > 0.01
    errors = []
    for dt in STEPS:
        case = Case(84.0, dt, [cell], [(-370.0, -60.0)], [TRAIN], [SYNAPSE])
        ((_, weights),) = ours.run(case).events
        errors.append(np.max(np.abs(weights - expected)) / movement)
    orders = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert errors[-1] < 2e-4
    assert orders[-1] == pytest.approx(2.0, abs=0.1)
    assert np.all(orders > 1.7)
