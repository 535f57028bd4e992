"""Results do not depend on numbers of threads, on the length of an interval, or the division of cells: bit by bit."""

import os
import signal

import numpy as np
import pytest

from backend_cython.engine import thread_choice
from backend_cython.engine.network import LONGEST_INTERVAL, Network
from backend_cython.engine.partition import what_can_be_foreseen
from backend_cython.engine.team import can_use_threads
from backend_cython.model.current_source import NoiseCurrent, SineCurrent, StepCurrent
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SampleRecorder, SpikeRecorder
from backend_cython.neurons.dendritic_types import dendritic_neuron
from backend_cython.neurons.izhikevich import Izhikevich
from backend_cython.neurons.spike_source_array import SpikeSourceArray
from backend_cython.neurons.spike_source_gamma import SpikeSourceGamma
from backend_cython.neurons.spike_source_poisson import SpikeSourcePoisson
from backend_cython.neurons.standard_cells import EIF_cond_exp_isfa_ista, IF_cond_exp, IF_curr_delta
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.synapses import stdp_rules
from backend_cython.synapses.dendritic_error_synapses import dendritic_error_synapses
from backend_cython.synapses.electrical import ElectricalSynapses
from backend_cython.synapses.modulator import Modulator
from backend_cython.synapses.multi_quantal import MultiQuantalSynapses
from backend_cython.synapses.simple_stochastic import SimpleStochasticSynapses
from backend_cython.synapses.static import StaticSynapses
from backend_cython.synapses.stdp import composed
from backend_cython.synapses.stochastic_tsodyks_markram import StochasticTsodyksMarkramSynapses
from backend_cython.synapses.tsodyks_markram import TsodyksMarkramSynapses
from backend_cython.synapses.urbanczik_senn import UrbanczikSennSynapses

from ..helpers import H, all_pairs, in_ms, source, static
from .test_network import assert_same

pytestmark = pytest.mark.skipif(not can_use_threads(), reason="built without OpenMP")

STDP = composed(stdp_rules.SpikePairRule, stdp_rules.AdditiveWeightDependence)
RULE = {"weight": 0.3, "eta": 0.5, "w_max": 9.0}
N_STEPS = 1500


class Connected:
    """Connections of one kind, all to all, and all that they record; with several processes those onto own cells."""

    def __init__(self, kind, pre, post, receptor, delay, parameters, axonal=0):
        pairs = all_pairs(pre, post)
        here = np.ones(len(pairs[1]), dtype=bool)
        if kind.DELIVERS:
            here = np.isin(pairs[1], np.arange(post.size)[post.local])
        self.places, self.whole_size = np.flatnonzero(here), len(here)

        def own(value):
            return np.broadcast_to(value, here.shape)[here]

        self.own = own
        self.synapses = Projection(
            kind,
            pre,
            post,
            receptor,
            *map(own, pairs),
            own(delay),
            {name: own(value) for name, value in parameters.items()},
            axonal_steps=axonal if np.ndim(axonal) == 0 else own(axonal),
        )

    def record(self, interval):
        for name in self.synapses.kind.RECORDABLES:
            self.synapses.record_events(variable=name)
        backwards = np.arange(self.synapses.size)[::-1]
        self.samples = [SampleRecorder(self.synapses, name, backwards, interval) for name in self.synapses.variables]

    def set(self, name, value):
        """Set a parameter of all connections; `value` is a number or one for each of them."""
        self.synapses.set({name: self.own(value)})

    def data(self, *others):
        """One array a variable, connections in their order; `others` are made of the same in other processes."""
        every = [self, *others] if self.synapses.kind.DELIVERS else [self]
        columns = []
        for i, name in enumerate(self.synapses.variables):
            whole = np.empty((max(one.samples[i].n for one in every), self.whole_size))
            for one in (one for one in every if len(one.places)):
                whole[:, one.places[::-1]] = one.samples[i].data
            columns += [name, whole]
        for name in self.synapses.kind.RECORDABLES:
            events = [one.synapses.events_of(name) for one in every]
            connection = np.concatenate([one.places[event[0]] for one, event in zip(every, events)])
            step = np.concatenate([event[1] for event in events])
            value = np.concatenate([event[2] for event in events])
            order = np.lexsort((connection, step))
            columns += [connection[order], step[order], value[order]]
        return columns


class Everything:
    """A network with every kind of object that partitions treat differently, all of it recorded."""

    def __init__(self, threads, shortest=1, late=False, gaps=False, looks=True, processes=None):
        # without recorders of what input changes, cells take it when the next step begins, but for those that jump
        jumps_after = shortest if looks else shortest + 1
        self.network = network = Network(H, 4, threads, processes)
        poisson, gamma = SpikeSourcePoisson(network, 5), SpikeSourceGamma(network, 3)
        poisson.set({"rate": [20.0, 60.0, 100.0, 300.0, 2e4]})
        gamma.set({"beta": 120.0})
        array = SpikeSourceArray(network, 3)
        rng = np.random.default_rng(3)
        trains = [np.sort(rng.integers(0, N_STEPS, 60)) for _ in range(3)]
        array.set_spikes(in_ms(trains), weights=[rng.random(60) for _ in trains])

        self.learners = UrbanczikSenn(network, 7)
        self.learners.set(
            {
                "theta": -62.0,
                "soma_i_offset": 4.0,
                "tau_refrac": [0.0, 1.0, 3.0, 3.0, 3.0, 3.0, 3.0],
                "dendrite_cm": [0.3, 0.3, 0.3, 0.2, 0.2, 0.3, 0.3],
            }
        )
        integrators = IF_cond_exp(network, 6)
        integrators.set({"i_offset": np.linspace(0.7, 0.9, 6)})
        adapting = EIF_cond_exp_isfa_ista(network, 5)
        adapting.set({"i_offset": np.linspace(1.5, 2.5, 5), "tau_refrac": 0.0})
        simple = Izhikevich(network, 4)
        simple.set({"i_offset": 0.01})
        jumping = IF_curr_delta(network, 5)
        quiet = UrbanczikSenn(network, 4)
        quiet.set({"theta": -62.0, "soma_i_offset": 5.0})
        dendritic = dendritic_neuron(("basal", "apical"), "softplus")(network, 6)
        dendritic.set({"theta": -64.0, "soma_i_offset": np.linspace(2.0, 6.0, 6), "apical_g_from_soma": 0.05})
        self.populations = [
            poisson,
            gamma,
            array,
            self.learners,
            integrators,
            adapting,
            simple,
            jumping,
            quiet,
            dendritic,
        ]

        def delays(pre, post):
            return shortest + np.arange(pre.size * post.size) * 7 % 65

        learners = self.learners
        rule = {**RULE, "tau_Delta": 100.0 - 40.0 * (np.arange(5 * 7) % 3 == 0)}
        dynamic = {"tau_rec": 40.0, "tau_facil": 60.0, "U": 0.3}
        self.learning = Connected(
            UrbanczikSennSynapses, poisson, learners, "dendritic_exc", delays(poisson, learners), rule
        )
        self.connected = [
            self.learning,
            Connected(UrbanczikSennSynapses, learners, learners, "dendritic_inh", shortest, {**RULE, "weight": 0.01}),
            Connected(UrbanczikSennSynapses, integrators, learners, "dendritic_exc", shortest + 2, RULE, axonal=3),
            Connected(
                UrbanczikSennSynapses,
                gamma,
                quiet,
                "dendritic_exc",
                shortest + np.arange(12) % 4,
                {**RULE, "tau_Delta": 80.0 + 10.0 * (np.arange(12) % 2)},
                axonal=np.arange(12) % 3,
            ),
            Connected(
                StaticSynapses, learners, integrators, "excitatory", delays(learners, integrators), {"weight": 0.003}
            ),
            Connected(StaticSynapses, array, adapting, "inhibitory", shortest, {"weight": 0.01}),
            Connected(
                StaticSynapses, integrators, jumping, "excitatory", jumps_after, {"weight": 4.0 + np.arange(30) % 7}
            ),
            Connected(StaticSynapses, jumping, learners, "soma_exc", shortest, {"weight": 0.01}, axonal=6),
            Connected(
                STDP,
                poisson,
                integrators,
                "excitatory",
                delays(poisson, integrators),
                {"weight": 0.005, "w_max": 0.01, "tau_plus": 20.0 + np.arange(30) % 3},
                axonal=2,
            ),
            Connected(STDP, adapting, adapting, "excitatory", shortest, {"weight": 0.005, "w_max": 0.01}),
            Connected(
                STDP,
                integrators,
                adapting,
                "excitatory",
                shortest,
                {"weight": 0.003, "w_max": 0.01, "A_plus": 0.002, "A_minus": 0.001},
                axonal=np.arange(30) % 4,
            ),
            Connected(
                TsodyksMarkramSynapses, gamma, integrators, "inhibitory", shortest + 1, {"weight": 0.01, **dynamic}
            ),
            Connected(
                MultiQuantalSynapses, gamma, simple, "excitatory", jumps_after, {"weight": 2.0, "n": 4, **dynamic}
            ),
            Connected(
                StochasticTsodyksMarkramSynapses, gamma, simple, "inhibitory", jumps_after, {"weight": -2.0, **dynamic}
            ),
            Connected(SimpleStochasticSynapses, gamma, learners, "soma_inh", shortest, {"weight": 0.01, "p": 0.4}),
            Connected(
                dendritic_error_synapses("rate", "exponential", "state", Modulator([1.0, -2.0], [0, 500])),
                poisson,
                dendritic,
                "basal",
                delays(poisson, dendritic),
                {"weight": 0.1, "eta": 0.02, "decay": 1e-3, "w_min": -1.0, "w_max": 1.0},
            ),
            Connected(
                dendritic_error_synapses(
                    "spikes", "psp", "read", Modulator(population=dendritic, tau=20.0, weight=0.1, baseline=0.5)
                ),
                learners,
                dendritic,
                "apical",
                shortest + 1,
                {"weight": -0.05, "eta": 0.1, "w_min": -1.0, "w_max": 1.0},
                axonal=1,
            ),
        ]
        if late:
            self.connected += [
                Connected(StaticSynapses, poisson, learners, "soma_exc", 0, {"weight": 0.003}, axonal=1),
                Connected(
                    StaticSynapses, poisson, jumping, "excitatory", 0, {"weight": 1.0 + np.arange(25) % 3}, axonal=4
                ),
            ]
        if gaps:
            self.connected += [
                Connected(ElectricalSynapses, integrators, integrators, None, 1, {"weight": np.arange(36) * 1e-4}),
                Connected(ElectricalSynapses, integrators, learners, None, 1, {"weight": 1e-3}),
            ]
        for electrode, values, cells in (
            (StepCurrent(network), ([3, 300, 700], [0.1, -0.2, 0.3]), range(1, 6)),
            (SineCurrent(network), (10, 1000, 0.2, 0.1, 50.0, 20.0), [4, 0, 5]),
            (NoiseCurrent(network), (0, 10**9, 0.0, 0.3, 5), [2, 1, 3]),
        ):
            electrode.set(*values)
            electrode.inject(integrators, 0, cells)
            electrode.inject(learners, 1, cells)
        for i, one in enumerate(self.connected):
            one.record(3 + i)
        self.spikes = [SpikeRecorder(population) for population in self.populations]
        self.samples = []
        for i, population in enumerate(self.populations):
            for name in population.variables if looks else sorted({*population.variables} - {*population.of_input()}):
                self._sample(population, name, np.random.default_rng(i).permutation(population.size), 1 + i)
        self._sample(learners, "soma.v", np.array([6]), 4)

    def _sample(self, population, name, cells, interval):
        """Record those of `cells` that are computed here; their columns are noted."""
        columns = np.flatnonzero(np.isin(cells, np.arange(population.size)[population.local]))
        self.samples.append((SampleRecorder(population, name, cells[columns], interval), columns, len(cells)))

    def run(self, *parts):
        for n in parts:
            self.network.run(n)
        return self

    def data(self, *others):
        """All that was recorded, here and in `others`, which are the same network in other processes."""
        recorded = []
        for population, *recorders in zip(self.populations, self.spikes, *(other.spikes for other in others)):
            spikes = [recorder.data for recorder in recorders[: 1 if population.replicated else None]]
            cell, step = (np.concatenate(columns) for columns in zip(*spikes))
            order = np.lexsort((cell, step)) if others else slice(None)
            recorded += [cell[order], step[order]]
        for samples in zip(self.samples, *(other.samples for other in others)):
            whole = np.empty((max(len(recorder.data) for recorder, _, _ in samples), samples[0][2]))
            for recorder, columns, _ in samples:
                if len(columns):
                    whole[:, columns] = recorder.data
            recorded.append(whole)
        for populations in zip(self.populations, *(other.populations for other in others)):
            # what arrived in the last step is complete
            for name in populations[0].of_input():
                recorded.append(np.concatenate([cells.value(name)[cells.local] for cells in populations]))
        for same in zip(self.connected, *(other.connected for other in others)):
            recorded += same[0].data(*same[1:])
        return [np.asarray(x) for x in recorded]


KINDS = {
    "one step": {},
    "intervals": {"shortest": 5},
    "late input": {"late": True},
    "gap junctions": {"gaps": True},
    "late input and gap junctions": {"late": True, "gaps": True},
    "nobody looks at input": {"looks": False},
    "late input, and nobody looks": {"looks": False, "late": True},
}
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@pytest.fixture(scope="module")
def whole():
    """What one thread makes of each kind of network."""
    return {str(kind): Everything(1, **kind).run(N_STEPS).data() for kind in KINDS.values()}


@every_kind
def test_everything_happens_in_these_networks(kind):
    network = Everything(1, **kind).run(N_STEPS)
    assert network.network.interval == (5 if "shortest" in kind else 1)
    for recorder in network.spikes:
        assert len(recorder.data[0]) > 10
        assert len(np.unique(recorder.data[0])) == recorder.population.size
    for one in network.connected:
        if one.synapses.kind.DELIVERS:
            assert len(one.synapses.events[0]) > 10
        if one.synapses.kind in (UrbanczikSennSynapses, STDP):
            assert np.ptp(one.synapses.get("weight")) > 1e-6


@every_kind
@pytest.mark.parametrize("threads", [2, 3, 5])
def test_the_number_of_threads_changes_nothing(kind, threads, whole):
    network = Everything(threads, **kind)
    assert network.network.n_partitions == threads
    assert_same(network.run(N_STEPS).data(), whole[str(kind)])


@every_kind
@pytest.mark.parametrize("threads", [1, 2])
def test_nor_does_the_division_of_a_run(kind, threads, whole):
    assert_same(Everything(threads, **kind).run(1, 3, 498, 0, 2, N_STEPS - 504).data(), whole[str(kind)])


def test_nor_does_the_length_of_a_chunk(whole):
    """A connection that never carries a spike makes intervals shorter."""
    for delay in (1, 2, 3, 4):
        network = Everything(2, shortest=5)
        silent = SpikeSourceArray(network.network, 1)
        Projection(StaticSynapses, silent, network.learners, "soma_exc", [0], [0], delay, {"weight": 1.0})
        assert_same(network.run(N_STEPS).data(), whole[str(KINDS["intervals"])])
        assert network.network.interval == delay


@every_kind
def test_a_reset_repeats_the_run(kind, whole):
    network = Everything(3, **kind).run(777)
    network.network.reset()
    assert_same(network.run(N_STEPS).data(), whole[str(kind)])


def test_partitions_have_the_noise_of_the_same_trial():
    trials = []
    for threads in (1, 3):
        network = Everything(threads).run(50)
        network.network.reset(6)
        trials.append(network.run(N_STEPS).data())
    assert_same(*trials)


def changed(threads, **kind):
    """Parameters that change between two parts of a run."""
    return change(Everything(threads, **kind)).data()


def change(network):
    network.run(400)
    network.learners.set({"dendrite_cm": [0.2, 0.3, 0.2, 0.3, 0.2, 0.3, 0.2], "soma_i_offset": 5.0})
    network.run(300)
    network.learning.set("eta", np.linspace(0.1, 0.7, network.learning.whole_size))
    network.learning.set("tau_Delta", 50.0 + np.arange(network.learning.whole_size) % 2)
    network.run(300)
    network.learners.initialize("soma.v", np.linspace(-70.0, -60.0, 7))
    network.learning.set("weight", 0.2)
    return network.run(N_STEPS - 1000)


@every_kind
def test_changes_in_mid_run(kind, whole):
    one = changed(1, **kind)
    assert any(np.any(a != b) for a, b in zip(one, whole[str(kind)]) if a.shape == b.shape)
    for threads in (2, 4):
        assert_same(changed(threads, **kind), one)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_states_set_back_in_mid_run(kind, whole):
    def run(threads, *parts):
        network = Everything(threads, **kind).run(*parts)
        network.network.reset_states()
        return network.run(N_STEPS - sum(parts)).data()

    one = run(1, 777)
    assert_same(run(3, 500, 277), one)
    with pytest.raises(AssertionError):
        assert_same(one, whole[str(kind)])


def test_connections_that_join_in_mid_run():
    def run(threads):
        network = Everything(threads, shortest=4).run(500)
        late = Connected(
            UrbanczikSennSynapses,
            network.populations[1],
            network.learners,
            "dendritic_exc",
            2 + np.arange(21) * 5,
            {**RULE, "tau_Delta": 30.0 + np.arange(21) % 2},
        )
        late.record(2)
        network.connected.append(late)
        return network.run(500).data()

    one = run(1)
    for threads in (2, 3):
        assert_same(run(threads), one)


def test_synapses_that_are_silent_for_long():
    """What lies between the updates of a synapse does not depend on others of the same source."""
    weights = []
    for threads in (1, 2, 3):
        network = Network(H, 1, threads)
        cells = UrbanczikSenn(network, 3)
        cells.set({"dendrite_cm": [0.03, 0.3, 9.0], "soma_i_offset": 6.0})
        sources = SpikeSourceArray(network, 2)
        sources.set_spikes(in_ms([[5, 100, 19000], [7, 300, 350, 18000]]))
        plastic = Connected(
            UrbanczikSennSynapses,
            sources,
            cells,
            "dendritic_exc",
            1,
            {**RULE, "tau_Delta": [900.0, 1000.0, 1100.0, 30.0, 40.0, 50.0]},
        )
        plastic.record(500)
        network.run(20000)
        weights.append(plastic.data())
    for other in weights[1:]:
        assert_same(other[1:], weights[0][1:])


def test_more_threads_than_cells():
    results = []
    for threads in (1, 9):
        network = Network(H, 1, threads)
        cells = UrbanczikSenn(network, 2)
        cells.set({"soma_i_offset": 6.0})
        recorders = [SpikeRecorder(cells), SampleRecorder(cells, "soma.v", [1, 0])]
        network.run(500)
        results.append([*recorders[0].data, recorders[1].data])
    assert_same(*results)


@pytest.mark.parametrize("delay", [1, 2, 5])
def test_more_spikes_than_threads_tell_each_other_in_a_cache_line(delay):
    results = []
    for threads in (1, 2, 3):
        network = Network(H, 1, threads)
        cells = IF_curr_delta(network, 300)
        cells.set({"i_offset": np.repeat([0.0, 1.0], 150), "tau_refrac": 1.0})
        Projection(StaticSynapses, cells, cells, "excitatory", *all_pairs(cells, cells), delay, {"weight": 0.3})
        recorders = [SpikeRecorder(cells), SampleRecorder(cells, "v", np.arange(300), 10)]
        network.run(400)
        results.append([*recorders[0].data, recorders[1].data])
    # those that are driven, and then all others
    assert np.unique(results[0][1], return_counts=True)[1].tolist() == [150, 150]
    for other in results[1:]:
        assert_same(other, results[0])


@pytest.mark.parametrize("threads", [0, -1])
def test_impossible_numbers_of_threads_are_refused(threads):
    with pytest.raises(ValueError, match=rf"^Network\.threads: {threads} is not allowed; it must be at least 1$"):
        Network(H, threads=threads)


@pytest.mark.parametrize("size, partitions", [(1, 1), (1, 3), (7, 2), (10, 4), (5, 8)])
def test_partitions_are_contiguous_and_nearly_equal(size, partitions):
    cells = UrbanczikSenn(Network(H, threads=partitions), size)
    bounds = cells.bounds_of_partitions()
    assert (bounds[0], bounds[-1]) == (0, size)
    assert np.ptp(np.diff(bounds)) <= 1
    expected = np.repeat(np.arange(partitions), np.diff(bounds))
    np.testing.assert_array_equal(cells.partitions_of(np.arange(size)), expected)


@pytest.mark.parametrize("size, partitions", [(100, 2), (1000, 3), (4001, 7)])
def test_large_partitions_begin_with_a_cache_line(size, partitions):
    cells = IF_cond_exp(Network(H, threads=partitions), size)
    bounds = cells.bounds_of_partitions()
    assert (bounds[0], bounds[-1]) == (0, size)
    assert np.ptp(np.diff(bounds)) <= 16
    assert not (bounds[:-1] % 8).any()
    expected = np.repeat(np.arange(partitions), np.diff(bounds))
    np.testing.assert_array_equal(cells.partitions_of(np.arange(size)), expected)


def test_chunks_are_not_longer_than_needed():
    network = Network(H)
    cells = UrbanczikSenn(network, 1)
    network.run(1)
    assert network.interval == LONGEST_INTERVAL
    Projection(StaticSynapses, cells, cells, "soma_exc", [0], [0], 3, {})
    network.run(1)
    assert network.interval == 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")
def test_a_forked_process_can_run():
    """Threads of the parent do not exist there, and must not be waited for."""
    network = Network(H, 1, 2)
    cells = UrbanczikSenn(network, 4)
    network.run(100)
    child = os.fork()
    if child == 0:
        signal.alarm(180)
        network.run(100)
        os._exit(0 if network.step == 200 else 1)
    assert os.waitpid(child, 0)[1] == 0
    network.run(100)
    assert cells.network.step == 200


@pytest.mark.parametrize("threads", [1, 2])
def test_what_goes_ahead_with_its_sources_changes_nothing(threads):
    """A teacher in every step with two delays, one of which grows amid the run, and input that learns."""

    def run(foreseen):
        network = Network(H, 3, threads=threads)
        cells = UrbanczikSenn(network, 2)
        teacher = source(network, np.arange(1, 300), np.arange(2, 300, 3))
        inputs = source(network, np.arange(5, 300, 7))
        weights = np.random.default_rng(2).random(4)
        taught = static(teacher, cells, np.array([1, 3, 2, 1]), weights, "soma_exc")
        static(inputs, cells, 4, 0.3, "soma_inh")
        Projection(UrbanczikSennSynapses, inputs, cells, "dendritic_exc", *all_pairs(inputs, cells), 1, RULE)
        if not foreseen:
            static(source(network, []), cells, 1, 1.0, "soma_exc", axonal=3)
        groups = [group for projection in network.projections.members for group in projection.groups]
        # padding between the cells of two threads takes too much of the cache
        assert (taught.groups[0] in what_can_be_foreseen(groups, 16, 0)) == (foreseen and threads == 1)
        traces = [SampleRecorder(cells, name, np.arange(2)) for name in ("soma.v", "dendrite.v", "gsyn_exc")]
        for steps in (1, 70, 29, 100):
            network.run(steps)
            taught.set_delay_steps(np.array([9, 3, 2, 40]))
        return [trace.data.copy() for trace in traces]

    for one, other in zip(run(True), run(False)):
        np.testing.assert_array_equal(one, other)
        assert np.ptp(one) > 0.1


def learners(threads, delay):
    """Cells that hear of sources alone, so that no partition needs anything of another one."""
    network = Network(H, 1, threads)
    noise = SpikeSourcePoisson(network, 5)
    noise.set({"rate": 200.0})
    cells = UrbanczikSenn(network, 7)
    cells.set({"soma_i_offset": 6.0, "theta": -62.0})
    static(noise, cells, delay, 0.01, pairs=(np.arange(5), np.arange(5)))
    return Projection(UrbanczikSennSynapses, noise, cells, "dendritic_exc", *all_pairs(noise, cells), delay, RULE)


@pytest.mark.parametrize("by_turns", [True, False])
@pytest.mark.parametrize("threads, delay", [(2, 1), (3, 1), (2, 5), (3, 70)])
def test_one_thread_takes_one_partition_after_the_other(threads, delay, by_turns, monkeypatch):
    monkeypatch.setattr(thread_choice, "BY_TURNS", by_turns)
    found = []
    for synapses in (learners(1, delay), learners(threads, delay)):
        spikes, v = SpikeRecorder(synapses.post), SampleRecorder(synapses.post, "soma.v", np.arange(7))
        weights = SampleRecorder(synapses, "weight", np.arange(35), 7)
        synapses.record_events()
        for n_steps in (1, 30, 900, 69):
            synapses.network.run(n_steps)
        assert synapses.network.team.apart
        found.append([*spikes.data, v.data, weights.data, *synapses.events, synapses.get("weight")])
    assert len(found[0][0]) > 10
    assert_same(*found)


def test_partitions_that_hear_of_each_other_go_step_by_step():
    """And those that have many synapses in common, whose rows are undivided then."""
    for connect in (
        lambda cells: static(cells, cells, pairs=(np.arange(7), np.arange(7))),
        lambda cells: static(source(cells.network, [1], [2]), cells),
    ):
        cells = learners(2, 1).post
        connect(cells)
        cells.network.run(1)
        assert not cells.network.team.apart
