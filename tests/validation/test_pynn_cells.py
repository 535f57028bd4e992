"""Every standard cell in pyNN.nest and in ours, out of the same PyNN script: potentials and spike times.

The linear cells are solved exactly by both: only rounding differs. NEST solves the others within a tolerance for
each step of its own: 1e-3 (mV, pA, nS) for those with a fixed threshold, 1e-6 for the exponential ones. That
bounds what the traces may differ by. A spike within the step in which NEST has it, so the times are equal; the
scripts keep no potential within that tolerance of the threshold.
"""

import numpy as np
import pytest

from .pynn_cell_scripts import ALL_CELLS, PROTOCOLS, SCRIPTS, STEPS
from .pynn_networks import DT

EXACT = {"IF_curr_exp", "IF_curr_alpha", "IF_curr_delta", "LIF-CurrExp"}
TOLERANCE = dict.fromkeys(ALL_CELLS, 2e-3)  # mV
TOLERANCE.update(dict.fromkeys(EXACT, 1e-9))
# of the largest value of a conductance or current that follows its own equation
RELATIVE = {"gsyn": 1e-6, "isyn": 1e-9}
CASES = [(name, kind) for name in ALL_CELLS for kind in PROTOCOLS]


@pytest.fixture(params=CASES, ids=" ".join)
def runs(request, in_both):
    theirs, ours = in_both("tests.validation.pynn_cell_scripts")
    name, kind = request.param
    return name, theirs[f"{name} {kind}"], ours[f"{name} {kind}"]


def test_spike_times(runs):
    _, theirs, ours = runs
    np.testing.assert_allclose(ours["spikes"], theirs["spikes"], rtol=0, atol=1e-6)


def test_potential(runs):
    name, theirs, ours = runs
    assert np.max(np.abs(ours["v"] - theirs["v"])) < TOLERANCE[name]


def test_synaptic_variables(runs):
    _, theirs, ours = runs
    for signal, expected in theirs.items():
        kind = signal.rpartition(".")[2].partition("_")[0]
        if kind in RELATIVE:
            largest = np.max(np.abs(expected))
            np.testing.assert_allclose(ours[signal], expected, rtol=0, atol=RELATIVE[kind] * largest)


def test_scripts_make_spikes(in_both):
    """Otherwise they would prove little."""
    theirs, _ = in_both("tests.validation.pynn_cell_scripts")
    for name in SCRIPTS:
        assert len(theirs[name]["spikes"]) > 10 or "silent" in name, name


def test_izhikevich_approaches_ours_with_the_step(in_both):
    """The method of NEST has an error of the order of the step: the difference is proportional to the step."""
    theirs, ours = in_both("tests.validation.pynn_cell_scripts")
    differences = []
    for dt in STEPS:
        name, every = f"Izhikevich silent {dt}", round(DT / dt)
        assert len(theirs[name]["spikes"]) == len(ours[name]["spikes"]) == 0
        differences.append([np.max(np.abs(theirs[name][s] - ours[name][s])[::every]) for s in ("v", "u")])
    per_step = np.array(differences) / np.array(STEPS)[:, np.newaxis]
    np.testing.assert_allclose(per_step[1:] / per_step[-1], 1.0, atol=0.1)


def test_izhikevich_fires_as_ours_when_the_step_is_small(in_both):
    theirs, ours = in_both("tests.validation.pynn_cell_scripts")
    for dt in STEPS[1:]:
        name = f"Izhikevich firing {dt}"
        assert len(theirs[name]["spikes"]) > 15
        np.testing.assert_array_equal(ours[name]["spikes"][:, 0], theirs[name]["spikes"][:, 0])
        late = np.abs(ours[name]["spikes"][:, 1] - theirs[name]["spikes"][:, 1])
        assert np.max(late) < 60 * dt
