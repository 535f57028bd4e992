"""The network of ``benchmarks.network`` as one would write it by hand: numba loops over time steps.

Every synapse is updated in every step, with the traces of its input, which all targets share: two additions and a
multiplication for two numbers a synapse, contiguous along the inputs, vectorised by the compiler. Where the
targets do not depend on each other, blocks of them run through time one after the other, so small that their
synapses stay in the cache, and with several threads side by side. The order within a step is that of
``backend_cython.engine.network``; the soma is advanced by the exponential midpoint rule.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np

from benchmarks.network import TEACHER_WEIGHT, TIMESTEP, UNIT_VOLTAGE, in_order

CACHE = 1 << 20  # bytes of a block of targets: what the processor keeps close
FADED = 1e-100
FIELDS = ("soma_v", "dend_v", "current", "g_exc", "g_inh", "hazard", "refractory", "error", "arriving")
SOMA, DENDRITE, CURRENT, G_EXC, G_INH, HAZARD, REFRACTORY, ERROR, ARRIVING = range(len(FIELDS))


@numba.njit(fastmath=True, error_model="numpy")
def _rate(potential, phi_max, slope, beta, theta):
    return phi_max / (1.0 + slope * np.exp(beta * (theta - potential)))


@numba.njit(fastmath=True, error_model="numpy")
def _neurons(h, soma, dendrite, coupling, transfer, taught_exc, taught_inh, state, fired):
    """One step of all neurons of a block; what arrives at its end is added."""
    soma_cm, g_static, i_static, i_rest, share, e_exc, e_inh, half_exc, half_inh = soma
    dend_rest, decay_long, decay_short, to_potential = dendrite
    phi_max, slope, beta, theta, n_refractory = transfer
    for j in range(fired.size):
        before = state[DENDRITE, j]
        after = dend_rest + (before - dend_rest) * decay_long + state[CURRENT, j] * to_potential
        state[DENDRITE, j] = after
        state[CURRENT, j] = state[CURRENT, j] * decay_short + state[ARRIVING, j]
        state[ARRIVING, j] = 0.0
        # The soma sees the dendrite and the conductances of the middle of the step.
        g_exc, g_inh = state[G_EXC, j] * half_exc, state[G_INH, j] * half_inh
        total = g_static + g_exc + g_inh
        drive = i_static + coupling * 0.5 * (before + after) + g_exc * e_exc + g_inh * e_inh
        steady = drive / total
        state[SOMA, j] = steady + (state[SOMA, j] - steady) * np.exp(-h * total / soma_cm)
        state[G_EXC, j] = g_exc * half_exc + taught_exc
        state[G_INH, j] = g_inh * half_inh + taught_inh
        fired[j] = False
        if state[REFRACTORY, j] > 0.0:
            state[REFRACTORY, j] -= 1.0
        else:
            state[HAZARD, j] -= h * _rate(state[SOMA, j], phi_max, slope, beta, theta)
            if state[HAZARD, j] < 0.0:
                fired[j] = True
                state[HAZARD, j] = np.random.exponential()  # noqa: NPY002
                state[REFRACTORY, j] = n_refractory
        predicted = _rate(i_rest + share * after, phi_max, slope, beta, theta)
        learning = UNIT_VOLTAGE * beta * (1.0 - predicted / phi_max)
        state[ERROR, j] = (fired[j] - predicted * h) * learning


@numba.njit(fastmath=True, error_model="numpy", nogil=True)
def _advance(
    first,
    n_steps,
    h,
    soma,
    dendrite,
    coupling,
    transfer,
    plasticity,
    first_event,
    event_input,
    taught,
    recurrent,
    traces,
    state,
    initial,
    integral,
    filtered,
):
    factor, decay_delta, w_min, w_max = plasticity
    _, decay_long, decay_short, _ = dendrite
    n_targets, n_inputs = integral.shape
    psp = np.empty(n_inputs)
    fired = np.zeros(n_targets, dtype=np.bool_)
    arriving = state[ARRIVING]

    for step in range(first + 1, first + n_steps + 1):
        for i in range(n_inputs):
            # Numbers that fade away for long would become denormal, which processors are slow with.
            traces[0, i] = traces[0, i] * decay_long if traces[0, i] > FADED else 0.0
            traces[1, i] = traces[1, i] * decay_short if traces[1, i] > FADED else 0.0
            psp[i] = traces[0, i] - traces[1, i]
        for j in range(n_targets):
            of_integral, of_filtered, of_target = integral[j], filtered[j], state[ERROR, j]
            for i in range(n_inputs):
                psp_error = psp[i] * of_target
                of_integral[i] += psp_error
                of_filtered[i] = of_filtered[i] * decay_delta + psp_error
        _neurons(h, soma, dendrite, coupling, transfer, taught[0, step], taught[1, step], state, fired)

        if recurrent:
            for i in range(n_inputs):
                if fired[i]:
                    for j in range(n_targets):
                        if i != j:
                            change = factor * (integral[j, i] - filtered[j, i])
                            arriving[j] += min(max(initial[j, i] + change, w_min), w_max)
                    traces[0, i] += 1.0
                    traces[1, i] += 1.0
        else:
            for event in range(first_event[step], first_event[step + 1]):
                i = event_input[event]
                for j in range(n_targets):
                    change = factor * (integral[j, i] - filtered[j, i])
                    arriving[j] += min(max(initial[j, i] + change, w_min), w_max)
                traces[0, i] += 1.0
                traces[1, i] += 1.0


class Simulation:
    def __init__(self, network, duration, threads=1, record=False):
        assert network.delay == TIMESTEP, "the loop delivers after one step"
        assert not record
        self.threads = ThreadPoolExecutor(threads)
        cell, rule, h = network.cell, network.synapse, TIMESTEP
        soma, dendrite = cell["soma"], cell["dendrite"]
        n_steps = round(duration / h)
        steps, inputs = in_order([np.empty(0)] if network.recurrent else network.trains(duration))
        tau_long, tau_short = dendrite["cm"] / dendrite["g_leak"], dendrite["tau_syn_E"]
        factor = UNIT_VOLTAGE * tau_long * tau_short / (tau_long - tau_short) * rule["eta"] * 1e-3
        taught = np.zeros((2, n_steps + 2))
        for row, times in zip(taught, network.teacher(duration)):
            np.add.at(row, np.rint(times / h).astype(int) + 1, TEACHER_WEIGHT)
        decay_long, decay_short = np.exp(-h / tau_long), np.exp(-h / tau_short)
        g_static = soma["g_leak"] + cell["g_dendrite_to_soma"]
        i_static = soma["g_leak"] * soma["v_rest"]
        self.fixed = (
            h,
            (
                soma["cm"],
                g_static,
                i_static,
                i_static / g_static,
                cell["g_dendrite_to_soma"] / g_static,
                soma["e_rev_E"],
                soma["e_rev_I"],
                np.exp(-0.5 * h / soma["tau_syn_E"]),
                np.exp(-0.5 * h / soma["tau_syn_I"]),
            ),
            (
                dendrite["v_rest"],
                decay_long,
                decay_short,
                (decay_long - decay_short) * tau_long * tau_short / (tau_long - tau_short) / dendrite["cm"],
            ),
            cell["g_dendrite_to_soma"],
            (
                cell["phi_max"] * 1e-3,
                cell["rate_slope"],
                cell["beta"],
                cell["theta"],
                float(round(cell["tau_refrac"] / h)),
            ),
            (factor, np.exp(-h / rule["tau_Delta"]), rule["w_min"], rule["w_max"]),
            np.searchsorted(steps, np.arange(n_steps + 2)),
            inputs,
            taught,
            network.recurrent,
        )
        shape = network.targets, network.inputs
        self.state = np.zeros((len(FIELDS), network.targets))
        self.state[SOMA] = soma["v_rest"]
        self.state[DENDRITE] = dendrite["v_rest"]
        self.state[HAZARD] = np.random.default_rng(1).exponential(size=network.targets)
        self.initial = np.full(shape, rule["weight"])
        self.integral, self.filtered = np.zeros(shape), np.zeros(shape)
        block = min(max(1, CACHE // (16 * network.inputs)), -(-network.targets // threads))
        if network.recurrent:
            block = network.targets
        self.bounds = np.unique(np.append(np.arange(0, network.targets, block), network.targets))
        self.traces = np.zeros((len(self.bounds) - 1, 2, network.inputs))
        self.step = 0
        self._run_block(0, 0)  # compiles

    def _run_block(self, b, n_steps):
        one, end = self.bounds[b], self.bounds[b + 1]
        of_block = self.state[:, one:end].copy()
        synapses = (array[one:end] for array in (self.initial, self.integral, self.filtered))
        _advance(self.step, n_steps, *self.fixed, self.traces[b], of_block, *synapses)
        self.state[:, one:end] = of_block

    def _run(self, n_steps):
        blocks = range(len(self.bounds) - 1)
        list(self.threads.map(lambda b: self._run_block(b, n_steps), blocks))
        self.step += n_steps

    def advance(self, duration):
        started = time.perf_counter()
        self._run(round(duration / TIMESTEP))
        return time.perf_counter() - started

    def weights(self):
        factor, _, w_min, w_max = self.fixed[5]
        return np.clip(self.initial + factor * (self.integral - self.filtered), w_min, w_max).T
