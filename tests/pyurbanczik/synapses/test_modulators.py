"""Values of a modulator, one for each cell that learns; see test_dendritic_error.py for what they do to weights."""

import numpy as np
import pytest
from pyNN import errors

import pyurbanczik as sim

from .test_dendritic_error import MOVING, H, cells, connect


@pytest.fixture(autouse=True)
def simulation():
    sim.setup(timestep=H, min_delay=H, rng_seed=3)


PARTS = {
    "the first ones": lambda cells: cells[:2],
    "the last ones": lambda cells: cells[2:],
    "some": lambda cells: cells[[1, 3]],
    "others of some": lambda cells: cells[1:][::2],
    "in another order": lambda cells: cells[[3, 0]],
    "two views": lambda cells: cells[2:3] + cells[:1],
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("given", ["at once", "later"])
def test_one_value_for_each_cell_of_a_part_of_a_population(part, given):
    whole = cells(4)
    post = PARTS[part](whole)
    modulator = sim.Modulator([0.5, -2.0] if given == "at once" else 1.0)
    projection = connect(post, modulator=modulator)
    if given == "later":
        modulator.set([0.5, -2.0])
    plain = connect(whole)
    sim.run(50.0)
    places = [whole.id_to_index(cell) for cell in post.all()]
    moved = plain.get("weight", "array")[:, places] - MOVING["weight"]
    assert np.abs(moved).min() > 1e-6
    np.testing.assert_allclose(
        projection.get("weight", "array") - MOVING["weight"], moved * [0.5, -2.0], rtol=0, atol=1e-9 * np.ptp(moved)
    )


def test_a_modulator_that_nobody_uses_keeps_its_number_of_values():
    modulator = sim.Modulator([1.0, 2.0, 3.0])
    modulator.set([1.0, 2.0])
    sim.run(1.0)
    with pytest.raises(errors.InvalidParameterValueError, match=r"Modulator.value: 3 numbers .* 2 cells"):
        modulator.set([1.0, 2.0, 3.0])
    assert modulator.value.tolist() == [1.0, 2.0]
    modulator.set(4.0)
    assert modulator.value.tolist() == [4.0, 4.0]
