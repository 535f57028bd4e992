"""The networks of ``benchmarks.point_networks`` in each simulator: PyNN scripts, NEST's own interface, Brian2.

``python -m benchmarks.point_peers PEER NETWORK THREADS`` measures one of them in this process, and prints the seconds
of building, running and reading, and the number of spikes by population.
"""

import contextlib
import importlib
import itertools
import json
import sys
import time

import numpy as np

from benchmarks.point_brian import Brian
from benchmarks.point_networks import NETWORKS, STDP, TIMESTEP


class Pynn:
    """The same script for every simulator of PyNN."""

    def __init__(self, network, threads, module):
        self.sim = sim = importlib.import_module(module)
        self.random = importlib.import_module("pyNN.random")
        self.network = network
        # NEST wants a longest delay, and refuses one that is drawn beyond
        sim.setup(timestep=TIMESTEP, min_delay=network.min_delay, max_delay=network.max_delay, threads=threads)
        # a generator for each use, as connectors draw from copies
        self.generators = map(self.random.NumpyRNG, itertools.count(1))
        self.populations = {cells.label: self.population(cells) for cells in network.cells}
        for connections in network.connections:
            self.connect(connections)
        self.run(TIMESTEP)

    def population(self, cells):
        sim = self.sim
        kind = {"curr_exp": sim.IF_curr_exp, "cond_exp": sim.IF_cond_exp, "curr_delta": sim.IF_curr_delta}[cells.kind]
        population = sim.Population(cells.size, kind(**cells.parameters), label=cells.label)
        population.initialize(v=self.random.RandomDistribution("uniform", cells.v, rng=next(self.generators)))
        population.record("spikes")
        if cells.noise is not None:
            n, rate, weight = cells.noise
            noise = sim.Population(cells.size, sim.SpikeSourcePoisson(rate=n * rate))
            synapse = sim.StaticSynapse(weight=weight, delay=self.network.min_delay)
            sim.Projection(noise, population, sim.OneToOneConnector(), synapse, receptor_type="excitatory")
        return population

    def connect(self, connections):
        sim, weight = self.sim, connections.weight[0]
        values = {
            "weight": self.drawn(connections.weight, *((0.0, np.inf) if weight >= 0.0 else (-np.inf, 0.0))),
            "delay": self.drawn(connections.delay, TIMESTEP, self.network.max_delay),
        }
        if connections.plastic:
            rule = {name: value for name, value in STDP.items() if name.startswith("tau")}
            amplitudes = {name: value for name, value in STDP.items() if name.startswith("A")}
            synapse = sim.STDPMechanism(
                timing_dependence=sim.SpikePairRule(**rule, **amplitudes),
                weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=2.0 * weight),
                **values,
            )
        else:
            synapse = sim.StaticSynapse(**values)
        if connections.n is None:
            connector = sim.FixedProbabilityConnector(connections.p, rng=next(self.generators))
        else:
            connector = sim.FixedTotalNumberConnector(connections.n, with_replacement=True, rng=next(self.generators))
        pre, post = (self.populations[cells.label] for cells in (connections.pre, connections.post))
        receptor = "excitatory" if connections.pre.excitatory else "inhibitory"
        sim.Projection(pre, post, connector, synapse, receptor_type=receptor)

    def drawn(self, moments, low, high):
        if not moments[1]:
            return moments[0]
        return self.random.RandomDistribution("normal_clipped", (*moments, low, high), rng=next(self.generators))

    def run(self, duration):
        started = time.perf_counter()
        self.sim.run(duration)
        return time.perf_counter() - started

    def spikes(self):
        trains = {
            label: population.get_data().segments[0].spiketrains for label, population in self.populations.items()
        }
        return {label: np.concatenate([train.magnitude for train in found]) for label, found in trains.items()}


class Simulation(Pynn):
    """Ours, as `benchmarks.contest` asks for it."""

    def __init__(self, network, duration, threads=1, record=False):
        super().__init__(network, threads, "pyurbanczik")
        self.advance = self.run


class Nest:
    MODELS = {"curr_exp": "iaf_psc_exp", "cond_exp": "iaf_cond_exp", "curr_delta": "iaf_psc_delta"}
    NAMES = {"v_rest": "E_L", "v_thresh": "V_th", "v_reset": "V_reset", "tau_refrac": "t_ref", "tau_m": "tau_m"}
    NAMES |= {"tau_syn_E": "tau_syn_ex", "tau_syn_I": "tau_syn_in", "e_rev_E": "E_ex", "e_rev_I": "E_in"}

    def __init__(self, network, threads):
        import nest

        self.nest = nest
        nest.verbosity = nest.VerbosityLevel.ERROR
        nest.ResetKernel()
        nest.set(resolution=TIMESTEP, local_num_threads=threads, rng_seed=1)
        self.populations, self.recorders = {}, {}
        for cells in network.cells:
            self.populations[cells.label] = self.population(cells, network)
        for connections in network.connections:
            self.connect(connections, network)
        self.run(TIMESTEP)

    def population(self, cells, network):
        nest, given = self.nest, cells.parameters
        parameters = {self.NAMES[name]: value for name, value in given.items() if name in self.NAMES}
        parameters |= {"C_m": 1e3 * given["cm"], "I_e": 1e3 * given["i_offset"]}
        if cells.kind == "cond_exp":
            parameters["g_L"] = 1e3 * given["cm"] / parameters.pop("tau_m")
        population = nest.Create(self.MODELS[cells.kind], cells.size, parameters)
        population.V_m = nest.random.uniform(*cells.v)
        self.recorders[cells.label] = nest.Create("spike_recorder")
        nest.Connect(population, self.recorders[cells.label])
        if cells.noise is not None:
            n, rate, weight = cells.noise
            source = nest.Create("poisson_generator", params={"rate": n * rate})
            synapse = {"weight": self.unit(cells) * weight, "delay": network.min_delay}
            nest.Connect(source, population, syn_spec=synapse)
        return population

    @staticmethod
    def unit(cells):
        """From PyNN's nA, uS and mV to pA, nS and mV."""
        return 1.0 if cells.kind == "curr_delta" else 1e3

    def connect(self, connections, network):
        unit = self.unit(connections.post)
        if connections.post.kind == "cond_exp" and not connections.pre.excitatory:
            unit = -unit
        mean = unit * connections.weight[0]
        synapse = {
            "weight": self.drawn((mean, abs(unit) * connections.weight[1]), mean > 0.0),
            "delay": self.drawn(connections.delay, True, TIMESTEP, network.max_delay),
        }
        if connections.plastic:
            plus, minus = STDP["A_plus"], STDP["A_minus"]
            synapse |= {"synapse_model": "stdp_synapse", "tau_plus": STDP["tau_plus"], "lambda": plus}
            synapse |= {"alpha": minus / plus, "mu_plus": 0.0, "mu_minus": 0.0, "Wmax": 2.0 * mean}
            self.populations[connections.post.label].tau_minus = STDP["tau_minus"]
        rule = {"rule": "pairwise_bernoulli", "p": connections.p}
        if connections.n is not None:
            rule = {"rule": "fixed_total_number", "N": connections.n}
        pre, post = (self.populations[cells.label] for cells in (connections.pre, connections.post))
        self.nest.Connect(pre, post, rule, synapse)

    def drawn(self, moments, positive, low=0.0, high=1e9):
        if not moments[1]:
            return moments[0]
        bounds = (low, high) if positive else (-high, -low)
        return self.nest.math.redraw(self.nest.random.normal(*moments), *bounds)

    def run(self, duration):
        started = time.perf_counter()
        self.nest.Simulate(duration)
        return time.perf_counter() - started

    def spikes(self):
        return {label: np.array(recorder.get("events")["times"]) for label, recorder in self.recorders.items()}


PEERS = {
    "pyurbanczik": lambda network, threads: Pynn(network, threads, "pyurbanczik"),
    "pyNN.nest": lambda network, threads: Pynn(network, threads, "pyNN.nest"),
    "NEST": Nest,
    "Brian2": Brian,
    "Brian2, C++": lambda network, threads: Brian(network, threads, standalone=True),
}


def measured(peer, network, threads):
    """Seconds of building, running and reading, and the number of spikes by population."""
    importlib.import_module({"NEST": "nest", "Brian2": "brian2", "Brian2, C++": "brian2"}.get(peer, peer))
    started = time.perf_counter()
    simulation = PEERS[peer](network, threads)
    if peer != "Brian2, C++":
        built = time.perf_counter()
        simulation.run(network.before)
        running = simulation.run(network.duration)
        building = built - started
    else:
        # the program builds the network and runs; it says what the last call of run took
        simulation.run(network.before)
        simulation.run(network.duration)
        device = simulation.b2.device
        device.build(directory=simulation.folder.name, run=False)
        built = time.perf_counter()
        device.run()
        running = device._last_run_time
        whole = time.perf_counter() - built
        building = built - started + max(0.0, whole - running * (1.0 + network.before / network.duration))
    read = time.perf_counter()
    spikes = simulation.spikes()
    reading = time.perf_counter() - read
    return building, running, reading, {label: int((times > network.before).sum()) for label, times in spikes.items()}


if __name__ == "__main__":
    # simulators greet, and Brian2 lets a compiler speak
    with contextlib.redirect_stdout(sys.stderr):
        found = measured(sys.argv[1], NETWORKS[sys.argv[2]], int(sys.argv[3]))
    print(json.dumps(found))
