"""A recurrent network replays a sequence after its teacher has gone, if it has learnt and only then."""

import pytest
import sequence_replay as experiment

TAUGHT, REPLAYED = 60, 20


def replayed(seed=1, eta=experiment.ETA):
    correlations, _ = experiment.evaluate(seed, TAUGHT, REPLAYED, eta)
    return experiment.long_after(correlations, REPLAYED)


def test_it_replays():
    assert replayed() > 0.8


@pytest.mark.parametrize("eta", [0.0, -experiment.ETA])
def test_without_the_rule_it_does_not(eta):
    assert replayed(eta=eta) < 0.3
