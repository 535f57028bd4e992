"""Which cells are meant: views, cells of groups, samples, and positions in space."""

import warnings

import numpy as np
import pytest
from pyNN import errors


@pytest.fixture
def cells(sim):
    return sim.Population(5, sim.IF_cond_exp(), label="cells")


@pytest.fixture
def others(sim):
    return sim.Population(3, sim.IF_cond_exp(), label="others")


@pytest.mark.parametrize(
    "selector, expected",
    [
        (slice(1, 4), [1, 2, 3]),
        (slice(None, None, -2), [4, 2, 0]),
        ([3, 1], [1, 3]),
        ((0, 4), [0, 4]),
        (np.array([-1, 0]), [0, 4]),
        ([-1, 4, 2], [2, 4]),
        ([True, False, True, False, False], [0, 2]),
    ],
)
def test_views_of_populations_and_of_assemblies(sim, cells, others, selector, expected):
    for group in (cells, others[:1] + cells):
        offset = group.size - 5
        shifted = selector
        if offset:
            whole = np.arange(5)[list(selector) if isinstance(selector, tuple) else selector] + offset
            shifted = whole.tolist()
        view = group[shifted]
        assert sorted(view.all_cells) == sorted(group.all_cells[offset:][expected])
    view = cells[selector]
    assert view.all_cells.tolist() == cells.all_cells[expected].tolist()
    assert view.index_in_grandparent(np.arange(view.size)).tolist() == expected
    assert [view.index_from_parent_index(i) for i in expected] == list(range(view.size))
    assert view.index_from_parent_index(np.array(expected[::-1])).tolist() == list(range(view.size))[::-1]
    for absent in set(range(5)) - set(expected):
        with pytest.raises(IndexError, match="has no cell"):
            view.index_from_parent_index(absent)


def test_a_selector_stays_as_it_is(cells):
    selector = np.array([3, 1])
    assert cells[selector].all_cells.tolist() == cells.all_cells[[1, 3]].tolist()
    assert selector.tolist() == [3, 1]


@pytest.mark.parametrize("selector", [np.ones(4, dtype=bool), [0.5, 1.0], [[0, 1]], ["a"], "a", 1.5, None], ids=str)
def test_impossible_selectors_are_refused_by_name(cells, others, selector):
    for group in (cells, cells + others):
        with pytest.raises(errors.InvalidParameterValueError, match=r"index.*must be"):
            group[selector]


@pytest.mark.parametrize("selector", [[], slice(7, 9), np.zeros(5, dtype=bool)], ids=str)
def test_there_is_no_view_without_cells(cells, selector):
    with pytest.raises(errors.InvalidParameterValueError, match="at least one cell"):
        cells[selector]


@pytest.mark.parametrize("index", [5, -6, [5], [0, -6]])
def test_there_is_no_such_cell(cells, others, index):
    for group in (cells, others[:2] + cells[:3]):
        with pytest.raises((IndexError, ValueError), match=r"cells|numbers below"):
            group[index]


def test_cells_of_an_assembly_counted_from_its_end(cells, others):
    assembly = cells + others
    for i in range(-8, 8):
        assert assembly[i] is assembly.all_cells[i]
    assert assembly[[-1, 0]].all_cells.tolist() == [cells[0], others[2]]


def test_the_index_of_a_cell_is_that_of_its_place(cells, others):
    """In every kind of group, for one cell (an int) and for several; and nothing is said of foreign ones."""
    groups = [cells, cells[1:4], cells[::-1], cells[[0, 3]], cells[1:][1:], cells + others, others + cells]
    for group in groups:
        members = group.all_cells
        for i, cell in enumerate(members):
            assert group.id_to_index(cell) == i and type(group.id_to_index(cell)) is int
            assert group.is_local(cell) is True
        assert group.id_to_index(list(members[::-1])).tolist() == list(range(group.size))[::-1]
        assert group.id_to_index(group).tolist() == list(range(group.size))
        foreign = [cell for cell in [*cells, *others, 1000, 0, -1] if cell not in members]
        for cell in foreign:
            for method in (group.id_to_index, group.is_local):
                with pytest.raises((IndexError, ValueError), match=f"{int(cell)}"):
                    method(cell)
        for nothing in (2.5, "a", None, [1.5]):
            with pytest.raises(errors.InvalidParameterValueError, match="id"):
                group.id_to_index(nothing)


def test_cells_of_another_simulation_are_foreign(sim):
    """Although their numbers are the same."""

    def groups():
        cells = sim.Population(5, sim.IF_cond_exp(), label="cells")
        return [cells, cells[1:4], cells[1:4] + sim.Population(2, sim.IF_cond_exp())]

    old = groups()
    sim.setup()
    new = groups()
    for ours, theirs in [*zip(old, new), *zip(new, old)]:
        own, foreign = ours[0], theirs[0]
        assert own == foreign
        assert own in ours and int(own) in ours and np.int64(own) in ours
        assert foreign not in ours and ours not in ours and "a" not in ours and 0 not in ours
        for several in (foreign, [own, foreign], theirs, theirs.all_cells):
            for method in (ours.id_to_index, ours.is_local):
                with pytest.raises(IndexError, match=f"{ours.label} has no cell .* of another simulation"):
                    method(several)


def test_several_cells_are_local(cells):
    assert cells.is_local(cells[1:3]).tolist() == [True, True]


def test_groups_can_be_added(sim, cells, others):
    assert (cells + (others + cells[:2])).populations[:2] == [cells, others]
    assert (cells[:2] + (cells[2:3] + others)).size == 6
    for wrong in (3, None, "a", [others]):
        with pytest.raises(TypeError, match="is not possible"):
            _ = cells + wrong


def test_samples(sim, cells, others):
    for group in (cells, cells[:4], cells + others):
        for n in (1, np.int64(2), group.size):
            assert group.sample(n, rng=sim.NumpyRNG(seed=1)).size == n
        for n in (0, -1, group.size + 1, 2.0, "a", None, True):
            with pytest.raises(errors.InvalidParameterValueError, match=r"sample\.n"):
                group.sample(n)


def test_labels_of_assemblies(sim, cells):
    assert sim.Assembly(cells, label="all").label == "all"
    assert sim.Assembly(cells).label
    with pytest.raises(TypeError):
        sim.Assembly(cells, name="all")
    with pytest.raises(errors.InvalidParameterValueError, match=r"Assembly\.label"):
        sim.Assembly(cells, label=3)


def test_positions(sim, cells):
    cells.positions = [[5, 6, 7, 8, 9], [0] * 5, [1] * 5]
    assert cells[2:].positions.tolist() == [[7, 8, 9], [0, 0, 0], [1, 1, 1]]
    assert cells.structure is None
    cells[1].position = [0, 1, 2]
    assert cells.positions[:, 1].tolist() == [0, 1, 2] == cells[1].position.tolist()
    assert cells.nearest([0.2, 1, 2]) is cells[1] and cells[2:].nearest((6.0, 0, 1)) is cells[2]
    before = cells.positions.copy()
    for wrong in (np.zeros((3, 4)), np.zeros((5, 3)), np.full((3, 5), np.nan), "a", None, 3):
        with pytest.raises(errors.InvalidParameterValueError, match=r"cells\.positions"):
            cells.positions = wrong
    for wrong in ((1, 2), (1, 2, np.inf), ("a", 0, 0), 3, None):
        with pytest.raises(errors.InvalidParameterValueError, match="position"):
            cells[0].position = wrong
        for group in (cells, cells[:2]):
            with pytest.raises(errors.InvalidParameterValueError, match=r"nearest\.position"):
                group.nearest(wrong)
    np.testing.assert_array_equal(cells.positions, before)


def test_structures(sim, cells):
    assert cells.positions[0].tolist() == [0, 1, 2, 3, 4]
    for structure, x in ((sim.Line(dx=2.0), 8.0), (sim.Grid2D(aspect_ratio=5.0, dx=3.0), 12.0), (sim.Line(), 4.0)):
        cells.structure = structure
        assert cells.structure is structure and cells.positions[0].max() == x
    for wrong in (3, "Line", sim.Line, None):
        with pytest.raises(errors.InvalidParameterValueError, match=r"Population\.structure"):
            cells.structure = wrong
        if wrong is not None:
            with pytest.raises(errors.InvalidParameterValueError, match=r"Population\.structure"):
                sim.Population(5, sim.IF_cond_exp(), structure=wrong)


def test_what_is_no_electrode_cannot_be_injected(sim, cells, others):
    for group in (cells, cells[:2], cells + others, cells[0]):
        with pytest.raises(errors.InvalidParameterValueError, match="current_source"):
            group.inject(0.5)


def test_recordable_where(sim, cells):
    two = sim.Population(1, sim.UrbanczikSenn())
    assert cells.can_record("v") and not cells.can_record("w")
    # as in record(): what belongs to no compartment is there whichever is named
    assert cells.can_record("v", "soma") and two.can_record("spikes", "soma")
    assert two.can_record("v", "dendrite") and not two.can_record("v", "axon")


def test_unknown_initial_values_are_named(sim, cells):
    with pytest.raises(errors.NonExistentParameterError, match="IF_cond_exp has no state variable"):
        cells[0].get_initial_value("w")


def test_methods_of_old_set_what_they_are_told(sim, cells, others):
    """Two of PyNN's set a parameter that is called as their argument is."""
    projection = sim.Projection(cells, others, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse(weight=0.1))
    draw = sim.RandomDistribution("uniform", (0.1, 0.4), rng=sim.NumpyRNG(seed=1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        (cells + others).rset("cm", 0.3)
        assert cells.get("cm") == others.get("cm") == 0.3
        cells.tset("cm", np.arange(1.0, 6.0))
        assert cells.get("cm").tolist() == [1, 2, 3, 4, 5]
        projection.setSynapseDynamics("U", 0.4)
        assert set(projection.getSynapseDynamics("U")) == {0.4}
        projection.randomizeSynapseDynamics("U", draw)
        assert len(set(projection.getSynapseDynamics("U"))) > 1


@pytest.mark.parametrize("number", [1.5, "a", [0, 1], None])
def test_numbers_of_connections_are_whole(sim, cells, others, number):
    projection = sim.Projection(cells, others, sim.AllToAllConnector())
    with pytest.raises(TypeError, match="whole numbers"):
        projection[number]
    with pytest.raises(errors.InvalidParameterValueError, match="gather"):
        projection.get("weight", "list", gather="some")
