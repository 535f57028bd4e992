"""Short-term depression and facilitation, against the equations of the paper integrated step by step."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.population import Population
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SampleRecorder
from backend_cython.synapses.tsodyks_markram import TsodyksMarkramSynapses
from tests.reference.short_term import depression, tsodyks_markram

from ..helpers import Ear, H, all_pairs, silent, source

TRAIN = [3, 40, 41, 60, 300, 300, 450, 4000]
MODELS = [
    {"U": 0.5, "tau_rec": 100.0, "tau_facil": 0.0},
    {"U": 0.03, "tau_rec": 20.0, "tau_facil": 500.0},
    {"U": 1.0, "tau_rec": 800.0, "tau_facil": 30.0},
    {"U": 0.0, "tau_rec": 5.0, "tau_facil": 10.0},
    {"U": 0.4, "tau_rec": 3.0, "tau_facil": 3.0},
]


def lab(trains=(TRAIN,), n_cells=1, parameters=None, weights=None, tau_syn=3.0, receptor="soma_exc", axonal=0):
    network = Network(H)
    cells = silent(network, n_cells, soma_tau_syn_E=tau_syn)
    src = source(network, *trains, weights=weights)
    synapses = Projection(
        TsodyksMarkramSynapses,
        src,
        cells,
        receptor,
        *all_pairs(src, cells),
        1,
        {"weight": 2.0, **(parameters or {})},
        axonal_steps=axonal,
    )
    for name in synapses.kind.RECORDABLES:
        synapses.record_events(variable=name)
    return synapses


def met(synapses, k=0):
    """(u, x, y) as each spike of connection `k` met them, and what it transmitted."""
    columns = []
    for name in ("u", "x", "y", "transmitted"):
        connection, _, value = synapses.events_of(name)
        columns.append(value[connection == k])
    return np.transpose(columns[:3]), columns[3]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("tau_syn", [0.5, 3.0, 20.0])
def test_what_spikes_meet(model, tau_syn):
    synapses = lab(parameters=model, tau_syn=tau_syn)
    synapses.network.run(5000)
    states, transmitted = met(synapses)
    due = tsodyks_markram(H * np.array(TRAIN), tau_psc=tau_syn, **model)
    np.testing.assert_allclose(states, due, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(transmitted, 2.0 * due[:, 0] * due[:, 1], rtol=1e-8, atol=1e-10)
    np.testing.assert_array_equal(synapses.events_of("u")[1], TRAIN)


def test_equal_time_constants_are_a_limit():
    exact, near = (lab(parameters={**MODELS[0], "tau_rec": tau}, tau_syn=7.0) for tau in (7.0, 7.0 * (1 + 1e-9)))
    for synapses in (exact, near):
        synapses.network.run(5000)
    np.testing.assert_allclose(met(exact)[0], met(near)[0], atol=1e-8)


class Deaf(Population):
    """Cells with a receptor that has no time constant."""

    RECEPTORS = ("input",)


@pytest.mark.parametrize("model", MODELS)
def test_receptors_without_a_time_constant_are_through_at_once(model):
    network = Network(H)
    src, cells = source(network, TRAIN), Deaf(network, 1)
    synapses = Projection(TsodyksMarkramSynapses, src, cells, "input", [0], [0], 1, model)
    for name in ("u", "x", "y", "transmitted"):
        synapses.record_events(variable=name)
    network.run(5000)
    states, _ = met(synapses)
    due = tsodyks_markram(H * np.array(TRAIN), tau_psc=0.0, **model)
    np.testing.assert_allclose(states[:, :2], due[:, :2], rtol=1e-8, atol=1e-10)
    if model["tau_facil"] == 0.0:
        released = depression(H * np.array(TRAIN), model["U"], model["tau_rec"])
        np.testing.assert_allclose(states[:, 0] * states[:, 1], released, rtol=1e-10)


def test_the_first_spike_uses_U_and_arrives_after_the_delay():
    network = Network(H)
    ear = Ear(network)
    src = source(network, [4], weights=[[2.5]])
    Projection(
        TsodyksMarkramSynapses, src, ear.cells, "soma_exc", [0], [0], 7, {"weight": 0.004, "U": 0.25, "tau_facil": 50.0}
    )
    network.run(20)
    assert ear.heard() == [(11, 0, 2.5)]


def test_a_factor_multiplies_what_is_transmitted_not_what_is_released():
    synapses = lab(weights=[[3.0, 1.0, 0.5, 1.0, 0.0, 1.0, 1.0, 2.0]], parameters=MODELS[0])
    plain = lab(parameters=MODELS[0])
    for each in (synapses, plain):
        each.network.run(5000)
    np.testing.assert_array_equal(met(synapses)[0], met(plain)[0])
    np.testing.assert_allclose(met(synapses)[1], met(plain)[1] * [3.0, 1.0, 0.5, 1.0, 0.0, 1.0, 1.0, 2.0])


def test_connections_that_differ():
    """Each connection has its own parameters, and the time constant of its own target."""
    n = 3
    tau_syn = np.array([1.0, 4.0, 9.0])
    model = {
        "U": np.linspace(0.1, 0.9, 2 * n),
        "tau_rec": np.linspace(20.0, 300.0, 2 * n),
        "tau_facil": np.array([0.0, 100.0, 0.0, 30.0, 30.0, 500.0]),
    }
    trains = (TRAIN, [1, 2, 90, 200])
    synapses = lab(trains, n, model, tau_syn=tau_syn)
    synapses.network.run(5000)
    for k in range(2 * n):
        own = {name: values[k] for name, values in model.items()}
        due = tsodyks_markram(H * np.array(trains[k // n]), tau_psc=tau_syn[k % n], **own)
        np.testing.assert_allclose(met(synapses, k)[0], due, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("start", [{"u": 0.7}, {"x": 0.25}, {"x": 0.2, "y": 0.8}, {"u": 0.1, "x": 0.5, "y": 0.25}])
def test_initial_states_hold_now_and_at_each_reset(start):
    model = MODELS[1]
    synapses = lab(parameters=model)
    synapses.initialize(start)
    due = tsodyks_markram(H * np.array(TRAIN), tau_psc=3.0, **model, **start)
    for _ in range(2):
        synapses.network.run(5000)
        np.testing.assert_allclose(met(synapses)[0], due, rtol=1e-8, atol=1e-10)
        synapses.network.reset()
        assert {name: synapses.value(name)[0] for name in start} == start


@pytest.mark.parametrize(
    "states, message",
    [
        ({"u": 1.5}, r"\.u: 1\.5 is not allowed; it must be between 0 and 1$"),
        ({"y": np.nan}, r"\.y: nan is not allowed"),
        ({"y": 0.5}, r"\.x \+ y: 1\.5 is not allowed; it must be at most 1$"),
        ({"u": 0.3, "x": [0.1, 0.7], "y": [0.5, 0.6]}, r"\.x \+ y: 1\.29"),
        ({"x": [0.1, 0.2, 0.3]}, r"\.x: an array of shape \(3,\) is not allowed"),
    ],
)
def test_impossible_states_are_refused(states, message):
    synapses = lab(n_cells=2)
    with pytest.raises(ValueError, match=message):
        synapses.initialize(states)
    with pytest.raises(KeyError, match="has no 'z'; it has u, x, y"):
        synapses.initialize({"u": 0.2, "z": 0.1})
    assert [synapses.value(name).tolist() for name in ("u", "x", "y")] == [[0.0, 0.0], [1.0, 1.0], [0.0, 0.0]]


@pytest.mark.parametrize("change", [{"tau_rec": 30.0}, {"tau_facil": 40.0}, {"tau_facil": 0.0}, {"U": 0.9}])
def test_a_parameter_set_amid_a_run_holds_from_then_on(change):
    synapses = lab(parameters=MODELS[1])
    synapses.network.run(350)
    start = {name: synapses.value(name)[0] for name in ("u", "x", "y")}
    synapses.set(change)
    assert [synapses.value(name)[0] for name in ("u", "x", "y")] == pytest.approx(
        [0.0 if change == {"tau_facil": 0.0} else start["u"], start["x"], start["y"]], rel=1e-12
    )
    synapses.clear_events()
    synapses.network.run(5000)
    due = tsodyks_markram(H * np.array([100, 3650]), tau_psc=3.0, **{**MODELS[1], **change}, **start)
    np.testing.assert_allclose(met(synapses)[0], due, rtol=1e-8, atol=1e-10)


def test_the_targets_time_constant_is_followed():
    synapses = lab(parameters={**MODELS[0], "tau_rec": 300.0}, tau_syn=30.0)
    synapses.network.run(350)
    start = {name: synapses.value(name)[0] for name in ("u", "x", "y")}
    assert start["y"] > 0.1
    synapses.post.set({"soma_tau_syn_E": 2.0, "soma_tau_syn_I": 9.0})
    synapses.clear_events()
    synapses.network.run(5000)
    due = tsodyks_markram(H * np.array([100, 3650]), tau_psc=2.0, **{**MODELS[0], "tau_rec": 300.0}, **start)
    np.testing.assert_allclose(met(synapses)[0], due, rtol=1e-8, atol=1e-10)


def test_samples_lie_on_the_solution():
    """Between spikes, at a spike (whose jump is in), and without altering what follows."""
    model = MODELS[1]
    plain, sampled = lab(parameters=model), lab(parameters=model)
    recorders = [SampleRecorder(sampled, name, [0], 10) for name in ("u", "x", "y", "weight")]
    for each in (plain, sampled):
        each.network.run(5000)
    np.testing.assert_array_equal(met(plain)[0], met(sampled)[0])
    steps = 10 * np.arange(501)
    for step in (0, 10, 40, 70, 300, 310, 4010):
        before = [s for s in TRAIN if s <= step]
        u, x, y = tsodyks_markram(H * np.array([*before, step]), tau_psc=3.0, **model)[-1]
        u_now = (u - model["U"]) / (1.0 - model["U"])
        got = [recorder.data[steps == step][0, 0] for recorder in recorders]
        np.testing.assert_allclose(got, [u_now, x, y, 2.0], rtol=1e-8, atol=1e-10)


def test_what_exists_only_at_spikes_is_not_sampled():
    with pytest.raises(KeyError, match="has no 'transmitted'"):
        SampleRecorder(lab(), "transmitted", [0])
