"""STDP, dendrites and Elephant in one network, and files that hold what was recorded."""

import network_of_everything as experiment
import numpy as np
import pytest
from neo_files import files_agree

for package in ("elephant", "nixio", "pynwb"):
    pytest.importorskip(package)

TAUGHT, ALONE, SEED = 25, 8, 3


@pytest.fixture(scope="module")
def phases():
    return np.arange(experiment.N_EXC) / experiment.N_EXC


@pytest.fixture(scope="module")
def inputs(phases):
    return experiment.create_inputs(phases, (TAUGHT + ALONE) * experiment.PERIOD, SEED)


def results(phases, inputs, **plasticity):
    network = experiment.simulate(inputs, SEED, TAUGHT, ALONE, **plasticity)
    return network, experiment.analyse(network, phases, TAUGHT)


def test_it_learns_and_files_hold_what_elephant_has_analysed_as_in_a_twin(phases, inputs, tmp_path):
    network, found = results(phases, inputs)
    assert found.correlation_with_target().mean() > 0.7
    assert found.asymmetry() > 1.2
    seconds = (TAUGHT + ALONE) * experiment.PERIOD * 1e-3
    for population in (network.excitatory, network.inhibitory, network.dendritic):
        counts = np.array([population.get_spike_counts()[cell] for cell in population])
        assert found.rates[population.label] == pytest.approx(counts / seconds)
    assert files_agree([network.dendritic], tmp_path) == {"nix": True, "nwb": True}


@pytest.mark.parametrize("eta", [0.0, -experiment.ETA])
def test_with_the_dendrites_rule_off_somata_do_not_follow(phases, inputs, eta):
    _, found = results(phases, inputs, eta=eta)
    assert found.correlation_with_target().mean() < 0.2


def test_without_stdp_weights_do_not_follow_the_rhythm(phases, inputs):
    _, found = results(phases, inputs, stdp=False)
    assert found.asymmetry() == pytest.approx(1.0)
