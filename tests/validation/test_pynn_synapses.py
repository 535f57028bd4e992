"""Every synapse type in pyNN.nest and in ours, out of the same PyNN script: what each spike carried.

A conductance follows its own equation, whatever the membrane does, and jumps by the weight of a spike: equal
conductances are equal weights. NEST solves the equation with steps whose error is below 1e-9 of its value.
"""

import numpy as np
import pytest

from pyurbanczik.compare.judge.confidence import largest_z

from .pynn_networks import DT
from .pynn_synapse_scripts import (
    COPIED_TRAIN,
    GSYN,
    N_COPIES,
    RECEPTORS,
    STOCHASTIC,
    TAU_SYN,
    WEIGHT_DEPENDENCES,
)

CONDUCTANCE_TOLERANCE = 1e-9  # µS, of weights of about 0.01
CURRENT_TOLERANCE = 1e-9  # mV: linear cells are solved exactly by both
POTENTIAL_TOLERANCE = 2e-3  # mV: NEST solves conductance-based cells to 1e-3


@pytest.fixture
def run(in_both):
    theirs, ours = in_both("tests.validation.pynn_synapse_scripts")
    return lambda name: (theirs[name], ours[name])


@pytest.mark.parametrize("receptor", RECEPTORS)
@pytest.mark.parametrize("label", ["static", "Tsodyks-Markram"])
def test_onto_conductances(run, label, receptor):
    theirs, ours = run(f"{label}, {receptor}, conductance")
    np.testing.assert_allclose(ours[GSYN[receptor]], theirs[GSYN[receptor]], rtol=0, atol=CONDUCTANCE_TOLERANCE)
    np.testing.assert_allclose(ours["v"], theirs["v"], rtol=0, atol=POTENTIAL_TOLERANCE)


@pytest.mark.parametrize("receptor", RECEPTORS)
@pytest.mark.parametrize("label", ["static", "Tsodyks-Markram"])
def test_onto_currents(run, label, receptor):
    theirs, ours = run(f"{label}, {receptor}, current")
    np.testing.assert_allclose(ours["v"], theirs["v"], rtol=0, atol=CURRENT_TOLERANCE)


PLASTIC = [(f"{dependence}, {receptor}", receptor) for dependence in WEIGHT_DEPENDENCES for receptor in RECEPTORS]


@pytest.mark.parametrize(("label", "receptor"), [*PLASTIC, ("Vogels", "excitatory")])
def test_stdp(run, label, receptor):
    theirs, ours = run(f"STDP, {label}")
    assert len(theirs["spikes"]) > 100
    np.testing.assert_allclose(ours["spikes"], theirs["spikes"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(ours[GSYN[receptor]], theirs[GSYN[receptor]], rtol=0, atol=CONDUCTANCE_TOLERANCE)


def released(result):
    """How many quanta each spike of the train released, over all copies of the synapse."""
    g = result["gsyn_exc"][:, 0]
    jumps = g[1:] - g[:-1] * np.exp(-DT / TAU_SYN["excitatory"])
    return jumps[np.rint((COPIED_TRAIN + 1.0) / DT).astype(int) - 1] / 1e-5


@pytest.mark.statistics
@pytest.mark.parametrize("label", STOCHASTIC)
def test_stochastic_release(run, label):
    """The sites of a synapse are independent of each other, so that the number released is binomial."""
    theirs, ours = (released(result) for result in run(label))
    n_sites = STOCHASTIC[label][1].get("n", 1)
    if n_sites > 1:
        theirs, ours = theirs[COPIED_TRAIN >= 100.0], ours[COPIED_TRAIN >= 100.0]
    n = N_COPIES * n_sites
    p = (theirs + ours) / (2 * n)
    error = np.sqrt(np.maximum(2 * n * p * (1 - p), 1e-6))
    assert np.max(np.abs(theirs - ours) / error) < largest_z(len(p))
    np.testing.assert_allclose(ours, np.rint(ours), atol=1e-6)
