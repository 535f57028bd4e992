"""Spike-timing-dependent plasticity against plain loops over all pairs of spikes."""

from itertools import product

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SampleRecorder, SpikeRecorder
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from tests.reference.stdp import carried

from ..helpers import Ear, H, all_pairs, source
from ..stdp_bench import (
    BOUNDS,
    N_STEPS,
    PAIR,
    TIMING,
    VOGELS,
    WEIGHTS,
    Bench,
    kind,
    parameters,
    puppets,
    trains,
)


@pytest.mark.parametrize("timing,weights", list(product(TIMING, WEIGHTS)))
@pytest.mark.parametrize("sign", [1, -1])
def test_all_pairs(timing, weights, sign):
    bench = Bench(
        trains(1, 3),
        trains(2, 2),
        timing,
        weights,
        delay=[1, 3, 3, 20, 1, 7],
        weight=0.9 * sign,
        w_min=0.1 * sign,
        w_max=2.0 * sign,
    )
    bench.run().check()


@pytest.mark.parametrize("timing,weights", list(product(TIMING, WEIGHTS)))
@pytest.mark.parametrize("delay", [1, np.arange(140) % 5 + 1], ids=["one delay", "delays"])
def test_synapses_with_one_rule_are_as_those_one_by_one(timing, weights, delay):
    """Where one synapse has another rule, each is looked at by itself; rows and columns are longer than a strip."""
    many, few = trains(8, 70, 500), trains(9, 2, 500)
    for before, behind in ((few, many), (many, few)):
        alike = Bench(before, behind, timing, weights, delay, weight=0.9, record=False)
        bounds = np.full(140, alike.p["w_max"])
        bounds[-1] *= 1.001
        alone = Bench(before, behind, timing, weights, delay, weight=0.9, record=False, w_max=bounds)
        found, due = (bench.run(500).synapses.get("weight") for bench in (alike, alone))
        assert np.ptp(found) > 1e-3
        np.testing.assert_array_equal(found[:-1], due[:-1])


@pytest.mark.parametrize("timing", TIMING)
@pytest.mark.parametrize("axonal,delay", [(0, 1), (0, 16), (5, 0), (5, [0, 3, 40, 3]), (17, 17)])
def test_delays_before_and_behind_the_synapse(timing, axonal, delay):
    Bench(trains(3, 2), trains(4, 2), timing, "Gutig", delay=delay, axonal=axonal).run().check()


@pytest.mark.parametrize("timing,weights", list(product(TIMING, WEIGHTS)))
def test_every_parameter_may_differ(timing, weights):
    rng = np.random.default_rng(5)
    given = {name: value * rng.uniform(0.5, 1.5, 12) for name, value in parameters(timing, weights).items()}
    bench = Bench(
        trains(6, 4),
        trains(7, 3),
        timing,
        weights,
        delay=rng.integers(1, 9, 12),
        weight=rng.uniform(0.2, 0.9, 12),
        **given,
    )
    bench.run().check()
    for name, value in given.items():
        np.testing.assert_array_equal(bench.synapses.get(name), value)


@pytest.mark.parametrize("timing", TIMING)
def test_spikes_that_meet_do_not_pair(timing):
    # the postsynaptic spike of step 90 reaches the synapse at 100, with the presynaptic one
    bench = (
        Bench([[100]], [[90]], timing, delay=10, rho=0.0)
        if timing == "Vogels2011"
        else Bench([[100]], [[90]], delay=10)
    )
    assert bench.run(200).synapses.get("weight") == 1.0


@pytest.mark.parametrize("shift,change", [(-1, -1), (1, 1)])
def test_order_decides_on_the_sign(shift, change):
    """The postsynaptic spike at 90 + shift reaches the synapse `shift` steps after the presynaptic one."""
    bench = Bench([[100]], [[90 + shift]], delay=10).run(200)
    a, tau = (0.03, 17.0) if change > 0 else (0.025, 31.0)
    assert bench.synapses.get("weight")[0] - 1.0 == pytest.approx(change * a * 2.0 * np.exp(-H / tau), rel=1e-12)


def test_several_synapses_of_one_pair():
    network = Network(H)
    pre, post = source(network, *trains(8, 1)), puppets(network, *trains(9, 1))
    synapses = Projection(
        kind("SpikePair", "Multiplicative"),
        pre,
        post,
        "excitatory",
        [0, 0, 0],
        [0, 0, 0],
        [1, 9, 9],
        {**parameters("SpikePair", "Multiplicative"), "weight": [0.5, 0.5, 1.0], "A_plus": [0.1, 0.1, 0.2]},
    )
    network.run(N_STEPS)
    weight = synapses.get("weight")
    for k, (delay, w, a) in enumerate([(1, 0.5, 0.1), (9, 0.5, 0.1), (9, 1.0, 0.2)]):
        alone = Bench(trains(8, 1), trains(9, 1), "SpikePair", "Multiplicative", delay=delay, weight=w, A_plus=a)
        assert alone.run().synapses.get("weight")[0] == weight[k]


def test_transmits_the_weight_after_depression():
    network = Network(H)
    ear = Ear(network)
    synapses = Projection(
        kind("SpikePair", "Additive"),
        source(network, [5, 9]),
        ear.cells,
        "soma_exc",
        [0],
        [0],
        4,
        {**PAIR, "w_max": 1.0, "weight": 2e-3},
    )
    network.run(20)
    assert ear.heard() == [(9, 0, 2.0), (13, 0, 2.0)]
    assert synapses.get("weight") == 2e-3


def test_factors_of_weighted_spikes_are_transmitted_but_not_learnt():
    network = Network(H)
    ear = Ear(network)
    pre = source(network, [5], weights=[np.array([3.0])])
    rule = kind("Vogels2011", "Additive")
    synapses = Projection(
        rule, pre, ear.cells, "soma_exc", [0], [0], 1, {**VOGELS, "eta": 1e-3, "w_max": 1.0, "weight": 0.002}
    )
    network.run(20)
    after = 0.002 - 2 * 8e-3 * 20.0 * 1e-3
    assert synapses.get("weight")[0] == pytest.approx(after, rel=1e-12)
    assert ear.heard() == [(6, 0, round(3e3 * after, 6))]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("amplitudes,bound", [((0.5, 0.01), 2.0), ((0.01, 0.5), 0.1)])
def test_weights_stay_within_their_bounds(amplitudes, bound, sign):
    bench = Bench(
        trains(10, 4),
        trains(11, 4),
        weight=sign,
        w_min=0.1 * sign,
        w_max=2.0 * sign,
        A_plus=amplitudes[0],
        A_minus=amplitudes[1],
    )
    recorder = SampleRecorder(bench.synapses, "weight", np.arange(16))
    bench.run()
    assert 0.1 <= (sign * recorder.data).min() <= (sign * recorder.data).max() <= 2.0
    assert (recorder.data == sign * bound).any()


def test_negative_amplitudes_are_anti_hebbian():
    Bench(trains(10, 4), trains(11, 4), "SpikePair", "Gutig", A_plus=-0.1, A_minus=-0.2).run().check()


def test_bounds_of_zero_leave_nothing_to_learn():
    for timing, weights in product(TIMING, WEIGHTS):
        bench = Bench(trains(10, 1), trains(11, 1), timing, weights, weight=0.0, w_min=0.0, w_max=0.0)
        assert bench.run().synapses.get("weight") == 0.0


def test_tiny_time_constants():
    Bench(trains(10, 3), trains(11, 3), tau_plus=1e-3, tau_minus=1e-3).run()
    Bench(trains(10, 3), trains(11, 3), tau_plus=0.05, tau_minus=1e9, A_minus=1e-3).run().check()


def test_neurons_that_fire_by_themselves():
    network = Network(H, 3)
    cells = UrbanczikSenn(network, 2)
    cells.set({"soma_i_offset": 6.0, "theta": -62.0})
    pre = trains(12, 2)
    spikes = SpikeRecorder(cells)
    synapses = Projection(
        kind("SpikePair", "Additive"),
        src := source(network, *pre),
        cells,
        "dendritic_exc",
        *all_pairs(src, cells),
        5,
        {**PAIR, "w_max": 2.0, "weight": 1.0},
    )
    network.run(N_STEPS)
    cell, step = spikes.data
    assert len(step) > 10
    p = {
        **PAIR,
        "w_min": 0.0,
        "w_max": 2.0,
        "tau_plus": PAIR["tau_plus"] / H,
        "tau_minus": PAIR["tau_minus"] / H,
    }
    for k, weight in enumerate(synapses.get("weight")):
        post = (step[cell == k % 2] + 5).tolist()
        _, last = carried("SpikePair", "Additive", p, 1.0, pre[k // 2].tolist(), post, N_STEPS)
        assert weight == pytest.approx(last, abs=1e-12)


def test_recurrent_synapses():
    network = Network(H)
    train = trains(13, 3)
    cells = puppets(network, *train)
    synapses = Projection(
        kind("SpikePair", "Additive"),
        cells,
        cells,
        "excitatory",
        *all_pairs(cells, cells),
        2,
        {**PAIR, **BOUNDS, "weight": 1.0},
    )
    network.run(N_STEPS)
    apart = Bench(train, train, delay=2)
    np.testing.assert_array_equal(synapses.get("weight"), apart.run().synapses.get("weight"))


# ---- time


@pytest.mark.parametrize("timing", TIMING)
def test_runs_may_be_split_and_repeated(timing):
    whole, split = (Bench(trains(14, 3), trains(15, 3), timing, "Gutig", delay=[1, 2, 30] * 3) for _ in range(2))
    whole.run()
    split.run(1, 1, 2, 7, 501, N_STEPS - 512)
    first = whole.synapses.events
    for a, b in zip(first, split.synapses.events):
        np.testing.assert_array_equal(a, b)
    whole.network.reset()
    assert (whole.synapses.get("weight") == 1.0).all()
    whole.run()
    for a, b in zip(first, whole.synapses.events):
        np.testing.assert_array_equal(a, b)


def test_reset_goes_to_the_weights_set_last():
    bench = Bench(trains(14, 2), trains(15, 2))
    bench.run(700)
    bench.synapses.set({"weight": [0.3, 0.5]}, [1, 2])
    bench.run(700)
    bench.network.reset()
    assert bench.synapses.get("weight").tolist() == [1.0, 0.3, 0.5, 1.0]


def test_reset_forgets_spikes_on_their_way():
    bench = Bench([[5]], [[45]], delay=50).run(50)
    bench.network.reset()
    bench.run(94)
    assert bench.synapses.get("weight") == 1.0
    bench.run(1)
    assert bench.synapses.get("weight") > 1.0


def test_a_projection_made_late_sees_what_comes_after():
    network = Network(H)
    pre, post = source(network, *trains(16, 2)), puppets(network, *trains(17, 2))
    network.run(700)
    late = Projection(
        kind("SpikePair", "Additive"),
        pre,
        post,
        "excitatory",
        *all_pairs(pre, post),
        3,
        {**PAIR, **BOUNDS, "weight": 1.0},
    )
    network.run(N_STEPS - 700)
    after = Bench(*([t[t > 700] for t in trains(seed, 2)] for seed in (16, 17)), delay=3)
    np.testing.assert_allclose(late.get("weight"), after.run().synapses.get("weight"), rtol=1e-13)


# ---- recording


def test_weights_on_a_grid_are_current():
    bench = Bench(trains(22, 2), trains(23, 2))
    recorder = SampleRecorder(bench.synapses, "weight", np.arange(4), 10)
    bench.run()
    for k in range(4):
        due = [bench.due(k, end)[1] for end in range(0, N_STEPS + 1, 100)]
        np.testing.assert_allclose(recorder.data[::10, k], due, atol=1e-12)


def test_traces():
    bench = Bench([[100, 120]], [[90, 130]], delay=10, axonal=5)
    for name in ("K_plus", "K_minus"):
        bench.synapses.record_events(variable=name)
    recorders = [SampleRecorder(bench.synapses, name, [0]) for name in ("weight", "K_plus", "K_minus")]
    bench.run(200)
    weight, plus, minus = (recorder.data[:, 0] for recorder in recorders)
    step = np.arange(201)[:, np.newaxis]
    for trace, arrivals, tau in ((plus, [105, 125], 17.0), (minus, [100, 140], 31.0)):
        age = H * (step - arrivals)
        np.testing.assert_allclose(trace, (np.exp(-age / tau) * (age >= 0)).sum(axis=1), rtol=1e-13)
    assert weight[200] == bench.synapses.get("weight")[0]
    # what a spike meets is without itself
    for name, trace in (("K_plus", plus), ("K_minus", minus)):
        _, at, value = bench.synapses.events_of(name)
        assert at.tolist() == [100, 120]
        np.testing.assert_allclose(value, trace[[105, 125]] - (name == "K_plus"), rtol=1e-13)
        np.testing.assert_allclose(bench.synapses.value(name), trace[-1:], rtol=1e-13)


# ---- what is refused


@pytest.mark.parametrize(
    "given,name",
    [
        ({"w_min": 1.5, "w_max": 1.0, "weight": 1.2}, "w_max"),
        ({"w_min": -1.0, "w_max": 1.0}, "w_max"),
        ({"w_min": -1.0, "w_max": 0.0, "weight": -0.5}, "w_max"),
        ({"weight": 2.1}, "weight"),
        ({"weight": 0.05}, "weight"),
        ({"weight": [1.0, 1.0, 1.0, 2.1]}, "weight"),
        ({"weight": -1.0}, "weight"),
        ({"weight": np.nan}, "weight"),
        ({"tau_plus": 0.0}, "tau_plus"),
        ({"tau_minus": -1.0}, "tau_minus"),
        ({"A_plus": np.inf}, "A_plus"),
        ({"w_max": np.nan}, "w_max"),
    ],
)
def test_impossible_values(given, name):
    with pytest.raises(ValueError, match=rf"SpikePairRuleWithAdditiveWeightDependence\.{name}"):
        Bench(trains(1, 2), trains(2, 2), **given)


@pytest.mark.parametrize("name,value", [("mu_plus", -0.1), ("eta", -1.0), ("rho", -1.0), ("tau", 0.0)])
def test_impossible_values_of_the_other_rules(name, value):
    with pytest.raises(ValueError, match=name):
        Bench(trains(1, 2), trains(2, 2), "Vogels2011", "Gutig", **{name: value})


def test_refused_changes_change_nothing():
    bench = Bench(trains(1, 2), trains(2, 2))
    for bad in ({"w_max": 0.5}, {"A_plus": 1.0, "weight": 3.0}, {"tau_plus": -1.0, "A_minus": 0.5}):
        with pytest.raises(ValueError):
            bench.synapses.set(bad)
    with pytest.raises(KeyError, match="no 'mu_plus'"):
        bench.synapses.set({"mu_plus": 1.0})
    bench.run().check()


def test_no_connections():
    network = Network(H)
    synapses = Projection(
        kind("SpikePair", "Gutig"), source(network, [1]), puppets(network, [1]), "excitatory", [], [], [], {}
    )
    network.run(5)
    synapses.set({"tau_plus": 3.0})
    network.run(5)
    assert synapses.get("tau_plus").size == 0
