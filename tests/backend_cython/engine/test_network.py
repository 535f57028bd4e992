"""The clock, the step loop, and what must be the same again."""

import gc
import signal
import threading

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.current_source import NoiseCurrent
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SampleRecorder, SpikeRecorder
from backend_cython.neurons.spike_source_poisson import SpikeSourcePoisson
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.synapses.urbanczik_senn import UrbanczikSennSynapses

from ..helpers import Ear, H, all_pairs, source, static


class Everything:
    """A network with every kind of object, all recorded."""

    def __init__(self, seed=1, electrodes=0, rate=60.0):
        self.network = network = Network(H, seed)
        for _ in range(electrodes):
            NoiseCurrent(network).set(0, 10**9, 0.1, 1.0, 1)
        poisson = SpikeSourcePoisson(network, 4)
        poisson.set({"rate": rate})
        self.cells = cells = UrbanczikSenn(network, 3)
        cells.set({"theta": [-62.0, -60.0, -62.0], "tau_refrac": [0.0, 1.0, 3.0], "soma_i_offset": 4.0})
        self.synapses = Projection(
            UrbanczikSennSynapses,
            poisson,
            cells,
            "dendritic_exc",
            *all_pairs(poisson, cells),
            3,
            {"weight": 0.3, "eta": 0.5, "w_max": 9.0},
        )
        self.synapses.record_events()
        static(cells, cells, 2, weight=0.01, axonal=4)
        self.noise = NoiseCurrent(network)
        self.noise.set(0, 10**9, 0.0, 3.0, 5)
        self.noise.inject(cells, 0, [0, 2])
        self.spikes = [SpikeRecorder(poisson), SpikeRecorder(cells)]
        self.samples = [
            SampleRecorder(cells, name, [0, 1, 2], interval)
            for name, interval in (("soma.v", 1), ("error", 3), ("rate", 7))
        ]
        self.samples.append(SampleRecorder(self.synapses, "weight", np.arange(12), 10))

    def data(self):
        recorded = [column for recorder in self.spikes for column in recorder.data]
        recorded += [recorder.data for recorder in self.samples]
        return [np.array(x) for x in (*recorded, *self.synapses.events, self.synapses.get("weight"))]

    def run(self, *parts):
        for n in parts:
            self.network.run(n)
        return self.data()


def assert_same(a, b):
    assert len(a) == len(b)
    for x, y in zip(a, b):
        np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("timestep", [0.0, -0.1, float("nan"), float("inf")])
def test_impossible_time_steps_are_refused(timestep):
    with pytest.raises(ValueError) as error:
        Network(timestep)
    assert str(error.value) == f"Network.timestep: {timestep} is not allowed; it must be positive and finite"


@pytest.mark.parametrize("given, taken", [(0, 0), (-1, 2**64 - 1), (2**64 + 3, 3), (np.int64(7), 7)])
def test_seed_is_taken_modulo_2_to_the_64(given, taken):
    assert Network(H, given).seed == taken


def test_clock():
    network = Network(0.25)
    assert (network.step, network.time, network.timestep) == (0, 0.0, 0.25)
    network.advance(3)
    network.run(5)
    network.run(0)
    network.advance(0)
    assert (network.step, network.time) == (8, 2.0)
    network.reset()
    assert (network.step, network.time) == (0, 0.0)


def test_nobody_shares_a_stream():
    network = Network(H)
    first, second = network.take_streams(5), network.take_streams(3)
    assert second == first + 5
    assert network.take_device_stream() != network.take_device_stream()
    assert network.take_device_stream() > second + 2**60


def test_an_empty_network_runs():
    network = Network(H)
    network.run(1000)
    network.reset()
    assert network.step == 0


@pytest.mark.parametrize("parts", [(1000, 2000), (1, 2999), (0, 3000), (2999, 0, 1), (255, 2, 2743)])
def test_a_divided_run_equals_a_whole_one(parts):
    whole = Everything().run(3000)
    assert len(whole[2]) > 20
    assert_same(Everything().run(*parts), whole)


def test_a_run_step_by_step_and_an_advance_equal_a_whole_run():
    whole, advanced = Everything().run(500), Everything()
    advanced.network.advance(500)
    assert_same(advanced.data(), whole)
    assert_same(Everything().run(*[1] * 500), whole)


def test_same_seed_same_run_other_seed_other_run():
    first = Everything(1).run(2000)
    assert_same(Everything(1).run(2000), first)
    other = Everything(2).run(2000)
    for a, b in zip(first[:3:2], other[:3:2]):
        assert len(a) != len(b) or np.any(a != b)


@pytest.mark.parametrize("rate", [1.0, 60.0])
def test_a_reset_run_repeats_itself(rate):
    """Also where parameters were given after the sources were made, and where one was left at its default."""
    everything = Everything(rate=rate)
    first = everything.run(2000)
    everything.network.reset()
    assert all(len(data) in (0, 12) for data in everything.data())
    assert_same(everything.run(700, 1300), first)


def test_trials():
    """Each has its own noise, which a reset to it brings back; the first one's is the seed's."""
    everything = Everything()
    first = everything.run(2000)
    network = everything.network
    assert (network.trial, network.key) == (0, network.seed)
    keys, found = set(), []
    for trial in (1, 2, 2**40):
        network.reset(trial)
        found.append(everything.run(2000))
        keys.add(network.key)
        # the spikes of sources and of cells, and potentials under a noisy current
        for a, b in zip(first[:5:2], found[-1][:5:2]):
            assert len(a) != len(b) or np.any(a != b)
    assert len({*keys, network.seed}) == 4
    for trial, expected in ((1, found[0]), (0, first), (2, found[1]), (None, found[1])):
        network.reset(trial)
        assert_same(everything.run(700, 1300), expected)
    with pytest.raises(ValueError, match="trial: -1"):
        network.reset(-1)
    assert (network.step, network.trial) == (2000, 2)


def test_what_is_added_in_a_later_trial_belongs_to_it():
    def run(*before):
        network = Network(H, 5)
        for trial in before:
            network.reset(trial)
        spikes = SpikeRecorder(SpikeSourcePoisson(network, 20))
        network.run(20_000)
        return spikes.data

    assert_same(run(4, 3), run(3))
    assert len(run()[0]) != len(run(3)[0])


def test_a_reset_before_the_first_run_changes_nothing():
    everything = Everything()
    everything.network.reset()
    assert_same(everything.run(1000), Everything().run(1000))


def test_electrodes_leave_the_random_numbers_of_cells_alone():
    """Only their own numbers differ: those of the noise, which is not injected here."""
    runs = []
    for n in (0, 3):
        everything = Everything(electrodes=n)
        everything.noise.set(0, 0, 0.0, 0.0, 1)
        runs.append(everything.run(2000))
    assert_same(*runs)


def test_the_order_of_making_does_not_matter_within_a_step():
    steps = []
    for source_first in (True, False):
        network = Network(H)
        if source_first:
            src = source(network, [0, 4, 9])
        ear = Ear(network)
        if not source_first:
            src = source(network, [0, 4, 9])
        static(src, ear.cells)
        network.advance(20)
        steps.append(ear.steps())
    assert steps[0] == steps[1] == [1, 5, 10]


def test_spikes_of_step_0_are_sent_once():
    network = Network(H)
    ear, src = Ear(network), source(network, [0])
    static(src, ear.cells, 3)
    recorder = SpikeRecorder(src)
    for n in (0, 0, 1, 10):
        network.run(n)
    assert ear.steps() == [3]
    assert recorder.data[1].tolist() == [0]


def test_control_c_is_heard_and_the_run_can_go_on(interruptible):
    everything = Everything()
    everything.samples += [SampleRecorder(everything.cells, "v_star", [0], 1000)]

    def interrupt():
        while everything.network.step < 2000:
            threading.Event().wait(1e-3)
        signal.raise_signal(signal.SIGINT)

    for recorder in everything.samples[:4]:
        everything.network.remove_recorder(recorder)
    watch = threading.Thread(target=interrupt)
    watch.start()
    with pytest.raises(KeyboardInterrupt):
        everything.network.run(20_000_000)
    watch.join()
    stopped = everything.network.step
    assert 2000 <= stopped < 20_000_000
    assert len(everything.samples[4].data) == stopped // 1000 + 1
    everything.network.run(500)

    undisturbed = Everything()
    undisturbed.samples += [SampleRecorder(undisturbed.cells, "v_star", [0], 1000)]
    for recorder in undisturbed.samples[:4]:
        undisturbed.network.remove_recorder(recorder)
    undisturbed.network.advance(stopped + 500)
    assert_same(everything.data(), undisturbed.data())


def test_a_removed_recorder_looks_no_more():
    network = Network(H)
    cells = UrbanczikSenn(network, 2)
    removed, kept = SampleRecorder(cells, "soma.v", [0]), SampleRecorder(cells, "soma.v", [1])
    network.run(5)
    network.remove_recorder(removed)
    network.run(5)
    network.reset()
    network.run(3)
    assert (len(removed.data), len(kept.data)) == (6, 4)
    with pytest.raises(ValueError):
        network.remove_recorder(removed)


def test_a_forgotten_network_is_collected():
    """Its members refer to each other; dismantling them in any order must be safe."""
    for _ in range(5):
        Everything().run(50)
    assert gc.collect() > 0
    gc.collect()
    cells = Everything().cells
    gc.collect()
    cells.network.run(50)
    assert cells.network.step == 50
