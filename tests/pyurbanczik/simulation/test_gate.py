"""Runs that are entered again, and what other threads and handlers of signals do meanwhile."""

import signal
import threading

import numpy as np
import pytest


def build(sim):
    sim.setup(timestep=0.1)
    cells = sim.Population(5, sim.UrbanczikSenn(dendrite={"i_offset": 2.0}), label="cells")
    sources = sim.Population(5, sim.SpikeSourcePoisson(rate=100.0), label="sources")
    projection = sim.Projection(
        sources, cells, sim.AllToAllConnector(), sim.UrbanczikSennSynapse(weight=0.05), label="synapses"
    )
    electrode = sim.DCSource(amplitude=0.1)
    electrode.inject_into(cells)
    electrode.record()
    cells.record(["spikes", "soma.v"], sampling_interval=5.0)
    projection.record("weight")
    return cells, projection, electrode


@pytest.fixture
def network(sim):
    return build(sim)


def calls(sim, network, tmp_path):
    """One call of each kind: (what it does, whether it is allowed between steps)."""
    cells, projection, electrode = network
    return {
        "run": (lambda: sim.run(1.0), False),
        "run_until": (lambda: sim.run_until(1e4), False),
        "reset": (lambda: sim.reset(), False),
        "reset_states": (lambda: sim.reset_states(), True),
        "setup": (lambda: sim.setup(), False),
        "end": (lambda: sim.end(), False),
        "Population": (lambda: sim.Population(1, sim.IF_cond_exp()), True),
        "Projection": (lambda: sim.Projection(cells, cells, sim.OneToOneConnector(), sim.StaticSynapse()), True),
        "set": (lambda: cells.set(tau_refrac=3.0), True),
        "initialize": (lambda: cells.initialize(v=-70.0), True),
        "record": (lambda: cells.record("dendrite.v", sampling_interval=5.0), True),
        "network": (lambda: sim.Network(cells).record("dendrite.v", sampling_interval=5.0), True),
        "save_state": (lambda: sim.save_state(str(tmp_path / "run.state")), True),
        "save": (lambda: projection.save("weight", str(tmp_path / "weights.txt")), True),
        "cell": (lambda: setattr(cells[0], "tau_refrac", 3.0), True),
        "get": (lambda: cells.get("tau_refrac"), True),
        "get_data": (lambda: cells.get_data(), True),
        "clear": (lambda: cells.get_data(clear=True), True),
        "get_spike_counts": (lambda: cells.get_spike_counts(), True),
        "write_data": (lambda: cells.write_data(str(tmp_path / "data.pkl")), True),
        "weights": (lambda: projection.get("weight", format="array"), True),
        "set weight": (lambda: projection.set(weight=0.06), True),
        "connection": (lambda: setattr(projection[0], "weight", 0.05), True),
        "projection data": (lambda: projection.get_data(), True),
        "record weight": (lambda: projection.record("weight", sampling_interval=1.0), True),
        "electrode": (lambda: setattr(electrode, "amplitude", 0.2), True),
        "new electrode": (lambda: sim.ACSource().inject_into(cells), True),
        "current": (lambda: electrode.get_data(), True),
    }


class Stop(Exception):
    """What the handler raises to end the run."""


def tried(call):
    """What a call raises."""
    try:
        call()
    except RuntimeError as error:
        return str(error)
    return None


def outcome(network):
    cells, projection, _ = network
    segment = cells.get_data().segments[0]
    return np.array(segment.analogsignals[0]), projection.get("weight", format="list")


@pytest.fixture
def handler():
    """Let a function be called for a signal."""
    before = signal.getsignal(signal.SIGUSR1)
    yield lambda function: signal.signal(signal.SIGUSR1, lambda *_: function())
    signal.signal(signal.SIGUSR1, before)


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="no such signals here")
def test_a_handler_of_a_signal_is_refused_and_the_run_goes_on(sim, network, handler, tmp_path, monkeypatch):
    told, begun = {}, threading.Event()
    files = sim.simulator.state.files
    core_run = files.run

    def run(steps):
        begun.set()
        core_run(steps)

    def act():
        told.update({name: tried(call) for name, (call, _) in calls(sim, network, tmp_path).items()})
        raise Stop

    def send():
        begun.wait()
        signal.raise_signal(signal.SIGUSR1)

    monkeypatch.setattr(files, "run", run)
    handler(act)
    thread = threading.Thread(target=send)
    thread.start()
    with pytest.raises(Stop):
        sim.run(1e6)
    thread.join()
    assert told.keys() == calls(sim, network, tmp_path).keys()
    for name, error in told.items():
        assert error is not None and "while a run is in progress" in error, name
    time = sim.run(20.0)
    found = outcome(network)
    again = build(sim)
    sim.run(time)
    np.testing.assert_array_equal(outcome(again)[0], found[0])
    assert outcome(again)[1] == found[1]


def in_a_thread(function):
    """Call a function in another thread, and wait for it."""
    found = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


@pytest.mark.parametrize("elsewhere", [False, True], ids=["callback", "thread"])
def test_a_callback_may_do_everything_but_run(sim, network, elsewhere, tmp_path):
    told = {}

    def callback(t):
        if t > 0:
            for name, (call, _) in calls(sim, network, tmp_path).items():
                told[name] = in_a_thread(lambda call=call: tried(call)) if elsewhere else tried(call)
        return t + 10.0

    assert sim.run(10.0, callbacks=[callback]) == 10.0
    for name, (_, allowed) in calls(sim, network, tmp_path).items():
        if allowed:
            assert told[name] is None, name
        else:
            assert "was called while a run is in progress; call it once that has ended" in told[name]
    sim.run(10.0)
    assert sim.get_current_time() == 20.0


def test_other_threads_are_refused_while_time_passes(sim, network, tmp_path, monkeypatch):
    """Each call is tried in the midst of a run, where the core would give other threads the interpreter."""
    told = {}
    files = sim.simulator.state.files
    core_run = files.run

    def run(steps):
        core_run(steps // 2)
        for name, (call, _) in calls(sim, network, tmp_path).items():
            told[name] = in_a_thread(lambda call=call: tried(call)), tried(call)
        core_run(steps - steps // 2)

    monkeypatch.setattr(files, "run", run)
    sim.run(30.0)
    for name, errors in told.items():
        for error in errors:
            assert error is not None and "while a run is in progress" in error, name
    assert told.keys() == calls(sim, network, tmp_path).keys()
    found = outcome(network)
    again = build(sim)
    sim.run(30.0)
    np.testing.assert_array_equal(outcome(again)[0], found[0])
    assert outcome(again)[1] == found[1]


@pytest.mark.filterwarnings("error")
def test_a_thread_that_never_stops_asking(sim, network):
    """One thread reads and changes all the time, the other runs: neither crashes, nor does the run change."""
    cells, projection, _ = network
    begun, over, refused = threading.Event(), threading.Event(), []

    def pester():
        while not over.is_set():
            for call in (
                lambda: cells.get("tau_refrac"),
                lambda: cells.get_data(),
                lambda: projection.get("weight", format="list"),
                lambda: cells.set(tau_refrac=3.0),
                lambda: cells[:2].record("dendrite.v", sampling_interval=5.0),
                lambda: sim.run(1.0),
            ):
                if tried(call):
                    refused.append(True)
                begun.set()

    thread = threading.Thread(target=pester)
    thread.start()
    begun.wait()
    try:
        for _ in range(20):
            tried(lambda: sim.run(20.0))
    finally:
        over.set()
        thread.join()
    sim.run(1.0)
    assert len(cells.get_data().segments[0].analogsignals) >= 1


def test_a_run_within_a_change_is_refused(sim, network):
    def value(i):
        with pytest.raises(RuntimeError, match="being read or changed"):
            sim.run(1.0)
        return 2.0 + i

    network[0].set(tau_refrac=value)
    assert network[0].get("tau_refrac").tolist() == [2.0, 3.0, 4.0, 5.0, 6.0]


def test_after_an_error_in_a_callback_a_run_can_go_on(sim, network):
    def fail(t):
        if t > 2.0:
            raise KeyError("from the callback")
        return t + 2.0

    with pytest.raises(KeyError):
        sim.run(10.0, callbacks=[fail])
    sim.run(1.0)
    sim.reset()
    sim.setup()
