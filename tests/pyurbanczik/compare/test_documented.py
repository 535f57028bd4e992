"""The page and its machine-readable side have the same entries."""

import re
from pathlib import Path

import numpy as np
import pytest

from pyurbanczik.compare.documented import (
    DIFFERENCES,
    LAST_WEIGHTS,
    PAGE,
    RANDOM_STREAMS,
    Difference,
    find,
    moved,
    steepest,
)
from pyurbanczik.compare.faults import FAULTS

if not (Path(__file__).parents[3] / PAGE).exists():
    pytest.skip("installed without its documentation", allow_module_level=True)
TEXT = (Path(__file__).parents[3] / PAGE).read_text(encoding="utf-8")


def test_every_entry_is_on_the_page():
    on_page = set(re.findall(r"^\| `([a-z0-9-]+)` \|", TEXT, flags=re.MULTILINE))
    assert on_page == {entry.name for entry in (*DIFFERENCES, *LAST_WEIGHTS, RANDOM_STREAMS)} | set(FAULTS)


def test_entries_are_found_by_the_variable_of_any_compartment():
    assert find("nest", "UrbanczikSenn", "soma.v").name == "nest-urbanczik-senn"
    assert find("nest", "IF_curr_exp", "v") is None
    assert find("arbor", "UrbanczikSenn", "soma.v") is None
    assert find("nest", "pp_cond_exp_mc_urbanczik", "V_m.s").name == "nest-urbanczik-senn"


def test_the_entry_of_a_model_comes_before_that_of_all():
    assert find("neuron", "HH_cond_exp", "v").name == "neuron-hh"
    assert find("neuron", "IF_curr_exp", "v").name == "neuron-steps"


def test_errors_of_first_order_grow_with_the_step_and_the_range():
    v = np.array([[0.0, 0.0], [1.0, 10.0], [1.0, 10.0]])
    entry = Difference("name", "neuron", (), ("v",), "", spread=0.3)
    np.testing.assert_allclose(entry.allowed(v, 0.1), [0.03, 0.3])
    np.testing.assert_allclose(entry.allowed(v, 0.01), [0.003, 0.03])


def test_a_shift_allows_more_where_a_signal_is_steep():
    v = np.array([[0.0], [0.0], [10.0], [10.0]])
    np.testing.assert_array_equal(steepest(v)[:, 0], [0.0, 10.0, 10.0, 0.0])
    allowed = find("nest", "HH_cond_exp", "v").allowed(v, 0.1)
    assert allowed[1, 0] > allowed[0, 0] > 0.0


def test_a_shift_in_time_allows_what_lies_within_it():
    v = np.array([0.0, 0.0, 0.0, 9.0, 9.0])[:, None]
    np.testing.assert_array_equal(moved(v, 1)[:, 0], [0.0, 0.0, 9.0, 9.0, 0.0])
    entry = Difference("name", "neuron", (), ("v",), "", shift=0.4)
    np.testing.assert_array_equal(entry.allowed(v, 0.1, interval=0.2)[:, 0], [0.0, 9.0, 9.0, 9.0, 9.0])
