"""Current sources with NEST's names, in PyNN scripts on NEST and here."""

import numpy as np
import pytest

import pyurbanczik

pynn_nest = pytest.importorskip("pyNN.nest", exc_type=ImportError)
pytestmark = pytest.mark.validation

SOURCES = [
    ("dc_generator", {"amplitude": 500.0, "start": 5.0, "stop": 40.0}),
    ("step_current_generator", {"amplitude_times": [5.0, 21.0, 25.0], "amplitude_values": [400.0, 600.0, -200.0]}),
    (
        "step_current_generator",
        {"amplitude_times": [5.0, 21.0, 25.0], "amplitude_values": [400.0, 600.0, -200.0], "start": 2.0, "stop": 24.0},
    ),
    (
        "step_current_generator",
        {"amplitude_times": [5.0, 21.0], "amplitude_values": [400.0, 600.0], "start": 2.0, "stop": 50.0, "origin": 6.0},
    ),
    (
        "step_current_generator",
        {"amplitude_times": [5.04, 21.0], "amplitude_values": [400.0, 600.0], "allow_offgrid_times": True},
    ),
    ("dc_generator", {"amplitude": 500.0, "start": 5.0, "stop": 40.0, "origin": 7.0}),
    ("ac_generator", {"amplitude": 200.0, "frequency": 30.0, "phase": 70.0, "start": 5.0, "stop": 30.0, "origin": 3.0}),
    (
        "ac_generator",
        {"amplitude": 200.0, "offset": 100.0, "frequency": 30.0, "phase": 70.0, "start": 5.0, "stop": 45.0},
    ),
    ("noise_generator", {"mean": 300.0, "std": 0.0, "dt": 1.0, "start": 5.0, "stop": 45.0}),
]


def potentials(sim):
    """Of one leaky neuron a source, which never fires."""
    sim.setup(timestep=0.1, min_delay=0.1)
    cells = sim.Population(len(SOURCES), sim.IF_curr_exp(v_thresh=-30.0, tau_m=10.0))
    cells.record("v")
    for cell, (name, parameters) in zip(cells, SOURCES):
        cell.inject(sim.native_electrode_type(name)(**parameters))
    sim.run(60.0)
    return cells.get_data().segments[0].analogsignals[0].magnitude


def test_currents_act_when_and_as_in_nest():
    """Both integrate exactly: only rounding differs."""
    np.testing.assert_allclose(potentials(pyurbanczik), potentials(pynn_nest), rtol=0, atol=1e-11)
