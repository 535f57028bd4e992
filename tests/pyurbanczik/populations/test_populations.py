"""Populations, views and assemblies: parameters, initial values, single cells."""

import copy
import pickle
import warnings

import numpy as np
import pytest
from pyNN import errors
from pyNN.parameters import Sequence

from pyurbanczik.simulation.simulator import ID


@pytest.fixture
def cells(sim):
    return sim.Population(4, sim.UrbanczikSenn(), label="cells")


def test_nested_and_flat_parameters_are_the_same(sim):
    nested = sim.Population(1, sim.UrbanczikSenn(soma={"cm": 0.25, "g_leak": 0.02}, dendrite={"tau_syn_E": 4.0}))
    flat = sim.Population(1, sim.UrbanczikSenn(soma_cm=0.25, soma_g_leak=0.02, dendrite_tau_syn_E=4.0))
    names = sim.UrbanczikSenn.get_parameter_names()
    assert nested.get(names) == flat.get(names)
    assert nested.get("soma.cm") == 0.25
    assert nested.get("soma")["g_leak"] == 0.02
    nested.set(soma={"cm": 0.5})
    assert nested.get("soma_cm") == 0.5


def test_what_is_set_reads_back_bit_for_bit(sim, cells):
    values = np.random.default_rng(1).uniform(0.1, 1.0, 4)
    cells.set(soma_cm=values, theta=-50.1, beta=lambda i: 0.1 + i)
    np.testing.assert_array_equal(cells.get("soma_cm"), values)
    np.testing.assert_array_equal(cells.get("beta"), 0.1 + np.arange(4))
    assert cells.get("theta") == -50.1
    np.testing.assert_array_equal(cells.get("theta", simplify=False), np.full(4, -50.1))


def test_random_parameters_follow_their_seed(sim):
    def draw():
        return sim.RandomDistribution("uniform", (0.1, 0.5), rng=sim.NumpyRNG(seed=8))

    cells = sim.Population(5, sim.UrbanczikSenn(soma_cm=draw()))
    expected = np.random.RandomState(8).uniform(0.1, 0.5, 5)
    np.testing.assert_array_equal(cells.get("soma_cm"), expected)
    cells.set(dendrite_cm=draw())
    np.testing.assert_array_equal(cells.get("dendrite_cm"), expected)


@pytest.mark.parametrize(
    "name, value",
    [
        ("soma_cm", 0.0),
        ("soma_cm", -1.0),
        ("dendrite_cm", np.nan),
        ("soma_g_leak", 0.0),
        ("dendrite_g_leak", -0.1),
        ("soma_tau_syn_E", 0.0),
        ("dendrite_tau_syn_I", -3.0),
        ("tau_refrac", -1.0),
        ("phi_max", -1.0),
        ("soma_v_rest", np.inf),
        ("theta", np.nan),
        ("beta", "a"),
        ("soma_cm", None),
        ("soma_cm", True),
        ("soma_cm", {"a": 1.0}),
        ("g_dendrite_to_soma", -0.1),
    ],
)
def test_impossible_parameters_are_refused_everywhere(sim, name, value):
    with pytest.raises(errors.InvalidParameterValueError, match=f"UrbanczikSenn.{name}") as caught:
        sim.UrbanczikSenn(**{name: value})
    assert "must be" in str(caught.value)
    cells = sim.Population(2, sim.UrbanczikSenn())
    before = cells.get(name)
    for attempt in (
        lambda: cells.set(tau_refrac=5.0, **{name: value}) if name != "tau_refrac" else cells.set(**{name: value}),
        lambda: setattr(cells[0], name, value),
    ):
        with pytest.raises(errors.InvalidParameterValueError, match=name):
            attempt()
    assert cells.get(name) == before
    assert cells.get("tau_refrac") == 3.0
    if isinstance(value, float):
        with pytest.raises(errors.InvalidParameterValueError, match=name):
            sim.Population(2, sim.UrbanczikSenn(**{name: lambda i: value + 0 * i}))
        with pytest.raises(errors.InvalidParameterValueError, match=name):
            cells.set(**{name: [before, value]})


def test_a_refused_population_leaves_nothing_behind(sim):
    def run():
        sim.setup(rng_seed=5)
        return sim.simulator.state

    state = run()
    with pytest.raises(ValueError):
        sim.Population(3, sim.UrbanczikSenn(soma_cm=lambda i: i - 1.0))
    with pytest.raises(ValueError):
        sim.Population(3, sim.UrbanczikSenn(), initial_values={"v": np.nan})
    with pytest.raises(ValueError):
        sim.Population(3, sim.UrbanczikSenn(), initial_values={"v": [1.0, 2.0]})
    with pytest.raises(KeyError):
        sim.Population(3, sim.UrbanczikSenn(), initial_values={"u": 0.0})
    assert not state.populations
    assert sim.Population(1, sim.UrbanczikSenn()).first_id == 1


def test_unknown_names_are_refused(sim, cells):
    for attempt in (
        lambda: sim.UrbanczikSenn(tau_m=10.0),
        lambda: sim.UrbanczikSenn(soma={"tau_m": 10.0}),
        lambda: sim.UrbanczikSenn(axon={"cm": 1.0}),
        lambda: cells.set(tau_m=10.0),
        lambda: cells.set(soma={"C_m": 10.0}),
        lambda: cells.get("tau_m"),
        lambda: cells[0].tau_m,
        lambda: setattr(cells[0], "tau_m", 1.0),
        lambda: cells.initialize(u=1.0),
    ):
        with pytest.raises(errors.NonExistentParameterError):
            attempt()


def test_wrong_lengths_are_refused(cells):
    with pytest.raises(errors.InvalidDimensionsError):
        cells.set(soma_cm=[1.0, 2.0])
    with pytest.raises(errors.InvalidDimensionsError):
        cells.initialize(v=[1.0, 2.0])


def test_cells_are_objects_only_when_asked_for(sim):
    """Those of large populations take longer to make than everything else."""
    made = sim.simulator.state.cells
    source, target = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0])), sim.Population(3, sim.IF_cond_exp())
    sim.Projection(source, target, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=0.1))
    target.record(["spikes", "v"])
    sim.run(2.0)
    source.set(spike_times=[3.0])
    target.get_data()
    target.describe()
    assert not len(made)
    assert (target.first_id, target.last_id) == (3, 5) and target.last_id.v_rest == -65.0
    assert [type(cell) for cell in target] == [ID] * 3 and target.first_id is target[0]


def test_initial_values(sim, cells):
    core = cells.core
    np.testing.assert_array_equal(core.value("soma.v"), np.full(4, -70.0))
    cells.initialize(v=[-60.0, -61.0, -62.0, -63.0])
    np.testing.assert_array_equal(core.value("dendrite.v"), [-60.0, -61.0, -62.0, -63.0])
    cells.initialize(**{"v": -65.0, "dendrite.v": -50.0, "gsyn_exc": 0.1})
    np.testing.assert_array_equal(core.value("soma.v"), np.full(4, -65.0))
    np.testing.assert_array_equal(core.value("dendrite.v"), np.full(4, -50.0))
    assert cells.initial_values["v"].evaluate(simplify=True) == -65.0
    sim.run(1.0)
    sim.reset()
    np.testing.assert_array_equal(core.value("dendrite.v"), np.full(4, -50.0))


def test_random_initial_values_move_their_generator_on(sim):
    expected, n = sim.NumpyRNG(seed=3).next(9, "uniform", {"low": -60.0, "high": -50.0}), 3
    rng = sim.NumpyRNG(seed=3)
    drawn = sim.RandomDistribution("uniform", (-60.0, -50.0), rng=rng)
    at_once = sim.Population(n, sim.IF_cond_exp(), initial_values={"v": drawn})
    later = [sim.Population(n, sim.IF_cond_exp()) for _ in range(2)]
    (later[0] + later[1]).initialize(v=drawn)
    potentials = [cells.core.value("v") for cells in (at_once, *later)]
    np.testing.assert_array_equal(np.concatenate(potentials), expected)
    sim.run(1.0)
    sim.reset()
    np.testing.assert_array_equal(later[1].core.value("v"), potentials[2])
    with pytest.raises(errors.InvalidParameterValueError):
        at_once.initialize(v=drawn, gsyn_exc=-1.0)
    at_once[:2].initialize(v=drawn)
    np.testing.assert_array_equal(
        at_once.core.value("v")[:2], sim.NumpyRNG(seed=3).next(11, "uniform", {"low": -60.0, "high": -50.0})[9:]
    )


def test_potentials_start_at_rest(sim):
    cells = sim.Population(2, sim.UrbanczikSenn(soma_v_rest=[-60.0, -61.0], dendrite_v_rest=-62.0))
    np.testing.assert_array_equal(cells.core.value("soma.v"), [-60.0, -61.0])
    np.testing.assert_array_equal(cells.initial_values["dendrite.v"].evaluate(), np.full(2, -62.0))


def test_views_and_single_cells_can_be_initialised(sim, cells):
    cells[1:3].initialize(v=-55.0)
    np.testing.assert_array_equal(cells.core.value("soma.v"), [-70.0, -55.0, -55.0, -70.0])
    cells[3].set_initial_value("soma.v", -45.0)
    assert cells[3].get_initial_value("soma.v") == -45.0
    np.testing.assert_array_equal(cells.initial_values["soma.v"].evaluate(), [-70.0, -55.0, -55.0, -45.0])
    np.testing.assert_array_equal(cells[2:].initial_values["soma.v"].evaluate(), [-55.0, -45.0])
    for bad in (np.nan, np.inf):
        with pytest.raises(errors.InvalidParameterValueError):
            cells[:2].initialize(v=bad)
    np.testing.assert_array_equal(cells.core.value("soma.v"), [-70.0, -55.0, -55.0, -45.0])


def test_views_read_and_set_their_cells(sim, cells):
    view = cells[np.array([False, True, False, True])]
    view.set(phi_max=[10.0, 20.0])
    np.testing.assert_array_equal(cells.get("phi_max"), [150.0, 10.0, 150.0, 20.0])
    np.testing.assert_array_equal(view.get("phi_max"), [10.0, 20.0])
    view[1:].set(phi_max=30.0)
    assert cells[3].phi_max == 30.0
    cells[::-1].set(theta=[1.0, 2.0, 3.0, 4.0])
    np.testing.assert_array_equal(cells.get("theta"), [4.0, 3.0, 2.0, 1.0])


def test_cells_can_be_copied_and_pickled(sim, cells):
    cell = cells[2]
    assert copy.copy(cell) is cell
    assert copy.deepcopy([cell])[0].parent is cells
    assert pickle.loads(pickle.dumps(cell)).parent is cells
    pickled = pickle.dumps(cell)
    sim.setup()
    restored = pickle.loads(pickled)
    assert isinstance(restored, ID)
    assert restored == cell
    with pytest.raises(AttributeError):
        _ = restored.parent


def test_single_cells(sim, cells):
    cells[1].soma_cm = 0.4
    assert cells[1].soma_cm == 0.4
    assert cells[0].get_parameters()["phi_max"] == 150.0
    cells[2].position = (1.0, 2.0, 3.0)
    np.testing.assert_array_equal(cells[2].position, (1.0, 2.0, 3.0))
    with pytest.raises(AttributeError):
        cells[0].set(soma_cm=0.4)
    with pytest.raises(errors.NonExistentParameterError, match="UrbanczikSenn has no parameter 'soma_cmm'"):
        _ = cells[0].soma_cmm
    assert hasattr(cells[0], "soma_cm") and not hasattr(cells[0], "soma_cmm")
    for name in ("local", "celltype", "tau_m"):
        with pytest.raises(AttributeError, match=f"cell 5 has no {name}: it belongs to no population"):
            getattr(ID(5), name)


def test_units_of_everything(sim, cells):
    for name in (*sim.UrbanczikSenn.recordable, *sim.UrbanczikSenn.default_parameters, "soma.cm"):
        assert isinstance(cells.find_units(name), str)
    assert cells.find_units("soma.v") == "mV"
    assert (cells + sim.Population(1, sim.UrbanczikSenn())).find_units("rate") == "Hz"
    with pytest.raises(errors.NonExistentParameterError):
        cells.find_units("w")


def test_assemblies(sim, cells):
    assembly = cells[1:] + sim.Population(2, sim.UrbanczikSenn(phi_max=5.0))
    assert assembly.size == 5
    np.testing.assert_array_equal(assembly.get("phi_max"), [150.0, 150.0, 150.0, 5.0, 5.0])
    assembly.set(phi_max=7.0)
    np.testing.assert_array_equal(cells.get("phi_max"), [150.0, 7.0, 7.0, 7.0])
    assembly.initialize(v=-50.0)
    np.testing.assert_array_equal(cells.core.value("soma.v"), [-70.0, -50.0, -50.0, -50.0])


def test_sizes_and_cell_types(sim):
    assert sim.Population((2, 3), sim.UrbanczikSenn()).size == 6
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert sim.Population(2, sim.SpikeSourcePoisson, {"rate": [5, 6]}).size == 2
        assert sim.Population(2, sim.UrbanczikSenn).size == 2
    for size in (0, -1):
        with pytest.raises(ValueError, match="size"):
            sim.Population(size, sim.UrbanczikSenn())
    from pyNN.standardmodels.cells import IF_cond_exp

    for foreign in (IF_cond_exp, 3):
        with pytest.raises(TypeError, match="cell type"):
            sim.Population(1, foreign)


def test_sequences_are_no_parameters_of_cells(sim):
    with pytest.raises(errors.InvalidParameterValueError):
        sim.UrbanczikSenn(soma_cm=Sequence([1.0, 2.0]))


@pytest.mark.parametrize("value", [-60.0, [-60.0, -61.0, -62.0]])
def test_initial_values_given_at_creation_override_the_defaults(sim, value):
    cells = sim.Population(3, sim.UrbanczikSenn(), initial_values={"v": value})
    cells.record(["soma.v", "dendrite.v"])
    sim.run(0.1)
    for signal in cells.get_data().segments[0].analogsignals:
        np.testing.assert_array_equal(signal.magnitude[0], np.broadcast_to(value, 3))
    np.testing.assert_array_equal(cells.initial_values["v"].evaluate(), np.broadcast_to(value, 3))


def test_assemblies_contain_each_cell_once(sim, cells, caplog):
    others = sim.Population(2, sim.IF_cond_exp(), label="others")
    numbers, n = [int(cell) for cell in cells.all_cells], cells.size
    for assembly, order in (
        (cells[:1] + cells, range(n)),
        (cells + cells[:1], range(n)),
        (cells + cells, range(n)),
        (cells[1:2] + cells[:2][:], [1, 0]),
        (sim.Assembly(cells[2:3], cells[1:], cells[1:3][:1], cells), [2, 1, *range(3, n), 0]),
        (sim.Assembly(cells[1:2], others, cells)[[0, 2, 3]] + cells, [1, None, 0, *range(2, n)]),
        (sim.Network(cells[:1] + others, cells).filter([sim.UrbanczikSenn]), range(n)),
    ):
        found = [int(cell) for cell in assembly.all_cells]
        assert [numbers.index(cell) if cell in numbers else None for cell in found] == [*order]
        assert len(assembly.id_to_index(assembly)) == assembly.size
    assert caplog.text.count("left out") == 10
    grown = cells[1:2] + others
    grown += others + cells
    assert [int(cell) for cell in grown.all_cells[3:]] == [numbers[0], *numbers[2:]]
    assert (cells[:1] + cells).get_population(cells.label).size == n - 1
    projection = sim.Projection(others, cells[:1] + cells, sim.AllToAllConnector())
    assert len(projection) == 2 * n
    caplog.clear()
    assert (cells[:1] + others + cells[1:]).size == n + 2 and not caplog.text


def test_what_the_second_population_of_an_assembly_refuses_changes_nothing_in_the_first(sim):
    rng = sim.NumpyRNG(seed=3)
    first = sim.Population(2, sim.IF_cond_exp(), label="first")
    second = sim.Population(3, sim.UrbanczikSenn(), label="second")
    third = sim.Population(4, sim.IF_cond_exp(), label="third")
    for attempt in (
        lambda: (first + second).set(tau_m=15.0),
        lambda: (first + third).set(tau_m=[15.0, 16.0]),
        lambda: (first + third).initialize(v=[-60.0, -61.0]),
        lambda: (first + second).initialize(isyn_exc=0.1),
        lambda: (first + third).initialize(v=sim.RandomDistribution("uniform", (-60.0, -50.0), rng=rng), gsyn_exc=-1.0),
        lambda: (first + second).record(["v", "rate"]),
    ):
        with pytest.raises((ValueError, errors.NonExistentParameterError, errors.RecordingError)):
            attempt()
        assert first.get("tau_m") == 20.0 and first.initial_values["v"][0] == -65.0
    assert rng.next() == sim.NumpyRNG(seed=3).next()
    sim.run(1.0)
    assert not first.get_data().segments[0].analogsignals


def test_a_population_that_is_refused_leaves_nothing_behind(sim):
    before = sim.Population(1, sim.SpikeSourcePoisson(rate=100.0))
    for values in ({"v": lambda i: float("nan")}, {"v": [1.0]}, {"nonsense": 1.0}):
        with pytest.raises((ValueError, errors.NonExistentParameterError)):
            sim.Population(2, sim.IF_cond_exp(), initial_values=values)
    after = sim.Population(1, sim.SpikeSourcePoisson(rate=100.0))
    assert int(after.first_id) == int(before.last_id) + 1
    assert after.core.first_stream == before.core.first_stream + 1


def test_networks_keep_the_order_of_their_members(sim):
    cells = [sim.Population(1, sim.IF_cond_exp(), label=f"{k}") for k in range(20)]
    pairs = [a + b for a, b in zip(cells[::2], cells[1::2])]
    network = sim.Network(*pairs, cells[3][:1])
    network.add(*cells)
    assert [*network.populations] == cells and [*network.assemblies] == pairs and len(network.views) == 1
    assert network.filter("all").populations == cells
    assert network.populations == frozenset(cells) and network.projections == frozenset()


def test_networks_are_exported_to_sonata_and_imported(sim, tmp_path):
    pytest.importorskip("h5py")
    serialization = pytest.importorskip("pyNN.serialization")
    source = sim.Population(3, sim.SpikeSourcePoisson(rate=50.0), label="source")
    cells = sim.Population(4, sim.IF_cond_exp(tau_m=12.0), label="cells")
    feedback = sim.Projection(
        cells, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.02), receptor_type="inhibitory"
    )
    inputs = sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=0.5))
    inputs.label, feedback.label = "inputs", "feedback"
    values = [projection.get(["weight", "delay"], "list") for projection in (inputs, feedback)]
    serialization.export_to_sonata(sim.Network(source, cells, inputs, feedback), str(tmp_path / "out"))
    sim.setup(timestep=0.1, min_delay=0.1)
    network = serialization.import_from_sonata(str(tmp_path / "out" / "circuit_config.json"), sim)
    found = {projection.label.split("-")[0]: projection for projection in network.projections}
    assert [found[name].receptor_type for name in ("inputs", "feedback")] == ["excitatory", "inhibitory"]
    for name, expected in zip(("inputs", "feedback"), values):
        np.testing.assert_allclose(found[name].get(["weight", "delay"], "list"), expected)
    network.record("spikes")
    sim.run(1.0)
    assert {len(block.segments[0].spiketrains) for block in network.get_data()} == {3, 4}
