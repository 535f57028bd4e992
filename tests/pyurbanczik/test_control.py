"""Setting up, running and resetting."""

import _thread
import threading
import warnings

import numpy as np
import pytest
from pyNN import errors

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
    sim.end()
    assert not (tmp_path / "v.pkl").exists()


def test_states_can_be_asked_for(sim):
    sim.setup(timestep=0.1, min_delay=0.5, max_delay=4.0)
    assert (sim.get_min_delay(), sim.get_max_delay()) == (0.5, 4.0)
    assert (sim.num_processes(), sim.rank()) == (1, 0)


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


def test_ctrl_c_leaves_data_readable_and_the_simulation_able_to_go_on(sim):
    cells = sim.Population(20, sim.UrbanczikSenn())
    cells[:1].record("v", sampling_interval=100.0)
    watch = threading.Thread(target=interrupt_at, args=(sim, 100.0))
    watch.start()
    with pytest.raises(KeyboardInterrupt):
        sim.run(1e6)
    watch.join()
    reached = sim.get_current_time()
    assert 100.0 <= reached < 1e6
    signal = cells.get_data().segments[0].analogsignals[0]
    assert len(signal) == int(reached / 100.0 + 1e-6) + 1
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
