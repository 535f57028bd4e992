"""Hodgkin–Huxley neurons against the solution of their equations."""

import numpy as np
import pytest

from backend_cython.neurons.hh_cond_exp import HH_cond_exp
from tests.reference import hodgkin_huxley
from tests.reference.point_neuron import Response

from .bench import Bench

TOLERANCE = 1e-3  # mV, and of the activations
NAMES = "vmhn"
EXCITATORY, INHIBITORY = ([20, 23, 150, 300, 330], 0.2), ([60, 200, 310], 0.05)
SYNAPSES = {"excitatory": EXCITATORY, "inhibitory": INHIBITORY}


def responses(tau_syn_E=0.2, tau_syn_I=2.0, e_rev_E=0.0, e_rev_I=-80.0):
    return [Response("exp", tau_syn_E, e_rev=e_rev_E), Response("exp", tau_syn_I, e_rev=e_rev_I)]


def check(bench, n_steps, cell=0, synapses=None, given=None, **parameters):
    given = responses() if given is None else given
    arrivals = bench.arrivals(n_steps, synapses)
    trace, spikes = hodgkin_huxley.simulate(
        hodgkin_huxley.HodgkinHuxley(**parameters), given, arrivals, bench.network.timestep
    )
    for k, name in enumerate(NAMES):
        np.testing.assert_allclose(bench.data(name, cell), trace[:, k], rtol=0, atol=TOLERANCE)
    assert bench.spike_steps(cell) == spikes
    return spikes


def test_repetitive_firing():
    bench = Bench(HH_cond_exp, NAMES, i_offset=0.7)
    bench.network.run(600)
    assert len(check(bench, 600, i_offset=0.7)) >= 3


def test_rest_and_the_transient_of_the_initial_state():
    bench = Bench(HH_cond_exp, NAMES)
    bench.network.run(300)
    check(bench, 300)


def test_synapses():
    bench = Bench(HH_cond_exp, NAMES, synapses=SYNAPSES, i_offset=0.1)
    bench.network.run(400)
    assert len(check(bench, 400, synapses=SYNAPSES, i_offset=0.1)) >= 2


def test_input_that_hardly_makes_a_spike():
    """Where it hangs by a thread whether a cell fires now, errors grow most."""
    rng, n_steps = np.random.default_rng(3), 1100
    trains = [np.sort(np.rint(rng.uniform(10, 1950, n)).astype(int) + 1) for n in (60, 20)]
    synapses = {name: (t[t < n_steps], 0.01) for name, t in zip(("excitatory", "inhibitory"), trains)}
    synaptic = {"tau_syn_E": 3.0, "tau_syn_I": 7.0}
    bench = Bench(HH_cond_exp, NAMES, synapses=synapses, **synaptic)
    bench.network.run(n_steps)
    assert len(check(bench, n_steps, synapses=synapses, given=responses(**synaptic))) >= 8


def test_all_parameters_and_heterogeneous_cells():
    odd = {
        "gbar_Na": 25.0, "gbar_K": 8.0, "g_leak": 0.02, "cm": 0.15, "v_offset": -60.0, "e_rev_Na": 45.0,
        "e_rev_K": -85.0, "e_rev_leak": -66.0, "i_offset": 0.9,
    }  # fmt: skip
    synaptic = {"tau_syn_E": 1.0, "tau_syn_I": 4.0, "e_rev_E": -5.0, "e_rev_I": -75.0}
    bench = Bench(HH_cond_exp, NAMES, size=3, synapses=SYNAPSES)
    bench.cells.set({**odd, **synaptic}, [1])
    bench.network.run(400)
    check(bench, 400, 0, SYNAPSES)
    check(bench, 400, 2, SYNAPSES)
    assert len(check(bench, 400, 1, SYNAPSES, responses(**synaptic), **odd)) >= 1


def test_one_spike_for_each_peak():
    """Where the peak is, whatever the time step; falling from it for many steps is no further spike."""
    fine, coarse = (Bench(HH_cond_exp, NAMES, timestep=h, i_offset=0.7) for h in (0.01, 0.1))
    fine.network.run(6000)
    coarse.network.run(600)
    v = fine.data("v")
    peaks = np.flatnonzero((v[1:-1] > v[:-2]) & (v[1:-1] >= v[2:]) & (v[1:-1] > -33.0)) + 1
    assert fine.spike_steps() == (peaks + 1).tolist()
    assert len(coarse.spike_steps()) == len(peaks)
    late = np.array(coarse.spike_steps()) * 0.1 - peaks * 0.01
    assert (late > 0).all() and (late < 0.2).all()


def test_the_step_hardly_matters():
    fine, coarse = (Bench(HH_cond_exp, NAMES, timestep=h, i_offset=0.7) for h in (0.01, 0.1))
    fine.network.run(3000)
    coarse.network.run(300)
    np.testing.assert_allclose(coarse.data("v"), fine.data("v")[::10], rtol=0, atol=TOLERANCE)


def test_runs_may_be_split_and_repeat_after_a_reset():
    Bench.check_repeatable(lambda: Bench(HH_cond_exp, NAMES, synapses=SYNAPSES, i_offset=0.7), NAMES, 300)


def test_parameters_set_amid_a_run_leave_the_state():
    bench = Bench(HH_cond_exp, NAMES, i_offset=0.7)
    bench.network.run(200)
    state = {name: float(bench.cells.value(name)[0]) for name in NAMES}
    bench.cells.set({"gbar_K": 9.0, "i_offset": 1.0})
    bench.network.run(200)
    cell = hodgkin_huxley.HodgkinHuxley(gbar_K=9.0, i_offset=1.0)
    trace, _ = hodgkin_huxley.simulate(cell, responses(), np.zeros((201, 2)), 0.1, **state)
    np.testing.assert_allclose(bench.data("v")[200:], trace[:, 0], rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize(
    "v, current, weight", [(-1e6, 0.0, 0.0), (1e6, 0.0, 0.0), (-65.0, 1e9, 0.0), (-65.0, 0.0, 1e9)]
)
def test_whatever_is_given_the_state_stays_finite(v, current, weight):
    bench = Bench(HH_cond_exp, NAMES, synapses={"excitatory": ([5], weight)}, i_offset=current)
    bench.cells.initialize("v", v)
    bench.network.run(20)
    for name in NAMES:
        assert np.isfinite(bench.data(name)).all()


@pytest.mark.parametrize(
    "name, value, allowed",
    [
        ("gbar_Na", -1.0, "zero or positive"),
        ("g_leak", np.nan, "zero or positive"),
        ("cm", 0.0, "positive"),
        ("cm", 1e-7, "at least"),
        ("tau_syn_E", 0.0, "positive"),
        ("tau_syn_I", 1e-6, "at least"),
        ("e_rev_Na", np.inf, "finite"),
    ],
)
def test_impossible_parameters_are_refused(name, value, allowed):
    bench = Bench(HH_cond_exp, NAMES)
    with pytest.raises(ValueError, match=rf"^HH_cond_exp\.{name}: .* is not allowed.*{allowed}"):
        bench.cells.set({name: value})
