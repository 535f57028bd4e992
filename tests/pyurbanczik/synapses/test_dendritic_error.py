"""DendriticErrorSynapse and its modulators, as users have them."""

import pickle
from copy import deepcopy

import numpy as np
import pytest
import quantities as pq
from pyNN import errors

import pyurbanczik as sim
from tests.reference import dendritic_error as twin

H = 0.1
TRAINS = [np.arange(3, 100, 1.7), np.array([4.0, 4.1, 4.2, 50.0, 90.0])]
MOVING = {"eta": 0.02, "tau_Delta": 40.0, "w_min": -50.0, "w_max": 50.0, "weight": 0.05}


@pytest.fixture(autouse=True)
def simulation():
    sim.setup(timestep=H, min_delay=H, rng_seed=3)


def cells(n=2):
    cell = sim.DendriticNeuron(
        basal=sim.Dendrite(),
        apical=sim.Dendrite(g_to_soma=0.4),
        soma=sim.Soma(i_offset=6.0),
        rate_function=sim.Logistic(theta=-62.0),
    )
    return sim.Population(n, cell)


def sources():
    return sim.Population(2, sim.SpikeSourceArray(spike_times=TRAINS))


def connect(post, pre=None, receptor="basal", **rule):
    synapse = sim.DendriticErrorSynapse(delay=0.3, **{**MOVING, **rule})
    return sim.Projection(pre or sources(), post, sim.AllToAllConnector(), synapse, receptor_type=receptor)


def due(post, k, modulator, dendrite="basal", tau_s=3.0, **changed):
    """What a synapse of `connect` is due at each step of 0.1 ms, from what the cell recorded."""
    cell = k % 2
    block = post.get_data().segments[0]
    error = np.asarray(block.filter(name=f"{dendrite}.error")[0])[:, cell].copy()
    error[0] = 0.0
    spikes = np.zeros(len(error))
    for time in TRAINS[k // 2]:
        spikes[int(np.rint(time / H))] += 1
    x = twin.psp_trace(spikes, H, 0.3, 10.0, tau_s)
    rule = {**MOVING, **changed}
    read, _ = twin.weights(
        rule.pop("weight"), x, error, modulator, dt=H, delay_steps=3, bounds="read", spikes=spikes,
        **{"decay": 0.0, **rule},
    )  # fmt: skip
    return read


def check(projection, post, modulator, **changed):
    got = projection.get("weight", "list", with_address=False)
    for k in range(4):
        expected = due(post, k, modulator if np.ndim(modulator) < 2 else modulator[:, k % 2], **changed)
        assert np.ptp(expected) > 1e-6
        assert abs(got[k] - expected[-1]) < 1e-8 * np.ptp(expected)


def steps(*values):
    """1001 values, from (step, value)."""
    m = np.zeros((1001, *np.shape(values[0][1])))
    for step, value in values:
        m[step:] = value
    return m


def recorded(post):
    post.record(["basal.error", "apical.error"])
    return post


@pytest.mark.parametrize("receptor, dendrite", [("basal", "basal"), ("apical_exc", "apical")])
def test_weights_follow_the_error_of_their_dendrite(receptor, dendrite):
    post = recorded(cells())
    low = 0.0 if receptor.endswith("exc") else -50.0
    projection = connect(post, receptor=receptor, w_min=low, decay=0.01)
    sim.run(100.0)
    check(projection, post, 1.0, dendrite=dendrite, w_min=low, decay=0.01)


def test_two_dendrites_with_different_delays():
    post = recorded(cells())
    one = connect(post)
    sim.Projection(
        sources(), post, sim.AllToAllConnector(), sim.DendriticErrorSynapse(delay=5.0), receptor_type="apical"
    )
    two = connect(post, receptor="apical")
    sim.run(100.0)
    check(one, post, 1.0)
    check(two, post, 1.0, dendrite="apical")


def test_a_modulator_in_steps_of_time():
    post = recorded(cells())
    modulator = sim.Modulator(times=[10.0, 30.0, 70.0] * pq.ms, values=[1.0, -0.5, 2.0])
    modulator.record()
    projection = connect(post, modulator=modulator)
    sim.run(100.0)
    expected = steps((0, 0.0), (100, 1.0), (300, -0.5), (700, 2.0))
    check(projection, post, expected)
    signal = modulator.get_data()
    assert (signal.t_start, signal.sampling_period) == (0 * pq.ms, 0.1 * pq.ms)
    np.testing.assert_array_equal(signal.magnitude[:, 0], expected)


def test_set_acts_from_now_on_between_runs_and_in_callbacks():
    post = recorded(cells())
    modulator = sim.Modulator(value=0.5)
    modulator.record()
    projection = connect(post, modulator=modulator)
    sim.run(20.0)
    modulator.set([1.0, -1.0])
    assert modulator.value.tolist() == [1.0, -1.0]

    def reward(time):
        if time == 60.0:
            modulator.set(2.0)
        return time + 20.0

    sim.run(80.0, callbacks=[reward])
    expected = steps((0, [0.5, 0.5]), (200, [1.0, -1.0]), (600, 2.0))
    check(projection, post, expected)
    np.testing.assert_array_equal(modulator.get_data().magnitude, expected)


def test_what_was_set_is_kept_for_a_record_only():
    unwatched, watched = sim.Modulator(), sim.Modulator(times=[0.0, 50.0], values=[-1.0, -2.0])
    watched.record()
    for value in range(20):
        sim.run(1.0)
        unwatched.set(value)
        watched.set([value, -value])
    assert len(unwatched._core.table[0]) == len(watched._core.table[0]) == 2
    expected = np.repeat([[-1.0, -1.0], *([k, -k] for k in range(20))], [10] * 20 + [1], axis=0)
    np.testing.assert_array_equal(watched.get_data().magnitude, expected)
    sim.reset()
    np.testing.assert_array_equal(watched.get_data().magnitude, [[19.0, -19.0]])


def test_one_value_for_each_cell_of_views_and_assemblies():
    first, second = recorded(cells()), recorded(cells(3))
    modulator = sim.Modulator(value=[0.5, 2.0, -1.0])
    post, pre = sim.Assembly(first, second[2:3]), sources()
    projection = connect(post, pre, modulator=modulator)
    sim.run(100.0)
    got = projection.get("weight", "array")
    for cell, value in ((0, 0.5), (1, 2.0)):
        expected = due(first, cell, value)
        assert got[0, cell] == pytest.approx(expected[-1], abs=1e-8 * np.ptp(expected))
    with pytest.raises(errors.InvalidParameterValueError, match=r"Modulator.value: 2 numbers .* 3 cells"):
        modulator.set([1.0, 2.0])
    with pytest.raises(errors.InvalidParameterValueError, match=r"Modulator.value: 3 numbers"):
        connect(first, pre, modulator=modulator)


@pytest.mark.parametrize("threads", [1, 2])
def test_spikes_modulate(threads):
    sim.setup(timestep=H, min_delay=H, rng_seed=3, threads=threads)
    post = recorded(cells())
    releasing = sim.Population(2, sim.SpikeSourceArray(spike_times=[[0.0, 5.0, 50.0], [5.0, 60.0]]))
    dopamine = sim.SpikeModulator(releasing, tau=20.0, weight=0.7, baseline=0.1)
    dopamine.record()
    projection = connect(post, modulator=dopamine)
    sim.run(40.0)
    sim.run(60.0)
    expected = np.full(1001, 0.1)
    for step in (50, 50, 500, 600, 0):
        expected[step:] += 0.7 * np.exp(-H * np.arange(1001 - step) / 20.0)
    np.testing.assert_allclose(dopamine.get_data().magnitude[:, 0], expected, rtol=1e-12)
    assert dopamine.value == pytest.approx(expected[-1])
    check(projection, post, expected)


def test_cells_that_learn_can_release_their_own_modulator():
    post = recorded(cells())
    post.record("spikes")
    dopamine = sim.SpikeModulator(post, tau=20.0)
    projection = connect(post, modulator=dopamine)
    sim.run(100.0)
    expected = np.zeros(1001)
    for train in post.get_data().segments[0].spiketrains:
        for step in np.rint(train.magnitude / H).astype(int):
            expected[step:] += np.exp(-H * np.arange(1001 - step) / 20.0)
    assert expected.max() > 1.0
    check(projection, post, expected)


def test_reset_begins_again():
    post = cells()
    modulator = sim.Modulator(times=[0.0, 50.0], values=[1.0, -1.0])
    dopamine = sim.SpikeModulator(sources(), tau=20.0)
    modulator.record()
    dopamine.record()
    projections = [connect(post, modulator=one) for one in (modulator, dopamine)]
    found = []
    for _ in range(2):
        sim.run(100.0)
        found.append([p.get("weight", "list") for p in projections] + [modulator.get_data(), dopamine.get_data()])
        sim.reset(repeat=True)
    for one, other in zip(*found):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "name, value",
    [("eta", 0.1), ("tau_Delta", 5.0), ("tau_Delta", 0.0), ("decay", 0.05), ("delay", 1.0), ("tau_kernel", 3.0),
     ("v_target", -60.0), ("w_max", 40.0), ("w_min", -20.0)],
)  # fmt: skip
@pytest.mark.parametrize("modulated", [False, True])
@pytest.mark.parametrize("bounds", ["read", "state"])
def test_setting_a_parameter_leaves_the_weight_continuous(name, value, modulated, bounds):
    modulator = sim.Modulator(value=0.7) if modulated else None
    projection = connect(
        cells(), error="potential", kernel="exponential", modulator=modulator, eta=1e-5, bounds=bounds, decay=0.01
    )
    sim.run(30.0)
    before = projection.get("weight", "list")
    projection.set(**{name: value})
    np.testing.assert_allclose(projection.get("weight", "list"), before, rtol=1e-12)
    assert projection.get(name, "list", with_address=False) == [value] * 4
    sim.run(10.0)
    assert np.isfinite(projection.get("weight", "list")).all()


def test_setting_the_weight_restarts_from_it():
    projection = connect(cells(), modulator=sim.Modulator(value=0.7), decay=0.01)
    sim.run(30.0)
    projection.set(weight=0.3)
    assert projection.get("weight", "list", with_address=False) == [0.3] * 4
    sim.run(0.1)
    assert projection.get("weight", "list", with_address=False) == pytest.approx([0.3 * np.exp(-0.001)] * 4, rel=1e-4)


def test_the_rule_of_urbanczik_and_senn_is_one_of_these():
    post = sim.Population(2, sim.UrbanczikSenn(soma_i_offset=6.0, theta=-62.0))
    common = {"delay": 0.3, "weight": 0.05, "w_max": 50.0}
    eta = 1e-3 * 15.0**2 * 0.3 * 0.3
    rules = [sim.UrbanczikSennSynapse(eta=0.3, **common), sim.DendriticErrorSynapse(eta=eta, **common)]
    one, other = (
        sim.Projection(sources(), post, sim.AllToAllConnector(), rule, receptor_type="dendritic_exc") for rule in rules
    )
    sim.run(100.0)
    found = np.array([p.get("weight", "list", with_address=False) for p in (one, other)])
    assert np.ptp(found) > 1e-3
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)


@pytest.mark.parametrize("rule", [sim.UrbanczikSennSynapse, sim.DendriticErrorSynapse])
@pytest.mark.parametrize("connector", [sim.FixedProbabilityConnector(0.0), sim.FromListConnector([])])
def test_without_connections_there_is_nothing_to_set(rule, connector):
    projection = sim.Projection(sources(), cells(), connector, rule(), receptor_type="basal_exc")
    for change in ({"eta": 0.1}, {"weight": 0.05}, {"w_max": 0.3}, {"w_min": 0.0}, {"tau_Delta": 3.0}, {"delay": 2.0}):
        projection.set(**change)
        sim.run(1.0)
    assert projection.get(["eta", "weight", "tau_Delta"], "list") == []


def test_synapse_types_can_be_copied_and_pickled():
    rule = sim.DendriticErrorSynapse(error="rate", kernel="exponential", tau_kernel=7.0)
    for made in (deepcopy(rule), pickle.loads(pickle.dumps(rule))):
        assert type(made) is type(rule)
        assert made.parameter_space["tau_kernel"].base_value == 7.0


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"error": "voltage"}, "DendriticErrorSynapse.error: 'voltage' .*'spikes', 'rate', 'potential'"),
        ({"kernel": "alpha"}, "DendriticErrorSynapse.kernel: 'alpha'"),
        ({"bounds": "soft"}, "DendriticErrorSynapse.bounds: 'soft'"),
        ({"error": []}, r"DendriticErrorSynapse.error: \[\]"),
        ({"tau_Delta": -1.0}, "DendriticErrorSynapse.tau_Delta: -1.0 ms"),
        ({"decay": -0.1}, "DendriticErrorSynapse.decay: -0.1 1/ms"),
        ({"kernel": "exponential", "tau_kernel": 0.0}, "DendriticErrorSynapse.tau_kernel: 0.0 ms"),
        ({"w_min": 0.2}, "DendriticErrorSynapse.w_min: 0.2 nA .* at most w_max, 0.1"),
        ({"weight": 0.2}, "DendriticErrorSynapse.weight: 0.2 nA .* at most w_max, 0.1"),
        ({"eta": np.nan}, "DendriticErrorSynapse.eta: nan"),
        ({"eta": 1.0 * pq.ms}, "DendriticErrorSynapse.eta: 1.0 ms .* in nA"),
        ({"modulator": 1.0}, "DendriticErrorSynapse.modulator: 1.0 .* Modulator or SpikeModulator"),
    ],
)
def test_values_that_are_refused(arguments, message):
    with pytest.raises(errors.InvalidParameterValueError, match=message):
        sim.DendriticErrorSynapse(**arguments)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"v_target": -70.0}, "'v_target' only with error='potential'"),
        ({"tau_kernel": 3.0}, "'tau_kernel' only with kernel='exponential'"),
        ({"tau": 3.0}, "has no parameter 'tau'"),
    ],
)
def test_names_that_are_refused(arguments, message):
    with pytest.raises(errors.NonExistentParameterError, match=message):
        sim.DendriticErrorSynapse(**arguments)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: sim.Modulator(value=np.inf), "Modulator.value: inf"),
        (lambda: sim.Modulator(value=[]), "Modulator.value"),
        (lambda: sim.Modulator(value="a"), "Modulator.value"),
        (lambda: sim.Modulator(times=[1.0]), "Modulator.values: None"),
        (lambda: sim.Modulator(times=[2.0, 1.0], values=[1.0, 2.0]), "Modulator.times"),
        (lambda: sim.Modulator(times=[1.0, 2.0], values=[1.0]), "Modulator.values"),
        (lambda: sim.Modulator(1.0, times=[1.0], values=[1.0]), "Modulator.value: 1.0"),
        (lambda: sim.Modulator().get_data(), r"get_data: without record\(\)"),
        (lambda: sim.SpikeModulator(None), "SpikeModulator.population: None"),
        (lambda: sim.SpikeModulator(cells(), tau=0.0), "SpikeModulator.tau: 0.0 ms"),
        (lambda: sim.SpikeModulator(cells(), weight=1.0 * pq.nA), "SpikeModulator.weight"),
        (lambda: sim.SpikeModulator(cells()).set(value=1.0), "SpikeModulator.value"),
    ],
)
def test_modulators_that_are_refused(make, message):
    with pytest.raises(errors.InvalidParameterValueError, match=message):
        make()


def test_what_belongs_to_another_simulation_is_refused():
    old, population = sim.Modulator(), cells()
    sim.setup(timestep=H)
    for refused in (
        lambda: sim.DendriticErrorSynapse(modulator=old),
        lambda: old.set(1.0),
        lambda: sim.SpikeModulator(population),
    ):
        with pytest.raises(RuntimeError, match="before setup"):
            refused()


@pytest.mark.parametrize("receptor, w_min", [("soma_exc", 0.0), ("trunk", 0.0), ("basal_exc", -0.1)])
def test_receptors_that_are_refused(receptor, w_min):
    with pytest.raises(errors.ConnectionError):
        connect(cells(), receptor=receptor, w_min=w_min)


@pytest.mark.parametrize("w_min", [-0.1, [0.0, -0.1, 0.0, 0.0], [[0.0, 0.0], [0.0, -0.1]]])
def test_a_receptor_of_one_sign_refuses_bounds_below_zero_whenever_they_are_given(w_min):
    projection = connect(cells(), receptor="basal_exc", w_min=0.0)
    with pytest.raises(
        errors.ConnectionError, match=r"w_min: -0.1 nA is not allowed onto 'basal_exc'.*\(basal, apical"
    ):
        projection.set(w_min=np.array(w_min))
    with pytest.raises(errors.ConnectionError, match=r"w_min: -0.1 nA"):
        projection[1].w_min = -0.1
    assert set(projection.get("w_min", "list", with_address=False)) == {0.0}
    with pytest.raises(errors.ConnectionError, match=r"w_min: -0.1 nA"):
        connect(cells(), receptor="basal_inh", w_min=np.full((2, 2), -0.1))


@pytest.mark.parametrize("threads", [1, 3])
def test_a_modulator_follows_spikes_although_nobody_learns_and_shows_changes_at_once(threads):
    sim.setup(timestep=H, min_delay=H, rng_seed=3, threads=threads)
    post = cells(5)
    post.record("spikes")
    dopamine = sim.SpikeModulator(post, tau=20.0)
    dopamine.record()
    sim.run(50.0)
    dopamine.set(baseline=2.0)
    sim.run(50.0)
    expected = steps((0, 0.0), (500, 2.0))
    for train in post.get_data().segments[0].spiketrains:
        for step in np.rint(train.magnitude / H).astype(int):
            expected[step:] += np.exp(-H * np.arange(1001 - step) / 20.0)
    np.testing.assert_allclose(dopamine.get_data().magnitude[:, 0], expected, rtol=1e-12)


@pytest.mark.parametrize("tau_Delta", [0.5, 30.0])
def test_a_modulator_of_one_changes_nothing_even_after_long_silence(tau_Delta):
    post = cells()
    pre = sim.Population(1, sim.SpikeSourceArray(spike_times=[3.0, 5.0, 2500.0, 2510.0]))
    one, other = (
        connect(post, pre, modulator=modulator, tau_Delta=tau_Delta) for modulator in (None, sim.Modulator(value=1.0))
    )
    for _ in range(2):
        sim.run(1500.0)
        found = np.array([p.get("weight", "list", with_address=False) for p in (one, other)])
        moved = np.abs(found[0] - MOVING["weight"]).max()
        assert moved > 1e-4
        np.testing.assert_allclose(found[0], found[1], rtol=0, atol=1e-10 * moved)


def test_weights_of_the_wrong_sign_are_refused_with_their_unit():
    with pytest.raises(errors.ConnectionError, match=r"a weight of -0.05 nA onto 'basal_exc'"):
        connect(cells(), receptor="basal_exc", weight=-0.05)
    with pytest.raises(errors.ConnectionError, match=r"a weight of -5.0 pA onto 'basal_exc'"):
        rule = sim.native_synapse_type("static_synapse")(weight=-5.0)
        sim.Projection(sources(), cells(), sim.AllToAllConnector(), rule, receptor_type="basal_exc")
