"""A network with every kind of thing: process 0 writes what was recorded, gathered, to the file that is named.

``python -m tests.mpi.everything FILE THREADS``
"""

import pickle
import sys

import numpy as np

import pyurbanczik as sim
from pyurbanczik.random_numbers import NativeRNG


def build():
    """Populations and projections, with random connections and parameters."""
    rng, own = sim.NumpyRNG(seed=3), NativeRNG(seed=4)

    def between(low, high):
        return sim.RandomDistribution("uniform", (low, high), rng=rng)

    poisson = sim.Population(8, sim.SpikeSourcePoisson(rate=80.0), label="poisson")
    poisson.set(rate=between(30.0, 90.0))
    gamma = sim.Population(4, sim.SpikeSourceGamma(beta=100.0), label="gamma")
    array = sim.Population(3, sim.SpikeSourceArray(spike_times=[3.0, 9.05, 20.0, 40.0]), label="array")
    learners = sim.Population(
        7,
        sim.UrbanczikSenn(theta=-62.0, soma_i_offset=4.0),
        label="learners",
        initial_values={"soma.v": between(-70.0, -60.0)},
    )
    learners[1:4].set(dendrite_cm=0.25)
    integrators = sim.Population(13, sim.IF_cond_exp(i_offset=lambda i: 0.7 + 0.02 * i), label="integrators")
    adapting = sim.Population(5, sim.EIF_cond_exp_isfa_ista(i_offset=2.0), label="adapting")
    for cell in adapting:
        cell.i_offset = 1.5 + 0.2 * adapting.id_to_index(cell)
    populations = [poisson, gamma, array, learners, integrators, adapting]

    plastic = sim.UrbanczikSennSynapse(weight=0.3, eta=0.5, delay=1.0, w_max=9.0)
    stdp = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(A_plus=0.1, A_minus=0.12),
        weight_dependence=sim.AdditiveWeightDependence(w_max=0.02),
        weight=between(0.005, 0.01),
        delay=1.5,
        dendritic_delay_fraction=0.6,
    )
    depressing = {"tau_rec": 50.0, "U": 0.4, "weight": 0.01, "delay": 0.7}
    projections = [
        sim.Projection(poisson, learners, sim.AllToAllConnector(), plastic, receptor_type="dendritic_exc"),
        # no process has all of these time constants
        sim.Projection(
            poisson,
            learners,
            sim.OneToOneConnector(),
            sim.UrbanczikSennSynapse(weight=0.2, eta=0.4, delay=0.5, tau_Delta=100.0, w_max=9.0),
            receptor_type="dendritic_exc",
        ),
        sim.Projection(
            gamma,
            learners,
            sim.FromListConnector(
                [(0, 0, 0.2, 0.8, 30.0), (1, 3, 0.2, 5.0, 50.0), (2, 3, 0.1, 0.6, 900.0), (3, 6, 0.2, 1.0, 30.0)],
                column_names=["weight", "delay", "tau_Delta"],
            ),
            sim.UrbanczikSennSynapse(eta=0.3, w_max=1.0),
            receptor_type="dendritic_inh",
        ),
        sim.Projection(
            learners,
            integrators,
            sim.FixedProbabilityConnector(0.4, rng=rng),
            sim.StaticSynapse(weight=between(0.005, 0.01), delay="0.6 + 0.1 * d"),
        ),
        sim.Projection(integrators, integrators, sim.FixedNumberPreConnector(4, rng=rng), stdp),
        sim.Projection(
            integrators[1:9],
            adapting,
            sim.FixedNumberPostConnector(2, rng=own),
            sim.TsodyksMarkramSynapse(**depressing),
        ),
        sim.Projection(
            array,
            integrators + adapting,
            sim.FixedTotalNumberConnector(20, rng=rng),
            sim.StaticSynapse(weight=between(0.01, 0.02), delay=1.0),
            receptor_type="inhibitory",
        ),
        sim.Projection(
            gamma, adapting, sim.FixedTotalNumberConnector(9, rng=own), sim.MultiQuantalSynapse(n=4, **depressing)
        ),
        sim.Projection(
            gamma,
            integrators,
            sim.DistanceDependentProbabilityConnector("exp(-d/3)", rng=rng),
            sim.SimpleStochasticSynapse(weight=0.01, p=0.4, delay=0.5),
        ),
        sim.Projection(
            integrators,
            learners,
            sim.OneToOneConnector(),
            sim.StaticSynapse(weight=0.02, delay=6.5),
            receptor_type="soma_exc",
        ),
    ]
    projections.append(
        sim.Projection(
            integrators, integrators, sim.CloneConnector(projections[4]), sim.StaticSynapse(weight=0.001, delay=0.5)
        )
    )
    return populations, projections


def add_gap_junctions(populations):
    _, _, _, learners, integrators, _ = populations
    junctions = [
        sim.Projection(
            integrators,
            integrators,
            sim.FixedProbabilityConnector(0.3, rng=sim.NumpyRNG(seed=8)),
            sim.ElectricalSynapse(weight=0.001),
        ),
        sim.Projection(integrators, learners, sim.OneToOneConnector(), sim.ElectricalSynapse(weight=0.002)),
    ]
    return junctions


def inject(populations):
    _, _, _, learners, integrators, adapting = populations
    for source, cells, place in (
        (sim.NoisyCurrentSource(mean=0.0, stdev=0.3, dt=0.5), integrators + adapting, "soma"),
        (sim.StepCurrentSource(times=[5.0, 30.0], amplitudes=[0.2, -0.1]), learners[2:6], "dendrite"),
        (sim.ACSource(amplitude=0.2, frequency=50.0), [integrators[3], integrators[11]], "soma"),
    ):
        source.inject_into(cells, location=place)


def record(populations, projections):
    *others, learners, integrators, adapting = populations
    for cells in (*others, learners, integrators[2:9], adapting):
        cells.record("spikes")
    learners.record(["soma.v", "dendrite.v", "error"])
    integrators[3:12].record("v", sampling_interval=0.5)
    adapting[4:5].record("all")
    projections[0].record("weight")
    projections[0].record("weight", sampling_interval=1.0, connections=slice(3, 40, 4))
    projections[4].record("weight", connections=[0, 7, 20])


def values_of(block):
    """Plain arrays of all that a block holds."""
    found = [len(block.segments)]
    for segment in block.segments:
        for train in segment.spiketrains:
            found += [train.annotations["channel_id"], np.array(train.magnitude)]
            found += [float(train.t_start), float(train.t_stop)]
        for signal in segment.analogsignals:
            found += [signal.name, np.array(signal.magnitude), float(signal.t_start)]
            found += [np.array(x) for x in signal.array_annotations.values()]
        for signal in segment.irregularlysampledsignals:
            found += [np.array(signal.magnitude), np.array(signal.times.magnitude), dict(signal.annotations)]
    return found


def read(populations, projections):
    """All that can be asked for, gathered."""
    found = []
    for population in populations:
        found += values_of(population.get_data())
        found.append(population.get_spike_counts())
        found.append(population.mean_spike_count())
    both = populations[3] + populations[5][1:]
    found += values_of(both.get_data(["spikes"]))
    found.append(np.asarray(both.get("tau_refrac", gather=True)))
    found.append(np.asarray(populations[5].get("i_offset", gather=True)))
    for projection in projections:
        found.append(projection.get(list(projection.synapse_type.default_parameters), "list"))
        found.append(projection.get("weight", "array", multiple_synapses="last"))
        found.append(np.array(projection.get("weight", "list", with_address=False)))
        found.append(projection.size())
    for projection in (projections[0], projections[4]):
        found += values_of(projection.get_data())
    return found


def main(file, threads):
    found = []
    for gaps in (False, True):
        sim.setup(timestep=0.1, threads=threads, rng_seed=5)
        populations, projections = build()
        if gaps:
            projections += add_gap_junctions(populations)
        inject(populations)
        record(populations, projections)
        sim.run(20.0)
        learners, integrators = populations[3:5]
        integrators.record(["spikes", "v"], sampling_interval=0.5)
        sim.run(0.1)
        learners.set(soma_i_offset=5.0)
        populations[0].set(rate=70.0)
        projections[0].set(eta=0.7, tau_Delta=50.0)
        projections[1].set(weight=np.linspace(0.1, 0.3, projections[1].size()))
        projections[2].set(delay=[0.8, 7.0, 0.6, 1.0])
        projections[3].set(delay=0.9)
        weights = projections[4].get("weight", "list", gather="all", with_address=False)
        projections[4].set(weight=np.minimum(0.02, 1.1 * np.array(weights)))
        integrators.initialize(v=lambda i: -65.0 + i / 10)
        sim.run_until(40.0, callbacks=[lambda t: t + 7.0])
        found += read(populations, projections)
        sim.reset()
        learners.set(soma_i_offset=4.0)
        sim.run(7.0)
        sim.reset_states()
        sim.run(8.0)
        found += read(populations, projections)
        populations[3].get_data(clear=True)
        sim.run(5.0)
        found += read(populations, projections)
        sim.end()
    if sim.rank() == 0:
        with open(file, "wb") as stream:
            pickle.dump(found, stream)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
