"""STDPMechanism and its components: composition, parameters through the projection, refusals."""

from copy import deepcopy
from itertools import product

import numpy as np
import pytest
from pyNN import errors
from pyNN.standardmodels import synapses as standard
from pyNN.standardmodels.base import build_translations

TIMING = ("SpikePairRule", "Vogels2011Rule")
WEIGHTS = (
    "AdditiveWeightDependence",
    "MultiplicativeWeightDependence",
    "AdditivePotentiationMultiplicativeDepression",
    "GutigWeightDependence",
)


@pytest.fixture
def source(sim):
    return sim.Population(4, sim.SpikeSourceArray(spike_times=np.arange(5.0, 100.0, 7.0)))


@pytest.fixture
def cells(sim):
    return sim.Population(3, sim.UrbanczikSenn(soma_i_offset=6.0, theta=-62.0))


def mechanism(sim, timing=None, weights=None, **given):
    return sim.STDPMechanism(
        timing or sim.SpikePairRule(A_plus=0.02, A_minus=0.01),
        weights or sim.AdditiveWeightDependence(w_max=0.1),
        **{"weight": 0.05, "delay": 1.0, **given},
    )


def connect(sim, source, cells, synapse, connector=None):
    return sim.Projection(source, cells, connector or sim.AllToAllConnector(), synapse, receptor_type="dendritic_exc")


@pytest.mark.parametrize("timing,weights", list(product(TIMING, WEIGHTS)))
def test_every_combination_learns(sim, source, cells, timing, weights):
    rule = getattr(sim, timing)(**({"eta": 1e-3} if timing == "Vogels2011Rule" else {}))
    synapse = mechanism(sim, rule, getattr(sim, weights)(w_max=0.1))
    assert synapse.model in synapse.possible_models
    projection = connect(sim, source, cells, synapse)
    sim.run(100.0)
    weight = projection.get("weight", "array")
    assert (weight != 0.05).all()
    assert weight.min() >= 0.0
    assert weight.max() <= 0.1


def test_description(sim):
    synapse = mechanism(sim, dendritic_delay_fraction=0.25)
    assert "SpikePairRule(A_plus=0.02)" in synapse.describe()
    assert "dendritic_delay_fraction  0.25" in synapse.describe()
    assert synapse.describe("$dendritic_delay_fraction", "string") == "0.25"
    assert synapse.describe(template=None)["timing_dependence"]["name"] == "SpikePairRule"


@pytest.mark.parametrize("name", [*TIMING, *WEIGHTS])
def test_components_are_those_of_pynn(sim, name):
    ours, theirs = getattr(sim, name), getattr(standard, name)
    assert issubclass(ours, theirs)
    assert ours.default_parameters == theirs.default_parameters
    assert list(ours().parameter_space.keys()) == list(theirs.default_parameters)
    assert ours(**theirs.default_parameters).get_parameter_names() == list(theirs.default_parameters)


def test_parameters_are_those_of_the_components(sim):
    synapse = mechanism(sim, weights=sim.GutigWeightDependence(w_max=0.1, mu_plus=0.25))
    names = ["weight", "delay", "dendritic_delay_fraction", *["tau_plus", "tau_minus", "A_plus", "A_minus"]]
    names += ["w_min", "w_max", "mu_plus", "mu_minus"]
    assert sorted(synapse.get_parameter_names()) == sorted(names)
    assert sorted(synapse.native_parameters.keys()) == sorted(names)
    assert all(synapse.has_parameter(name) for name in names)
    assert not synapse.has_parameter("eta")
    assert synapse.parameter_space["mu_plus"].base_value == 0.25


def test_mechanisms_share_nothing(sim):
    pair = mechanism(sim)
    vogels = mechanism(sim, sim.Vogels2011Rule())
    assert "eta" not in pair.translations
    assert "A_plus" not in vogels.translations
    assert "eta" in vogels.translations
    assert pair.translations == build_translations(*((name, name) for name in pair.get_parameter_names()))
    with pytest.raises(errors.NonExistentParameterError, match="no parameter 'eta'"):
        pair.check_name("eta")


def test_copies_are_independent(sim, source, cells):
    original = mechanism(sim, delay=2.0)
    copied = deepcopy(original)
    copied.weight = 0.02
    assert original.weight == 0.05
    projections = [connect(sim, source, cells, synapse) for synapse in (original, copied)]
    assert [p.get("weight", "list", with_address=False)[0] for p in projections] == [0.05, 0.02]
    assert projections[1].get("delay", "list", with_address=False)[0] == 2.0


def test_default_delay_is_the_smallest(sim, source, cells):
    synapse = sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence())
    assert connect(sim, source, cells, synapse).get("delay", "list", with_address=False)[0] == 0.1


def test_parameters_are_read_and_set_through_the_projection(sim, source, cells):
    projection = connect(sim, source, cells, mechanism(sim))
    assert projection.get("A_minus", "array").tolist() == [[0.01] * 3] * 4
    projection.set(A_minus=0.013)
    assert (projection.get("A_minus", "array") == 0.013).all()
    values = np.linspace(0.01, 0.02, 12)
    projection.set(A_minus=values, tau_plus=10.0)
    np.testing.assert_array_equal(projection.get("A_minus", "array"), values.reshape(4, 3))
    assert projection[4].A_minus == values[4]
    projection[4].w_max = 0.2
    assert projection.get(["w_max", "tau_plus"], "list")[4] == (1, 1, 0.2, 10.0)
    assert projection.get(["w_max", "tau_plus"], "list")[5] == (1, 2, 0.1, 10.0)


def test_parameters_may_differ_between_connections(sim, source, cells):
    synapse = mechanism(
        sim,
        sim.SpikePairRule(tau_plus=sim.RandomDistribution("uniform", (10, 20)), A_plus="0.01 + 0.001 * d"),
        sim.AdditiveWeightDependence(w_max=np.linspace(0.1, 0.2, 12).reshape(4, 3)),
        delay="0.2 + 0.1 * d",
    )
    projection = connect(sim, source, cells, synapse)
    tau = projection.get("tau_plus", "array")
    assert len(np.unique(tau)) == 12
    assert tau.min() > 10
    np.testing.assert_array_equal(projection.get("w_max", "array"), np.linspace(0.1, 0.2, 12).reshape(4, 3))
    distance = np.abs(np.arange(4)[:, np.newaxis] - np.arange(3))
    np.testing.assert_allclose(projection.get("A_plus", "array"), 0.01 + 0.001 * distance)
    sim.run(50.0)


def test_a_list_of_connections_may_have_parameters(sim, source, cells):
    connector = sim.FromListConnector([(0, 0, 0.02, 0.5), (3, 2, 0.03, 0.7)], column_names=["weight", "A_plus"])
    projection = connect(sim, source, cells, mechanism(sim), connector)
    assert projection.get(["weight", "A_plus"], "list") == [(0, 0, 0.02, 0.5), (3, 2, 0.03, 0.7)]


def test_dendritic_delay_fraction_decides_what_is_a_pair(sim):
    """Cells that fire 0.5 ms after their input has: with the delay on the axon, the order is the other one."""
    change = []
    for fraction in (0.0, 1.0):
        sim.setup(timestep=0.1)
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0]))
        cells = sim.Population(1, sim.UrbanczikSenn(phi_max=0.0))
        kick = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0]))
        sim.Projection(kick, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=3.0), receptor_type="soma_exc")
        cells.set(phi_max=1e6, theta=-40.0, beta=10.0, tau_refrac=100.0)
        cells.record("spikes")
        projection = connect(
            sim, source, cells, mechanism(sim, delay=5.0, weight=1e-6, dendritic_delay_fraction=fraction)
        )
        assert projection.get("dendritic_delay_fraction", "list", with_address=False) == [fraction]
        sim.run(30.0)
        assert len(cells.get_data().segments[0].spiketrains[0]) == 1
        change.append(projection.get("weight", "list", with_address=False)[0] - 1e-6)
    assert change[0] < 0.0 < change[1]


def test_setting_delays(sim, source, cells):
    projection = connect(sim, source, cells, mechanism(sim))
    projection.set(delay=2.0)
    sim.run(20.0)
    projection.set(delay=0.5)
    sim.run(20.0)
    assert projection.get("delay", "list", with_address=False)[0] == 0.5


def test_recording(sim, source, cells):
    projection = connect(sim, source, cells, mechanism(sim))
    projection.record(["weight", "K_plus"])
    projection.record(["weight", "K_minus"], sampling_interval=1.0, connections=[0, 5])
    sim.run(50.0)
    segment = projection.get_data().segments[0]
    events = segment.irregularlysampledsignals
    assert {signal.name for signal in events} == {"weight", "K_plus"}
    assert all(len(signal) == 7 for signal in events)
    assert {str(signal.dimensionality) for signal in events} == {"nA", "dimensionless"}
    weight, trace = (segment.filter(name=name)[0] for name in ("weight", "K_minus"))
    assert weight.shape == trace.shape == (51, 2)
    assert weight[-1].magnitude.tolist() == [projection[k].weight for k in (0, 5)]
    assert projection.find_units("w_max") == "nA"


def test_reset_goes_to_the_weights_set_last(sim, source, cells):
    projection = connect(sim, source, cells, mechanism(sim))
    projection.set(weight=0.03)
    sim.run(50.0)
    first = projection.get("weight", "array")
    assert (first != 0.03).any()
    sim.reset(repeat=True)
    assert (projection.get("weight", "array") == 0.03).all()
    sim.run(50.0)
    np.testing.assert_array_equal(projection.get("weight", "array"), first)


@pytest.mark.parametrize(
    "make",
    [
        lambda sim: sim.STDPMechanism(),
        lambda sim: sim.STDPMechanism(timing_dependence=sim.SpikePairRule()),
        lambda sim: sim.STDPMechanism(weight_dependence=sim.AdditiveWeightDependence()),
        lambda sim: sim.STDPMechanism(sim.AdditiveWeightDependence(), sim.SpikePairRule()),
        lambda sim: sim.STDPMechanism(sim.SpikePairRule(), standard.AdditiveWeightDependence()),
        lambda sim: sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence(), object()),
    ],
)
def test_combinations_that_do_not_exist(sim, make):
    with pytest.raises(errors.NoModelAvailableError, match="is not available; it must be"):
        make(sim)


@pytest.mark.parametrize(
    "make,message",
    [
        (lambda sim: sim.SpikePairRule(tau_plus=0.0), "SpikePairRule.tau_plus: 0.0"),
        (lambda sim: sim.SpikePairRule(A_plus=np.nan), "SpikePairRule.A_plus: nan"),
        (lambda sim: sim.Vogels2011Rule(rho=-1), "Vogels2011Rule.rho: -1.0"),
        (lambda sim: sim.GutigWeightDependence(mu_plus=-1), "GutigWeightDependence.mu_plus: -1.0"),
        (lambda sim: mechanism(sim, weight=0.2), "STDPMechanism.weight: 0.2"),
        (lambda sim: mechanism(sim, weight=-0.2), "STDPMechanism.weight: -0.2"),
        (
            lambda sim: mechanism(sim, weights=sim.AdditiveWeightDependence(0.2, 0.1)),
            "STDPMechanism.w_max: 0.1",
        ),
        (
            lambda sim: mechanism(sim, weights=sim.AdditiveWeightDependence(-0.2, 0.1)),
            "STDPMechanism.w_max: 0.1",
        ),
        (lambda sim: mechanism(sim, dendritic_delay_fraction=1.5), "dendritic_delay_fraction: 1.5"),
        (lambda sim: mechanism(sim, delay=0.01), "STDPMechanism.delay: 0.01"),
    ],
)
def test_impossible_values(sim, make, message):
    with pytest.raises(ValueError, match=message):
        make(sim)


def test_unknown_names(sim, source, cells):
    projection = connect(sim, source, cells, mechanism(sim))
    with pytest.raises(errors.NonExistentParameterError, match="no parameter 'eta'"):
        projection.set(eta=1.0)


def test_refused_changes_change_nothing(sim, source, cells):
    projection = connect(sim, source, cells, mechanism(sim))
    with pytest.raises(errors.InvalidParameterValueError, match=r"weight: 0\.05"):
        projection.set(w_max=0.01, A_plus=0.5)
    assert projection.get(["w_max", "A_plus"], "list")[0] == (0, 0, 0.1, 0.02)
    projection.set(w_max=0.01, weight=0.005)


def test_weights_that_only_the_connector_knows(sim, source, cells):
    synapse = sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence(w_min=0.1, w_max=0.2))
    with pytest.raises(errors.InvalidParameterValueError, match=r"weight: 0\.0"):
        connect(sim, source, cells, synapse)
    connector = sim.FromListConnector([(0, 0, 0.15)], column_names=["weight"])
    assert connect(sim, source, cells, synapse, connector).get("weight", "list") == [(0, 0, 0.15)]
