"""Adaptive exponential integrate-and-fire neurons, against the readable twin."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.recorder import SampleRecorder, SpikeRecorder
from backend_cython.neurons.adaptive_exponential import AdaptiveExponential
from backend_cython.neurons.responses import compose
from backend_cython.neurons.standard_cells import EIF_cond_alpha_isfa_ista, EIF_cond_exp_isfa_ista
from tests.reference.point_neuron import Adaptation, Membrane, Response

from ..helpers import H, source, static
from .point_neurons import Driven, composed

N = 300
STEPS = np.r_[np.zeros(50), np.full(150, 0.8), np.full(50, -0.3), np.full(50, 1.0)]  # nA
REST = {"cm": 0.281, "tau_m": 9.3667, "v_rest": -70.6, "v_thresh": -50.4, "v_reset": -70.6}
RESPONSES = {
    "a": ("cond_exp", {"tau_syn": 3.0, "e_syn": 0.0}),
    "b": ("cond_alpha", {"tau_syn": 5.0, "e_syn": -80.0}),
    "c": ("curr_exp", {"tau_syn": 2.0}),
    "d": ("curr_delta", {}),
}
WEIGHTS = (0.02, 0.01, 0.1, 1.0)

CELLS = {
    "default": {},
    "refractory": {"tau_refrac": 2.0, "v_reset": -60.0},
    "without refractory time": {"tau_refrac": 0.0, "v_reset": -55.0, "i_offset": 0.8},
    "high cut-off": {"v_spike": 0.0},
    "sharp": {"delta_T": 0.5, "v_spike": -42.0},
    "strong adaptation": {"a": 0.03, "tau_w": 20.0, "b": 0.3, "i_offset": 1.0},
    "resonant": {"a": 0.08, "tau_w": 30.0, "b": 0.0, "i_offset": 1.2},
    "without an upstroke": {"delta_T": 0.0},
    "several spikes in a step": {"tau_refrac": 0.0, "v_reset": -52.0, "i_offset": 60.0, "b": 0.01},
}


def twin_of(parameters):
    given = {**REST, **parameters}
    extra = {name: given.pop(name) for name in list(given) if name in Adaptation.__dataclass_fields__}
    return Membrane(**given, adaptation=Adaptation(**extra))


def bench_of(weights=WEIGHTS, n=N, **arguments):
    cls, values, twins = composed(AdaptiveExponential, RESPONSES)
    return Driven(cls, n, weights, currents=STEPS[:n], **{**values, **arguments}), twins


@pytest.mark.parametrize("name", CELLS)
def test_against_the_twin(name):
    several = name == "several spikes in a step"
    bench, twins = bench_of(n=40 if several else N, **CELLS[name])
    v, w, _, spikes = bench.run().twin(twin_of(CELLS[name]), twins, v_init=-70.6)
    assert bench.spike_steps() == spikes and len(spikes) > 1
    np.testing.assert_allclose(bench.data("v"), v, rtol=0, atol=1e-5)
    np.testing.assert_allclose(bench.data("w"), w, rtol=0, atol=1e-7)
    assert np.median(np.abs(bench.data("v") - v)) < (1e-6 if several else 1e-7)
    assert (len(spikes) > len(set(spikes))) == several


@pytest.mark.parametrize("cls, shape", [(EIF_cond_exp_isfa_ista, "exp"), (EIF_cond_alpha_isfa_ista, "alpha")])
def test_standard_cells_have_the_responses_of_their_name(cls, shape):
    bench = Driven(cls, N, (0.03, 0.01), currents=STEPS, tau_syn_E=2.0, tau_syn_I=4.0)
    twins = [Response(shape, 2.0, e_rev=0.0), Response(shape, 4.0, e_rev=-80.0)]
    v, _, values, spikes = bench.run().twin(twin_of({}), twins, v_init=-70.6)
    assert bench.spike_steps() == spikes and len(spikes) > 1
    np.testing.assert_allclose(bench.data("v"), v, rtol=0, atol=1e-5)
    for k, name in enumerate(("gsyn_exc", "gsyn_inh")):
        np.testing.assert_allclose(bench.data(name), values[:, k], rtol=0, atol=1e-13)


def test_cells_of_one_population_may_all_differ():
    varied = {"a": [0.004, 0.02, 0.0], "b.tau_syn": [2.0, 2.0, 0.5], "tau_refrac": [0.0, 2.0, 1.0],
              "delta_T": [2.0, 1.0, 0.0]}  # fmt: skip
    bench, _ = bench_of(size=3)
    bench.cells.set(varied)
    bench.run()
    for cell in range(3):
        alone, _ = bench_of()
        alone.cells.set({name: values[cell] for name, values in varied.items()})
        alone.run()
        np.testing.assert_array_equal(bench.data("v", cell), alone.data("v"))
        assert bench.spike_steps(cell) == alone.spike_steps() != []


def test_parts_resets_and_repeats():
    whole, _ = bench_of(tau_refrac=1.0)
    whole.run()
    traces, fired = {name: whole.data(name).copy() for name in "vw"}, whole.spike_steps()
    parts, _ = bench_of(tau_refrac=1.0)
    for n in (1, 119, 80, 100):
        parts.run(n)
    whole.network.reset()
    whole.run()
    for bench in (parts, whole):
        assert bench.spike_steps() == fired
        for name in "vw":
            np.testing.assert_array_equal(bench.data(name), traces[name])


def test_adaptation_in_refractory_time():
    """w relaxes to a (v_reset − v_rest), from b on."""
    network = Network(H)
    cells = compose(AdaptiveExponential, {})(network, 1)
    cells.set({"tau_refrac": 50.0, "a": 0.01, "b": 0.2, "tau_w": 20.0, "v_reset": -60.0})
    cells.initialize("v", 0.0)
    w, v = (SampleRecorder(cells, name, np.arange(1)) for name in "wv")
    network.run(400)
    target = 0.01 * (-60.0 + 70.6)
    due = target + (0.2 - target) * np.exp(-np.arange(1, 401) * H / 20.0)
    np.testing.assert_allclose(w.data[1:, 0], due, rtol=1e-12)
    assert (v.data[1:] == -60.0).all()


@pytest.mark.parametrize("tau_refrac, clamped", [(0.1, 1), (0.3, 3), (2.0, 20)])
def test_refractory_time(tau_refrac, clamped):
    network = Network(H)
    cells = compose(AdaptiveExponential, {})(network, 1)
    cells.set({"i_offset": 1e3, "tau_refrac": tau_refrac})
    spikes = SpikeRecorder(cells)
    network.run(80)
    assert spikes.data[1].tolist() == list(range(1, 81, clamped + 1))


def test_a_jump_over_the_cut_off_is_a_spike_at_once():
    network = Network(H)
    cells = compose(AdaptiveExponential, {"a": "curr_delta"})(network, 1)
    static(source(network, [3]), cells, 1, 100.0, "a")
    spikes, w = SpikeRecorder(cells), SampleRecorder(cells, "w", np.arange(1))
    network.run(6)
    assert spikes.data[1].tolist() == [4]
    assert w.data[4, 0] == pytest.approx(0.0805, abs=1e-3)


EXTREMES = {
    "hardly any width": {"delta_T": 1e-9},
    "an upstroke without end": {"v_spike": 1e6},
    "absurd current": {"i_offset": 1e9, "tau_refrac": 0.0},
    "absurd inhibition": {"i_offset": -1e12},
    "fast membrane": {"tau_m": 1e-4},
    "fast adaptation": {"tau_w": 1e-4, "a": 1.0},
    "runaway adaptation": {"a": -1e3, "tau_w": 1.0},
    "above the cut-off": {"v_thresh": -100.0, "tau_refrac": 0.0},
}


@pytest.mark.parametrize("weight", [0.01, 1e3, 1e6, 1e12, 1e18])
@pytest.mark.parametrize("name", EXTREMES)
def test_extremes_end_and_stay_finite(name, weight):
    bench, _ = bench_of(weights=(weight, weight, -weight, weight), **EXTREMES[name])
    bench.run(25)
    assert np.isfinite(bench.data("v")).all() and np.isfinite(bench.data("w")).all()
    assert (bench.data("v") <= EXTREMES[name].get("v_spike", -40.0)).all()


def test_stiff_conductances_hold_the_potential():
    """Beyond what the explicit method can take the potential is where the currents balance."""
    network = Network(H)
    cells = compose(AdaptiveExponential, {"a": "cond_exp", "b": "cond_exp"})(network, 1)
    cells.set({"a.e_syn": -60.0, "b.e_syn": -90.0, "a.tau_syn": 3.0, "b.tau_syn": 5.0})
    for receptor in "ab":
        static(source(network, [3]), cells, 1, 1e6, receptor)
    v, g, m = (SampleRecorder(cells, name, np.arange(1)) for name in ("v", "a.gsyn", "b.gsyn"))
    network.run(30)
    balance = (-60.0 * g.data + -90.0 * m.data) / (g.data + m.data + 1e-300)
    np.testing.assert_allclose(v.data[5:], balance[5:], rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    "bad, message",
    [
        (
            {"v_spike": -70.6},
            r"v_spike: -70\.6 mV \(index 0\) is not allowed; it must be above -70\.6 mV \(v_reset\)",
        ),
        ({"delta_T": 0.0, "v_thresh": -71.0}, r"v_thresh: -71\.0 .*above -70\.6 mV \(v_reset, since delta_T is 0"),
        ({"delta_T": -1.0}, r"delta_T: -1\.0"),
        ({"tau_w": 0.0}, r"tau_w: 0\.0"),
        ({"tau_w": 1e-5}, r"tau_w: .*a thousandth of the time step"),
        ({"cm": -1.0}, r"cm: -1\.0"),
        ({"a": np.nan}, r"a: nan"),
    ],
)
def test_values_that_are_refused(bad, message):
    cells = EIF_cond_exp_isfa_ista(Network(H), 1)
    with pytest.raises(ValueError, match=rf"^EIF_cond_exp_isfa_ista\.{message}"):
        cells.set(bad)
    assert all((cells.get(name) == p.default).all() for name, p in cells.PARAMETERS.items())
