"""Synapses of constant weight."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SpikeRecorder
from backend_cython.synapses.static import StaticSynapses

from ..helpers import Ear, H, silent, source, static


def test_weight_times_factor():
    network = Network(H)
    ear = Ear(network, 2)
    src = source(network, [1, 5], [5], weights=[[1.0, 0.5], [4.0]])
    static(src, ear.cells, weight=[1e-3, 2e-3, 3e-3, 0.0])
    network.run(10)
    assert ear.heard() == [(2, 0, 1.0), (2, 1, 2.0), (6, 0, 12.5), (6, 1, 1.0)]


@pytest.mark.parametrize(
    "receptor, variable, sign",
    [
        ("dendritic_exc", "isyn_exc", 1),
        ("dendritic_inh", "isyn_inh", -1),
        ("soma_exc", "gsyn_exc", 1),
        ("soma_inh", "gsyn_inh", 1),
    ],
)
def test_receptors(receptor, variable, sign):
    network = Network(H)
    cells = silent(network, 3)
    static(source(network, [0]), cells, 2, 0.5, receptor, pairs=([0], [1]))
    network.run(2)
    for name in ("isyn_exc", "isyn_inh", "gsyn_exc", "gsyn_inh"):
        assert cells.value(name).tolist() == ([0.0, 0.5 * sign, 0.0] if name == variable else [0.0] * 3)


def test_a_weight_set_amid_a_run_holds_for_the_spikes_that_follow():
    """What is on its way keeps the weight it was sent with."""
    network = Network(H)
    ear = Ear(network)
    synapses = static(source(network, [1, 2, 3]), ear.cells, 4)
    network.run(2)
    synapses.set({"weight": 5e-3})
    network.run(10)
    assert ear.heard() == [(5, 0, 1.0), (6, 0, 1.0), (7, 0, 5.0)]


@pytest.mark.parametrize("weight, delay", [(1e-3, 1), (2e-3, 1), (1e-3, 3), (None, 1)])
def test_weights_and_delays_that_are_equal_need_not_stay_so(weight, delay):
    network = Network(H)
    ear = Ear(network, 3)
    synapses = static(source(network, [0, 4]), ear.cells, weight=1e-3)
    network.run(3)
    weights = weight or np.array([1e-3, 2e-3])
    synapses.set({"weight": weights}, [0, 2], delay)
    network.run(9)
    changed = dict(zip((0, 2), 1e3 * np.broadcast_to(weights, 2)))
    expected = [(1, i, 1.0) for i in range(3)]
    expected += [(4 + (delay if i in changed else 1), i, changed.get(i, 1.0)) for i in range(3)]
    heard = [(step, i, round(amount, 9)) for step, i, amount in ear.heard()]
    assert heard == sorted(expected)


@pytest.mark.parametrize("weight", [1e-3, 1e-3 * np.arange(1.0, 5.0)])
@pytest.mark.parametrize("threads", [1, 2])
def test_one_synapse_for_each_cell_with_several_spikes(weight, threads):
    """Cells before, behind and beyond those that have a synapse, and several spikes of a cell in one step."""
    network = Network(H, threads=threads)
    ear = Ear(network, 130)
    trains = [[3, 3], [3], [2, 3, 3, 3], [3], [3, 5], [], [3]]
    factors = [[1.0, 2.0], [4.0], [1.0, 2.0, 4.0, 8.0], [16.0], [1.0, 1.0], [], [64.0]]
    src = source(network, *trains, weights=factors)
    static(src, ear.cells, weight=weight, pairs=([1, 2, 3, 4], [129, 7, 3, 64]))
    network.run(10)
    weights = 1e3 * np.broadcast_to(weight, 4)
    at_4 = {129: 4.0 * weights[0], 7: 14.0 * weights[1], 3: 16.0 * weights[2], 64: weights[3]}
    assert ear.heard() == [(3, 7, weights[1]), *((4, i, at_4[i]) for i in sorted(at_4)), (6, 64, weights[3])]


def test_weights_stay_at_a_reset():
    network = Network(H)
    synapses = static(source(network, [1]), silent(network, 2))
    synapses.set({"weight": 0.25}, [1])
    network.run(5)
    network.reset()
    assert synapses.get("weight").tolist() == [1e-3, 0.25]


def test_default_weight():
    network = Network(H)
    synapses = Projection(StaticSynapses, source(network, [1]), silent(network), "soma_exc", [0], [0], 1, {})
    assert synapses.get("weight").tolist() == [0.0]


def test_events_carry_the_weight_without_the_factor():
    network = Network(H)
    synapses = static(source(network, [1, 3], weights=[[2.0, 2.0]]), silent(network))
    synapses.record_events()
    network.run(2)
    synapses.set({"weight": 0.5})
    network.run(2)
    connection, step, weight = synapses.events
    assert (connection.tolist(), step.tolist(), weight.tolist()) == ([0, 0], [1, 3], [1e-3, 0.5])
    assert np.all(synapses.get("weight") == 0.5)


TEACHERS = {
    "in every step": list(range(1, 150)),
    "from step 0 on": list(range(9)),
    "with a gap": [*range(3, 70), *range(71, 100)],
    "twice in a step": [2, 3, 3, 5, 64, 64, 64, 66],
    "twice in a step, and as many as there are steps": [2, 3, 3, 5],
    "at times": [0, 63, 64, 140],
    "never": [],
}


@pytest.mark.parametrize("interest", ["none", "recorder", "log", "other synapses"])
@pytest.mark.parametrize("begins", [0, 1, 40])
@pytest.mark.parametrize("train", TEACHERS.values(), ids=TEACHERS)
def test_one_synapse_of_one_cell(train, begins, interest):
    """Nobody lists the spikes of such a cell until they are wanted."""
    network = Network(H)
    ear, other = Ear(network), Ear(network, 2)
    factors = 1.0 + np.arange(len(train)) % 5
    src = source(network, train, weights=[factors])
    synapses = static(src, ear.cells, 3)
    if begins:
        network.run(begins)
    later = [(step, factor) for step, factor in zip(train, factors) if step > begins or step == begins == 0]
    if interest == "recorder":
        spikes = SpikeRecorder(src)
    elif interest == "log":
        synapses.record_events()
    elif interest == "other synapses":
        static(src, other.cells, 1)
    network.run(100)
    network.run(50)
    arriving = {step: factors[np.equal(train, step)].sum() for step in train}
    assert ear.heard() == [(step + 3, 0, sum_) for step, sum_ in arriving.items() if step + 3 <= network.step]
    seen = [step for step, _ in later if step <= network.step]
    if interest == "recorder":
        assert spikes.data[1].tolist() == seen
    elif interest == "log":
        assert synapses.events[1].tolist() == seen
    elif interest == "other synapses":
        assert other.heard() == [
            (step + 1, i, arriving[step]) for step in dict.fromkeys(seen) for i in range(2) if step < network.step
        ]


def test_the_spikes_of_one_cell_may_change_amid_a_run():
    network = Network(H)
    ear = Ear(network)
    src = source(network, range(1, 9))
    static(src, ear.cells)
    network.run(4)
    src.set_spikes([H * np.array([2.0, 3.0, 6.0, 6.0, 80.0])])
    network.run(96)
    assert ear.heard() == [*((step, 0, 1.0) for step in (2, 3, 4, 5)), (7, 0, 2.0), (81, 0, 1.0)]
