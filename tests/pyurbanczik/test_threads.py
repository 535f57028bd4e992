"""`setup(threads=n)`: the same results, to the last bit, for scripts of every kind."""

import pickle

import numpy as np
import pytest
from pyNN.random import NumpyRNG, RandomDistribution

import pyurbanczik as sim
from backend_cython.engine.team import can_use_threads
from tests.mpi import learning

THREADS = (2, 3)

pytestmark = pytest.mark.skipif(not can_use_threads(), reason="built without OpenMP")


def build(threads, min_delay=0.1):
    sim.setup(timestep=0.1, min_delay=min_delay, rng_seed=5, threads=threads)
    rng = NumpyRNG(seed=7)
    poisson = sim.Population(6, sim.SpikeSourcePoisson(rate=80.0))
    out = sim.Population(5, sim.UrbanczikSenn(theta=-62.0, soma={"i_offset": 4.0}), label="out")
    more = sim.Population(3, sim.UrbanczikSenn(theta=-60.0, soma={"i_offset": 4.0}), label="more")
    cells = sim.Population(7, sim.IF_cond_exp(i_offset=0.9), label="cells")
    both = sim.Assembly(out, more)

    delays = RandomDistribution("uniform", (min_delay, 6.5), rng=rng)
    some = sim.FixedProbabilityConnector(0.6, rng=rng)
    rule = sim.UrbanczikSennSynapse(weight=0.3, delay=delays, eta=0.5, w_max=9.0)
    short_term = sim.TsodyksMarkramSynapse(weight=0.01, delay=min_delay, tau_rec=40.0)
    chance = sim.SimpleStochasticSynapse(weight=0.01, delay=min_delay, p=0.4)
    stdp = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(),
        weight_dependence=sim.AdditiveWeightDependence(w_max=0.01),
        weight=0.004,
        delay=delays,
        dendritic_delay_fraction=1.0,
    )
    axonal = sim.UrbanczikSennSynapse(
        weight=0.1, delay=min_delay + 0.5, eta=0.5, w_max=9.0, dendritic_delay_fraction=0.5
    )
    projections = [
        sim.Projection(poisson, both, sim.AllToAllConnector(), rule, receptor_type="dendritic_exc"),
        sim.Projection(cells, both[[6, 1, 3]], sim.AllToAllConnector(), axonal, receptor_type="dendritic_exc"),
        sim.Projection(poisson, cells, some, stdp, receptor_type="excitatory"),
        sim.Projection(out, cells[5:1:-1], sim.AllToAllConnector(), short_term, receptor_type="excitatory"),
        sim.Projection(poisson, both, some, chance, receptor_type="soma_exc"),
        sim.Projection(cells, cells, some, sim.StaticSynapse(weight=0.002, delay=delays), receptor_type="inhibitory"),
    ]
    noise = sim.NoisyCurrentSource(mean=0.0, stdev=0.3, start=0.0, stop=1e4)
    noise.inject_into(cells[1:6])
    poisson.record("spikes")
    for population in (out, more, cells):
        population.record(["spikes", "v"])
    for projection in projections:
        projection.record("weight")
    projections[0].record("weight", sampling_interval=1.0)
    return (poisson, out, more, cells), projections


def numbers(populations, projections):
    """All that was recorded, and all weights, as arrays."""
    result = []
    for source in (*populations, *projections):
        for segment in source.get_data().segments:
            result += [np.asarray(signal) for signal in segment.analogsignals]
            result += [np.asarray(train) for train in segment.spiketrains]
            for signal in segment.irregularlysampledsignals:
                result += [np.asarray(signal), np.asarray(signal.times)]
    for projection in projections:
        result += [np.array(projection.get(["weight", "delay"], "list"))]
    return result


def plain(threads):
    made = build(threads)
    sim.run(100.0)
    return numbers(*made)


def in_chunks(threads):
    made = build(threads, min_delay=0.4)
    sim.run(37.0)
    sim.run(63.0)
    return numbers(*made)


def with_changes(threads):
    """Of cells, of all connections, of a part of them, and of delays."""
    populations, projections = build(threads)
    sim.run(30.0)
    populations[1].set(dendrite={"cm": 0.25})
    projections[0].set(eta=0.3)
    projections[0][3].weight = 0.2
    projections[0][5].tau_Delta = 50.0
    for k in range(30):
        projections[0][k].eta = 0.31
        sim.run(1.0)
    projections[0].set(delay=np.linspace(0.5, 9.0, len(projections[0])))
    projections[1][2].eta = 0.1
    projections[2].set(tau_plus=18.0)
    projections[2][4].tau_minus = 18.0
    projections[0][1].delay = 12.0
    sim.run(40.0)
    return numbers(populations, projections)


def after_a_reset(threads):
    made = build(threads)
    sim.run(20.0)
    sim.reset()
    sim.run(30.0)
    return numbers(*made)


def with_gap_junctions(threads):
    populations, projections = build(threads)
    gaps = sim.ElectricalSynapse(weight=0.001)
    sim.Projection(populations[3], populations[3], sim.AllToAllConnector(), gaps)
    sim.Projection(populations[3][2:], populations[1], sim.AllToAllConnector(), gaps)
    sim.run(50.0)
    return numbers(populations, projections)


@pytest.mark.parametrize("scenario", [plain, in_chunks, with_changes, after_a_reset, with_gap_junctions])
def test_any_number_of_threads_gives_the_same(scenario):
    expected = scenario(1)
    assert sum(np.size(array) for array in expected) > 10_000
    for threads in THREADS:
        found = scenario(threads)
        assert sim.simulator.state.network.n_partitions == threads
        assert len(found) == len(expected)
        for a, b in zip(expected, found):
            np.testing.assert_array_equal(a, b)


def test_more_threads_than_cells():
    spikes = []
    for threads in (1, 8):
        sim.setup(timestep=0.1, threads=threads)
        cells = sim.Population(2, sim.UrbanczikSenn(theta=-62.0, soma={"i_offset": 4.0}))
        cells.record("spikes")
        sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1), receptor_type="soma_exc")
        sim.run(100.0)
        spikes.append([np.asarray(train).tolist() for train in cells.get_data().segments[0].spiketrains])
    assert spikes[0] == spikes[1]
    assert sum(map(len, spikes[0])) > 2


CHANGES = {
    "a membrane": ({"dendrite_cm": [0.2, 0.3, 0.5, 0.9]}, {}, {"dendrite_cm": 0.3}, {}),
    "a delay": ({}, {"delay": [0.5, 1.7, 2.9, 4.3]}, {}, {"delay": 1.0}),
    "a filter": ({}, {"tau_Delta": [50.0, 70.0, 90.0, 30.0]}, {}, {"tau_Delta": 100.0}),
}


def learned(change, threads, one_by_one=False):
    """Weights of four synapses that become equal between two spikes, and then again after a reset."""
    cells_at_first, synapses_at_first, cells_then, synapses_then = CHANGES[change]
    sim.setup(timestep=0.1, threads=threads)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 30.0, 60.0]))
    cells = sim.Population(4, sim.UrbanczikSenn(soma_i_offset=4.0, **cells_at_first))
    plastic = sim.UrbanczikSennSynapse(weight=0.3, eta=0.5, w_max=9.0)
    groups = [cells[i : i + 1] for i in range(4)] if one_by_one else [cells]
    projections = [
        sim.Projection(source, group, sim.AllToAllConnector(), plastic, receptor_type="dendritic_exc")
        for group in groups
    ]
    for name, values in synapses_at_first.items():
        for projection, value in zip(projections, values if one_by_one else [values]):
            projection.set(**{name: value})
    sim.run(8.0)
    cells.set(**cells_then)
    for projection in projections:
        projection.set(**synapses_then)
    found = []
    for _ in range(2):
        sim.run(70.0)
        found += [projection.get("weight", "list", with_address=False) for projection in projections]
        sim.reset()
    return np.concatenate(found)


@pytest.mark.parametrize("change", CHANGES)
def test_synapses_that_become_equal_keep_their_own_past(change):
    apart = learned(change, 1, one_by_one=True)
    for threads in (1, 2, 4):
        np.testing.assert_array_equal(learned(change, threads), apart)


def test_learning_from_any_error_is_the_same_with_any_number_of_threads_and_split(tmp_path):
    found = []
    for threads, pieces in ((1, 1), (3, 7)):
        learning.main(tmp_path / "data", threads, pieces)
        found.append(pickle.loads((tmp_path / "data").read_bytes()))
    for one, other in zip(*found, strict=True):
        np.testing.assert_equal(one, other)
