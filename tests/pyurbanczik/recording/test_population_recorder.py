"""What recording yields, as Neo objects."""

import pickle
from functools import partial

import neo
import numpy as np
import pytest
import quantities as pq
from pyNN import errors

from ..neo_objects import compare


@pytest.fixture
def cells(sim):
    return sim.Population(4, sim.UrbanczikSenn(soma={"i_offset": 1.0}), label="cells")


def signals(block, segment=-1):
    return {signal.name: signal for signal in block.segments[segment].analogsignals}


def test_names_units_shapes_and_annotations(sim, cells):
    cells.record(["v", "v_star"], locations=["soma", "dendrite"])
    cells.record(["v", "gsyn_exc", "isyn_inh", "rate", "error", "spikes"])
    sim.run(10.0)
    block = cells.get_data()
    found = signals(block)
    assert set(found) == {"soma.v", "dendrite.v", "v_star", "v", "gsyn_exc", "isyn_inh", "rate", "error"}
    units = {
        "soma.v": "mV",
        "v": "mV",
        "gsyn_exc": "uS",
        "isyn_inh": "nA",
        "rate": "Hz",
        "error": "dimensionless",
    }
    for name, unit in units.items():
        signal = found[name]
        assert signal.dimensionality == pq.unit_registry[unit].dimensionality
        assert signal.shape == (101, 4)
        assert signal.t_start == 0.0 * pq.ms and signal.t_stop.rescale("ms").magnitude == pytest.approx(10.1)
        assert signal.sampling_period.rescale("ms").magnitude == pytest.approx(0.1)
        np.testing.assert_array_equal(signal.array_annotations["channel_index"], np.arange(4))
        np.testing.assert_array_equal(signal.annotations["channel_ids"], cells.all_cells.astype(int))
        assert signal.annotations["source_population"] == "cells"
        assert signal.segment is block.segments[0]
    np.testing.assert_array_equal(found["v"], found["soma.v"])
    assert found["v"][0, 0] == -70.0 * pq.mV
    assert block.name == "cells" and block.annotations["simulator"] == "pyurbanczik"
    assert block.segments[0].name == "segment000" and block.segments[0].block is block


def test_everything_can_be_recorded(sim, cells):
    cells.record("all")
    sim.run(1.0)
    block = cells.get_data()
    assert {*signals(block), "spikes"} == set(cells.celltype.recordable)
    assert len(block.segments[0].spiketrains) == 4


def test_what_does_not_exist_is_refused(sim, cells):
    for attempt in (
        lambda: cells.record("w"),
        lambda: cells.record("v", locations=["axon"]),
        lambda: cells.record("axon.v"),
        lambda: cells.record(["v", "w"]),
    ):
        with pytest.raises(errors.RecordingError, match="cannot record"):
            attempt()
    for attempt in (lambda: cells.get_data("w"), lambda: cells[:1].write_data("w.pkl", ["v", "w"])):
        with pytest.raises(errors.RecordingError, match=r"cannot read 'w' from cells; it offers .*soma.v"):
            attempt()
    with pytest.raises(errors.RecordingError, match=r"cannot read 'axon.v' from cells"):
        cells.get_data("v", locations=["soma", "axon"])
    sim.run(1.0)
    assert not cells.get_data().segments[0].analogsignals


def test_sampling_interval(sim, cells):
    cells.record("v", sampling_interval=0.5)
    cells.record("rate")
    cells.record("spikes")
    sim.run(10.2)
    found = signals(cells.get_data())
    assert found["v"].shape == found["rate"].shape == (21, 4)
    assert found["v"].sampling_period == 0.5 * pq.ms
    for bad in (0.0, -1.0, 0.15, np.nan, "a", 1.0):
        with pytest.raises(ValueError, match="sampling_interval"):
            cells.record("v_star", sampling_interval=bad)


def test_a_sampling_interval_does_not_concern_spikes(sim):
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0, 1.2, 2.5]))
    source.record("spikes", sampling_interval=7.0)
    cells = sim.Population(2, sim.IF_cond_exp(i_offset=1.0))
    cells.record("spikes", sampling_interval=7.0)
    cells.record(["spikes", "v"], sampling_interval=1.0)
    sim.run(5.0)
    assert signals(cells.get_data())["v"].shape == (6, 2)
    for train in source.get_data().segments[0].spiketrains:
        assert train.magnitude.tolist() == [1.0, 1.2, 2.5]


def test_variables_and_cells_can_be_chosen(sim, cells):
    cells[1:3].record("v")
    cells.record("spikes")
    cells[:1].record("rate")
    sim.run(1.0)
    assert set(signals(cells.get_data("v"))) == {"v"}
    assert not cells.get_data("v").segments[0].spiketrains
    np.testing.assert_array_equal(signals(cells.get_data())["v"].array_annotations["channel_index"], [1, 2])
    assert signals(cells[2:4].get_data())["v"].shape == (11, 1)
    assert len(cells[2:4].get_data().segments[0].spiketrains) == 2
    assert len(cells.get_data("spikes").segments[0].spiketrains) == 4
    assert set(signals(cells.get_data("v", locations="soma"))) == set()


def test_data_before_the_first_run(sim, cells):
    cells.record(["v", "spikes"])
    cells.initialize(v=-60.0)
    segment = cells.get_data().segments[0]
    assert segment.analogsignals[0].shape == (1, 4)
    assert (segment.analogsignals[0].magnitude == -60.0).all()
    assert [len(train) for train in segment.spiketrains] == [0] * 4


def test_segments_after_reset_are_kept(sim, cells):
    cells.record("v")
    for number in range(3):
        sim.run(5.0)
        assert len(cells.get_data("v").segments) == number + 1
        sim.reset(annotations={"trial": number})
    block = cells.get_data()
    assert [segment.name for segment in block.segments] == ["segment000", "segment001", "segment002"]
    assert [segment.annotations["trial"] for segment in block.segments] == [0, 1, 2]
    for segment in block.segments[1:]:
        np.testing.assert_array_equal(segment.analogsignals[0], block.segments[0].analogsignals[0])
    assert len(cells.get_data("rate").segments[0].analogsignals) == 0
    assert len(cells.get_data().segments[0].analogsignals) == 1


def test_the_choice_can_be_reset(sim, cells):
    cells[1:2].record("v")
    sim.run(1.0)
    sim.reset()
    cells.record(None)
    cells[2:3].record("v")
    sim.run(1.0)
    block = cells.get_data()
    assert [signals(block, k)["v"].array_annotations["channel_index"].tolist() for k in range(2)] == [
        [1],
        [2],
    ]


def test_clearing(sim, cells):
    cells.record(["v", "spikes"])
    sim.run(5.0)
    first = cells.get_data(clear=True)
    sim.run(5.0)
    second = cells.get_data()
    assert len(first.segments) == len(second.segments) == 1
    assert signals(first)["v"].shape == signals(second)["v"].shape == (51, 4)
    assert signals(second)["v"].t_start == 5.0 * pq.ms
    np.testing.assert_array_equal(signals(first)["v"][-1], signals(second)["v"][0])
    assert second.segments[0].spiketrains[0].t_start == 5.0 * pq.ms
    cells.get_data(clear=True)
    sim.reset()
    sim.run(2.0)
    assert [signals(b)["v"].shape for b in [cells.get_data()]] == [(21, 4)]
    assert len(cells.get_data().segments) == 1


def test_recording_that_begins_late(sim, cells):
    sim.run(5.0)
    cells[:2].record("v")
    sim.run(5.0)
    cells.record("v")
    sim.run(5.0)
    late, later = cells.get_data().segments[0].analogsignals
    assert (late.t_start, later.t_start) == (5.0 * pq.ms, 10.0 * pq.ms)
    assert (late.shape, later.shape) == ((101, 2), (51, 2))
    for begin_anew in (sim.reset, partial(cells.get_data, clear=True)):
        begin_anew()
        sim.run(1.0)
        (signal,), (again,) = (cells.get_data().segments[-1].analogsignals for _ in range(2))
        assert signal.shape == (11, 4) and np.shares_memory(signal.magnitude, again.magnitude)
        assert signal.array_annotations["channel_index"].tolist() == [0, 1, 2, 3]
    sim.reset()
    assert [len(segment.analogsignals) for segment in cells.get_data().segments] == [1]


def test_a_recording_that_began_late_begins_at_zero_after_a_reset(sim):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 8.0]))
    sim.run(5.0)
    source.record("spikes")
    sim.run(5.0)
    (train,) = source.get_data().segments[0].spiketrains
    assert train.magnitude.tolist() == [8.0] and train.t_start == 5.0 * pq.ms
    sim.reset()
    sim.run(10.0)
    (train,) = source.get_data().segments[1].spiketrains
    assert train.magnitude.tolist() == [1.0, 8.0] and train.t_start == 0.0 * pq.ms


def test_trains_of_cells_that_join_begin_when_they_do(sim):
    """So that spikes over the duration of a train are a rate."""

    def found(group, segment=0):
        trains = group.get_data().segments[segment].spiketrains
        return [(float(train.t_start), train.magnitude.tolist()) for train in trains]

    source = sim.Population(3, sim.SpikeSourceArray(spike_times=np.arange(10.0, 80.0, 10.0)), label="source")
    source[:1].record("spikes")
    sim.run(45.0)
    source[1:].record("spikes")
    sim.run(25.0)
    late = [(45.0, [50.0, 60.0, 70.0])] * 2
    expected = [(0.0, [10.0, 20.0, 30.0, 40.0, *late[0][1]]), *late]
    assert found(source) == found(source[:1] + source[1:]) == expected and found(source[1:]) == late
    trains = source.get_data().segments[0].spiketrains
    trains[1].t_start -= 1.0 * pq.ms
    assert trains[2].t_start == 45.0 * pq.ms and found(source) == expected
    sim.reset()
    sim.run(15.0)
    assert found(source) == expected and found(source, 1) == [(0.0, [10.0])] * 3


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("file", [None, "spikes.zarr"])
def test_what_happened_at_the_moment_of_record_is_over(sim, tmp_path, before, file):
    """Whatever else is being recorded, and where; t = 0 comes with the first run."""
    if file:
        pytest.importorskip("zarr")
    file = file and tmp_path / file
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[0.0, 10.0, 20.0, 20.04, 30.0]))
    if before:
        source[:1].record("spikes", to_file=file)
    sim.run(20.0)
    source[1:].record("spikes", to_file=file)
    for _ in range(2):
        sim.run(10.0)
        train = source[1:].get_data().segments[-1].spiketrains[0]
        assert (train.load() if file else train).magnitude.tolist() == [30.0]
        assert train.t_start == 20.0 * pq.ms
        assert source[1:].get_spike_counts() == {int(source[1]): 1}
    sim.reset()
    sim.run(10.0)
    train = source[1:].get_data().segments[-1].spiketrains[0]
    assert (train.load() if file else train).magnitude.tolist() == [0.0, 10.0]


def test_channels_follow_the_order_of_connections(sim):
    source = sim.Population(3, sim.SpikeSourceArray(spike_times=[1.0]))
    cells = sim.Population(2, sim.UrbanczikSenn())
    weights = np.arange(6.0).reshape(3, 2) * 0.01
    prj = sim.Projection(
        source[::-1],
        cells[::-1] + sim.Population(1, sim.UrbanczikSenn()),
        sim.FromListConnector([(i, j, weights[i, j]) for i in range(3) for j in range(2)], column_names=["weight"]),
        sim.UrbanczikSennSynapse(w_max=1.0),
    )
    prj.record("weight")
    prj.record("weight", sampling_interval=1.0)
    sim.run(2.0)
    segment = prj.get_data().segments[0]
    (signal,) = segment.analogsignals
    np.testing.assert_array_equal(signal.magnitude[0], weights.ravel())
    np.testing.assert_array_equal(signal.array_annotations["presynaptic_index"], [0, 0, 1, 1, 2, 2])
    assert [s.magnitude[0, 0] for s in segment.irregularlysampledsignals] == weights.ravel().tolist()


@pytest.mark.parametrize("variable, unit", [("soma.v", "mV"), ("gsyn_exc", "uS"), ("rate", "Hz")])
def test_signals_equal_those_that_neo_constructs(sim, variable, unit):
    cells = sim.Population(3, sim.UrbanczikSenn(), label="cells")
    cells[1:].record(variable, sampling_interval=0.3)
    sim.run(2.1)
    (signal,) = cells.get_data().segments[0].analogsignals
    expected = neo.AnalogSignal(
        signal.magnitude,
        units=unit,
        t_start=0 * pq.ms,
        sampling_period=0.3 * pq.ms,
        name=variable,
        array_annotations={"channel_index": np.array([1, 2])},
        channel_ids=np.array([int(cells[1]), int(cells[2])]),
        source_population="cells",
    )
    compare(signal, expected)
    assert signal.t_stop.rescale("s").magnitude == pytest.approx(0.0024)
    assert signal.rescale(f"k{unit}" if unit == "Hz" else unit[1:]).magnitude[0, 0] == pytest.approx(
        signal.magnitude[0, 0] * {"mV": 1e-3, "uS": 1e-6, "Hz": 1e-3}[unit]
    )
    assert signal.time_slice(0.3 * pq.ms, 0.9 * pq.ms).t_start == 0.3 * pq.ms
    with pytest.raises(ValueError):
        signal.array_annotate(too_long=[1, 2, 3])


def test_spike_trains_equal_those_that_neo_constructs(sim):
    source = sim.Population(3, sim.SpikeSourceArray(spike_times=[[1.0, 2.0], [], [0.5]]), label="source")
    source.record("spikes")
    sim.run(5.0)
    trains = source.get_data().segments[0].spiketrains
    for index, (train, times) in enumerate(zip(trains, [[1.0, 2.0], [], [0.5]])):
        expected = neo.SpikeTrain(
            times,
            units="ms",
            t_start=0 * pq.ms,
            t_stop=5.0 * pq.ms,
            source_population="source",
            source_index=index,
            channel_id=int(source[index]),
        )
        compare(train, expected)
        assert train.rescale("s").t_stop.magnitude == pytest.approx(0.005)
        assert len(train.time_slice(0.8 * pq.ms, 1.5 * pq.ms)) == (index == 0)
    _, times = trains.multiplexed
    np.testing.assert_allclose(times.magnitude, [1.0, 2.0, 0.5])
    assert source.get_spike_counts() == {int(source[0]): 2, int(source[1]): 0, int(source[2]): 1}
    assert source.mean_spike_count() == 1.0


def test_assemblies(sim):
    a, b = (
        sim.Population(3, sim.UrbanczikSenn(), label="a"),
        sim.Population(2, sim.UrbanczikSenn(), label="b"),
    )
    assembly = a + b
    assembly.record(["v", "spikes"])
    assembly[1:4].record("gsyn_exc")
    b.initialize(v=-60.0)
    sim.run(2.0)
    block = assembly.get_data(annotations={"purpose": "test"})
    found = signals(block)
    assert found["v"].shape == (21, 5) and found["gsyn_exc"].shape == (21, 3)
    np.testing.assert_array_equal(found["gsyn_exc"].array_annotations["channel_index"], [1, 2, 3])
    np.testing.assert_array_equal(found["v"].magnitude[0], [-70, -70, -70, -60, -60])
    trains = [train.annotations for train in block.segments[0].spiketrains]
    assert [train["source_population"] for train in trains] == ["a"] * 3 + ["b"] * 2
    assert [train["source_index"] for train in trains] == [0, 1, 2, 0, 1]
    assert [train["channel_id"] for train in trains] == [int(cell) for cell in assembly.all_cells]
    assert found["v"].annotations["source_population"] == "a;b"
    assert signals(assembly[3:].get_data())["v"].annotations["source_population"] == "b"
    assert block.annotations["purpose"] == "test"
    assert signals(assembly[1:4].get_data())["v"].shape == (21, 3)
    np.testing.assert_array_equal(
        a.get_data().segments[0].analogsignals[0].array_annotations["channel_index"], np.arange(3)
    )


def test_segments_of_an_assembly_hold_one_trial_each(sim, tmp_path):
    """Whichever of its populations has been cleared, or is recorded since when."""
    a, b, c = (sim.Population(2, sim.IF_cond_exp(i_offset=1.0), label=label) for label in "abc")
    a.record(["v", "spikes"])
    sim.run(10.0)
    sim.reset(annotations={"trial": 0})
    b.record(["v", "spikes"])
    assert [segment.name for segment in (a + b + c).get_data().segments] == ["segment000"]
    sim.run(20.0)
    a.get_data(clear=True)
    sim.reset(annotations={"trial": 1})
    sim.run(30.0)
    both = c + a + b
    both.write_data(str(tmp_path / "data.pkl"))
    for block in (both.get_data(), neo.io.get_io(str(tmp_path / "data.pkl")).read_block()):
        found = [
            (
                segment.name,
                segment.annotations,
                [(s.annotations["source_population"], len(s)) for s in segment.analogsignals],
                [(t.annotations["source_population"], float(t.t_stop)) for t in segment.spiketrains],
            )
            for segment in block.segments
        ]
        assert found == [
            ("segment001", {"trial": 1}, [("b", 201)], [("b", 20.0)] * 2),
            ("segment002", {}, [("a;b", 301)], [("a", 30.0)] * 2 + [("b", 30.0)] * 2),
        ]


def test_a_variable_that_not_all_populations_of_an_assembly_have(sim, tmp_path):
    source, cells, others = (
        sim.Population(2, celltype)
        for celltype in (sim.SpikeSourceArray(spike_times=[1.0]), sim.IF_cond_exp(), sim.UrbanczikSenn())
    )
    source.record("spikes")
    cells.record(["v", "gsyn_exc", "gsyn_inh"])
    others.record("soma.v")
    sim.run(2.0)
    everything = source + cells + others
    assert signals((source + cells).get_data("v"))["v"].array_annotations["channel_index"].tolist() == [2, 3]
    assert set(signals(everything.get_data("v", locations="soma"))) == {"soma.v", "v"}
    with pytest.warns(Warning, match="get_data"):
        assert set(signals(everything.get_gsyn())) == {"gsyn_exc", "gsyn_inh"}
    network = sim.Network(everything, sim.Assembly(source), cells + others)
    assert [list(signals(block)) for block in network.get_data("v", clear=True)] == [["v"], [], ["v"]]
    everything.write_data(str(tmp_path / "x.pkl"), ["spikes", "dendrite.v"])
    for read in (everything.get_data, network.get_data, lambda names: everything.write_data("x.pkl", names)):
        with pytest.raises(errors.RecordingError, match=r"cannot read 'gsyn' from .*; it offers spikes, v, .*gsyn_exc"):
            read(["v", "gsyn"])
    for read in (lambda: everything.get_data("v", locations="axon"), lambda: source.get_data("v")):
        with pytest.raises(errors.RecordingError, match="cannot read"):
            read()


def test_files(sim, cells, tmp_path):
    cells.record(["v", "spikes"])
    sim.run(2.0)
    cells.write_data(str(tmp_path / "data.pkl"))
    block = neo.io.get_io(str(tmp_path / "data.pkl")).read()[0]
    np.testing.assert_array_equal(signals(block)["v"], signals(cells.get_data())["v"])
    assert len(block.segments[0].spiketrains) == 4


def test_multiplexed_spike_trains_of_populations_and_assemblies(sim):
    a = sim.Population(2, sim.SpikeSourceArray(spike_times=[[1.0, 2.0], [1.5]]))
    b = sim.Population(2, sim.SpikeSourceArray(spike_times=[[], [0.5, 2.5]]))
    both = a + b
    both.record("spikes")
    sim.run(3.0)
    trains = both.get_data().segments[0].spiketrains
    for _ in range(2):
        ids, times = trains.multiplexed
        assert (np.array(ids) - int(a.first_id)).tolist() == [0, 0, 1, 3, 3]
        np.testing.assert_array_equal(times.magnitude, [1.0, 2.0, 1.5, 0.5, 2.5])
        assert times.units == pq.ms
    trains.append(neo.SpikeTrain([0.001], units="s", t_stop=1.0))
    ids, times = trains.multiplexed
    assert len(ids) == 6 and times[-1] == 1.0 * pq.ms
    assert len(trains + trains) == 10
    copy = pickle.loads(pickle.dumps(b.get_data()))
    assert type(copy.segments[0].spiketrains) is neo.core.spiketrainlist.SpikeTrainList
    assert [len(train) for train in copy.segments[0].spiketrains] == [0, 2]
    assert copy.segments[0].spiketrains[1].segment is copy.segments[0]
    assert copy.segments[0].spiketrains.segment is copy.segments[0]


def test_multiplexed_without_spikes(sim):
    a = sim.Population(2, sim.SpikeSourceArray())
    a.record("spikes")
    sim.run(1.0)
    ids, times = a.get_data().segments[0].spiketrains.multiplexed
    assert ids.size == times.size == 0


@pytest.mark.parametrize("suffix", ["pkl", "nix", "h5", "mat"])
def test_all_segments_and_annotations_go_into_files(sim, cells, tmp_path, suffix):
    needed, reader = {
        "pkl": ("pickle", neo.io.PickleIO),
        "nix": ("nixio", neo.io.NixIO),
        "h5": ("nixio", neo.io.NixIO),
        "mat": ("scipy", neo.io.NeoMatlabIO),
    }[suffix]
    pytest.importorskip(needed)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0, 1.55]), label="source")
    cells.annotate(colour="red")
    both = cells + source
    cells.record("v")
    both.record("spikes")
    sim.run(2.0)
    sim.reset(annotations={"trial": 2})
    sim.run(3.0)
    for group, trains in ((both, 6), (cells[1:], 3)):
        name = str(tmp_path / f"{group.label.replace(' ', '')}.{suffix}")
        group.write_data(name, annotations={"purpose": "test"})
        block = reader(name).read_block()
        assert [len(segment.spiketrains) for segment in block.segments] == [trains, trains]
        assert block.segments[0].annotations["trial"] == 2
        assert block.annotations["purpose"] == "test"
        for segment, length in zip(block.segments, (21, 31)):
            (v,) = segment.analogsignals
            assert v.shape == (length, min(trains, 4)) and v.units == pq.mV
        if group is both:
            np.testing.assert_allclose(block.segments[1].spiketrains[-1].rescale("ms").magnitude, [1.0, 1.55])
        else:
            assert block.annotations["colour"] == "red"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "wrong",
    [object(), [object()], {"b": {1.0}}, {"b": {object(): 1.0}}, {"b": {2: 1.0, "2": 2.0}}],
    ids=["object", "list", "set", "object as a key", "keys that are the same as texts"],
)
def test_annotations_that_no_block_can_hold(sim, tmp_path, wrong):
    """Are refused when they are given: later on they would make the recording unreadable."""
    cells = sim.Population(2, sim.IF_cond_exp(), label="cells")
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse())
    cells.record("v")
    projection.record("u")
    sim.run(1.0)
    for give in (
        lambda: cells.annotate(a=wrong),
        lambda: cells[:1].annotate(a=wrong),
        lambda: projection.annotate(a=wrong),
        lambda: sim.reset(annotations={"a": wrong}),
        lambda: sim.record("v", cells, str(tmp_path / "x.pkl"), annotations={"a": wrong}),
        lambda: cells.write_data(str(tmp_path / "x.pkl"), annotations={"a": wrong}),
        lambda: projection.write_data(str(tmp_path / "x.pkl"), annotations={"a": wrong}),
        lambda: sim.Assembly(cells).get_data(annotations={"a": wrong}),
        lambda: sim.Network(cells).write_data(str(tmp_path / "x.pkl"), annotations={"a": wrong}),
    ):
        with pytest.raises(errors.InvalidParameterValueError, match=r"annotations: .* is not allowed"):
            give()
    assert sim.get_current_time() == 1.0 and len(cells.get_data().segments) == 1


def test_keys_of_annotations_are_texts_in_blocks_and_files(sim, tmp_path):
    """PyNN's `import_from_sonata` annotates by numbers of types."""
    pytest.importorskip("zarr")
    cells = sim.Population(2, sim.IF_cond_exp(), label="cells")
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse())
    both, given = sim.Assembly(cells), {np.int16(0): "x", 1.5: [{None: 2}], "b": ({True: 1.0},)}
    expected = {"0": "x", "1.5": [{"None": 2}], "b": ({"True": 1.0},)}
    in_files = {**expected, "b": [{"True": 1.0}]}
    cells.annotate(a=given)
    projection.annotate(a=given)
    both.annotations["a"] = given
    cells.record("v", to_file=str(tmp_path / "x.zarr"))
    projection.record("u", to_file=str(tmp_path / "x.zarr"))
    sim.run(1.0)
    sim.reset(annotations={"a": given})
    sim.run(1.0)
    assert cells.annotations["a"] == projection.annotations["a"] == given
    for block in (cells.get_data(), projection.get_data(), both.get_data()):
        assert block.annotations["a"] == block.segments[0].annotations["a"] == expected
    block = sim.Assembly(cells).get_data(annotations={"c": given})
    assert block.annotations["c"] == expected
    cells.write_data(str(tmp_path / "x.pkl"), annotations={"c": given})
    (block,) = neo.io.get_io(str(tmp_path / "x.pkl")).read()
    assert block.annotations["a"] == block.annotations["c"] == expected
    sim.end()
    for block in sim.read_recording(tmp_path / "x.zarr"):
        assert block.annotations["a"] == block.segments[0].annotations["a"] == in_files


def test_annotations_have_any_name(sim):
    cells = sim.Population(2, sim.IF_cond_exp())
    given = {"name": "x", "description": 1, "label": 2, "position": "left", "n": None, "rec_datetime": "now"}
    cells.annotate(**given)
    cells.record("v")
    sim.run(1.0)
    sim.reset(annotations=given)
    block = cells.get_data()
    assert given.items() <= block.annotations.items() and given.items() <= block.segments[0].annotations.items()
    assert block.segments[0].name == "segment000"
