"""The learning rule as a plain sum over a recorded dendrite.

Each step of the neuron leaves an error

    dPi(t) = (n(t) - phi(V*_w(t)) dt) h(V*_w(t)),

n(t) the somatic spikes of the step. A synapse weighs it with the potential that its own earlier spikes evoke
in the dendrite, low-passes the product with tau_Delta, and integrates:

    w(t) = w0 + 1e-3 eta V_unit sum_{t' <= t} psp(t') dPi(t' - D) (1 - e^{-(t - t')/tau_Delta}),      clipped.

psp(t) = sum_f kernel(t - t_f) is C times the potential that a unit current pulse decaying with tau_s leaves
on a leaky dendrite of time constant tau_L, t_f the times at which spikes reach the synapse, and D the delay
between synapse and dendrite. `eta` is the published number, for weights in pA; 1e-3 turns it into nA.
"""

import numpy as np

from .transfer import UNIT_VOLTAGE, h, phi, prediction, transfer_parameters

PICO_PER_NANO = 1e-3  # eta is given for weights in pA, ours are in nA
PER_SECOND = 1e-3  # Hz in 1/ms


def delta_pi(v_dendrite, n_spikes, dt, cell):
    """Error of every step: index k is the step that ends at k dt; entry 0 (no step yet) is 0."""
    v_star = prediction(v_dendrite, cell)
    transfer = transfer_parameters(cell)
    error = (np.asarray(n_spikes) - phi(v_star, **transfer) * PER_SECOND * dt) * h(v_star, **transfer)
    error[0] = 0.0
    return error


def kernel(t, tau_leak, tau_syn):
    """tau_L tau_s / (tau_L - tau_s) (e^{-t/tau_L} - e^{-t/tau_s}) for t >= 0, in ms; t e^{-t/tau} if both are
    equal.

    The expression is symmetric in its two time constants, so that the slower one can be factored out.
    """
    slow, fast = max(tau_leak, tau_syn), min(tau_leak, tau_syn)
    difference = 1.0 / fast - 1.0 / slow
    decay = np.exp(-t / slow)
    if difference == 0.0:
        return t * decay
    return -decay * np.expm1(-t * difference) / difference


def psp(n_steps, arrival_steps, dt, tau_leak, tau_syn):
    """Summed kernels of all arrivals, at steps 0 … n_steps."""
    total = np.zeros(n_steps + 1)
    for first in arrival_steps:
        if first <= n_steps:
            total[first:] += kernel(dt * np.arange(n_steps + 1 - first), tau_leak, tau_syn)
    return total


def unclipped_weights(
    read_steps,
    arrival_steps,
    error,
    dt,
    *,
    delay_steps,
    tau_leak,
    tau_syn,
    weight,
    eta,
    tau_Delta,
    inhibitory=False,
    since=0,
):
    """The sum above at each of read_steps, over the steps after `since`; weight is the one at `since`.

    arrival_steps   when presynaptic spikes reach the synapse (for all of the delay on the dendrite: when they
    are fired) delay_steps     D, from the synapse to the dendrite inhibitory      a spike evokes a negative
    potential, so that the same error moves the weight the other way
    """
    n_steps = len(error) - 1
    delayed = np.concatenate([np.zeros(delay_steps), error])[: n_steps + 1]
    product = psp(n_steps, arrival_steps, dt, tau_leak, tau_syn) * delayed
    scale = (-1.0 if inhibitory else 1.0) * PICO_PER_NANO * eta * UNIT_VOLTAGE
    weights = np.empty(len(read_steps))
    for i, now in enumerate(read_steps):
        past = np.arange(since + 1, now + 1)
        weights[i] = weight + scale * np.sum(product[past] * -np.expm1(-(now - past) * dt / tau_Delta))
    return weights


def carried_weights(
    train_steps,
    error,
    dt,
    *,
    delay_steps,
    axonal_steps=0,
    w_min=-np.inf,
    w_max=np.inf,
    read_steps=None,
    **rule,
):
    """Weights that the spikes of a train carry, clipped; or the weights at read_steps.

    A spike fired at s reaches the synapse at s + axonal_steps, and the dendrite delay_steps later.
    """
    arrivals = np.asarray(train_steps) + axonal_steps
    reads = arrivals if read_steps is None else read_steps
    return np.clip(unclipped_weights(reads, arrivals, error, dt, delay_steps=delay_steps, **rule), w_min, w_max)
