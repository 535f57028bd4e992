"""Renewal sources: their tables, what they accept, and that it reaches the core."""

import numpy as np
import pytest
from pyNN import errors
from pyNN.parameters import Sequence
from pyNN.standardmodels import cells

import pyurbanczik

NAMES = ["SpikeSourcePoissonRefractory", "SpikeSourceGamma", "SpikeSourceInhGamma"]


def rates(population, duration):
    return [1e3 * len(train) / duration for train in population.get_data().segments[-1].spiketrains]


@pytest.mark.parametrize("name", NAMES)
def test_tables_are_those_of_the_standard_cell(name):
    ours, standard = getattr(pyurbanczik, name), getattr(cells, name)
    assert issubclass(ours, standard)
    assert ours.default_parameters == standard.default_parameters
    assert {key: ours.units[key] for key in standard.units} == standard.units
    assert ours.recordable == standard.recordable and ours.receptor_types == () and not ours.injectable


def test_rates_of_all(sim):
    """10 s of ten cells each: within 4.5 standard errors."""
    made = [
        (sim.SpikeSourcePoissonRefractory(rate=50.0, tau_refrac=10.0), 50.0, 0.5),
        (sim.SpikeSourceGamma(alpha=4, beta=200.0), 50.0, 0.5),
        (sim.SpikeSourceInhGamma(a=[4.0], b=[0.005], tbins=[0.0]), 50.0, 0.5),
    ]
    populations = [sim.Population(10, cell) for cell, _, _ in made]
    for population in populations:
        population.record("spikes")
    sim.run(10_000.0)
    for population, (_, rate, variation) in zip(populations, made):
        assert abs(np.mean(rates(population, 1e4)) - rate) < 4.5 * variation * np.sqrt(rate / 100.0)


def test_one_value_for_each_cell(sim):
    source = sim.Population(3, sim.SpikeSourceGamma(alpha=[1.0, 2.0, 3.0], beta=lambda i: 100.0 * (i + 1)))
    np.testing.assert_array_equal(source.get("alpha"), [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(source.get("beta"), [100.0, 200.0, 300.0])


def test_bins_in_many_forms(sim):
    shared = {"a": [2.0, 4.0], "b": np.array([0.01, 0.002]), "tbins": Sequence([0.0, 500.0])}
    source = sim.Population(3, sim.SpikeSourceInhGamma(start=5.0, **shared))
    for name, value in shared.items():
        assert source.get(name) == Sequence(value)
    assert source.get("start") == 5.0
    source[1:].set(a=[[1.0, 2.0], [3.0, 5.0]])
    assert [source[i].a for i in range(3)] == [Sequence([2.0, 4.0]), Sequence([1.0, 2.0]), Sequence([3.0, 5.0])]
    assert source[1].b == Sequence([0.01, 0.002])
    source[0:1].set(a=[1.0], b=[1.0], tbins=[0.0], duration=7.0)
    assert source[0].tbins == Sequence([0.0]) and source[0].duration == 7.0 and source[1].duration == 1e10


def test_bins_of_each_cell_reach_it(sim):
    cell = sim.SpikeSourceInhGamma(a=[[5.0], [5.0, 5.0]], b=[[0.002], [10.0, 0.001]], tbins=[[0.0], [0.0, 1000.0]])
    source = sim.Population(2, cell)
    source.record("spikes")
    sim.run(2000.0)
    first, second = (train.magnitude for train in source.get_data().segments[0].spiketrains)
    assert abs(len(first) - 200) < 5 * np.sqrt(200 / 5)
    assert np.sum(second < 1000.0) <= 1 and abs(np.sum(second > 1000.0) - 200) < 5 * np.sqrt(200 / 5)


@pytest.mark.parametrize(
    "name, parameters, match",
    [
        ("SpikeSourcePoissonRefractory", {"rate": 200.0, "tau_refrac": 5.0}, r"Refractory\.tau_refrac: 5\.0"),
        ("SpikeSourcePoissonRefractory", {"tau_refrac": -1.0}, r"Refractory\.tau_refrac: -1\.0"),
        ("SpikeSourceGamma", {"alpha": 0.0}, r"SpikeSourceGamma\.alpha"),
        ("SpikeSourceGamma", {"beta": "x"}, r"SpikeSourceGamma\.beta"),
        ("SpikeSourceInhGamma", {"a": [1.0, 2.0]}, r"SpikeSourceInhGamma\.a"),
        ("SpikeSourceInhGamma", {"a": 1.0}, r"SpikeSourceInhGamma\.a"),
        ("SpikeSourceInhGamma", {"b": [0.0]}, r"SpikeSourceInhGamma\.b"),
        ("SpikeSourceInhGamma", {"duration": -1.0}, r"SpikeSourceInhGamma\.duration"),
    ],
)
def test_impossible_values_are_refused(sim, name, parameters, match):
    cls = getattr(sim, name)
    with pytest.raises(errors.InvalidParameterValueError, match=match):
        sim.Population(2, cls(**parameters))
    source = sim.Population(2, cls())
    before = {key: source.get(key) for key in cls.default_parameters}
    with pytest.raises(errors.InvalidParameterValueError, match=match):
        source.set(**parameters)
    assert {key: source.get(key) for key in cls.default_parameters} == before


@pytest.mark.parametrize(
    "name, parameters", [("SpikeSourceGamma", {"alpha": 1e7}), ("SpikeSourceInhGamma", {"a": [1e7]})]
)
def test_shapes_of_intervals_are_refused_when_they_are_given(sim, name, parameters):
    with pytest.raises(errors.InvalidParameterValueError, match=r"10000000\.0 .* positive, and at most a million"):
        getattr(sim, name)(**parameters)


def test_a_refused_population_leaves_nothing_behind(sim):
    """Values that are refused only together, when the core population is there already."""
    trains = []
    for refused in (False, True):
        sim.setup()
        if refused:
            with pytest.raises(errors.InvalidParameterValueError):
                sim.Population(2, sim.SpikeSourcePoissonRefractory(rate=200.0, tau_refrac=5.0))
        source = sim.Population(1, sim.SpikeSourceGamma(beta=500.0))
        source.record("spikes")
        sim.run(100.0)
        trains.append(source.get_data().segments[0].spiketrains[0].magnitude)
    np.testing.assert_array_equal(*trains)


@pytest.mark.parametrize("name", NAMES)
def test_sources_take_no_synapses(sim, name):
    source = sim.Population(2, getattr(sim, name)())
    with pytest.raises(errors.ConnectionError):
        sim.Projection(source, source, sim.AllToAllConnector())
