"""One cell does many steps at once where its input is known: the same bits as step by step."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.engine.team import can_use_threads
from backend_cython.model import cells
from backend_cython.model.current_source import SineCurrent, StepCurrent
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SampleRecorder, SpikeRecorder
from backend_cython.neurons.dendritic_types import dendritic_neuron
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.synapses.dendritic_error_synapses import dendritic_error_synapses
from backend_cython.synapses.modulator import Modulator
from backend_cython.synapses.tsodyks_markram import TsodyksMarkramSynapses
from backend_cython.synapses.urbanczik_senn import UrbanczikSennSynapses

from ..helpers import DELAYS, H, all_pairs, in_ms, source, static
from .test_network import assert_same

N_STEPS = 400
FIRING = {"soma_i_offset": 6.0, "theta": -62.0}
# gaps of one step, of more than a leap, and bursts; the teacher is strong in some steps
TRAINS = [[1, 2, 3, 64, 65, 128, 320], [0, 40, 40, 41, 42, 300], [7, 63, 127, 128, 129, 192, 256], []]
TEACHER = np.sort(np.random.default_rng(1).integers(0, N_STEPS, 300))
ONE_DENDRITE = dendritic_neuron(["dendrite"])


class Alone:
    """One neuron, its teacher and inputs, everything recorded; without `ahead` there is an idle electrode."""

    def __init__(
        self,
        ahead,
        kind=UrbanczikSenn,
        rule=None,
        delay=1,
        timestep=H,
        weight=2e-2,
        interval=1,
        threads=1,
        trains=TRAINS,
        **cell,
    ):
        self.network = network = Network(timestep, 5, threads)
        self.cell = kind(network, 1)
        self.cell.set({**FIRING, **cell})
        inputs, teacher = source(network, *trains), source(network, TEACHER)
        static(teacher, self.cell, weight=weight, delay=min(delay, 3))
        static(teacher, self.cell, weight=weight / 2, receptor="soma_inh")
        rule = UrbanczikSennSynapses if rule is None else rule
        receptor = "dendritic_exc" if kind is UrbanczikSenn else "dendrite_exc"
        parameters = {"weight": 0.3, "eta": 0.5, "w_max": 9.0}
        self.synapses = Projection(rule, inputs, self.cell, receptor, *all_pairs(inputs, self.cell), delay, parameters)
        self.synapses.record_events()
        self.samples = [SampleRecorder(self.cell, name, np.array([0]), interval) for name in self.cell.variables]
        self.spikes = [SpikeRecorder(cells) for cells in (self.cell, inputs)]
        self.electrode = None if ahead else SineCurrent(network)

    def run(self, *lengths):
        for length in lengths:
            self.network.run(length)
            assert self.goes_ahead == (self.electrode is None)
        return self

    @property
    def goes_ahead(self):
        return self.network.team.members[0].goes_ahead

    def data(self):
        states = [self.cell.state(name).copy() for name in self.cell.variables]
        recorded = [column for one in self.spikes for column in one.data]
        return [
            *(one.data for one in self.samples),
            *recorded,
            *states,
            *self.synapses.events,
            self.synapses.get("weight"),
        ]


def assert_alike(*lengths, **choice):
    assert_same(*(Alone(ahead, **choice).run(*lengths).data() for ahead in (True, False)))


@pytest.mark.parametrize("kind", [UrbanczikSenn, ONE_DENDRITE])
@pytest.mark.parametrize("lengths", [[N_STEPS], [1, 1, 6, 55, 1, 63, 64, 65, 144], [64, 128, 208]])
def test_runs_of_any_length(kind, lengths):
    assert_alike(*lengths, kind=kind)


@pytest.mark.parametrize("delay", DELAYS)
def test_delays(delay):
    assert_alike(N_STEPS, delay=delay)


@pytest.mark.skipif(not can_use_threads(), reason="built without OpenMP")
def test_threads(monkeypatch):
    monkeypatch.setattr(cells, "LEAST_SOURCES", 256)
    assert_same(*(Alone(True, threads=threads).run(N_STEPS).data() for threads in (1, 2)))


@pytest.mark.parametrize("interval", [2, 7, 64, 100])
def test_samples_at_intervals(interval):
    assert_alike(100, N_STEPS, interval=interval)


@pytest.mark.parametrize("tau_refrac", [0.0, 0.1, 3.0])
@pytest.mark.parametrize("kind", [UrbanczikSenn, ONE_DENDRITE])
def test_spikes(kind, tau_refrac):
    # without refractory time several in a step
    cell = Alone(True, kind=kind, tau_refrac=tau_refrac, phi_max=2e4).run(N_STEPS)
    steps = cell.spikes[0].data[1]
    assert len(steps) > 10
    assert (len(np.unique(steps)) < len(steps)) == (tau_refrac == 0.0)
    assert_alike(N_STEPS, kind=kind, tau_refrac=tau_refrac, phi_max=2e4)


@pytest.mark.parametrize("choice", [{"weight": 20.0}, {"timestep": 0.8}, {"g_soma_to_dendrite": 0.1}])
def test_steps_for_which_the_gauss_rule_is_not_enough(choice):
    assert_alike(N_STEPS, **choice)


@pytest.mark.parametrize("error", ["spikes", "rate", "potential"])
@pytest.mark.parametrize("bounds", ["read", "state"])
@pytest.mark.parametrize("delay", [1, 5, 70])
def test_errors(error, bounds, delay):
    modulator = Modulator([[1.0], [0.2]], [0, 77]) if bounds == "state" else None
    rule = dendritic_error_synapses(error, "psp", bounds, modulator)
    assert_alike(N_STEPS, kind=ONE_DENDRITE, rule=rule, delay=delay)


def test_input_to_the_soma_that_is_not_known_long_before():
    def data(ahead):
        one = Alone(ahead)
        times = source(one.network, [2, 3, 5, 30, 70, 90, 91, 250])
        parameters = {"weight": 0.3, "U": 0.5, "tau_rec": 20.0}
        Projection(TsodyksMarkramSynapses, times, one.cell, "soma_exc", *all_pairs(times, one.cell), 1, parameters)
        return one.run(N_STEPS).data()

    assert_same(data(True), data(False))


def test_synapses_that_are_brought_up_to_date_without_a_spike():
    assert_alike(12000, trains=[[10], [20, 11000]])


def test_changes_between_runs():
    results = []
    for ahead in (True, False):
        one = Alone(ahead).run(70)
        one.cell.set({"theta": -60.0, "soma_i_offset": 7.0, "dendrite_cm": 0.2})
        one.run(33)
        one.synapses.set({"eta": 0.1})
        one.cell.initialize("dendrite.v", -60.0)
        one.run(50)
        one.network.reset_states()
        one.run(100)
        before = one.data()
        one.network.reset()
        results.append([*before, *one.run(90).data()])
    assert_same(*results)


def test_what_needs_each_step_is_given_each_step():
    def data(ahead):
        one = Alone(ahead).run(70)
        weights = SampleRecorder(one.synapses, "weight", np.arange(4))
        one.network.run(70)
        assert not one.goes_ahead
        one.network.remove_recorder(weights)
        one.network.run(70)
        assert one.goes_ahead == ahead
        SineCurrent(one.network)
        one.network.run(70)
        assert not one.goes_ahead
        return [*one.data(), weights.data]

    assert_same(data(True), data(False))


@pytest.mark.parametrize("kind", [UrbanczikSenn, ONE_DENDRITE])
def test_steps_of_current(kind):
    def data(ahead):
        one = Alone(ahead, kind=kind)
        soma, dendrite = StepCurrent(one.network), StepCurrent(one.network)
        soma.set([0, 5, 6, 63, 64, 100], [2.0, -1.0, 3.0, 0.5, 1.0, 0.0])
        dendrite.set([70, 140], [0.2, 0.1])
        soma.inject(one.cell, 0, [0])
        dendrite.inject(one.cell, 1, [0])
        one.run(68, 90)
        soma.set([158, 161], [4.0, 1.0])
        return one.run(100).data()

    assert_same(data(True), data(False))


@pytest.mark.skipif(not can_use_threads(), reason="built without OpenMP")
@pytest.mark.parametrize("n_sources", [4, 3000])
def test_threads_that_have_nothing_to_do_hold_nobody_up(n_sources):
    network = Network(H, threads=2)
    cell = UrbanczikSenn(network, 1)
    inputs = source(network, *[[5]] * n_sources)
    Projection(UrbanczikSennSynapses, inputs, cell, "dendritic_exc", *all_pairs(inputs, cell), 1, {"weight": 0.1})
    network.run(10)
    assert network.team.members[0].goes_ahead
    # as on one thread: there are no gaps for others, who have no cells
    assert cell.can_hold(64)


@pytest.mark.parametrize("watched", ["before", "later"])
@pytest.mark.parametrize("first, given_again", [(0, False), (30, False), (0, True)])
def test_a_train_with_a_spike_in_every_step(first, given_again, watched):
    """Whose steps need not be in memory before somebody else wants to know them."""
    found = []
    for size in (1, 2):
        network = Network(H, 5)
        cell, teacher = UrbanczikSenn(network, 1), source(network, *[range(first, 300)] * size)
        pairs = np.zeros(1, dtype=int), np.zeros(1, dtype=int)
        static(teacher, cell, weight=2e-2, delay=2, pairs=pairs)
        sample = SampleRecorder(cell, "gsyn_exc", np.array([0]))
        recorder = None
        for n_steps in (0, 120, 200):
            if recorder is None and (watched == "before" or n_steps == 200):
                recorder = SpikeRecorder(teacher)
            if given_again:
                teacher.set_spikes(in_ms([range(first, 300)] * size))
            network.run(n_steps)
        spiked, step = recorder.data
        assert step[spiked == 0].tolist() == list(range(first if watched == "before" else 121, 300))
        np.testing.assert_array_equal(teacher.times()[0], np.arange(first, 300) * H)
        found.append((sample.data, teacher.given()["given"][1][: 300 - first]))
    for one, other in zip(*found):
        np.testing.assert_array_equal(one, other)
