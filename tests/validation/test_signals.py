"""Recorded signals against their definitions, and a deterministic neuron against its twin."""

import numpy as np
import pytest

from tests.reference import neuron, rule, transfer

from . import ours
from .cases import random_case
from .checks import arrivals_at, recorded_error

ALL = (*ours.TRACES, "v_star", "rate", "rate_star", "error")


@pytest.mark.parametrize("soma, tau_refrac", [("silent", 2.0), ("driven", 2.0), ("free", 2.0), ("free", 0.0)])
def test_derived_signals(soma, tau_refrac):
    case = random_case(91, soma, eta=0.001, tau_refrac=tau_refrac)
    result = ours.run(case, traces=ALL)
    for i, cell in enumerate(case.cells):
        of_cell = {name: trace[:, i] for name, trace in result.traces.items()}
        shape, v_star = transfer.transfer_parameters(cell), transfer.prediction(of_cell["dendrite.v"], cell)
        np.testing.assert_allclose(of_cell["v_star"], v_star, rtol=1e-13)
        np.testing.assert_allclose(of_cell["rate"], transfer.phi(of_cell["soma.v"], **shape), rtol=1e-11)
        np.testing.assert_allclose(of_cell["rate_star"], transfer.phi(v_star, **shape), rtol=1e-11)
        np.testing.assert_allclose(of_cell["error"], recorded_error(case, result, i), rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("soma", ["silent", "driven"])
def test_a_deterministic_neuron_follows_its_twin(soma):
    """Potentials, spikes and errors of a network whose weights move: the twin gets what was transmitted."""
    case = random_case(92, soma, eta={"silent": 0.1, "driven": 0.002}[soma], duration=150.0)
    result = ours.run(case, traces=ALL)
    events = [(synapse, k, w) for synapse, (k, w) in zip(case.plastic, result.events)]
    for i, cell in enumerate(case.cells):
        draw = (lambda: np.inf) if soma == "silent" else (lambda: 1.0)
        arrivals = arrivals_at(case, i, case.static, events)
        twin = neuron.simulate(cell, case.dt, arrivals, v_init=case.v_init[i], draw=draw)
        np.testing.assert_allclose(result.traces["soma.v"][:, i], twin.v_soma, rtol=0, atol=1e-6)
        np.testing.assert_allclose(result.traces["dendrite.v"][:, i], twin.v_dendrite, rtol=0, atol=1e-6)
        np.testing.assert_array_equal(result.spikes[i], np.flatnonzero(twin.n_spikes))
        np.testing.assert_allclose(result.traces["error"][:, i], twin.error, rtol=1e-5, atol=1e-9)
        assert np.any(twin.error != 0.0)


def test_error_is_what_plastic_synapses_learn_from():
    """The weight follows the recorded error itself, whatever that was computed from."""
    case = random_case(93, "free", eta=0.1)
    result = ours.run(case, traces=ALL)
    for synapse, (k, weights) in zip(case.plastic, result.events):
        if len(k) < 2:
            continue
        cell = case.cells[synapse.post]
        due = rule.carried_weights(
            k,
            result.traces["error"][:, synapse.post],
            case.dt,
            delay_steps=round(synapse.delay / case.dt),
            tau_leak=cell["dendrite_cm"] / cell["dendrite_g_leak"],
            tau_syn=cell["dendrite_tau_syn_E"],
            **{name: getattr(synapse, name) for name in ("weight", "eta", "tau_Delta", "w_min", "w_max")},
        )
        assert np.max(np.abs(weights - due)) < 1e-8 * np.max(np.abs(due - synapse.weight))
