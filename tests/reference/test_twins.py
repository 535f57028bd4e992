"""The twins against the definitions that they are derived from."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from tests.reference import neuron, rule, transfer

CELL = dict(neuron.DEFAULTS, rate_slope=0.7, beta=0.25)


def test_h_is_the_logarithmic_derivative_of_phi_in_the_unit_of_the_paper():
    shape, u, du = transfer.transfer_parameters(CELL), np.linspace(-90, -20, 50), 1e-4
    slope = np.log(transfer.phi(u + du, **shape) / transfer.phi(u - du, **shape)) / (2 * du)
    assert transfer.h(u, **shape) == pytest.approx(15.0 * slope, rel=1e-6)


def test_without_slope_the_rate_is_constant():
    shape = dict(transfer.transfer_parameters(CELL), rate_slope=0.0)
    assert transfer.phi(-300.0, **shape) == shape["phi_max"]
    assert transfer.h(-300.0, **shape) == 0.0


@pytest.mark.parametrize("tau_syn", [1.0, 10.0 - 1e-7, 10.0, 25.0])
def test_kernel_is_the_response_of_a_leaky_dendrite_to_a_decaying_pulse(tau_syn):
    tau_leak, t = 10.0, np.linspace(0, 60, 61)
    solution = solve_ivp(
        lambda t, v: np.exp(-t / tau_syn) - v / tau_leak,
        (0, 60),
        [0.0],
        t_eval=t,
        rtol=1e-10,
        atol=1e-12,
        max_step=0.5,
    )
    assert rule.kernel(t, tau_leak, tau_syn) == pytest.approx(solution.y[0], abs=1e-7)


def test_potentials_have_the_closed_solution_of_uncoupled_compartments():
    """A dendrite that the soma cannot reach follows the kernel; a soma without coupling stays at rest."""
    cell = dict(CELL, g_dendrite_to_soma=0.0, dendrite_tau_syn_I=5.0)
    arrivals = np.zeros((400, 4))
    arrivals[10, 0], arrivals[50, 1] = 0.5, 0.3
    out = neuron.integrate(cell, 0.1, arrivals)
    charge = 0.5 * rule.psp(399, [10], 0.1, 10.0, 3.0) - 0.3 * rule.psp(399, [50], 0.1, 10.0, 5.0)
    expected = -70.0 + charge / cell["dendrite_cm"]
    assert out.v_dendrite == pytest.approx(expected, abs=1e-9)
    assert np.all(out.v_soma == -70.0)
    assert out.synaptic[50, 1] == -0.3


def test_spikes_keep_the_refractory_time_and_come_in_numbers_without_it():
    v, certain = np.full(1000, 50.0), dict(CELL, phi_max=1e6, tau_refrac=1.0)
    assert np.all(np.diff(np.flatnonzero(neuron.fire(v, 0.1, certain, lambda: 1.0))) == 11)
    counts = neuron.fire(v, 0.1, dict(certain, tau_refrac=0.0), lambda: 1.0)
    assert counts.sum() == pytest.approx(99_900, abs=1)  # 100 a step, none in the first entry


def test_weight_is_the_low_passed_product_of_error_and_potential():
    """The same integral as two differential equations: tau D' = Pi - D, w' = eta D."""
    rng, dt, tau = np.random.default_rng(0), 0.01, 40.0
    error, arrivals = dt * rng.normal(size=20_001), [100, 900, 2000]
    error[0] = 0.0
    common = dict(delay_steps=7, tau_leak=10.0, tau_syn=3.0, weight=0.2, eta=0.3)
    (got,) = rule.unclipped_weights([20_000], arrivals, error, dt, tau_Delta=tau, **common)
    delayed = np.concatenate([np.zeros(7), error])[:20_001]
    low_pass, weight = 0.0, 0.2
    for product in rule.psp(20_000, arrivals, dt, 10.0, 3.0) * delayed:
        weight += 1e-3 * 0.3 * 15.0 * low_pass * -np.expm1(-dt / tau) * tau
        low_pass = low_pass * np.exp(-dt / tau) + product / tau
    assert got - 0.2 == pytest.approx(weight - 0.2, rel=1e-9)
