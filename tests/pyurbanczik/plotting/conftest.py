import numpy as np
import pytest

import pyurbanczik as sim

pyplot = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def figures_closed():
    yield
    pyplot.close("all")


class Small:
    """Three inputs that teach two dendrites for two trials."""

    def __init__(self):
        sim.setup(timestep=0.1, rng_seed=1)
        times = [np.arange(1.0 + i, 40.0, 4.0) for i in range(3)]
        self.inputs = sim.Population(3, sim.SpikeSourceArray(spike_times=times), label="inputs")
        self.cells = sim.Population(2, sim.UrbanczikSenn(), label="cells")
        rule = sim.UrbanczikSennSynapse(weight=0.05, eta=5.0, w_max=1.0)
        self.learning = sim.Projection(
            self.inputs, self.cells, sim.AllToAllConnector(), rule, receptor_type="dendritic_exc"
        )
        self.inputs.record("spikes")
        self.cells.record(["spikes", "soma.v", "dendrite.v", "rate", "rate_star", "error"])
        self.learning.record("weight")
        sim.run(40.0)
        sim.reset()
        sim.run(40.0)


@pytest.fixture(scope="package")
def small():
    return Small()
