"""Runs as they might come out of a simulator, without one."""

import numpy as np

from pyurbanczik.compare.capture.results import (
    Connections,
    PopulationResult,
    ProjectionResult,
    RunResult,
    Segment,
    Signal,
    Simulation,
)

TIMESTEP = 0.1
DURATION = 20.0


def potential(seed=0, n_cells=3):
    rng = np.random.default_rng(seed)
    return -65.0 + np.cumsum(rng.normal(0.0, 0.1, (round(DURATION / TIMESTEP) + 1, n_cells)), axis=0)


def a_run(simulator="pyurbanczik", celltype="IF_curr_exp", spikes=((0, 3.0), (1, 7.5), (0, 12.0)), v=None, weight=0.5):
    cells, times = (np.array(column) for column in zip(*spikes)) if spikes else (np.empty(0, int), np.empty(0))
    v = potential() if v is None else v
    signal = Signal("mV", 0.0, TIMESTEP, np.arange(v.shape[1]), v)
    population = PopulationResult("cells", celltype, 3, True, [Segment(cells.astype(int), times, {"v": signal})])

    def connections(w):
        return Connections.ordered(
            np.array([1, 0]), np.array([0, 2]), {"weight": np.array([w, 0.1]), "delay": np.ones(2)}
        )

    projection = ProjectionResult(
        "inputs→cells", [0], [0], "excitatory", "STDPMechanism", connections(0.5), connections(weight)
    )
    simulation = Simulation(TIMESTEP, DURATION, {"build": 0.1, "run": 0.2}, [population], [projection])
    return RunResult(simulator, "1", 0, [simulation])
