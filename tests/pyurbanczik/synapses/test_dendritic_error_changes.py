"""Changes of cells and synapses amid a run: which errors a synapse sees after that, and what it keeps."""

import numpy as np
import pytest

import pyurbanczik as sim
from tests.reference import dendritic_error as twin

from .test_dendritic_error import MOVING, TRAINS, H, cells, connect, sources


@pytest.fixture(autouse=True)
def simulation():
    sim.setup(timestep=H, min_delay=H, rng_seed=3)


def arriving(n):
    """How many spikes of each source there are in the steps 0 … n."""
    counts = [np.bincount(np.rint(train / H).astype(int), minlength=n + 1)[: n + 1] for train in TRAINS]
    return np.stack(counts, axis=1)


@pytest.mark.parametrize("receptor", ["basal", "basal_inh"])
@pytest.mark.parametrize("modulated", [False, True])
@pytest.mark.parametrize("changed", ["cm", "v_target"])
def test_changes_leave_what_was_filtered_and_see_errors_on_their_way(receptor, modulated, changed):
    """Δ goes on when the capacitance changes, and so do PSPs; a new target is that of errors that arrive later."""
    post = cells(1)
    post.record("basal.v")
    rule = {"error": "potential", "eta": 3e-7, "v_target": -60.0, "w_min": 0.0, "modulator": None}
    if modulated:
        rule["modulator"] = sim.Modulator(value=1.0)
    projection = connect(post, receptor=receptor, **rule)
    projection.set(delay=3.0)
    learner = twin.Learner(
        H, "psp", "read", cm=0.3, tau_L=10.0, tau_s=3.0, decay=0.0, sign=-1.0 if receptor == "basal_inh" else 1.0,
        **{name: np.full(2, MOVING[name]) for name in ("tau_Delta", "w_max", "weight")}, eta=3e-7, w_min=0.0,
    )  # fmt: skip
    sim.run(50.0)
    if changed == "cm":
        post.set(basal_cm=0.15, basal_g_leak=0.015)
    else:
        projection.set(v_target=-80.0)
    sim.run(50.0)
    v = post.get_data().segments[0].analogsignals[0].magnitude[:, 0]
    arrivals = arriving(1000)
    for step in range(1, 1001):
        target = -80.0 if changed == "v_target" and step > 500 else -60.0
        learner.step((target - v[step - 30]) * H if step > 30 else 0.0, 1.0)
        learner.spike(arrivals[step])
        if changed == "cm" and step == 500:
            learner.set(np.ones(2, dtype=bool), cm=0.15)
    got = projection.get("weight", "list", with_address=False)
    assert np.abs(learner.moved).min() > 1e-5
    np.testing.assert_allclose(got - learner.start, learner.moved, rtol=1e-8)


RULES = [{}, {"decay": 0.01}, {"tau_Delta": 0.0}, {"bounds": "state"}, {"modulator": 1.0}]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("begun", ["made", "reset", "saved"])
def test_a_new_target_is_not_that_of_errors_before_those_that_are_known(rule, begun, tmp_path):
    """Those from before a projection was made, or before `reset_states`, count as 0."""
    rule = {"tau_Delta": 40.0, "decay": 0.0, "bounds": "read", **rule}

    def build():
        sim.setup(timestep=H, min_delay=H)
        pre, post = sources(), cells(1)
        post.record("basal.v")
        modulator = sim.Modulator(rule["modulator"]) if "modulator" in rule else None
        given = {**rule, "modulator": modulator, "error": "potential", "eta": 3e-7, "v_target": -70.0}
        return post, lambda: connect(post, pre, **given)

    post, make = build()
    if begun == "reset":
        projection = make()
    sim.run(5.0)
    if begun == "reset":
        sim.reset_states()
    else:
        projection = make()
    projection.set(delay=3.0)
    start = np.array(projection.get("weight", "list", with_address=False))
    if begun == "saved":
        sim.run(1.0)
        sim.save_state(tmp_path / "state")
        post, make = build()
        projection = make()
        sim.load_state(tmp_path / "state")
    projection.set(v_target=-50.0)
    sim.run(20.0)
    learner = twin.Learner(
        H, "psp", rule["bounds"], cm=0.3, tau_L=10.0, tau_s=3.0, sign=1.0, eta=3e-7, weight=start,
        tau_Delta=rule["tau_Delta"], decay=rule["decay"], w_min=-50.0, w_max=50.0,
    )  # fmt: skip
    v = post.get_data().segments[-1].analogsignals[0].magnitude[:, 0]
    arrivals = arriving(len(v) - 1)
    for step in range(51, len(v)):
        seen = step - 30
        learner.step((-50.0 - v[seen]) * H if seen > 50 else 0.0, 1.0)
        learner.spike(arrivals[step])
    got = projection.get("weight", "list", with_address=False)
    assert np.abs(learner.moved).max() > 1e-6
    np.testing.assert_allclose(got - start, learner.moved, rtol=1e-8, atol=1e-15)
