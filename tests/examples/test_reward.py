"""Learning from a delayed reward: the rule against its equation, and what it achieves."""

import numpy as np
import pytest
import urbanczik_senn_2014_reward as experiment

import pyurbanczik as sim
from tests.reference import dendritic_error, rule, transfer
from tests.reference.neuron import DEFAULTS


@pytest.mark.parametrize("delay", [200.0, None])
def test_weights_follow_the_equation_as_in_the_twin(delay):
    """dw = η M Δ with the rewards of the run, for every input of every learner."""
    task = experiment.Task.create(n_learners=2, n_trials=2, seed=4)
    (group,) = experiment.build(task, seed=4, delays=(delay,))
    before = group.synapses.get("weight", format="array")
    group.cells.record("v_star")
    if delay is not None:
        group.modulator.record()
    for trial, pattern in enumerate(task.order):
        experiment.run_trial([group], pattern, trial * experiment.TRIAL)
    data = group.cells.get_data().segments[0]
    v_star = data.analogsignals[0].magnitude
    n, dt = len(v_star), experiment.TIMESTEP
    modulator = np.ones((n, 2)) if delay is None else group.modulator.get_data().magnitude
    after = group.synapses.get("weight", format="array")
    tau_s, cm, tau_L = DEFAULTS["dendrite_tau_syn_E"], DEFAULTS["dendrite_cm"], 10.0
    shape = transfer.transfer_parameters(DEFAULTS)
    for cell in range(2):
        counts = np.bincount(np.rint(data.spiketrains[cell].magnitude / dt).astype(int), minlength=n)
        error = dendritic_error.errors_of(
            "spikes",
            n_spikes=counts,
            rate_star=transfer.phi(v_star[:, cell], **shape) * rule.PER_SECOND,
            log_slope=transfer.h(v_star[:, cell], **shape) / transfer.UNIT_VOLTAGE,
            dt=dt,
        )
        for i in range(0, experiment.N_INPUTS, 25):
            source = cell * experiment.N_INPUTS + i
            times = task.input_times()[source]
            # weights act, and traces begin, when the spike has reached the synapse: all of the delay is behind it
            spikes = np.bincount(np.rint(times / dt).astype(int), minlength=n)[:n]
            x = dendritic_error.psp_trace(spikes, dt, cm, tau_L, tau_s)
            _, beneath = dendritic_error.weights(
                before[source, cell], x, error, modulator[:, cell],
                dt=dt, eta=experiment.ETA[delay], tau_Delta=experiment.RULE["tau_Delta"], decay=0.0, delay_steps=1,
                w_min=-3.0, w_max=3.0, bounds="state", spikes=spikes,
            )  # fmt: skip
            assert abs(beneath[-1] - before[source, cell]) > 1e-4
            assert after[source, cell] == pytest.approx(beneath[-1], abs=1e-9)
    sim.end()


@pytest.fixture(scope="module")
def rewards():
    task = experiment.Task.create(n_learners=20, n_trials=160, seed=2)
    return experiment.simulate(task, seed=2)


@pytest.mark.parametrize("delay", experiment.DELAYS)
def test_reward_teaches(rewards, delay):
    mean, half = experiment.interval(experiment.successes(rewards[delay]))
    assert mean - half > experiment.CHANCE


def test_without_modulator_nothing_is_learnt(rewards):
    mean, half = experiment.interval(experiment.successes(rewards[None]))
    assert abs(mean - experiment.CHANCE) < half
