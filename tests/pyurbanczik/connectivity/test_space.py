"""Distances: of all kinds of groups, in all kinds of spaces, through connectors and parameters."""

import numpy as np
import pytest
import quantities as pq
from pyNN import errors
from pyNN import space as plain
from pyNN.random import NumpyRNG, RandomDistribution

SPACES = {
    "plain": {},
    "an axis": {"axes": "y"},
    "two axes": {"axes": "xz"},
    "scaled": {"scale_factor": 2.5},
    "shifted": {"offset": 0.75},
    "shifted along axes": {"offset": [0.5, -1.0, 2.0], "scale_factor": 0.5},
    "a ring": {"periodic_boundaries": ((0.0, 3.0), None, None)},
    "a torus of two axes": {"periodic_boundaries": [(0.0, 3.0), (-1.0, 1.5), None], "axes": "xy"},
}


def expected(pre, post, axes="xyz", scale_factor=1.0, offset=0.0, periodic_boundaries=(None, None, None)):
    """The distance of each pair, one by one."""
    found = np.empty((pre.shape[1], post.shape[1]))
    for i, here in enumerate(pre.T):
        for j, there in enumerate(scale_factor * (post.T + np.asarray(offset))):
            squares = 0.0
            for axis, ends in zip("xyz", periodic_boundaries):
                way = abs(here - there)["xyz".index(axis)]
                if ends is not None:
                    length = ends[1] - ends[0]
                    way = min(way % length, length - way % length)
                squares += way**2 if axis in axes else 0.0
            found[i, j] = np.sqrt(squares)
    return found


def groups(sim):
    cells = sim.Population(9, sim.IF_curr_exp(), structure=sim.Grid2D(dx=0.7, dy=1.1))
    others = sim.Population(4, sim.IF_curr_exp(), structure=sim.Line(dx=1.3, y=0.4, z=0.9))
    return {"population": cells, "view": cells[2:7], "assembly": others + cells[4:8]}


@pytest.mark.parametrize("made_by", ["ours", "plain"])
@pytest.mark.parametrize("name", SPACES)
def test_distances(sim, name, made_by):
    space = (sim.Space if made_by == "ours" else plain.Space)(**SPACES[name])
    found = groups(sim)
    for pre in found.values():
        for post in found.values():
            distances = expected(pre.positions, post.positions, **SPACES[name])
            synapse = sim.StaticSynapse(weight="d", delay=0.5)
            weights = sim.Projection(pre, post, sim.AllToAllConnector(), synapse, space=space)
            np.testing.assert_allclose(weights.get("weight", "array"), distances, atol=1e-14)
            weights.set(weight=lambda d: 3 * d)
            np.testing.assert_allclose(weights.get("weight", "array"), 3 * distances, atol=1e-14)
            near = sim.DistanceDependentProbabilityConnector("d < 1.2")
            near = sim.Projection(pre, post, near, sim.StaticSynapse(weight=1.0), space=space)
            np.testing.assert_array_equal(~np.isnan(near.get("weight", "array")), distances < 1.2)
            world = sim.Projection(
                pre, post, sim.SmallWorldConnector(1.2, 0.0), sim.StaticSynapse(weight=1.0), space=space
            )
            np.testing.assert_array_equal(~np.isnan(world.get("weight", "array")), distances < 1.2)
            pairs = [(i, j) for j in range(post.size) for i in range(0, pre.size, 2)]
            listed = sim.Projection(pre, post, sim.FromListConnector(pairs), synapse, space=space)
            for i, j, weight in listed.get("weight", "list"):
                assert weight == pytest.approx(distances[i, j], abs=1e-14)


@pytest.mark.parametrize("name", ["plain", "scaled", "shifted along axes", "a ring"])
def test_displacements(sim, name):
    found = groups(sim)
    space = sim.Space(**SPACES[name])
    seen = []

    def function(d):
        assert d.shape[0] == 3
        seen.append(d)
        return np.ones(d.shape[1:])

    for pre in found.values():
        for post in found.values():
            seen.clear()
            connector = sim.DisplacementDependentProbabilityConnector(function)
            sim.Projection(pre, post, connector, sim.StaticSynapse(weight=1.0), space=space)
            lengths = np.sqrt(np.sum(np.array(seen) ** 2, axis=1)).T
            np.testing.assert_allclose(lengths, expected(pre.positions, post.positions, **SPACES[name]), atol=1e-14)


def test_ways_round_a_ring_have_a_direction(sim):
    cells = sim.Population(5, sim.IF_curr_exp(), structure=sim.Line())
    ring = sim.Space(periodic_boundaries=((0.0, 5.0), None, None))
    connector = sim.DisplacementDependentProbabilityConnector("(d[0] > 0) * (d[0] < 1.5)")
    projection = sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=1.0), space=ring)
    assert [(i, j) for i, j, _ in projection.get("weight", "list")] == [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)]


def test_agreement_with_pynn(sim):
    a, b = np.random.RandomState(1).rand(2, 7, 3) * 3
    for arguments in SPACES.values():
        for expand in (False, True):
            ours, theirs = (made(**arguments).distances(a, b, expand) for made in (sim.Space, plain.Space))
            np.testing.assert_array_equal(ours, theirs) if "scale" not in str(arguments) else None
            np.testing.assert_allclose(ours, theirs, atol=1e-14)


def test_positions_in_whole_numbers(sim):
    cells = sim.Population(3, sim.IF_curr_exp())
    cells.positions = np.array([[0, 1, 3], [0, 1, 0], [0, 0, 0]])
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight="d"))
    assert projection.get("weight", "array")[0].tolist() == [0.0, np.sqrt(2.0), 3.0]


def test_spaces_of_users(sim):
    class Blocks(plain.Space):
        """City blocks."""

        def distances(self, A, B, expand=False):
            return np.abs(np.atleast_2d(A)[:, None] - np.atleast_2d(B)).sum(-1).ravel()

    cells = sim.Population(4, sim.IF_curr_exp(), structure=sim.Grid2D())
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight="d"), space=Blocks())
    assert projection.get("weight", "array")[0].tolist() == [0.0, 1.0, 1.0, 2.0]
    displaced = sim.DisplacementDependentProbabilityConnector("d[0] > 0")
    assert len(sim.Projection(cells, cells, displaced, sim.StaticSynapse(weight=1.0), space=Blocks())) == 4


def test_random_weights_do_not_depend_on_the_space(sim):
    cells = sim.Population(4, sim.IF_curr_exp())
    found = []
    for space in (None, sim.Space(axes="x"), plain.Space()):
        weight = RandomDistribution("uniform", (0.0, 1.0), rng=NumpyRNG(seed=1))
        projection = sim.Projection(
            cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight), space=space
        )
        found.append(projection.get("weight", "list"))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("module", ["own", "of PyNN"])
@pytest.mark.parametrize("make", ["Grid2D", "Grid3D"])
def test_grids_that_the_cells_do_not_fill(sim, make, module):
    grid = getattr(sim if module == "own" else plain, make)()
    with pytest.raises(errors.InvalidParameterValueError, match=rf"structure: {make}\(.* a grid that 7 cells fill"):
        sim.Population(7, sim.IF_curr_exp(), structure=grid)
    cells = sim.Population(7, sim.IF_curr_exp())
    with pytest.raises(errors.InvalidParameterValueError, match="a grid that 7 cells fill"):
        cells.structure = grid
    assert cells.structure == sim.Line()


NO_PLACES = {"unit": 1.0 * pq.mm, "wrong unit": 1.0 * pq.ms, "truth value": True, "text": "1", "nan": np.nan}


@pytest.mark.parametrize("value", NO_PLACES.values(), ids=NO_PLACES)
@pytest.mark.parametrize(
    "make",
    [
        lambda sim, x: sim.Line(dx=x),
        lambda sim, x: sim.Grid2D(y0=x),
        lambda sim, x: sim.Grid3D(aspect_ratioXZ=x),
        lambda sim, x: sim.RandomStructure(sim.Cuboid(1.0, x, 1.0)),
        lambda sim, x: sim.RandomStructure(sim.Sphere(x)),
        lambda sim, x: sim.RandomStructure(sim.Sphere(1.0), origin=(0.0, 0.0, x)),
    ],
    ids=["line", "grid", "lattice", "cuboid", "sphere", "origin"],
)
def test_structures_of_what_is_no_number_are_refused(sim, make, value):
    with pytest.raises(
        errors.InvalidParameterValueError, match=r"\w+\.(dx|y0|aspect_ratioXZ|height|radius|origin): .* allowed"
    ):
        sim.Population(1, sim.IF_curr_exp(), structure=make(sim, value))
    cells = sim.Population(1, sim.IF_curr_exp(), structure=make(sim, 1.0))
    with pytest.raises(errors.InvalidParameterValueError):
        cells.structure = make(sim, value)
    assert np.isfinite(cells.positions).all()


@pytest.mark.parametrize("value", [*NO_PLACES.values(), 1j], ids=[*NO_PLACES, "complex"])
def test_positions_of_what_is_no_number_are_refused(sim, value):
    cells = sim.Population(2, sim.IF_curr_exp())
    before = cells.positions.copy()
    for given in ([[value] * 2] * 3, value * np.ones((3, 2)) if hasattr(value, "units") else np.full((3, 2), value)):
        with pytest.raises(errors.InvalidParameterValueError, match=r"(?s)positions: .* allowed"):
            cells.positions = given
    np.testing.assert_array_equal(cells.positions, before)
