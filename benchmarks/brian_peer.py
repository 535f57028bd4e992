"""The network of ``benchmarks.network`` in Brian2, with generated Cython code; needs ``brian2``.

Clock-driven, as the rule asks for it in Brian2: between two spikes the integral of a synapse follows the error of its
target, so that there is no closed form for an event-driven equation. All state updates are the exact or the
midpoint propagators of ``benchmarks.numba_peer``, given as code that runs in every step, which Brian2 executes
faster than an integrator of its own. The traces of past spikes belong to the sources and are shared by their
synapses. Relay neurons stand between given spike times and plastic synapses, because a generator has no traces.
"""

import time

import brian2 as b2
import numpy as np

from benchmarks.network import TEACHER_WEIGHT, TIMESTEP, UNIT_VOLTAGE

TRACES = "long_trace : 1\nshort_trace : 1\n"
DECAY_OF_TRACES = "long_trace *= decay_long\nshort_trace *= decay_short"
COUNT = "long_trace += 1\nshort_trace += 1"

STATE = """
soma_v : 1
dend_v : 1
current : 1
g_exc : 1
g_inh : 1
arriving : 1
arriving_exc : 1
arriving_inh : 1
hazard : 1
resting_steps : 1
error : 1
delayed_error : 1
"""
# Arrivals of the last step are added at its end, that is now, before anything else looks.
STEP = """
before = dend_v
dend_v = dend_rest + (dend_v - dend_rest) * decay_long + current * to_potential
current = current * decay_short + arriving
middle_exc = g_exc * half_exc
middle_inh = g_inh * half_inh
total = g_static + middle_exc + middle_inh
steady = (i_static + coupling * 0.5 * (before + dend_v) + middle_exc * e_exc + middle_inh * e_inh) / total
soma_v = steady + (soma_v - steady) * exp(-step_ms * total / soma_cm)
g_exc = middle_exc * half_exc + arriving_exc
g_inh = middle_inh * half_inh + arriving_inh
arriving = 0
arriving_exc = 0
arriving_inh = 0
resting = int(resting_steps > 0)
resting_steps -= resting
hazard -= (1 - resting) * step_ms * phi_max / (1 + slope * exp(beta * (theta - soma_v)))
predicted = phi_max / (1 + slope * exp(beta * (theta - i_rest - share * dend_v)))
delayed_error = error
error = (int(hazard < 0) - predicted * step_ms) * unit_voltage * beta * (1 - predicted / phi_max)
"""
LEARN = """
psp_error = (long_trace_pre - short_trace_pre) * delayed_error_post
integral += psp_error
filtered = filtered * decay_delta + psp_error
"""
TRANSMIT = "arriving_post += clip(w_init + factor * (integral - filtered), w_min, w_max)"
WEIGHT = "integral : 1\nfiltered : 1"


def constants(network):
    cell, rule, h = network.cell, network.synapse, TIMESTEP
    soma, dendrite = cell["soma"], cell["dendrite"]
    tau_long, tau_short = dendrite["cm"] / dendrite["g_leak"], dendrite["tau_syn_E"]
    decay_long, decay_short = np.exp(-h / tau_long), np.exp(-h / tau_short)
    g_static = soma["g_leak"] + cell["g_dendrite_to_soma"]
    psp = tau_long * tau_short / (tau_long - tau_short)
    return {
        "step_ms": h,
        "decay_long": decay_long,
        "decay_short": decay_short,
        "decay_delta": np.exp(-h / rule["tau_Delta"]),
        "to_potential": (decay_long - decay_short) * psp / dendrite["cm"],
        "half_exc": np.exp(-0.5 * h / soma["tau_syn_E"]),
        "half_inh": np.exp(-0.5 * h / soma["tau_syn_I"]),
        "dend_rest": dendrite["v_rest"],
        "soma_cm": soma["cm"],
        "coupling": cell["g_dendrite_to_soma"],
        "share": cell["g_dendrite_to_soma"] / g_static,
        "g_static": g_static,
        "i_static": soma["g_leak"] * soma["v_rest"],
        "i_rest": soma["g_leak"] * soma["v_rest"] / g_static,
        "e_exc": soma["e_rev_E"],
        "e_inh": soma["e_rev_I"],
        "phi_max": cell["phi_max"] * 1e-3,
        "slope": cell["rate_slope"],
        "beta": cell["beta"],
        "theta": cell["theta"],
        "unit_voltage": UNIT_VOLTAGE,
        "dead_steps": round(cell["tau_refrac"] / h),
        "factor": UNIT_VOLTAGE * psp * rule["eta"] * 1e-3,
        "w_init": rule["weight"],
        "w_min": rule["w_min"],
        "w_max": rule["w_max"],
        "taught": TEACHER_WEIGHT,
    }


def generator(trains, ahead_steps):
    """A spike of step k, which ends at k h, belongs to the interval that starts at (k - 1) h in Brian2."""
    times = np.concatenate(trains) / TIMESTEP - 1 - ahead_steps
    indices = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
    return b2.SpikeGeneratorGroup(len(trains), indices, np.rint(times) * TIMESTEP * b2.ms)


class Simulation:
    def __init__(self, network, duration, threads=1, record=False):
        assert network.delay == TIMESTEP and threads == 1
        b2.prefs.codegen.target = "cython"
        b2.defaultclock.dt = TIMESTEP * b2.ms
        b2.seed(1)
        self.shape = network.inputs, network.targets
        space = constants(network)
        spiking = {"threshold": "hazard < 0", "namespace": space}
        reset = "hazard = -log(rand())\nresting_steps = dead_steps\n" + COUNT
        neurons = b2.NeuronGroup(network.targets, STATE + TRACES, reset=reset, **spiking)
        neurons.run_regularly(STEP, when="groups")
        neurons.soma_v = network.cell["soma"]["v_rest"]
        neurons.dend_v = network.cell["dendrite"]["v_rest"]
        neurons.hazard = "-log(rand())"
        parts = [neurons]

        sources = neurons
        if not network.recurrent:
            sources = b2.NeuronGroup(
                network.inputs, TRACES + "told : 1", threshold="told > 0", reset="told -= 1\n" + COUNT, namespace=space
            )
            given = generator(network.trains(duration), 1)
            relay = b2.Synapses(given, sources, on_pre="told_post += 1")
            relay.connect(j="i")
            parts += [sources, given, relay]
        sources.run_regularly(DECAY_OF_TRACES, when="groups")

        plastic = b2.Synapses(sources, neurons, WEIGHT, on_pre=TRANSMIT, namespace=space)
        plastic.connect(condition="i != j" if network.recurrent else True)
        plastic.run_regularly(LEARN, when="synapses", order=-2)  # spikes are passed on at order -1
        teacher = generator(network.teacher(duration), 0)
        parts += [plastic, teacher]
        for i, target in enumerate(("arriving_exc", "arriving_inh")):
            teaching = b2.Synapses(teacher, neurons, on_pre=f"{target}_post += taught", namespace=space)
            teaching.connect(i=np.full(network.targets, i), j=np.arange(network.targets))
            parts.append(teaching)
        if record:
            recorded = ("soma_v", "dend_v", "g_exc", "g_inh", "current")
            parts += [b2.StateMonitor(neurons, recorded, record=True), b2.SpikeMonitor(neurons)]

        self.plastic, self.space = plastic, space
        self.network = b2.Network(*parts)
        self.network.run(0 * b2.ms)  # generates and compiles the code

    def advance(self, duration):
        """Without the preparation of a run, which does not depend on its length."""
        started = time.perf_counter()
        self.network.run(0 * b2.ms)
        prepared = time.perf_counter()
        self.network.run(duration * b2.ms)
        return (time.perf_counter() - prepared) - (prepared - started)

    def weights(self):
        space, table = self.space, np.zeros(self.shape)
        change = space["factor"] * (self.plastic.integral[:] - self.plastic.filtered[:])
        weight = np.clip(space["w_init"] + change, space["w_min"], space["w_max"])
        table[self.plastic.i[:], self.plastic.j[:]] = weight
        return table
