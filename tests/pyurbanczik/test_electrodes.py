"""Current sources."""

import numpy as np
import pytest
import quantities as pq
from pyNN import errors

H = 0.1


@pytest.fixture
def cells(sim):
    cells = sim.Population(3, sim.UrbanczikSenn(phi_max=0.0))
    cells.record(["soma.v", "dendrite.v"])
    return cells


def potentials(cells):
    return {signal.name: signal.magnitude for signal in cells.get_data().segments[-1].analogsignals}


@pytest.mark.parametrize(
    "location, moved, other",
    [(None, "soma.v", "dendrite.v"), ("soma", "soma.v", "dendrite.v"), ("dendrite", "dendrite.v", None)],
)
def test_a_current_acts_one_step_later_on_the_compartment_named(sim, cells, location, moved, other):
    cells[1].inject(sim.DCSource(amplitude=0.5, start=1.0, stop=2.0), location=location)
    sim.run(3.0)
    v = potentials(cells)
    np.testing.assert_array_equal(v[moved][:11], -70.0)
    assert v[moved][11, 1] > -70.0
    np.testing.assert_array_equal(v[moved][:, [0, 2]], -70.0)
    assert np.argmax(v["dendrite.v"][:, 1] if moved == "dendrite.v" else v["soma.v"][:, 1]) == 20
    if other:
        np.testing.assert_array_equal(v[other], -70.0)


def test_equivalent_ways_to_inject(sim, cells):
    for k, source in enumerate(
        (
            sim.DCSource(amplitude=0.2, location="dendrite"),
            sim.StepCurrentSource(times=[0.0], amplitudes=[0.2]),
        )
    ):
        source.inject_into(cells[k : k + 1], location=None if k == 0 else "dendrite")
    cells[2:].inject(sim.DCSource(amplitude=0.2), location="dendrite")
    sim.run(5.0)
    v = potentials(cells)["dendrite.v"]
    np.testing.assert_array_equal(v[:, 0], v[:, 1])
    np.testing.assert_array_equal(v[:, 0], v[:, 2])
    assert v[-1, 0] > -70.0


def test_records(sim, cells):
    dc = sim.DCSource(amplitude=0.5, start=1.0, stop=2.0)
    ac = sim.ACSource(amplitude=1.0, offset=0.1, frequency=100.0, phase=90.0, start=0.5, stop=2.5)
    step = sim.StepCurrentSource(times=[0.5, 1.5], amplitudes=[1.0, -1.0])
    noise = sim.NoisyCurrentSource(mean=1.0, stdev=0.1, start=0.5, stop=2.0, dt=0.5)
    for source in (dc, ac, step, noise):
        source.inject_into(cells)
        source.record()
    sim.run(3.0)
    t, i = dc._get_data()
    np.testing.assert_allclose(t, np.arange(31) * H)
    np.testing.assert_array_equal(i, np.where((np.arange(31) >= 10) & (np.arange(31) < 20), 0.5, 0.0))
    t, i = ac._get_data()
    active = (np.arange(31) >= 5) & (np.arange(31) < 25)
    np.testing.assert_allclose(i, np.where(active, 0.1 + np.cos(2 * np.pi * 0.1 * (t - 0.5)), 0.0), atol=1e-12)
    np.testing.assert_array_equal(step._get_data()[1], [0.0] * 5 + [1.0] * 10 + [-1.0] * 16)
    i = noise._get_data()[1]
    assert (i[:5] == 0).all() and (i[20:] == 0).all()
    assert len(set(i[5:20])) == 3 and len(set(i[5:10])) == 1
    assert dc.get_data().shape == (31, 1)
    sim.reset()
    sim.run(1.0)
    assert len(dc._get_data()[0]) == 11


@pytest.mark.parametrize("name", ["DCSource", "dc_generator"])
def test_a_second_call_of_record_forgets_nothing(sim, cells, name):
    source = sim.DCSource(amplitude=0.5) if name == "DCSource" else sim.native_electrode_type(name)(amplitude=500.0)
    source.inject_into(cells)
    sim.run(1.0)
    for _ in range(3):
        source.record()
        sim.run(2.0)
    signal = source.get_data()
    assert signal.t_start == 1.0 * pq.ms and signal.shape == (61, 1)
    sim.reset()
    source.record()
    sim.run(1.0)
    assert source.get_data().t_start == 0.0 * pq.ms and source.get_data().shape == (11, 1)


def test_changes_count_from_now_on(sim, cells):
    dc = sim.DCSource(amplitude=0.0)
    dc.inject_into(cells)
    dc.record()
    for _ in range(3):
        sim.run(1.0)
        dc.amplitude += 0.1
    np.testing.assert_allclose(dc._get_data()[1], [0.0] * 10 + [0.1] * 10 + [0.2] * 10 + [0.3], atol=1e-15)
    assert dc.amplitude == pytest.approx(0.3)
    assert dc.get_parameters()["start"] == 0.0


def test_step_times_are_rounded_and_doubles_dropped(sim):
    source = sim.StepCurrentSource(times=[0.41, 0.6, 0.64, 1.0], amplitudes=[1.0, 2.0, 3.0, 4.0])
    np.testing.assert_allclose(source.times, [0.4, 0.6, 1.0])
    np.testing.assert_array_equal(source.amplitudes, [1.0, 3.0, 4.0])


@pytest.mark.parametrize(
    "make",
    [
        lambda sim: sim.StepCurrentSource(times=[0.4, -0.6], amplitudes=[1.0, 1.0]),
        lambda sim: sim.StepCurrentSource(times=[0.4, 0.2], amplitudes=[1.0, 1.0]),
        lambda sim: sim.StepCurrentSource(times=[0.4, 0.4], amplitudes=[1.0, 1.0]),
        lambda sim: sim.StepCurrentSource(times=[0.4], amplitudes=[1.0, 1.0]),
        lambda sim: sim.StepCurrentSource(times=[0.4], amplitudes=[np.nan]),
        lambda sim: sim.DCSource(amplitude=np.inf),
        lambda sim: sim.DCSource(start="a"),
        lambda sim: sim.DCSource(amplitude=[1.0, 2.0]),
        lambda sim: sim.ACSource(frequency=-1.0),
        lambda sim: sim.NoisyCurrentSource(stdev=-1.0),
        lambda sim: sim.NoisyCurrentSource(dt=0.25),
    ],
)
def test_impossible_parameters_are_refused(sim, make):
    with pytest.raises(errors.InvalidParameterValueError):
        make(sim)


def test_refusals_leave_things_alone(sim, cells):
    dc = sim.DCSource(amplitude=0.5)
    for bad in (dict(amplitude=np.nan), dict(amplitude=1.0, start=np.nan)):
        with pytest.raises(errors.InvalidParameterValueError):
            dc.set_parameters(**bad)
    with pytest.raises(errors.NonExistentParameterError):
        dc.set_parameters(frequency=1.0)
    with pytest.raises(errors.NonExistentParameterError):
        dc.frequency = 1.0
    with pytest.raises(errors.NonExistentParameterError):
        sim.DCSource(frequency=1.0)
    assert dc.amplitude == 0.5
    with pytest.raises(errors.InvalidParameterValueError, match="location"):
        dc.inject_into(cells, location="axon")
    source = sim.Population(1, sim.SpikeSourceArray())
    with pytest.raises(TypeError):
        dc.inject_into([cells[0], source[0]])
    sim.run(1.0)
    np.testing.assert_array_equal(potentials(cells)["soma.v"], -70.0)


def test_a_description_has_the_present_parameters(sim):
    source = sim.StepCurrentSource(times=[1.0, 2.0], amplitudes=[0.1, 0.2])
    source.set_parameters(times=[3.0], amplitudes=[0.4])
    shown = source.native_parameters
    assert shown["times"].base_value.value.tolist() == [3.0] and shown["amplitudes"].base_value.value.tolist() == [0.4]
