"""Parameters, states and receptors of a population."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.projection import Projection
from backend_cython.neurons.dendritic_types import dendritic_neuron
from backend_cython.neurons.spike_source_poisson import SpikeSourcePoisson
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.synapses.urbanczik_senn import UrbanczikSennSynapses

from ..helpers import H, all_pairs, source


@pytest.fixture
def cells():
    return UrbanczikSenn(Network(H), 3)


def everything_of(cells):
    return {name: cells.get(name).tolist() for name in cells.PARAMETERS}


@pytest.mark.parametrize("size", [0, -1])
def test_empty_populations_are_refused(size):
    network = Network(H)
    with pytest.raises(ValueError, match=rf"^UrbanczikSenn\.size: {size} is not allowed; it must be at least 1$"):
        UrbanczikSenn(network, size)
    assert network.populations.members == []


def test_defaults(cells):
    for name, parameter in cells.PARAMETERS.items():
        assert cells.get(name).tolist() == [parameter.default] * 3


@pytest.mark.parametrize(
    "values, indices, expected",
    [
        (0.5, None, [0.5, 0.5, 0.5]),
        ([0.1, 0.2, 0.3], None, [0.1, 0.2, 0.3]),
        (0.5, [1], [0.3, 0.5, 0.3]),
        ([0.1, 0.2], [2, 0], [0.2, 0.3, 0.1]),
        (0.5, np.array([True, False, True]), [0.5, 0.3, 0.5]),
        (0.5, slice(1, None), [0.3, 0.5, 0.5]),
        (0.5, [], [0.3, 0.3, 0.3]),
        (0.5, [-1], [0.3, 0.3, 0.5]),
    ],
)
def test_set(cells, values, indices, expected):
    cells.set({"soma_cm": values}, indices)
    assert cells.get("soma_cm").tolist() == expected


def test_nothing_to_set(cells):
    before = everything_of(cells)
    cells.set({})
    assert everything_of(cells) == before


@pytest.mark.parametrize(
    "bad, error, message",
    [
        (
            {"dendrite_cm": -1.0},
            ValueError,
            r"^UrbanczikSenn\.dendrite_cm: -1\.0 nF is not allowed; it must be positive and finite$",
        ),
        (
            {"dendrite_cm": [1.0, 0.0, 1.0]},
            ValueError,
            r"^UrbanczikSenn\.dendrite_cm: 0\.0 nF \(index 1\) is not allowed; ",
        ),
        ({"theta": np.nan}, ValueError, r"^UrbanczikSenn\.theta: nan mV is not allowed; it must be finite$"),
        (
            {"theta": "high"},
            ValueError,
            r"^UrbanczikSenn\.theta: 'high' is not allowed; it must be a number, finite$",
        ),
        ({"no_such": 1.0}, KeyError, r"UrbanczikSenn has no 'no_such'; it has soma_cm, "),
        ({"theta": [1.0, 2.0]}, ValueError, "broadcast"),
    ],
)
def test_a_refusal_leaves_everything_as_it_was(cells, bad, error, message):
    before = everything_of(cells)
    with pytest.raises(error, match=message):
        cells.set({"soma_cm": 0.7, **bad, "beta": 0.9})
    assert everything_of(cells) == before


@pytest.mark.parametrize("indices", [[3], [-4], [0, 99]])
def test_indices_outside_are_refused(cells, indices):
    before = everything_of(cells)
    with pytest.raises(IndexError):
        cells.set({"soma_cm": 0.7}, indices)
    with pytest.raises(IndexError):
        cells.initialize("soma.v", -50.0, indices)
    assert everything_of(cells) == before


def test_errors_name_the_class_that_asked(cells):
    with pytest.raises(ValueError, match=r"^Mine\.soma_cm: "):
        cells.set({"soma_cm": 0.0}, owner="Mine")
    with pytest.raises(KeyError, match="Mine has no 'x'"):
        cells.set({"x": 0.0}, owner="Mine")
    with pytest.raises(ValueError, match=r"^Mine\.soma\.v: nan mV is not allowed; it must be finite$"):
        cells.initialize("soma.v", np.nan, owner="Mine")


def test_get_returns_a_copy(cells):
    cells.get("soma_cm")[:] = -1.0
    assert cells.get("soma_cm").tolist() == [0.3] * 3
    with pytest.raises(KeyError, match="UrbanczikSenn has no 'x'; it has soma_cm"):
        cells.get("x")


def test_a_change_for_which_there_is_no_memory_is_taken_back():
    """Synapses that learn from these cells go on as before."""

    class Poor(dendritic_neuron(["dendrite"])):
        poor = False

        def prepare(self):
            if self.poor:
                self.poor = False
                raise MemoryError
            super().prepare()

    def weights(refused):
        network = Network(H, 3)
        spikes, cells = source(network, np.arange(3, 400, 7)), Poor(network, 2)
        rule = {"weight": 0.05, "eta": 0.3, "w_max": 50.0}
        pairs = all_pairs(spikes, cells)
        learning = Projection(UrbanczikSennSynapses, spikes, cells, "dendrite_exc", *pairs, 1, rule)
        network.run(200)
        if refused:
            cells.poor = True
            with pytest.raises(MemoryError):
                cells.set({"dendrite_cm": 0.5})
            assert np.all(cells.get("dendrite_cm") != 0.5)
        network.run(200)
        return learning.get("weight")

    expected = weights(False)
    assert np.all(expected != 0.05)
    np.testing.assert_allclose(weights(True), expected, rtol=1e-12)


def test_value_returns_a_copy_of_a_variable(cells):
    cells.value("soma.v")[:] = 0.0
    assert cells.value("soma.v").tolist() == [-70.0] * 3
    assert set(cells.variables) == set(cells.RECORDABLES)
    with pytest.raises(KeyError, match=r"UrbanczikSenn has no 'w'; it has soma\.v, dendrite\.v"):
        cells.value("w")


def test_initialize_holds_now_and_at_every_reset(cells):
    cells.initialize("soma.v", [-60.0, -61.0, -62.0])
    cells.initialize("soma.v", -50.0, [1])
    expected = [-60.0, -50.0, -62.0]
    assert cells.value("soma.v").tolist() == expected
    cells.network.run(100)
    assert np.all(cells.value("soma.v") != expected)
    cells.network.reset()
    assert cells.value("soma.v").tolist() == expected
    assert cells.value("dendrite.v").tolist() == [-70.0] * 3


def test_cells_not_initialized_start_from_their_parameter(cells):
    """Whether it is set before the first run or before a reset."""
    cells.initialize("soma.v", -50.0, [0])
    cells.set({"soma_v_rest": -66.0})
    first = cells.value("soma.v").tolist()
    cells.network.run(10)
    cells.network.reset()
    assert cells.value("soma.v").tolist() == first == [-50.0, -66.0, -66.0]


def test_a_parameter_set_amid_a_run_leaves_the_state_alone(cells):
    cells.network.run(10)
    cells.set({"soma_v_rest": -60.0})
    assert np.all(np.abs(cells.value("soma.v") + 70.0) < 0.01)


@pytest.mark.parametrize(
    "name, value, error, message",
    [
        ("soma.v", np.inf, ValueError, r"^UrbanczikSenn\.soma\.v: inf mV is not allowed; it must be finite$"),
        ("soma.v", [1.0, np.nan, 1.0], ValueError, r"nan mV \(index 1\)"),
        ("v_star", 0.0, KeyError, r"UrbanczikSenn has no 'v_star'; it has soma\.v"),
        ("soma.v", [1.0, 2.0], ValueError, "broadcast"),
    ],
)
def test_impossible_initial_values_are_refused(cells, name, value, error, message):
    with pytest.raises(error, match=message):
        cells.initialize(name, value)
    cells.network.reset()
    assert cells.value("soma.v").tolist() == [-70.0] * 3


def test_receptors(cells):
    assert [cells.receptor(name) for name in cells.RECEPTORS] == [0, 1, 2, 3, 0]
    with pytest.raises(ValueError, match=r"^UrbanczikSenn has no receptor 'x'; it has dendritic_exc, dendritic_inh, "):
        cells.receptor("x")
    with pytest.raises(ValueError, match=r"^SpikeSourcePoisson takes no input$"):
        SpikeSourcePoisson(cells.network, 1).receptor("dendritic_exc")


def test_populations_take_streams_for_each_cell():
    network = Network(H)
    first, second = UrbanczikSenn(network, 3), UrbanczikSenn(network, 1)
    assert second.first_stream - first.first_stream == 3
