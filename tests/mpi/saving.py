"""A network that learns, cut: the state is written and read by other numbers of processes and threads.

``python -m tests.mpi.saving FILE THREADS STATE save`` runs the first half and saves; ``... load`` goes on, and process
0 writes what was recorded to the file that is named; without STATE all is one run.
"""

import pickle
import sys

import pyurbanczik as sim

from . import learning


def build(threads):
    sim.setup(timestep=0.1, min_delay=0.1, threads=threads, rng_seed=5)
    made = learning.build()
    learning.record(*made[:2])
    coupled = sim.Population(6, sim.IF_cond_exp(i_offset=0.9), label="coupled")
    sim.Projection(coupled, coupled, sim.AllToAllConnector(), sim.ElectricalSynapse(weight=0.002))
    sim.NoisyCurrentSource(stdev=0.4).inject_into(coupled)
    stdp = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(A_plus=0.1, A_minus=0.12),
        weight_dependence=sim.AdditiveWeightDependence(w_max=0.02),
        weight=0.01,
        delay=sim.RandomDistribution("uniform", (0.5, 5.0), rng=sim.NumpyRNG(seed=8)),
        dendritic_delay_fraction=0.4,
    )
    noise = made[0][0]
    plastic = sim.Projection(noise, coupled, sim.AllToAllConnector(), stdp, receptor_type="excitatory")
    quantal = sim.MultiQuantalSynapse(weight=0.01, n=3, tau_rec=30.0, delay=2.0)
    sim.Projection(noise, coupled[::-1], sim.AllToAllConnector(), quantal, receptor_type="excitatory")
    coupled[1:4].record(["v", "spikes"])
    plastic.record(["weight", "K_plus"])
    return made, coupled, plastic


def main(file, threads, state=None, half="whole"):
    (populations, projections, modulators), coupled, plastic = build(int(threads))
    if half == "load":
        coupled.record(["v", "spikes"])
        sim.load_state(state)
    else:
        sim.run(4.0)
        coupled.record(["v", "spikes"])
        sim.run(6.0)
        sim.reset(annotations={"trial": 0})
        sim.run(15.0)
        learning.change(populations, projections, modulators)
        sim.run(5.3)
        if half == "save":
            sim.save_state(state)
            return
    sim.run(14.7)
    found = learning.read([*populations, coupled], projections, modulators)
    found += learning.values_of(plastic.get_data())
    found.append(plastic.get(["weight", "delay"], "list"))
    if sim.rank() == 0:
        with open(file, "wb") as stream:
            pickle.dump(found, stream)


if __name__ == "__main__":
    main(*sys.argv[1:])
