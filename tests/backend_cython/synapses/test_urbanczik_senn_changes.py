"""What setting parameters and delays between runs does to synapses that learn from the dendritic error."""

import numpy as np
import pytest

from backend_cython.model.recorder import SampleRecorder

from ..helpers import TRAINS, Lab, walk


@pytest.mark.parametrize(
    "receptor, name, narrow, wide",
    [("dendritic_exc", "w_max", 0.0501, 9.0), ("dendritic_inh", "w_min", 0.0499, 0.0)],
)
def test_what_was_cut_off_does_not_reappear_within_wider_bounds(receptor, name, narrow, wide):
    lab = Lab(TRAINS[:2], delay=3, eta=2.0, receptor=receptor, **{name: narrow}).run(450)
    assert narrow in lab.synapses.get("weight")
    before = lab.synapses.get("weight")
    lab.synapses.set({name: wide})
    np.testing.assert_allclose(lab.synapses.get("weight"), before, rtol=1e-12)
    lab.run(550)
    for k in range(2):
        lab.check(k, {450: {name: wide}})


@pytest.mark.parametrize(
    "change",
    [
        {"eta": 0.9},
        {"eta": 0.0},
        {"tau_Delta": 25.0},
        {"tau_Delta": 3000.0},
        {"weight": 0.2},
        {"weight": 0.2, "eta": 0.05},
        {"w_min": 0.0, "w_max": 60.0},
        {"weight": 0.06, "w_min": 0.06, "w_max": 0.06001},
        {"tau_Delta": 50.0, "eta": 0.6},
    ],
)
@pytest.mark.parametrize("now", [20, 400, 503])
@pytest.mark.parametrize("delay, axonal", [(1, 0), (12, 0), (0, 3)])
def test_parameters_changed_amid_a_run(change, now, delay, axonal):
    trains = [train[train + axonal <= 1000] for train in TRAINS[:2]]
    lab = Lab(trains, delay=delay, axonal=axonal).run(now)
    before = lab.synapses.get("weight")
    lab.synapses.set(change)
    if "weight" not in change:
        np.testing.assert_allclose(lab.synapses.get("weight"), before, rtol=1e-12)
    lab.run(1000 - now)
    for k in range(2):
        lab.check(k, {now: change})


def test_parameters_of_some_synapses_changed_amid_a_run():
    lab = Lab(TRAINS[:2], n_cells=2).run(300)
    lab.synapses.set({"eta": [0.9, 0.1], "tau_Delta": [60.0, 70.0]}, [3, 0])
    lab.run(300)
    lab.synapses.set({"weight": 0.3}, [-1])
    lab.run(400)
    first = {"eta": 0.1, "tau_Delta": 70.0}, {"eta": 0.9, "tau_Delta": 60.0}
    lab.check(0, {300: first[0]})
    lab.check(1)
    lab.check(2)
    lab.check(3, {300: first[1], 600: {"weight": 0.3}})


def test_many_changes_between_short_runs():
    rng, changes = np.random.default_rng(2), {}
    lab = Lab(TRAINS[:2], delay=6)
    for now in range(10, 1000, 10):
        lab.run(10)
        name = rng.choice(["eta", "tau_Delta", "weight", "w_max"])
        changes[now] = {
            name: {
                "eta": rng.uniform(0, 1),
                "tau_Delta": rng.uniform(0.5, 300.0),
                "weight": rng.uniform(0, 0.5),
                "w_max": rng.uniform(40.0, 50.0),
            }[name]
        }
        lab.synapses.set(changes[now])
    lab.run(10)
    for k in range(2):
        lab.check(k, changes)


def test_setting_what_is_set_already_changes_nothing():
    lab, undisturbed = Lab(TRAINS[:2]).run(500), Lab(TRAINS[:2]).run(1000)
    lab.synapses.set({name: lab.synapses.get(name) for name in ("eta", "tau_Delta", "w_min", "w_max")})
    lab.synapses.set_delay_steps(lab.synapses.get_delay_steps())
    lab.run(500)
    np.testing.assert_allclose(lab.synapses.events[2], undisturbed.synapses.events[2], rtol=1e-12)


def test_reading_changes_not_a_bit():
    lab, undisturbed = Lab(TRAINS, n_cells=2, delay=9), Lab(TRAINS, n_cells=2, delay=9).run(1000)
    SampleRecorder(lab.synapses, "weight", np.arange(8))
    for _ in range(100):
        lab.run(10)
        for name in lab.synapses.kind.PARAMETERS:
            lab.synapses.get(name)
    np.testing.assert_array_equal(lab.synapses.events[2], undisturbed.synapses.events[2])


@pytest.mark.parametrize(
    "change",
    [
        {"theta": -58.0},
        {"phi_max": 600.0},
        {"soma_i_offset": 0.0},
        {"dendrite_i_offset": 0.3},
        {"beta": 0.2, "rate_slope": 1.0},
    ],
)
@pytest.mark.parametrize("delay", [1, 20])
def test_parameters_of_the_neuron_changed_amid_a_run(change, delay):
    """They are in the recorded error."""
    lab = Lab(TRAINS[:2], n_cells=3, delay=delay).run(333)
    before = lab.synapses.get("weight")
    lab.cells.set(change, [0, 2])
    np.testing.assert_allclose(lab.synapses.get("weight"), before, rtol=1e-12)
    lab.run(667)
    for k in range(6):
        lab.check(k)


@pytest.mark.parametrize("change", [{"dendrite_cm": 0.6}, {"dendrite_g_leak": 0.06}, {"dendrite_tau_syn_E": 5.0}])
def test_time_constants_of_the_dendrite_changed_amid_a_run(change):
    """Weights are continuous and other neurons undisturbed; once the potentials of old spikes are gone, the
    new time constants hold."""
    train = np.concatenate([np.arange(10, 300, 20), np.arange(4000, 5000, 20)])
    lab = Lab([train], n_cells=2, delay=4, tau_Delta=10.0).run(3000)
    before = lab.synapses.get("weight")
    lab.cells.set(change, [1])
    np.testing.assert_allclose(lab.synapses.get("weight"), before, rtol=1e-12)
    lab.run(2000)
    lab.check(0)
    tau_L = lab.cells.get("dendrite_cm")[1] / lab.cells.get("dendrite_g_leak")[1]
    lab.check(1, {3000: {"tau_L": tau_L, "tau_s": lab.cells.get("dendrite_tau_syn_E")[1]}})


@pytest.mark.parametrize("tau_Delta", [100.0, [100.0, 50.0, 20.0, 100.0]])
def test_time_constants_changed_while_potentials_last(tau_Delta):
    """Sums of several tau_Delta are rebuilt together; weights go on from where they are."""
    lab = Lab(TRAINS[:2], n_cells=2, tau_Delta=tau_Delta).run(500)
    before = lab.synapses.get("weight")
    lab.cells.set({"dendrite_cm": 0.6}, [1])
    np.testing.assert_allclose(lab.synapses.get("weight"), before, rtol=1e-12)
    lab.run(500)
    for k in (0, 2):
        lab.check(k)
    movement = np.abs(lab.synapses.get("weight") - before)
    assert np.all(movement < 0.5)


@pytest.mark.parametrize("before, after", [(1, 2), (2, 8), (1, 63), (5, 16), (20, 1), (20, 19)])
def test_delays_changed_amid_a_run(before, after):
    """Each error is used at most once: those that the old delay has let through are not seen again."""
    lab = Lab(TRAINS[:2], delay=before).run(500)
    weights = lab.synapses.get("weight")
    lab.synapses.set_delay_steps(after)
    np.testing.assert_allclose(lab.synapses.get("weight"), weights, rtol=1e-12)
    lab.run(500)
    error = lab.error.data.copy()
    for k in range(2):
        due = lab.walk(k)[:501]
        np.testing.assert_allclose(weights[k], due[500], rtol=1e-10)
    # the rule from the change on, with the errors that were used before it taken out
    if after > before:
        error[: 501 - before] = 0.0
    step, got = lab.carried(0)
    rest = lab_walk_since(lab, error, 0, before, after, 500)
    np.testing.assert_allclose(
        got[step > 500] - got[step <= 500][-1],
        rest[step[step > 500]] - got[step <= 500][-1],
        rtol=0,
        atol=1e-8 * np.ptp(rest),
    )


def lab_walk_since(lab, error, k, before, after, now):
    """The walk with one delay up to `now` on the full error, and with another one behind it on `error`."""
    full = lab.error.data[:, 0]
    # a delay is a shift of the error: shift both stretches and walk without any
    shifted = np.zeros(len(full))
    shifted[before : now + 1] = full[: now + 1 - before]
    behind = np.arange(now + 1, len(full))
    shifted[behind] = np.where(behind - after >= 0, error[np.maximum(behind - after, 0), 0], 0.0)
    return walk(shifted, lab.trains[k], {}, **{**lab.rule, "delay": 0})


def test_reset_after_other_changes_repeats_with_them():
    lab = Lab(TRAINS[:2], delay=5).run(300)
    lab.synapses.set({"tau_Delta": 30.0, "eta": 0.1})
    lab.synapses.set_delay_steps(11)
    lab.cells.set({"dendrite_cm": 0.5})
    lab.network.reset()
    lab.run(1000)
    for k in range(2):
        lab.check(k, delay=11, tau_Delta=30.0, eta=0.1, tau_L=0.5 / 0.03)
    fresh = Lab(TRAINS[:2], delay=11, tau_Delta=30.0, eta=0.1, cell={"dendrite_cm": 0.5}).run(1000)
    np.testing.assert_allclose(lab.synapses.events[2], fresh.synapses.events[2], rtol=1e-10)
