"""The simulator's own random numbers for parameters, and PyNN's without MPI."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pyNN import errors
from pyNN.random import RandomDistribution, available_distributions

PARAMETERS = {
    "binomial": {"n": 20, "p": 0.3},
    "gamma": {"k": 2.0, "theta": 3.0},
    "exponential": {"beta": 2.0},
    "lognormal": {"mu": 0.2, "sigma": 0.3},
    "normal": {"mu": 1.0, "sigma": 2.0},
    "normal_clipped": {"mu": 0.0, "sigma": 1.0, "low": -1.0, "high": 1.0},
    "normal_clipped_to_boundary": {"mu": 0.0, "sigma": 1.0, "low": -1.0, "high": 1.0},
    "poisson": {"lambda_": 4.0},
    "uniform": {"low": 2.0, "high": 4.0},
    "uniform_int": {"low": 2, "high": 6},
    "vonmises": {"mu": 0.5, "kappa": 2.0},
}
MEANS = {
    "binomial": 6.0,
    "gamma": 6.0,
    "exponential": 2.0,
    "lognormal": np.exp(0.2 + 0.3**2 / 2),
    "normal": 1.0,
    "normal_clipped": 0.0,
    "normal_clipped_to_boundary": 0.0,
    "poisson": 4.0,
    "uniform": 3.0,
    "uniform_int": 3.5,
    "vonmises": 0.5,
}


@pytest.mark.parametrize("name", available_distributions)
def test_distributions(sim, name):
    values = RandomDistribution(name, rng=sim.NativeRNG(seed=3), **PARAMETERS[name]).next(10000)
    assert abs(values.mean() - MEANS[name]) < 5 * values.std() / 100
    again = RandomDistribution(name, rng=sim.NativeRNG(seed=3), **PARAMETERS[name]).next(10000)
    np.testing.assert_array_equal(values, again)
    if "low" in PARAMETERS[name]:
        low, high = PARAMETERS[name]["low"], PARAMETERS[name]["high"]
        assert low <= values.min() and values.max() <= high - (name == "uniform_int")


def test_wrong_parameters_of_a_distribution(sim):
    with pytest.raises(KeyError, match="normal"):
        sim.NativeRNG(seed=1).next(3, "normal", {"mean": 0.0})
    for name in ("Normal", "foo", ["normal"]):
        with pytest.raises(errors.InvalidParameterValueError, match=r"NativeRNG\.next\.distribution: .* 'normal'"):
            sim.NativeRNG(seed=1).next(3, name, {})


def test_without_a_seed_the_numbers_follow_from_that_of_the_simulation(sim):
    def draw(seed):
        sim.setup(rng_seed=seed)
        return [sim.NativeRNG().next(3).tolist() for _ in range(2)]

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)
    assert draw(1)[0] != draw(1)[1]


def test_in_populations_and_projections(sim):
    def build():
        sim.setup()
        rng = sim.NativeRNG(seed=5)
        v = RandomDistribution("uniform", (-70.0, -60.0), rng=rng)
        cells = sim.Population(20, sim.UrbanczikSenn(), initial_values={"v": v})
        projection = sim.Projection(
            cells,
            cells,
            sim.FixedProbabilityConnector(0.3, rng=rng),
            sim.StaticSynapse(weight=RandomDistribution("uniform", (0.0, 1.0), rng=rng)),
        )
        return cells.initial_values["soma.v"].evaluate().tolist(), projection.get("weight", format="list")

    potentials, weights = build()
    assert len(set(potentials)) == 20 and min(potentials) >= -70.0 and max(potentials) < -60.0
    assert 60 < len(weights) < 180
    assert build() == (potentials, weights)


FAKE_MPI = 'raise RuntimeError("cannot load MPI library")\n'
SCRIPT = """
import pyurbanczik as sim
sim.setup()
rng = sim.NumpyRNG(seed=1)
cells = sim.Population(5, sim.UrbanczikSenn())
cells.record("v")
sim.Projection(cells, cells, sim.FixedProbabilityConnector(0.5, rng=rng), sim.StaticSynapse())
sim.run(1.0)
cells.get_data()
sim.end()
"""


def test_a_single_process_needs_no_mpi(tmp_path):
    """mpi4py raises no ImportError when it finds no library to load."""
    (tmp_path / "mpi4py").mkdir()
    (tmp_path / "mpi4py" / "__init__.py").touch()
    (tmp_path / "mpi4py" / "MPI.py").write_text(FAKE_MPI)
    path = f"{tmp_path}:{Path(__file__).resolve().parents[2]}"
    subprocess.run([sys.executable, "-c", SCRIPT], check=True, env={"PYTHONPATH": path, "PATH": ""})
