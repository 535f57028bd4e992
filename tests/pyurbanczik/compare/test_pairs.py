"""Verdicts about two runs that are known."""

import numpy as np
import pytest

from pyurbanczik.compare.judge.laws import by_other_random_numbers
from pyurbanczik.compare.judge.pairs import compare_runs
from pyurbanczik.compare.judge.verdicts import DIFFERS, DOCUMENTED, EQUAL

from .examples import TIMESTEP, a_run, potential


def verdicts(ours, theirs):
    return {(found.what, found.variable): found for found in compare_runs(ours, theirs)}


def test_equal_runs():
    found = verdicts(a_run(), a_run("nest"))
    assert {comparison.verdict for comparison in found.values()} == {EQUAL}
    assert {
        ("connections", "cells"),
        ("spikes", "spikes"),
        ("signal", "v"),
        ("final weights", "weight"),
    } <= found.keys()


def test_rounding_is_equal():
    found = verdicts(a_run(), a_run("nest", v=potential() * (1.0 + 1e-11)))
    assert found["signal", "v"].verdict == EQUAL
    assert found["signal", "v"].difference > 0.0


@pytest.mark.parametrize(
    ("celltype", "size", "verdict"),
    [
        ("IF_cond_exp", 5e-5, DOCUMENTED),
        ("IF_cond_exp", 2e-4, DIFFERS),
        ("IF_curr_exp", 5e-5, DIFFERS),  # which both solve exactly
    ],
)
def test_a_signal_may_differ_by_what_is_documented(celltype, size, verdict):
    v = potential()
    v[50, 1] += size
    found = verdicts(a_run(celltype=celltype), a_run("nest", celltype, v=v))["signal", "v"]
    assert (found.verdict, found.entry) == (verdict, "nest-solver" if verdict == DOCUMENTED else "")
    assert found.at == pytest.approx(50 * TIMESTEP)
    assert found.difference == pytest.approx(size, rel=1e-6)


def test_what_is_documented_of_another_simulator_is_no_reason():
    v = potential()
    v[50, 1] += 5e-5
    found = verdicts(a_run(celltype="IF_cond_exp"), a_run("arbor", "IF_cond_exp", v=v))["signal", "v"]
    assert found.verdict == DIFFERS


@pytest.mark.parametrize(("shift", "verdict"), [(0.1, DOCUMENTED), (0.3, DIFFERS)])
def test_everything_may_differ_after_the_first_spike_that_does(shift, verdict):
    v = potential()
    v[100:] += 5.0
    moved = ((0, 3.0), (1, 7.5 + shift), (0, 15.0))
    found = verdicts(a_run(celltype="IF_cond_exp"), a_run("nest", "IF_cond_exp", spikes=moved, v=v, weight=0.9))
    spikes = found["spikes", "spikes"]
    assert (spikes.verdict, spikes.at) == (verdict, pytest.approx(7.5))
    assert spikes.difference == pytest.approx(shift)
    assert spikes.numbers["unmatched"] == 4
    assert spikes.numbers["van Rossum distance"] > 0.0 < spikes.numbers["SPIKE distance"]
    assert found["signal", "v"].verdict == found["final weights", "weight"].verdict == verdict
    assert "first spike" in found["signal", "v"].detail


def test_a_signal_that_differs_before_any_spike_has_no_excuse():
    v = potential()
    v[10:] += 1.0
    moved = ((0, 3.0), (1, 7.6), (0, 12.0))
    found = verdicts(a_run(celltype="IF_cond_exp"), a_run("nest", "IF_cond_exp", spikes=moved, v=v))
    assert found["signal", "v"].verdict == DIFFERS
    assert found["signal", "v"].at == pytest.approx(1.0)


def test_columns_are_found_whatever_their_order():
    theirs = a_run("nest")
    signal = theirs.simulations[0].populations[0].segments[0].signals["v"]
    signal.columns, signal.values = signal.columns[::-1], signal.values[:, ::-1]
    assert verdicts(a_run(), theirs)["signal", "v"].verdict == EQUAL


def test_networks_that_differ_are_not_compared_further():
    theirs = a_run("nest")
    theirs.simulations[0].populations[0].celltype = "IF_cond_exp"
    found = compare_runs(a_run(), theirs)
    assert {comparison.what for comparison in found} == {"network"}
    assert "3 IF_curr_exp here, 3 IF_cond_exp there" in [comparison.detail for comparison in found]


def test_connections_that_differ():
    theirs = a_run("nest")
    theirs.simulations[0].projections[0].initial.post[0] = 1
    assert verdicts(a_run(), theirs)["connections", "cells"].verdict == DIFFERS


def test_a_spike_that_comes_twice_is_seen():
    twice = ((0, 3.0), (0, 3.0), (1, 7.5), (0, 12.0))
    found = verdicts(a_run(spikes=twice), a_run("nest"))["spikes", "spikes"]
    assert (found.verdict, found.at) == (DIFFERS, pytest.approx(3.0))


def test_a_signal_of_one_simulator_only():
    theirs = a_run("nest")
    theirs.simulations[0].populations[0].segments[0].signals.clear()
    assert verdicts(a_run(), theirs)["signal", "v"].detail == "recorded here alone"


def test_a_potential_that_is_no_number_differs():
    v = potential()
    v[-1, 0] = np.nan
    assert verdicts(a_run(), a_run("nest", v=v))["signal", "v"].verdict == DIFFERS


def test_what_differs_from_seed_to_seed_is_random():
    other = ((0, 4.0), (1, 7.5))
    v = potential()
    v[60:] += 1.0
    found = compare_runs(a_run(), a_run("nest", spikes=other, weight=0.7, v=v))
    by_other_random_numbers(found, compare_runs(a_run(), a_run(spikes=((0, 5.0),))))
    verdicts = {comparison.variable: comparison for comparison in found if comparison.verdict != EQUAL}
    assert verdicts["spikes"].entry == verdicts["v"].entry == verdicts["weight"].entry == "random-streams"


def test_what_differs_before_a_random_spike_is_not_random():
    v = potential()
    v[10:] += 1.0
    found = compare_runs(a_run(), a_run("nest", spikes=((0, 4.0),), v=v))
    by_other_random_numbers(found, compare_runs(a_run(), a_run(spikes=((0, 5.0),))))
    assert [comparison.variable for comparison in found if comparison.verdict == DIFFERS] == ["v"]


def two_populations(joined, upstream, downstream, celltypes=("Izhikevich", "IF_curr_exp")):
    """Two populations whose first cells fire at given times, with a projection from the first to the second or not."""
    run = a_run("nest", celltypes[0], spikes=((0, upstream),))
    simulation = run.simulations[0]
    simulation.populations.append(a_run(celltype=celltypes[1], spikes=((0, downstream),)).simulations[0].populations[0])
    simulation.populations[1].label = "others"
    simulation.projections[0].post = [1] if joined else [0]
    return run


@pytest.mark.parametrize(("joined", "verdict"), [(True, DOCUMENTED), (False, DIFFERS)])
def test_a_difference_excuses_only_those_whom_it_reaches(joined, verdict):
    found = compare_runs(two_populations(joined, 3.0, 9.0), two_populations(joined, 3.5, 9.5))
    by_label = {comparison.of: comparison for comparison in found if comparison.what == "spikes"}
    assert by_label["cells"].verdict == DOCUMENTED
    assert by_label["others"].verdict == verdict
    assert (by_label["others"].cause is by_label["cells"]) == joined
    assert by_label["others"].as_dict()["consequence"] == joined


@pytest.mark.parametrize("order", [1, -1])
def test_a_spike_is_not_due_to_another_at_the_same_time(order):
    celltypes = ("Izhikevich", "IF_curr_exp")[::order]
    found = compare_runs(*(two_populations(True, time, time, celltypes) for time in (3.0, 3.5)))
    assert [one.verdict for one in found if one.what == "spikes"] == [DOCUMENTED, DIFFERS][::order]


def test_what_follows_from_other_connections_says_so():
    v = potential()
    v[10:] += 1.0
    theirs = a_run("nest", v=v)
    theirs.simulations[0].projections[0].initial.post[0] = 1
    found = verdicts(a_run(), theirs)["signal", "v"]
    assert (found.verdict, found.detail) == (DIFFERS, "follows from connections of inputs→cells")


def test_what_a_simulator_draws_by_itself_is_random():
    runs = [a_run(), a_run("nest", v=potential() + 1.0)]
    runs[1].simulations[0].projections[0].initial.post[0] = 1
    for run in runs:
        run.simulations[0].projections[0].native = True
    found = verdicts(*runs)
    assert {found[key].entry for key in (("connections", "cells"), ("signal", "v"))} == {"random-streams"}


def test_a_population_that_one_simulator_lacks_is_named_and_the_others_compared():
    ours, theirs = two_populations(False, 3.0, 9.0), two_populations(False, 3.0, 9.0)
    del theirs.simulations[0].populations[0]
    theirs.simulations[0].projections.clear()
    found = {(one.what, one.of, one.variable): one for one in compare_runs(ours, theirs)}
    network = found["network", "", "populations"]
    assert (network.verdict, network.detail) == (DIFFERS, "2 here, 1 there; cells here alone")
    assert found["spikes", "others", "spikes"].verdict == EQUAL
    assert not any(of == "cells" for _, of, _ in found)
