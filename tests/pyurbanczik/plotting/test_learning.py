import neo
import numpy as np
import pytest
import quantities as pq
from pyNN.errors import InvalidParameterValueError

import pyurbanczik as sim


def rms(values):
    return np.sqrt(np.mean(values**2))


def test_weights_at_events_keep_their_value_until_the_next_spike(small):
    block = small.learning.get_data()
    ax = sim.plotting.weights(block, color="black", connections=[0])
    (path,) = ax.collections[0].get_paths()
    signal = block.segments[-1].irregularlysampledsignals[0]
    times, values = signal.times.magnitude, signal.magnitude[:, 0]
    at = np.array([path.vertices[path.vertices[:, 0] <= time][-1, 1] for time in times + 1.0])
    assert np.array_equal(at, values)
    assert set(path.vertices[:, 1]) == set(values)
    assert ax.get_ylabel() == "weight (nA)"
    assert ax.get_xlabel() == "time (ms)"


def test_weights_of_silent_inputs_have_no_line():
    sim.setup(timestep=0.1)
    inputs = sim.Population(3, sim.SpikeSourceArray(spike_times=[[5.0, 9.0], [], [7.0]]))
    cells = sim.Population(1, sim.UrbanczikSenn())
    rule = sim.UrbanczikSennSynapse(weight=0.1, w_max=1.0)
    learning = sim.Projection(inputs, cells, sim.AllToAllConnector(), rule, receptor_type="dendritic_exc")
    learning.record("weight")
    sim.run(20.0)
    ax = sim.plotting.weights(learning.get_data())
    assert len(ax.collections[0].get_paths()) == 2 and ax.get_xlim() == (0.0, 9.0)


def test_weights_are_coloured_by_their_change(small):
    signals = small.learning.get_data().segments[-1].irregularlysampledsignals
    change = np.array([float(s[-1, 0] - s[0, 0]) for s in signals])
    ax = sim.plotting.weights(signals)
    assert np.allclose(np.sort(ax.collections[0].get_array()), np.sort(change), rtol=0, atol=0)
    assert ax.figure.axes[1].get_ylabel() == "change since the first sample (nA)"
    assert len(sim.plotting.weights(signals, colorbar=False).figure.axes) == 1


def test_weights_on_a_grid_are_drawn_as_sampled():
    sim.setup(timestep=0.1)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0, 2.0]))
    cells = sim.Population(1, sim.IF_curr_exp())
    dynamic = sim.Projection(source, cells, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse(weight=1.0, U=0.3))
    dynamic.record("all", sampling_interval=0.5)
    sim.run(4.0)
    ax = sim.plotting.weights(dynamic.get_data(), variable="x", color="black")
    assert ax.get_ylabel() == "x"
    signal = next(s for s in dynamic.get_data().segments[0].analogsignals if s.name == "x")
    assert np.array_equal(ax.collections[0].get_paths()[1].vertices[:, 1], signal.magnitude[:, 1])


def test_weight_matrix_of_now_and_as_recorded_agree(small):
    now = sim.plotting.weight_matrix(small.learning)
    then = sim.plotting.weight_matrix(small.learning.get_data(), time=39.0 * pq.ms)
    array = sim.plotting.weight_matrix(small.learning.get("weight", format="array"))
    expected = small.learning.get("weight", format="array").T
    assert np.array_equal(now.images[0].get_array(), expected)
    assert np.array_equal(array.images[0].get_array(), expected)
    assert then.images[0].get_array().shape == expected.shape
    assert now.figure.axes[1].get_ylabel() == "weight (nA)"
    assert (now.get_xlabel(), now.get_ylabel()) == ("presynaptic cell", "postsynaptic cell")


def test_weight_matrix_shows_the_last_sample_before_a_time(small):
    signals = small.learning.get_data().segments[-1].irregularlysampledsignals
    image = sim.plotting.weight_matrix(signals, time=8.0).images[0].get_array()
    for signal in signals:
        place = signal.annotations["postsynaptic_index"], signal.annotations["presynaptic_index"]
        assert image[place] == signal.magnitude[signal.times.magnitude <= 8.0][-1, 0]


def test_weight_matrix_is_empty_without_connection_or_sample_and_adds_up_several():
    sim.setup(timestep=0.1)
    source = sim.Population(3, sim.SpikeSourceArray(spike_times=[1.0]))
    cells = sim.Population(2, sim.UrbanczikSenn())
    rule = sim.UrbanczikSennSynapse(eta=0.0, w_max=9.0)
    connector = sim.FromListConnector([(0, 0, 1.0), (0, 0, 2.0), (2, 1, 4.0)], column_names=["weight"])
    projection = sim.Projection(source, cells, connector, rule, receptor_type="dendritic_exc")
    projection.record("weight")
    sim.run(4.0)
    image = sim.plotting.weight_matrix(projection.get_data()).images[0].get_array()
    assert np.ma.filled(image, np.nan).tolist()[0][0] == 3.0
    assert np.isnan(np.ma.filled(image, np.nan)).tolist() == [[False, True, True], [True, True, False]]
    early = sim.plotting.weight_matrix(projection.get_data(), time=0.5).images[0].get_array()
    assert np.isnan(np.ma.filled(early, np.nan)).all()


def test_what_was_recorded_at_events_and_on_a_grid_is_one_connection():
    sim.setup(timestep=0.1)
    inputs = sim.Population(3, sim.SpikeSourceArray(spike_times=[[5.0, 9.0], [], [7.0]]))
    cells = sim.Population(1, sim.UrbanczikSenn(soma_i_offset=5.0))
    rule = sim.UrbanczikSennSynapse(weight=0.1, eta=1.0, w_max=1.0)
    connector = sim.FromListConnector([(0, 0), (0, 0), (1, 0), (2, 0)])
    learning = sim.Projection(inputs, cells, connector, rule, receptor_type="dendritic_exc")
    learning.record("weight")
    learning.record("weight", sampling_interval=2.0)
    sim.run(20.0)
    block = learning.get_data()
    now = sim.plotting.weight_matrix(learning).images[0].get_array()
    assert np.array_equal(sim.plotting.weight_matrix(block).images[0].get_array(), now)
    of_second = block.segments[0].irregularlysampledsignals[3].magnitude[0, 0]
    between = sim.plotting.weight_matrix(block, time=7.5).images[0].get_array()
    assert between[0, 2] == of_second and between[0, 0] > between[0, 1] == 0.1
    assert sim.plotting.weight_matrix(block, time=1.0).images[0].get_array().tolist() == [[0.2, 0.1, 0.1]]
    lines = sim.plotting.weights(block, color="black").collections[0].get_paths()
    # in steps but for the one without events, which is drawn as sampled
    assert sorted(len(line.vertices) for line in lines) == [3, 5, 5, 11]
    on_grid = sim.plotting.weights(block.segments[0].analogsignals, color="black")
    assert [len(line.vertices) for line in on_grid.collections[0].get_paths()] == [11] * 4


def test_learning_curve_is_the_root_mean_square_of_each_period(small):
    block = small.cells.get_data()
    ax = sim.plotting.learning_curve(block, 10.0)
    found = {signal.name: signal.magnitude for signal in block.segments[-1].analogsignals}
    difference = (found["rate"] - found["rate_star"])[1:].reshape(4, -1)
    times, curve = ax.lines[0].get_data()
    assert np.allclose(curve, [rms(part) for part in difference], rtol=1e-14)
    assert np.allclose(times, [0.005, 0.015, 0.025, 0.035])
    assert ax.get_xlabel() == "time (s)"
    assert ax.get_ylabel() == "RMS of rate − rate_star (Hz)"


def test_learning_curve_without_period_has_a_point_for_each_trial(small):
    block = small.cells.get_data()
    ax = sim.plotting.learning_curve(block, predicted="error", target=None)
    errors = [next(s for s in part.analogsignals if s.name == "error").magnitude for part in block.segments]
    assert np.allclose(ax.lines[0].get_ydata(), [rms(values) for values in errors], rtol=1e-14)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("trial", "RMS of error")


def test_learning_curve_with_a_target_leaves_out_what_is_nan(small):
    block = small.cells.get_data()
    wanted = np.full(401, -60.0)
    wanted[201:] = np.nan
    ax = sim.plotting.learning_curve(block, 20.0 * pq.ms, target=wanted, predicted="soma.v")
    potential = block.segments[-1].analogsignals[0].magnitude
    assert np.allclose(ax.lines[0].get_ydata(), [rms(potential[1:201] + 60.0), np.nan], equal_nan=True, rtol=1e-14)
    assert ax.get_ylabel() == "RMS of target − soma.v (mV)"


class Taught:
    """Three cells of which the first is recorded from the beginning, the others from a time between two samples."""

    def __init__(self, first="rate", others="rate"):
        sim.setup(timestep=0.1, rng_seed=1)
        self.cells = sim.Population(3, sim.UrbanczikSenn(soma_i_offset=[2.0, 6.0, 9.0]))
        nudging = sim.Population(1, sim.SpikeSourceArray(spike_times=np.arange(1.0, 60.0, 2.0)))
        synapse = sim.StaticSynapse(weight=0.05)
        sim.Projection(nudging, self.cells, sim.AllToAllConnector(), synapse, receptor_type="soma_exc")
        self.cells[:1].record([first, "rate_star"], sampling_interval=0.5)
        sim.run(20.2)
        self.cells.record([others, "rate_star"], sampling_interval=0.5)
        sim.run(19.8)


def test_learning_curve_has_cells_that_joined_later():
    cells = Taught().cells
    block = cells.get_data()
    ax = sim.plotting.learning_curve(block, 10.0)
    early, late, *predicted = [signal.magnitude for signal in block.segments[0].analogsignals]
    early, late = early - predicted[0], late - predicted[1]
    # late samples are those at 20.2, 20.7, ... ms
    expected = [(early[1:21],), (early[21:41],), (early[41:61], late[:20]), (early[61:81], late[20:])]
    assert np.allclose(
        ax.lines[0].get_ydata(), [rms(np.concatenate([x.ravel() for x in one])) for one in expected], rtol=1e-14
    )
    assert np.allclose(ax.lines[0].get_xdata(), [0.005, 0.015, 0.025, 0.035])
    trials = sim.plotting.learning_curve(block).lines[0].get_ydata()
    assert np.allclose(trials, [rms(np.concatenate([early.ravel(), late.ravel()]))], rtol=1e-14)
    with pytest.raises(InvalidParameterValueError, match=r"target: an array .* these cells were recorded later"):
        sim.plotting.learning_curve(block, 10.0, target=np.zeros(81))


def test_learning_curve_begins_where_the_data_do():
    cells = Taught().cells
    cells.get_data(clear=True)
    sim.run(10.0)
    ax = sim.plotting.learning_curve(cells.get_data(), 5.0)
    assert np.allclose(ax.lines[0].get_xdata(), [0.0425, 0.0475], rtol=0, atol=2.5e-4)


def test_learning_curve_compares_the_same_cells():
    block = Taught(others="soma.v").cells.get_data()
    assert len(sim.plotting.learning_curve(block, 10.0, target=None).lines[0].get_ydata()) == 4
    with pytest.raises(
        InvalidParameterValueError, match=r"learning_curve\.target: 'rate'.* cell 1.* same cells as 'rate_star'"
    ):
        sim.plotting.learning_curve(block, 10.0)
    with pytest.raises(InvalidParameterValueError, match=r"learning_curve\.target: 'soma.v' in mV .* in Hz"):
        sim.plotting.learning_curve(block, 10.0, target="soma.v")
    twice = [*block.segments[0].analogsignals] * 2
    with pytest.raises(InvalidParameterValueError, match=r"learning_curve\.predicted: .* one signal of each cell"):
        sim.plotting.learning_curve(twice, 10.0)


def test_what_cannot_be_drawn_is_refused(small):
    weights, potentials = small.learning.get_data(), small.cells.get_data()
    refused = [
        (lambda: sim.plotting.weights(weights, variable="wieght"), "did you mean 'weight'"),
        (lambda: sim.plotting.weights(weights, connections=[6]), "numbers of connections below 6"),
        (lambda: sim.plotting.weight_matrix(small.learning, time=3.0), "those of now"),
        (lambda: sim.plotting.weight_matrix(np.zeros(3)), "shape (3,)"),
        (lambda: sim.plotting.weight_matrix(potentials, variable="soma.v"), "without presynaptic indices"),
        (lambda: sim.plotting.learning_curve(potentials, 0.0), "positive"),
        (lambda: sim.plotting.learning_curve(potentials, 41.0), "at most the duration"),
        (lambda: sim.plotting.learning_curve(potentials.segments[0]), "a segment for each trial"),
        (lambda: sim.plotting.learning_curve(neo.Block()), "one of 0 segments"),
        (lambda: sim.plotting.learning_curve(weights, 10.0), "on a grid of time"),
        (lambda: sim.plotting.learning_curve(potentials, 10.0, target="rat"), "did you mean 'rate'"),
        (lambda: sim.plotting.learning_curve(potentials, 10.0, target=np.zeros(3)), "each of 401 samples"),
        (lambda: sim.plotting.learning_curve(potentials, 10.0, target=np.zeros(401) * pq.mV), "Hz"),
    ]
    for draw, message in refused:
        with pytest.raises(InvalidParameterValueError) as error:
            draw()
        assert message in str(error.value)
