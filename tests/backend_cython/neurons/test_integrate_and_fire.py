"""Leaky integrate-and-fire neurons with all kinds of responses, against the readable twin."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.recorder import SampleRecorder, SpikeRecorder
from backend_cython.neurons.if_facets_hardware1 import IF_facets_hardware1
from backend_cython.neurons.integrate_and_fire import IntegrateAndFire
from backend_cython.neurons.responses import compose
from backend_cython.neurons.standard_cells import IF_cond_alpha, IF_cond_exp, IF_curr_alpha, IF_curr_delta, IF_curr_exp
from tests.reference.point_neuron import Membrane, Response

from ..helpers import H, source, static
from .point_neurons import Driven, composed

N = 150
STEPS = np.r_[np.zeros(20), np.full(70, 0.8), np.full(30, -0.3), np.zeros(30)]  # nA
MEMBRANE = {"tau_m": 10.0, "cm": 0.5, "tau_refrac": 1.0, "v_thresh": -58.0, "v_reset": -62.0, "i_offset": 0.3}

MIXES = {
    "jumps": {"a": ("curr_delta", {}, 4.0), "b": ("curr_delta", {}, -2.0)},
    "exponential currents": {"a": ("curr_exp", {"tau_syn": 3.0}, 0.7), "b": ("curr_exp", {"tau_syn": 5.0}, -0.4)},
    "a current as slow as the membrane": {"a": ("curr_exp", {"tau_syn": 10.0}, 0.4)},
    "alpha currents": {"a": ("curr_alpha", {"tau_syn": 3.0}, 0.7), "b": ("curr_alpha", {"tau_syn": 10.0}, -0.3)},
    "beta currents": {
        "a": ("curr_beta", {"tau_rise": 0.5, "tau_decay": 10.0}, 0.6),
        "b": ("curr_beta", {"tau_rise": 3.0, "tau_decay": 4.0}, -0.3),
    },
    "exponential conductances": {
        "a": ("cond_exp", {"tau_syn": 3.0, "e_syn": 0.0}, 0.02),
        "b": ("cond_exp", {"tau_syn": 6.0, "e_syn": -80.0}, 0.03),
    },
    "alpha conductances": {
        "a": ("cond_alpha", {"tau_syn": 0.3, "e_syn": 0.0}, 0.1),
        "b": ("cond_alpha", {"tau_syn": 5.0, "e_syn": -80.0}, 0.03),
    },
    "beta conductances": {
        "a": ("cond_beta", {"tau_rise": 0.2, "tau_decay": 2.0, "e_syn": 0.0}, 0.04),
        "b": ("cond_beta", {"tau_rise": 3.0, "tau_decay": 30.0, "e_syn": -75.0}, 0.02),
    },
    "everything": {
        "a": ("cond_exp", {"tau_syn": 3.0, "e_syn": 0.0}, 0.02),
        "b": ("cond_alpha", {"tau_syn": 5.0, "e_syn": -80.0}, 0.03),
        "c": ("cond_beta", {"tau_rise": 0.3, "tau_decay": 2.0, "e_syn": -20.0}, 0.02),
        "d": ("curr_exp", {"tau_syn": 5.0}, 0.2),
        "e": ("curr_alpha", {"tau_syn": 2.0}, -0.2),
        "f": ("curr_delta", {}, 1.0),
    },
    "shorter than the time step": {
        "a": ("cond_exp", {"tau_syn": 0.04, "e_syn": 0.0}, 1.0),
        "b": ("cond_alpha", {"tau_syn": 0.05, "e_syn": -80.0}, 0.5),
        "c": ("curr_exp", {"tau_syn": 0.01}, 3.0),
    },
    "large within a part of the step": {
        "a": ("cond_alpha", {"tau_syn": 0.05, "e_syn": -58.5}, 13.0),
    },
    "conductances that are large for the step": {
        "a": ("cond_exp", {"tau_syn": 3.0, "e_syn": -20.0}, 10.0),
        "b": ("cond_exp", {"tau_syn": 3.0, "e_syn": -80.0}, 60.0),
    },
    "nothing": {},
}


def bench_of(mix, weights=None, membrane=MEMBRANE, **arguments):
    cls, values, twins = composed(IntegrateAndFire, {name: (kind, given) for name, (kind, given, _) in mix.items()})
    weights = [weight for _, _, weight in mix.values()] if weights is None else weights
    return Driven(cls, N, weights, currents=STEPS, **{**membrane, **values}, **arguments), twins


@pytest.mark.parametrize("name", MIXES)
def test_against_the_twin(name):
    """Potential, responses and spikes under steps of current and input through every receptor."""
    bench, twins = bench_of(MIXES[name], initial={"v": -70.0})
    v, _, values, spikes = bench.run().twin(Membrane(**MEMBRANE), twins, v_init=-70.0)
    np.testing.assert_allclose(bench.data("v"), v, rtol=0, atol=3e-7)
    for receptor, (kind, _, weight) in MIXES[name].items():
        if kind != "curr_delta":
            signal = f"{receptor}.{'gsyn' if kind.startswith('cond') else 'isyn'}"
            due = values[:, list(MIXES[name]).index(receptor)]
            np.testing.assert_allclose(bench.data(signal), due, rtol=0, atol=1e-12 * abs(weight))
    assert bench.spike_steps() == spikes and spikes


def test_linear_cells_are_exact():
    mix = MIXES["alpha currents"]
    membrane = {**MEMBRANE, "v_thresh": 1e3}
    bench, twins = bench_of(mix, membrane=membrane)
    v = bench.run().twin(Membrane(**membrane), twins)[0]
    np.testing.assert_allclose(bench.data("v"), v, rtol=0, atol=1e-11)


@pytest.mark.parametrize("apart", [0.0, 1e-12, 1e-9, 1e-6, 1e-3])
@pytest.mark.parametrize("kind", ["curr_beta", "cond_beta"])
def test_time_constants_that_coincide(kind, apart):
    """Rise, decay and membrane: the limit is the alpha function of a cell with the same time constant."""
    given = {"tau_rise": 10.0 * (1 - apart), "tau_decay": 10.0}
    bench, _ = bench_of({"a": (kind, given, 0.02)})
    alpha, _ = bench_of({"a": (kind.replace("beta", "alpha"), {"tau_syn": 10.0}, 0.02)})
    np.testing.assert_allclose(bench.run().data("v"), alpha.run().data("v"), rtol=0, atol=1e-9 + 5.0 * apart)


def test_peaks_are_weights():
    kinds = {"a": "curr_exp", "b": "cond_alpha", "c": "cond_beta", "d": "curr_beta"}
    cls = compose(IntegrateAndFire, kinds)
    values = {"b.tau_syn": 2.0, "c.tau_rise": 0.5, "c.tau_decay": 3.0, "d.tau_rise": 2.0, "d.tau_decay": 2.0}
    network = Network(0.01)
    cells = cls(network, 1)
    cells.set({**values, "v_thresh": 1e9})
    pre = source(network, [])
    pre.set_spikes([[0.1]])
    recorders = [SampleRecorder(cells, response.signal, np.arange(1)) for response in cls.RESPONSES.values()]
    for receptor in kinds:
        static(pre, cells, 1, 0.3, receptor)
    network.run(1000)
    for recorder in recorders:
        assert recorder.data.max() == pytest.approx(0.3, rel=1e-5)


@pytest.mark.parametrize("cls, kind", [(IF_curr_exp, "curr_exp"), (IF_curr_alpha, "curr_alpha"),
                                       (IF_cond_exp, "cond_exp"), (IF_cond_alpha, "cond_alpha"),
                                       (IF_curr_delta, "curr_delta")])  # fmt: skip
def test_standard_cells_have_the_responses_of_their_name(cls, kind):
    given = {} if kind == "curr_delta" else {"tau_syn": (2.0, 4.0)}
    if kind.startswith("cond"):
        given["e_syn"] = (-5.0, -85.0)
    weights = {"curr_delta": (3.0, -2.0), "curr_exp": (0.7, -0.3), "curr_alpha": (0.7, -0.3)}.get(kind, (0.03, 0.04))
    bench = Driven(cls, N, weights, currents=STEPS, **MEMBRANE, **{
        f"{ {'tau_syn': 'tau_syn', 'e_syn': 'e_rev'}[name] }_{side}": pair[k]
        for name, pair in given.items() for k, side in enumerate("EI")
    })  # fmt: skip
    twins = [
        Response(kind.split("_")[1], given.get("tau_syn", (1, 1))[k], e_rev=given.get("e_syn", (None, None))[k])
        for k in range(2)
    ]
    v, _, values, spikes = bench.run().twin(Membrane(**MEMBRANE), twins)
    np.testing.assert_allclose(bench.data("v"), v, rtol=0, atol=2e-7)
    assert bench.spike_steps() == spikes and len(spikes) > 1
    for k, name in enumerate(list(cls.RECORDABLES)[1:]):
        np.testing.assert_allclose(bench.data(name), values[:, k], rtol=0, atol=1e-12)


def test_the_hardware_neuron():
    """0.2 nF, 1 ms and 0 mV are fixed."""
    bench = Driven(IF_facets_hardware1, N, (0.02, 0.005), g_leak=0.02, tau_syn_E=4.0, tau_syn_I=6.0)
    twins = [Response("exp", 4.0, e_rev=0.0), Response("exp", 6.0, e_rev=-80.0)]
    membrane = Membrane(cm=0.2, tau_m=10.0, v_thresh=-55.0, v_reset=-80.0, tau_refrac=1.0)
    v, _, _, spikes = bench.run().twin(membrane, twins)
    np.testing.assert_allclose(bench.data("v"), v, rtol=0, atol=2e-7)
    assert bench.spike_steps() == spikes and len(spikes) > 1


def test_cells_of_one_population_may_all_differ():
    mix = MIXES["everything"]
    varied = {"tau_m": [8.0, 8.0, 15.0, 8.0], "a.tau_syn": [1.0, 1.0, 3.0, 0.04], "tau_refrac": [0.0, 0.0, 3.0, 1.0],
              "v_thresh": [-58.0, -58.0, -57.0, -59.0]}  # fmt: skip
    bench, _ = bench_of(mix, size=4)
    bench.cells.set(varied)
    bench.run()
    for cell in range(4):
        alone, _ = bench_of(mix)
        alone.cells.set({name: values[cell] for name, values in varied.items()})
        alone.run()
        np.testing.assert_array_equal(bench.data("v", cell), alone.data("v"))
        assert bench.spike_steps(cell) == alone.spike_steps()
    assert bench.spike_steps(0) == bench.spike_steps(1) != bench.spike_steps(2)


# ---- threshold, reset and refractory time


@pytest.mark.parametrize(
    "tau_refrac, clamped", [(0.0, 0), (0.1, 1), (0.11, 2), (0.3, 3), (2.0, 20), (0.7, 7), (1e-4, 0)]
)
@pytest.mark.parametrize("kind", ["curr_exp", "cond_exp"])
def test_refractory_time(kind, tau_refrac, clamped):
    """A drive that lifts the cell over its threshold in every free step; rounded up to whole steps."""
    cls = compose(IntegrateAndFire, {"a": kind})
    network = Network(H)
    cells = cls(network, 1)
    cells.set({"i_offset": 5e3, "tau_refrac": tau_refrac, "v_reset": -66.0})
    v, spikes = SampleRecorder(cells, "v", np.arange(1)), SpikeRecorder(cells)
    network.run(60)
    assert spikes.data[1].tolist() == list(range(1, 61, clamped + 1))
    assert (v.data[1:] == -66.0).all()


def test_the_potential_at_the_threshold_is_a_spike():
    network = Network(H)
    cells = IF_curr_delta(network, 3)
    cells.set({"v_thresh": -50.0, "v_rest": -65.0, "v_reset": [-65.0, -70.0, -65.0]})
    static(source(network, [3]), cells, 1, 15.0, "excitatory")
    cells.set({"v_thresh": np.nextafter(-50.0, 0)}, [2])
    spikes, v = SpikeRecorder(cells), SampleRecorder(cells, "v", np.arange(3))
    network.run(5)
    assert spikes.data[0].tolist() == [0, 1] and spikes.data[1].tolist() == [4, 4]
    assert v.data[4].tolist() == [-65.0, -70.0, -50.0]


def test_jumps_of_refractory_cells_are_lost():
    network = Network(H)
    cells = IF_curr_delta(network, 1)
    cells.set({"tau_refrac": 1.0})
    static(source(network, [1, 5, 11]), cells, 1, 20.0, "excitatory")
    static(source(network, [12]), cells, 1, 10.0, "excitatory")
    v, spikes = SampleRecorder(cells, "v", np.arange(1)), SpikeRecorder(cells)
    network.run(15)
    assert spikes.data[1].tolist() == [2]
    np.testing.assert_array_equal(v.data[2:13], -65.0)
    assert v.data[13, 0] == -55.0


def test_other_responses_run_on_in_refractory_time():
    network = Network(H)
    cells = IF_cond_exp(network, 1)
    cells.set({"tau_refrac": 5.0, "i_offset": 1e3})
    static(source(network, [3]), cells, 1, 0.1, "excitatory")
    g = SampleRecorder(cells, "gsyn_exc", np.arange(1))
    network.run(20)
    np.testing.assert_allclose(g.data[4:, 0], 0.1 * np.exp(-np.arange(17) * H / 5.0), rtol=1e-13)


def test_late_jumps_over_the_threshold_are_not_forgotten():
    """Input whose delay lies before the synapse comes after the threshold of its step: the next one is stamped."""
    network = Network(H)
    cells = IF_curr_delta(network, 1)
    cells.set({"tau_refrac": 1.0, "tau_m": 0.5})
    static(source(network, [3, 7]), cells, 0, 15.01, "excitatory", axonal=2)
    spikes, v = SpikeRecorder(cells), SampleRecorder(cells, "v", np.arange(1))
    network.run(20)
    assert v.data[5, 0] == pytest.approx(-49.99) and spikes.data[1].tolist() == [6]
    assert (v.data[6:] == -65.0).all()


# ---- changes, resets, parts


@pytest.mark.parametrize("name", ["everything", "alpha currents", "conductances that are large for the step"])
def test_parts_resets_and_repeats(name):
    whole, _ = bench_of(MIXES[name])
    whole.run()
    v, fired = whole.data("v").copy(), whole.spike_steps()
    assert len(fired) > 1
    parts, _ = bench_of(MIXES[name])
    for n in (1, 49, 70, 30):
        parts.run(n)
    np.testing.assert_array_equal(parts.data("v"), v)
    assert parts.spike_steps() == fired
    whole.network.reset()
    whole.run()
    np.testing.assert_array_equal(whole.data("v"), v)
    assert whole.spike_steps() == fired


def test_parameters_set_in_mid_run_act_from_there_on():
    """The twin starts from the state at the change."""
    network = Network(H)
    cells = IF_curr_exp(network, 1)
    cells.set({"i_offset": 0.3, "v_thresh": 1e3})
    cells.initialize("isyn_exc", 0.5)
    v = SampleRecorder(cells, "v", np.arange(1))
    network.run(50)
    at, current = v.data[-1, 0], cells.value("isyn_exc")[0]
    assert current == pytest.approx(0.5 * np.exp(-1.0), rel=1e-12)
    cells.set({"tau_syn_E": 20.0, "cm": 2.0, "tau_m": 20.0, "i_offset": -0.1})
    assert cells.value("v")[0] == at
    network.run(100)
    t = np.arange(101) * H
    due = -65.0 - 0.1 * 10.0 + (at + 65.0 + 1.0) * np.exp(-t / 20.0) + current / 2.0 * t * np.exp(-t / 20.0)
    np.testing.assert_allclose(v.data[50:, 0], due, rtol=0, atol=1e-11)


def test_a_change_within_the_refractory_time_leaves_it():
    network = Network(H)
    cells = IF_curr_exp(network, 2)
    cells.set({"i_offset": 1e4, "tau_refrac": 1.0})
    spikes = SpikeRecorder(cells)
    network.run(3)
    cells.set({"tau_refrac": [0.1, 3.0]})
    network.run(20)
    steps = [spikes.data[1][spikes.data[0] == cell].tolist()[:3] for cell in range(2)]
    assert steps == [[1, 12, 14], [1, 12]]


def test_nothing_that_arrives_makes_potentials_infinite():
    """Absurd conductances pull the potential to their reversal, absurdly short time constants do no harm."""
    cls = compose(IntegrateAndFire, {"a": "cond_exp", "b": "cond_beta", "c": "curr_exp"})
    for weight in (1e3, 1e6, 1e9, 1e15):
        network = Network(H)
        cells = cls(network, 1)
        cells.set({"v_thresh": 1e18, "a.tau_syn": 1e-4, "b.tau_rise": 1e-4, "b.e_syn": -20.0, "tau_m": 1e-4})
        pre = source(network, range(1, 30, 7))
        for receptor in cls.RECEPTORS[:2]:
            static(pre, cells, 1, weight, receptor)
        v, g = (SampleRecorder(cells, name, np.arange(1)) for name in ("v", "b.gsyn"))
        network.run(35)
        assert np.isfinite(v.data).all() and (v.data > -65.001).all() and (v.data < 0.001).all()
        leak = 1.0 / 1e-4
        balance = (leak * -65.0 + g.data[10, 0] * -20.0) / (leak + g.data[10, 0])
        assert v.data[10, 0] == pytest.approx(balance, abs=1e-2)


@pytest.mark.parametrize("start", [1e18, -1e18])
def test_overflow_leaves_the_potential_finite(start):
    network = Network(H)
    cells = compose(IntegrateAndFire, {"a": "cond_exp"})(network, 1)
    cells.set({"v_thresh": 1e18})
    cells.initialize("v", start)
    static(source(network, [1, 3]), cells, 1, 1e18, "a")
    v = SampleRecorder(cells, "v", np.arange(1))
    network.run(10)
    assert np.isfinite(v.data).all()


# ---- refusals


@pytest.mark.parametrize(
    "bad, message",
    [
        ({"cm": 0.0}, r"IF_cond_exp\.cm: 0\.0 nF is not allowed; it must be positive and finite"),
        ({"tau_m": -1.0}, r"IF_cond_exp\.tau_m"),
        ({"tau_syn_E": 0.0}, r"IF_cond_exp\.tau_syn_E"),
        ({"tau_refrac": -0.1}, r"IF_cond_exp\.tau_refrac"),
        ({"e_rev_E": np.inf}, r"IF_cond_exp\.e_rev_E"),
        ({"v_thresh": np.nan}, r"IF_cond_exp\.v_thresh"),
        (
            {"v_reset": -50.0},
            r"IF_cond_exp\.v_thresh: -50\.0 mV \(index 0\) is not allowed; it must be above -50 mV \(v_reset",
        ),
        ({"tau_syn_I": [5.0, 1e-5]}, r"IF_cond_exp\.tau_syn_I: 1e-05 ms \(index 1\) .*a thousandth of the time step"),
        ({"tau_m": 1e-5}, r"IF_cond_exp\.tau_m: .*a thousandth of the time step"),
    ],
)
def test_values_that_are_refused(bad, message):
    cells = IF_cond_exp(Network(H), 2)
    with pytest.raises(ValueError, match=message):
        cells.set(bad)
    assert all((cells.get(name) == p.default).all() for name, p in cells.PARAMETERS.items())


def test_a_rise_that_is_slower_than_the_decay_is_refused():
    cells = compose(IntegrateAndFire, {"a": "cond_beta"})(Network(H), 2)
    with pytest.raises(ValueError, match=r"a\.tau_rise: 2\.0 ms \(index 0\) is not allowed; it must be at most 1\.7"):
        cells.set({"a.tau_rise": 2.0})
    cells.set({"a.tau_rise": 2.0, "a.tau_decay": 2.0})


def test_a_leak_that_is_too_fast_is_refused():
    cells = IF_facets_hardware1(Network(H), 1)
    with pytest.raises(ValueError, match=r"IF_facets_hardware1\.g_leak"):
        cells.set({"g_leak": 1e5})


def test_compositions_are_made_once():
    kinds = {"a": "cond_exp", "b": "curr_delta"}
    assert compose(IntegrateAndFire, kinds) is compose(IntegrateAndFire, dict(kinds))
    assert compose(IntegrateAndFire, kinds) is not compose(IntegrateAndFire, {"a": "cond_exp"})
    assert compose(IntegrateAndFire, kinds).RECEPTORS == ("a", "b")
    assert IntegrateAndFire.RECEPTORS == () and "a.gsyn" not in IntegrateAndFire.STATES
