"""What belongs to a simulation before `setup`: it is read, refuses everything else, and is freed with its last name."""

import copy
import gc
import pickle
import tracemalloc
import weakref
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from pyurbanczik.simulation import simulator


def learning_from(sim, pre, post, receptor, modulator):
    rule = sim.DendriticErrorSynapse(weight=0.02, eta=0.01, error="rate", modulator=modulator)
    return sim.Projection(pre, post, sim.AllToAllConnector(), rule, receptor_type=receptor)


def learning_anew(sim, modulator):
    cells = sim.Population(1, sim.UrbanczikSenn())
    return learning_from(sim, sim.Population(1, sim.SpikeSourceArray()), cells, "dendritic", modulator)


def build(sim, to_file=None, modulated=True):
    """One of everything, recorded and run, with a reset on the way."""
    sim.setup(timestep=0.1, min_delay=0.2)
    made = SimpleNamespace()
    made.population = sim.Population(
        4, sim.UrbanczikSenn(dendrite={"i_offset": 2.0}, tau_refrac=[1.0, 2.0, 3.0, 4.0]), label="out"
    )
    made.sources = sim.Population(3, sim.SpikeSourcePoisson(rate=300.0), label="in")
    made.points = sim.Population(2, sim.IF_cond_exp(), label="points")
    made.dendritic = sim.Population(2, sim.DendriticNeuron(basal=sim.Dendrite(), apical=sim.Dendrite()), label="many")
    made.view = made.population[1:3]
    made.assembly = made.population + made.sources
    made.projection = sim.Projection(
        made.sources, made.population, sim.AllToAllConnector(), sim.UrbanczikSennSynapse(weight=0.05, w_max=1.0)
    )
    made.connection = made.projection[3]
    made.electrode = sim.StepCurrentSource(times=[0.5, 2.0], amplitudes=[0.1, 0.3])
    made.native = sim.native_electrode_type("dc_generator")(amplitude=100.0)
    for source in (made.electrode, made.native):
        made.population.inject(source)
        source.record()
    if modulated:
        made.reward = sim.Modulator(times=[0.0, 5.0], values=[0.5, 1.5])
        made.dopamine = sim.SpikeModulator(made.sources, tau=20.0)
        made.learning_basal = learning_from(sim, made.sources, made.dendritic, "basal", made.reward)
        made.learning_apical = learning_from(sim, made.sources, made.dendritic, "apical", made.dopamine)
        made.reward.record()
        made.dopamine.record()
    sim.Projection(made.population, made.dendritic, sim.AllToAllConnector(), sim.NudgingSynapse(weight=0.01))
    made.population.record(["spikes", "soma.v"], to_file=to_file)
    made.sources.record("spikes")
    made.projection.record("weight", to_file=to_file)
    made.projection.record("weight", sampling_interval=1.0, to_file=to_file)
    sim.run(20.0)
    sim.reset()
    sim.run(30.0)
    made.cell = made.population[2]
    made.everything = sim.Network(made.assembly, made.projection)
    return made


def contents(block):
    """What a block holds, as numbers; `rec_datetime` is that of the reading."""
    return [
        (
            segment.name,
            [
                (np.array(s.load() if hasattr(s, "load") else s), float(s.t_start), str(s.units))
                for s in (*segment.analogsignals, *segment.irregularlysampledsignals)
            ],
            [
                (np.array(t.load() if hasattr(t, "load") else t), float(t.t_start), float(t.t_stop))
                for t in segment.spiketrains
            ],
        )
        for segment in block.segments
    ]


GROUPS = ("population", "view", "assembly")
READERS = {
    **{
        f"{group}.{name}": lambda made, group=group, read=read: read(getattr(made, group))
        for group in GROUPS
        for name, read in {
            "get": lambda cells: cells.get("tau_refrac") if cells.label == "out" else cells.size,
            "get_data": lambda cells: contents(cells.get_data()),
            "get_spike_counts": lambda cells: cells.get_spike_counts(),
            "mean_spike_count": lambda cells: cells.mean_spike_count(),
            "describe": lambda cells: cells.describe(),
            "positions": lambda cells: cells.positions,
            "all_cells": lambda cells: cells.all_cells.astype(int),
            "sample": lambda cells: cells.sample(1).size,
        }.items()
    },
    "population.get_group": lambda made: made.population.get("soma"),
    "population.initial_values": lambda made: made.population.initial_values["soma.v"].evaluate(),
    "population.structure": lambda made: made.population.structure.describe(),
    "population.local_size": lambda made: made.population.local_size,
    "cell": lambda made: (made.cell.tau_refrac, made.cell.get_parameters(), made.cell.position, int(made.cell)),
    "new_cell": lambda made: made.population[1].tau_refrac,
    "new_view": lambda made: made.population[np.array([0, 3])].get("tau_refrac"),
    "new_assembly": lambda made: contents((made.view + made.sources).get_data()),
    "projection.get": lambda made: made.projection.get(["weight", "delay", "eta"], format="list"),
    "projection.array": lambda made: made.projection.get("weight", format="array"),
    "projection.get_data": lambda made: contents(made.projection.get_data()),
    "projection.describe": lambda made: made.projection.describe(),
    "projection.size": lambda made: (len(made.projection), made.projection.size()),
    "connection": lambda made: (made.connection.weight, made.connection.delay, made.connection.presynaptic_index),
    "electrode": lambda made: (np.array(made.electrode.get_data()), made.electrode.get_parameters()),
    "native": lambda made: (np.array(made.native.get_data()), made.native.get_parameters()),
    "dendritic": lambda made: (made.dendritic.get("basal_cm"), made.dendritic.initial_values["basal.v"].evaluate()),
    "learning": lambda made: made.learning_basal.get("weight", "list") + made.learning_apical.get("weight", "list"),
    "reward": lambda made: (made.reward.value, np.array(made.reward.get_data())),
    "dopamine": lambda made: (made.dopamine.value, np.array(made.dopamine.get_data())),
    "time": lambda made: (made.population.simulation.t, made.population.simulation.segment_counter),
}


def test_reads_as_at_its_end(sim):
    made = build(sim)
    before = {name: read(made) for name, read in READERS.items()}
    assert before["population.mean_spike_count"] > 0
    assert before["projection.get_data"][-1][1]
    sim.setup(timestep=0.25)
    other = sim.Population(2, sim.UrbanczikSenn(), label="other")
    other.record("spikes")
    sim.run(5.0)
    sim.reset()
    for name, read in READERS.items():
        np.testing.assert_equal(read(made), before[name], err_msg=name)
    sim.setup()
    for name, read in READERS.items():
        np.testing.assert_equal(read(made), before[name], err_msg=name)


def test_writes_as_at_its_end(sim, tmp_path):
    made = build(sim)
    made.population.write_data(tmp_path / "before.pkl")
    made.projection.save("weight", str(tmp_path / "before.txt"))
    made.population.save_positions(str(tmp_path / "positions_before.txt"))
    sim.setup(timestep=0.5)
    made.population.write_data(tmp_path / "after.pkl")
    made.projection.save("weight", str(tmp_path / "after.txt"))
    made.population.save_positions(str(tmp_path / "positions_after.txt"))
    blocks = [pickle.loads((tmp_path / f"{when}.pkl").read_bytes()) for when in ("before", "after")]
    np.testing.assert_equal(contents(blocks[1]), contents(blocks[0]))
    assert blocks[1].annotations["dt"] == 0.1
    assert (tmp_path / "after.txt").read_text() == (tmp_path / "before.txt").read_text()
    assert (tmp_path / "positions_after.txt").read_text() == (tmp_path / "positions_before.txt").read_text()


def test_a_file_is_read_as_at_its_end(sim, path):
    made = build(sim, path)
    before = contents(made.population.get_data()), contents(made.projection.get_data())
    sim.setup(timestep=0.5)
    np.testing.assert_equal((contents(made.population.get_data()), contents(made.projection.get_data())), before)


OF_CELLS = {
    "set": lambda cells, sim: cells.set(tau_refrac=2.0),
    "initialize": lambda cells, sim: cells.initialize(v=-60.0),
    "record": lambda cells, sim: cells.record("spikes"),
    "record_v": lambda cells, sim: cells.record_v(),
    "record_gsyn": lambda cells, sim: cells.record_gsyn(),
    "inject": lambda cells, sim: cells.inject(sim.DCSource(amplitude=1.0)),
    "annotate": lambda cells, sim: cells.annotate(purpose="test"),
    "label": lambda cells, sim: setattr(cells, "label", "other"),
    "tset": lambda cells, sim: cells.tset("tau_refrac", [1.0] * cells.size),
    "rset": lambda cells, sim: cells.rset("tau_refrac", sim.RandomDistribution("uniform", low=1.0, high=2.0)),
}


def words(text):
    return text.split()


READ_CELLS = words(
    """
        all can_record celltype conductance_based describe find_units get get_data get_spike_counts get_v
        get_gsyn getSpikes id_to_index id_to_local_index is_local injectable local_size mean_spike_count
        meanSpikeCount nearest position_generator printSpikes print_gsyn print_v receptor_types sample
        save_positions write_data all_cells first_id last_id local_cells size label annotations
        initial_values positions structure everywhere recorder check_present picklable simulation
        local_mask members
        """
)
OF_ONE_POPULATION = ["record_filter", "root", "root_indices"]
CHANGES = {
    "population": {
        **OF_CELLS,
        "positions": lambda cells, sim: setattr(cells, "positions", np.zeros((3, cells.size))),
        "structure": lambda cells, sim: setattr(cells, "structure", sim.Grid2D()),
    },
    "view": OF_CELLS,
    "assembly": {
        **{name: call for name, call in OF_CELLS.items() if name not in ("annotate", "tset", "set")},
        "set": lambda cells, sim: cells.set(rate=2.0),
        "__iadd__": lambda cells, sim: cells.__iadd__(sim.Population(1, sim.UrbanczikSenn())),
    },
    "projection": {
        "set": lambda projection, sim: projection.set(weight=0.1),
        "initialize": lambda projection, sim: projection.initialize(),
        "record": lambda projection, sim: projection.record("weight"),
        "annotate": lambda projection, sim: projection.annotate(purpose="test"),
        "label": lambda projection, sim: setattr(projection, "label", "other"),
        "setWeights": lambda projection, sim: projection.setWeights(0.1),
        "setDelays": lambda projection, sim: projection.setDelays(0.3),
        "randomizeWeights": lambda projection, sim: projection.randomizeWeights(0.1),
        "randomizeDelays": lambda projection, sim: projection.randomizeDelays(0.3),
        "setSynapseDynamics": lambda projection, sim: projection.setSynapseDynamics("eta", 0.1),
        "randomizeSynapseDynamics": lambda projection, sim: projection.randomizeSynapseDynamics("eta", 0.1),
    },
    "electrode": {
        "inject_into": lambda source, sim: source.inject_into(sim.Population(1, sim.UrbanczikSenn())),
        "record": lambda source, sim: source.record(),
        "set_parameters": lambda source, sim: source.set_parameters(amplitudes=[1.0, 2.0]),
        "attribute": lambda source, sim: setattr(source, "amplitudes", [1.0, 2.0]),
    },
    "native": {
        "inject_into": lambda source, sim: source.inject_into(sim.Population(1, sim.UrbanczikSenn())),
        "record": lambda source, sim: source.record(),
        "set_parameters": lambda source, sim: source.set_parameters(amplitude=1.0),
        "attribute": lambda source, sim: setattr(source, "amplitude", 1.0),
    },
    "cell": {
        "parameter": lambda cell, sim: setattr(cell, "tau_refrac", 2.0),
        "set_parameters": lambda cell, sim: cell.set_parameters(tau_refrac=2.0),
        "set_initial_value": lambda cell, sim: cell.set_initial_value("soma.v", -60.0),
        "position": lambda cell, sim: setattr(cell, "position", (1.0, 2.0, 3.0)),
        "inject": lambda cell, sim: cell.inject(sim.DCSource(amplitude=1.0)),
    },
    "everything": {
        "record": lambda network, sim: network.record("spikes"),
        "write_data": lambda network, sim: network.write_data("run.pkl", clear=True),
    },
    "connection": {"weight": lambda connection, sim: setattr(connection, "weight", 0.1)},
    "reward": {
        "set": lambda modulator, sim: modulator.set(2.0),
        "record": lambda modulator, sim: modulator.record(),
        "projection": lambda modulator, sim: learning_anew(sim, modulator),
    },
    "dopamine": {
        "set": lambda modulator, sim: modulator.set(tau=2.0),
        "record": lambda modulator, sim: modulator.record(),
        "projection": lambda modulator, sim: learning_anew(sim, modulator),
    },
}
READS = {
    "population": [*READ_CELLS, *OF_ONE_POPULATION, "core", "given"],
    "view": [
        *READ_CELLS,
        *OF_ONE_POPULATION,
        "parent",
        "mask",
        "grandparent",
        "index_in_grandparent",
        "index_from_parent_index",
    ],
    "assembly": [*READ_CELLS, "populations", "get_population", "get_annotations"],
    "projection": words(
        """
        MULTI_SYNAPSE_OPERATIONS annotations collector connections describe everywhere find_units get
        get_data getDelays getSynapseDynamics getWeights initial_values label local_targets post pre
        printDelays printWeights receptor_type save saveConnections shape size source space synapse_type
        weightHistogram write_data check_present picklable simulation table target_unit
        """
    ),
    "electrode": words(
        """
        core default_parameters describe extra_parameters get_data get_native_names get_parameter_names
        get_parameters get_schema has_parameter native_parameters parameter_space reverse_translate rules
        scaled_parameters simple_parameters computed_parameters computed_parameters_include
        default_initial_values get_native_parameters parameter_checks set_native_parameters translate
        translations units injectable picklable check_present rewind simulation
        """
    ),
    "native": words(
        """
        rules units default_initial_values parameter_checks default_parameters get_data get_parameter_names
        get_parameters has_parameter source injectable picklable check_present describe get_schema simulation
        """
    ),
    "cell": words(
        """
        as_view as_integer_ratio bit_count bit_length celltype conjugate denominator from_bytes
        get_initial_value get_parameters imag is_standard_cell local numerator parent real to_bytes
        """
    ),
    "everything": words(
        """
        add assemblies count_connections count_neurons filter get_component get_data populations projections sim
        views
        """
    ),
    **dict.fromkeys(
        ("reward", "dopamine"),
        words("get_data value describe population picklable check_present simulation"),
    ),
    "connection": words(
        """
        as_tuple postsynaptic_cell postsynaptic_index presynaptic_cell presynaptic_index source target
        picklable
        """
    ),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", CHANGES)
def test_refuses_everything_else(sim, kind):
    made = build(sim)
    member = getattr(made, kind)
    sim.setup(timestep=0.25)
    public = {name for name in dir(member) if not name.startswith("_")}
    unknown = public - CHANGES[kind].keys() - set(READS[kind])
    assert not unknown, "neither known to change something nor to be read"
    before = {name: read(made) for name, read in READERS.items()}
    for name, change in CHANGES[kind].items():
        with pytest.raises(RuntimeError, match=r"belongs to a simulation before setup\(\)"):
            change(member, sim)
            pytest.fail(f"{name} was accepted")
    for name, read in READERS.items():
        np.testing.assert_equal(read(made), before[name], err_msg=name)


def test_old_and_new_do_not_mix(sim):
    made = build(sim)
    sim.setup(timestep=0.1)
    new = sim.Population(2, sim.UrbanczikSenn(), label="new")
    current = sim.DCSource(amplitude=1.0)
    for attempt in (
        lambda: new + made.population,
        lambda: made.population + new,
        lambda: sim.Assembly(made.view, new),
        lambda: sim.Projection(made.sources, new, sim.AllToAllConnector()),
        lambda: sim.Projection(new, made.view, sim.AllToAllConnector()),
        lambda: current.inject_into(made.population),
        lambda: current.inject_into([new[0], made.cell]),
        lambda: made.population.get_data(clear=True),
        lambda: made.projection.get_data(clear=True),
        lambda: made.assembly.get_data(clear=True),
    ):
        with pytest.raises(RuntimeError, match="before setup"):
            attempt()
    assert len(simulator.state.network.projections.members) == 0


def test_nobody_keeps_the_state_of_the_moment_of_import():
    for source in Path(simulator.__file__).parents[1].rglob("*.py"):
        assert "simulator import state" not in source.read_text(), source


# ---- memory


def members(made):
    return [value for name, value in vars(made).items() if name not in ("cell", "connection")]


def live_core_objects():
    return Counter(
        type(thing).__name__ for thing in gc.get_objects() if str(type(thing).__module__).startswith("backend_cython")
    )


SYNAPSES = {
    "StaticSynapse": dict(weight=0.01),
    "UrbanczikSennSynapse": dict(weight=0.01),
    "TsodyksMarkramSynapse": dict(weight=0.01),
    "SimpleStochasticSynapse": dict(weight=0.01),
}


def everything(sim):
    made = build(sim, modulated=False)
    for name, parameters in SYNAPSES.items():
        sim.Projection(made.sources, made.population, sim.AllToAllConnector(), getattr(sim, name)(**parameters))
    plastic = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(),
        weight_dependence=sim.AdditiveWeightDependence(w_max=1.0),
        weight=0.01,
    )
    sim.Projection(made.sources, made.points, sim.AllToAllConnector(), plastic, receptor_type="excitatory")
    sim.run(1.0)
    for cells in (made.population, made.view, made.assembly):
        cells.get_data()
        cells.get_spike_counts()
    made.projection.get_data()
    assert made.cell.tau_refrac == 3.0
    return made


KEPT = ["population", "view", "assembly", "projection", "electrode", "cell", "connection", "dendritic"]


def test_freed_with_its_last_name(sim, uncollected):
    everything(sim)
    sim.setup()
    before = live_core_objects()
    made = everything(sim)
    sim.setup()
    assert live_core_objects() - before
    gone = [weakref.ref(member) for member in (*members(made), made.population.simulation)]
    del made
    assert [ref() for ref in gone] == [None] * len(gone)
    assert not live_core_objects() - before


@pytest.mark.parametrize("kept", KEPT)
def test_lives_as_long_as_anything_of_it(sim, kept, uncollected):
    before = live_core_objects()
    made = everything(sim)
    alive = weakref.ref(made.population.simulation)
    only = getattr(made, kept)
    reads = READERS.get(kept, READERS.get(f"{kept}.get_data"))
    there = reads(made)
    del made
    sim.setup()
    assert alive() is not None
    np.testing.assert_equal(reads(SimpleNamespace(**{kept: only})), there)
    del only
    assert alive() is None
    assert not live_core_objects() - before


def test_what_is_modulated_is_freed_by_the_collector(sim):
    """Each modulator makes classes of its own in the core, which Python frees when it looks for cycles."""
    build(sim)
    sim.setup()
    gc.collect()
    before = live_core_objects()
    made = build(sim)
    sim.setup()
    gone = [weakref.ref(member) for member in (*members(made), made.population.simulation)]
    del made
    gc.collect()
    assert [ref() for ref in gone] == [None] * len(gone)
    assert not live_core_objects() - before


def test_many_simulations_do_not_grow(sim):
    def loop(n):
        for _ in range(n):
            made = build(sim)
            made.population.get_data()
            made.projection.get_data()
            del made
        sim.setup()
        gc.collect()

    loop(3)
    tracemalloc.start()
    try:
        # Python keeps some small objects for their next use
        loop(60)
        before = tracemalloc.get_traced_memory()[0]
        loop(40)
        assert tracemalloc.get_traced_memory()[0] - before < 40 * 200
    finally:
        tracemalloc.stop()


# ---- copies


def test_a_copy_of_a_member_is_itself(sim):
    made = build(sim)
    for name, member in vars(made).items():
        if name in ("assembly", "everything"):
            continue
        assert copy.copy(member) is member
        assert copy.deepcopy([member])[0] is member
    for twin in (copy.copy(made.assembly), copy.deepcopy(made.assembly)):
        assert twin.populations == made.assembly.populations
        assert twin.populations is not made.assembly.populations


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_member_says_why_it_cannot_be_pickled(sim, protocol):
    made = build(sim)
    for name, member in vars(made).items():
        if name == "cell":
            assert pickle.loads(pickle.dumps(member, protocol)) is member
            continue
        with pytest.raises(TypeError, match="cannot be pickled; pickle what"):
            pickle.dumps(member, protocol)
