"""What an exchange between processes costs: ``mpiexec -n 2 python -m benchmarks.exchange``.

Each process has some neurons, and a synapse of delay one step (0.1 ms) that makes all of them tell each other their
spikes in every step. The difference to the same network without that synapse is the exchange, the calls of MPI and the
waiting for each other included.
"""

from time import perf_counter

import pyurbanczik as sim

CELLS = 8  # in each process
STEPS = 2000
TURNS = 7


def microseconds_a_step(rate, connected, cells=CELLS, threads=1):
    """Of neurons that fire with `rate` (Hz), with a synapse between two of them or not."""
    sim.setup(timestep=0.1, threads=threads)
    neurons = sim.Population(
        cells * sim.num_processes(), sim.UrbanczikSenn(phi_max=rate, rate_slope=0.0, tau_refrac=0.0)
    )
    if connected:
        sim.Projection(neurons, neurons, sim.FromListConnector([(0, 0, 0.0, 0.1)]), receptor_type="soma_exc")
    sim.run(10.0)
    turns = []
    for _ in range(TURNS):
        began = perf_counter()
        sim.run(0.1 * STEPS)
        turns.append(perf_counter() - began)
    return 1e6 * min(turns) / STEPS


def main():
    lines = []
    for rate in (0.0, 30.0, 1000.0):
        apart = microseconds_a_step(rate, False)
        together = microseconds_a_step(rate, True)
        lines.append(
            f"{sim.num_processes()} processes, {CELLS} neurons each at {rate:g} Hz: {apart:.2f} µs a step without, "
            f"{together:.2f} µs with an exchange: {together - apart:.2f} µs"
        )
    if sim.rank() == 0:
        print("\n".join(lines))


if __name__ == "__main__":
    main()
