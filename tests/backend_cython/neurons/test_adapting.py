"""Neurons that adapt to their own spikes, against the solution of their equations."""

import numpy as np
import pytest

from backend_cython.neurons.gif_cond_exp import GIF_cond_exp
from backend_cython.neurons.if_cond_exp_gsfa_grr import IF_cond_exp_gsfa_grr
from backend_cython.numerics.philox import uniforms
from tests.reference import adapting
from tests.reference.point_neuron import Membrane, Response

from .bench import Bench

TOLERANCE = 1e-6  # mV, uS, nA
SEED = 8
SYNAPSES = {"excitatory": ([30, 35, 500], 0.05), "inhibitory": ([100, 300, 301], 0.04)}
GSFA = {"g_s": "g_s", "g_r": "g_r"}


def responses(tau_syn_E=5.0, tau_syn_I=5.0, e_rev_E=0.0, e_rev_I=-70.0):
    return [Response("exp", tau_syn_E, e_rev=e_rev_E), Response("exp", tau_syn_I, e_rev=e_rev_I)]


def check(bench, n_steps, membrane, adaptation, cell=0, synapses=None, given=None, since=0, **state):
    arrivals = bench.arrivals(n_steps, synapses)
    given = responses() if given is None else given
    v, first, second, spikes = adapting.simulate(membrane, adaptation, given, arrivals, bench.network.timestep, **state)
    assert [step - since for step in bench.spike_steps(cell) if step > since] == spikes
    for name, due in zip(("v", *adaptation.names), (v, first, second)):
        np.testing.assert_allclose(bench.data(name, cell)[since:], due, rtol=0, atol=TOLERANCE)
    return spikes


# ---- conductances of adaptation and refractoriness


def gsfa(**parameters):
    return Bench(IF_cond_exp_gsfa_grr, ("v", "g_s", "g_r"), **parameters)


def test_adaptation_slows_firing():
    bench = gsfa(i_offset=2.0)
    bench.network.run(1200)
    spikes = check(bench, 1200, Membrane(i_offset=2.0), adapting.Conductances())
    intervals = np.diff(spikes)
    assert len(intervals) >= 3 and intervals[-1] > 1.2 * intervals[0]


def test_synapses_and_adaptation():
    bench = gsfa(synapses=SYNAPSES, i_offset=1.5)
    bench.network.run(800)
    assert len(check(bench, 800, Membrane(i_offset=1.5), adapting.Conductances(), synapses=SYNAPSES)) >= 2


def test_strong_refractory_conductance():
    """Where the conductance is too large for the time step, too."""
    bench = gsfa(i_offset=30.0, q_rr=300.0)
    bench.network.run(400)
    assert len(check(bench, 400, Membrane(i_offset=30.0), adapting.Conductances(q_rr=300.0))) >= 3


def test_gsfa_heterogeneous_cells():
    odd_membrane = {"cm": 0.5, "tau_m": 12.0, "v_rest": -68.0, "v_reset": -66.0, "tau_refrac": 1.05, "i_offset": 2.2}
    odd = {
        "v_thresh": -52.0, "tau_sfa": 80.0, "e_rev_sfa": -77.0, "q_sfa": 0.03, "tau_rr": 4.0, "e_rev_rr": -79.0,
        "q_rr": 0.7,
    }  # fmt: skip
    bench = gsfa(size=3, synapses=SYNAPSES, i_offset=2.0)
    bench.cells.set({**odd_membrane, **odd}, [1])
    bench.network.run(600)
    for cell in (0, 2):
        check(bench, 600, Membrane(i_offset=2.0), adapting.Conductances(), cell, SYNAPSES)
    spikes = check(bench, 600, Membrane(**odd_membrane), adapting.Conductances(**odd), 1, SYNAPSES)
    assert len(spikes) >= 2


def test_input_does_not_reach_the_cell_s_own_conductances():
    bench = gsfa(synapses={"excitatory": ([10], 0.01), "inhibitory": ([10], 0.02)})
    bench.network.run(20)
    assert not bench.data("g_s").any() and not bench.data("g_r").any()


def test_gsfa_parameters_set_amid_a_run():
    bench = gsfa(i_offset=2.0)
    bench.network.run(1000)
    g_s = float(bench.cells.value("g_s")[0])
    bench.cells.set({"q_sfa": 0.1})
    assert bench.cells.value("g_s")[0] == g_s > 0.0
    bench.network.run(1000)
    first = next(step for step in bench.spike_steps() if step > 1000)
    g = bench.data("g_s")
    np.testing.assert_allclose(g[first], g[first - 1] * np.exp(-0.1 / 100.0) + 0.1, rtol=1e-12)


def test_gsfa_runs_may_be_split_and_repeat_after_a_reset():
    Bench.check_repeatable(lambda: gsfa(synapses=SYNAPSES, i_offset=2.0), ("v", "g_s", "g_r"), 900)


@pytest.mark.parametrize(
    "name, value", [("q_sfa", -1.0), ("q_rr", np.inf), ("tau_sfa", 0.0), ("tau_rr", 1e-6), ("v_thresh", -70.0)]
)
def test_gsfa_impossible_parameters_are_refused(name, value):
    with pytest.raises(ValueError, match=rf"^IF_cond_exp_gsfa_grr\.{name}: .* is not allowed"):
        gsfa(**{name: value})


# ---- generalised integrate-and-fire neurons

ETA, GAMMA = ((2.0, 0.2), (15.0, 0.1), (90.0, 0.05)), ((3.0, 4.0), (12.0, 2.0), (200.0, 1.0))
LIVELY = {
    "i_offset": 1.5,
    **{f"{kind}_eta{j + 1}": ETA[j][k] for j in range(3) for k, kind in enumerate(("tau", "a"))},
    **{f"{kind}_gamma{j + 1}": GAMMA[j][k] for j in range(3) for k, kind in enumerate(("tau", "a"))},
}
LIVELY_MEMBRANE = {"tau_refrac": 4.0, "i_offset": 1.5}
VARIABLES = ("v", "i_eta", "v_t")


def gif(**parameters):
    return Bench(GIF_cond_exp, VARIABLES, seed=SEED, **parameters)


def escape(stream=0, eta=ETA, gamma=GAMMA, **parameters):
    return adapting.Escape(iter(uniforms(SEED, stream, 5000)), eta=eta, gamma=gamma, **parameters)


def test_gif_spikes_current_and_threshold():
    bench = gif(synapses=SYNAPSES, **LIVELY)
    bench.network.run(1000)
    spikes = check(bench, 1000, Membrane(**LIVELY_MEMBRANE), escape(), synapses=SYNAPSES)
    assert len(spikes) >= 3


def test_gif_heterogeneous_cells():
    odd = {"delta_v": 2.0, "v_t_star": -51.0, "lambda0": 20.0}
    odd_membrane = {"cm": 0.6, "tau_m": 15.0, "v_rest": -67.0, "v_reset": -64.0, "tau_refrac": 0.0, "i_offset": 1.2}
    bench = gif(size=3, **LIVELY)
    bench.cells.set({**odd, **odd_membrane, "a_gamma2": 0.0, "tau_eta1": 5.0}, [1])
    bench.network.run(700)
    check(bench, 700, Membrane(**LIVELY_MEMBRANE), escape(2), 2)
    eta, gamma = ((5.0, 0.2), *ETA[1:]), (GAMMA[0], GAMMA[2])
    assert len(check(bench, 700, Membrane(**odd_membrane), escape(1, eta, gamma, **odd), 1)) >= 2


@pytest.mark.statistics
@pytest.mark.parametrize("distance, delta_v", [(0.0, 1.0), (2.0, 1.0), (-2.0, 4.0)])
def test_hazard_at_a_constant_distance_from_threshold(distance, delta_v):
    """Without refractory time and adaptation the spikes of a step are Bernoulli; 4.5 standard errors."""
    n, n_steps, lambda0 = 400, 1000, 300.0
    still = {f"a_{kind}{j}": 0.0 for kind in ("eta", "gamma") for j in (1, 2, 3)}
    bench = gif(size=n, v_t_star=-65.0 - distance, delta_v=delta_v, lambda0=lambda0, tau_refrac=0.0, **still)
    bench.network.run(n_steps)
    p = -np.expm1(-1e-4 * lambda0 * np.exp(distance / delta_v))
    counts = np.bincount(bench.spikes.data[0], minlength=n)
    assert abs(counts.mean() - n_steps * p) < 4.5 * np.sqrt(n_steps * p * (1 - p) / n)
    assert abs(counts.var() / (n_steps * p * (1 - p)) - 1) < 4.5 * np.sqrt(2 / n)


def test_no_hazard_while_refractory():
    bench = gif(tau_refrac=4.0, v_t_star=-100.0, lambda0=1e6)
    bench.network.run(500)
    assert (np.diff(bench.spike_steps()) == 41).all() and len(bench.spike_steps()) > 10


def test_sharp_threshold():
    """As delta_v goes to 0 the threshold is a hard one, and nothing overflows."""
    still = {f"a_{kind}{j}": 0.0 for kind in ("eta", "gamma") for j in (1, 2, 3)}
    bench = gif(delta_v=1e-6, i_offset=1.0, v_t_star=-55.0, **still)
    bench.network.run(1000)
    steps = np.array(bench.spike_steps())
    v = bench.data("v")
    assert len(steps) >= 4 and (v < -55.0).all() and (v[steps - 1] > -55.1).all()


def test_initial_values_of_current_and_threshold_fade():
    bench = gif(size=2)
    bench.cells.initialize("v_t", [-40.0, -48.0])
    bench.cells.initialize("i_eta", [0.0, 0.3])
    bench.cells.set({"tau_m": 21.0})
    for _ in range(2):
        bench.network.run(200)
        fade = np.exp(-0.1 * np.arange(201) / 100.0)
        assert bench.spikes.data[0].size == 0
        np.testing.assert_allclose(bench.data("v_t", 0), -48.0 + 8.0 * fade, rtol=1e-12)
        np.testing.assert_allclose(bench.data("i_eta", 1), 0.3 * fade, rtol=1e-12)
        assert (bench.data("v_t", 1) == -48.0).all() and not bench.data("i_eta", 0).any()
        bench.network.reset()


def test_threshold_starts_at_its_baseline():
    bench = gif(v_t_star=-55.0)
    bench.network.run(10)
    assert (bench.data("v_t") == -55.0).all()


def test_gif_parameters_set_amid_a_run_leave_what_spikes_left():
    bench = gif(**LIVELY)
    bench.network.run(700)
    assert bench.spike_steps()
    before = {name: float(bench.cells.value(name)[0]) for name in VARIABLES}
    bench.cells.set({"v_t_star": -50.0, "tau_eta1": 4.0})
    after = {name: float(bench.cells.value(name)[0]) for name in VARIABLES}
    assert after["v"] == before["v"] and after["i_eta"] == before["i_eta"]
    assert after["v_t"] == pytest.approx(before["v_t"] - 2.0, abs=1e-12)
    left = bench.cells.value("i_eta.1")[0], bench.cells.value("i_eta.2")[0], bench.cells.value("i_eta.3")[0]
    bench.network.run(1)
    decay = np.exp(-0.1 / np.array([4.0, 15.0, 90.0]))
    if 701 not in bench.spike_steps():
        assert bench.data("i_eta")[701] == pytest.approx(-np.dot(left, decay), rel=1e-12)


def test_gif_runs_may_be_split_and_repeat_after_a_reset():
    Bench.check_repeatable(lambda: gif(synapses=SYNAPSES, **LIVELY), VARIABLES, 900)


@pytest.mark.parametrize(
    "name, value",
    [("delta_v", 0.0), ("lambda0", -1.0), ("tau_eta2", 0.0), ("tau_gamma3", 1e-6), ("a_eta1", np.nan), ("tau_m", 1e-6)],
)
def test_gif_impossible_parameters_are_refused(name, value):
    with pytest.raises(ValueError, match=rf"^GIF_cond_exp\.{name}: .* is not allowed"):
        gif(**{name: value})
