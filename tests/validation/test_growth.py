"""Memory does not grow with biological time, also with a plastic synapse that never gets a spike."""

import gc
import os
from pathlib import Path

import numpy as np
import pytest

import pyurbanczik as sim

from .cases import leave_free, random_cell

STATUS = Path("/proc/self/statm")


def resident_bytes():
    gc.collect()
    return int(STATUS.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not STATUS.exists(), reason="no /proc to read the resident memory from")
def test_resident_memory_over_160_seconds():
    """A history of one number a step and neuron would be 100 MB."""
    cells = [random_cell(np.random.default_rng(i)) for i in range(8)]
    for cell in cells:
        leave_free(cell)
    sim.setup(timestep=0.1, min_delay=0.1, max_delay=10.0, rng_seed=1)
    population = sim.Population(8, sim.UrbanczikSenn(**{k: np.array([c[k] for c in cells]) for k in cells[0]}))
    active = sim.Population(20, sim.SpikeSourcePoisson(rate=10.0))
    silent = sim.Population(5, sim.SpikeSourceArray(spike_times=[]))
    for source in (active, silent):
        for tau_Delta in (50.0, 100.0):
            rule = sim.UrbanczikSennSynapse(weight=0.02, delay=1.0, eta=1e-3, tau_Delta=tau_Delta, w_max=1.0)
            sim.Projection(source, population, sim.AllToAllConnector(), rule, receptor_type="dendritic_exc")
    sim.run(10_000.0)
    before = resident_bytes()
    sim.run(150_000.0)
    assert sim.get_current_time() == pytest.approx(160_000.0)
    assert resident_bytes() - before < 2**20
