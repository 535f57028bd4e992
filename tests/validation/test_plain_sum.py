"""Transmitted weights against the plain sum of the rule over our own recorded dendrite and spikes, to 1e-8.

The core keeps a few running sums instead of a history; the plain sum keeps everything. Cases reach the places
where running sums could overflow, cancel, or forget.
"""

import numpy as np
import pytest

from . import ours
from .cases import Case, Plastic, leave_free, poisson_train, random_case, random_cell, silence
from .checks import expected_events, worst_weight_error

TOLERANCE = 1e-8  # of a synapse's total movement


def check(case, least_movement=1e-5, result=None, **choices):
    result = ours.run(case) if result is None else result
    worst, smallest, _ = worst_weight_error(result.events, expected_events(case, result, **choices), case.plastic)
    assert worst < TOLERANCE
    assert smallest > least_movement, "a synapse that hardly learns proves little"
    return result


def with_tau_leak(case, ratio):
    """The case with dendrites whose tau_L is `ratio` times their tau_s."""
    for cell in case.cells:
        cell["dendrite_cm"] = ratio * cell["dendrite_tau_syn_E"] * cell["dendrite_g_leak"]
    return case


def single(trains, duration, tau_Delta=100.0, eta=0.1, seed=0, soma=leave_free, **fixed):
    """One neuron that every train reaches, over delays of 0.1, 0.2 … ms."""
    rng = np.random.default_rng(seed)
    cell = random_cell(rng, **fixed)
    v_soma = soma(cell)
    plastic = [Plastic(i, 0, 0.05, 0.1 * (i + 1), eta, tau_Delta) for i in range(len(trains))]
    return Case(duration, 0.1, [cell], [(v_soma, -66.0)], [np.asarray(t, dtype=float) for t in trains], plastic)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("soma", ["silent", "driven", "free"])
def test_random_networks(soma, seed):
    """Heterogeneous neurons, a tau_Delta for each connection, static inhibition, a silent source."""
    eta = {"silent": 0.1, "driven": 0.002, "free": 0.1}[soma]
    result = check(random_case(100 + seed, soma, eta=eta), least_movement=1e-7)
    assert soma == "silent" or sum(map(len, result.spikes)) > 10


@pytest.mark.parametrize("soma", ["silent", "free"])
@pytest.mark.parametrize("fraction", [0.0, 0.5, 1.0])
def test_delay_on_dendrite_and_axon(fraction, soma):
    """Half a delay must be whole steps, hence even delays."""
    case = random_case(41, soma, eta=0.1, max_delay=3.0)
    for synapse in case.plastic:
        synapse.delay = 0.2 * max(1, round(synapse.delay / 0.2))
    case.dendritic_delay_fraction = fraction
    result = ours.run(case)
    check(case, 1e-7, result)
    if fraction < 1.0:
        # Spikes fired shortly before the end have not reached their synapse yet.
        all_dendritic = expected_events(case, result, fraction=1.0)
        arrived = [(k, w[: len(k)]) for (k, _), (_, w) in zip(result.events, all_dendritic)]
        worst, _, _ = worst_weight_error(result.events, arrived, case.plastic)
        assert worst > 1e-3, "the fraction makes no difference in this case"


@pytest.mark.parametrize("soma", ["silent", "driven", "free"])
def test_plastic_inhibition(soma):
    """An inhibitory potential is negative, with its own time constant: the same error, the other way."""
    case = random_case(42, soma, eta={"silent": 0.1, "driven": 0.002, "free": 0.1}[soma])
    case.receptor = "dendritic_inh"
    check(case, 1e-7)


def test_plastic_inhibition_grows_when_the_dendrite_predicts_too_much():
    case = single([np.arange(10.0, 900.0, 15.0)], 1000.0, soma=silence)
    case.receptor = "dendritic_inh"
    ((_, weights),) = check(case).events
    assert np.all(np.diff(weights[2:]) > 0.0)


def test_a_weight_of_zero_keeps_the_time_constant_of_its_receptor():
    """Excitatory and inhibitory ones differ; NEST goes on with the inhibitory one."""
    case = random_case(52, "free", eta=0.2, duration=1500.0, w_range=(0.0, 0.3))
    for cell in case.cells:
        cell.update(dendrite_tau_syn_E=2.0, dendrite_tau_syn_I=9.0, soma_i_offset=0.0)
    for synapse in case.plastic:
        synapse.weight = 2e-3
    weights = np.concatenate([w for _, w in check(case, 1e-7).events])
    assert np.any((weights[:-1] == 0.0) & (weights[1:] > 0.0))


@pytest.mark.parametrize("tau_Delta", [0.05, 0.7, 2.0, 9.0, 1e4, 1e6])
def test_extreme_tau_delta(tau_Delta):
    """Below tau_L and tau_s two of the running sums grow instead of decaying; far above, w hardly moves."""
    case = random_case(43, "free", eta=0.1, duration=1500.0)
    for synapse in case.plastic:
        synapse.tau_Delta = tau_Delta
        synapse.eta *= max(1.0, tau_Delta / 1e3)
    check(case, 1e-7)


@pytest.mark.parametrize(
    "tau_Delta, delay", [(0.05, 15.0), (0.2, 60.0), (1.0, 60.0), (0.5, 100.0), (2.0, 500.0), (100.0, 500.0)]
)
def test_short_tau_delta_behind_a_long_delay(tau_Delta, delay):
    """A growing sum is looked back into over many of its own time constants."""
    case = random_case(51, "free", eta=0.1, duration=800.0)
    case.max_delay = delay
    for synapse in case.plastic[::2]:
        synapse.delay = delay
    for synapse in case.plastic:
        synapse.tau_Delta = tau_Delta
    check(case, 1e-7)


@pytest.mark.parametrize("relation", ["tau_L", "tau_s"])
def test_tau_delta_equal_to_a_time_constant_of_the_potential(relation):
    """A rate of the running sums is then zero."""
    case = random_case(44, "free", eta=0.1)
    for synapse in case.plastic:
        cell = case.cells[synapse.post]
        synapse.tau_Delta = (
            cell["dendrite_cm"] / cell["dendrite_g_leak"] if relation == "tau_L" else cell["dendrite_tau_syn_E"]
        )
    check(case, 1e-7)


@pytest.mark.parametrize("ratio", [1.0, 1 + 1e-12, 1 + 1e-9, 1 - 1e-7, 1 + 1e-5, 1 - 1e-3, 0.5])
def test_tau_leak_near_or_below_tau_syn(ratio):
    """Two exponentials cancel where their time constants meet; the limit is t e^{-t/tau}."""
    check(with_tau_leak(random_case(45, "free", eta=0.1), ratio), 1e-7)


def test_different_neurons_on_both_sides_of_equal_time_constants():
    case = random_case(46, "free", eta=0.1, n_cells=4)
    for cell, ratio in zip(case.cells, (1.0, 3.0, 0.4, 1.0 + 1e-8)):
        cell["dendrite_cm"] = ratio * cell["dendrite_tau_syn_E"] * cell["dendrite_g_leak"]
    check(case, 1e-7)


@pytest.mark.parametrize("tau_syn", [0.02, 0.2])
def test_very_short_synaptic_time_constant(tau_syn):
    check(random_case(47, "free", eta=0.5, duration=1500.0, dendrite_tau_syn_E=tau_syn), 1e-8)


def test_bursts():
    burst = np.round(np.add.outer(np.arange(50.0, 1900.0, 180.0), np.arange(0.0, 4.0, 0.4)).ravel(), 6)
    case = single([burst, burst[::2], np.round(np.arange(5.0, 1990.0, 0.1), 6)], 2000.0, eta=0.01)
    case.plastic[2].weight = 2e-4  # it fires in every step
    case.plastic[2].eta = 1e-5
    check(case, 1e-6)


def test_several_spikes_of_one_source_in_one_step():
    """Each counts in the potential, all carry the same weight."""
    train = np.repeat(np.arange(10.0, 400.0, 13.0), 3)
    ((_, weights),) = check(single([train], 420.0)).events
    np.testing.assert_allclose(weights.reshape(-1, 3), np.repeat(weights[::3, None], 3, axis=1), rtol=1e-13)


@pytest.mark.parametrize("soma", [silence, leave_free])
def test_long_silence(soma):
    """The potential of a synapse silent for 45 s is below rounding, its weight must not be."""
    trains = [
        [10.0, 20.0, 45_000.0, 45_010.0],
        [30.0, 45_005.0],
        [45_003.0, 45_004.0, 45_020.0],
        [5.0, 6.0, 7.0, 45_050.0],
    ]
    check(single(trains, 45_100.0, soma=soma), 1e-6)


def test_long_silence_with_extreme_time_constants():
    trains = [[10.0, 20.0, 41_000.0, 41_010.0], [30.0, 41_005.0]]
    check(single(trains, 41_100.0, tau_Delta=3e4, dendrite_cm=30.0, dendrite_g_leak=0.03, eta=1e-3), 1e-6)
    check(single(trains, 41_100.0, tau_Delta=0.5, dendrite_cm=0.001, dendrite_g_leak=0.03, eta=1.0), 1e-6)


def test_intervals_around_every_length():
    """Any block length that a core may choose has intervals that end on, before and behind its ends."""
    rng = np.random.default_rng(3)
    intervals = np.concatenate(
        [np.arange(1, 130), 2 ** np.arange(0, 14), 2 ** np.arange(2, 14) - 1, rng.integers(1, 2000, 60)]
    )
    train = 0.1 * (20 + np.cumsum(rng.permutation(intervals)))
    check(single([train, train[::3]], float(np.ceil(train[-1] + 5.0))))


def test_two_projections_with_different_tau_delta_onto_one_population():
    case = random_case(48, "free", eta=0.1)
    for i, synapse in enumerate(case.plastic):
        synapse.tau_Delta = 40.0 if i % 2 else 150.0
    halves = case.plastic[::2], case.plastic[1::2]
    everything, case.plastic = case.plastic, halves[0]
    network = ours.Network(case)
    other = network.connect_plastic(halves[1])
    other.record("weight")
    result = network.run().result()
    check(case, 1e-7, result)
    case.plastic, result.events = halves[1], network.events(other, halves[1])
    check(case, 1e-7, result)
    assert len(everything) == len(halves[0]) + len(halves[1])


def test_excitation_and_inhibition_learn_side_by_side():
    case = random_case(49, "free", eta=0.1)
    halves = case.plastic[::2], case.plastic[1::2]
    case.plastic = halves[0]
    network = ours.Network(case)
    inhibitory = network.connect_plastic(halves[1], receptor="dendritic_inh")
    inhibitory.record("weight")
    result = network.run().result()
    check(case, 1e-7, result)
    case.plastic, result.events = halves[1], network.events(inhibitory, halves[1])
    check(case, 1e-7, result, receptor="dendritic_inh")


def test_without_refractory_time_a_step_may_hold_several_spikes():
    case = random_case(50, "free", eta=0.05, tau_refrac=0.0)
    for cell in case.cells:
        cell["phi_max"] = 2e4
    for synapse in case.plastic:
        synapse.eta *= 1e-2
    result = check(case, 1e-7)
    assert max(result.n_spikes(i, case.n_steps).max() for i in range(len(case.cells))) > 1


def test_poisson_trains_at_a_high_rate():
    rng = np.random.default_rng(6)
    check(single([poisson_train(rng, 400.0, 1.0, 1990.0, 0.1) for _ in range(4)], 2000.0, eta=0.02))
