"""Networks of one model each, to be cut: a new model without one here fails a test."""

import numpy as np

import pyurbanczik as sim
from pyurbanczik.nest_names.cells import NATIVE_CELL_TYPES
from pyurbanczik.nest_names.electrodes import NATIVE_ELECTRODE_TYPES
from pyurbanczik.nest_names.synapses import NATIVE_SYNAPSE_TYPES
from pyurbanczik.neurons.base import CellType
from pyurbanczik.synapses.base import SynapseType

THERE = {**vars(sim), **NATIVE_CELL_TYPES, **NATIVE_SYNAPSE_TYPES, **NATIVE_ELECTRODE_TYPES}
TRAIN = np.array([0.0, 3.0, 9.05, 20.0, 21.3, 40.0])


def models(kind):
    """Names of the models of a kind that users can make."""
    found = [name for name, model in THERE.items() if isinstance(model, type) and issubclass(model, kind)]
    abstract = ("NativeCellType", "NativeSynapseType")
    return sorted(name for name in found if name not in abstract)


# parameters with which cells spike, and others of their own
CELLS = {
    "IF_curr_exp": {"i_offset": 1.5, "tau_refrac": 5.0},
    "IF_curr_alpha": {"i_offset": 1.5},
    "IF_curr_delta": {"i_offset": 1.5},
    "IF_cond_exp": {"i_offset": 0.75},
    "IF_cond_alpha": {"i_offset": 0.8},
    "EIF_cond_alpha_isfa_ista": {"i_offset": 1.6},
    "EIF_cond_exp_isfa_ista": {"i_offset": 2.0},
    "IF_cond_exp_gsfa_grr": {"i_offset": 1.2},
    "Izhikevich": {"i_offset": 0.01},
    "HH_cond_exp": {"i_offset": 0.6},
    "GIF_cond_exp": {"i_offset": 1.0},
    "UrbanczikSenn": {"theta": -62.0, "soma_i_offset": 4.0},
    "SpikeSourceArray": {"spike_times": TRAIN},
    "WeightedSpikeSourceArray": {"spike_times": TRAIN, "spike_weights": np.linspace(0.5, 2.0, 6)},
    "SpikeSourcePoisson": {"rate": np.linspace(200.0, 6000.0, 5)},
    "SpikeSourcePoissonRefractory": {"rate": 200.0, "tau_refrac": 2.0},
    "SpikeSourceGamma": {"alpha": 2.0, "beta": 400.0},
    "SpikeSourceInhGamma": {"a": [2.0, 3.0], "b": [0.003, 0.002], "tbins": [0.0, 12.0]},
    "spike_generator": {"spike_times": np.round(TRAIN[1:], 1)},
    "poisson_generator": {"rate": 200.0},
    "inhomogeneous_poisson_generator": {"rate_times": [1.0, 15.0], "rate_values": [300.0, 100.0]},
}
# what is set amid a run, when it matters what has been used up of a draw
SET_AMID = {
    "SpikeSourcePoisson": {"rate": np.linspace(5000.0, 100.0, 5)},
    "SpikeSourcePoissonRefractory": {"rate": 150.0},
    "SpikeSourceGamma": {"beta": 300.0},
    "SpikeSourceInhGamma": {"b": [0.002, 0.003]},
}
# those that are made of parts
COMPOSED = {
    "PointNeuron": lambda: sim.PointNeuron(
        sim.AdExp(i_offset=0.9),
        excitatory=sim.BetaPSR(tau_rise=1.0, tau_decay=4.0),
        inhibitory=sim.AlphaPSR(tau_syn=3.0),
    ),
    "DendriticNeuron": lambda: sim.DendriticNeuron(
        basal=sim.Dendrite(),
        apical=sim.Dendrite(g_from_soma=0.05),
        soma=sim.Soma(i_offset=4.0),
        rate_function=sim.Softplus(gain=80.0, theta=-64.0),
    ),
    "STDPMechanism": None,
}


def cells(name, n=5, label="cells"):
    """A population that spikes, of cells that differ."""
    model = COMPOSED[name]() if name in COMPOSED else THERE[name](**CELLS.get(name, {}))
    population = sim.Population(n, model, label=label)
    for state in population.celltype.states:
        if state.split(".")[-1] == "v":
            population.initialize(**{state: np.linspace(-70.0, -62.0, n)})
    return population


def drive(population):
    """Input of all kinds, some of which is always on its way."""
    noise = sim.Population(4, sim.SpikeSourcePoisson(rate=300.0), label="noise")
    rng = sim.NumpyRNG(seed=3)
    for receptor in population.receptor_types:
        if not receptor.endswith("gap"):
            negative = receptor == "inhibitory" and not population.celltype.conductance_based
            weight = -0.01 if negative else 0.01
            rule = sim.StaticSynapse(weight=weight, delay=sim.RandomDistribution("uniform", (0.1, 6.0), rng=rng))
            sim.Projection(noise, population, sim.AllToAllConnector(), rule, receptor_type=receptor, label=receptor)
    if population.core.COMPARTMENTS:
        sim.NoisyCurrentSource(mean=0.0, stdev=0.1).inject_into(population)


# rules by name: parameters, or several variants of them; the cells onto which they go, and the receptor
def stdp(timing, dependence, **more):
    return lambda: sim.STDPMechanism(
        timing_dependence=timing,
        weight_dependence=dependence,
        weight=0.01,
        delay=np.linspace(0.5, 4.0, 20).reshape(4, 5),
        **more,
    )


PLASTIC = {"weight": 0.1, "w_max": 1.0, "delay": np.linspace(0.5, 4.0, 20).reshape(4, 5)}
DYNAMIC = {"weight": 0.01, "delay": 2.0, "tau_rec": 50.0, "tau_facil": 20.0}
SYNAPSES = {
    "StaticSynapse": [{"weight": 0.01, "delay": 3.0}],
    "SimpleStochasticSynapse": [{"weight": 0.01, "p": 0.4}],
    "TsodyksMarkramSynapse": [DYNAMIC],
    "StochasticTsodyksMarkramSynapse": [DYNAMIC],
    "MultiQuantalSynapse": [{**DYNAMIC, "n": 4}],
    "UrbanczikSennSynapse": [{**PLASTIC, "eta": 1.0}, {**PLASTIC, "eta": 1.0, "dendritic_delay_fraction": 0.4}],
    "DendriticErrorSynapse": [
        {**PLASTIC, "eta": 0.1, "error": "spikes"},
        {**PLASTIC, "eta": 0.1, "error": "rate", "kernel": "exponential", "decay": 0.01},
        {**PLASTIC, "eta": 1e-3, "error": "potential", "tau_Delta": 0.0, "w_min": -1.0},
        {**PLASTIC, "eta": 0.1, "error": "rate", "bounds": "state", "modulator": "given"},
        {**PLASTIC, "eta": 0.1, "error": "rate", "modulator": "spikes", "dendritic_delay_fraction": 0.5},
    ],
    "ElectricalSynapse": [{"weight": 0.002}],
    "NudgingSynapse": [{"weight": 0.03}],
    "STDPMechanism": [
        stdp(sim.SpikePairRule(A_plus=0.1, A_minus=0.12), sim.AdditiveWeightDependence(w_max=0.02)),
        stdp(sim.SpikePairRule(), sim.GutigWeightDependence(w_max=0.03), dendritic_delay_fraction=0.4),
        stdp(sim.Vogels2011Rule(eta=1e-3), sim.MultiplicativeWeightDependence(w_max=0.05)),
        stdp(sim.SpikePairRule(), sim.AdditivePotentiationMultiplicativeDepression(w_max=0.05)),
    ],
    "static_synapse": [{"weight": 10.0, "delay": 2.0}],
    "urbanczik_synapse": [{"weight": 100.0, "eta": 0.5, "Wmax": 1000.0, "delay": 2.0}],
}
TARGETS = {
    "UrbanczikSennSynapse": ("UrbanczikSenn", "dendritic_exc"),
    "urbanczik_synapse": ("UrbanczikSenn", "dendritic_exc"),
    "DendriticErrorSynapse": ("DendriticNeuron", "apical"),
}


def synapses(name, variant):
    """A projection of such synapses, from sources or (if they couple cells) from other cells."""
    target, receptor = TARGETS.get(name, ("IF_cond_exp", "excitatory"))
    post = cells(target)
    drive(post)
    parameters = SYNAPSES[name][variant]
    if callable(parameters):
        rule = parameters()
    else:
        parameters = dict(parameters)
        kind = parameters.get("modulator")
        if kind:
            made = sim.Modulator(times=[0.0, 12.0, 20.0], values=[1.0, -0.5, 2.0])
            modulator = parameters["modulator"] = made if kind == "given" else sim.SpikeModulator(post, tau=20.0)
            modulator.record()
        rule = THERE[name](**parameters)
    couples = name in ("ElectricalSynapse", "NudgingSynapse")
    pre = (
        cells("IF_cond_exp", 4, "pre")
        if couples
        else sim.Population(4, sim.SpikeSourcePoisson(rate=150.0), label="pre")
    )
    receptor = None if couples else receptor
    return sim.Projection(pre, post, sim.AllToAllConnector(), rule, receptor_type=receptor, label="synapses")


ELECTRODES = {
    "DCSource": {"amplitude": 0.2, "start": 3.0},
    "ACSource": {"amplitude": 0.2, "frequency": 50.0},
    "StepCurrentSource": {"times": [5.0, 14.0], "amplitudes": [0.2, -0.1]},
    "NoisyCurrentSource": {"mean": 0.1, "stdev": 0.3, "dt": 0.5},
    "dc_generator": {"amplitude": 200.0},
    "ac_generator": {"amplitude": 200.0, "frequency": 50.0},
    "step_current_generator": {"amplitude_times": [5.0, 14.0], "amplitude_values": [200.0, -100.0]},
    "noise_generator": {"mean": 100.0, "std": 300.0, "dt": 0.5},
}


def electrode(name):
    source = THERE[name](**ELECTRODES[name])
    source.inject_into(cells("IF_cond_exp"))
    source.record()
    return source


def record_all():
    """Record whatever there is, of some cells and connections only now and then."""
    for population in sim.simulator.state.populations:
        if population.celltype.receptor_types:
            population.record("all", sampling_interval=0.2)
        else:
            population.record("spikes")
    for projection in sim.simulator.state.projections.values():
        if projection.synapse_type.recordable:
            projection.record("all")
            at_any_time = [
                name for name in projection.synapse_type.recordable if name not in ("transmitted", "released")
            ]
            projection.record(at_any_time, sampling_interval=0.3, connections=slice(1, None, 2))


__all__ = [
    "CELLS", "COMPOSED", "ELECTRODES", "SYNAPSES", "CellType", "SynapseType", "cells", "drive", "electrode", "models",
    "record_all", "synapses",
]  # fmt: skip
