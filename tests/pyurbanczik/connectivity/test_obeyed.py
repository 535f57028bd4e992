"""Every argument of every connector is obeyed: what must hold of the connections, whatever the random numbers."""

import numpy as np
import pytest
from pyNN import connectors as plain
from pyNN import errors
from pyNN.core import IndexBasedExpression
from pyNN.random import NumpyRNG, RandomDistribution

from pyurbanczik.connectivity.connectors import OWN


class Band(IndexBasedExpression):
    def __call__(self, i, j):
        return np.where(np.abs(i - j) < 4, 0.5, 0.0)


def uniform_int(low, high):
    return RandomDistribution("uniform_int", (low, high), rng=NumpyRNG(seed=8))


# What the connectors that decide at random are given besides allow_self_connections and rng.
RANDOM = {
    "FixedProbabilityConnector": [{"p_connect": 0.5}, {"p_connect": 1}],
    "DistanceDependentProbabilityConnector": [
        {"d_expression": "exp(-d/5)"},
        {"d_expression": lambda d: np.exp(-d / 5)},
        {"d_expression": "d < 3"},
        {"d_expression": "0.5"},
    ],
    "IndexBasedProbabilityConnector": [{"index_expression": Band()}],
    "DisplacementDependentProbabilityConnector": [
        {"disp_function": lambda d: np.exp(-np.abs(d[0]) / 5)},
        {"disp_function": "exp(-abs(d[0])/5)"},
    ],
    "FixedNumberPreConnector": [
        {"n": n, "with_replacement": again} for n in (0, 3, np.int64(2)) for again in (True, False)
    ],
    "FixedNumberPostConnector": [
        {"n": n, "with_replacement": again} for n in (0, 3, np.int64(2)) for again in (True, False)
    ],
    "FixedTotalNumberConnector": [
        {"n": n, "with_replacement": again} for n in (0, 6, np.int64(20)) for again in (True, False)
    ],
    "SmallWorldConnector": [{"degree": 2.5, "rewiring": 0.3}, {"degree": 2.5, "rewiring": 0.3, "n_connections": 2}],
    "AllToAllConnector": [{}],
}
CASES = [(name, arguments) for name, several in RANDOM.items() for arguments in several]
GROUPS = {
    "population": lambda sim, cells, others: (cells, cells),
    "to a view": lambda sim, cells, others: (cells, cells[3:11]),
    "from a view": lambda sim, cells, others: (cells[3:11], cells),
    "overlapping views": lambda sim, cells, others: (cells[:9], cells[6:]),
    "assembly": lambda sim, cells, others: (cells[4:] + others, cells[4:] + others),
    "to an assembly": lambda sim, cells, others: (cells, others + cells[:8]),
    "from an assembly": lambda sim, cells, others: (others + cells[2:9], cells),
    "others": lambda sim, cells, others: (cells, others),
}
WEIGHTS = {"number": lambda: 0.1, "of the distance": lambda: "0.1*d", "random": lambda: uniform_int(1, 5)}


def groups(sim, which):
    cells = sim.Population(12, sim.IF_curr_exp(), structure=sim.Line())
    others = sim.Population(5, sim.IF_curr_exp(), structure=sim.Line(x0=2.0))
    return GROUPS[which](sim, cells, others)


def pairs(projection):
    """Indices, and the numbers of the cells."""
    i, j, _ = np.array(projection.get("weight", "list")).reshape(-1, 3).T
    i, j = i.astype(int), j.astype(int)
    return i, j, projection.pre.all_cells[i].astype(int), projection.post.all_cells[j].astype(int)


@pytest.mark.parametrize("itself", [True, False, "NoMutual"])
@pytest.mark.parametrize(
    ("which", "weight"),
    [*((which, "number") for which in GROUPS), ("assembly", "random"), ("assembly", "of the distance")],
)
def test_self_connections_and_numbers(sim, which, weight, itself):
    pre, post = groups(sim, which)
    for name, arguments in CASES:
        rng = {} if name == "AllToAllConnector" else {"rng": NumpyRNG(seed=5)}
        connector = getattr(sim, name)(allow_self_connections=itself, **arguments, **rng)
        synapse = sim.StaticSynapse(weight=WEIGHTS[weight](), delay=0.5)
        if itself == "NoMutual" and name.startswith("FixedNumber") and arguments["n"] > 2:
            continue  # there may be no such network
        i, j, source, target = pairs(sim.Projection(pre, post, connector, synapse))
        if itself is not True:
            assert not (source == target).any()
        if itself == "NoMutual":
            assert not set(zip(source, target)) & set(zip(target, source))
        n = arguments.get("n")
        if name == "FixedNumberPreConnector":
            assert np.bincount(j, minlength=post.size).tolist() == [n] * post.size
        if name == "FixedNumberPostConnector":
            assert np.bincount(i, minlength=pre.size).tolist() == [n] * pre.size
        if name == "FixedTotalNumberConnector":
            assert len(i) == n
        if not arguments.get("with_replacement") and (n is None or n < 4 or itself != "NoMutual"):
            assert len(set(zip(i, j))) == len(i)
        if name == "AllToAllConnector" and itself is not True:
            same, both = (pre.all_cells[:, None] == post.all_cells), np.isin(source, post.all_cells.astype(int))
            expected = pre.size * post.size - np.count_nonzero(same)
            mutual = np.count_nonzero(both & np.isin(target, pre.all_cells.astype(int)))
            assert len(i) == (expected if itself is False else expected - mutual)


@pytest.mark.parametrize("name", ["FixedNumberPreConnector", "FixedNumberPostConnector", "FixedTotalNumberConnector"])
def test_more_connections_than_cells(sim, name):
    """Without replacement, no pair is chosen once more before all others have been."""
    cells = sim.Population(4, sim.IF_curr_exp())
    n = 25 if name == "FixedTotalNumberConnector" else 7
    connector = getattr(sim, name)(n, allow_self_connections=False, with_replacement=False)
    i, j, _, _ = pairs(sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.1)))
    counts = np.zeros((4, 4), dtype=int)
    np.add.at(counts, (i, j), 1)
    assert counts.diagonal().tolist() == [0] * 4
    assert set(counts[~np.eye(4, dtype=bool)]) == {2, 3}


@pytest.mark.parametrize("name", ["FixedNumberPreConnector", "FixedNumberPostConnector", "FixedTotalNumberConnector"])
def test_numbers_that_are_drawn(sim, name):
    cells, others = sim.Population(40, sim.IF_curr_exp()), sim.Population(30, sim.IF_curr_exp())
    n = uniform_int(0, 4)
    n.next(100)
    expected = n.next(40)
    connector = getattr(sim, name)(uniform_int(0, 4))
    groups = (others, cells) if name == "FixedNumberPreConnector" else (cells, others)
    i, j, _, _ = pairs(sim.Projection(*groups, connector, sim.StaticSynapse(weight=0.1)))
    if name == "FixedTotalNumberConnector":
        assert len(i) == expected[0]
    else:
        side = j if name == "FixedNumberPreConnector" else i
        assert np.bincount(side, minlength=40).tolist() == expected.tolist()


@pytest.mark.parametrize("value", [-1.0, 0.5])
def test_numbers_that_turn_out_wrong(sim, value):
    class Late(NumpyRNG):
        asked = 0

        def next(self, n=None, *arguments, **keywords):
            self.asked += 1
            number = 2.0 if self.asked == 1 else value
            return number if n is None else np.full(n, number)

    for name in ("FixedNumberPreConnector", "FixedNumberPostConnector", "FixedTotalNumberConnector"):
        connector = getattr(sim, name)(RandomDistribution("uniform_int", (0, 3), rng=Late(seed=1)))
        cells = sim.Population(3, sim.IF_curr_exp())
        with pytest.raises(errors.InvalidParameterValueError, match=rf"^{name}\.n: .*yields {value:g}"):
            sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.1))


@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize("name", ["FixedNumberPreConnector", "FixedNumberPostConnector", "FixedTotalNumberConnector"])
def test_cells_that_have_none_to_connect_with(sim, name, again):
    cell = sim.Population(1, sim.IF_curr_exp())
    connector = getattr(sim, name)(1, allow_self_connections=False, with_replacement=again)
    with pytest.raises(errors.ConnectionError, match=rf"^{name}\.n: 1 connections are not allowed"):
        sim.Projection(cell, cell, connector, sim.StaticSynapse(weight=0.1))


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("FixedProbabilityConnector", {"p_connect": 0.3}, 0.3),
        ("DistanceDependentProbabilityConnector", {"d_expression": "0.3 + 0*d"}, 0.3),
        ("DisplacementDependentProbabilityConnector", {"disp_function": "0.3 + 0*d[0]"}, 0.3),
    ],
)
def test_probabilities(sim, name, arguments, expected):
    cells = sim.Population(100, sim.IF_curr_exp())
    connector = getattr(sim, name)(rng=NumpyRNG(seed=3), **arguments)
    n = len(sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.1)))
    # binomial; 4 standard deviations
    assert abs(n - expected * 1e4) < 4 * np.sqrt(1e4 * expected * (1 - expected))


def test_all_pairs_are_drawn_alike(sim):
    """FixedTotalNumber without replacement and without self-connections: chi-square over all pairs."""
    cells = sim.Population(5, sim.IF_curr_exp())
    rng, counts = NumpyRNG(seed=4), np.zeros((5, 5), dtype=int)
    for _ in range(200):
        connector = sim.FixedTotalNumberConnector(7, allow_self_connections=False, with_replacement=False, rng=rng)
        i, j, _, _ = pairs(sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.1)))
        counts[i, j] += 1
    found = counts[~np.eye(5, dtype=bool)]
    # 20 pairs, each 70 times on average; variance of a single pair 200 * 0.35 * 0.65
    assert np.sum((found - 70.0) ** 2) / 45.5 < 43.8  # 99.9 % of chi-square with 19 degrees of freedom


def test_arrays_mean_truth_values(sim):
    cells, others = sim.Population(4, sim.IF_curr_exp()), sim.Population(3, sim.IF_curr_exp())
    truth = np.random.RandomState(2).rand(4, 3) < 0.4
    for array in (truth, truth.astype(int), truth.astype(float), truth.tolist(), truth.astype(int).tolist()):
        for make in (sim.ArrayConnector, plain.ArrayConnector):
            i, j, _, _ = pairs(sim.Projection(cells, others, make(array), sim.StaticSynapse(weight=0.1)))
            assert sorted(zip(i, j)) == sorted(zip(*np.nonzero(truth)))
    with pytest.raises(errors.InvalidParameterValueError, match=r"ArrayConnector\.array: .*\(4, 3\).*\(3, 4\)"):
        sim.Projection(others, cells, sim.ArrayConnector(truth), sim.StaticSynapse(weight=0.1))


def test_clones(sim):
    cells, others = sim.Population(4, sim.IF_curr_exp()), sim.Population(5, sim.IF_curr_exp())
    connector = sim.FixedNumberPreConnector(6, with_replacement=True)
    reference = sim.Projection(cells, others, connector, sim.StaticSynapse(weight=0.1))
    clone = sim.Projection(cells, others, sim.CloneConnector(reference), sim.StaticSynapse(weight=0.5))
    assert [(i, j) for i, j, _ in clone.get("weight", "list")] == [
        (i, j) for i, j, _ in reference.get("weight", "list")
    ]
    assert set(clone.get("weight", "list", with_address=False)) == {0.5}
    for pre, post in ((others, cells), (cells, cells), (cells[:3], others), (cells, others[1:])):
        with pytest.raises(errors.ConnectionError, match=r"CloneConnector\.reference_projection: .*synaptic"):
            sim.Projection(pre, post, sim.CloneConnector(reference), sim.StaticSynapse(weight=0.1))
    sim.setup(timestep=0.1)
    cells, others = sim.Population(4, sim.IF_curr_exp()), sim.Population(5, sim.IF_curr_exp())
    with pytest.raises(errors.ConnectionError, match=r"CloneConnector\.reference_projection"):
        sim.Projection(cells, others, sim.CloneConnector(reference), sim.StaticSynapse(weight=0.1))


def test_a_list_beside_values_of_other_kinds(sim):
    cells = sim.Population(4, sim.IF_curr_exp(), structure=sim.Line(dx=2.0))
    rows = [(3, 1, 0.5), (0, 2, 0.6), (1, 2, 0.7), (3, 2, 0.8), (0, 2, 0.9)]
    connector = sim.FromListConnector(rows, column_names=["delay"])

    def weights(value):
        return sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=value)).get(["weight", "delay"], "list")

    assert [row[3] for row in weights(0.1)] == [0.6, 0.9, 0.7, 0.5, 0.8]
    assert [row[2] for row in weights("d")] == [4.0, 4.0, 2.0, 4.0, 2.0]
    matrix = np.arange(16.0).reshape(4, 4)
    assert [row[2] for row in weights(matrix)] == [2.0, 2.0, 6.0, 13.0, 14.0]
    drawn = [row[2] for row in weights(RandomDistribution("uniform", (0.0, 1.0), rng=NumpyRNG(seed=1)))]
    assert len(set(drawn)) == 5


def test_callbacks_are_told_of_the_progress(sim):
    cells = sim.Population(4, sim.IF_curr_exp())
    given = {
        "FixedProbabilityConnector": {"p_connect": 0.5},
        "FromListConnector": {"conn_list": [(0, 1)]},
        "ArrayConnector": {"array": np.eye(4)},
        **{name: several[0] for name, several in RANDOM.items()},
        "OneToOneConnector": {},
        "CloneConnector": {
            "reference_projection": sim.Projection(cells, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.1))
        },
    }
    assert given.keys() == {own.__name__ for own in OWN.values()} - {"FromFileConnector", "CSAConnector"}
    for name, arguments in given.items():
        for source in (
            (sim, plain) if name != "SmallWorldConnector" and not callable(arguments.get("d_expression")) else (sim,)
        ):
            told = []
            connector = getattr(source, name)(callback=told.append, **arguments)
            sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.1))
            assert told[-1] == 1.0
            assert told == sorted(told)
            assert all(0 <= level <= 1 for level in told)


@pytest.mark.parametrize("derived", [True, False])
def test_plain_connectors_do_what_ours_do(sim, derived):
    """Those of PyNN itself, and classes that users have derived from them, make the same connections."""
    cells = sim.Population(12, sim.IF_curr_exp())
    for name, arguments in CASES:
        if callable(arguments.get("d_expression")) or isinstance(arguments.get("disp_function"), str):
            continue  # PyNN refuses them
        base = getattr(plain, name)
        if (derived and name in ("FixedTotalNumberConnector", "SmallWorldConnector")) or arguments.get("n") == 0:
            continue  # their own connect() fails
        if derived and arguments.get("n") is not None and type(arguments["n"]) is not int:
            continue
        other = type("Derived", (base,), {}) if derived else base
        found = []
        for make in (getattr(sim, name), other):
            rng = {} if name == "AllToAllConnector" else {"rng": NumpyRNG(seed=5)}
            if type(arguments.get("n")) is np.int64:
                arguments = {**arguments, "n": int(arguments["n"])}
            synapse = sim.StaticSynapse(weight=0.1)
            found.append(sim.Projection(cells, cells, make(**arguments, **rng), synapse).get("weight", "list"))
        assert found[0] == found[1]


def test_one_cell_on_either_side(sim):
    cell, cells = sim.Population(1, sim.IF_curr_exp()), sim.Population(4, sim.IF_curr_exp())
    for pre, post in ((cell, cell), (cell, cells), (cells, cell)):
        for weight in WEIGHTS.values():
            for name, arguments in [*CASES, ("OneToOneConnector", {}), ("ArrayConnector", {"array": np.ones((1, 1))})]:
                if name != "ArrayConnector" or pre is post:
                    sim.Projection(pre, post, getattr(sim, name)(**arguments), sim.StaticSynapse(weight=weight()))


def test_an_assembly_of_nothing(sim):
    cells, nothing = sim.Population(3, sim.IF_curr_exp()), sim.Assembly()
    for pre, post in ((nothing, cells), (cells, nothing)):
        with pytest.raises(errors.ConnectionError, match="no cells to connect"):
            sim.Projection(pre, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))


def test_a_view_of_nothing(sim):
    cells = sim.Population(3, sim.IF_curr_exp())
    for selector in (slice(0, 0), np.zeros(3, dtype=bool), np.array([], dtype=int)):
        with pytest.raises(errors.InvalidParameterValueError, match=r"PopulationView\.selector: .*at least one cell"):
            cells[selector]
