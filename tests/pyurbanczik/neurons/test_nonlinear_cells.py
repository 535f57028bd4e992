"""Izhikevich, Hodgkin–Huxley and adapting neurons: their tables, and that values reach the core in its units."""

import numpy as np
import pytest
import quantities as pq
from pyNN import errors
from pyNN.parameters import ArrayParameter
from pyNN.standardmodels import cells

import pyurbanczik
from tests.reference import izhikevich

NAMES = ["Izhikevich", "HH_cond_exp", "IF_cond_exp_gsfa_grr", "GIF_cond_exp"]


def signal(population, name):
    return population.get_data().segments[-1].filter(name=name)[0]


def drive(sim, receptor, times, weight, post, delay=1.0):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
    synapse = sim.StaticSynapse(weight=weight, delay=delay)
    return sim.Projection(source, post, sim.AllToAllConnector(), synapse, receptor_type=receptor)


@pytest.mark.parametrize("name", NAMES)
def test_tables_are_those_of_the_standard_cell(name):
    ours, standard = getattr(pyurbanczik, name), getattr(cells, name)
    assert issubclass(ours, standard)
    assert ours.default_parameters == standard.default_parameters
    for key, unit in standard.units.items():
        assert ours.units[key] == (unit or "dimensionless")
    assert set(standard.recordable) <= set(ours.recordable)
    for state, value in standard.default_initial_values.items():
        default = ours.default_initial_values[state]
        assert standard.default_parameters.get(default, default) == value
    assert tuple(ours.receptor_types) == tuple(standard.receptor_types)
    assert ours.conductance_based == standard.conductance_based


@pytest.mark.parametrize("name", NAMES)
def test_documented(name):
    cell = getattr(pyurbanczik, name)
    for word in (*cell.default_parameters, *cell.receptor_types):
        assert word in cell.__doc__


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_can_be_recorded_with_its_unit(sim, name):
    population = sim.Population(2, getattr(sim, name)())
    population.record(population.celltype.recordable)
    sim.run(2.0)
    for recorded in population.get_data().segments[0].analogsignals:
        assert recorded.shape == (21, 2)
        assert recorded.units == pq.Quantity(1, population.find_units(recorded.name))
        first = recorded.magnitude[0]
        np.testing.assert_allclose(first, np.asarray(population.initial_values[recorded.name].evaluate()))


def test_izhikevich_as_in_pynn_s_units(sim):
    """A weight is a jump in mV, a current of 0.001 nA adds 1 mV/ms."""
    cell = sim.Izhikevich(a=0.1, i_offset=0.004)
    population = sim.Population(1, cell, initial_values={"v": -66.0, "u": -13.5})
    population.record(["v", "u", "spikes"])
    drive(sim, "excitatory", [9.0, 30.0], 3.0, population)
    drive(sim, "inhibitory", [19.0], -5.0, population)
    electrode = sim.DCSource(amplitude=0.006, start=40.0, stop=90.0)
    electrode.inject_into(population)
    sim.run(100.0)
    jumps, currents = np.zeros(1001), np.zeros(1000)
    jumps[[100, 310]], jumps[200] = 3.0, -5.0
    currents[400:900] = 0.006
    v, u, spikes = izhikevich.simulate(jumps, 0.1, a=0.1, i_offset=0.004, currents=currents, v=-66.0, u=-13.5)
    np.testing.assert_allclose(signal(population, "v").magnitude[:, 0], v, rtol=0, atol=1e-3)
    np.testing.assert_allclose(signal(population, "u").magnitude[:, 0], u, rtol=0, atol=1e-3)
    train = population.get_data().segments[0].spiketrains[0]
    np.testing.assert_allclose(train.magnitude, 0.1 * np.array(spikes))
    assert len(spikes) > 2


@pytest.mark.parametrize("name, wrong", [("Izhikevich", 1.0), *((name, -1.0) for name in NAMES[1:])])
def test_signs_of_inhibitory_weights(sim, name, wrong):
    population = sim.Population(1, getattr(sim, name)())
    drive(sim, "inhibitory", [1.0], -0.01 * wrong, population)
    with pytest.raises(errors.ConnectionError):
        drive(sim, "inhibitory", [1.0], 0.01 * wrong, population)


def test_adaptation_is_in_nS(sim):
    cell = sim.IF_cond_exp_gsfa_grr(i_offset=2.0, q_sfa=20.0, q_rr=1000.0)
    population = sim.Population(1, cell)
    population.record(["g_s", "g_r", "spikes"])
    sim.run(60.0)
    train = population.get_data().segments[0].spiketrains[0].magnitude
    first = round(train[0] / 0.1)
    assert signal(population, "g_s").magnitude[first, 0] == pytest.approx(20.0)
    assert signal(population, "g_r").magnitude[first, 0] == pytest.approx(1000.0)
    assert str(signal(population, "g_s").units.dimensionality) == "nS"
    population.initialize(g_s=5.0)
    assert population.core.value("g_s")[0] == pytest.approx(0.005)
    assert population.get("q_sfa") == 20.0


def test_activations_of_channels(sim):
    population = sim.Population(2, sim.HH_cond_exp(), initial_values={"m": 0.1, "h": [0.5, 0.6], "n": 0.3})
    population.record(["m", "h", "n", "v"])
    sim.run(1.0)
    np.testing.assert_array_equal(signal(population, "h").magnitude[0], [0.5, 0.6])
    np.testing.assert_array_equal(signal(population, "n").magnitude[0], [0.3, 0.3])
    for name in "mhn":
        with pytest.raises(errors.InvalidParameterValueError, match=f"HH_cond_exp.{name}: 1.1 .* between 0 and 1"):
            population.initialize(**{name: 1.1})


def test_only_gap_junctions_are_made_onto_their_receptor(sim):
    population = sim.Population(2, sim.HH_cond_exp())
    with pytest.raises(errors.ConnectionError, match=r"HH_cond_exp takes no spikes at 'source_section\.gap'"):
        drive(sim, "source_section.gap", [1.0], 0.01, population)
    junction = sim.ElectricalSynapse(weight=0.01)
    sim.Projection(
        population, population, sim.FromListConnector([(0, 1)]), junction, receptor_type="source_section.gap"
    )
    population.initialize(v=[-60.0, -70.0])
    population.record("v")
    sim.run(1.0)
    assert np.diff(signal(population, "v").magnitude[-1])[0] > -10.0


GIVEN = {
    "tau_eta": (1.0, 20.0, 100.0),
    "tau_gamma": ArrayParameter([2.0, 10.0, 50.0]),
    "a_eta": [(0.1, 0.2, 0.3), (0.0, 0.0, 0.0), (0.4, 0.5, 0.6)],
    "a_gamma": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]),
    "delta_v": [0.5, 1.0, 2.0],
}


def test_parameters_of_three_numbers(sim):
    population = sim.Population(3, sim.GIF_cond_exp(v_t_star=-55.0, **GIVEN))
    assert population.get("tau_eta") == ArrayParameter([1.0, 20.0, 100.0])
    assert population.get("tau_gamma") == GIVEN["tau_gamma"]
    for name in ("a_eta", "a_gamma"):
        for got, given in zip(population.get(name), GIVEN[name]):
            assert got == ArrayParameter(given)
    assert population[2].a_eta == ArrayParameter([0.4, 0.5, 0.6])
    np.testing.assert_array_equal(population.core.get("a_gamma2"), [2.0, 5.0, 8.0])
    np.testing.assert_array_equal(population.core.get("tau_eta3"), [100.0] * 3)
    population[1:].set(tau_eta=(3.0, 4.0, 5.0), cm=0.5)
    np.testing.assert_array_equal(population.core.get("tau_eta2"), [20.0, 4.0, 4.0])
    np.testing.assert_array_equal(population.get("cm"), [1.0, 0.5, 0.5])
    population.record("v_t")
    sim.run(0.5)
    np.testing.assert_array_equal(signal(population, "v_t").magnitude[0], [-55.0] * 3)


@pytest.mark.parametrize(
    "name, value",
    [
        ("tau_eta", (1.0, 2.0)),
        ("tau_eta", (1.0, 2.0, 0.0)),
        ("tau_gamma", 3.0),
        ("a_eta", [(1.0, 2.0, 3.0), (1.0, 2.0)]),
        ("a_gamma", (1.0, np.nan, 2.0)),
        ("a_gamma", "abc"),
        ("delta_v", 0.0),
        ("tau_eta", (1.0, 2.0, 1e-7)),
    ],
)
def test_gif_impossible_values_are_refused(sim, name, value):
    with pytest.raises(errors.InvalidParameterValueError, match=rf"GIF_cond_exp\.{name}"):
        sim.Population(2, sim.GIF_cond_exp(**{name: value}))
    population = sim.Population(2, sim.GIF_cond_exp())
    with pytest.raises(errors.InvalidParameterValueError, match=rf"GIF_cond_exp\.{name}"):
        population.set(**{name: value})


def test_gif_wrong_number_of_triples(sim):
    population = sim.Population(3, sim.GIF_cond_exp())
    with pytest.raises(errors.InvalidDimensionsError):
        population.set(a_eta=[(1.0, 2.0, 3.0), (1.0, 2.0, 3.0)])


@pytest.mark.parametrize("name", NAMES)
def test_impossible_values_are_refused(sim, name):
    population = sim.Population(2, getattr(sim, name)())
    with pytest.raises(errors.InvalidParameterValueError, match=rf"{name}\.i_offset"):
        population.set(i_offset=np.inf)
    with pytest.raises(errors.NonExistentParameterError):
        population.set(nonsense=1.0)
