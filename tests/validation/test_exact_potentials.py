"""Potentials against the solved equations: at most 1e-6 mV at a step of 0.1 ms, whatever the parameters."""

import numpy as np
import pytest

import pyurbanczik as sim
from tests.reference import neuron

from . import ours
from .cases import Case, Static, poisson_train, random_cell
from .checks import arrivals_at

TOLERANCE = 1e-6  # mV


def single(cell, static, v_init=(-70.0, -70.0), duration=80.0, dt=0.1):
    """One neuron without plastic synapses; a source that never fires stands in for theirs."""
    return Case(duration, dt, [cell], [v_init], trains=[np.empty(0)], plastic=[], static=static)


def barrage(rng, strength, duration=80.0, dt=0.1):
    """Random spikes on all four receptors; `strength` scales the conductances."""
    weights = {
        "dendritic_exc": 0.3,
        "dendritic_inh": 0.2,
        "soma_exc": 0.05 * strength,
        "soma_inh": 0.03 * strength,
    }
    return [
        Static(receptor, 0, weight, dt * rng.integers(1, 15), poisson_train(rng, 200.0, 1.0, duration - 2.0, dt))
        for receptor, weight in weights.items()
    ]


def compare(case, currents=None, inject=lambda cells: None):
    """Deviations from the solution: of the potentials in mV, of synaptic variables relative to their size."""
    network = ours.Network(case)
    inject(network.cells)
    got = network.run().result().traces
    exact = neuron.integrate(case.cells[0], case.dt, arrivals_at(case, 0, case.static), currents, case.v_init[0])
    potentials = max(
        np.max(np.abs(got["soma.v"][:, 0] - exact.v_soma)),
        np.max(np.abs(got["dendrite.v"][:, 0] - exact.v_dendrite)),
    )
    signals = np.column_stack([got[name] for name in ("isyn_exc", "isyn_inh", "gsyn_exc", "gsyn_inh")])
    size = np.maximum(np.max(np.abs(exact.synaptic), axis=0), 1e-12)
    return potentials, np.max(np.abs(signals - exact.synaptic) / size), exact


@pytest.mark.parametrize("back_coupling", [0.0, 0.05, 0.6])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_parameters_and_inputs(seed, back_coupling):
    rng = np.random.default_rng(seed)
    cell = random_cell(
        rng,
        g_soma_to_dendrite=back_coupling,
        soma_i_offset=rng.uniform(-1, 1),
        dendrite_i_offset=rng.uniform(-0.3, 0.3),
    )
    potentials, synaptic, exact = compare(single(cell, barrage(rng, 1.0), v_init=rng.uniform(-80, -50, 2)))
    assert potentials < TOLERANCE
    assert synaptic < 1e-12
    assert np.ptp(exact.v_soma) > 5.0


@pytest.mark.parametrize("back_coupling", [0.0, 0.2])
@pytest.mark.parametrize("receptor", ["soma_exc", "soma_inh"])
def test_conductances_of_three_microsiemens(receptor, back_coupling):
    rng = np.random.default_rng(5)
    cell = random_cell(rng, g_soma_to_dendrite=back_coupling)
    strong = [Static(receptor, 0, weight, 0.1, np.array([t])) for weight, t in ((3.0, 10.0), (2.5, 15.0), (1.0, 60.0))]
    potentials, _, exact = compare(single(cell, strong + barrage(rng, 1.0)))
    assert exact.synaptic[:, neuron.RECEPTORS.index(receptor)].max() >= 3.0
    assert potentials < TOLERANCE


def test_conductances_held_near_three_microsiemens_by_a_spike_a_step():
    times = np.round(np.arange(1.0, 70.0, 0.1), 6)
    wave = 0.05 * (1.0 + np.sin(2 * np.pi * times / 40.0))
    static = [Static("soma_exc", 0, weight, 0.1, np.array([t])) for t, weight in zip(times, wave)]
    static.append(Static("soma_inh", 0, 0.03, 0.1, times))
    potentials, _, exact = compare(single(dict(neuron.DEFAULTS), static))
    assert exact.synaptic[:, 2].max() > 2.5
    assert potentials < TOLERANCE


@pytest.mark.parametrize("tau_syn", [0.02, 0.1, 0.2, 3.0, 3.0 * (1 + 1e-9), 80.0])
def test_synaptic_time_constants_around_those_of_the_compartments(tau_syn):
    """tau_L = 3 ms in both compartments: equal, nearly equal, and far from the synapses'."""
    names = ("soma_tau_syn_E", "soma_tau_syn_I", "dendrite_tau_syn_E", "dendrite_tau_syn_I")
    cell = dict(neuron.DEFAULTS, soma_g_leak=0.1, dendrite_g_leak=0.1, **dict.fromkeys(names, tau_syn))
    potentials, _, _ = compare(single(cell, barrage(np.random.default_rng(7), 4.0)))
    assert potentials < TOLERANCE


def test_soma_as_slow_as_the_dendrite():
    """Equal time constants of both compartments make the propagator of the chain degenerate."""
    cell = dict(neuron.DEFAULTS, g_dendrite_to_soma=0.1, soma_g_leak=0.02, dendrite_g_leak=0.12)
    potentials, _, _ = compare(single(cell, barrage(np.random.default_rng(8), 1.0)))
    assert potentials < TOLERANCE


@pytest.mark.parametrize("dt", [0.05, 0.25])
def test_other_time_steps(dt):
    rng = np.random.default_rng(9)
    potentials, _, _ = compare(single(random_cell(rng), barrage(rng, 1.0, duration=40.0, dt=dt), duration=40.0, dt=dt))
    assert potentials < TOLERANCE


@pytest.mark.parametrize("back_coupling", [0.0, 0.1])
def test_currents_into_both_compartments(back_coupling):
    rng = np.random.default_rng(11)
    case = single(random_cell(rng, g_soma_to_dendrite=back_coupling), barrage(rng, 1.0))
    currents = np.zeros((case.n_steps, 2))
    currents[100:500, 0] += 2.0
    currents[200:300, 1] += -0.4
    currents[300:, 1] += 0.6
    currents[400:600, 1] += 0.3

    def inject(cells):
        sim.DCSource(amplitude=2.0, start=10.0, stop=50.0).inject_into(cells)
        steps = sim.StepCurrentSource(times=[20.0, 30.0], amplitudes=[-0.4, 0.6])
        steps.inject_into(cells, location="dendrite")
        sim.DCSource(amplitude=0.3, start=40.0, stop=60.0).inject_into(cells, location="dendrite")

    potentials, _, _ = compare(case, currents, inject)
    assert potentials < TOLERANCE
    without, _, _ = compare(case, currents)
    assert without > 1.0
