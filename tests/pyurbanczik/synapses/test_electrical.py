"""ElectricalSynapse: projections without delay and receptor."""

import numpy as np
import pytest
from pyNN import errors

import pyurbanczik
from backend_cython.synapses.electrical import coupled_compartment


@pytest.fixture
def cells(sim):
    return sim.Population(3, sim.UrbanczikSenn(phi_max=0.0), label="cells")


def join(sim, pre, post, weight=0.05, **options):
    return sim.Projection(pre, post, sim.OneToOneConnector(), sim.ElectricalSynapse(weight=weight), **options)


def potentials(sim, *populations, duration=20.0):
    for population in populations:
        population.record("v")
    sim.run(duration)
    return [p.get_data().segments[0].filter(name="v")[0].magnitude for p in populations]


@pytest.mark.parametrize("receptor", [None, "source_section.gap", "soma_exc"])
def test_current_flows_both_ways(sim, cells, receptor):
    others = sim.Population(3, sim.UrbanczikSenn(phi_max=0.0), label="others")
    join(sim, cells, others, receptor_type=receptor)
    cells[0:1].inject(sim.DCSource(amplitude=1.0))
    others[1:2].inject(sim.DCSource(amplitude=1.0))
    a, b = potentials(sim, cells, others)
    rise = a[-1] + 70.0, b[-1] + 70.0
    assert rise[0][0] > rise[1][0] > 0.1
    assert rise[1][1] > rise[0][1] > 0.1
    np.testing.assert_allclose(rise[0][0], rise[1][1], rtol=1e-12)
    assert rise[0][2] == rise[1][2] == 0.0


def test_weight_is_the_only_parameter(sim, cells):
    projection = join(sim, cells, cells)
    assert projection.synapse_type.get_parameter_names() == ["weight"]
    assert projection.get("weight", "list") == [(i, i, 0.05) for i in range(3)]
    projection.set(weight=[0.01, 0.02, 0.03])
    assert projection[1].weight == 0.02
    with pytest.raises(errors.NonExistentParameterError, match="no parameter 'delay'"):
        projection.set(delay=1.0)
    with pytest.raises(errors.NonExistentParameterError, match="no parameter 'delay'"):
        sim.ElectricalSynapse(delay=1.0)


def test_a_junction_of_a_cell_with_itself_has_no_effect(sim, cells):
    others = sim.Population(3, sim.UrbanczikSenn(phi_max=0.0))
    for population in (cells, others):
        population.initialize(v=[-50.0, -60.0, -70.0])
    synapse = sim.ElectricalSynapse(weight=0.3)
    sim.Projection(cells, cells, sim.AllToAllConnector(), synapse)
    sim.Projection(others, others, sim.AllToAllConnector(allow_self_connections=False), synapse)
    sim.Projection(others, others, sim.OneToOneConnector(), sim.ElectricalSynapse(weight=100.0))
    a, b = potentials(sim, cells, others)
    np.testing.assert_array_equal(a, b)


def test_views_assemblies_and_lists(sim, cells):
    others = sim.Population(2, sim.UrbanczikSenn(phi_max=0.0))
    connector = sim.FromListConnector([(0, 2, 0.02), (1, 0, 0.03)], column_names=["weight"])
    projection = sim.Projection(cells[1:], cells + others, connector, sim.ElectricalSynapse())
    assert projection.get("weight", "list") == [(0, 2, 0.02), (1, 0, 0.03)]
    cells.initialize(v=-60.0)
    before, _ = potentials(sim, cells, others)
    assert len(before) == 201


def test_spike_sources_are_refused(sim, cells):
    source = sim.Population(3, sim.SpikeSourceArray())
    with pytest.raises(errors.ConnectionError, match="presynaptic cells of type SpikeSourceArray are not allowed"):
        join(sim, source, cells)
    with pytest.raises(errors.ConnectionError):
        join(sim, cells, source)


@pytest.mark.parametrize("weight", [-0.01, np.nan])
def test_impossible_weights(sim, cells, weight):
    with pytest.raises(errors.InvalidParameterValueError, match=r"ElectricalSynapse\.weight"):
        join(sim, cells, cells, weight)


COUPLED = [
    getattr(pyurbanczik, name)
    for name in pyurbanczik.list_standard_models()
    if hasattr(getattr(pyurbanczik, name), "core") and isinstance(getattr(pyurbanczik, name).core, type)
]
COUPLED = [cls for cls in COUPLED if coupled_compartment(cls.core) is not None]


@pytest.mark.parametrize("name", ["ElectricalSynapse", "NudgingSynapse"])
@pytest.mark.parametrize(
    "change", [lambda p: p.set(weight=5.0), lambda p: setattr(p[0], "weight", 5.0)], ids=["all", "one"]
)
def test_a_sum_of_weights_above_the_limit_is_refused_as_a_value(sim, cells, name, change):
    others = sim.Population(3, sim.UrbanczikSenn())
    projection = sim.Projection(others, cells, sim.OneToOneConnector(), getattr(sim, name)(weight=0.01))
    with pytest.raises(
        errors.InvalidParameterValueError, match=rf"{name}\.weight: a sum of 5 uS at postsynaptic cell 0 .* at most"
    ):
        change(projection)
    assert projection.get("weight", "list", with_address=False) == [0.01] * 3


@pytest.mark.parametrize("cls", COUPLED, ids=lambda cls: cls.__name__)
def test_every_cell_that_can_be_coupled_obeys_the_limit_of_stability(sim, cls):
    """What a junction just below half of C / h does is bounded, and what lies above is refused."""
    sim.setup(timestep=0.1)
    pair = sim.Population(2, cls())
    compartment = coupled_compartment(cls.core)[1]
    largest = 0.5 * pair.core.declared(compartment.capacitance)[0] / 0.1

    def connect(weight):
        return sim.Projection(pair, pair, sim.FromListConnector([(0, 1)]), sim.ElectricalSynapse(weight=weight))

    with pytest.raises(errors.ConnectionError, match=r"weight: a sum of .* half of (\w+|[\d.]+ nF) / time step"):
        connect(1.01 * largest)
    junction = connect(0.99 * largest)
    with pytest.raises(ValueError, match="half of"):
        junction.set(weight=1.01 * largest)
    assert junction.get("weight", "list", with_address=False) == [0.99 * largest]
    pair.initialize(v=[-70.0, -60.0])
    pair.record("v")
    sim.run(50.0)
    v = pair.get_data().segments[0].analogsignals[0].magnitude
    assert v.min() > -150.0 and v.max() < 150.0


def test_there_are_such_cells_of_every_family():
    assert {"IF_facets_hardware1", "Izhikevich", "UrbanczikSenn", "HH_cond_exp"} <= {cls.__name__ for cls in COUPLED}


def test_nudging_draws_the_target_towards_the_teacher(sim):
    cells = sim.Population(2, sim.DendriticNeuron(dendrite=sim.Dendrite(), rate_function=sim.Logistic(phi_max=0.0)))
    teacher = sim.Population(1, sim.IF_curr_exp(v_rest=-60.0, v_thresh=-40.0), initial_values={"v": -60.0})
    nudging = sim.Projection(teacher, cells[:1], sim.AllToAllConnector(), sim.NudgingSynapse(weight=0.06))
    assert nudging.find_units("weight") == "uS"
    cells.record("v")
    teacher.record("v")
    sim.run(200.0)
    v = cells.get_data().segments[0].analogsignals[0].magnitude
    expected = -60.0 * 0.06 / (0.06 + 0.03 + 0.6) - 70.0 * 0.63 / (0.06 + 0.03 + 0.6)
    np.testing.assert_allclose(v[-1], [expected, -70.0], atol=1e-6)
    np.testing.assert_allclose(teacher.get_data().segments[0].analogsignals[0].magnitude, -60.0, atol=1e-9)
    with pytest.raises(errors.ConnectionError, match="presynaptic cells of type SpikeSourcePoisson"):
        sim.Projection(
            sim.Population(1, sim.SpikeSourcePoisson()), cells, sim.AllToAllConnector(), sim.NudgingSynapse()
        )


@pytest.mark.parametrize(
    "cls, name, sides",
    [("IF_cond_exp", "cm", "both"), ("UrbanczikSenn", "soma_cm", "both"), ("IF_cond_exp", "cm", "post")],
)
def test_a_capacitance_too_small_for_the_junctions_is_refused(sim, cls, name, sides):
    cells = sim.Population(3, getattr(sim, cls)(**{name: 1.0}))
    synapse = (sim.ElectricalSynapse if sides == "both" else sim.NudgingSynapse)(weight=0.5)
    sim.Projection(cells, cells, sim.FromListConnector([(0, 1), (2, 2)]), synapse)
    least = 2 * 0.5 * sim.get_time_step()
    with pytest.raises(errors.InvalidParameterValueError, match=rf"{cls}\.{name}: 0.01 nF at cell 1 .* {least:g} nF"):
        cells[1:].set(**{name: 0.01})
    np.testing.assert_array_equal(cells.get(name, simplify=False), 1.0)
    # a junction of a cell with itself has no effect, nor has nudging on who nudges
    free = [2] if sides == "both" else [0, 2]
    cells[free].set(**{name: 0.01})
    cells[[1]].set(**{name: 1.01 * least})


def test_a_junction_refused_in_one_part_of_an_assembly_connects_none(sim):
    sim.setup(timestep=0.1)
    teacher, cells = sim.Population(1, sim.IF_curr_exp()), sim.Population(2, sim.IF_curr_exp())
    light = sim.Population(2, sim.IF_curr_exp(cm=0.1))
    with pytest.raises(errors.ConnectionError, match=r"a sum of 0\.6 uS at postsynaptic cell 0 .* at most 0\.5 uS"):
        sim.Projection(teacher, cells + light, sim.AllToAllConnector(), sim.ElectricalSynapse(weight=0.6))
    # as much as a cell bears, so that nothing else is there
    sim.Projection(teacher, cells, sim.OneToOneConnector(), sim.ElectricalSynapse(weight=5.0))
