"""What all synapses with states or with chance have in common."""

import numpy as np
import pytest

from backend_cython.engine.network import FIRST_CONNECTION_STREAM, FIRST_DEVICE_STREAM, Network
from backend_cython.model.projection import Projection, connection_streams
from backend_cython.model.recorder import SampleRecorder, SpikeRecorder
from backend_cython.neurons.spike_source_poisson import SpikeSourcePoisson
from backend_cython.synapses.multi_quantal import MultiQuantalSynapses
from backend_cython.synapses.simple_stochastic import SimpleStochasticSynapses
from backend_cython.synapses.stochastic_tsodyks_markram import StochasticTsodyksMarkramSynapses
from backend_cython.synapses.tsodyks_markram import TsodyksMarkramSynapses

from ..helpers import Ear, H, all_pairs, silent, source

SLOW = {"tau_rec": 40.0, "tau_facil": 60.0, "U": 0.3}
KINDS = {
    TsodyksMarkramSynapses: SLOW,
    SimpleStochasticSynapses: {"p": 0.4},
    StochasticTsodyksMarkramSynapses: SLOW,
    MultiQuantalSynapses: {**SLOW, "n": 4},
}
STOCHASTIC = [kind for kind in KINDS if kind is not TsodyksMarkramSynapses]
every_kind = pytest.mark.parametrize("kind", KINDS)
stochastic_kind = pytest.mark.parametrize("kind", STOCHASTIC)


class Bench:
    """Poisson trains through synapses of a kind, all to all, with everything recorded."""

    def __init__(self, kind, seed=5, axonal=0, delay=2, n_pre=4, n_post=3, **parameters):
        self.network = Network(H, seed)
        self.src = SpikeSourcePoisson(self.network, n_pre)
        self.src.set({"rate": 60.0})
        self.ear = Ear(self.network, n_post)
        values = {"weight": 1e-3, **KINDS[kind], **parameters}
        pairs = all_pairs(self.src, self.ear.cells)
        self.synapses = Projection(
            kind, self.src, self.ear.cells, "soma_exc", *pairs, delay, values, axonal_steps=axonal
        )
        for name in kind.RECORDABLES:
            self.synapses.record_events(variable=name)
        self.samples = [
            SampleRecorder(self.synapses, name, np.arange(self.synapses.size), 7) for name in self.synapses.variables
        ]

    def run(self, *parts):
        for n in parts:
            self.network.run(n)
        return self

    def everything(self):
        events = [column for name in self.synapses.kind.RECORDABLES for column in self.synapses.events_of(name)]
        return [*events, *(r.data.copy() for r in self.samples), self.ear.recorder.data.copy()]


def assert_same(a, b):
    for one, other in zip(a, b):
        np.testing.assert_array_equal(one, other)


@every_kind
def test_divided_runs_are_the_same(kind):
    whole, parts = Bench(kind).run(3000), Bench(kind).run(1, 0, 1232, 7, 1760)
    assert_same(whole.everything(), parts.everything())
    assert len(whole.synapses.events[0]) > 50


@every_kind
def test_reset_repeats_the_run(kind):
    bench = Bench(kind).run(3000)
    first = bench.everything()
    bench.network.reset()
    assert bench.synapses.events_of("transmitted")[0].size == 0
    bench.run(3000)
    assert_same(first, bench.everything())


@every_kind
def test_looking_changes_nothing(kind):
    plain, watched = Bench(kind).run(3000), Bench(kind)
    for _ in range(30):
        watched.run(100)
        for name in watched.synapses.variables:
            watched.synapses.value(name)
        for name in kind.PARAMETERS:
            watched.synapses.get(name)
    assert_same(plain.everything(), watched.everything())


@every_kind
def test_setting_what_already_holds_changes_no_more_than_rounding(kind):
    plain, touched = Bench(kind).run(3000), Bench(kind)
    for _ in range(30):
        touched.run(100)
        touched.synapses.set({name: touched.synapses.get(name) for name in kind.PARAMETERS})
    for one, other in zip(plain.everything(), touched.everything()):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-14)


@every_kind
def test_what_arrives_is_what_is_recorded_as_transmitted(kind):
    for axonal in (0, 3):
        bench = Bench(kind, axonal=axonal).run(3000)
        connection, step, amount = bench.synapses.events_of("transmitted")
        due = np.zeros((3001, 3))
        arrival = step + 2 + axonal
        seen = arrival <= 3000
        np.add.at(due, (arrival[seen], bench.synapses.post_index[connection[seen]]), amount[seen])
        arrived = np.diff(bench.ear.recorder.data, axis=0, prepend=0.0)
        np.testing.assert_allclose(arrived, due, atol=1e-12)
        assert due.max() > 0.0


@every_kind
def test_events_are_those_of_the_source(kind):
    bench = Bench(kind, axonal=2)
    spikes = SpikeRecorder(bench.src)
    bench.run(3000)
    cell, step = spikes.data
    reached = step + 2 <= 3000
    for name in kind.RECORDABLES:
        connection, at, _ = bench.synapses.events_of(name)
        np.testing.assert_array_equal(at[connection == 5], step[reached & (cell == 1)])


@every_kind
def test_each_variable_has_connections_of_its_own(kind):
    network = Network(H)
    src, cells = source(network, [1, 5], [5]), silent(network, 2)
    synapses = Projection(kind, src, cells, "soma_exc", *all_pairs(src, cells), 1, KINDS[kind])
    synapses.record_events([0, 3], "transmitted")
    synapses.record_events([1], "weight")
    network.run(10)
    assert synapses.events_of("transmitted")[0].tolist() == [0, 0, 3]
    assert synapses.events_of("weight")[0].tolist() == synapses.events[0].tolist() == [1, 1]
    with pytest.raises(KeyError, match="has no 'v'"):
        synapses.record_events(variable="v")
    for name in set(kind.RECORDABLES) - {"weight", "transmitted"}:
        with pytest.raises(ValueError, match="events are not recorded"):
            synapses.events_of(name)


@every_kind
@pytest.mark.parametrize("size", [0, 1])
def test_few_connections(kind, size):
    network = Network(H)
    src, cells = source(network, [1, 2], [1]), silent(network, 2)
    synapses = Projection(kind, src, cells, "soma_exc", [0] * size, [1] * size, 1, KINDS[kind])
    synapses.record_events(variable="transmitted")
    network.run(5)
    synapses.set({name: np.full(size, p.default) for name, p in kind.PARAMETERS.items()})
    synapses.initialize({name: synapses.value(name) for name in kind.STATES})
    assert synapses.events_of("transmitted")[0].size == 2 * size
    assert all(synapses.value(name).shape == (size,) for name in synapses.variables)


@every_kind
def test_made_amid_a_run(kind):
    """Time before a projection exists does not count, not even for its states."""
    network = Network(H)
    src, cells = source(network, [1, 1003]), silent(network)
    network.run(1000)
    synapses = Projection(kind, src, cells, "soma_exc", [0], [0], 1, {**KINDS[kind], "weight": 1.0})
    start = {name: synapses.value(name) for name in kind.STATES}
    assert start == {name: synapses.initial(name) for name in kind.STATES}
    synapses.record_events(variable="transmitted")
    network.run(10)
    assert synapses.events_of("transmitted")[1].tolist() == [1003]


BAD = {
    "weight": [np.nan, np.inf],
    "U": [-0.1, 1.1, np.nan],
    "p": [-0.1, 1.1, np.nan],
    "n": [0, -1, 2.5, np.nan, np.inf],
    "tau_rec": [0.0, -1.0, np.nan, np.inf],
    "tau_facil": [-1.0, np.nan, np.inf],
}


@pytest.mark.parametrize(
    "kind, name, value",
    [(kind, name, value) for kind in KINDS for name in kind.PARAMETERS for value in BAD[name]],
)
def test_impossible_values_are_refused(kind, name, value):
    bench = Bench(kind)
    before = {other: bench.synapses.get(other).tolist() for other in kind.PARAMETERS}
    for where in (None, [2]):
        with pytest.raises(ValueError, match=rf"^{kind.__name__}\.{name}: .* is not allowed; it must be "):
            bench.synapses.set({"weight": 0.5, name: value}, where)
    assert {other: bench.synapses.get(other).tolist() for other in kind.PARAMETERS} == before
    with pytest.raises(ValueError, match=rf"\.{name}: "):
        Bench(kind, **{name: value})


@every_kind
def test_nothing_stays_behind_of_what_was_refused(kind):
    made = []
    for refused in (False, True):
        bench = Bench(SimpleStochasticSynapses)
        if refused:
            with pytest.raises(ValueError):
                Projection(kind, bench.src, bench.ear.cells, "soma_exc", [0], [0], 1, {"weight": np.nan})
        more = Projection(kind, bench.src, bench.ear.cells, "soma_exc", [0], [0], 1, {"weight": 1e-3, **KINDS[kind]})
        more.record_events(variable="transmitted")
        made.append(more)
        bench.run(2000)
    assert_same(made[0].events_of("transmitted"), made[1].events_of("transmitted"))


# ---- random streams


@stochastic_kind
def test_another_seed_gives_other_draws(kind):
    a, b = (Bench(kind, seed=seed) for seed in (1, 2))
    for bench in (a, b):
        bench.src.set({"rate": 0.0})
        static_source = source(bench.network, np.arange(1, 2000, 10))
        bench.more = Projection(
            kind, static_source, bench.ear.cells, "soma_exc", [0], [0], 1, {"weight": 1.0, **KINDS[kind]}
        )
        bench.more.record_events(variable="transmitted")
        bench.run(2000)
    assert (a.more.events_of("transmitted")[2] != b.more.events_of("transmitted")[2]).any()


@stochastic_kind
def test_the_draws_of_a_connection_are_its_own(kind):
    """They do not depend on which other connections there are in the projection, nor on their order."""
    train = np.arange(1, 2000, 10)
    carried = []
    for pairs in (([0, 0, 1, 1, 1], [0, 1, 0, 1, 1]), ([1, 1], [1, 1])):
        network = Network(H, 9)
        src, cells = source(network, train, train), silent(network, 2)
        synapses = Projection(kind, src, cells, "soma_exc", *pairs, 1, {"weight": 1.0, **KINDS[kind]})
        synapses.record_events(variable="transmitted")
        network.run(2000)
        connection, _, amount = synapses.events_of("transmitted")
        carried.append([amount[connection == k] for k in range(len(pairs[0]))])
    np.testing.assert_array_equal(carried[0][3:], carried[1])
    for i in range(5):
        for j in range(i):
            assert (carried[0][i] != carried[0][j]).any()


@stochastic_kind
def test_populations_keep_their_numbers(kind):
    def spikes(with_synapses):
        network = Network(H, 9)
        first = SpikeSourcePoisson(network, 3)
        if with_synapses:
            cells = silent(network, 2)
            Projection(kind, first, cells, "soma_exc", *all_pairs(first, cells), 1, KINDS[kind])
        else:
            silent(network, 2)
        second = SpikeSourcePoisson(network, 3)
        recorder = SpikeRecorder(second)
        second.set({"rate": 100.0})
        network.run(1000)
        return recorder.data

    assert_same(spikes(False), spikes(True))


def test_streams_of_connections_lie_above_all_others():
    network = Network(H)
    pairs = np.array([0, 0, 2, 2, 2]), np.array([0, 1, 3, 3, 3])
    streams = np.concatenate([connection_streams(network, 3, 4, *pairs) for _ in range(2)])
    assert streams.dtype == np.uint64 and len(np.unique(streams)) == 10
    assert streams.min() >= FIRST_CONNECTION_STREAM > 2 * FIRST_DEVICE_STREAM - 1
