"""What `Projection.record` yields, as Neo objects."""

import neo
import numpy as np
import pytest
import quantities as pq
from pyNN import errors
from pyNN.parameters import Sequence

from ..neo_objects import compare


def plastic(sim, n=3, **parameters):
    source = sim.Population(n, sim.SpikeSourceArray(spike_times=[[5.0 + k, 12.0, 30.0] for k in range(n)]))
    cells = sim.Population(2, sim.UrbanczikSenn(phi_max=50.0))
    rule = sim.UrbanczikSennSynapse(**{"weight": 0.05, "w_max": 0.2, "eta": 0.5, **parameters})
    return source, sim.Projection(source, cells, sim.AllToAllConnector(), rule, label="plastic")


def test_weights_at_events(sim):
    _, prj = plastic(sim)
    prj.record("weight")
    sim.run(50.0)
    block = prj.get_data()
    found = block.segments[0].irregularlysampledsignals
    assert [(s.annotations["presynaptic_index"], s.annotations["postsynaptic_index"]) for s in found] == [
        (i, j) for i in range(3) for j in range(2)
    ]
    for signal in found:
        k = signal.annotations["presynaptic_index"]
        expected = neo.IrregularlySampledSignal(
            [5.0 + k, 12.0, 30.0],
            signal.magnitude.copy(),
            units="nA",
            time_units="ms",
            name="weight",
            presynaptic_index=k,
            postsynaptic_index=signal.annotations["postsynaptic_index"],
        )
        np.testing.assert_allclose(signal.times.rescale("ms").magnitude, expected.times.magnitude)
        signal.times = expected.times
        compare(signal, expected)
        assert signal[0, 0] == 0.05 * pq.nA
        assert signal.rescale("pA")[0, 0].magnitude == pytest.approx(50.0)
        assert len(signal.time_slice(10 * pq.ms, 20 * pq.ms)) == 1
    assert not np.array_equal(found[0].magnitude[1], found[0].magnitude[2])
    assert block.name == "plastic"


def test_weights_on_a_grid(sim):
    _, prj = plastic(sim)
    prj.record("weight", sampling_interval=10.0)
    prj.record("weight")
    sim.run(50.0)
    segment = prj.get_data().segments[0]
    (signal,) = segment.analogsignals
    assert signal.shape == (6, 6) and signal.t_start == 0 * pq.ms and signal.units == pq.nA
    np.testing.assert_array_equal(signal.magnitude[-1], prj.get("weight", format="list", with_address=False))
    np.testing.assert_array_equal(signal.array_annotations["presynaptic_index"], [0, 0, 1, 1, 2, 2])
    np.testing.assert_array_equal(signal.array_annotations["postsynaptic_index"], [0, 1] * 3)
    assert len(segment.irregularlysampledsignals) == 6
    with pytest.raises(ValueError, match="sampling_interval"):
        prj.record("weight", sampling_interval=0.05)


def test_some_connections_only_and_delays_on_the_axon(sim):
    delays = np.array([[0.1, 0.2], [0.3, 1.0], [2.0, 0.1]])
    _, prj = plastic(sim, delay=delays, dendritic_delay_fraction=0.0)
    prj.record("weight", connections=[1, 4])
    prj.record("weight", connections=slice(0, 3), sampling_interval=10.0)
    sim.run(50.0)
    segment = prj.get_data().segments[0]
    assert [
        (s.annotations["presynaptic_index"], s.annotations["postsynaptic_index"])
        for s in segment.irregularlysampledsignals
    ] == [(0, 1), (2, 0)]
    np.testing.assert_allclose(segment.irregularlysampledsignals[1].times.magnitude, [7.0, 12.0, 30.0])
    (signal,) = segment.analogsignals
    np.testing.assert_array_equal(signal.array_annotations["presynaptic_index"], [0, 0, 1])
    np.testing.assert_array_equal(signal.magnitude[-1], prj.get("weight", format="list", with_address=False)[:3])


@pytest.mark.parametrize(
    "wrong",
    [[99], 99, -99, True, 1.0, "1", [[1, 2], [3]], [[0]], [0.5], [None], {}, slice("a"), [True], 10**30],
    ids=str,
)
def test_connections_that_there_are_not(sim, wrong):
    _, prj = plastic(sim)
    with pytest.raises(ValueError, match=r"plastic\.record\.connections: .* is not allowed; it must be numbers"):
        prj.record("weight", connections=wrong)


def test_projection_segments_and_clearing(sim):
    source, prj = plastic(sim)
    prj.record("weight")
    prj.record("weight", sampling_interval=10.0)
    sim.run(20.0)
    first = prj.get_data(clear=True)
    sim.run(20.0)
    second = prj.get_data()
    assert [len(s) for s in first.segments[0].irregularlysampledsignals] == [2] * 6
    assert [len(s) for s in second.segments[0].irregularlysampledsignals] == [1] * 6
    assert second.segments[0].analogsignals[0].t_start == 20.0 * pq.ms
    sim.reset()
    sim.run(50.0)
    block = prj.get_data()
    assert [len(segment.irregularlysampledsignals[0]) for segment in block.segments] == [1, 3]
    source.set(spike_times=Sequence([]))
    sim.reset()
    sim.run(1.0)
    assert [len(s) for s in prj.get_data().segments[2].irregularlysampledsignals] == [0] * 6


def test_weights_of_static_synapses(sim):
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0, 3.0]))
    cells = sim.Population(1, sim.UrbanczikSenn())
    for receptor, unit in (("soma_exc", "uS"), ("dendritic_exc", "nA")):
        prj = sim.Projection(
            source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.25), receptor_type=receptor
        )
        prj.record("weight")
        prj.record("weight", sampling_interval=2.0)
        sim.run(4.0)
        prj.set(weight=0.5)
        (segment,) = prj.get_data().segments
        assert prj.find_units("weight") == unit and prj.find_units("delay") == "ms"
        for signal in segment.irregularlysampledsignals:
            assert signal.units == pq.Quantity(1.0, unit)
            assert signal.name == "weight" and signal.magnitude.ravel().tolist() == [0.25, 0.25]
            assert signal.times.magnitude.tolist() == [1.0, 3.0]
        (grid,) = segment.analogsignals
        assert grid.units == pq.Quantity(1.0, unit) and grid.magnitude.tolist() == [[0.25, 0.25]] * 3
        sim.reset()
    with pytest.raises(errors.NonExistentParameterError):
        prj.find_units("u")


def test_what_synapses_do_not_have_is_not_recorded(sim):
    _, prj = plastic(sim)
    with pytest.raises(errors.RecordingError, match="UrbanczikSennSynapse"):
        prj.record("eta")
    prj.record("all")
    assert len(prj.get_data().segments) == 1
