"""Cells composed of a membrane and responses."""

from copy import deepcopy

import numpy as np
import pytest
from pyNN import errors
from pyNN.standardmodels import cells as standard

import pyurbanczik as sim

MEMBRANES = {"LIF": sim.LIF, "AdExp": sim.AdExp}


@pytest.fixture(autouse=True)
def simulation():
    sim.setup(timestep=0.1)


def every_kind():
    return {
        "excitatory": sim.CondExpPostSynapticResponse(tau_syn=2.0),
        "inhibitory": sim.CurrExpPostSynapticResponse(tau_syn=4.0),
        "slow": sim.CondAlphaPostSynapticResponse(tau_syn=6.0, e_syn=-80.0),
        "anything": sim.CondBetaPostSynapticResponse(tau_rise=0.5, tau_decay=3.0),
    }


@pytest.mark.parametrize("membrane", MEMBRANES.values(), ids=MEMBRANES)
@pytest.mark.parametrize("receptors", [(), ("slow", "excitatory"), ("excitatory", "inhibitory", "slow", "anything")])
def test_tables_are_those_of_pynn(membrane, receptors):
    responses = {name: every_kind()[name] for name in receptors}
    cell = sim.PointNeuron(membrane(), **responses)
    theirs = standard.PointNeuron(membrane(), **responses)
    assert isinstance(cell, sim.PointNeuron)
    assert cell.recordable == theirs.recordable
    assert cell.receptor_types == theirs.receptor_types == sorted(receptors)
    assert cell.default_initial_values == theirs.default_initial_values
    assert cell.units.items() >= {k: u for k, u in theirs.units.items() if k != "w"}.items()
    given = {**membrane.default_parameters}
    for name in receptors:
        defaults = type(responses[name]).default_parameters
        given.update((f"{name}.{inner}", value) for inner, value in defaults.items() if inner != "locations")
    assert cell.default_parameters == given
    for name in (*cell.default_parameters, *cell.recordable):
        assert name in cell.units
    assert set(cell.parameter_space.keys()) == {*membrane.default_parameters, *receptors}
    assert cell.conductance_based == (receptors == ("slow", "excitatory"))


def test_short_names():
    assert sim.ExpPSR is sim.CondExpPostSynapticResponse
    assert sim.AlphaPSR is sim.CondAlphaPostSynapticResponse
    assert sim.BetaPSR is sim.CondBetaPostSynapticResponse


def test_parameters_by_dotted_and_nested_names():
    cells = sim.Population(3, sim.PointNeuron(sim.AdExp(tau_m=10.0, a=3.3), **every_kind()))
    assert cells.get("tau_m") == 10.0 and cells.get("a") == 3.3
    assert cells.get("excitatory.tau_syn") == 2.0 and cells.get("slow.e_syn") == -80.0
    assert cells.get("anything") == {"e_syn": 0.0, "tau_rise": 0.5, "tau_decay": 3.0}
    cells.set(excitatory={"tau_syn": [1.0, 2.0, 3.0]}, cm=0.5)
    cells[1:2].set(**{"slow.e_syn": -90.0})
    assert cells.get("excitatory.tau_syn").tolist() == [1.0, 2.0, 3.0]
    assert cells.get("slow.e_syn").tolist() == [-80.0, -90.0, -80.0]
    assert cells[2].get_parameters()["excitatory.tau_syn"] == 3.0
    with pytest.raises(errors.NonExistentParameterError):
        cells.set(**{"excitatory.tau_rise": 1.0})
    with pytest.raises(errors.NonExistentParameterError):
        cells.set(other={"tau_syn": 1.0})
    with pytest.raises(ValueError, match=r"^PointNeuron\.slow\.tau_syn: -1\.0 ms is not allowed"):
        cells.set(slow={"tau_syn": -1.0})


def test_distributions_and_functions_in_components():
    rng = sim.NumpyRNG(seed=3)
    cell = sim.PointNeuron(
        sim.LIF(tau_m=lambda i: 10.0 + i),
        excitatory=sim.ExpPSR(tau_syn=sim.RandomDistribution("uniform", (1.0, 2.0), rng=rng)),
    )
    cells = sim.Population(4, cell)
    assert cells.get("tau_m").tolist() == [10.0, 11.0, 12.0, 13.0]
    drawn = cells.get("excitatory.tau_syn")
    assert len(set(drawn)) == 4 and (drawn > 1.0).all() and (drawn < 2.0).all()


@pytest.mark.parametrize("membrane, cell, name", [
    (sim.LIF, sim.IF_cond_exp, "ExpPSR"), (sim.LIF, sim.IF_cond_alpha, "AlphaPSR"),
    (sim.LIF, sim.IF_curr_exp, "CurrExpPostSynapticResponse"), (sim.AdExp, sim.EIF_cond_exp_isfa_ista, "ExpPSR"),
    (sim.AdExp, sim.EIF_cond_alpha_isfa_ista, "AlphaPSR"),
])  # fmt: skip
def test_compositions_of_standard_cells_are_the_same_cells(membrane, cell, name):
    response = getattr(sim, name)
    shared = {"tau_m": 8.0, "i_offset": 0.9, "tau_refrac": 1.0, "cm": 0.3}
    e_rev = [{"e_syn": 0.0}, {"e_syn": -70.0}] if "Curr" not in name else [{}, {}]
    composed = sim.PointNeuron(
        membrane(**shared), excitatory=response(tau_syn=2.0, **e_rev[0]), inhibitory=response(tau_syn=3.0, **e_rev[1])
    )
    own = {"e_rev_I": -70.0} if "Curr" not in name else {}
    standard_cell = cell(**shared, tau_syn_E=2.0, tau_syn_I=3.0, **own)
    traces = []
    for celltype in (composed, standard_cell):
        cells = sim.Population(1, celltype)
        for receptor, start, weight in (("excitatory", 3.0, 0.05), ("inhibitory", 5.0, 0.02)):
            weight = -weight if "Curr" in name and receptor == "inhibitory" else weight
            source = sim.Population(1, sim.SpikeSourceArray(spike_times=np.arange(start, 90.0, 7.0)))
            synapse = sim.StaticSynapse(weight=weight, delay=0.5)
            sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
        cells.record(["v", "spikes"])
        traces.append(cells)
    sim.run(100.0)
    first, second = (cells.get_data().segments[0] for cells in traces)
    np.testing.assert_array_equal(first.filter(name="v")[0].magnitude, second.filter(name="v")[0].magnitude)
    assert len(first.spiketrains[0]) > 0
    np.testing.assert_array_equal(first.spiketrains[0].magnitude, second.spiketrains[0].magnitude)


def test_any_mix_runs_and_records():
    cells = sim.Population(2, sim.PointNeuron(sim.AdExp(), **every_kind()), initial_values={"slow.gsyn": 0.01})
    for name, weight in (("excitatory", 0.02), ("inhibitory", -0.1), ("slow", 0.03), ("anything", 0.04)):
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight), receptor_type=name)
    cells.record("all")
    sim.run(20.0)
    peaks = {}
    for signal in cells.get_data().segments[0].analogsignals:
        assert str(signal.units.dimensionality) == cells.find_units(signal.name)
        peaks[signal.name] = signal.magnitude[np.argmax(np.abs(signal.magnitude[:, 0])), 0]
    assert peaks["excitatory.gsyn"] == 0.02 and peaks["inhibitory.isyn"] == -0.1
    assert peaks["anything.gsyn"] == pytest.approx(0.04, rel=1e-3)
    assert 0.03 < peaks["slow.gsyn"] < 0.035


@pytest.mark.parametrize(
    "receptor, weight, allowed",
    [
        ("excitatory", -0.1, False),
        ("slow", -0.1, False),
        ("inhibitory", 0.1, False),
        ("inhibitory", -0.1, True),
        ("other", -0.1, True),
        ("other", 0.1, True),
        ("other", [[-0.1, 0.1]], False),
    ],
)
def test_signs_of_weights(receptor, weight, allowed):
    responses = {**every_kind(), "other": sim.CurrExpPostSynapticResponse()}
    cells = sim.Population(2, sim.PointNeuron(sim.LIF(), **responses))
    source = sim.Population(1, sim.SpikeSourceArray())

    def connect():
        synapse = sim.StaticSynapse(weight=np.array(weight))
        return sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)

    if allowed:
        prj = connect()
        assert len(prj) == 2 and prj.find_units("weight") == "nA"
    else:
        with pytest.raises(errors.ConnectionError, match=rf"^PointNeuron: a weight of .* onto '{receptor}'"):
            connect()


def test_equal_compositions_share_a_type():
    one, other = (sim.PointNeuron(sim.LIF(), **every_kind()) for _ in range(2))
    assert type(one) is type(other) is not type(sim.PointNeuron(sim.AdExp(), **every_kind()))
    assert type(deepcopy(one)) is type(one)
    assert deepcopy(one).parameter_space["slow"]["e_syn"].base_value == -80.0


def test_refused_synapses_name_the_cells_as_users_do():
    cells = sim.Population(2, sim.PointNeuron(sim.LIF(), E=sim.ExpPSR()))
    inputs = sim.Population(1, sim.SpikeSourceArray())
    rule = sim.UrbanczikSennSynapse(weight=0.1, w_max=0.2)
    with pytest.raises(errors.ConnectionError, match="receptor_type: 'E' of PointNeuron is not allowed"):
        sim.Projection(inputs, cells, sim.AllToAllConnector(), rule, receptor_type="E")
    with pytest.raises(errors.ConnectionError, match="a sum of 100 uS at postsynaptic cell 0 is not allowed"):
        sim.Projection(cells, cells, sim.AllToAllConnector(), sim.NudgingSynapse(weight=100.0))


def test_what_is_no_component_is_refused():
    with pytest.raises(TypeError, match="must be a LIF or an AdExp"):
        sim.PointNeuron(sim.IF_cond_exp())
    with pytest.raises(TypeError, match=r"PointNeuron\.fast: .* must be a post-synaptic response"):
        sim.PointNeuron(sim.LIF(), fast=sim.LIF())
    with pytest.raises(TypeError, match="must be a cell type"):
        sim.Population(1, sim.LIF())
    with pytest.raises(errors.InvalidParameterValueError, match="receptor type: 'cm' is not allowed"):
        sim.PointNeuron(sim.LIF(), cm=sim.ExpPSR())
    with pytest.raises(errors.InvalidParameterValueError, match=r"CondExpPostSynapticResponse\.tau_syn: -1\.0"):
        sim.ExpPSR(tau_syn=-1.0)
    with pytest.raises(errors.InvalidParameterValueError, match=r"LIF\.cm: 0\.0"):
        sim.LIF(cm=0.0)
    with pytest.raises(errors.NonExistentParameterError):
        sim.LIF(v_spike=0.0)
    with pytest.raises(errors.InvalidParameterValueError, match=r"PointNeuron\.b\.tau_rise: 3\.0 .*at most 1\.7"):
        sim.Population(1, sim.PointNeuron(sim.LIF(), b=sim.BetaPSR(tau_rise=3.0)))


def test_electrodes_and_assemblies():
    cells = sim.Population(2, sim.PointNeuron(sim.LIF(), **every_kind()))
    sim.DCSource(amplitude=0.5).inject_into(cells)
    both = cells + sim.Population(1, sim.PointNeuron(sim.AdExp(), **every_kind()), initial_values={"v": -65.0})
    both.record(["v", "slow.gsyn"])
    sim.run(5.0)
    data = both.get_data().segments[0]
    v = data.filter(name="v")[0].magnitude
    assert v[-1, 0] == pytest.approx(-65.0 + 10.0 * -np.expm1(-5.0 / 20.0), abs=1e-9)
    assert data.filter(name="slow.gsyn")[0].shape == (51, 3)
    assert both.get("tau_m") is not None and both.receptor_types == sorted(every_kind())
