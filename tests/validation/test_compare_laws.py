"""The experiment of Urbanczik & Senn (2014), Fig. 1B, has one law in NEST and here; another learning rate has another.

Shortened, unless PYURBANCZIK_LAW_SEEDS asks for more seeds: 24 run the whole experiment in NEST, for half an hour.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from pyurbanczik.compare.judge.laws import compare_laws
from pyurbanczik.compare.judge.statistics import STEPS
from pyurbanczik.compare.judge.verdicts import DIFFERS, EQUAL
from pyurbanczik.compare.launch.processes import Order, run

pytestmark = pytest.mark.statistics

EXAMPLES = Path(__file__).parents[2] / "examples"
WHOLE, SHORT = 100, 3  # taught repetitions
N_SEEDS = int(os.environ.get("PYURBANCZIK_LAW_SEEDS", "6"))
# All seeds in one process; of the traces, the soma's is enough.
SCRIPT = f"""
import sys
from dataclasses import replace

sys.path.insert(0, {str(EXAMPLES)!r})
import urbanczik_senn_2014_fig1b as experiment_of

experiment_of.RECORDED = ("soma.v", "gsyn_exc")
taught, factor, first, last = map(float, sys.argv[1:])
experiment = experiment_of.Experiment.create(taught=int(taught))
parameters = experiment.parameters
synapse = {{**parameters.synapse, "eta": factor * parameters.synapse["eta"]}}
experiment = replace(experiment, parameters=replace(parameters, synapse=synapse))
for seed in range(int(first), int(last)):
    experiment_of.simulate(experiment, seed)
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A function that runs the experiment with several seeds: a list of results."""
    script = tmp_path_factory.mktemp("law") / "experiment.py"
    script.write_text(SCRIPT)

    def run_seeds(simulator, seeds, taught, factor=1.0):
        arguments = (taught, factor, seeds.start, seeds.stop)
        result = run(Order(simulator, str(script), tuple(map(str, arguments))))
        assert result.error is None, result.error
        return [replace(result, simulations=[simulation]) for simulation in result.simulations]

    return run_seeds


@pytest.fixture(scope="module")
def ours(runs):
    """The whole experiment, 24 times."""
    return runs("pyurbanczik", range(1, 25), WHOLE)


def test_the_experiment_has_one_law_in_nest_and_here(runs, nest):
    taught = WHOLE if N_SEEDS >= 24 else SHORT
    theirs = runs("nest", range(1, 1 + N_SEEDS), taught)
    found = compare_laws("nest", runs("pyurbanczik", range(1, 1 + N_SEEDS), taught), theirs)
    assert {one.verdict for one in found} == {EQUAL}, [one for one in found if one.verdict != EQUAL]
    assert {"rate (Hz)", f"weight: {STEPS}", "soma.v: mean in part 5"} <= {one.variable for one in found}


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_a_learning_rate_ten_per_cent_off_is_found(runs, ours, factor):
    others = runs("pyurbanczik", range(101, 125), WHOLE, factor)
    verdicts = {one.variable: one.verdict for one in compare_laws("nest", ours, others)}
    assert verdicts[f"weight: {STEPS}"] == DIFFERS
    assert verdicts["rate (Hz)"] == EQUAL


def test_the_same_law_with_other_seeds_is_equal(runs, ours):
    others = runs("pyurbanczik", range(201, 225), WHOLE)
    assert {one.verdict for one in compare_laws("nest", ours, others)} == {EQUAL}
