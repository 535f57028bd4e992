"""PyNN's integrate-and-fire and adaptive exponential cells: tables, units, weights, currents, company."""

import numpy as np
import pytest
from pyNN import errors
from pyNN.standardmodels import cells as standard

import pyurbanczik as sim

CURRENT = ["IF_curr_exp", "IF_curr_alpha", "IF_curr_delta"]
CONDUCTANCE = ["IF_cond_exp", "IF_cond_alpha", "IF_facets_hardware1", "EIF_cond_exp_isfa_ista",
               "EIF_cond_alpha_isfa_ista"]  # fmt: skip


@pytest.fixture(autouse=True)
def simulation():
    sim.setup(timestep=0.1)


def projection(cells, weight, receptor=None):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    return sim.Projection(
        source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight), receptor_type=receptor
    )


def recorded(cells, name):
    return cells.get_data().segments[-1].filter(name=name)[0].magnitude


@pytest.mark.parametrize("name", CURRENT + CONDUCTANCE)
def test_tables_are_those_of_pynn(name):
    ours, theirs = getattr(sim, name), getattr(standard, name)
    assert ours.default_parameters == theirs.default_parameters
    assert ours.default_initial_values == theirs.default_initial_values
    assert list(ours.recordable) == theirs.recordable
    assert tuple(ours.receptor_types) == tuple(theirs.receptor_types)
    assert ours.conductance_based == theirs.conductance_based == (name in CONDUCTANCE)
    assert ours.injectable and ours.units.items() >= theirs.units.items()
    assert name in sim.list_standard_models()


@pytest.mark.parametrize("name", CURRENT + CONDUCTANCE)
def test_all_that_is_recordable_can_be_recorded(name):
    cells = sim.Population(2, getattr(sim, name)())
    cells.record("all")
    sim.run(2.0)
    data = cells.get_data().segments[0]
    assert [s.name for s in data.analogsignals] == [n for n in cells.celltype.recordable if n != "spikes"]
    for signal in data.analogsignals:
        assert signal.shape == (21, 2) and str(signal.units.dimensionality) == cells.find_units(signal.name)
    assert len(data.spiketrains) == 2
    v = data.filter(name="v")[0].magnitude
    assert (v[0] == cells.celltype.default_initial_values["v"]).all()


@pytest.mark.parametrize("name, parameter, core", [("EIF_cond_exp_isfa_ista", "a", "a"),
                                                   ("IF_facets_hardware1", "g_leak", "g_leak")])  # fmt: skip
def test_nanosiemens(name, parameter, core):
    cells = sim.Population(2, getattr(sim, name)(**{parameter: [3.3, 7.7]}))
    assert cells.get(parameter).tolist() == [3.3, 7.7]
    np.testing.assert_allclose(cells.core.get(core), [3.3e-3, 7.7e-3], rtol=1e-15)
    cells[0].set_parameters(**{parameter: 1.1})
    assert cells.get(parameter).tolist() == [1.1, 7.7]


# ---- signs of weights


@pytest.mark.parametrize(
    "name, receptor, weight, allowed",
    [
        ("IF_curr_exp", "excitatory", 1.0, True),
        ("IF_curr_exp", "excitatory", -1.0, False),
        ("IF_curr_exp", "inhibitory", -1.0, True),
        ("IF_curr_exp", "inhibitory", 1.0, False),
        ("IF_curr_delta", "inhibitory", 1.0, False),
        ("IF_curr_alpha", "inhibitory", [[-1.0, 1.0]], False),
        ("IF_curr_alpha", "excitatory", [[0.0, 1.0]], True),
        ("IF_cond_exp", "excitatory", -1.0, False),
        ("IF_cond_exp", "inhibitory", 1.0, True),
        ("IF_cond_alpha", "inhibitory", -1.0, False),
        ("EIF_cond_exp_isfa_ista", "inhibitory", -1.0, False),
        ("IF_cond_exp", "inhibitory", 0.0, True),
        ("IF_curr_exp", "inhibitory", 0.0, True),
    ],
)
def test_signs_of_weights(name, receptor, weight, allowed):
    cells = sim.Population(2, getattr(sim, name)())
    if allowed:
        assert np.array_equal(projection(cells, np.array(weight), receptor).get("weight", "array"),
                              np.broadcast_to(weight, (1, 2)))  # fmt: skip
    else:
        with pytest.raises(errors.ConnectionError, match=rf"^{name}: a weight of .* onto '{receptor}' is not allowed"):
            projection(cells, np.array(weight), receptor)


def test_the_default_receptor_follows_the_sign():
    cells = sim.Population(1, sim.IF_curr_exp())
    assert projection(cells, 0.5).receptor_type == "excitatory"
    prj = projection(cells, -0.5)
    assert prj.receptor_type == "inhibitory"
    with pytest.raises(errors.ConnectionError):
        prj.set(weight=0.5)
    with pytest.raises(errors.ConnectionError):
        projection(sim.Population(1, sim.IF_cond_exp()), -0.5)


@pytest.mark.parametrize("name, unit", [("IF_curr_exp", "nA"), ("IF_curr_delta", "mV"), ("IF_cond_alpha", "uS")])
def test_units_of_weights(name, unit):
    assert projection(sim.Population(1, getattr(sim, name)()), 0.1).find_units("weight") == unit


# ---- currents, input, changes


@pytest.mark.parametrize("name", ["IF_curr_exp", "IF_curr_delta", "IF_cond_exp", "EIF_cond_exp_isfa_ista"])
def test_injected_current(name):
    """The potential follows from the step after the source is switched on."""
    cells = sim.Population(3, getattr(sim, name)())
    v_rest, tau, cm = cells.get(["v_rest", "tau_m", "cm"])
    cells.initialize(v=v_rest)
    sim.DCSource(amplitude=0.1, start=2.0, stop=10.0).inject_into(cells[1:3])
    cells.record("v")
    sim.run(10.0)
    v = recorded(cells, "v")
    t = np.maximum(np.arange(101) * 0.1 - 2.0, 0.0)
    due = v_rest + 0.1 * tau / cm * -np.expm1(-t / tau)
    slack = 0.03 if name.startswith("EIF") else 1e-8  # the onset of the exponential, and a
    np.testing.assert_allclose(v[:, 1:], np.column_stack([due, due]), rtol=0, atol=slack)
    np.testing.assert_allclose(v[:, 0], v_rest, rtol=0, atol=slack)
    assert v[20, 1] == v[20, 0] and v[21, 1] > v[20, 1] + 0.005


def test_a_weight_in_millivolts_nanoamperes_or_microsiemens():
    for name, signal, weight in (("IF_curr_delta", "v", 3.0), ("IF_cond_exp", "gsyn_exc", 0.02)):
        sim.setup(timestep=0.1)
        cells = sim.Population(1, getattr(sim, name)(tau_m=1e9))
        projection(cells, weight)
        cells.record(signal)
        sim.run(3.0)
        trace = recorded(cells, signal)[:, 0]
        # a delay of one step after the spike of 1 ms
        assert trace[10] == trace[0] and trace[11] - trace[0] == pytest.approx(weight, rel=1e-12)


def test_changes_in_mid_run_and_resets():
    cells = sim.Population(2, sim.IF_cond_exp(i_offset=1.0, tau_refrac=2.0), initial_values={"v": [-60.0, -55.0]})
    cells.record(["v", "spikes"])
    sim.run(50.0)
    sim.reset()
    sim.run(20.0)
    cells[0:1].set(i_offset=0.0, v_rest=-70.0)
    sim.run(30.0)
    first, second = cells.get_data().segments
    a, b = (segment.filter(name="v")[0].magnitude for segment in (first, second))
    np.testing.assert_array_equal(a[:201], b[:201])
    np.testing.assert_array_equal(a[:, 1], b[:, 1])
    assert b[-1, 0] < -64.0 and a[-1, 0] > -65.1
    assert len(first.spiketrains[1]) == len(second.spiketrains[1]) == 2 > len(second.spiketrains[0])
    assert cells.get("v_rest").tolist() == [-70.0, -65.0]


@pytest.mark.parametrize("bad", [{"tau_m": -1.0}, {"cm": [1.0, 0.0]}, {"v_reset": -40.0}, {"tau_syn_E": np.nan}])
def test_bad_values_are_refused_when_they_are_given(bad):
    cells = sim.Population(2, sim.IF_curr_exp())
    with pytest.raises(errors.InvalidParameterValueError, match=r"^IF_curr_exp\."):
        cells.set(**bad)
    with pytest.raises(errors.InvalidParameterValueError, match=r"^IF_curr_exp\."):
        sim.Population(2, sim.IF_curr_exp(**bad))
    assert sim.simulator.state.network.populations.members == [cells.core]
    with pytest.raises(errors.NonExistentParameterError):
        sim.IF_curr_exp(e_rev_E=0.0)
    assert cells.get("tau_m") == 20.0


# ---- company


def test_a_network_of_integrate_and_fire_neurons_drives_learning_dendrites():
    """Spikes of adaptive and of leaky cells pass plastic synapses, and teach the soma through static ones."""
    inputs = sim.Population(20, sim.IF_cond_exp(i_offset=sim.RandomDistribution("uniform", (0.8, 1.2))))
    adaptive = sim.Population(10, sim.EIF_cond_exp_isfa_ista(i_offset=1.0))
    learner = sim.Population(2, sim.UrbanczikSenn())
    rule = sim.UrbanczikSennSynapse(weight=0.05, delay=0.1, eta=0.5, w_min=0.0, w_max=2.0)
    plastic = sim.Projection(inputs + adaptive, learner, sim.AllToAllConnector(), rule, receptor_type="dendritic_exc")
    sim.Projection(adaptive, learner, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01), receptor_type="soma_exc")
    back = sim.Projection(learner, inputs, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01),
                          receptor_type="inhibitory")  # fmt: skip
    learner.record(["spikes", "v"])
    inputs.record(["spikes", "gsyn_inh"])
    sim.run(300.0)
    fired = sum(len(train) for train in learner.get_data().segments[0].spiketrains)
    driving = inputs.get_data().segments[0]
    assert fired > 3 and all(len(train) for train in driving.spiketrains)
    weights = np.array(plastic.get("weight", "list", with_address=False))
    assert (np.abs(weights - 0.05) > 1e-4).mean() > 0.9 and len(np.unique(weights)) > 20
    assert driving.filter(name="gsyn_inh")[0].magnitude.max() >= 0.01 and len(back) == 40


def test_learning_synapses_do_not_end_on_cells_without_a_dendrite():
    cells = sim.Population(1, sim.IF_cond_exp())
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    with pytest.raises(errors.ConnectionError, match="a dendrite that predicts its soma"):
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.UrbanczikSennSynapse())
