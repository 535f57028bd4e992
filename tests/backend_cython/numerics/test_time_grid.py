"""Delays on the grid of time steps."""

import numpy as np
import pytest

from backend_cython.numerics.time_grid import delays_on_grid


@pytest.mark.parametrize(
    "timestep, given, steps",
    [
        (0.1, [0.1, 0.15, 0.25, 0.149, 0.3, 1.0], [1, 2, 3, 1, 3, 10]),
        (0.1, [1e-9, 0.04, 0.05], [1, 1, 1]),
        (0.025, [0.0375, 0.05, 0.0624], [2, 2, 2]),
        (1.0, [2.0**31 - 1, 2.0**31 - 1.6], [2**31 - 1, 2**31 - 2]),
        (0.1, [], []),
    ],
)
def test_delays_lie_at_the_nearest_step_halves_up_one_at_least(timestep, given, steps):
    found, _ = delays_on_grid(np.array(given), timestep, round(1 / timestep))
    assert found.tolist() == steps and found.dtype == np.int32


def test_a_delay_acts_as_it_was_given_if_that_is_the_time_of_its_steps():
    sum_of_steps = 0.1 + 0.1 + 0.1
    _, acting = delays_on_grid(np.array([sum_of_steps, 0.31, 0.35]), 0.1, 10.0)
    assert acting.tolist() == [sum_of_steps, 0.3, 0.4]
    # a time step of which a millisecond is no multiple
    _, acting = delays_on_grid(np.array([0.9, 1.0]), 0.3, 0.0)
    assert acting.tolist() == [0.9, 3 * 0.3]


def test_delays_of_any_layout():
    delays = np.array([[1.0, 9.0], [2.0, 9.0]])[:, 0]
    assert delays_on_grid(delays, 0.5, 2.0)[0].tolist() == [2, 4]
    assert delays.tolist() == [1.0, 2.0]
