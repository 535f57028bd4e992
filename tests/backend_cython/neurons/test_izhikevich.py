"""Izhikevich neurons against the solution of their equations."""

import numpy as np
import pytest

from backend_cython.neurons.izhikevich import Izhikevich
from tests.reference import izhikevich

from ..helpers import H
from .bench import Bench

# mV and mV/ms. Rounding to the grid at each spike lets small errors grow, a thousandfold in 100 ms of fast spiking.
TOLERANCE = 1e-3


class Run(Bench):
    """Cells whose potential, recovery variable and spikes are compared with those of the twin."""

    def __init__(self, size=1, timestep=H, jumps=None, **parameters):
        super().__init__(Izhikevich, "vu", size, timestep, synapses=jumps, **parameters)

    def check(self, n_steps, cell=0, jumps=None, **twin):
        """Returns the steps of the spikes."""
        arriving = self.arrivals(n_steps, jumps).sum(axis=1)
        v, u, spikes = izhikevich.simulate(arriving, self.network.timestep, **twin)
        assert self.spike_steps(cell) == spikes
        np.testing.assert_allclose(self.data("v", cell), v, rtol=0, atol=TOLERANCE)
        np.testing.assert_allclose(self.data("u", cell), u, rtol=0, atol=TOLERANCE)
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
    run = Run()
    run.inject([200, 900], [0.014, 0.0])
    run.network.run(1000)
    currents = np.zeros(1000)
    currents[200:900] = 0.014
    assert len(run.check(1000, currents=currents)) > 2


def test_weights_are_jumps_in_mV():
    jumps = {"excitatory": (range(50, 800, 30), 4.0), "inhibitory": (range(65, 800, 90), -7.0)}
    run = Run(jumps=jumps, i_offset=0.004)
    run.network.run(800)
    assert len(run.check(800, jumps=jumps, i_offset=0.004)) >= 2


def test_a_jump_to_the_peak_is_a_spike():
    for weight, expected in ((99.9, []), (100.1, [1])):
        run = Run(jumps={"excitatory": ([1], weight)}, a=0.0)
        run.cells.initialize("u", 0.04 * 70.0**2 - 5.0 * 70.0 + 140.0)  # so that v rests at -70 mV
        run.network.run(1)
        assert run.spike_steps() == expected


def test_no_input_undoes_a_peak_that_was_reached():
    current = 0.012
    free = Run(i_offset=current)
    free.network.run(1000)
    when = free.spike_steps()[1]
    jumps = {"inhibitory": ([when], -60.0)}
    run = Run(jumps=jumps, i_offset=current)
    run.network.run(1000)
    assert when in run.check(1000, jumps=jumps, i_offset=current)


def test_step_of_the_spike_has_the_reset_values():
    run = Run(i_offset=0.012, c=-61.0)
    run.network.run(1000)
    steps = run.spike_steps()
    assert steps and (run.data("v")[steps] == -61.0).all()


def test_runs_may_be_split_and_repeat_after_a_reset():
    Bench.check_repeatable(lambda: Run(i_offset=0.012), "vu", 700)


def test_parameters_set_amid_a_run_leave_the_state():
    run = Run(2, i_offset=0.012)
    run.network.run(333)
    run.cells.set({"a": 0.1, "c": -55.0}, [1])
    state = [float(run.cells.value(name)[1]) for name in "vu"]
    run.network.run(667)
    run.check(1000, 0, i_offset=0.012)
    v, u, spikes = izhikevich.simulate(np.zeros(668), H, a=0.1, c=-55.0, i_offset=0.012, v=state[0], u=state[1])
    np.testing.assert_allclose(run.data("v", 1)[333:], v, rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(run.data("u", 1)[333:], u, rtol=0, atol=TOLERANCE)
    assert [step - 333 for step in run.spike_steps(1) if step > 333] == spikes != []


def test_initial_values():
    run = Run(2)
    run.cells.initialize("v", [-60.0, 31.0])
    run.cells.initialize("u", -12.0)
    run.network.run(300)
    run.check(300, 0, v=-60.0, u=-12.0)
    assert run.spike_steps(1)[0] == 1


@pytest.mark.parametrize("v, current", [(-1e9, 0.0), (-70.0, -1e6), (-70.0, 1e6), (-1e18, 0.0), (-70.0, 1e18)])
def test_whatever_is_given_the_state_stays_finite_and_time_passes(v, current):
    run = Run(i_offset=current)
    run.cells.initialize("v", v)
    run.network.run(20)
    assert np.isfinite(run.data("v")).all() and np.isfinite(run.data("u")).all()
    if current > 0:
        assert len(run.spike_steps()) == 20


@pytest.mark.parametrize("name", Izhikevich.PARAMETERS)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_impossible_parameters_are_refused(name, value):
    run = Run()
    with pytest.raises(ValueError, match=rf"^Izhikevich\.{name}: {value} .*is not allowed; it must be .*finite"):
        run.cells.set({name: value})


def test_declarations():
    assert Izhikevich.RECEPTORS == ("excitatory", "inhibitory")
    assert Izhikevich.RECORDABLES == {"v": "mV", "u": "mV/ms"}
