"""Learning in any dendrite: random cells, rules, modulators, delays and changes amid the run, step by step.

`PYURBANCZIK_LEARNING_CASES` is the number of cases; 1000 take some minutes.
"""

import os

import pytest

from .learning_cases import Case

N_CASES = int(os.environ.get("PYURBANCZIK_LEARNING_CASES", "25"))
TOLERANCE = 1e-8  # of a weight's movement


@pytest.mark.parametrize("seed", range(N_CASES))
def test_random_rules_on_random_cells(seed):
    assert max(Case(seed).worst) < TOLERANCE
