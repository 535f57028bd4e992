"""Whatever cells and segments are annotated with can be stored, and quantities come back."""

import datetime
import json

import numpy as np
import pytest
import quantities as pq
from pyNN import errors

from pyurbanczik.storage.annotations import from_plain, plain

QUANTITIES = [
    5.0 * pq.mV,
    np.float64(3.0) * pq.uV,
    [1.0, 2.0] * pq.percent,
    [[1.0], [2.0]] * (pq.uF / pq.cm**2),
    1.5 * pq.dimensionless,
    [] * pq.Hz,
    np.nan * pq.kg * pq.m**0.5 / pq.s**2,
    pq.nA,
]


def stored(value):
    return from_plain(json.loads(json.dumps(plain(value))))


@pytest.mark.parametrize("quantity", QUANTITIES, ids=str)
def test_quantities_come_back(quantity):
    for found in (stored(quantity), stored({"in": [quantity]})["in"][0]):
        assert isinstance(found, pq.Quantity) and found.dimensionality == quantity.dimensionality
        np.testing.assert_array_equal(found.magnitude, quantity.magnitude)


def test_what_else_json_can_hold_comes_back():
    kept = {"a": None, "b": True, "c": [1, 2.5, "text", {"d": []}], "quantity": 1, "units": {"no unit": 1}}
    assert stored(kept) == kept
    found = stored({"a": np.bool_(True), "b": np.int32(2), "c": np.longdouble(0.5), "d": np.array([[1, 2]]), "e": (3,)})
    assert found == {"a": True, "b": 2, "c": 0.5, "d": [[1, 2]], "e": [3]}
    assert [type(value) for value in found.values()] == [bool, int, float, list, list]


@pytest.mark.parametrize(
    "value",
    [
        1 + 2j,
        np.clongdouble(1j),
        np.datetime64("2026-01-01"),
        datetime.date(2026, 1, 1),
        datetime.timedelta(1),
        b"bytes",
        object,
        pq.UncertainQuantity(1.0, "mV", 0.1),
        3.0 * pq.CompoundUnit("1/cm**2"),
        (1 + 2j) * pq.mV,
    ],
    ids=repr,
)
def test_anything_else_becomes_a_text(value):
    assert stored({"a": value, "b": [value]}) == {"a": str(value), "b": [str(value)]}
    assert isinstance(stored({(1, 2): np.array([value])})["(1, 2)"], list)


def test_a_text_of_units_is_not_evaluated():
    for name in ("__import__('os')", "9**9**9", "mV*s"):
        assert from_plain({"quantity": 1.0, "units": {name: 1}}) == {"quantity": 1.0, "units": {name: 1}}


def test_quantities_in_recordings(sim, path):
    cells = sim.Population(1, sim.IF_cond_exp(), label="cells")
    cells.annotate(rate=5.0 * pq.Hz)
    cells.record("v", to_file=path)
    sim.run(1.0)
    sim.reset(annotations={"current": [1.0, 2.0] * pq.nA})
    sim.run(1.0)
    cells.annotate(late=[1.0 * pq.mV])
    sim.end()
    sim.setup()
    (block,) = sim.read_recording(path)
    assert block.annotations["rate"] == 5.0 * pq.Hz and block.annotations["late"] == [1.0 * pq.mV]
    first, last = (segment.annotations for segment in block.segments)
    assert (first["current"] == [1.0, 2.0] * pq.nA).all() and not last


def test_quantities_in_saved_states(sim, tmp_path):
    def build():
        sim.setup(timestep=0.1)
        cells = sim.Population(1, sim.IF_cond_exp())
        cells.record("v")
        return cells

    build()
    sim.run(1.0)
    sim.reset(annotations={"current": 1.0 * pq.nA})
    sim.save_state(tmp_path / "a.state")
    cells = build()
    sim.load_state(tmp_path / "a.state")
    assert cells.get_data().segments[0].annotations["current"] == 1.0 * pq.nA


def test_what_contains_itself_is_refused(sim):
    cells, circle = sim.Population(1, sim.IF_cond_exp()), []
    circle.append(circle)
    for annotate in (lambda: cells.annotate(a=circle), lambda: sim.reset(annotations={"a": circle})):
        with pytest.raises(errors.InvalidParameterValueError, match="annotations"):
            annotate()
    assert "a" not in cells.annotations
