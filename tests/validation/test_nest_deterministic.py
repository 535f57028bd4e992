"""Deterministic networks in NEST and in ours: potentials, spikes, and every weight that was transmitted.

A soma is made deterministic by a current that silences it, or by a rate so high that it fires as soon as it
may. NEST 3.10 is the model here except for one defect that cases must keep away from: a synapse whose weight
has reached exactly 0 continues with the inhibitory time constant of the dendrite. Positive bounds avoid it.
"""

import numpy as np
import pytest

from tests.reference.neuron import refractory_steps

from . import nest_runner, ours
from .cases import Static, random_case
from .checks import expected_events, worst_weight_error

TRACE_TOLERANCE = 2e-3  # mV: NEST's solver keeps 1e-3 a step
WEIGHT_TOLERANCE = 1e-3  # of the total movement
SUM_TOLERANCE = 1e-8  # of the total movement, against the sum over our own dendrite


def strong_teacher():
    case = random_case(31, "silent", duration=300.0, eta=0.1)
    rng = np.random.default_rng(31)
    times = np.sort(rng.choice(np.arange(50, 2800), 60, replace=False)) * case.dt
    case.static += [Static("soma_exc", i, 1.0, 0.1, times[::3]) for i in range(3)]
    return case


def bursts():
    case = random_case(32, "driven", duration=500.0, eta=0.001)
    for i in range(1, len(case.trains)):
        case.trains[i] = np.unique(np.round(np.add.outer(50.0 * i + 90.0 * np.arange(3), np.arange(0.0, 6.0, 0.8)), 6))
    return case


def zero_bound_with_equal_time_constants():
    return random_case(33, "silent", eta=1.0, w_range=(0.0, 0.16), dendrite_tau_syn_E=2.5, dendrite_tau_syn_I=2.5)


def without_units(soma):
    """The parameters of the paper read as mV, nS, pA and pF: potentials of about 1, weights of 0.02."""
    case = random_case(36, soma, duration=500.0, inhibition=False, g_back=0.0)
    for i, cell in enumerate(case.cells):
        for name in ("soma", "dendrite"):
            cell.update({f"{name}_cm": 1e-3, f"{name}_g_leak": 1e-4, f"{name}_v_rest": 0.0})
        cell.update(soma_e_rev_E=14 / 3, soma_e_rev_I=-1 / 3, g_dendrite_to_soma=2e-3, beta=5.0, theta=1.0)
        cell.update(phi_max=150.0, rate_slope=0.5, tau_refrac=3.0)
        v_soma = {"silent": -15.0, "driven": 5.0}[soma]
        cell["soma_i_offset"] = v_soma * 2.1e-3
        if soma == "driven":
            cell["phi_max"] = 1e6
            cell["dendrite_v_rest"] = -1.0
        case.v_init[i] = (v_soma, 0.1)
    for synapse in case.plastic:
        synapse.weight, synapse.w_min, synapse.w_max = 2e-5, 1e-6, 3e-4
        synapse.eta = 0.0003 / 15.0**2 * {"silent": 100.0, "driven": 1.0}[soma]
    return case


CASES = {
    "silent, without units": lambda: without_units("silent"),
    "driven, without units": lambda: without_units("driven"),
    "silent": lambda: random_case(21, "silent", eta=0.1),
    "silent, many": lambda: random_case(22, "silent", eta=0.05, n_cells=6, n_sources=20, duration=300.0),
    "silent, long intervals": lambda: random_case(23, "silent", duration=12_000.0, rate=0.7, n_sources=5, eta=2.0),
    "silent, long delays": lambda: random_case(24, "silent", max_delay=15.0, eta=0.1),
    "silent, clipped": lambda: random_case(25, "silent", eta=1.0, w_range=(0.04, 0.16)),
    "silent, clipped at zero": zero_bound_with_equal_time_constants,
    "silent, strong conductances": strong_teacher,
    "driven": lambda: random_case(26, "driven", eta=0.002),
    "driven, long intervals": lambda: random_case(27, "driven", duration=10_000.0, rate=0.7, n_sources=5, eta=0.02),
    "driven, clipped": lambda: random_case(28, "driven", eta=0.1, w_range=(0.04, 0.16)),
    "driven, coupled back": lambda: random_case(29, "driven", eta=0.002, g_back=3e-3),
    "driven, bursts": bursts,
    "silent, fine steps": lambda: random_case(34, "silent", eta=0.1, dt=0.05, duration=200.0),
    "driven, coarse steps": lambda: random_case(35, "driven", eta=0.002, dt=0.25, duration=600.0, tau_refrac=2.6),
}


@pytest.fixture(scope="module", params=list(CASES))
def runs(request):
    """The case, and what NEST and we make of it."""
    pytest.importorskip("nest", reason="comparison with NEST: pip install nest-simulator")
    case = CASES[request.param]()
    return case, nest_runner.run(case), ours.run(case)


def test_traces(runs):
    _, theirs, mine = runs
    for name in ("soma.v", "dendrite.v"):
        assert np.max(np.abs(theirs.traces[name][1:] - mine.traces[name][1:])) < TRACE_TOLERANCE, name
    for name in ("gsyn_exc", "gsyn_inh", "isyn_exc", "isyn_inh"):
        peak = np.max(np.abs(theirs.traces[name][1:]))
        assert peak > 0.0 or name != "isyn_exc"
        np.testing.assert_allclose(mine.traces[name][1:], theirs.traces[name][1:], rtol=0, atol=1e-6 * peak)


def test_spikes(runs):
    case, theirs, mine = runs
    for cell, expected, got in zip(case.cells, theirs.spikes, mine.spikes):
        np.testing.assert_array_equal(got, expected)
        if cell["soma_i_offset"] > 0.0:
            assert np.all(np.diff(got) == refractory_steps(cell, case.dt) + 1)
            assert len(got) > 10
        else:
            assert len(got) == 0


def test_every_transmitted_weight(runs):
    case, theirs, mine = runs
    worst, smallest, _ = worst_weight_error(mine.events, theirs.events, case.plastic)
    assert worst < WEIGHT_TOLERANCE
    assert smallest > 1e-7, "a synapse that hardly learns proves little"


def test_plain_sum_over_our_dendrite(runs):
    case, _, mine = runs
    worst, _, _ = worst_weight_error(mine.events, expected_events(case, mine), case.plastic)
    assert worst < SUM_TOLERANCE


def test_plain_sum_over_the_dendrite_of_nest(runs):
    """The twin itself is NEST's rule, not only ours."""
    case, theirs, _ = runs
    worst, _, _ = worst_weight_error(theirs.events, expected_events(case, theirs), case.plastic)
    assert worst < SUM_TOLERANCE


@pytest.mark.parametrize("runs", [name for name in CASES if "clipped" in name], indirect=True)
def test_clipped_cases_reach_their_bounds(runs):
    """Otherwise they would not test what they are named after."""
    case, _, mine = runs
    carried = np.concatenate([weights for _, weights in mine.events])
    assert np.any(carried == case.plastic[0].w_min) or np.any(carried == case.plastic[0].w_max)
