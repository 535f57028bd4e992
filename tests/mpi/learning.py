"""A network that learns from the errors of dendrites: process 0 writes what was recorded to the file that is named.

``python -m tests.mpi.learning FILE THREADS [PIECES]``, PIECES in which each run is divided
"""

import pickle
import sys
from itertools import pairwise

import numpy as np

import pyurbanczik as sim

from .everything import values_of


def build():
    rng = sim.NumpyRNG(seed=3)

    def between(low, high):
        return sim.RandomDistribution("uniform", (low, high), rng=rng)

    noise = sim.Population(6, sim.SpikeSourcePoisson(rate=90.0), label="noise")
    array = sim.Population(2, sim.SpikeSourceArray(spike_times=[3.0, 9.05, 20.0, 40.0]), label="array")
    pyramidal = sim.Population(
        9,
        sim.DendriticNeuron(
            basal=sim.Dendrite(),
            apical=sim.Dendrite(g_to_soma=0.3, g_from_soma=0.05),
            soma=sim.Soma(i_offset=5.0),
            rate_function=sim.Softplus(gain=80.0, beta=0.3, theta=-64.0),
            tau_refrac=0.0,
        ),
        initial_values={"soma.v": between(-70.0, -60.0), "apical.v": -66.0},
        label="pyramidal",
    )
    pyramidal[2:5].set(basal_cm=0.2, basal_g_leak=0.02 / 0.3)
    inter = sim.Population(
        5,
        sim.DendriticNeuron(
            dendrite=sim.Dendrite(), soma=sim.Soma(i_offset=2.0), rate_function=sim.Exponential(theta=-64.0)
        ),
        label="inter",
    )
    known = sim.Population(4, sim.UrbanczikSenn(theta=-62.0, soma_i_offset=4.0), label="known")
    reward = sim.Modulator(times=[0.0, 8.0, 33.0], values=[1.0, -0.5, 2.0])
    attention = sim.Modulator(value=np.linspace(0.5, 1.5, pyramidal.size))
    dopamine = sim.SpikeModulator(pyramidal, tau=20.0, weight=0.1, baseline=0.5)
    for modulator in (reward, attention, dopamine):
        modulator.record()

    def project(pre, post, receptor, connector=None, **rule):
        synapse = sim.DendriticErrorSynapse(**{"weight": 0.1, "w_max": 1.0, "delay": 1.0, **rule})
        return sim.Projection(pre, post, connector or sim.AllToAllConnector(), synapse, receptor_type=receptor)

    some = sim.FixedProbabilityConnector(0.5, rng=rng)
    projections = [
        project(noise, pyramidal, "basal", eta=0.01, w_min=-1.0, modulator=reward),
        project(noise, pyramidal, "basal_inh", some, eta=0.05, error="rate", kernel="exponential", decay=0.001),
        project(
            inter, pyramidal, "apical", error="potential", kernel="exponential", eta=1e-4, w_min=-1.0,
            modulator=attention, dendritic_delay_fraction=0.5,
        ),
        project(
            pyramidal, inter, "dendrite_exc", error="rate", eta=0.02, tau_Delta=between(10.0, 200.0),
            modulator=dopamine, bounds="state",
        ),
        # no process has all of these time constants
        project(
            array, pyramidal, "apical_exc", sim.FromListConnector(
                [(0, 0, 0.2, 0.8, 0.0), (0, 3, 0.2, 5.0, 50.0), (1, 4, 0.1, 0.6, 900.0), (1, 8, 0.2, 1.0, 30.0)],
                column_names=["weight", "delay", "tau_Delta"],
            ), eta=0.02, error="rate",
        ),
        project(noise, known, "dendritic", error="rate", eta=0.05, w_min=-1.0, modulator=dopamine),
        sim.Projection(
            noise, inter, some, sim.UrbanczikSennSynapse(weight=0.1, w_max=1.0, eta=0.1, delay=0.5),
            receptor_type="dendrite_inh",
        ),
        sim.Projection(pyramidal[:5], inter, sim.OneToOneConnector(), sim.NudgingSynapse(weight=0.03)),
        sim.Projection(pyramidal, known, some, sim.StaticSynapse(weight=0.05, delay=0.7), receptor_type="soma_exc"),
    ]  # fmt: skip
    return [noise, array, pyramidal, inter, known], projections, [reward, attention, dopamine]


def record(populations, projections):
    for population in populations:
        population.record("spikes")
    for population in populations[2:4]:
        population.record(population.celltype.recordable)
    for projection in projections[:7]:
        projection.record("weight")
    projections[0].record("weight", sampling_interval=1.0, connections=slice(3, 40, 4))


def change(populations, projections, modulators):
    """Parameters of everything set amid a run."""
    _, _, pyramidal, inter, _ = populations
    pyramidal.set(apical_cm=0.4, basal_tau_syn_E=5.0, gain=60.0)
    inter[1:3].set(dendrite_g_to_soma=0.4)
    projections[0].set(eta=0.02, tau_Delta=50.0, w_min=-0.5)
    projections[1].set(decay=0.01, tau_kernel=4.0)
    projections[2].set(v_target=-60.0)
    projections[3].set(weight=np.linspace(0.1, 0.3, 45), tau_Delta=0.0)
    projections[4].set(delay=[0.8, 7.0, 0.6, 1.0])
    modulators[0].set(1.5)
    modulators[1].set(np.linspace(1.0, 0.2, pyramidal.size))
    modulators[2].set(tau=10.0, baseline=0.2)


def read(populations, projections, modulators):
    found = []
    for one in [*populations, *projections[:7]]:
        found += values_of(one.get_data())
    for projection in projections:
        found.append(projection.get(list(projection.synapse_type.default_parameters), "list"))
    for modulator in modulators:
        found += [modulator.value, np.array(modulator.get_data().magnitude)]
    return found


def main(file, threads, pieces):
    sim.setup(timestep=0.1, min_delay=0.1, threads=threads, rng_seed=5)
    everything = build()
    record(*everything[:2])

    def run(steps):
        ends = [steps * (k + 1) // pieces for k in range(pieces)]
        for first, last in pairwise([0, *ends]):
            sim.run(0.1 * (last - first))

    run(200)
    change(*everything)
    run(201)
    found = read(*everything)
    sim.reset()
    run(100)
    found += read(*everything)
    sim.end()
    if sim.rank() == 0:
        with open(file, "wb") as stream:
            pickle.dump(found, stream)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, [*sys.argv[2:], 1][:2]))
