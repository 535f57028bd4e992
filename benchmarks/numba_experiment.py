"""The Fig. 1B experiment as one would write it by hand: a numba loop over time steps.

One neuron, all synapses in arrays. Every synapse is updated in every step, which vectorises well for 200 of
them. The order within a step is that of ``backend_cython.engine.network``, and the rule is the same sum of
α(t)·δΠ(t - delay), here with the delay of one step. The soma is advanced by the exponential midpoint rule.
"""

import time

import numba
import numpy as np

from benchmarks.network import UNIT_VOLTAGE
from examples.urbanczik_senn_2014_fig1b import TEACHER_WEIGHT, TIMESTEP


@numba.njit(fastmath=True, cache=False)
def _rate(potential, phi_max, slope, beta, theta):
    return phi_max / (1.0 + slope * np.exp(beta * (theta - potential)))


@numba.njit(fastmath=True, cache=False)
def _step_loop(
    n_steps,
    h,
    soma,
    dendrite,
    coupling,
    transfer,
    plasticity,
    weight,
    first_event,
    event_input,
    teacher_start,
    teacher_exc,
    teacher_inh,
    seed,
):
    np.random.seed(seed)  # noqa: NPY002 - numba compiles the legacy generator only
    soma_cm, soma_leak, soma_rest, e_exc, e_inh, soma_tau_exc, soma_tau_inh = soma
    dend_cm, dend_leak, dend_rest, dend_tau_exc, _ = dendrite
    phi_max, slope, beta, theta, n_refractory = transfer
    eta, tau_delta, w_min, w_max = plasticity
    n_synapses = weight.size

    tau_long, tau_short = dend_cm / dend_leak, dend_tau_exc
    decay_long, decay_short, decay_delta = (
        np.exp(-h / tau_long),
        np.exp(-h / tau_short),
        np.exp(-h / tau_delta),
    )
    current_to_potential = (decay_long - decay_short) * tau_long * tau_short / (tau_long - tau_short) / dend_cm
    factor = UNIT_VOLTAGE * dend_cm * tau_short * eta / (dend_leak * (tau_long - tau_short))
    half_exc, half_inh = np.exp(-0.5 * h / soma_tau_exc), np.exp(-0.5 * h / soma_tau_inh)

    soma_v, dend_v, current, g_exc, g_inh = soma_rest, dend_rest, 0.0, 0.0, 0.0
    arriving, arriving_exc, arriving_inh = 0.0, 0.0, 0.0
    error, refractory, hazard = 0.0, 0, np.random.exponential()  # noqa: NPY002
    initial = weight.copy()
    trace_long, trace_short = np.zeros(n_synapses), np.zeros(n_synapses)
    integral, filtered = np.zeros(n_synapses), np.zeros(n_synapses)

    recorded = np.empty((7, n_steps))
    weights = np.empty(event_input.size)
    spikes = np.empty(n_steps, dtype=np.int64)
    n_spikes = 0

    for step in range(1, n_steps + 1):
        # The soma sees the dendrite and the conductances of the middle of the step.
        previous = dend_v
        dend_v = dend_rest + (dend_v - dend_rest) * decay_long + current * current_to_potential
        current *= decay_short
        g_exc *= half_exc
        g_inh *= half_inh
        total = soma_leak + coupling + g_exc + g_inh
        drive = soma_leak * soma_rest + coupling * 0.5 * (previous + dend_v) + g_exc * e_exc + g_inh * e_inh
        steady = drive / total
        soma_v = steady + (soma_v - steady) * np.exp(-h * total / soma_cm)
        g_exc = g_exc * half_exc + arriving_exc
        g_inh = g_inh * half_inh + arriving_inh
        current += arriving

        fired = 0
        if refractory > 0:
            refractory -= 1
        else:
            hazard -= h * _rate(soma_v, phi_max, slope, beta, theta)
            if hazard < 0.0:
                fired = 1
                hazard = np.random.exponential()  # noqa: NPY002
                refractory = n_refractory
                spikes[n_spikes] = step
                n_spikes += 1

        for i in range(n_synapses):
            trace_long[i] *= decay_long
            trace_short[i] *= decay_short
            psp_error = (trace_long[i] - trace_short[i]) * error
            integral[i] += psp_error
            filtered[i] = filtered[i] * decay_delta + psp_error

        arriving = 0.0
        for event in range(first_event[step], first_event[step + 1]):
            i = event_input[event]
            weight[i] = min(max(initial[i] + factor * (integral[i] - filtered[i]), w_min), w_max)
            arriving += weight[i]
            weights[event] = weight[i]
            trace_long[i] += 1.0
            trace_short[i] += 1.0

        sent = step - teacher_start
        taught = 0 <= sent < teacher_exc.size
        arriving_exc = teacher_exc[sent] if taught else 0.0
        arriving_inh = teacher_inh[sent] if taught else 0.0

        prediction = (soma_leak * soma_rest + coupling * dend_v) / (soma_leak + coupling)
        predicted = _rate(prediction, phi_max, slope, beta, theta)
        error = (fired - predicted * h) * UNIT_VOLTAGE * beta * (1.0 - predicted / phi_max)

        recorded[0, step - 1] = soma_v
        recorded[1, step - 1] = dend_v
        recorded[2, step - 1] = prediction
        recorded[3, step - 1] = g_exc
        recorded[4, step - 1] = g_inh
        recorded[5, step - 1] = current
        recorded[6, step - 1] = 0.0
    return recorded, weights, spikes[:n_spikes]


def arguments(experiment, seed=1):
    """Turn the experiment into the arrays and numbers of the loop."""
    cell, synapse, h = experiment.parameters.cell, experiment.parameters.synapse, TIMESTEP
    n_steps = round(experiment.duration / h)

    spike_times = experiment.all_input_times
    steps = np.concatenate([np.rint(times / h).astype(np.int64) for times in spike_times])
    inputs = np.repeat(np.arange(len(spike_times)), [times.size for times in spike_times])
    order = np.lexsort((inputs, steps))
    first_event = np.searchsorted(steps[order], np.arange(n_steps + 2))

    soma, dendrite = cell["soma"], cell["dendrite"]
    teacher_times, teacher_exc, teacher_inh = experiment.teacher_input
    return (
        n_steps,
        h,
        tuple(soma[k] for k in ("cm", "g_leak", "v_rest", "e_rev_E", "e_rev_I", "tau_syn_E", "tau_syn_I")),
        tuple(dendrite[k] for k in ("cm", "g_leak", "v_rest", "tau_syn_E", "tau_syn_I")),
        cell["g_dendrite_to_soma"],
        (
            cell["phi_max"] * 1e-3,
            cell["rate_slope"],
            cell["beta"],
            cell["theta"],
            round(cell["tau_refrac"] / h),
        ),
        (synapse["eta"] * 1e-3, synapse["tau_Delta"], synapse["w_min"], synapse["w_max"]),
        np.full(len(spike_times), synapse["weight"]),
        first_event,
        inputs[order],
        round(teacher_times[0] / h),
        teacher_exc * TEACHER_WEIGHT,
        teacher_inh * TEACHER_WEIGHT,
        seed,
    )


def simulate(experiment, seed=1):
    """Seconds of the compiled loop alone, and its arrays ``(recorded, weights, spikes)``."""
    prepared = arguments(experiment, seed)
    started = time.perf_counter()
    result = _step_loop(*prepared)
    return time.perf_counter() - started, result
