"""Spike sources: what they accept, and when their spikes come."""

import warnings

import neo
import numpy as np
import pytest
import quantities as pq
from neo.core.spiketrainlist import SpikeTrainList
from pyNN import errors
from pyNN.parameters import Sequence


def spikes(population):
    return [train.magnitude.tolist() for train in population.get_data().segments[-1].spiketrains]


@pytest.mark.parametrize(
    "given",
    [
        [1.0, 2.0],
        (1.0, 2.0),
        range(1, 3),
        np.array([1.0, 2.0]),
        Sequence([1.0, 2.0]),
        [[1.0, 2.0]] * 3,
        np.array([[1.0, 2.0]] * 3),
        [Sequence([1.0, 2.0])] * 3,
        lambda i: Sequence([1.0, 2.0]) if np.isscalar(i) else [Sequence([1.0, 2.0]) for _ in i],
    ],
)
def test_spike_times_in_many_forms(sim, given):
    source = sim.Population(3, sim.SpikeSourceArray(spike_times=given))
    source.record("spikes")
    assert source.get("spike_times") == Sequence([1.0, 2.0])
    source.set(spike_times=given)
    sim.run(5.0)
    assert spikes(source) == [[1.0, 2.0]] * 3


def test_one_train_each(sim):
    source = sim.Population(3, sim.SpikeSourceArray(spike_times=[[1.0], [], [0.0, 3.0]]))
    source.record("spikes")
    sim.run(5.0)
    assert spikes(source) == [[1.0], [], [0.0, 3.0]]
    trains = source.get("spike_times")
    np.testing.assert_array_equal(trains[2].value, [0.0, 3.0])
    assert source[0].spike_times == Sequence([1.0])


def in_one_array(times, channels, known, units="ms", t_start=0.0 * pq.ms):
    return SpikeTrainList.from_spike_time_array(
        np.array(times), np.array(channels, dtype=int), known, t_stop=1e6 * pq.ms, units=units, t_start=t_start
    )


@pytest.mark.parametrize(
    "given",
    [
        in_one_array([1.0, 2.0, 2.5, 4.0], [0, 2, 0, 2], range(3)),
        in_one_array([2.0, 4.0, 1.0, 2.5], [2, 2, 0, 0], [0, 1, 2]),
        in_one_array([1.0, 2.0, 2.5, 4.0], [17, 5, 17, 5], np.array([17, 9, 5])),
        in_one_array([0.001, 0.002, 0.0025, 0.004], [0, 2, 0, 2], range(3), "s"),
        in_one_array([1.0, 2.0, 2.5, 4.0], [0, 2, 0, 2], range(3), t_start=1.0 * pq.ms),
        # a channel that is not known is none of the trains
        in_one_array([0.5, 1.0, 2.0, 2.5, 4.0], [7, 0, 2, 0, 2], range(3)),
        SpikeTrainList([neo.SpikeTrain(train, 9.0, units="ms") for train in ([1.0, 2.5], [], [2.0, 4.0])]),
    ],
)
def test_lists_of_spike_trains(sim, given):
    source, later = (
        sim.Population(3, sim.SpikeSourceArray(spike_times=given)),
        sim.Population(3, sim.SpikeSourceArray()),
    )
    later.set(spike_times=given)
    for cells in (source, later):
        assert [train.value.tolist() for train in cells.get("spike_times")] == [[1.0, 2.5], [], [2.0, 4.0]]


def test_a_recording_is_played_back(sim):
    source = sim.Population(3, sim.SpikeSourceArray(spike_times=[[1.0], [], [0.5, 3.0]]))
    source.record("spikes")
    sim.run(5.0)
    trains = source.get_data().segments[0].spiketrains
    channels, times = trains.multiplexed
    known = [train.annotations["channel_id"] for train in trains]
    sim.reset()
    for recorded in (trains, SpikeTrainList.from_spike_time_array(times, channels, known, t_stop=5.0 * pq.ms)):
        again = sim.Population(3, sim.SpikeSourceArray())
        again.set(spike_times=recorded)
        assert [train.value.tolist() for train in again.get("spike_times")] == [[1.0], [], [0.5, 3.0]]


def test_no_trains_are_made_of_a_list_that_has_none(sim):
    given = in_one_array([1.0, 2.0], [1, 0], range(3))
    sim.Population(3, sim.SpikeSourceArray()).set(spike_times=given)
    assert given._items is None


def test_spike_trains_without_spikes(sim):
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0]))
    source.set(spike_times=in_one_array([], [], range(2)))
    assert source.get("spike_times") == Sequence([])


@pytest.mark.parametrize(
    "given, error, told",
    [
        (in_one_array([1.0], [0], range(2)), errors.InvalidDimensionsError, "2 sequences are not allowed"),
        (in_one_array([1.0, 2.0], [0], range(3)), errors.InvalidParameterValueError, "1 channel ids for 2 spike times"),
        (in_one_array([1.0], [0], range(3), "mV"), errors.InvalidParameterValueError, "must be in ms"),
        (in_one_array([2.0, 1.0], [1, 1], range(3)), errors.InvalidParameterValueError, "1.0 ms .source 1. .* sorted"),
        (in_one_array([-1.0], [2], range(3)), errors.InvalidParameterValueError, "-1.0 ms .source 2. .* not negative"),
        (in_one_array([np.nan], [2], range(3)), errors.InvalidParameterValueError, "nan ms .source 2. .* finite"),
        (SpikeTrainList(), errors.InvalidParameterValueError, "is not allowed"),
    ],
)
def test_lists_of_spike_trains_that_do_not_fit(sim, given, error, told):
    source = sim.Population(3, sim.SpikeSourceArray(spike_times=[5.0]))
    with pytest.raises(error, match=rf"^SpikeSourceArray\.spike_times: .*{told}"):
        source.set(spike_times=given)
    assert source.get("spike_times") == Sequence([5.0])


@pytest.mark.parametrize("odd", [[True], np.array([True]), np.array([1 + 0j]), np.array(["1"]), [[1.0]]])
def test_a_train_of_no_numbers_among_many_is_refused(sim, odd):
    sources = sim.Population(3, sim.SpikeSourceArray())
    with pytest.raises(errors.InvalidParameterValueError, match=r"^SpikeSourceArray\.spike_times: "):
        sources.set(spike_times=[np.array([1.0]), odd, np.array([2.0])])
    assert all(train.value.size == 0 for train in sources.get("spike_times", simplify=False))


def test_every_second_number_of_an_array(sim):
    every_second = np.array([1.0, 9.0, 2.0, 9.0])[::2]
    one, two = sim.Population(1, sim.SpikeSourceArray()), sim.Population(2, sim.SpikeSourceArray())
    one.set(spike_times=every_second)
    two.set(spike_times=[Sequence(every_second)] * 2)
    assert one.get("spike_times").value.tolist() == two.get("spike_times").value.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("kind", [np.int32, np.float32, list])
def test_trains_of_several_kinds(sim, kind):
    given = [np.array([1.0, 2.5]), np.array([3, 4], kind) if kind is not list else [3, 4], np.array([])]
    sources = sim.Population(3, sim.SpikeSourceArray())
    sources.set(spike_times=[Sequence(train) for train in given])
    assert [train.value.tolist() for train in sources.get("spike_times")] == [[1.0, 2.5], [3.0, 4.0], []]


def test_new_times_in_between_keep_what_was_emitted(sim):
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0, 15.0]))
    source.record("spikes")
    sim.run(10.0)
    with pytest.warns(UserWarning, match="past"):
        source[1:].set(spike_times=[2.0, 12.0])
    sim.run(10.0)
    assert spikes(source) == [[1.0, 15.0], [1.0, 12.0]]


@pytest.mark.parametrize(
    "times",
    [[2.0, 1.0], [[1.0], [3.0, 2.0]], [-1.0], [np.nan], [1.0, np.inf], 5.0, "a", None, [[1.0, 2.0], ["a"]]],
)
def test_impossible_times_are_refused(sim, times):
    with pytest.raises(errors.InvalidParameterValueError, match=r"SpikeSourceArray\.spike_times"):
        sim.Population(2, sim.SpikeSourceArray(spike_times=times))
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[7.0]))
    source.record("spikes")
    with pytest.raises(errors.InvalidParameterValueError, match=r"SpikeSourceArray\.spike_times"):
        source.set(spike_times=times)
    assert source.get("spike_times") == Sequence([7.0])
    sim.run(10.0)
    assert spikes(source) == [[7.0], [7.0]]


def test_arrays_of_the_user_are_copied(sim):
    times = np.array([1.0, 2.0])
    source = sim.Population(2, sim.WeightedSpikeSourceArray(spike_times=times))
    source.record("spikes")
    source.set(spike_times=[times, times])
    times += 5.0
    assert source.get("spike_times") == Sequence([1.0, 2.0])
    source.get("spike_times").value[:] = 0.0
    source.set(spike_weights=[3.0, 4.0])
    sim.run(10.0)
    assert spikes(source) == [[1.0, 2.0]] * 2


def test_weights_of_the_user_are_copied_once_for_all_populations(sim):
    weights = np.array([2.0, 3.0])
    cell = sim.WeightedSpikeSourceArray(spike_times=[1.0, 2.0], spike_weights=weights)
    populations = [sim.Population(1, cell), sim.Population(1, cell), sim.Population(2, cell)]
    weights += 5.0
    with pytest.raises(ValueError, match="read-only"):
        cell.parameter_space["spike_weights"].base_value.value[:] = 0.0
    cell.parameter_space["spike_weights"].base_value.value = weights
    populations.append(sim.Population(1, cell))
    weights += 5.0
    populations[1].set(spike_weights=weights)
    weights += 5.0
    given = [population.get("spike_weights").value.tolist() for population in populations]
    assert given == [[2.0, 3.0], [12.0, 13.0], [2.0, 3.0], [7.0, 8.0]]


def test_a_wrong_number_of_trains_is_refused(sim):
    source = sim.Population(3, sim.SpikeSourceArray())
    with pytest.raises(errors.InvalidDimensionsError):
        source.set(spike_times=[[1.0], [2.0]])


def test_weighted_spikes(sim):
    source = sim.Population(1, sim.WeightedSpikeSourceArray(spike_times=[1.0, 2.0], spike_weights=[1.0, 3.0]))
    cells = sim.Population(1, sim.UrbanczikSenn(soma={"tau_syn_E": 1e-3}))
    sim.Projection(
        source,
        cells,
        sim.AllToAllConnector(),
        sim.StaticSynapse(weight=0.01, delay=0.1),
        receptor_type="soma_exc",
    )
    cells.record("gsyn_exc")
    sim.run(4.0)
    g = cells.get_data().segments[0].analogsignals[0].magnitude[:, 0]
    np.testing.assert_allclose(g[[11, 21]], [0.01, 0.03])
    assert source.get("spike_weights") == Sequence([1.0, 3.0])
    source.set(spike_times=[5.0], spike_weights=[2.0])
    with pytest.raises(errors.InvalidParameterValueError, match="spike_weights"):
        source.set(spike_times=[5.0, 6.0])
    for bad in ([1.0, 2.0], [np.nan]):
        with pytest.raises(errors.InvalidParameterValueError, match="spike_weights"):
            source.set(spike_weights=bad)
    assert source.get("spike_times") == Sequence([5.0])


@pytest.mark.parametrize(
    "times, weights", [([1.0, 2.0], [1.0]), ([[1.0], [2.0]], [[1.0], [1.0, 2.0]]), ([1.0], [np.nan])]
)
def test_weights_that_do_not_match_are_refused(sim, times, weights):
    with pytest.raises(errors.InvalidParameterValueError, match="spike_weights"):
        sim.Population(2, sim.WeightedSpikeSourceArray(spike_times=times, spike_weights=weights))


def test_poisson_sources(sim):
    source = sim.Population(200, sim.SpikeSourcePoisson(rate=50.0, start=100.0, duration=200.0))
    source.record("spikes")
    sim.run(400.0)
    trains = source.get_data().segments[0].spiketrains
    times = np.concatenate([np.array(train) for train in trains])
    assert times.min() >= 100.0 and times.max() <= 300.0 + 0.1
    assert abs(times.size - 2000) < 5 * np.sqrt(2000)
    for name, bad in (("rate", -1.0), ("rate", np.inf), ("start", np.nan), ("duration", -1.0)):
        with pytest.raises(errors.InvalidParameterValueError, match=f"SpikeSourcePoisson.{name}"):
            source.set(**{name: bad})


def test_sources_take_no_current_and_no_synapses(sim):
    source = sim.Population(2, sim.SpikeSourceArray())
    with pytest.raises(TypeError):
        source.inject(sim.DCSource())
    with pytest.raises(errors.ConnectionError):
        sim.Projection(source, source, sim.AllToAllConnector())
    with pytest.raises(errors.RecordingError):
        source.record("v")


OFF_GRID = [0.075, 10.025, 12.34, 1000.025]


def test_recorded_times_are_those_given(sim):
    sim.setup(timestep=0.05)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[OFF_GRID, [0.05, 3.0]]))
    source.record("spikes")
    found = []
    for _ in range(3):
        sim.run(10.0)
        found.append([t.magnitude.tolist() for t in source.get_data(clear=True).segments[0].spiketrains])
    assert found == [[[0.075], [0.05, 3.0]], [[10.025, 12.34], []], [[], []]]
    assert source.get("spike_times")[0] == Sequence(OFF_GRID)


def test_a_recorded_time_is_never_after_the_present(sim):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.02]))
    source.record("spikes")
    sim.run(1.0)
    assert spikes(source) == [[1.0]]
    sim.run(1.0)
    assert spikes(source) == [[1.02]]


def test_new_times_off_the_grid_in_between(sim):
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0, 15.0]))
    source.record("spikes")
    sim.run(10.0)
    with pytest.warns(UserWarning, match="past"):
        source[1:].set(spike_times=[2.03, 12.03])
    assert [times.value.tolist() for times in source.get("spike_times")] == [[1.0, 15.0], [2.03, 12.03]]
    sim.run(4.0)
    source[1:].set(spike_times=[14.5])
    sim.run(6.0)
    assert spikes(source) == [[1.0, 15.0], [1.0, 12.03, 14.5]]
    sim.reset()
    sim.run(20.0)
    assert spikes(source) == [[1.0, 15.0], [14.5]]


def test_times_that_are_past_are_told(sim):
    """Unless they were given before, so that their spikes have been emitted."""
    sources = sim.Population(2, sim.SpikeSourceArray(spike_times=[[1.0, 2.0, 30.0], [3.0]]), label="past")
    sources.record("spikes")
    sim.run(10.0)
    with pytest.warns(UserWarning, match=r"past.spike_times: 2 .* past \(it is 10.0 ms now\)") as told:
        sources[1:].set(spike_times=[3.0, 4.0, 10.04, 11.0])
    assert told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sources.set(spike_times=[[1.0, 2.0, 10.05, 12.0], [3.0, 4.0, 11.0]])
        later = sim.Population(1, sim.SpikeSourceArray(spike_times=[11.0]))
    with pytest.warns(UserWarning, match="new.spike_times: 6 "):
        sim.Population(3, sim.WeightedSpikeSourceArray(spike_times=[1.0, 2.0]), label="new")
    with pytest.warns(UserWarning, match="native.spike_times: 1 "):
        generator = sim.native_cell_type("spike_generator")
        sim.Population(1, generator(spike_times=[1.0, 40.0]), label="native")
    later.record("spikes")
    sim.run(10.0)
    trains = [train.magnitude.tolist() for train in sources.get_data().segments[0].spiketrains]
    assert trains == [[1.0, 2.0, 10.05, 12.0], [3.0, 11.0]]
    sim.reset()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sources.set(spike_times=[0.0, 1.0])
        sim.run(1.0)
    assert sources.get_spike_counts() == {sources[0]: 2, sources[1]: 2}


def test_arrays_of_users_are_not_kept(sim):
    """What they write into them afterwards changes nothing."""
    times, weights = np.array([1.0, 2.0]), np.array([1.0, 3.0])
    for give in (lambda array: array, sim.Sequence, lambda array: [array], lambda array: [sim.Sequence(array)]):
        times[:], weights[:] = (1.0, 2.0), (1.0, 3.0)
        celltype = sim.WeightedSpikeSourceArray(spike_times=give(times), spike_weights=give(weights))
        later = sim.Population(1, sim.WeightedSpikeSourceArray())
        later.set(spike_times=give(times), spike_weights=give(weights))
        times[:], weights[:] = (5.0, 4.0), (7.0, 8.0)
        for cells in (later, sim.Population(1, celltype)):
            assert cells.get("spike_times").value.tolist() == [1.0, 2.0]
            assert cells.get("spike_weights").value.tolist() == [1.0, 3.0]


def test_times_that_cannot_be_drawn_are_refused_by_name(sim):
    cells = sim.Population(2, sim.SpikeSourceArray())
    times = sim.RandomDistribution("uniform", low=-1e308, high=1e308, rng=sim.NumpyRNG(1))
    for attempt in (lambda: cells.set(spike_times=times), lambda: setattr(cells[0], "spike_times", times)):
        with pytest.raises(errors.InvalidParameterValueError, match=r"SpikeSourceArray\.spike_times"):
            attempt()


def test_parameters_beside_a_cell_type_that_has_them_are_refused(sim):
    with pytest.raises(errors.InvalidParameterValueError, match="cellparams"):
        sim.Population(2, sim.SpikeSourceArray(), cellparams={})
