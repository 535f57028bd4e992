"""Izhikevich neurons against the solution of their equations."""

import numpy as np
import pytest
from backend_cython.electrodes import StepCurrent
from backend_cython.network import Network
from backend_cython.neurons.izhikevich import Izhikevich
from backend_cython.neurons.spike_source_array import SpikeSourceArray
from backend_cython.recorder import SampleRecorder, SpikeRecorder

from tests.reference import izhikevich

from ..helpers import H, static

# mV and mV/ms. Rounding to the grid at each spike lets small errors grow, a thousandfold in 100 ms of fast spiking.
TOLERANCE = 1e-3


class Run:
    """Cells with synapses from one train for each receptor, everything recorded."""

    def __init__(self, size=1, timestep=H, jumps=None, **parameters):
        self.network = Network(timestep)
        self.cells = Izhikevich(self.network, size)
        self.cells.set(parameters)
        self.recorders = [SampleRecorder(self.cells, name, np.arange(size)) for name in "vu"]
        self.spikes = SpikeRecorder(self.cells)
        for receptor, (steps, weight) in (jumps or {}).items():
            train = SpikeSourceArray(self.network, 1)
            train.set_spikes([timestep * (np.asarray(steps, dtype=float) - 1.0)])
            static(train, self.cells, weight=weight, receptor=receptor)

    def inject(self, first, last, amplitude):
        electrode = StepCurrent(self.network)
        electrode.set(np.array([first, last]), np.array([amplitude, 0.0]))
        electrode.inject(self.cells, 0, np.arange(self.cells.size))
        return self

    def check(self, n_steps, cell=0, jumps=(), tolerance=TOLERANCE, **twin):
        """Compare with the twin, which gets the jumps as [(steps, weight)]; returns the steps of the spikes."""
        arriving = np.zeros(n_steps + 1)
        for steps, weight in jumps:
            arriving[list(steps)] += weight
        dt = self.network.timestep
        v, u, spikes = izhikevich.simulate(arriving, dt, **twin)
        cells, steps = self.spikes.data
        np.testing.assert_array_equal(steps[cells == cell], spikes)
        np.testing.assert_allclose(self.recorders[0].data[:, cell], v, rtol=0, atol=tolerance)
        np.testing.assert_allclose(self.recorders[1].data[:, cell], u, rtol=0, atol=tolerance)
        return spikes


# Izhikevich (2003), Fig. 2: parameters, and a current in nA
PATTERNS = {
    "regular spiking": ({"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0}, 0.010),
    "chattering": ({"a": 0.02, "b": 0.2, "c": -50.0, "d": 2.0}, 0.010),
    "fast spiking": ({"a": 0.1, "b": 0.2, "c": -65.0, "d": 2.0}, 0.010),
    "resonator": ({"a": 0.1, "b": 0.26, "c": -65.0, "d": 2.0}, 0.003),
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_constant_current(pattern):
    parameters, current = PATTERNS[pattern]
    run = Run(i_offset=current, **parameters)
    run.network.run(1000)
    assert len(run.check(1000, i_offset=current, **parameters)) >= 2


@pytest.mark.parametrize("timestep", [0.02, 0.5, 1.0])
def test_any_time_step(timestep):
    """Also where the potential would pass all bounds within one step."""
    n = int(100 / timestep)
    run = Run(timestep=timestep, i_offset=0.012)
    run.network.run(n)
    assert len(run.check(n, i_offset=0.012)) > 3


def test_heterogeneous_cells():
    run = Run(3, d=[2.0, 8.0, 8.0], i_offset=[0.0, 0.01, 0.01])
    run.network.run(1000)
    assert run.check(1000, 0) == []
    assert run.check(1000, 1, d=8.0, i_offset=0.01) == run.check(1000, 2, d=8.0, i_offset=0.01) != []


def test_injected_current():
    run = Run().inject(200, 900, 0.014)
    run.network.run(1000)
    currents = np.zeros(1000)
    currents[200:900] = 0.014
    assert len(run.check(1000, currents=currents)) > 2


def test_weights_are_jumps_in_mV():
    excitatory, inhibitory = (range(50, 800, 30), 4.0), (range(65, 800, 90), -7.0)
    run = Run(jumps={"excitatory": excitatory, "inhibitory": inhibitory}, i_offset=0.004)
    run.network.run(800)
    assert len(run.check(800, jumps=[excitatory, inhibitory], i_offset=0.004)) >= 2


def test_a_jump_to_the_peak_is_a_spike():
    for weight, expected in ((99.9, []), (100.1, [1])):
        run = Run(jumps={"excitatory": ([1], weight)}, a=0.0)
        run.cells.initialize("u", 0.04 * 70.0**2 - 5.0 * 70.0 + 140.0)   # so that v rests at -70 mV
        run.network.run(1)
        assert run.spikes.data[1].tolist() == expected


def test_no_input_undoes_a_peak_that_was_reached():
    current = 0.012
    free = Run(i_offset=current)
    free.network.run(1000)
    when = free.spikes.data[1][1]
    run = Run(jumps={"inhibitory": ([when], -60.0)}, i_offset=current)
    run.network.run(1000)
    assert when in run.check(1000, jumps=[([when], -60.0)], i_offset=current)


def test_step_of_the_spike_has_the_reset_values():
    run = Run(i_offset=0.012, c=-61.0)
    run.network.run(1000)
    steps = run.spikes.data[1]
    assert len(steps) and (run.recorders[0].data[steps, 0] == -61.0).all()


def test_runs_may_be_split_and_repeat_after_a_reset():
    whole, parts = Run(i_offset=0.012), Run(i_offset=0.012)
    whole.network.run(700)
    for n in (1, 300, 399):
        parts.network.run(n)
    expected = whole.recorders[0].data.copy()
    np.testing.assert_array_equal(parts.recorders[0].data, expected)
    whole.network.reset()
    whole.network.run(700)
    np.testing.assert_array_equal(whole.recorders[0].data, expected)


def test_parameters_set_amid_a_run_leave_the_state():
    run = Run(2, i_offset=0.012)
    run.network.run(333)
    run.cells.set({"a": 0.1, "c": -55.0}, [1])
    state = [float(run.cells.value(name)[1]) for name in "vu"]
    run.network.run(667)
    run.check(1000, 0, i_offset=0.012)
    v, u, spikes = izhikevich.simulate(np.zeros(668), H, a=0.1, c=-55.0, i_offset=0.012, v=state[0], u=state[1])
    np.testing.assert_allclose(run.recorders[0].data[333:, 1], v, rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(run.recorders[1].data[333:, 1], u, rtol=0, atol=TOLERANCE)
    cells, steps = run.spikes.data
    assert (steps[(cells == 1) & (steps > 333)] - 333).tolist() == spikes != []


def test_initial_values():
    run = Run(2)
    run.cells.initialize("v", [-60.0, 31.0])
    run.cells.initialize("u", -12.0)
    run.network.run(300)
    run.check(300, 0, v=-60.0, u=-12.0)
    assert run.spikes.data[1][run.spikes.data[0] == 1][0] == 1


@pytest.mark.parametrize("v, current", [(-1e9, 0.0), (-70.0, -1e6), (-70.0, 1e6), (-1e200, 0.0), (-70.0, 1e300)])
def test_whatever_is_given_the_state_stays_finite_and_time_passes(v, current):
    run = Run(i_offset=current)
    run.cells.initialize("v", v)
    run.network.run(20)
    assert np.isfinite(run.recorders[0].data).all() and np.isfinite(run.recorders[1].data).all()
    if current > 0:
        assert len(run.spikes.data[1]) == 20


@pytest.mark.parametrize("name", Izhikevich.PARAMETERS)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_impossible_parameters_are_refused(name, value):
    run = Run()
    with pytest.raises(ValueError, match=rf"^Izhikevich\.{name}: {value} is not allowed; it must be finite"):
        run.cells.set({name: value})


def test_declarations():
    assert Izhikevich.RECEPTORS == ("excitatory", "inhibitory")
    assert Izhikevich.RECORDABLES == {"v": "mV", "u": "mV/ms"}
