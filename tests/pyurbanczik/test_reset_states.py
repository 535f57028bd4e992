"""States that are set back while time and weights go on: what follows is as from the start."""

import numpy as np
import pytest

PERIOD = 40.0
TIMES = np.array([2.0, 7.3, 11.0, 25.0, 38.5])
CELLS = {
    "IF_curr_exp": {"i_offset": 0.8, "tau_refrac": 5.0},
    "IF_curr_alpha": {"i_offset": 0.9},
    "IF_curr_delta": {"i_offset": 0.9},
    "IF_cond_exp": {"i_offset": 0.75},
    "IF_cond_alpha": {"i_offset": 0.8},
    "EIF_cond_alpha_isfa_ista": {"i_offset": 1.6},
    "EIF_cond_exp_isfa_ista": {"i_offset": 2.0},
    "IF_facets_hardware1": {},
    "IF_cond_exp_gsfa_grr": {"i_offset": 1.2},
    "Izhikevich": {"i_offset": 0.01},
    "HH_cond_exp": {"i_offset": 0.6},
    "UrbanczikSenn": {"phi_max": 0.0, "dendrite": {"i_offset": 1.0}},
}


def source(sim, times=TIMES):
    """Spikes that repeat with the period."""
    return sim.Population(1, sim.SpikeSourceArray(spike_times=np.concatenate([times, times + PERIOD])))


def two_periods(sim):
    """Run both, the second one from initial states."""
    sim.run(PERIOD)
    sim.reset_states()
    sim.run(PERIOD)


def halves(signal):
    """The samples after the start of either period; those at the start itself are of the one before."""
    values = np.array(signal)
    n = len(values) // 2
    return values[1 : n + 1], values[n + 1 :]


# of parameters that keep a cell from firing
pytestmark = pytest.mark.filterwarnings("ignore:.*NEST")


@pytest.mark.parametrize("name", CELLS)
def test_cells_repeat_themselves(sim, name):
    cells = sim.Population(3, getattr(sim, name)(**CELLS[name]))
    states = [state for state in cells.celltype.default_initial_values if state.split(".")[-1] == "v"]
    cells[1:].initialize(**dict.fromkeys(states, -62.0))
    receptor = cells.receptor_types[0]
    # some of the input is on its way at the end of the first period
    for weight, delay in ((0.02, 3.0), (0.01, 0.1)):
        synapse = sim.StaticSynapse(weight=weight, delay=delay)
        sim.Projection(source(sim), cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    cells.record([variable for variable in cells.celltype.recordable if variable != "spikes"])
    cells.record("spikes")
    two_periods(sim)
    segment = cells.get_data().segments[0]
    assert sim.get_current_time() == 2 * PERIOD
    for signal in segment.analogsignals:
        first, second = halves(signal)
        np.testing.assert_array_equal(second, first, err_msg=signal.name)
        assert len(signal) == 2 * 400 + 1
    for train in segment.spiketrains:
        times = np.array(train)
        first, second = times[times <= PERIOD], times[times > PERIOD]
        np.testing.assert_allclose(second, first + PERIOD, atol=1e-9)


def test_refractoriness_ends(sim):
    cells = sim.Population(1, sim.IF_curr_exp(tau_refrac=30.0, i_offset=5.0))
    cells.record("spikes")
    sim.run(PERIOD)
    sim.reset_states()
    sim.run(10.0)
    times = np.array(cells.get_data().segments[0].spiketrains[0])
    assert times[-1] == pytest.approx(PERIOD + times[0])
    assert times[-1] - times[-2] < 30.0


def rules(sim):
    """{name: (rule without its weight, cells, receptor)}."""
    senn = sim.UrbanczikSenn(phi_max=1e-9, dendrite={"i_offset": 1.0})
    soma, rate = sim.Soma(i_offset=1.0), sim.Logistic(phi_max=0.0)
    dendritic = sim.DendriticNeuron(soma=soma, dendrite=sim.Dendrite(), rate_function=rate)
    point = sim.IF_cond_exp(i_offset=0.75)
    bounds = {"w_min": 0.0, "w_max": 10.0}
    potential = {"error": "potential", "v_target": -60.0, "tau_Delta": 30.0, "weight": 0.3, "delay": 2.0, **bounds}
    split = {"dendritic_delay_fraction": 0.4, "delay": 2.0}
    stdp = {
        "timing_dependence": sim.SpikePairRule(A_plus=0.1, A_minus=0.12),
        "weight_dependence": sim.AdditiveWeightDependence(w_max=0.1),
    }
    dynamic = {"weight": 0.01, "delay": 2.0, "tau_rec": 100.0}
    return {
        "UrbanczikSenn": (sim.UrbanczikSennSynapse, {"eta": 1e11, "weight": 0.3, **split, **bounds}, senn),
        "potential": (sim.DendriticErrorSynapse, {"eta": 1e-3, **potential}, dendritic),
        "decay": (sim.DendriticErrorSynapse, {"eta": 1e-3, "decay": 0.01, **potential}, dendritic),
        "unfiltered": (sim.DendriticErrorSynapse, {"eta": 1e-3, **potential, "tau_Delta": 0.0}, dendritic),
        "STDP": (sim.STDPMechanism, {"weight": 0.05, **split, **stdp}, point),
        "Tsodyks-Markram": (sim.TsodyksMarkramSynapse, {"U": 0.4, "tau_facil": 50.0, **dynamic}, point),
    }


def connected(sim, name, weight=None):
    make, parameters, cell = rules(sim)[name]
    cells = sim.Population(2, cell)
    if weight is not None:
        parameters["weight"] = weight
    receptor = "dendritic_exc" if name == "UrbanczikSenn" else "dendrite_exc" if "error" in parameters else None
    return sim.Projection(source(sim), cells, sim.AllToAllConnector(), make(**parameters), receptor_type=receptor)


def weights(projection):
    return np.array(projection.get("weight", "list", with_address=False))


@pytest.mark.parametrize("name", ["UrbanczikSenn", "potential", "decay", "unfiltered", "STDP", "Tsodyks-Markram"])
def test_synapses_go_on_with_their_weights_alone(sim, name):
    projection = connected(sim, name)
    recordable = [variable for variable in projection.synapse_type.recordable if variable != "transmitted"]
    projection.record(recordable, sampling_interval=1.0)
    sim.run(PERIOD)
    learnt = weights(projection)
    sim.reset_states()
    np.testing.assert_allclose(weights(projection), learnt, rtol=1e-14)
    sim.run(PERIOD)
    after = [np.array(signal)[41:] for signal in projection.get_data().segments[0].analogsignals]

    sim.setup(timestep=0.1)
    projection = connected(sim, name, learnt[:, None].T)
    projection.record(recordable, sampling_interval=1.0)
    sim.run(PERIOD)
    anew = [np.array(signal)[1:] for signal in projection.get_data().segments[0].analogsignals]
    for one, other in zip(after, anew, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    if name != "Tsodyks-Markram":
        assert np.abs(after[0][-1] / learnt - 1.0).min() > 1e-3


def test_a_weight_that_is_read_again_has_lost_what_it_was_about_to_learn(sim):
    """The value read is not the one kept from before, although no time has passed."""
    projection = connected(sim, "potential")
    sim.run(PERIOD)
    sim.reset_states()
    before = weights(projection)
    sim.run(1.0)
    np.testing.assert_array_equal(weights(projection), before)


@pytest.mark.parametrize("go_on", [lambda sim: sim.reset_states(), lambda sim: sim.reset(keep_weights=True)])
def test_what_was_learnt_beyond_a_bound_is_lost(sim, go_on):
    def learnt(beyond):
        sim.setup(timestep=0.1)
        inputs = sim.Population(1, sim.SpikeSourceArray(spike_times=np.arange(5.0, 400.0, 5.0)))
        cells = sim.Population(1, sim.DendriticNeuron(basal=sim.Dendrite()))
        rule = sim.DendriticErrorSynapse(weight=0.05, w_max=0.1, eta=1e-2, error="potential", v_target=0.0)
        projection = sim.Projection(inputs, cells, sim.AllToAllConnector(), rule, receptor_type="basal")
        sim.run(200.0)
        weights = [projection.get("weight", "array")[0, 0]]
        if not beyond:
            go_on(sim)
        projection.set(v_target=-140.0)
        sim.run(50.0)
        return [*weights, projection.get("weight", "array")[0, 0]]

    assert learnt(beyond=True) == [0.1, 0.1]
    assert learnt(beyond=False) == [0.1, 0.0]


def test_a_modulator_forgets_its_spikes(sim):
    population = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 12.0]))
    modulator = sim.SpikeModulator(population, tau=50.0, baseline=0.5)
    modulator.record()
    sim.run(10.0)
    assert modulator.value > 1.0
    sim.reset_states()
    assert modulator.value == 0.5
    sim.run(5.0)
    assert modulator.value == pytest.approx(0.5 + np.exp(-3.0 / 50.0))


def test_gap_junctions_repeat_themselves(sim):
    cells = sim.Population(2, sim.IF_curr_exp(i_offset=0.3))
    cells.initialize(v=[-70.0, -50.0])
    sim.Projection(cells, cells, sim.FromListConnector([(0, 1)]), sim.ElectricalSynapse(weight=0.01))
    cells.record("v")
    two_periods(sim)
    first, second = halves(cells.get_data().segments[0].analogsignals[0])
    np.testing.assert_array_equal(second, first)


def test_noise_goes_on(sim):
    cells = sim.Population(200, sim.UrbanczikSenn(dendrite={"i_offset": 2.0}))
    cells.record("spikes")
    two_periods(sim)
    trains = [np.array(train) for train in cells.get_data().segments[0].spiketrains]
    first = np.concatenate([train[train <= PERIOD] for train in trains])
    second = np.concatenate([train[train > PERIOD] for train in trains]) - PERIOD
    assert len(first) > 100
    assert len(second) > 100
    assert len(np.intersect1d(np.round(first, 1), np.round(second, 1))) < min(len(first), len(second))


def test_it_may_be_called_between_steps(sim):
    cells = sim.Population(1, sim.IF_curr_exp(i_offset=0.5))
    cells.record("v")
    sim.run(PERIOD, callbacks=[lambda t: sim.reset_states() or t + 20.0])
    first, second = halves(cells.get_data().segments[0].analogsignals[0])
    np.testing.assert_array_equal(second, first)


def test_before_a_run_there_is_nothing_to_set_back(sim):
    cells = sim.Population(1, sim.UrbanczikSenn(), initial_values={"v": -61.0})
    sim.reset_states()
    cells.record("soma.v")
    sim.run(0.1)
    assert cells.get_data().segments[0].analogsignals[0][0, 0] == -61.0
