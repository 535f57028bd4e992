"""`save_state` and `load_state`: who goes on, who is refused, and what happens to recordings."""

import subprocess
import sys
from functools import partial

import numpy as np
import pytest

import pyurbanczik
from pyurbanczik import read_recording
from pyurbanczik.saving import network_state
from pyurbanczik.saving.state_file import read_state, write_state

NAMES = ("soma.v", "spikes")


def build(
    sim, *, n=6, cell="UrbanczikSenn", rule=None, connector=None, extra=False, electrode=True, record=NAMES, **setup
):
    sim.setup(**{"timestep": 0.1, "rng_seed": 3, **setup})
    noise = sim.Population(8, sim.SpikeSourcePoisson(rate=100.0), label="noise")
    model = getattr(sim, cell)
    cells = sim.Population(n, model(soma_i_offset=4.0) if cell == "UrbanczikSenn" else model(), label="cells")
    receptor = "dendritic_exc" if cell == "UrbanczikSenn" else "excitatory"
    rule = rule or sim.UrbanczikSennSynapse(weight=0.1, eta=1.0, w_max=2.0, delay=1.5)
    if cell != "UrbanczikSenn":
        rule = sim.StaticSynapse(weight=0.01)
    connector = connector or sim.AllToAllConnector()
    projection = sim.Projection(noise, cells, connector, rule, receptor_type=receptor, label="learning")
    if extra:
        sim.Population(1, sim.IF_cond_exp())
    if electrode:
        sim.NoisyCurrentSource(stdev=0.5).inject_into(cells)
    if record and cell == "UrbanczikSenn":
        cells.record(list(record))
        projection.record("weight")
    return cells, projection


def weights(projection):
    return np.array(projection.get("weight", "list", with_address=False))


def values(cells, projection):
    """All that was recorded, segment by segment, and the weights."""
    found = [weights(projection)]
    for segment in cells.get_data().segments:
        found += [np.array(train) for train in segment.spiketrains]
        found += [np.array(signal) for signal in segment.analogsignals]
        found += [np.array([float(signal.t_start)]) for signal in segment.analogsignals]
    for segment in projection.get_data().segments:
        found += [np.array(signal) for signal in segment.irregularlysampledsignals]
    return found


def assert_equal(mine, theirs):
    assert len(mine) == len(theirs)
    for a, b in zip(mine, theirs):
        np.testing.assert_array_equal(a, b)


@pytest.fixture
def sim():
    return pyurbanczik


@pytest.fixture
def state(sim, tmp_path):
    """A state at 20 ms."""
    build(sim)
    sim.run(20.0)
    sim.save_state(tmp_path / "state")
    return tmp_path / "state"


def test_the_run_goes_on(sim, state):
    made = build(sim)
    sim.run(50.0)
    expected = values(*made)
    made = build(sim, threads=2)
    sim.load_state(state)
    assert sim.get_current_time() == 20.0
    sim.run(30.0)
    assert_equal(values(*made), expected)


def test_a_simulation_goes_back_to_a_state(sim, state):
    made = build(sim)
    sim.load_state(str(state))
    for _ in range(2):
        sim.run(30.0)
        expected = values(*made)
        sim.reset()
        sim.run(3.0)
        sim.load_state(state)
    sim.run(30.0)
    assert_equal(values(*made), expected)


def test_it_goes_on_in_another_process(sim, state, tmp_path):
    script = f"""
import pyurbanczik as sim, numpy as np
from tests.pyurbanczik.saving.test_state import build, values
made = build(sim, threads=3)
sim.load_state({str(state)!r})
sim.run(30.0)
np.savez({str(tmp_path / "found.npz")!r}, *values(*made))
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
    made = build(sim)
    sim.run(50.0)
    with np.load(tmp_path / "found.npz") as found:
        assert_equal([found[name] for name in found.files], values(*made))


def test_trials_and_segments_go_on(sim, tmp_path):
    def trials(cut):
        made = build(sim)
        sim.run(10.0)
        sim.reset(annotations={"trial": 0})
        sim.run(5.0)
        if cut:
            sim.save_state(tmp_path / "state")
            made = build(sim, threads=2)
            sim.load_state(tmp_path / "state")
        sim.run(5.0)
        sim.reset()
        sim.run(10.0)
        assert made[0].get_data().segments[0].annotations["trial"] == 0
        return values(*made)

    assert_equal(trials(True), trials(False))


def test_what_was_set_amid_the_run_is_there(sim, tmp_path):
    def change(cells, projection):
        cells.set(soma_i_offset=np.linspace(3.0, 5.0, cells.size), dendrite_cm=0.25)
        cells.initialize(**{"soma.v": -61.0})
        projection.set(delay=3.3, eta=0.5, tau_Delta=40.0, weight=np.linspace(0.05, 0.4, 48).reshape(8, 6))

    def run(cut):
        made = build(sim)
        sim.run(10.0)
        change(*made)
        sim.run(5.0)
        if cut:
            sim.save_state(tmp_path / "state")
            made = build(sim)
            sim.load_state(tmp_path / "state")
            assert sim.get_max_delay() == 3.3 and sim.get_min_delay() == 1.5
        sim.run(10.0)
        sim.reset()
        sim.run(5.0)
        cells, projection = made
        given = [
            cells.get("soma_i_offset"),
            cells.initial_values["soma.v"].evaluate(),
            projection.get("delay", "array"),
        ]
        return values(*made) + given

    assert_equal(run(True), run(False))


def test_a_state_before_the_first_run(sim, tmp_path):
    made = build(sim)
    sim.save_state(tmp_path / "state")
    sim.run(20.0)
    expected = values(*made)
    made = build(sim)
    sim.run(5.0)
    sim.load_state(tmp_path / "state")
    sim.run(20.0)
    assert_equal(values(*made), expected)


def test_a_callback_saves(sim, tmp_path):
    made = build(sim)

    def save(t):
        if t == 20.0:
            sim.save_state(tmp_path / "state")
        return t + 10.0

    sim.run(50.0, callbacks=[save])
    expected = values(*made)
    made = build(sim)
    sim.load_state(tmp_path / "state")
    sim.run(30.0)
    assert_equal(values(*made), expected)


DIFFERENT = {
    r"population 1: 6 UrbanczikSenn \('cells'\) there, 7 UrbanczikSenn \('cells'\) here": {"n": 7},
    r"population 1: 6 UrbanczikSenn .* there, 6 IF_cond_exp": {"cell": "IF_cond_exp"},
    r"there are 2 populations there, 3 here": {"extra": True},
    r"timestep is 0\.1 ms there, 0\.2 ms here": {"timestep": 0.2},
    r"rng_seed is 3 there, 4 here": {"rng_seed": 4},
    r"there are 1 electrodes there, 0 here": {"electrode": False},
    r"connections of projection 'learning' differ: 48 there, 6 here": {"connector": pyurbanczik.OneToOneConnector()},
    r"projection 0: 'learning', UrbanczikSennSynapse .* there, 'learning', StaticSynapse": {
        "rule": pyurbanczik.StaticSynapse(weight=0.1)
    },
    r"axonal delays of projection 'learning' differ": {
        "rule": pyurbanczik.UrbanczikSennSynapse(weight=0.1, w_max=2.0, delay=1.5, dendritic_delay_fraction=0.0)
    },
    r"'cells' records 'soma.v' every 1 steps, 'spikes' there, 'spikes' here": {"record": ["spikes"]},
}


@pytest.mark.parametrize("told", DIFFERENT)
def test_another_network_is_refused_by_what_differs(sim, state, told, tmp_path):
    build(sim, **DIFFERENT[told])
    sim.run(3.0)
    sim.save_state(tmp_path / "before")
    with pytest.raises(ValueError, match=told) as caught:
        sim.load_state(state)
    assert str(state) in str(caught.value)
    sim.save_state(tmp_path / "after")
    assert (tmp_path / "before").read_bytes() == (tmp_path / "after").read_bytes()


def learning(sim, *, dendrites="ab", modulated=None, source=0, **rule):
    sim.setup(rng_seed=3)
    noise = [sim.Population(3, sim.SpikeSourcePoisson(rate=100.0), label=f"noise {i}") for i in range(2)]
    cell = sim.DendriticNeuron(**{name: sim.Dendrite() for name in dendrites}, soma=sim.Soma(i_offset=4.0))
    cells = sim.Population(2, cell, label="cells")
    known = [sim.Modulator(1.0), sim.Modulator(-1.0), sim.SpikeModulator(noise[source])]
    modulator = None if modulated is None else known[modulated]
    rule = sim.DendriticErrorSynapse(weight=0.05, eta=0.05, modulator=modulator, **rule)
    return sim.Projection(noise[0], cells, sim.AllToAllConnector(), rule, receptor_type="a", label="rule")


OTHER_LEARNING = [
    ({"error": "rate"}, {}, "error='rate', .* there, .*error='spikes'"),
    ({"kernel": "exponential"}, {}, "kernel='exponential', .* there, .* kernel='psp'"),
    ({"bounds": "state"}, {}, "bounds='state', .* there, .* bounds='read'"),
    ({}, {"bounds": "state"}, "bounds='read', .* there, .* bounds='state'"),
    ({"modulated": 0}, {"modulated": 0, "bounds": "state"}, "bounds='read', .* there, .* bounds='state'"),
    ({"modulated": 0}, {}, "modulator=0.* there, .* modulator=None.* here"),
    ({"modulated": 0}, {"modulated": 1}, "modulator=0.* there, .* modulator=1.* here"),
    ({"modulated": 2}, {"modulated": 1}, "modulator=2.* there, .* modulator=1.* here"),
    (
        {},
        {"source": 1},
        r"modulator 2: SpikeModulator of population 0 \('noise 0'\) there, .* of population 1 \('noise 1'\) here",
    ),
    (
        {},
        {"dendrites": "ba"},
        "population 2: .* with the receptors a_exc, a_inh, b_exc, .* there, .* b_exc, b_inh, a_exc",
    ),
]


@pytest.mark.parametrize("saved, loaded, told", OTHER_LEARNING)
def test_what_learns_otherwise_is_refused_by_what_differs(sim, saved, loaded, told, tmp_path):
    learning(sim, **saved)
    sim.run(5.0)
    sim.save_state(tmp_path / "state")
    learning(sim, **loaded)
    sim.run(3.0)
    sim.save_state(tmp_path / "before")
    with pytest.raises(ValueError, match=told):
        sim.load_state(tmp_path / "state")
    sim.save_state(tmp_path / "after")
    assert (tmp_path / "before").read_bytes() == (tmp_path / "after").read_bytes()


@pytest.mark.parametrize("modulated", [None, 1, 2])
def test_states_that_say_less_of_a_network_can_be_loaded(sim, tmp_path, modulated):
    """Receptors, choices of a rule, and whose spikes modulate were not written once."""
    projection = learning(sim, modulated=modulated)
    sim.run(5.0)
    sim.save_state(tmp_path / "state")
    sim.run(5.0)
    expected = weights(projection)
    content, arrays = read_state("", tmp_path / "state")
    outline = content["outline"]
    outline["modulators"] = [name for _, name, *_ in outline["modulators"]]
    for described in (*outline["populations"], *outline["projections"]):
        described.pop()
    write_state(tmp_path / "old", content, arrays)
    projection = learning(sim, modulated=modulated)
    sim.load_state(tmp_path / "old")
    sim.run(5.0)
    np.testing.assert_array_equal(weights(projection), expected)


def test_connections_drawn_anew_are_refused(sim, tmp_path):
    def connected(seed):
        return build(sim, connector=sim.FixedProbabilityConnector(0.5, rng=sim.NumpyRNG(seed=seed)))

    connected(1)
    sim.save_state(tmp_path / "state")
    connected(2)
    with pytest.raises(ValueError, match="connections of projection 'learning' differ: "):
        sim.load_state(tmp_path / "state")


def test_a_changed_model_is_refused(sim, state, monkeypatch):
    build(sim)
    monkeypatch.setattr(network_state, "_compare_models", partial(with_one_more, network_state._compare_models))
    with pytest.raises(ValueError, match=r"population 0 \('noise'\) is of a changed model: 'private/more' is .* there"):
        sim.load_state(state)


def test_electrodes_into_other_cells_are_refused_by_which(sim, tmp_path):
    def injected(cells, location, size=8):
        sim.setup(timestep=0.1, rng_seed=3)
        population = sim.Population(size, sim.UrbanczikSenn())
        sim.DCSource(amplitude=0.1, location=location).inject_into(population[cells])

    injected([0, 1, 2, 5], "soma")
    sim.save_state(tmp_path / "state")
    for cells, location, told in (
        ([0, 1, 2, 4], "soma", r"cells 0-2, 5 of .* compartment 0 there, .* cells 0-2, 4 of .* compartment 0 here"),
        ([0, 1, 2, 5], "dendrite", r"cells 0-2, 5 of .* compartment 0 there, .* cells 0-2, 5 of .* compartment 1 here"),
    ):
        injected(cells, location)
        with pytest.raises(ValueError, match=told):
            sim.load_state(tmp_path / "state")


def test_a_projection_that_nobody_holds_is_named_by_its_number(sim, tmp_path):
    def connected(connector):
        sim.setup(timestep=0.1, rng_seed=3)
        cells = sim.Population(4, sim.IF_cond_exp())
        sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.01))

    connected(sim.AllToAllConnector())
    sim.save_state(tmp_path / "state")
    connected(sim.OneToOneConnector())
    with pytest.raises(ValueError, match=r"connections of projection 0 \(StaticSynapse\) differ: 16 there, 4 here"):
        sim.load_state(tmp_path / "state")


def with_one_more(compare, state, name, there, here):
    there.rows["private/more"] = np.zeros(len(next(iter(there.rows.values()), [])))
    compare(state, name, there, here)


def test_damaged_contents_are_refused(sim, state, monkeypatch):
    """Numbers that no network has."""
    build(sim)
    unpacked = network_state.unpacked

    def damaged(content, arrays):
        pieces = unpacked(content, arrays)
        pieces["population 1"].snapshot.tables["input"][1][:] = 99
        return pieces

    monkeypatch.setattr("pyurbanczik.saving.commands.unpacked", damaged)
    with pytest.raises(ValueError, match="damaged"):
        sim.load_state(state)
    assert sim.get_current_time() == 0.0


@pytest.mark.parametrize("path", [None, 3, ""])
def test_what_is_no_path_is_refused(sim, path):
    build(sim)
    for function in (sim.save_state, sim.load_state):
        with pytest.raises(ValueError, match=f"{function.__name__}.path"):
            function(path)


def test_a_file_that_cannot_be_written_is_told(sim, tmp_path):
    build(sim)
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError, match="file is not a directory"):
        sim.save_state(tmp_path / "file" / "state")
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_recordings_to_files_go_on_in_the_file_of_the_script(sim, tmp_path):
    pytest.importorskip("zarr")

    def recorded(name):
        cells, projection = build(sim, record=())
        cells.record(["soma.v", "spikes"], to_file=tmp_path / name)
        projection.record("weight", to_file=tmp_path / name)
        return cells, projection

    made = build(sim)
    sim.run(50.0)
    whole = made[0].get_data().segments[0]
    v = np.array(whole.filter(name="soma.v")[0])
    recorded("first.zarr")
    sim.run(20.0)
    sim.save_state(tmp_path / "state")
    recorded("second.zarr")
    sim.load_state(tmp_path / "state")
    sim.run(30.0)
    sim.end()
    starts, signals, trains = [], [], []
    for name in ("first.zarr", "second.zarr"):
        segment = read_recording(tmp_path / name)[0].segments[-1]
        signals.append(segment.filter(name="soma.v")[0].load())
        trains.append([np.array(train.load()) for train in segment.spiketrains])
        starts.append({float(train.t_start) for train in segment.spiketrains})
    assert float(signals[1].t_start) == pytest.approx(20.1) and starts == [{0.0}, {20.0}]
    np.testing.assert_array_equal(np.concatenate([np.array(signal) for signal in signals]), v)
    for first, second, train in zip(*trains, whole.spiketrains, strict=True):
        np.testing.assert_array_equal(np.concatenate([first, second]), np.array(train))


@pytest.mark.parametrize("to_file", [False, True])
def test_trains_begin_with_what_a_state_holds_of_them(sim, tmp_path, to_file):
    """In memory: what a file held stays there. Late cells have starts of their own."""
    if to_file:
        pytest.importorskip("zarr")

    def made(path):
        sim.setup(timestep=0.1)
        return sim.Population(3, sim.SpikeSourceArray(spike_times=np.arange(5.0, 60.0, 10.0)), label="cells"), path

    def record(cells, path):
        cells.record("spikes", to_file=path)

    cells, path = made(tmp_path / "first.zarr" if to_file else None)
    record(cells[:1], path)
    sim.run(12.0)
    record(cells[1:2], path)
    sim.run(10.0)
    sim.reset()
    sim.run(8.0)
    cells.get_data(clear=to_file)
    record(cells, path)
    sim.run(10.0)
    sim.save_state(tmp_path / "state")
    cells, path = made(None)
    record(cells, path)
    sim.load_state(tmp_path / "state")
    sim.save_state(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "state").read_bytes()
    sim.run(10.0)
    found = [[(float(t.t_start), t.magnitude.tolist()) for t in s.spiketrains] for s in cells.get_data().segments]
    if to_file:
        assert found == [[(18.0, [25.0])] * 3]
    else:
        assert found == [
            [(0.0, [5.0, 15.0]), (12.0, [15.0])],
            [(0.0, [5.0, 15.0, 25.0])] * 2 + [(8.0, [15.0, 25.0])],
        ]


RULES = {
    "UrbanczikSenn": lambda sim: sim.UrbanczikSennSynapse(weight=0.1, eta=1.0, w_max=2.0),
    "static": lambda sim: sim.StaticSynapse(weight=0.1),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_reset_keeps_weights(sim, rule):
    _, projection = build(sim, rule=RULES[rule](sim))
    set_last = weights(projection)
    sim.run(30.0)
    learnt = weights(projection)
    assert (rule == "static") == np.array_equal(learnt, set_last)
    sim.reset(keep_weights=True)
    assert sim.get_current_time() == 0.0
    np.testing.assert_array_equal(weights(projection), learnt)
    sim.run(10.0)
    sim.reset()
    np.testing.assert_array_equal(weights(projection), learnt)


def test_keeping_weights_is_setting_them(sim):
    def second_trial(keep):
        cells, projection = build(sim)
        sim.run(30.0)
        if not keep:
            projection.set(weight=projection.get("weight", format="array"))
        sim.reset(keep_weights=keep)
        sim.run(20.0)
        return values(cells, projection)[:1]

    assert_equal(second_trial(True), second_trial(False))


def test_stdp_keeps_weights(sim):
    sim.setup()
    pre = sim.Population(4, sim.SpikeSourcePoisson(rate=200.0))
    post = sim.Population(3, sim.IF_cond_exp(i_offset=0.9))
    rule = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(), weight_dependence=sim.AdditiveWeightDependence(w_max=0.02), weight=0.01
    )
    projection = sim.Projection(pre, post, sim.AllToAllConnector(), rule)
    sim.run(50.0)
    learnt = weights(projection)
    sim.reset(keep_weights=True)
    np.testing.assert_array_equal(weights(projection), learnt)
    assert len(set(learnt)) > 3


def test_keep_weights_is_a_truth_value(sim):
    build(sim)
    with pytest.raises(ValueError, match=r"reset\.keep_weights: 'yes' is not allowed; it must be True or False"):
        sim.reset(keep_weights="yes")
