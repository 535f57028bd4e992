"""One thread alone steps cells as a whole, unless somebody needs their spikes by partition; results do not show it."""

import numpy as np
import pytest

from backend_cython.engine import thread_choice
from backend_cython.engine.network import Network
from backend_cython.engine.team import can_use_threads
from backend_cython.model.current_source import StepCurrent
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SampleRecorder, SpikeRecorder
from backend_cython.neurons.dendritic_types import dendritic_neuron
from backend_cython.neurons.spike_source_gamma import SpikeSourceGamma
from backend_cython.neurons.spike_source_poisson import SpikeSourcePoisson
from backend_cython.neurons.standard_cells import IF_cond_exp, IF_curr_exp
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.synapses import stdp_rules
from backend_cython.synapses.dendritic_error_synapses import dendritic_error_synapses
from backend_cython.synapses.electrical import ElectricalSynapses
from backend_cython.synapses.modulator import Modulator
from backend_cython.synapses.stdp import composed

from ..helpers import H, all_pairs, source, static
from .test_network import assert_same

pytestmark = pytest.mark.skipif(not can_use_threads(), reason="built without OpenMP")

STDP = composed(stdp_rules.SpikePairRule, stdp_rules.AdditiveWeightDependence)


class Pair:
    """Two populations that drive each other, some of whose neighbours are equal; their spikes and potentials."""

    def __init__(self, threads, late=False):
        self.network = Network(H, 1, threads)
        self.one, self.other = IF_curr_exp(self.network, 9), IF_cond_exp(self.network, 7)
        self.one.set({"i_offset": np.repeat([1.6, 2.1, 1.9], [2, 6, 1]), "tau_syn_E": 2.0})
        self.other.set({"i_offset": 0.9})
        static(self.one, self.other, 2, 0.01, "excitatory")
        static(self.other, self.one, 3, 0.2, "inhibitory")
        static(self.one, self.one, 4, 0.1, "excitatory")
        self.noise, self.gamma = SpikeSourcePoisson(self.network, 9), SpikeSourceGamma(self.network, 7)
        self.noise.set({"rate": [20.0, 60.0, 0.0, 3e3, 2e4, 50.0, 1e3, 80.0, 2e3]})
        self.gamma.set({"beta": 120.0})
        static(self.noise, self.one, 2, 0.03, "excitatory", (np.arange(9), np.arange(9)))
        static(self.gamma, self.other, 2, 0.01, "excitatory")
        if late:
            static(source(self.network, np.arange(5, 800, 31)), self.one, 0, 0.3, "excitatory", axonal=4)
        self.spikes = [SpikeRecorder(cells) for cells in (self.one, self.other, self.noise, self.gamma)]
        self.traces = [SampleRecorder(cells, "v", np.arange(cells.size)[::-1]) for cells in (self.one, self.other)]

    def run(self, *n_steps):
        for n in n_steps:
            self.network.run(n)
        return self

    @property
    def whole(self):
        """The cells that are stepped as a whole."""
        return self.network.team.whole.members

    def data(self):
        return [*(part for spikes in self.spikes for part in spikes.data), *(trace.data for trace in self.traces)]


def test_there_are_spikes_of_all_parts():
    for spikes in Pair(1).run(800).spikes:
        cell, _ = spikes.data
        assert len(set(cell)) >= 7
        assert len(cell) > 30


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("threads", [2, 3, 7])
def test_one_thread_steps_cells_as_a_whole(threads, late):
    pair = Pair(threads, late).run(100, 300, 1, 399)
    assert pair.whole == [pair.one, pair.other, pair.noise, pair.gamma]
    assert_same(pair.data(), Pair(1, late).run(800).data())
    pair.network.reset()
    assert_same(pair.run(800).data(), Pair(1, late).run(800).data())


def test_a_lonely_partition_needs_no_whole():
    assert Pair(1).run(1).whole == []


def plastic_onto_one(pair):
    train = source(pair.network, np.arange(5, 800, 31))
    return Projection(
        STDP, train, pair.one, "excitatory", *all_pairs(train, pair.one), 2, {"weight": 0.1, "w_max": 0.2}
    )


def plastic_from_one(pair):
    return Projection(
        STDP, pair.one, pair.other, "excitatory", *all_pairs(pair.one, pair.other), 1, {"weight": 1e-3, "w_max": 2e-3}
    )


def modulated_by_one(pair):
    return modulated(pair, pair.one)


def modulated_by_noise(pair):
    return modulated(pair, pair.noise)


def modulated(pair, population):
    train = source(pair.network, np.arange(5, 800, 31))
    learner = UrbanczikSenn(pair.network, 2)
    kind = dendritic_error_synapses("spikes", "psp", "read", Modulator(population=population, tau=20.0, weight=0.1))
    values = {"weight": 0.3, "eta": 0.1, "w_min": 0.0, "w_max": 1.0}
    return Projection(kind, train, learner, "dendritic", *all_pairs(train, learner), 1, values)


def axonal_from_one(pair):
    return static(pair.one, pair.other, 1, 0.01, "excitatory", axonal=5)


def coupled_with_one(pair):
    return Projection(ElectricalSynapses, pair.one, pair.one, None, *all_pairs(pair.one, pair.one), 1, {"weight": 1e-4})


def static_to_a_cell(pair):
    return static(pair.one, UrbanczikSenn(pair.network, 1), 1, 0.01)


def current_into_both(pair):
    current = StepCurrent(pair.network)
    current.set([3, 300, 700], [0.1, -0.2, 0.3])
    for cells in (pair.one, pair.other):
        current.inject(cells, 0, np.arange(1, 6))


@pytest.mark.parametrize("at", [0, 367, 374])
@pytest.mark.parametrize(
    "add, whole",
    [
        (plastic_onto_one, ["other", "noise", "gamma"]),
        (plastic_from_one, ["one", "noise", "gamma"]),
        (modulated_by_one, ["one", "other", "noise", "gamma"]),
        (modulated_by_noise, ["one", "other", "gamma"]),
        (axonal_from_one, ["one", "other", "noise", "gamma"]),
        (coupled_with_one, []),
        (static_to_a_cell, ["one", "other", "noise", "gamma"]),
        (current_into_both, ["one", "other", "noise", "gamma"]),
    ],
)
def test_others_may_need_spikes_by_partition(add, whole, at):
    """Also from a step on that one thread has done, and in which there are spikes."""
    found = []
    for threads in (1, 2, 3):
        pair = Pair(threads).run(at)
        synapses = add(pair)
        if threads > 1 and at:
            assert pair.one.spiking()
        pair.run(0, 800 - at)
        if threads > 1:
            assert pair.whole == [getattr(pair, name) for name in whole]
        found.append(pair.data() + ([] if synapses is None else [synapses.get("weight")]))
    for data in found[1:]:
        assert_same(data, found[0])


DENDRITES = {
    "one dendrite": (UrbanczikSenn, "dendritic_exc", {"theta": -62.0}),
    "one in substeps": (UrbanczikSenn, "dendritic_exc", {"theta": -62.0, "soma_g_leak": 20.0, "soma_i_offset": 120.0}),
    "two": (dendritic_neuron(("basal", "apical"), "softplus"), "basal_exc", {"theta": -64.0}),
}


def recurrent(kind, threads):
    """Learning cells that drive each other, and others that only listen."""
    model, receptor, parameters = DENDRITES[kind]
    network = Network(H, 3, threads)
    cells, listening = model(network, 9), model(network, 5)
    for some in (cells, listening):
        some.set({"soma_i_offset": 5.0, **parameters})
    rule = dendritic_error_synapses("spikes", "psp")
    values = {"weight": 0.3, "eta": 0.1, "w_min": 0.0, "w_max": 1.0}
    synapses = [
        Projection(rule, cells, post, receptor, *all_pairs(cells, post), 3, values, axonal_steps=axonal)
        for post, axonal in ((cells, 0), (listening, 0), (listening, 2))
    ]
    synapses[0].record_events()
    # so large that the Gauss rule is not good enough
    static(cells, cells, 4, 0.5)
    return network, cells, listening, synapses


@pytest.mark.parametrize("by_turns", [False, True])
@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("kind", DENDRITES)
def test_cells_with_dendrites_are_whole_if_others_wait_for_their_spikes(kind, threads, by_turns, monkeypatch):
    """And read the spikes of the whole, by turns with those that threads tell each other."""
    monkeypatch.setattr(thread_choice, "BY_TURNS", by_turns)
    found = []
    for n in (1, threads):
        network, cells, listening, synapses = recurrent(kind, n)
        spikes = [SpikeRecorder(cells), SpikeRecorder(listening)]
        v, weight = SampleRecorder(cells, "soma.v", np.arange(9)), SampleRecorder(synapses[2], "weight", np.arange(45))
        for _ in range(2):
            for n_steps in (1, 250, 40, 509):
                network.run(n_steps)
            found.append([np.copy(x) for recorder in spikes for x in recorder.data])
            found[-1] += [v.data.copy(), weight.data.copy(), *synapses[0].events, synapses[1].get("weight")]
            network.reset(trial=1)
        if n > 1:
            assert network.team.whole.members == [cells]
    assert min(len(set(found[0][0])), len(set(found[0][2]))) >= 5
    assert len(found[0][0]) > 30
    assert_same(found[2], found[0])
    assert_same(found[3], found[1])
