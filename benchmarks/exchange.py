"""What an exchange between processes costs, and what they gain: ``mpiexec -n 2 python -m benchmarks.exchange``.

Each process has some neurons, and a synapse of delay one step (0.1 ms) that makes all of them tell each other their
spikes in every second step. The difference to the same network without that synapse is the exchange, the calls of MPI
and the waiting for each other included. A larger network is measured with delays of one step and of ten.
"""

import sys
from time import perf_counter

import pyurbanczik as sim

CELLS = 8  # in each process
STEPS_BETWEEN = 2  # two exchanges
STEPS = 2000
TURNS = 7


def quickest():
    """Microseconds that a step takes."""
    sim.run(10.0)
    turns = []
    for _ in range(TURNS):
        began = perf_counter()
        sim.run(0.1 * STEPS)
        turns.append(perf_counter() - began)
    return 1e6 * min(turns) / STEPS


def small_network(rate, connected):
    """Of neurons that fire with `rate` (Hz), with a synapse between two of them or not."""
    sim.setup(timestep=0.1)
    neurons = sim.Population(
        CELLS * sim.num_processes(), sim.UrbanczikSenn(phi_max=rate, rate_slope=0.0, tau_refrac=0.0)
    )
    if connected:
        sim.Projection(neurons, neurons, sim.FromListConnector([(0, 0, 0.0, 0.1)]), receptor_type="soma_exc")
    return quickest()


def large_network(delay, threads):
    """Of 1000 neurons with 500 plastic inputs each, that fire at about 10 Hz, and with each other to 5 %."""
    sim.setup(timestep=0.1, rng_seed=1, threads=threads)
    inputs = sim.Population(500, sim.SpikeSourcePoisson(rate=10.0))
    neurons = sim.Population(1000, sim.UrbanczikSenn(phi_max=10.0, rate_slope=0.0))
    for pre, connector in (
        (inputs, sim.AllToAllConnector()),
        (neurons, sim.FixedProbabilityConnector(0.05, rng=sim.random.NumpyRNG(1))),
    ):
        rule = sim.UrbanczikSennSynapse(weight=0.001, eta=1e-4, delay=delay)
        sim.Projection(pre, neurons, connector, rule, receptor_type="dendritic_exc")
    return quickest()


def main(threads=1):
    lines = []
    for rate in (0.0, 30.0, 1000.0):
        apart, together = small_network(rate, False), small_network(rate, True)
        lines.append(
            f"{sim.num_processes()} processes, {CELLS} neurons each at {rate:g} Hz: {apart:.2f} µs a step without, "
            f"{together:.2f} µs with exchanges: each {STEPS_BETWEEN * (together - apart):.2f} µs"
        )
    for delay in (0.1, 1.0):
        lines.append(
            f"{sim.num_processes()} processes of {threads} threads, 1000 neurons, shortest delay {delay} ms: "
            f"{large_network(delay, threads):.2f} µs a step"
        )
    if sim.rank() == 0:
        print("\n".join(lines))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
