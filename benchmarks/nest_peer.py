"""The Fig. 1B experiment, and the network of ``benchmarks.network``, in NEST; needs ``nest-simulator``.

It is fed with the very same spike times. A generator cannot drive a plastic synapse in NEST: one relay neuron each
stands between, and the generator is set ahead by its delay.
"""

import time

import numpy as np

from benchmarks import network as networks
from examples.urbanczik_senn_2014_fig1b import PATTERN, TEACHER_WEIGHT, TIMESTEP

RECORDABLES = {
    "soma.v": "V_m.s",
    "dendrite.v": "V_m.p",
    "gsyn_exc": "g_ex.s",
    "gsyn_inh": "g_in.s",
    "isyn_exc": "I_ex.p",
    "isyn_inh": "I_in.p",
}
COMPARTMENT = {
    "cm": "C_m",
    "g_leak": "g_L",
    "v_rest": "E_L",
    "e_rev_E": "E_ex",
    "e_rev_I": "E_in",
    "tau_syn_E": "tau_syn_ex",
    "tau_syn_I": "tau_syn_in",
}


def neuron_parameters(cell, scale):
    """Translate an ``UrbanczikSenn`` dictionary; ``scale`` turns nF, µS and nA into NEST's pF, nS and pA."""

    def compartment(values):
        scaled = {"cm": scale, "g_leak": scale}
        translated = {COMPARTMENT[name]: value * scaled.get(name, 1.0) for name, value in values.items()}
        return translated | {"V_m": values["v_rest"]}

    return {
        "soma": compartment(cell["soma"]),
        "dendritic": compartment(cell["dendrite"]),
        "g_sp": cell["g_dendrite_to_soma"] * scale,
        "t_ref": cell["tau_refrac"],
        "phi_max": cell["phi_max"] * 1e-3,
        "rate_slope": cell["rate_slope"],
        "beta": cell["beta"],
        "theta": cell["theta"],
    }


def synapse_parameters(synapse, scale):
    """Translate an ``UrbanczikSennSynapse`` dictionary; its eta is NEST's number where weights become pA."""
    return {
        "weight": synapse["weight"] * scale,
        "Wmax": synapse["w_max"] * scale,
        "Wmin": synapse["w_min"] * scale,
        "eta": synapse["eta"] * 1e-3 * scale,
        "tau_Delta": synapse["tau_Delta"],
        "delay": synapse["delay"],
    }


def simulate(experiment, rearm, seed=1):
    """Build, run and read the experiment. Returns seconds of wall time and the recordings, in NEST's units.

    ``rearm`` sets the spike times anew before every repetition, else they are given once.
    """
    import nest

    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    started = time.perf_counter()
    nest.resolution = TIMESTEP
    nest.rng_seed = seed

    parameters = experiment.parameters
    neuron = nest.Create("pp_cond_exp_mc_urbanczik", params=neuron_parameters(parameters.cell, parameters.scale))
    receptors = nest.GetDefaults("pp_cond_exp_mc_urbanczik")["receptor_types"]
    multimeter = nest.Create("multimeter", params={"record_from": list(RECORDABLES.values()), "interval": TIMESTEP})
    weight_recorder = nest.Create("weight_recorder")
    spike_recorder = nest.Create("spike_recorder")

    # A generator cannot drive a plastic synapse in NEST: one relay neuron each stands between.
    inputs = nest.Create("spike_generator", n=len(experiment.inputs))
    relays = nest.Create("parrot_neuron", len(experiment.inputs))
    nest.Connect(inputs, relays, "one_to_one", {"delay": TIMESTEP})
    nest.CopyModel("urbanczik_synapse", "recorded_synapse", {"weight_recorder": weight_recorder})
    synapse = synapse_parameters(parameters.synapse, parameters.scale)
    nest.Connect(
        relays,
        neuron,
        syn_spec={"synapse_model": "recorded_synapse", "receptor_type": receptors["dendritic_exc"]} | synapse,
    )

    times, *weights = experiment.teacher_input
    for receptor, spike_weights in zip(("soma_exc", "soma_inh"), weights):
        spikes = {"spike_times": times, "spike_weights": spike_weights * parameters.scale}
        teacher = nest.Create("spike_generator", params=spikes)
        static = {"receptor_type": receptors[receptor], "weight": TEACHER_WEIGHT, "delay": TIMESTEP}
        nest.Connect(teacher, neuron, syn_spec=static)
    nest.Connect(multimeter, neuron, syn_spec={"delay": TIMESTEP})
    nest.Connect(neuron, spike_recorder)

    if rearm:
        for repetition in range(experiment.repetitions):
            for generator, spike_times in zip(inputs, experiment.input_times(repetition)):
                generator.spike_times = spike_times
            nest.Simulate(PATTERN)
    else:
        inputs.set([{"spike_times": times} for times in experiment.all_input_times])
        nest.Simulate(experiment.duration)

    events = multimeter.events
    recorded = {ours: np.asarray(events[theirs]) for ours, theirs in RECORDABLES.items()}
    recorded["time"] = np.asarray(events["times"])
    weights = weight_recorder.events
    recorded["weight"] = np.asarray(weights["weights"])
    recorded["weight_time"] = np.asarray(weights["times"])
    recorded["weight_input"] = np.asarray(weights["senders"]) - relays[0].global_id
    recorded["spikes"] = np.asarray(spike_recorder.events["times"])
    return time.perf_counter() - started, recorded


class Growth:
    """The same network as ``benchmarks.ours.Growth``."""

    def __init__(self, trains):
        import nest

        nest.verbosity = nest.VerbosityLevel.ERROR
        nest.ResetKernel()
        nest.resolution = TIMESTEP
        model = "pp_cond_exp_mc_urbanczik"
        neuron = nest.Create(model)
        inputs = nest.Create("spike_generator", n=len(trains))
        inputs.set([{"spike_times": train} for train in trains])
        relays = nest.Create("parrot_neuron", len(trains))
        nest.Connect(inputs, relays, "one_to_one", {"delay": TIMESTEP})
        synapse = {
            "synapse_model": "urbanczik_synapse",
            "receptor_type": nest.GetDefaults(model)["receptor_types"]["dendritic_exc"],
            "weight": 90.0,
            "Wmax": 1350.0,
            "eta": 0.17,
            "tau_Delta": 100.0,
            "delay": TIMESTEP,
        }
        nest.Connect(relays, neuron, syn_spec=synapse)
        self.nest = nest

    def advance(self, duration):
        self.nest.Simulate(duration)


class Simulation:
    """See ``benchmarks.network``."""

    MODEL = "pp_cond_exp_mc_urbanczik"
    SCALE = 1e3  # pF, nS and pA

    def __init__(self, network, duration, threads=1, record=False):
        import nest

        self.nest, self.network = nest, network
        nest.verbosity = nest.VerbosityLevel.ERROR
        nest.ResetKernel()
        nest.set(resolution=TIMESTEP, local_num_threads=threads, rng_seed=1)
        self.receptors = nest.GetDefaults(self.MODEL)["receptor_types"]
        self.neurons = nest.Create(self.MODEL, network.targets, params=neuron_parameters(network.cell, self.SCALE))
        for receptor, times in zip(("soma_exc", "soma_inh"), network.teacher(duration)):
            teacher = nest.Create("spike_generator", params={"spike_times": times})
            static = {"weight": networks.TEACHER_WEIGHT * self.SCALE, "delay": TIMESTEP}
            nest.Connect(teacher, self.neurons, syn_spec=static | {"receptor_type": self.receptors[receptor]})
        self.connect(self.neurons if network.recurrent else self.relays(duration), record)
        self.recorders = self.record() if record else []
        nest.Simulate(TIMESTEP)

    def relays(self, duration):
        generators = self.nest.Create("spike_generator", n=self.network.inputs)
        ahead = [np.round(times - TIMESTEP, 6) for times in self.network.trains(duration)]
        generators.set([{"spike_times": times} for times in ahead])
        relays = self.nest.Create("parrot_neuron", self.network.inputs)
        self.nest.Connect(generators, relays, "one_to_one", {"delay": TIMESTEP})
        return relays

    def connect(self, sources, record):
        model = "urbanczik_synapse"
        if record:
            self.weight_recorder = self.nest.Create("weight_recorder")
            model = "recorded_synapse"
            self.nest.CopyModel("urbanczik_synapse", model, {"weight_recorder": self.weight_recorder})
        synapse = synapse_parameters(self.network.synapse, self.SCALE)
        self.nest.Connect(
            sources,
            self.neurons,
            {"rule": "all_to_all", "allow_autapses": not self.network.recurrent},
            {"synapse_model": model, "receptor_type": self.receptors["dendritic_exc"]} | synapse,
        )

    def record(self):
        multimeter = self.nest.Create(
            "multimeter", params={"record_from": list(RECORDABLES.values()), "interval": TIMESTEP}
        )
        self.nest.Connect(multimeter, self.neurons, syn_spec={"delay": TIMESTEP})
        spikes = self.nest.Create("spike_recorder")
        self.nest.Connect(self.neurons, spikes)
        return [multimeter, spikes, self.weight_recorder]

    def advance(self, duration):
        started = time.perf_counter()
        self.nest.Simulate(duration)
        for recorder in self.recorders:
            assert recorder.events
            recorder.n_events = 0
        return time.perf_counter() - started

    def weights(self):
        """Those of the last spike that has passed each synapse."""
        self.nest.Simulate(1.0)
        found = self.nest.GetConnections(synapse_model="urbanczik_synapse").get(["source", "target", "weight"])
        table = np.zeros((self.network.inputs, self.network.targets))
        source, target = np.array(found["source"]), np.array(found["target"])
        table[source - source.min(), target - self.neurons[0].global_id] = found["weight"]
        return table / self.SCALE
