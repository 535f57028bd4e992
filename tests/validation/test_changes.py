"""Reading and changing synapses between two runs, against the plain sum."""

from copy import deepcopy
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from tests.reference import rule
from tests.reference.transfer import UNIT_VOLTAGE

from . import ours
from .cases import random_case, steps
from .checks import expected_events, recorded_error, rule_arguments, worst_weight_error

TOLERANCE = 1e-8
PAUSE = 210.7  # ms; amid the run, and amid most intervals between spikes


def free_case(seed=61):
    return random_case(seed, "free", eta=0.1)


def weights_now(network):
    """Current weights in the order of the case."""
    found = {(int(i), int(j)): w for i, j, w in network.plastic.get("weight", format="list")}
    return np.array([found[synapse.pre, synapse.post] for synapse in network.case.plastic])


def expected_now(case, result, now, fraction=None):
    due = []
    for synapse in case.plastic:
        arguments = rule_arguments(case, synapse, fraction=fraction)
        error = recorded_error(case, result, synapse.post)[: now + 1]
        train = steps(case.trains[synapse.pre], case.dt)
        due.append(rule.carried_weights(train, error, case.dt, read_steps=[now], **arguments)[0])
    return np.array(due)


def relative(got, due, start):
    moved = np.abs(due - start)
    assert np.count_nonzero(moved) > len(moved) // 2
    return np.max(np.abs(got - due) / np.where(moved > 0.0, moved, np.inf)), np.max(
        np.abs(got - due)[moved == 0.0], initial=0
    )


@pytest.mark.parametrize("fraction", [0.0, 1.0])
@pytest.mark.parametrize("pause", [0.1, PAUSE, 400.0])
def test_weight_is_integrated_to_now(pause, fraction):
    case = free_case()
    case.dendritic_delay_fraction = fraction
    network = ours.Network(case).run(pause)
    got = weights_now(network)
    network.run(case.duration - pause + 1.0)
    case.duration += 1.0
    due = expected_now(case, network.result(), round(pause / case.dt))
    start = np.array([synapse.weight for synapse in case.plastic])
    if pause < 1.0:
        np.testing.assert_array_equal(got, start)
        return
    worst, unmoved = relative(got, due, start)
    assert worst < TOLERANCE
    assert unmoved == 0.0


def test_weights_sampled_on_a_grid_are_integrated_to_each_sample():
    case = free_case()
    network = ours.Network(case)
    network.plastic.record("weight", sampling_interval=12.5)
    network.run()
    (signal,) = network.plastic.get_data("weight").segments[0].analogsignals
    sampled = np.asarray(signal.magnitude)
    result = network.result()
    assert sampled.shape == (1 + round(case.duration / 12.5), len(case.plastic))
    where = {
        (int(i), int(j)): column
        for column, (i, j) in enumerate(
            zip(signal.array_annotations["presynaptic_index"], signal.array_annotations["postsynaptic_index"])
        )
    }
    columns = [where[s.pre, s.post] for s in case.plastic]
    np.testing.assert_array_equal(sampled[-1, columns], weights_now(network))
    start = np.array([synapse.weight for synapse in case.plastic])
    np.testing.assert_array_equal(sampled[0, columns], start)
    for row in range(1, len(sampled), 5):
        due = expected_now(case, result, row * 125)
        assert np.max(np.abs(sampled[row, columns] - due)) < TOLERANCE * np.max(np.abs(due - start))


def test_reading_alters_nothing():
    case = free_case()
    undisturbed = ours.run(case)
    network = ours.Network(case)
    for _ in range(40):
        network.run(case.duration / 40)
        network.plastic.get("weight", format="list")
        network.plastic.get(["weight", "eta"], format="array")
    read = network.result()
    for (_, expected), (_, got) in zip(undisturbed.events, read.events):
        np.testing.assert_array_equal(got, expected)
    for name in undisturbed.traces:
        np.testing.assert_array_equal(read.traces[name], undisturbed.traces[name])


def changed(case, **values):
    """Events before and after `values` were set at PAUSE; the weights just before and just after."""
    network = ours.Network(case).run(PAUSE)
    before = weights_now(network)
    network.plastic.set(**values)
    after = weights_now(network)
    return network.run(case.duration - PAUSE).result(), before, after


def sums_since_pause(case, result, weight_at_pause, synapse, since=None, **replaced):
    """The plain sum behind the pause at the spikes of a synapse: (steps, weights)."""
    now = round(PAUSE / case.dt)
    arguments = {**rule_arguments(case, synapse), **replaced}
    low, high = arguments.pop("w_min"), arguments.pop("w_max")
    arguments.pop("axonal_steps")
    arguments["weight"] = 0.0
    train = steps(case.trains[synapse.pre], case.dt)
    error = recorded_error(case, result, synapse.post)
    reads = [now, *train[train > now]]
    moved = rule.unclipped_weights(reads, train, error, case.dt, since=since or 0, **arguments)
    return train, np.clip(weight_at_pause + moved[1:] - (moved[0] if since is None else 0.0), low, high)


def worst_after(case, result, start, **choices):
    """Relative error of the weights transmitted after the pause."""
    now, worst, compared = round(PAUSE / case.dt), 0.0, 0
    for synapse, (k, weights), first in zip(case.plastic, result.events, start):
        train, due = sums_since_pause(case, result, first, synapse, **choices)
        np.testing.assert_array_equal(k, train)
        if len(due):
            worst = max(worst, np.max(np.abs(weights[k > now] - due)) / max(np.max(np.abs(due - first)), 1e-9))
            compared += len(due)
    assert compared > 50
    return worst


def test_setting_the_weight_restarts_from_it():
    """The past of the rule is forgotten; the potential of earlier presynaptic spikes goes on."""
    case = free_case()
    result, before, after = changed(case, weight=0.08)
    assert np.all(after == 0.08)
    assert np.any(np.abs(before - 0.08) > 1e-3)
    assert worst_after(case, result, after, since=round(PAUSE / case.dt)) < TOLERANCE


def test_setting_the_weight_counts_nothing_twice():
    """Set to its own value, a weight must go on from there, and stay near where it would have been."""
    case = free_case(62)
    undisturbed = ours.run(case)
    network = ours.Network(case).run(PAUSE)
    network.plastic.set(weight=network.plastic.get("weight", format="array"))
    network.run(case.duration - PAUSE)
    for synapse, (_, expected), (_, got) in zip(case.plastic, undisturbed.events, network.result().events):
        if len(expected):
            moved = np.max(np.abs(expected - synapse.weight))
            assert np.max(np.abs(got - expected)) <= 1.5 * moved


def test_setting_eta_keeps_the_weight_and_scales_what_follows():
    case = free_case()
    result, before, after = changed(case, eta=0.3)
    np.testing.assert_allclose(after, before, rtol=1e-12)
    assert worst_after(case, result, before, eta=0.3) < TOLERANCE


def test_setting_eta_to_zero_stops_learning():
    case = free_case()
    result, before, _ = changed(case, eta=0.0)
    now = round(PAUSE / case.dt)
    for (k, weights), held in zip(result.events, before):
        np.testing.assert_allclose(weights[k > now], held, rtol=1e-12)


@pytest.mark.parametrize("tau_Delta", [0.3, 25.0, 4000.0])
def test_setting_tau_delta_keeps_the_weight_and_its_slope(tau_Delta):
    """Continuous are w and D of w' = eta D, tau D' = Pi - D.

    What D holds by then goes on to add eta D tau (1 - e^{-t/tau}), with the new tau.
    """
    case = free_case()
    result, before, after = changed(case, tau_Delta=tau_Delta)
    np.testing.assert_allclose(after, before, rtol=1e-12)
    now, worst = round(PAUSE / case.dt), 0.0
    for synapse, (k, weights), start in zip(case.plastic, result.events, before):
        reads = k[k > now]
        common = {**rule_arguments(case, synapse), "weight": 0.0}
        for name in ("w_min", "w_max", "axonal_steps", "tau_Delta"):
            common.pop(name)
        sums = partial(
            rule.unclipped_weights,
            arrival_steps=k,
            dt=case.dt,
            **common,
            error=recorded_error(case, result, synapse.post),
        )
        # Read a step later and without low-pass, the sum holds all terms up to now in full.
        whole, risen = sums([now + 1], tau_Delta=1e-9), sums([now], tau_Delta=synapse.tau_Delta)
        held = (whole - risen) / synapse.tau_Delta
        due = start + sums(reads, tau_Delta=tau_Delta, since=now)
        due += held * tau_Delta * -np.expm1(-(reads - now) * case.dt / tau_Delta)
        due = np.clip(due, synapse.w_min, synapse.w_max)
        if len(due):
            worst = max(worst, np.max(np.abs(weights[k > now] - due)) / np.max(np.abs(due - start)))
    assert 0.0 < worst < TOLERANCE


def test_setting_what_was_set_already_changes_nothing():
    case = free_case()
    undisturbed = ours.run(case)
    network = ours.Network(case).run(PAUSE)
    for name in ("eta", "tau_Delta", "w_min", "w_max"):
        network.plastic.set(**{name: network.plastic.get(name, format="array")})
    result = network.run(case.duration - PAUSE).result()
    worst, _, _ = worst_weight_error(result.events, undisturbed.events, case.plastic)
    assert worst < TOLERANCE


def test_narrower_bounds_hold_from_now_on():
    case = free_case()
    network = ours.Network(case).run(PAUSE)
    before = weights_now(network)
    low, high = np.min(before), np.max(before)
    network.plastic.set(w_min=low, w_max=high)
    np.testing.assert_allclose(weights_now(network), before, rtol=1e-14)
    result = network.run(case.duration - PAUSE).result()
    now = round(PAUSE / case.dt)
    later = np.concatenate([weights[k > now] for k, weights in result.events])
    assert np.all((later >= low) & (later <= high))
    assert np.any(later == low) or np.any(later == high)


def test_changing_the_neuron_changes_the_error_from_then_on():
    """The sum over the past stays, whatever the delay between the error and its use."""
    case = free_case()
    network = ours.Network(case).run(PAUSE)
    network.cells.set(theta=-60.0, phi_max=400.0)
    result = network.run(case.duration - PAUSE).result()
    after, now = deepcopy(case), round(PAUSE / case.dt)
    for cell in after.cells:
        cell.update(theta=-60.0, phi_max=400.0)
    worst = 0.0
    for synapse, (k, weights) in zip(case.plastic, result.events):
        if not len(k):
            continue
        error = recorded_error(after, result, synapse.post)
        error[: now + 1] = recorded_error(case, result, synapse.post)[: now + 1]
        due = rule.carried_weights(k, error, case.dt, **rule_arguments(case, synapse))
        worst = max(worst, np.max(np.abs(weights - due)) / np.max(np.abs(due - synapse.weight)))
    assert worst < TOLERANCE


def test_events_before_a_change_are_those_of_the_unchanged_run():
    case = free_case()
    result, _, _ = changed(case, weight=0.08)
    now = round(PAUSE / case.dt)
    worst = 0.0
    for synapse, (k, got), (_, due) in zip(case.plastic, result.events, expected_events(case, result)):
        early = k <= now
        if np.count_nonzero(early) > 2:
            worst = max(worst, np.max(np.abs(got - due)[early]) / np.max(np.abs(due - synapse.weight)[early]))
    assert worst < TOLERANCE


class StepByStep:
    """The rule as a recursion over steps: w += c B (1 - e^{-dt/tau}), B -> B e^{-dt/tau} + Pi, B = tau D."""

    def __init__(self, case, synapse):
        self.case, self.arguments = case, rule_arguments(case, synapse)
        self.held, self.weight = 0.0, synapse.weight
        self.eta, self.tau_Delta = synapse.eta, synapse.tau_Delta
        self.bounds = synapse.w_min, synapse.w_max

    def advance(self, products):
        for product in products:
            kept = np.exp(-self.case.dt / self.tau_Delta)
            self.weight += rule.PICO_PER_NANO * self.eta * UNIT_VOLTAGE * self.held * (1.0 - kept)
            self.held = self.held * kept + product

    def change(self, name, value):
        if name == "weight":
            self.weight, self.held = value, 0.0
        elif name == "tau_Delta":
            self.held *= value / self.tau_Delta
            self.tau_Delta = value
        else:
            self.eta = value

    def carried(self):
        return np.clip(self.weight, *self.bounds)


@pytest.mark.parametrize("seed", range(6))
def test_many_changes_in_a_row(seed):
    """Random changes at random times; the weights just before each of them are compared."""
    rng = np.random.default_rng(seed)
    case = random_case(63 + seed, "free", eta=0.1)
    network = ours.Network(case)
    pauses = np.unique(rng.integers(1, case.n_steps, 12))
    changes, compared = [], []
    for begin, end in pairwise([0, *pauses, case.n_steps]):
        network.run((end - begin) * case.dt)
        compared.append(weights_now(network))
        name = rng.choice(["weight", "eta", "tau_Delta"])
        value = {
            "weight": rng.uniform(0.02, 0.3),
            "eta": rng.uniform(0.0, 0.2),
            "tau_Delta": rng.uniform(1, 500),
        }[name]
        network.plastic.set(**{name: value})
        changes.append((end, name, value))
    result = network.result()
    for i, (synapse, (k, _)) in enumerate(zip(case.plastic, result.events)):
        twin, now = StepByStep(case, synapse), 0
        arguments = twin.arguments
        error = recorded_error(case, result, synapse.post)
        delayed = np.concatenate([np.zeros(arguments["delay_steps"]), error])[: case.n_steps + 1]
        products = delayed * rule.psp(case.n_steps, k, case.dt, arguments["tau_leak"], arguments["tau_syn"])
        start, farthest, worst = synapse.weight, 0.0, 0.0
        for (end, name, value), got in zip(changes, compared):
            twin.advance(products[now + 1 : end + 1])
            worst = max(worst, abs(got[i] - twin.carried()))
            farthest = max(farthest, abs(twin.carried() - start))
            twin.change(name, value)
            start, now = twin.carried(), end
        assert worst <= TOLERANCE * farthest
