"""Digests of a network with everything in it, to compare two states of the source code bit by bit.

``python -m tests.golden.everything [THREADS]``, alone or under mpiexec, prints one line for each thing that was
recorded or can be read. The lines depend neither on the number of threads and processes nor on how runs are split
(``--split``) or cut (``--cut THREADS``: the state is saved, and the run goes on from it in another simulation with so
many threads); compilers and processors may differ.
"""

import argparse
import hashlib
import tempfile
from pathlib import Path

import numpy as np

import pyurbanczik as sim
from backend_cython.engine import thread_choice
from backend_cython.model import cells as core_cells
from tests.mpi import learning

CELLS = {
    "IF_curr_exp": {"i_offset": 0.8},
    "IF_curr_alpha": {"i_offset": 0.9},
    "IF_curr_delta": {"i_offset": 0.9},
    "IF_cond_exp": {"i_offset": 0.75},
    "IF_cond_alpha": {"i_offset": 0.8},
    "EIF_cond_alpha_isfa_ista": {"i_offset": 1.6},
    "EIF_cond_exp_isfa_ista": {"i_offset": 2.0},
    "IF_facets_hardware1": {},
    "IF_cond_exp_gsfa_grr": {"i_offset": 1.2},
    "Izhikevich": {"i_offset": 0.01},
    "HH_cond_exp": {"i_offset": 0.6},
    "GIF_cond_exp": {"i_offset": 1.0},
}
WEIGHT = {"IF_curr_exp": 0.4, "IF_curr_alpha": 0.5, "IF_curr_delta": 3.0, "Izhikevich": 3.0}
TRAINS = [[3.0, 9.05, 20.0, 40.0], [0.1, 0.2, 11.0, 12.0, 33.0], [25.0]]


def between(low, high, seed):
    return sim.RandomDistribution("uniform", (low, high), rng=sim.NumpyRNG(seed=seed))


def build():
    poisson = sim.Population(8, sim.SpikeSourcePoisson(rate=between(30.0, 120.0, 1)), label="poisson")
    refractory = sim.Population(3, sim.SpikeSourcePoissonRefractory(rate=90.0, tau_refrac=2.0), label="refractory")
    array = sim.Population(3, sim.SpikeSourceArray(spike_times=TRAINS), label="array")
    weighted = sim.Population(
        2,
        sim.WeightedSpikeSourceArray(spike_times=TRAINS[:2], spike_weights=[[0.5, 1.5, 1.0, 2.0], [1.0] * 5]),
        label="population3",
    )
    learners = sim.Population(
        9,
        sim.UrbanczikSenn(theta=-62.0, soma_i_offset=4.0),
        initial_values={"soma.v": between(-70.0, -60.0, 2)},
        label="learners",
    )
    learners[1:4].set(dendrite_cm=0.25)
    learners[6:8].set(tau_refrac=0.0, g_soma_to_dendrite=0.05)
    others = sim.Population(4, sim.UrbanczikSenn(theta=-60.0, soma_i_offset=5.0), label="others")
    points = [
        sim.Population(
            6,
            getattr(sim, name)(**parameters),
            label=name,
            initial_values={"v": between(-65.0, -60.0, 3)},
        )
        for name, parameters in CELLS.items()
    ]
    composed = sim.Population(
        5,
        sim.PointNeuron(sim.AdExp(i_offset=0.6), fast=sim.ExpPSR(tau_syn=2.0), slow=sim.AlphaPSR(tau_syn=5.0)),
        label="composed",
    )
    sources = [poisson, refractory, array, weighted]
    return sources, [learners, others], points, composed


def stdp(timing, dependence, **options):
    return sim.STDPMechanism(timing_dependence=timing, weight_dependence=dependence, delay=1.5, **options)


def connect(sources, both, points, composed):
    poisson, refractory, array, weighted = sources
    learners, others = both
    everybody, by_name = sim.AllToAllConnector(), {population.label: population for population in points}
    cond = by_name["IF_cond_exp"]

    def plastic(**options):
        return sim.UrbanczikSennSynapse(**{"weight": 0.3, "eta": 0.5, "delay": 1.0, "w_max": 9.0, **options})

    def onto(pre, post, rule, receptor, connector=everybody):
        return sim.Projection(pre, post, connector, rule, receptor_type=receptor)

    table = [(0, 0, 0.2, 0.8, 30.0), (1, 3, 0.2, 5.0, 50.0), (2, 3, 0.1, 0.6, 900.0), (2, 6, 0.2, 1.0, 30.0)]
    by_list = sim.FromListConnector(table, column_names=["weight", "delay", "tau_Delta"])
    depressing = {"tau_rec": 50.0, "tau_facil": 20.0, "U": 0.4, "delay": 0.7}
    made = [
        onto(poisson, learners, plastic(), "dendritic_exc"),
        onto(poisson, learners, plastic(dendritic_delay_fraction=0.0, weight=0.1), "dendritic_exc"),
        onto(poisson, learners, plastic(delay=between(0.3, 4.0, 5), dendritic_delay_fraction=0.6), "dendritic_exc"),
        onto(refractory, learners, sim.UrbanczikSennSynapse(eta=0.3, w_max=1.0), "dendritic_inh", by_list),
        onto(learners, learners[2:7] + others, plastic(delay=2.0, weight=0.05), "dendritic_exc"),
        onto(weighted, others[::-1], plastic(weight=between(0.05, 0.2, 6)), "dendritic_inh"),
        onto(learners, cond, sim.StaticSynapse(weight=between(0.005, 0.01, 7), delay="0.6 + 0.1 * d"), "excitatory"),
        onto(cond, learners, sim.StaticSynapse(weight=0.01, delay=6.5), "soma_exc"),
        onto(
            cond,
            cond,
            stdp(
                sim.SpikePairRule(A_plus=0.1, A_minus=0.12),
                sim.AdditiveWeightDependence(w_max=0.02),
                weight=between(0.005, 0.01, 8),
                dendritic_delay_fraction=0.6,
            ),
            "excitatory",
        ),
        onto(
            poisson[1:6],
            cond,
            stdp(
                sim.SpikePairRule(tau_plus=between(15.0, 25.0, 9)),
                sim.GutigWeightDependence(w_max=0.03),
                weight=0.01,
                dendritic_delay_fraction=between(0.2, 0.9, 10),
            ),
            "excitatory",
        ),
        onto(
            refractory,
            cond + by_name["IF_cond_alpha"],
            stdp(sim.Vogels2011Rule(eta=1e-3), sim.MultiplicativeWeightDependence(w_max=0.05), weight=0.01),
            "inhibitory",
        ),
        onto(poisson, composed, sim.StaticSynapse(weight=0.02, delay=0.5), "fast"),
        onto(array, composed, sim.StaticSynapse(weight=0.02, delay=0.5), "slow"),
        onto(composed, composed[1:4], sim.SimpleStochasticSynapse(weight=0.01, p=0.5, delay=1.0), "fast"),
        onto(points[0], points[1], sim.StochasticTsodyksMarkramSynapse(weight=0.5, **depressing), "excitatory"),
    ]
    for i, population in enumerate(points):
        weight = WEIGHT.get(population.label, 0.01)
        sign = -1.0 if population.label in WEIGHT else 1.0
        source = sources[i % 4]
        rule = [
            sim.StaticSynapse(weight=weight, delay=between(0.2, 3.0, 11)),
            sim.TsodyksMarkramSynapse(weight=weight, **depressing),
            sim.MultiQuantalSynapse(weight=weight, n=4, **depressing),
            sim.SimpleStochasticSynapse(weight=weight, p=0.4, delay=0.5),
        ][i % 4]
        made.append(onto(source, population, rule, "excitatory"))
        made.append(onto(poisson, population, sim.StaticSynapse(weight=sign * weight, delay=0.9), "inhibitory"))
        made.append(onto(points[i - 1], population, sim.StaticSynapse(weight=weight / 3, delay=1.1), "excitatory"))
    made.append(
        onto(
            sources[0][2:5] + sources[1],
            points[3][1:5] + points[4],
            sim.MultiQuantalSynapse(weight=0.01, n=3, **depressing),
            "excitatory",
            sim.FixedProbabilityConnector(0.6, rng=sim.NumpyRNG(seed=12)),
        )
    )
    made.append(onto(array, sim.Assembly(*points[3:5]), sim.StaticSynapse(weight=0.01, delay=0.3), "inhibitory"))
    return made


def junctions(both, points):
    return [
        sim.Projection(points[3], points[3], sim.AllToAllConnector(), sim.ElectricalSynapse(weight=0.002)),
        sim.Projection(points[3], both[0], sim.OneToOneConnector(), sim.ElectricalSynapse(weight=0.003)),
        sim.Projection(points[6], points[10], sim.OneToOneConnector(), sim.ElectricalSynapse(weight=0.001)),
    ]


def inject(both, points, composed):
    for source, cells, place in (
        (sim.NoisyCurrentSource(mean=0.0, stdev=0.3, dt=0.5), points[3] + points[6], "soma"),
        (sim.StepCurrentSource(times=[5.0, 30.0], amplitudes=[0.2, -0.1]), both[0][2:6], "dendrite"),
        (sim.ACSource(amplitude=0.2, frequency=50.0), [points[3][3], points[10][4], composed[2]], "soma"),
        (sim.DCSource(amplitude=0.1, start=12.0, stop=31.0), points[0], "soma"),
    ):
        source.inject_into(cells, location=place)


def record(populations, projections, folder):
    for i, population in enumerate(populations):
        population.record("all" if population.celltype.receptor_types else "spikes", sampling_interval=0.1 + i % 3 / 10)
    for i, projection in enumerate(projections):
        if not projection.synapse_type.recordable:
            continue
        projection.record("all", to_file=folder / f"events-{i}.zarr" if folder and i % 3 == 0 else None)
        n = projection.size()
        projection.record(
            [name for name in projection.synapse_type.recordable if name not in ("transmitted", "released")],
            sampling_interval=0.4 + i % 4 / 10,
            connections=slice(n // 5, None, 2),
            to_file=folder / f"samples-{i}.zarr" if folder and i % 4 == 1 else None,
        )


def change(both, points, projections):
    """Parameters, states and delays set amid a run."""
    learners = both[0]
    learners.set(soma_i_offset=5.0, dendrite_tau_syn_E=3.5)
    projections[0].set(eta=0.7, tau_Delta=50.0)
    projections[1].set(weight=np.linspace(0.1, 0.3, projections[1].size()))
    projections[2].set(tau_Delta=[30.0 + k % 3 for k in range(projections[2].size())], w_max=8.0)
    projections[3].set(delay=[0.8, 7.0, 0.6, 1.0])
    projections[4].set(weight=0.07, eta=0.2)
    projections[6].set(delay=0.9)
    weights = projections[8].get("weight", "list", gather="all", with_address=False)
    projections[8].set(weight=np.minimum(0.02, 1.1 * np.array(weights)))
    projections[9].set(tau_plus=18.0)
    points[3].initialize(v=lambda i: -65.0 + i / 10)
    quantal = projections[-2]
    quantal.set(n=5, tau_rec=40.0)
    quantal.initialize(u=0.3)


def change_some(projections):
    """Single connections, of those processes that have them."""
    for connection in projections[0].connections:
        if connection.presynaptic_index == 3 and connection.postsynaptic_index == 5:
            connection.weight = 0.25


def loaded(signals):
    """Signals, those that lie in files as well."""
    return [signal.load() if hasattr(signal, "load") else signal for signal in signals]


class Digests:
    """Printed by process 0, one line each."""

    def add(self, name, *values):
        found = hashlib.sha256()
        for value in values:
            value = np.asarray(value)
            if not value.dtype.hasobject:
                found.update(np.ascontiguousarray(value).tobytes())
            else:
                found.update(repr(value.tolist()).encode())
        if sim.rank() == 0:
            print(name, found.hexdigest()[:24], flush=True)

    def add_block(self, name, block):
        for number, segment in enumerate(block.segments):
            trains = [(int(t.annotations["channel_id"]), np.array(t.magnitude)) for t in loaded(segment.spiketrains)]
            self.add(
                f"{name}/{number} spikes", *(part for train in sorted(trains, key=lambda t: t[0]) for part in train)
            )
            for signal in loaded(segment.analogsignals):
                self.add(f"{name}/{number} {signal.name}", np.array(signal.magnitude), float(signal.t_start))
            irregular = sorted(
                loaded(segment.irregularlysampledsignals),
                key=lambda s: (s.name, s.annotations["presynaptic_index"], s.annotations["postsynaptic_index"]),
            )
            values = [part for s in irregular for part in (np.array(s.times.magnitude), np.array(s.magnitude))]
            self.add(f"{name}/{number} events", len(irregular), *values)


def run(duration, split):
    if not split:
        sim.run(duration)
        return
    for part in (0.1, 0.4, duration - 3.5, 3.0):
        sim.run(part)


def make(threads, gaps, folder):
    sim.setup(timestep=0.1, threads=threads, rng_seed=5)
    sources, both, points, composed = build()
    populations = [*sources, *both, *points, composed]
    projections = connect(sources, both, points, composed)
    if gaps:
        projections += junctions(both, points)
    inject(both, points, composed)
    record(populations, projections, folder)
    return both, points, populations, projections


def add_late(populations, projections):
    late = sim.Projection(
        populations[1],
        populations[4],
        sim.AllToAllConnector(),
        sim.UrbanczikSennSynapse(weight=0.1, w_max=2.0, eta=0.4, tau_Delta=70.0, delay=8.0),
        receptor_type="dendritic_exc",
    )
    late.record("weight")
    projections.append(late)


def main(threads, split, gaps, cut):
    digests, processes = Digests(), sim.simulator.state.processes
    with tempfile.TemporaryDirectory() as folder:
        path = f"{processes.share('share a folder', folder)[0] if processes else folder}/state"
        # several processes cannot write to one file, and what is in one is not in a state
        files = Path(folder) if sim.num_processes() == 1 and not cut else None
        both, points, populations, projections = make(threads, gaps, files)
        run(25.0, split)
        change(both, points, projections[: len(projections) - 3 * gaps])
        run(20.0, split)
        change_some(projections)
        add_late(populations, projections)
        if cut:
            run(3.7, split)
            sim.save_state(path)
            _, _, populations, projections = make(cut, gaps, None)
            add_late(populations, projections)
            sim.load_state(path)
        run(26.3 if cut else 30.0, split)
        for population in populations:
            digests.add_block(population.label, population.get_data())
        for i, projection in enumerate(projections):
            names = list(projection.synapse_type.default_parameters)
            rows = np.array(sorted(projection.get(names, "list")))
            digests.add(f"projection {i} values", rows)
            if projection.synapse_type.recordable:
                digests.add_block(f"projection {i}", projection.get_data())
        sim.end()
        add_learning(digests, threads, split, path, cut)


def learn(threads):
    sim.setup(timestep=0.1, threads=threads, rng_seed=5)
    everything = learning.build()
    learning.record(*everything[:2])
    return everything


def add_learning(digests, threads, split, path, cut):
    """Learning from all errors of dendrites, modulated."""
    everything = learn(threads)
    run(20.0, split)
    learning.change(*everything)
    if cut:
        run(4.0, split)
        sim.save_state(path)
        everything = learn(cut)
        sim.load_state(path)
    run(16.0 if cut else 20.0, split)
    populations, projections, modulators = everything
    for population in populations:
        digests.add_block(population.label, population.get_data())
    for i, projection in enumerate(projections):
        names = list(projection.synapse_type.default_parameters)
        digests.add(f"learning {i} values", np.array(sorted(projection.get(names, "list"))))
        if projection.synapse_type.recordable:
            digests.add_block(f"learning {i}", projection.get_data())
    for i, modulator in enumerate(modulators):
        digests.add(f"modulator {i}", np.array(modulator.get_data().magnitude))
    sim.end()


if __name__ == "__main__":
    core_cells.LEAST_CELLS = core_cells.LEAST_QUICK_CELLS = core_cells.LEAST_SOURCES = 1
    thread_choice.BY_TURNS = True
    parser = argparse.ArgumentParser()
    parser.add_argument("threads", nargs="?", type=int, default=1)
    parser.add_argument("--split", action="store_true")
    parser.add_argument("--gaps", action="store_true")
    parser.add_argument("--cut", type=int, metavar="THREADS")
    options = parser.parse_args()
    main(options.threads, options.split, options.gaps, options.cut)
