"""The plastic synapse, against the rule taken one step after the other on the recorded error."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.projection import Projection
from backend_cython.neurons.spike_source_poisson import SpikeSourcePoisson
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.synapses.urbanczik_senn import UrbanczikSennSynapses

from ..helpers import TRAINS, H, Lab, all_pairs, source


def test_synapses_learn_at_each_presynaptic_spike():
    lab = Lab(TRAINS, n_cells=2).run(1000)
    for k in (0, 1, 2, 3, 6, 7):
        lab.check(k)
    assert lab.synapses.get("weight")[4:6].tolist() == [0.05, 0.05]
    assert len(lab.spikes.data[0]) > 5


@pytest.mark.parametrize("delay, axonal", [(1, 0), (7, 0), (64, 0), (0, 1), (0, 8), (3, 5), (16, 31)])
@pytest.mark.parametrize("receptor", ["dendritic_exc", "dendritic_inh"])
def test_delays_on_dendrite_and_axon(receptor, delay, axonal):
    lab = Lab(TRAINS[:2], delay=delay, axonal=axonal, receptor=receptor, weight=2.0).run(1000)
    if axonal:
        lab.trains[1] = lab.trains[1][:-1] if lab.trains[1][-1] + axonal > 1000 else lab.trains[1]
        lab.trains[0] = lab.trains[0][lab.trains[0] + axonal <= 1000]
    for k in range(2):
        lab.check(k)


def test_a_different_delay_and_tau_delta_for_each_synapse():
    delay, tau_Delta = (
        np.array([1, 5, 40, 5, 5, 1, 2, 3]),
        np.array([100.0, 7.0, 100.0, 100.0, 7.0, 0.5, 1e4, 100.0]),
    )
    lab = Lab(TRAINS[:2], n_cells=4, delay=delay, tau_Delta=tau_Delta).run(1000)
    for k in range(8):
        lab.check(k, delay=delay[k])


def test_a_different_neuron_for_each_synapse():
    cm = np.array([0.3, 0.3, 0.09, 0.5])
    lab = Lab(TRAINS[:2], n_cells=4, cell={"dendrite_cm": cm}).run(1000)
    for k in range(8):
        lab.check(k, tau_L=cm[k % 4] / 0.03 * (1 + 1e-7 * (cm[k % 4] == 0.09)), tolerance=1e-6)


@pytest.mark.parametrize("train", [[0], [0, 1, 2], [999], [1000], [0, 1000], [1, 1, 1, 500, 500]])
def test_first_last_and_coinciding_spikes(train):
    lab = Lab([train]).run(1000)
    step, weight = lab.carried(0)
    assert step.tolist() == train
    np.testing.assert_allclose(weight, lab.walk(0)[step], rtol=1e-10)
    np.testing.assert_allclose(lab.synapses.get("weight"), lab.walk(0)[-1:], rtol=1e-10)


def test_thousands_of_spikes_in_one_step():
    lab = Lab([[5] * 3000 + [450], [300] * 2000 + [400]], weight=1e-4).run(500)
    _, weights = lab.carried(1)
    np.testing.assert_allclose(weights[:2000], 1e-4, rtol=1e-7)
    for k in range(2):
        lab.check(k)


def test_factors_scale_the_potential_and_not_the_weight():
    lab = Lab([TRAINS[0], TRAINS[0]], weights=[np.full(59, 2.5), np.ones(59)]).run(1000)
    lab.check(0, factor=2.5)
    lab.check(1)


@pytest.mark.parametrize("bounds", [{"w_min": 0.05}, {"w_max": 0.05}, {"w_min": 0.0499, "w_max": 0.0501}])
def test_weights_are_clipped_where_they_are_read(bounds):
    """Behind the bound the rule goes on, so that a weight comes back as late as it went."""
    lab = Lab(TRAINS[:2], eta=1.0, **bounds).run(1000)
    due = [lab.walk(k) for k in range(2)]
    for k in range(2):
        step, weight = lab.carried(k)
        np.testing.assert_allclose(weight, due[k][step], rtol=1e-9)
    assert np.any(weight == bounds.get("w_min", bounds.get("w_max")))


def test_run_division_changes_not_a_bit():
    whole, parts = Lab(TRAINS, n_cells=2, delay=9).run(1000), Lab(TRAINS, n_cells=2, delay=9)
    for n in (1, 399, 0, 100, 500):
        parts.run(n)
    for a, b in zip(whole.synapses.events, parts.synapses.events):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(whole.synapses.get("weight"), parts.synapses.get("weight"))


@pytest.mark.parametrize("axonal", [0, 6])
def test_reset(axonal):
    """The same run again, from the weights set last."""
    lab = Lab(TRAINS[:2], n_cells=2, delay=5, axonal=axonal).run(900)
    events, weights = lab.synapses.events, lab.synapses.get("weight")
    lab.network.reset()
    assert lab.synapses.get("weight").tolist() == [0.05] * 4
    lab.run(900)
    for a, b in zip(events, lab.synapses.events):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(lab.synapses.get("weight"), weights)
    lab.synapses.set({"weight": 0.2}, [1])
    lab.network.reset()
    assert lab.synapses.get("weight").tolist() == [0.05, 0.2, 0.05, 0.05]


def test_synapses_made_amid_a_run():
    """They learn from then on."""
    lab = Lab([[]]).run(200)
    src = source(lab.network, np.arange(0, 1000, 30))
    late = Projection(UrbanczikSennSynapses, src, lab.cells, "dendritic_exc", [0], [0], 3, {**lab.rule, "eta": 0.8})
    late.record_events()
    lab.run(800)
    assert late.events[1].min() == 210
    lab.trains, lab.synapses = [np.arange(210, 1000, 30)], late
    lab.check(0, delay=3, eta=0.8)


def test_a_source_and_a_target_of_their_own():
    """Size-1 populations, the smallest delay, a single connection among many cells."""
    network = Network(H)
    poisson, cells = SpikeSourcePoisson(network, 5), UrbanczikSenn(network, 4)
    poisson.set({"rate": 500.0})
    synapses = Projection(UrbanczikSennSynapses, poisson, cells, "dendritic_exc", [4], [3], 1, {"weight": 0.05})
    synapses.record_events()
    network.run(1000)
    assert set(synapses.events[0]) == {0}
    assert cells.value("isyn_exc")[:3].tolist() == [0.0] * 3


def test_parallel_synapses_with_the_same_parameters_stay_equal():
    lab = Lab([TRAINS[0]])
    twins = Projection(UrbanczikSennSynapses, lab.source, lab.cells, "dendritic_exc", [0, 0], [0, 0], 1, lab.rule)
    lab.run(1000)
    assert len({*twins.get("weight"), *lab.synapses.get("weight")}) == 1


@pytest.mark.parametrize("cm", [0.09, 0.09 * (1 + 1e-9), 0.09 * (1 + 1e-5), 0.0900001])
def test_equal_time_constants(cm):
    """The limit of equal time constants has no gap: the weight is close to that beside it."""
    near, exact = (Lab([TRAINS[0]], cell={"dendrite_cm": c}).run(400) for c in (0.09 * (1 + 2e-6), cm))
    np.testing.assert_allclose(
        exact.synapses.events[2] - 0.05,
        near.synapses.events[2] - 0.05,
        atol=1e-4 * np.ptp(near.synapses.events[2]),
    )


# ---- what is refused


@pytest.fixture
def ends():
    network = Network(H)
    return source(network, [3], [4]), UrbanczikSenn(network, 2)


def connect(ends, receptor="dendritic_exc", **rule):
    return Projection(UrbanczikSennSynapses, *ends, receptor, *all_pairs(*ends), 1, rule)


@pytest.mark.parametrize("receptor", ["soma_exc", "soma_inh", "x"])
def test_receptors_that_do_not_learn_are_refused(ends, receptor):
    with pytest.raises(ValueError) as error:
        connect(ends, receptor)
    assert str(error.value) == (
        f"UrbanczikSennSynapses.receptor_type: {receptor!r} of UrbanczikSenn is not allowed; it must be a "
        "receptor on a dendrite that predicts its soma (dendritic_exc, dendritic_inh, dendritic)"
    )


def test_targets_that_do_not_learn_are_refused(ends):
    with pytest.raises(
        ValueError, match=r"receptor_type: 'dendritic_exc' of SpikeSourceArray is not allowed; it must be a "
    ):
        connect((ends[0], ends[0]))


BAD = [
    ({"weight": -0.01}, r"weight: -0\.01 nA is not allowed; it must be zero or positive, and finite$"),
    ({"eta": -1.0}, r"eta: -1\.0 is not allowed; it must be zero or positive, and finite$"),
    ({"eta": np.inf}, r"eta: inf is not allowed"),
    ({"tau_Delta": 0.0}, r"tau_Delta: 0\.0 ms is not allowed; it must be positive and finite$"),
    ({"tau_Delta": [1.0, 1.0, np.nan, 1.0]}, r"tau_Delta: nan ms \(index 2\) is not allowed"),
    (
        {"w_min": 0.2, "w_max": 0.1, "weight": 0.1},
        r"w_max: 0\.1 nA is not allowed; it must be at least w_min, 0\.2 nA$",
    ),
    (
        {"weight": 0.2, "w_max": 0.1},
        r"weight: 0\.2 nA is not allowed; it must be between w_min, 0\.0 nA, and w_max, 0\.1 nA$",
    ),
    (
        {"weight": [0.05, 0.05, 0.05, 0.2]},
        r"weight: 0\.2 nA is not allowed; it must be between w_min, 0\.0 nA, and w_max, 0\.1 nA$",
    ),
    (
        {"weight": 0.01, "w_min": 0.02},
        r"weight: 0\.01 nA is not allowed; it must be between w_min, 0\.02 nA, and w_max, 0\.1 nA$",
    ),
    (
        {"w_max": [0.1, 0.2]},
        r"w_max: an array of shape \(2,\) is not allowed; it must be one number, or one for each of 4",
    ),
    ({"eta": [0.1, 0.2]}, r"eta: an array of shape \(2,\) is not allowed"),
]


@pytest.mark.parametrize("bad, message", BAD)
def test_impossible_parameters_are_refused(ends, bad, message):
    with pytest.raises(ValueError, match=rf"^UrbanczikSennSynapses\.{message}"):
        connect(ends, **bad)
    assert ends[0].network.projections.members == []


@pytest.mark.parametrize("bad, message", BAD)
def test_refused_changes_leave_everything_as_it_was(bad, message):
    lab = Lab(TRAINS[:2], n_cells=2, w_max=0.1, eta=0.01).run(500)
    undisturbed = Lab(TRAINS[:2], n_cells=2, w_max=0.1, eta=0.01).run(1000)
    before = {name: lab.synapses.get(name).tolist() for name in lab.synapses.kind.PARAMETERS}
    with pytest.raises(ValueError, match=rf"^UrbanczikSennSynapses\.{message}"):
        lab.synapses.set({"eta": 0.5, **bad})
    assert {name: lab.synapses.get(name).tolist() for name in lab.synapses.kind.PARAMETERS} == before
    lab.run(500)
    np.testing.assert_array_equal(lab.synapses.events[2], undisturbed.synapses.events[2])


@pytest.mark.parametrize("indices", [[4], [-5], [0, 10**6]])
@pytest.mark.parametrize("name, value", [("eta", 0.5), ("weight", 0.01), ("tau_Delta", 3.0)])
def test_synapses_outside_are_refused(ends, name, value, indices):
    synapses = connect(ends)
    with pytest.raises(IndexError):
        synapses.set({name: value}, indices)
    ends[0].network.run(20)
    assert len(set(synapses.get("eta"))) == 1


def test_one_bound_is_checked_against_the_other_that_holds(ends):
    synapses = connect(ends, weight=0.05, w_min=0.02, w_max=0.08)
    for bad in ({"w_max": 0.01}, {"w_min": 0.09}, {"weight": 0.09}, {"weight": 0.01}):
        with pytest.raises(ValueError):
            synapses.set(bad)
    assert synapses.get("w_min").tolist() == [0.02] * 4
    assert synapses.get("w_max").tolist() == [0.08] * 4
    assert synapses.get("weight").tolist() == [0.05] * 4


def test_defaults(ends):
    synapses = connect(ends)
    for name, parameter in synapses.kind.PARAMETERS.items():
        assert synapses.get(name).tolist() == [parameter.default] * 4
