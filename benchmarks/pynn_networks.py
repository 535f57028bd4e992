"""Networks of point neurons, the same PyNN script with this simulator and with pyNN.nest.

``python -m benchmarks.pynn_networks SIMULATOR NETWORK THREADS`` measures one of them in this process and prints the
seconds of building, running and reading, and the number of synaptic events.
"""

import importlib
import json
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import report
from benchmarks.contest import installed

ROOT = Path(__file__).resolve().parents[1]
TIMESTEP = 0.1  # ms
BEFORE, DURATION = 100.0, 500.0  # ms that do not count, and that do
DRIVEN = {"v_rest": -49.0, "v_thresh": -50.0, "v_reset": -60.0, "tau_syn_E": 5.0, "tau_syn_I": 10.0, "tau_refrac": 5.0}
TEXT = """
The same PyNN script with both simulators, each run in a process of its own: COBA and CUBA after Vogels & Abbott (2005)
with 2500 cells connected with probability 0.02 and a constant drive, Brunel's (2000) network of 1500 cells with 150
inputs each, and CUBA, five times as dense, with STDP of the excitatory synapses. *Building* is everything up to the
first step, *running* half a second, *reading* all spikes. In brackets: how many times pyurbanczik's on as many threads.
"""


def vogels_abbott(sim, conductances=False, plastic=False, n=2500, p=0.02):
    n_exc = n * 4 // 5
    if conductances:
        cell = sim.IF_cond_exp(
            **DRIVEN | {"v_rest": -60.0}, tau_m=20.0, cm=0.2, i_offset=0.12, e_rev_E=0.0, e_rev_I=-80.0
        )
        w_exc, w_inh = 0.004, 0.051
    else:
        cell = sim.IF_curr_exp(**DRIVEN, tau_m=20.0, cm=0.2)
        w_exc, w_inh = 0.0162, -0.09
    cells = sim.Population(n, cell)
    draw = importlib.import_module("pyNN.random")
    cells.initialize(v=draw.RandomDistribution("uniform", (-60.0, -50.0), rng=draw.NumpyRNG(seed=1)))
    connector = sim.FixedProbabilityConnector(p, rng=draw.NumpyRNG(seed=2))
    synapse = sim.StaticSynapse(weight=w_exc, delay=0.2)
    if plastic:
        synapse = sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(tau_plus=20.0, tau_minus=20.0, A_plus=0.01, A_minus=0.012),
            weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=2 * w_exc),
            weight=w_exc,
            delay=0.2,
        )
    inhibition = sim.StaticSynapse(weight=w_inh, delay=0.2)
    sim.Projection(cells[:n_exc], cells, connector, synapse, receptor_type="excitatory")
    sim.Projection(cells[n_exc:], cells, connector, inhibition, receptor_type="inhibitory")
    return cells, p * n


def brunel(sim, n=1500, p=0.1, g=5.0, eta=2.0, weight=0.1):
    n_exc = n * 4 // 5
    cell = sim.IF_curr_delta(tau_m=20.0, cm=1.0, v_rest=0.0, v_reset=10.0, v_thresh=20.0, tau_refrac=2.0)
    # as strong in all as in the network of 12500 cells
    weight *= 12500 / n
    cells = sim.Population(n, cell, initial_values={"v": 0.0})
    rate = 1e3 * eta * 20.0 / (weight * 20.0)
    noise = sim.Population(n, sim.SpikeSourcePoisson(rate=rate))
    draw = importlib.import_module("pyNN.random")
    connector = sim.FixedProbabilityConnector(p, rng=draw.NumpyRNG(seed=2))
    for pre, w, kind in ((cells[:n_exc], weight, "excitatory"), (cells[n_exc:], -g * weight, "inhibitory")):
        sim.Projection(pre, cells, connector, sim.StaticSynapse(weight=w, delay=1.5), receptor_type=kind)
    drive = sim.StaticSynapse(weight=weight, delay=1.5)
    sim.Projection(noise, cells, sim.OneToOneConnector(), drive, receptor_type="excitatory")
    return cells, p * n


NETWORKS = {
    "COBA": lambda sim: vogels_abbott(sim, conductances=True),
    "CUBA": vogels_abbott,
    "Brunel": brunel,
    "CUBA with STDP": lambda sim: vogels_abbott(sim, plastic=True, p=0.1),
}


def simulate(simulator, network, threads):
    """Seconds of building, running and reading, and the number of synaptic events of the run."""
    sim = importlib.import_module(simulator)
    started = time.perf_counter()
    sim.setup(timestep=TIMESTEP, min_delay=0.2 if network != "Brunel" else 1.5, max_delay=1.5, threads=threads)
    cells, targets = NETWORKS[network](sim)
    cells.record("spikes")
    sim.run(TIMESTEP)
    built = time.perf_counter()
    sim.run(BEFORE)
    began = time.perf_counter()
    sim.run(DURATION)
    ran = time.perf_counter()
    trains = cells.get_data().segments[0].spiketrains
    read = time.perf_counter()
    spikes = sum(int((train.magnitude > BEFORE).sum()) for train in trains)
    return built - started, ran - began, read - ran, spikes * targets


def in_new_process(*what):
    command = [sys.executable, "-m", "benchmarks.pynn_networks", *map(str, what)]
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(found.stdout.splitlines()[-1])


def measure(options):
    peers = [("pyurbanczik", "pyurbanczik")] + [("pyNN.nest", "pyNN.nest")] * installed("nest")
    rows = []
    for network in NETWORKS:
        for threads in (1, 2):
            best = {}
            for _ in range(options.turns):
                for name, simulator in peers:
                    found = in_new_process(simulator, network, threads)
                    best[name] = [min(pair) for pair in zip(found, best.get(name, found))]
            for name, (*seconds, events) in best.items():
                own = best["pyurbanczik"]
                cells = [
                    report.seconds(taken) + (f" ({taken / mine:.1f}×)" if name != "pyurbanczik" else "")
                    for taken, mine in zip(seconds, own)
                ]
                rows.append([network, threads, name, *cells, f"{1e9 * seconds[1] / max(1.0, events):.1f} ns"])
    header = ["network", "threads", "", "building", "running", "reading", "a synaptic event"]
    return f"{TEXT}\n{report.table(header, rows)}\n"


if __name__ == "__main__":
    print(json.dumps(simulate(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
