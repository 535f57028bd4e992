"""Currents: what flows when, and into which compartment."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.current_source import Electrode, NoiseCurrent, SineCurrent, StepCurrent
from backend_cython.model.recorder import SampleRecorder
from backend_cython.neurons.spike_source_poisson import SpikeSourcePoisson
from backend_cython.numerics.philox import normals

from ..helpers import H, silent

SOMA, DENDRITE = 0, 1
COUPLED = {
    "g_dendrite_to_soma": 0.0,
    "soma_g_leak": 1e-7,
    "dendrite_g_leak": 1e-7,
    "soma_cm": 1.0,
    "dendrite_cm": 1.0,
}


class Ammeter:
    """Cells of 1 nF that hardly leak, whose potentials therefore count the charge that flows into them."""

    def __init__(self, network, size=1):
        self.cells = silent(network, size, **COUPLED)
        self.recorders = [SampleRecorder(self.cells, name, np.arange(size)) for name in ("soma.v", "dendrite.v")]

    def current(self, compartment, cell=0):
        """nA at each step: entry k is what flowed over (k, k + 1]."""
        return np.round(np.diff(self.recorders[compartment].data[:, cell]) / H, 6)


@pytest.fixture
def network():
    return Network(H)


def steps_of(network, steps, amplitudes):
    electrode = StepCurrent(network)
    electrode.set(steps, amplitudes)
    return electrode


def test_a_current_at_a_step_flows_over_the_step_that_follows(network):
    meter = Ammeter(network)
    electrode = steps_of(network, [2, 5, 6], [1.0, -2.0, 0.0])
    electrode.inject(meter.cells, SOMA, [0])
    network.run(10)
    assert meter.current(SOMA).tolist() == [0, 0, 1, 1, 1, -2, 0, 0, 0, 0]
    assert meter.current(DENDRITE).tolist() == [0] * 10
    assert electrode.amplitudes_at(np.arange(10)).tolist() == meter.current(SOMA).tolist()


def test_currents_add_up_in_each_compartment_and_cell(network):
    meter = Ammeter(network, 3)
    first, second = steps_of(network, [0], [1.0]), steps_of(network, [0], [0.25])
    first.inject(meter.cells, SOMA, [0, 2])
    first.inject(meter.cells, DENDRITE, [1])
    second.inject(meter.cells, SOMA, [2])
    second.inject(meter.cells, DENDRITE, [1, 1])
    network.run(2)
    assert [meter.current(SOMA, i)[0] for i in range(3)] == [1.0, 0.0, 1.25]
    assert [meter.current(DENDRITE, i)[0] for i in range(3)] == [0.0, 1.5, 0.0]


def test_several_populations(network):
    meters = [Ammeter(network), Ammeter(network, 2), Ammeter(network)]
    electrode = steps_of(network, [0, 3], [1.0, 0.0])
    electrode.inject(meters[0].cells, SOMA, [0])
    electrode.inject(meters[1].cells, DENDRITE, [1])
    network.run(4)
    assert meters[0].current(SOMA).tolist() == meters[1].current(DENDRITE, 1).tolist() == [1, 1, 1, 0]
    assert not meters[1].current(DENDRITE, 0).any() and not meters[2].current(SOMA).any()


def test_a_current_stops_when_the_electrode_is_set_to_nothing(network):
    meter = Ammeter(network)
    electrode = steps_of(network, [0], [1.0])
    electrode.inject(meter.cells, SOMA, [0])
    network.run(2)
    electrode.set([], [])
    network.run(2)
    assert meter.current(SOMA).tolist() == [1, 1, 0, 0]


def test_steps_may_be_set_amid_a_run_and_the_last_of_equal_ones_counts(network):
    meter = Ammeter(network)
    electrode = StepCurrent(network)
    electrode.inject(meter.cells, SOMA, [0])
    network.run(3)
    electrode.set([1, 4, 4], [1.0, 2.0, 3.0])
    network.run(3)
    assert meter.current(SOMA).tolist() == [0, 0, 0, 1, 3, 3]


@pytest.mark.parametrize(
    "make",
    [
        lambda network: steps_of(network, [1, 4], [1.0, 2.0]),
        lambda network: sine(network, 1, 6, 1.0, 0.5, 400.0, 30.0),
        lambda network: noise(network, 1, 6, 0.0, 1.0, 2),
    ],
)
def test_reading_out_and_reset_change_nothing(network, make):
    meter, electrode = Ammeter(network), make(network)
    electrode.inject(meter.cells, SOMA, [0])
    due = electrode.amplitudes_at(np.arange(8))
    assert np.any(due != 0.0)
    network.run(3)
    np.testing.assert_array_equal(electrode.amplitudes_at(np.arange(8)[::-1].copy()), due[::-1])
    network.run(5)
    first = meter.current(SOMA)
    np.testing.assert_allclose(first, due, atol=1e-6)
    network.reset()
    network.run(8)
    np.testing.assert_array_equal(meter.current(SOMA), first)


@pytest.mark.parametrize(
    "steps, amplitudes, message",
    [
        (
            [3, 1],
            [1.0, 2.0],
            r"^StepCurrent\.steps: 1 is not allowed; it must be at least the one before it, 3$",
        ),
        (
            [1, 2],
            [1.0],
            r"^StepCurrent\.amplitudes: 1 numbers for 2 steps is not allowed; it must be one for each step$",
        ),
        ([], [1.0], r"^StepCurrent\.amplitudes: 1 numbers for 0 steps is not allowed"),
        (
            [1, 2],
            [1.0, np.nan],
            r"^StepCurrent\.amplitudes: nan \(index 1\) is not allowed; it must be finite$",
        ),
    ],
)
def test_a_refused_step_current_stays_as_it_was(network, steps, amplitudes, message):
    electrode = steps_of(network, [2, 3], [1.0, 5.0])
    with pytest.raises(ValueError, match=message):
        electrode.set(steps, amplitudes)
    assert electrode.amplitudes_at(np.arange(5)).tolist() == [0, 0, 1, 5, 5]


def test_given_arrays_are_copied(network):
    steps, amplitudes = np.array([1, 3]), np.array([1.0, 2.0])
    electrode = steps_of(network, steps, amplitudes)
    steps[:], amplitudes[:] = 0, 99.0
    assert electrode.amplitudes_at(np.arange(5)).tolist() == [0, 1, 1, 2, 2]


@pytest.mark.parametrize("compartment", [-1, 2])
def test_unknown_compartments_are_refused(network, compartment):
    meter = Ammeter(network)
    with pytest.raises(ValueError, match=f"^UrbanczikSenn has no compartment {compartment} to inject into$"):
        steps_of(network, [0], [1.0]).inject(meter.cells, compartment, [0])
    with pytest.raises(ValueError, match=r"^SpikeSourcePoisson has no compartment 0 to inject into$"):
        steps_of(network, [0], [1.0]).inject(SpikeSourcePoisson(network, 1), 0, [0])


@pytest.mark.parametrize("indices", [[0, 2], [0, -1], [1, 10**12]])
def test_cells_outside_are_refused_and_none_is_injected(network, indices):
    meter = Ammeter(network, 2)
    electrode = steps_of(network, [0], [1.0])
    with pytest.raises(IndexError, match=rf"^StepCurrent: no cell {indices[1]} to inject into; UrbanczikSenn has 2$"):
        electrode.inject(meter.cells, SOMA, indices)
    network.run(2)
    assert not meter.current(SOMA, 0).any() and not meter.current(SOMA, 1).any()


def test_no_cells(network):
    meter = Ammeter(network)
    electrode = steps_of(network, [0], [1.0])
    electrode.inject(meter.cells, SOMA, [])
    network.run(2)
    assert not meter.current(SOMA).any()


@pytest.mark.parametrize("kind", [Electrode, StepCurrent, SineCurrent, NoiseCurrent])
def test_an_electrode_that_was_not_set_gives_nothing(network, kind):
    meter, electrode = Ammeter(network), kind(network)
    electrode.inject(meter.cells, SOMA, [0])
    network.run(5)
    assert not meter.current(SOMA).any()
    assert electrode.amplitudes_at(np.arange(3)).tolist() == [0, 0, 0]


# ---- sine


def sine(network, *arguments):
    electrode = SineCurrent(network)
    electrode.set(*arguments)
    return electrode


def test_sine(network):
    steps = np.arange(200)
    got = sine(network, 50, 150, 2.0, 0.5, 80.0, 30.0).amplitudes_at(steps)
    t = H * (steps - 50) / 1e3
    due = 0.5 + 2.0 * np.sin(2 * np.pi * 80.0 * t + np.pi / 6)
    np.testing.assert_allclose(got[50:150], due[50:150], rtol=1e-7)
    assert not got[:50].any() and not got[150:].any()


# ---- noise


def noise(network, *arguments):
    electrode = NoiseCurrent(network)
    electrode.set(*arguments)
    return electrode


def test_noise_holds_each_normal_number_for_its_interval():
    network = Network(H, seed=9)
    got = noise(network, 10, 40, 1.0, 2.0, 7).amplitudes_at(np.arange(60))
    due = 1.0 + 2.0 * normals(9, 1 << 62, 5)
    np.testing.assert_allclose(got[10:40], np.repeat(due, 7)[:30], rtol=1e-14)
    assert not got[:10].any() and not got[40:].any()


def test_every_noise_has_its_own_numbers(network):
    first, second = (noise(network, 0, 1000, 0.0, 1.0, 1).amplitudes_at(np.arange(1000)) for _ in range(2))
    assert abs(np.corrcoef(first, second)[0, 1]) < 4 / np.sqrt(1000)


@pytest.mark.parametrize("interval", [0, -3])
def test_impossible_intervals_are_refused(network, interval):
    electrode = noise(network, 0, 10, 0.0, 1.0, 2)
    before = electrode.amplitudes_at(np.arange(10))
    with pytest.raises(ValueError) as error:
        electrode.set(0, 5, 1.0, 1.0, interval)
    assert str(error.value) == f"NoiseCurrent.interval_steps: {interval} is not allowed; it must be at least 1"
    np.testing.assert_array_equal(electrode.amplitudes_at(np.arange(10)), before)


@pytest.mark.parametrize("position", [0, 1, -1])
@pytest.mark.parametrize(
    ("kind", "good"), [(SineCurrent, [1, 9, 0.5, 0.1, 3.0, 20.0]), (NoiseCurrent, [1, 9, 0.5, 0.1, 2])]
)
def test_numbers_that_do_not_fit_change_nothing(kind, good, position):
    electrode = kind(Network(H))
    electrode.set(*good)
    before = electrode.amplitudes_at(np.arange(12))
    wrong = [0, 12, *good[2:]]
    wrong[position] = "much" if isinstance(wrong[position], float) else 1 << 70
    with pytest.raises((OverflowError, TypeError)):
        electrode.set(*wrong)
    np.testing.assert_array_equal(electrode.amplitudes_at(np.arange(12)), before)
