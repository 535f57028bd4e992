"""Every argument of every connector: wrong values are refused by name, at once, whoever made the connector."""

import copy
import inspect

import numpy as np
import pytest
import quantities as pq
from pyNN import connectors as plain
from pyNN import errors, space
from pyNN.core import IndexBasedExpression
from pyNN.random import AbstractRNG, NativeRNG, NumpyRNG, RandomDistribution

import pyurbanczik
from pyurbanczik.connectivity.connectors import OWN


class Half(IndexBasedExpression):
    def __call__(self, i, j):
        return 0.5


class Yields(IndexBasedExpression):
    def __init__(self, value):
        self.value = value

    def __call__(self, i, j):
        return self.value


NEEDED = {
    "FixedProbabilityConnector": {"p_connect": 0.5},
    "DistanceDependentProbabilityConnector": {"d_expression": "exp(-d)"},
    "IndexBasedProbabilityConnector": {"index_expression": Half()},
    "DisplacementDependentProbabilityConnector": {"disp_function": "exp(-d[0]**2)"},
    "FixedNumberPreConnector": {"n": 2},
    "FixedNumberPostConnector": {"n": 2},
    "FixedTotalNumberConnector": {"n": 2},
    "FromListConnector": {"conn_list": [(0, 1, 0.1, 0.5)]},
    "FromFileConnector": {"file": __file__},
    "ArrayConnector": {"array": [[0, 1], [1, 0]]},
    "SmallWorldConnector": {"degree": 2.0, "rewiring": 0.1},
}
NAN, INF = float("nan"), float("inf")
NO_TRUTH = [None, 0, 1, 1.0, "yes", "", [], NAN]
NO_PROBABILITY = [
    None,
    True,
    -0.1,
    1.1,
    NAN,
    INF,
    "0.5",
    [0.5],
    lambda d: d,
    1j,
    0.5 * pq.ms,
    RandomDistribution("uniform", (0, 1)),
]
NO_EXPRESSION = [None, 0.5, True, ["d"], b"d"]
WRONG = {
    "location_selector": ["soma", 0, [], True],
    "safe": NO_TRUTH,
    "callback": [0, True, "print", [print]],
    "allow_self_connections": [None, 0, 1, 0.5, "Mutual", "nomutual", [], ["NoMutual"], NAN],
    "with_replacement": NO_TRUTH,
    "distributed": NO_TRUTH,
    "rng": [7, True, "NumpyRNG", np.random.RandomState(1), np.random.default_rng(1), NumpyRNG, AbstractRNG(1),
            NativeRNG(1)],
    "n": [None, True, -1, 2.0, NAN, "2", [2], lambda i: 2, 1j, *[
        RandomDistribution(*distribution, rng=NumpyRNG(seed=1))
        for distribution in (("normal", (5.0, 1.0)), ("uniform_int", (-3, 3)))
    ]],
    "p_connect": NO_PROBABILITY,
    "rewiring": NO_PROBABILITY,
    "degree": [None, True, 0, -1.0, NAN, "2", [2.0], 1j, 2.0 * pq.um],
    "n_connections": [True, -1, 2.0, NAN, "2", [2], 1j],
    "d_expression": [*NO_EXPRESSION, "", "d <", "x", "-1.0", "1/0", "nan", "'d'", "0.5 if d < 3 else 0.1", "import os"],
    "disp_function": [*NO_EXPRESSION, "", "d["],
    "index_expression": [*NO_EXPRESSION, "i < j", lambda i, j: 0.5, Half],
    "array": [None, True, 1, "01", [0, 1], [[0, 2], [1, 0]], [[0.5, 1]], [[NAN, 1]], [["0", "1"]], [[0, 1], [1]],
              [[None]]],
    "conn_list": [None, 1, "list", [0, 1], [(0,)], [(0, 1), (0, 1, 2)], [("a", "b")], [(True, False)], [(0, 1j)],
                  [[[0, 1]]], np.array([[0, 1]]) * pq.nA, [(0, 1), (0, 1, pq.nA)], [(0, 1 * pq.ms, 2, 3), (0, 1)]],
    "column_names": ["weight", 1, [1, 2], ["weight"], ["weight", "weight"], ["weight", "delay", "tau"], True],
    "file": [None, 1, True, ["name"], b"name"],
    "reference_projection": [None, 1, "projection", plain.AllToAllConnector()],
    "cset": [None, 1, [], "cross"],
}  # fmt: skip


def classes():
    return [own for own in OWN.values() if own.__name__ != "CSAConnector" or plain.haveCSA]


def arguments(own):
    return list(inspect.signature(own).parameters)


def needed(own):
    if own.__name__ == "CloneConnector":
        cells = pyurbanczik.Population(2, pyurbanczik.IF_cond_exp())
        synapse = pyurbanczik.StaticSynapse(weight=0.1)
        return {"reference_projection": pyurbanczik.Projection(cells, cells, pyurbanczik.AllToAllConnector(), synapse)}
    if own.__name__ == "CSAConnector":
        return {"cset": pytest.importorskip("csa").oneToOne}
    return NEEDED.get(own.__name__, {})


CASES = [(own, name, value) for own in classes() for name in arguments(own) for value in WRONG[name]]


@pytest.mark.parametrize(("own", "name", "value"), CASES, ids=lambda case: getattr(case, "__name__", None))
def test_a_wrong_value_is_refused_by_name(sim, own, name, value):
    given = {**needed(own), name: value}
    with pytest.raises(errors.InvalidParameterValueError, match=rf"^{own.__name__}\.{name}: "):
        own(**given)


@pytest.mark.parametrize("own", classes())
def test_the_class_and_the_arguments_are_those_of_pynn(sim, own):
    base = getattr(plain, own.__name__)
    connector = own(**needed(own))
    assert getattr(sim, own.__name__) is own
    assert isinstance(connector, base)
    assert inspect.signature(own) == inspect.signature(base)
    assert set(connector.describe(template=None)["parameters"]) >= set(base.parameter_names)
    with pytest.raises(TypeError, match=f"{own.__name__}: .*no_such"):
        own(**needed(own), no_such=1)


@pytest.mark.parametrize("own", [own for own in classes() if own.__name__ not in ("CloneConnector", "CSAConnector")])
def test_connectors_can_be_copied(sim, own):
    connector = own(**needed(own))
    assert type(copy.copy(connector)) is type(copy.deepcopy(connector)) is own


PLAIN_WRONG = [
    (plain.FixedProbabilityConnector, {"p_connect": 1.5}, "p_connect"),
    (plain.FixedProbabilityConnector, {"p_connect": 0.5, "location_selector": "soma"}, "location_selector"),
    (plain.FixedNumberPreConnector, {"n": 2, "with_replacement": None}, "with_replacement"),
    (plain.FixedTotalNumberConnector, {"n": 2, "with_replacement": "no"}, "with_replacement"),
    (plain.ArrayConnector, {"array": np.full((3, 3), 2)}, "array"),
    (plain.DistanceDependentProbabilityConnector, {"d_expression": "2.0"}, "d_expression"),
    (plain.DisplacementDependentProbabilityConnector, {"disp_function": lambda d: d[0] - 5}, "disp_function"),
    (plain.IndexBasedProbabilityConnector, {"index_expression": Yields(NAN)}, "index_expression"),
    (plain.FromListConnector, {"conn_list": [(0, 1, NAN)], "column_names": "w"}, "column_names"),
    (plain.CloneConnector, {"reference_projection": 7}, "reference_projection"),
    (plain.SmallWorldConnector, {"degree": -1.0, "rewiring": 0.5}, "degree"),
]


@pytest.mark.parametrize("derived", [False, True])
@pytest.mark.parametrize(("base", "given", "name"), PLAIN_WRONG)
def test_plain_connectors_are_checked_when_a_projection_is_made(sim, base, given, name, derived):
    if derived and name in ("d_expression", "disp_function", "index_expression", "degree"):
        pytest.skip("what they yield is theirs")
    connector = (type("Own", (base,), {}) if derived else base)(**given)
    cells = sim.Population(3, sim.IF_cond_exp())
    owner = type(connector).__name__
    with pytest.raises(errors.InvalidParameterValueError, match=rf"^{owner}\.{name}: "):
        sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.1))


@pytest.mark.parametrize("value", [1.1, -0.1, NAN, INF, "0.5", None])
@pytest.mark.parametrize(
    ("name", "argument", "make"),
    [
        ("DistanceDependentProbabilityConnector", "d_expression", lambda value: lambda d: value),
        ("DisplacementDependentProbabilityConnector", "disp_function", lambda value: lambda d: value),
        ("IndexBasedProbabilityConnector", "index_expression", Yields),
    ],
)
def test_what_functions_yield_must_be_probabilities(sim, name, argument, make, value):
    cells = sim.Population(3, sim.IF_cond_exp())
    connector = getattr(sim, name)(make(value))
    with pytest.raises(errors.InvalidParameterValueError, match=rf"^{name}\.{argument}: .*yields .*from 0 to 1"):
        sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.1))


def test_functions_that_fail(sim):
    cells = sim.Population(3, sim.IF_cond_exp())
    connector = sim.DistanceDependentProbabilityConnector(lambda d: d["x"])
    with pytest.raises(errors.InvalidParameterValueError, match=r"d_expression: .*IndexError"):
        sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.1))
    for name, argument in (
        ("DistanceDependentProbabilityConnector", "d_expression"),
        ("DisplacementDependentProbabilityConnector", "disp_function"),
    ):
        connector = getattr(sim, name)(**{argument: lambda d: np.ones(7)})
        with pytest.raises(errors.InvalidParameterValueError, match=rf"{argument}: .*shape \(7,\), .* of shape \(3,\)"):
            sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.1))


def test_quantities(sim):
    assert sim.FixedProbabilityConnector(50.0 * pq.percent).p_connect == 0.5
    assert sim.SmallWorldConnector(2.0, 50.0 * pq.percent).rewiring == 0.5
    cells, conductance = sim.Population(3, sim.IF_curr_exp()), sim.Population(3, sim.IF_cond_exp())

    def connect(rows, post=cells):
        projection = sim.Projection(cells, post, sim.FromListConnector(rows), sim.StaticSynapse())
        return projection.get(["weight", "delay"], "list")

    rows = [(0, 1, 5.0 * pq.pA, 1500.0 * pq.us), (2, 1, 0.25, 0.002 * pq.s)]
    np.testing.assert_allclose(connect(rows), [(0, 1, 0.005, 1.5), (2, 1, 0.25, 2.0)])
    np.testing.assert_allclose(connect([(0, 1, 5.0 * pq.nS, 1.0)], conductance), [(0, 1, 0.005, 1.0)])
    for row in ((0, 1, 5.0 * pq.nS, 1.0), (0, 1, 5.0, 1.0 * pq.mV), (0 * pq.ms, 1, 5.0, 1.0), (0, 1, 5 * pq.pA, None)):
        with pytest.raises(
            errors.InvalidParameterValueError, match=r"^FromListConnector\.conn_list: .*must be (a number|in )"
        ):
            connect([(0, 1, 1.0 * pq.nA, 1.0), row])


@pytest.mark.parametrize("name", ["Connector", "MapConnector", "FixedNumberConnector"])
def test_abstract_connectors(sim, name):
    cells = sim.Population(3, sim.IF_cond_exp())
    connector = getattr(sim, name)(*[2][: name.startswith("Fixed")])
    with pytest.raises(TypeError, match=f"a {name} decides on no connections"):
        sim.Projection(cells, cells, connector)


class Wild(plain.Connector):
    parameter_names = ()

    def __init__(self, pre, post, **values):
        super().__init__()
        self.pre, self.post, self.values = pre, post, values

    def connect(self, projection):
        projection._convergent_connect(np.array(self.pre), self.post, **{"weight": 0.1, "delay": 0.5, **self.values})


@pytest.mark.parametrize(("pre", "post"), [([0, 3], 1), ([-1], 1), ([0], -1), ([0], 3), ([0.5], 1), ([True], 1)])
def test_indices_from_connectors_of_users(sim, pre, post):
    cells = sim.Population(3, sim.IF_cond_exp())
    with pytest.raises((errors.ConnectionError, errors.InvalidParameterValueError), match=r"^Wild\.connect: "):
        sim.Projection(cells, cells, Wild(pre, post), sim.StaticSynapse(weight=0.1))


def test_parameters_from_connectors_of_users(sim):
    cells = sim.Population(3, sim.IF_cond_exp())
    for synapse in (sim.StaticSynapse(), sim.TsodyksMarkramSynapse(), sim.ElectricalSynapse()):
        with pytest.raises(
            errors.NonExistentParameterError, match=r"Synapse has no parameter 'weights'; .* 'weight'\?"
        ):
            sim.Projection(cells, cells, Wild([0, 1], 2, weights=0.5), synapse)
        assert sim.Projection(cells, cells, Wild([0, 1], 2), synapse).get("weight", "list") == [
            (0, 2, 0.1),
            (1, 2, 0.1),
        ]


SPACE = {
    "axes": ["w", "zx", 1, True, ["x"], ""],
    "scale_factor": [2.0 * pq.um, None, True, 0, NAN, INF, "1", [1.0], 1j],
    "offset": [2.0 * pq.um, None, True, NAN, INF, "0", [1.0], [1.0, 2.0, NAN], [[1.0, 2.0, 3.0]], 1j],
    "periodic_boundaries": [True, 1.0, "xyz", (), ((0, 1),), (1, 2, 3), ((0, 1), (2, 1), None), ((0, NAN), None, None)],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in SPACE.items() for value in values])
def test_wrong_arguments_of_a_space(sim, name, value):
    with pytest.raises(errors.InvalidParameterValueError, match=rf"^Space\.{name}: "):
        sim.Space(**{name: value})
    if name != "axes":
        cells = sim.Population(2, sim.IF_cond_exp())
        with pytest.raises(errors.InvalidParameterValueError, match=rf"^Space\.{name}: "):
            made_elsewhere = space.Space(**{name: value})
            sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1), space=made_elsewhere)


PROJECTION = {
    "space": [1, "xy", True, [0, 1, 2]],
    "source": ["v", 1, True, []],
    "label": [1, True, ["label"], b"label"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in PROJECTION.items() for value in values])
def test_wrong_arguments_of_a_projection(sim, name, value):
    cells = sim.Population(2, sim.IF_cond_exp())
    with pytest.raises(errors.InvalidParameterValueError, match=rf"^Projection\.{name}: "):
        sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1), **{name: value})
