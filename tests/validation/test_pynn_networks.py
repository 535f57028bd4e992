"""A learning network in pyNN.nest and in ours, out of the same PyNN script: every spike, potential and weight."""

import numpy as np
import pytest

from .pynn_network_scripts import SIZES, VOLLEY, W_MAX

# mV: linear cells are solved exactly by both; NEST solves those with conductances to 1e-3.
TOLERANCE = {"current": 1e-9, "conductance": 2e-3}


@pytest.mark.parametrize("kind", W_MAX)
def test_a_learning_network(in_both, kind):
    theirs, ours = (results[kind] for results in in_both("tests.validation.pynn_network_scripts"))
    for name in ("excitatory", "inhibitory"):
        spikes = theirs[f"{name} spikes"]
        assert len(spikes) > 5 * SIZES[name]
        assert spikes[:, 1].max() < VOLLEY - 10.0
        np.testing.assert_allclose(ours[f"{name} spikes"], spikes, rtol=0, atol=1e-6)
        np.testing.assert_allclose(ours[f"{name} v"], theirs[f"{name} v"], rtol=0, atol=TOLERANCE[kind])
    change = np.nanmax(np.abs(theirs["after"] - theirs["before"]))
    assert change > 0.1 * W_MAX[kind]
    np.testing.assert_allclose(ours["after"], theirs["after"], rtol=0, atol=1e-9 * change)
