"""Setting up, running and resetting."""

import _thread
import itertools
import threading
import warnings

import numpy as np
import pytest
from pyNN import errors
from pyNN.common.control import build_run

import pyurbanczik


@pytest.mark.parametrize("timestep", [0, -0.1, np.nan, np.inf, "0.1", None])
def test_impossible_time_step_is_refused(timestep):
    with pytest.raises(errors.InvalidParameterValueError, match="timestep"):
        pyurbanczik.setup(timestep=timestep)


@pytest.mark.parametrize(
    "arguments",
    [
        dict(min_delay=0.01),
        dict(min_delay=np.nan),
        dict(max_delay=0.0),
        dict(min_delay=2.0, max_delay=1.0),
        dict(rng_seed="a"),
        dict(rng_seed=1.5),
        dict(threads=0),
        dict(threads=1.5),
        dict(threads=2**40),
    ],
)
def test_impossible_arguments_are_refused(arguments):
    with pytest.raises(errors.InvalidParameterValueError, match="setup"):
        pyurbanczik.setup(timestep=0.1, **arguments)


def test_a_refused_setup_leaves_the_simulation_alone(sim):
    cells = sim.Population(2, sim.UrbanczikSenn())
    sim.run(1.0)
    with pytest.raises(ValueError):
        sim.setup(timestep=-1)
    assert sim.get_current_time() == 1.0
    sim.run(1.0)
    assert cells.get("phi_max") == 150.0


def test_arguments_of_other_backends_are_accepted_and_misspelt_ones_reported():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pyurbanczik.setup(
            spike_precision="on_grid", verbosity="error", use_cvode=False, rng_seeds=[1], threads=2, save_format="xml"
        )
    with pytest.warns(UserWarning, match="rng_seed"):
        pyurbanczik.setup(rgn_seed=3)


def test_setup_starts_from_nothing(sim, tmp_path):
    cells = sim.Population(1, sim.UrbanczikSenn())
    cells.record("v", to_file=str(tmp_path / "v.pkl"))
    sim.run(5.0)
    sim.setup(timestep=0.2)
    assert sim.get_current_time() == 0.0
    assert sim.get_time_step() == 0.2
    # what was promised before has been written, and is no business of this simulation
    (tmp_path / "v.pkl").unlink()
    sim.end()
    assert not (tmp_path / "v.pkl").exists()


def test_states_can_be_asked_for(sim):
    sim.setup(timestep=0.1, min_delay=0.5, max_delay=4.0)
    assert (sim.get_min_delay(), sim.get_max_delay()) == (0.5, 4.0)
    assert (sim.num_processes(), sim.rank()) == (1, 0)


def test_the_clock_cannot_be_assigned_to(sim):
    sim.setup(timestep=0.5)
    for name in ("dt", "t", "min_delay", "max_delay"):
        with pytest.raises(AttributeError, match=f"'{name}'"):
            setattr(sim.simulator.state, name, 0.1)
    sim.run(2.0)
    assert (sim.get_time_step(), sim.get_current_time()) == (0.5, 2.0)


def test_automatic_limits_are_those_of_the_delays_in_use(sim):
    assert sim.get_min_delay() == 0.1
    a, b = sim.Population(2, sim.SpikeSourceArray()), sim.Population(2, sim.UrbanczikSenn())
    for delay in (3.0, 0.7):
        prj = sim.Projection(a, b, sim.AllToAllConnector(), sim.StaticSynapse(delay=delay))
    assert (sim.get_min_delay(), sim.get_max_delay()) == (0.7, 3.0)
    prj.set(delay=0.3)
    assert (sim.get_min_delay(), sim.get_max_delay()) == (0.3, 3.0)
    prj[1].delay = 4.0
    assert (sim.get_min_delay(), sim.get_max_delay()) == (0.3, 4.0)


def test_running_to_a_time(sim):
    sim.Population(1, sim.UrbanczikSenn())
    assert sim.run(12.7) == pytest.approx(12.7)
    assert sim.run_until(12.7) == pytest.approx(12.7)
    assert sim.run_for(0.3) == pytest.approx(13.0)
    for impossible in (5.0, np.nan, np.inf, "a"):
        with pytest.raises(ValueError):
            sim.run_until(impossible)
    for impossible in (-1.0, np.nan, -np.inf, None):
        with pytest.raises(ValueError):
            sim.run(impossible)
    assert sim.get_current_time() == pytest.approx(13.0)


def test_callbacks_are_called_when_they_wish(sim):
    calls = {"slow": [], "stubborn": []}

    def slow(t):
        calls["slow"].append(t)
        return t + 2.0

    def stubborn(t):
        calls["stubborn"].append(t)
        return t

    sim.Population(1, sim.UrbanczikSenn())
    sim.run(4.0, callbacks=[slow])
    assert calls["slow"] == pytest.approx([0.0, 2.0, 4.0])
    sim.run(1.0, callbacks=[stubborn])
    assert len(calls["stubborn"]) == 11


def logged(log, name, interval):
    def callback(t):
        log.append((name, t))
        return t + interval

    return callback


@pytest.mark.parametrize(
    "durations", [(25.0,), (20.0, 7.0), (0.0,), (3.3, 3.3, 4.4), (0.1,), (50.0,)], ids=lambda durations: str(durations)
)
def test_callbacks_are_called_as_pynn_calls_them(sim, durations):
    """Also at the end of a run, when those are called that are next."""
    found = []
    for run in (sim.run, build_run(sim.simulator)[0]):
        sim.setup(timestep=0.1)
        log = []
        callbacks = [logged(log, name, interval) for name, interval in (("a", 7.0), ("b", 10.0), ("c", 1e9))]
        for duration in durations:
            run(duration, callbacks)
        found.append(sorted(log, key=lambda call: (call[1], call[0])))
    assert found[0] == found[1]
    if durations == (25.0,):
        assert [t for name, t in found[0] if name == "a"] == [0.0, 7.0, 14.0, 21.0, 25.0]


@pytest.mark.parametrize("never", [np.inf, 1e300])
def test_who_never_wants_to_be_called_again_is_called_at_the_end(sim, never):
    times = []
    sim.run(5.0, [lambda t: times.append(t) or never])
    assert times == [0.0, 5.0]


@pytest.mark.parametrize("callbacks", [3, [3], lambda t: t, [None], "f"])
def test_what_cannot_be_called_is_no_callback(sim, callbacks):
    for run in (sim.run, sim.run_until):
        with pytest.raises(errors.InvalidParameterValueError, match="callbacks"):
            run(1.0, callbacks)
    assert sim.get_current_time() == 0.0


@pytest.mark.parametrize("duration, n, end", [(1000 / 30, 30, 1000.0), (1 / 3, 3000, 1000.0), (0.1, 9999, 999.9)])
def test_no_time_is_lost_between_runs(sim, duration, n, end):
    for i in range(1, n + 1):
        assert sim.run(duration) == pytest.approx(i * duration, abs=0.05001)
    assert sim.get_current_time() == end


def test_runs_add_up_however_they_are_asked_for(sim):
    sim.run(0.26)
    assert sim.get_current_time() == 0.3
    assert sim.run(0.26, callbacks=[lambda t: t + 0.07]) == 0.5
    assert sim.run(0.04) == 0.6  # halves up
    sim.run_until(0.64)
    assert (sim.run(0.0), sim.run(0.02)) == (0.6, 0.7)
    sim.reset()
    assert sim.run(0.24) == 0.2
    sim.setup(timestep=0.1)
    assert sim.run(0.24) == 0.2


def test_a_run_that_was_interrupted_has_asked_for_what_there_is(sim):
    def interrupting(t):
        if t > 0:
            raise KeyboardInterrupt
        return 0.52

    with pytest.raises(KeyboardInterrupt):
        sim.run(10.0, [interrupting])
    assert sim.get_current_time() == 0.5
    assert sim.run(0.06) == 0.6
    with pytest.raises(errors.InvalidParameterValueError, match="callbacks"):
        sim.run(10.04, [lambda t: 5.6 if t < 5.0 else None])
    assert sim.run(0.04) == 5.6


def noise(sim, resets=(), threads=2):
    """What each kind of noise does in a run after these resets."""
    sim.setup(timestep=0.1, rng_seed=3, threads=threads)
    source = sim.Population(5, sim.SpikeSourcePoisson(rate=100.0))
    cells = sim.Population(5, sim.UrbanczikSenn(soma_i_offset=3.0))
    cells.record(["spikes", "soma.v"])
    synapse = sim.SimpleStochasticSynapse(weight=0.001, p=0.5, delay=1.0)
    sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type="soma_exc")
    current = sim.NoisyCurrentSource(mean=0.0, stdev=1.0)
    current.inject_into(cells[:2])
    current.record()
    for repeat in resets:
        sim.run(10.0)
        sim.reset(repeat=repeat)
    sim.run(50.0)
    segment = cells.get_data().segments[-1]
    return [
        segment.analogsignals[0].magnitude,
        np.concatenate([np.array(train) for train in segment.spiketrains]),
        current._get_data()[1],
    ]


def test_a_reset_begins_a_trial_and_can_repeat_it(sim):
    first = noise(sim)
    seconds = [noise(sim, (False,)), noise(sim, (False, True), threads=1), noise(sim, (True, False, True), threads=3)]
    thirds = [noise(sim, (False, False)), noise(sim, (False, True, False))]
    for a, b in (*itertools.pairwise(seconds), thirds, (first, noise(sim, (True, True)))):
        for x, y in zip(a, b):
            np.testing.assert_array_equal(x, y)
    for a, b in ((first, seconds[0]), (seconds[0], thirds[0]), (first, thirds[0])):
        assert all(x.shape != y.shape or (x != y).any() for x, y in zip(a, b))


@pytest.mark.parametrize("arguments", [dict(annotations=3), dict(annotations="a"), dict(repeat=1), dict(repeat=None)])
def test_impossible_resets_are_refused(sim, arguments):
    sim.run(1.0)
    with pytest.raises(errors.InvalidParameterValueError, match=f"reset.{next(iter(arguments))}"):
        sim.reset(**arguments)
    assert sim.get_current_time() == 1.0


def experiment(sim, pieces, seed):
    sim.setup(timestep=0.1, rng_seed=seed)
    cells = sim.Population(3, sim.UrbanczikSenn(soma={"i_offset": 0.5}))
    source = sim.Population(4, sim.SpikeSourcePoisson(rate=40.0))
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), sim.UrbanczikSennSynapse(weight=0.05))
    cells.record(["spikes", "soma.v"])
    for piece in pieces:
        sim.run(piece)
    segment = cells.get_data().segments[0]
    return (
        segment.analogsignals[0].magnitude,
        [np.array(train) for train in segment.spiketrains],
        projection.get("weight", format="array"),
    )


def test_a_run_in_pieces_equals_one_run_and_depends_on_the_seed(sim):
    v, spikes, weights = experiment(sim, [300.0], 1)
    v2, spikes2, weights2 = experiment(sim, [100.0, 0.1, 199.9], 1)
    np.testing.assert_array_equal(v, v2)
    np.testing.assert_array_equal(weights, weights2)
    assert all(np.array_equal(a, b) for a, b in zip(spikes, spikes2))
    assert sum(map(len, spikes)) > 0
    assert not np.array_equal(v, experiment(sim, [300.0], 2)[0])


def interrupt_at(sim, time):
    """Press Ctrl-C as soon as the simulation has reached a time, however long that takes."""
    while sim.get_current_time() < time:
        threading.Event().wait(1e-3)
    _thread.interrupt_main()


def test_ctrl_c_leaves_data_readable_and_the_simulation_able_to_go_on(sim, interruptible):
    cells = sim.Population(20, sim.UrbanczikSenn())
    cells[:1].record("v", sampling_interval=100.0)
    watch = threading.Thread(target=interrupt_at, args=(sim, 100.0))
    watch.start()
    with pytest.raises(KeyboardInterrupt):
        sim.run(1e6)
    watch.join()
    reached = sim.get_current_time()
    assert 100.0 <= reached < 1e6
    (v,) = cells.get_data().segments[0].analogsignals
    assert len(v) == int(reached / 100.0 + 1e-6) + 1
    sim.run(1.0)
    assert sim.get_current_time() == pytest.approx(reached + 1.0)


def test_end_writes_promised_files_once(sim, tmp_path):
    cells = sim.Population(2, sim.UrbanczikSenn())
    cells.record("v", to_file=str(tmp_path / "v.pkl"))
    sim.run(1.0)
    sim.end()
    assert (tmp_path / "v.pkl").exists()
    (tmp_path / "v.pkl").unlink()
    sim.end()
    assert not (tmp_path / "v.pkl").exists()
    assert len(cells.get_data().segments[0].analogsignals[0]) == 11


def test_procedural_interface(sim):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        cells = sim.create(sim.UrbanczikSenn(), n=2)
        source = sim.create(sim.SpikeSourceArray(spike_times=[1.0]))
        projection = sim.connect(source, cells, weight=0.1, delay=0.5, receptor_type="soma_exc")
        sim.connect(source[0], cells[1], weight=0.1)
        sim.set(cells, phi_max=10.0)
        sim.initialize(cells, v=-60.0)
    assert len(projection) == 2
    assert cells.get("phi_max") == 10.0
    assert set(sim.list_standard_models()) >= {
        "UrbanczikSenn",
        "SpikeSourceArray",
        "WeightedSpikeSourceArray",
        "SpikeSourcePoisson",
    }


def test_network_finds_its_simulator(sim):
    cells = sim.Population(2, sim.UrbanczikSenn())
    network = sim.Network(cells, cells[:1])
    assert network.sim is pyurbanczik
    assert len(network.filter("all").populations) == 1
