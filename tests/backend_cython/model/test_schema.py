"""Values are checked against what a model declares."""

import numpy as np
import pytest

from backend_cython.model.schema import (
    LARGEST,
    LONGEST_TIME,
    MANY,
    RULES,
    SMALLEST,
    OutOfBounds,
    beside,
    check,
    check_above,
    find,
    refuse,
)
from backend_cython.neurons.spike_source_poisson import SpikeSourcePoisson
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.synapses.static import StaticSynapses
from backend_cython.synapses.urbanczik_senn import UrbanczikSennSynapses

NAN, INF = float("nan"), float("inf")
TINY = 5e-324

CASES = {
    "any": ([0.0, INF, -INF], [NAN]),
    "finite": ([0.0, -LARGEST, TINY], [NAN, INF, -INF]),
    "positive": ([SMALLEST, LARGEST], [0.0, -0.0, -TINY, NAN, INF, -INF]),
    "non-negative": ([0.0, -0.0, TINY, LARGEST], [-TINY, NAN, INF, -INF]),
    "time": ([0.0, TINY, LONGEST_TIME], [-TINY, NAN, INF, -INF]),
    "interval": ([SMALLEST, 1.0, LONGEST_TIME], [0.0, -1.0, NAN, INF, -INF]),
    "moment": ([-LONGEST_TIME, LONGEST_TIME], [NAN, INF, -INF]),
    "fraction": ([0.0, 1.0, 0.5], [-TINY, np.nextafter(1.0, 2.0), NAN, INF]),
    "slope": ([0.0, 1e3], [-TINY, 1000.1, LARGEST, NAN, INF]),
    "shape": ([SMALLEST, 1e6], [0.0, -1.0, 1.1e6, NAN, INF, -INF]),
    "count": ([1.0, 7.0], [0.0, -1.0, 0.5, 1.0000001, NAN, INF]),
    "whole": ([0.0, 3.0], [-1.0, 0.5, NAN, INF, -INF]),
    "state": ([0.0, -LARGEST, LARGEST], [NAN, INF, -INF]),
    "conductance": ([0.0, TINY, LARGEST], [-TINY, NAN, INF]),
    "duration": ([0.0, 1.0, INF], [-TINY, NAN, -INF]),
}


def test_every_rule_has_a_case():
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize("rule, value", [(rule, value) for rule in CASES for value in CASES[rule][0]])
def test_allowed(rule, value):
    assert check("Model", "x", value, rule) == value


@pytest.mark.parametrize("rule, value", [(rule, value) for rule in CASES for value in CASES[rule][1]])
def test_refused(rule, value):
    with pytest.raises(ValueError) as error:
        check("Model", "x", value, rule)
    assert str(error.value) == f"Model.x: {value} is not allowed; it must be {RULES[rule].text}"


@pytest.mark.parametrize(
    "rule, value, allowed",
    [
        ("finite", 1e19, "at most 1e+18 mV"),
        ("finite", -1e19, "at least -1e+18 mV"),
        ("positive", TINY, "at least 1e-18 mV"),
        ("state", 1e308, "at most 1e+18 mV"),
        ("time", 1e13, "at most 1e+12 mV"),
    ],
)
def test_bounds_are_told_to_those_who_pass_them(rule, value, allowed):
    with pytest.raises(ValueError) as error:
        check("Model", "x", value, rule, "mV")
    assert str(error.value) == f"Model.x: {value} mV is not allowed; it must be {allowed}"


def test_bounds_are_those_of_the_core_in_any_unit():
    check("Model", "x", 1e21, "positive", "pF", 1e-3)
    with pytest.raises(
        ValueError, match=r"Model\.x: 1e\+22 pF \(index 1\) is not allowed; it must be at most 1e\+21 pF"
    ):
        check("Model", "x", [1.0, 1e22], "positive", "pF", 1e-3)


def test_the_first_bad_value_of_several_is_named():
    with pytest.raises(
        ValueError, match=r"^Model\.x: -2\.0 \(index 1\) is not allowed; it must be positive and finite$"
    ):
        check("Model", "x", [1.0, -2.0, -3.0], "positive")


@pytest.mark.parametrize("value", ["a", object(), [1.0, "b"], [[1.0], [1.0, 2.0]], {}, 1j])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match=r"^Model\.x: .* is not allowed; it must be a number, finite$"):
        check("Model", "x", value, "finite")


def test_none_is_refused():
    with pytest.raises(ValueError, match=r"^Model\.x: nan is not allowed"):
        check("Model", "x", None, "finite")


@pytest.mark.parametrize("value", [1, True, np.float32(1.0), np.int64(1), [1, 1], np.ones((2, 3), dtype=np.int8), []])
def test_values_become_float64(value):
    checked = check("Model", "x", value, "finite")
    assert checked.dtype == np.float64
    np.testing.assert_array_equal(checked, value)


def test_find():
    assert find("Model", {"a": 1, "b": 2}, "b") == 2
    with pytest.raises(KeyError, match="Model has no 'c'; it has a, b"):
        find("Model", {"a": 1, "b": 2}, "c")


def test_refuse():
    with pytest.raises(ValueError, match=r"^Model\.x: 7 is not allowed; it must be even$"):
        refuse("Model", "x", 7, "even")


@pytest.mark.parametrize("model", [UrbanczikSenn, SpikeSourcePoisson, StaticSynapses, UrbanczikSennSynapses])
def test_defaults_obey_their_own_rules(model):
    for name, parameter in model.PARAMETERS.items():
        check(model.__name__, name, parameter.default, parameter.allowed)
        assert parameter.unit


def test_states_start_at_a_number_or_a_parameter():
    for name, state in UrbanczikSenn.STATES.items():
        assert (
            state.default in UrbanczikSenn.PARAMETERS if isinstance(state.default, str) else np.isfinite(state.default)
        )
        assert UrbanczikSenn.RECORDABLES[name] == state.unit


@pytest.mark.parametrize("size", [5, MANY + 5])
@pytest.mark.parametrize("wrong, text", [(-1.0, "-1.0"), (NAN, "nan"), (INF, "inf")])
def test_one_wrong_value_among_few_or_many_is_found(size, wrong, text):
    values = np.ones(size)
    assert check("Cell", "tau", values, "positive") is values
    values[3] = wrong
    with pytest.raises(ValueError, match=rf"^Cell\.tau: {text} \(index 3\) is not allowed"):
        check("Cell", "tau", values, "positive")


@pytest.mark.parametrize(
    ("number", "other", "text"),
    [
        (6.3e-05, 1e-9, "6.3e-05"),
        (0.1234567891, 0.5, "0.123457"),
        (0.0010000001, 0.001, "0.0010000001"),
        (0.00099999999, 0.001, "0.00099999999"),
        (1.5, 1.5000001, "1.5"),
        (np.nextafter(1.0, 2.0), 1.0, "1.0000000000000002"),
        (0.1 + 0.2, 0.1 + 0.2, "0.30000000000000004"),
        (-65.0, -65.0, "-65"),
    ],
)
def test_a_bound_is_told_from_the_value_that_passes_it(number, other, text):
    assert beside(number, other) == text


def test_a_bound_that_must_be_passed_itself_is_refused():
    check_above("Model", "x", np.array([2.0, 3.0]), np.array([1.0, 2.9]), "y")
    with pytest.raises(
        OutOfBounds, match=r"^Model\.x: -65\.0 mV \(index 1\) is not allowed; it must be above -65 mV \(y\)$"
    ):
        check_above("Model", "x", np.array([2.0, -65.0]), -65.0, "y", "mV")
