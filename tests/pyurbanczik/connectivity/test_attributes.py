"""Attributes of connections: Projection.set and initialize in all forms, get, and the methods that PyNN has besides."""

import numpy as np
import pytest
from pyNN import errors
from pyNN.core import IndexBasedExpression
from pyNN.parameters import LazyArray
from pyNN.random import NumpyRNG, RandomDistribution

PAIRS = [(0, 1), (2, 0), (2, 0), (0, 1), (1, 2), (0, 1)]


def uniform(low=0.1, high=1.0):
    return RandomDistribution("uniform", (low, high), rng=NumpyRNG(seed=5))


@pytest.fixture
def cells(sim):
    return sim.Population(3, sim.IF_curr_exp(), structure=sim.Line(dx=2.0))


@pytest.fixture
def several(sim, cells):
    """Several connections between the same two cells."""
    return sim.Projection(cells, cells, sim.FromListConnector(PAIRS), sim.TsodyksMarkramSynapse(weight=0.1, delay=0.5))


class Index(IndexBasedExpression):
    def __call__(self, i, j):
        return 0.1 + 0.1 * i + 0.01 * j


def values(projection, name="weight"):
    return projection.get(name, "list", with_address=False)


def test_each_of_several_connections_gets_a_number_of_its_own(sim, cells, several):
    several.set(weight=uniform(), U=uniform())
    assert len(set(values(several))) == len(set(values(several, "U"))) == len(PAIRS)
    # the first ones of pairs are those that PyNN draws, from a matrix of all pairs
    matrix = uniform().next(9).reshape(3, 3)
    assert several.get("weight", "array", multiple_synapses="first")[[0, 1, 2], [1, 2, 0]].tolist() == [
        matrix[0, 1], matrix[1, 2], matrix[2, 0]
    ]  # fmt: skip
    single = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))
    single.set(weight=uniform())
    np.testing.assert_array_equal(single.get("weight", "array"), matrix)


def test_initial_values_too(several):
    several.initialize(u=uniform(0.1, 0.9))
    assert len(set(several.initial_values["u"].evaluate().tolist())) == len(PAIRS)
    several.initialize(u=lambda d: d / 10)
    np.testing.assert_allclose(several.initial_values["u"].evaluate(), [0.2, 0.2, 0.2, 0.2, 0.4, 0.4])
    several.initialize(u="d / 10")
    np.testing.assert_allclose(several.initial_values["u"].evaluate(), [0.2, 0.2, 0.2, 0.2, 0.4, 0.4])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (lambda d: d, [2.0, 2.0, 2.0, 2.0, 4.0, 4.0]),
        ("d + 1", [3.0, 3.0, 3.0, 3.0, 5.0, 5.0]),
        (Index(), [0.11, 0.11, 0.11, 0.22, 0.3, 0.3]),
        (np.arange(9.0).reshape(3, 3), [1.0, 1.0, 1.0, 5.0, 6.0, 6.0]),
        ([1, 2, 3, 4, 5, 6], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        ([1, 2, 3], [1.0, 1.0, 1.0, 2.0, 3.0, 3.0]),
        (7, [7.0] * 6),
    ],
)
def test_forms_of_values(several, given, expected):
    several.set(weight=given)
    np.testing.assert_allclose(values(several), expected)


NO_NUMBERS = [lambda d: None, lambda d: "x", lambda d: d[5:], lambda d, e: d, lambda d: 1 / 0, lambda d: np.ones(7)]
NO_NUMBERS += ["a", "d.foo", "1 / (d - d)", "d > 0", "exp(", "d[5]", "None", "[1, 2]", "1 / 0", "np.nothing(d)"]
NO_NUMBERS += [LazyArray(lambda d: 1 / 0) * 2]


@pytest.mark.parametrize("wrong", NO_NUMBERS)
def test_functions_that_yield_no_numbers(sim, several, wrong):
    refused = (errors.InvalidParameterValueError, errors.InvalidDimensionsError)
    for change in (
        lambda: several.set(weight=wrong),
        lambda: several.initialize(u=wrong),
        lambda: sim.Projection(several.pre, several.post, sim.AllToAllConnector(), sim.StaticSynapse(weight=wrong)),
        lambda: sim.Projection(
            several.pre, several.post, sim.OneToOneConnector(), sim.TsodyksMarkramSynapse(tau_rec=wrong)
        ),
    ):
        with pytest.raises(refused, match=r"Synapse\.(weight|u|tau_rec): .* is not allowed; it must"):
            change()
    assert values(several) == [0.1] * 6


def test_expressions_name_the_functions_that_connectors_know(sim, several):
    several.set(weight="0.1 * exp(-d / 2)")
    np.testing.assert_allclose(values(several), 0.1 * np.exp([-1.0, -1.0, -1.0, -1.0, -2.0, -2.0]))
    for text in ("exp(-d)", "np.exp(-d)"):
        weights = sim.Projection(
            several.pre, several.post, sim.AllToAllConnector(), sim.StaticSynapse(weight=text)
        ).get("weight", "array")
        np.testing.assert_allclose(weights[0], np.exp([0.0, -2.0, -4.0]))


def test_the_receptor_of_functions_of_the_distance(sim, several):
    """They are asked for arrays, as when connections are made."""

    def far(d):
        d = d.copy()
        d[d > 1.0] = 5.0
        return 0.1 + d

    for weight, receptor in (
        (far, "excitatory"),
        (lambda d: -far(d), "inhibitory"),
        (LazyArray("d + 1") * -1, "inhibitory"),
        (Index(), "excitatory"),
    ):
        synapse = sim.StaticSynapse(weight=weight)
        cells = sim.Population(3, sim.IF_curr_exp())
        assert sim.Projection(several.pre, cells, sim.AllToAllConnector(), synapse).receptor_type == receptor


def test_iterators_stand_for_values_of_connections_that_exist_alone(sim, several):
    several.set(weight=iter([1.0] * 9))
    assert values(several) == [1.0] * 6
    for value in (iter([1.0] * 9), LazyArray(iter([1.0] * 9))):
        with pytest.raises(
            errors.InvalidParameterValueError, match=r"StaticSynapse\.weight: .*iterator.* is not allowed"
        ):
            sim.StaticSynapse(weight=value)


GET = {
    "attribute_names": [None, 1, True, 1.5, [1], [None], ["weight", 2], b"weight"],
    "format": [None, "lists", 1, ["list"], ""],
    "gather": [None, 2, "none", []],
    "with_address": [None, 2, "no"],
    "multiple_synapses": [None, "mean", 1, ["sum"]],
}


@pytest.mark.parametrize(("name", "wrong"), [(name, wrong) for name, several in GET.items() for wrong in several])
def test_wrong_arguments_of_get(several, name, wrong):
    given = {"attribute_names": "weight", "format": "array", name: wrong}
    allowed = (errors.InvalidParameterValueError, errors.NonExistentParameterError)
    with pytest.raises(allowed, match=rf"Projection\.get\.{name}|has no parameter"):
        several.get(**given)


@pytest.mark.parametrize(
    ("operation", "expected"), [("sum", 12.0), ("first", 4.0), ("last", 3.0), ("min", 3.0), ("max", 5.0)]
)
def test_what_an_array_shows_of_several(several, operation, expected):
    several.set(weight=[4, 5, 3, 1, 1, 1])
    assert several.get("weight", "array", multiple_synapses=operation)[0, 1] == expected


def test_single_connections(several):
    assert len(several) == len(several.connections) == several.size() == 6
    assert [c.as_tuple("presynaptic_index", "postsynaptic_index") for c in several] == sorted(PAIRS)
    assert [c.presynaptic_index for c in several[1:4]] == [0, 0, 1]
    assert (
        several[-1].presynaptic_index
        == several[np.int64(5)].presynaptic_index
        == several.connections[5].source - several.pre[0]
        == 2
    )
    for i in (6, -7, np.int64(6)):
        with pytest.raises(IndexError, match=f"connection {i} of 6"):
            several[i]
    for i in (1.0, 1.5, "1", None, True, [0], (0, 1), np.array([0, 1])):
        with pytest.raises(TypeError, match="connections have whole numbers, or are a slice"):
            several[i]


@pytest.mark.filterwarnings("ignore:.*deprecated")
def test_old_names(several):
    several.setWeights(0.25)
    assert several.getWeights() == [0.25] * 6
    several.setSynapseDynamics("U", 0.75)
    assert several.getSynapseDynamics("U") == [0.75] * 6
    several.randomizeWeights(uniform())
    several.randomizeSynapseDynamics("U", uniform())
    assert len(set(several.getSynapseDynamics("U"))) == 6
    several.setDelays(1.5)
    several.randomizeDelays(uniform())
    assert len(set(several.getDelays())) > 1


@pytest.mark.filterwarnings("ignore:.*deprecated")
def test_histogram(sim, cells, several):
    several.set(weight=[1, 2, 2, 3, 3, 3])
    n, bins = several.weightHistogram(nbins=4)
    assert (n.tolist(), bins.tolist()) == ([1, 0, 2, 3], [1.0, 1.5, 2.0, 2.5, 3.0])
    n, bins = several.weightHistogram(min=0, max=2.5, nbins=1)
    assert (n.tolist(), bins.tolist()) == ([3], [0.0, 2.5])
    nothing = sim.Projection(cells, cells, sim.FixedProbabilityConnector(0.0), sim.StaticSynapse(weight=0.1))
    assert nothing.weightHistogram()[0].tolist() == [0] * 10
    wrong = [
        ("nbins", 0),
        ("nbins", 2.0),
        ("nbins", True),
        ("min", "0"),
        ("min", float("nan")),
        ("max", [1]),
        ("min", 7),
    ]
    for name, value in wrong:
        with pytest.raises(errors.InvalidParameterValueError, match=rf"Projection\.weightHistogram\.{name}"):
            several.weightHistogram(**{name: value})


def test_descriptions(several):
    context = several.describe(template=None)
    assert context["size"] == 6
    assert context["connector"]["name"] == "FromListConnector"
    assert "FromListConnector" in several.describe()
    several.annotate(note="kept")
    assert several.annotations == {"note": "kept"}
