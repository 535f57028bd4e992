"""The running sums: who shares them, how far they reach, and when they are given up."""

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SampleRecorder
from backend_cython.model.schema import ErrorVariable, Learnable
from backend_cython.neurons.standard_cells import IF_cond_exp
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.synapses import shared_errors
from backend_cython.synapses.dendritic_error import DendriticError
from backend_cython.synapses.urbanczik_senn import UrbanczikSennSynapses

from ..helpers import H, Lab, all_pairs, in_ms, source, walk


@pytest.fixture
def ends():
    network = Network(H)
    return source(network, [3], [4]), UrbanczikSenn(network, 2)


def connect(ends, receptor="dendritic_exc", delay=1, **rule):
    return Projection(UrbanczikSennSynapses, *ends, receptor, *all_pairs(*ends), delay, {"weight": 0.01, **rule})


def sums(ends, receptor="dendritic_exc", tau_Delta=100.0):
    return DendriticError.of(ends[1], receptor, tau_Delta)


def test_projections_share_the_sums_of_one_kind(ends):
    first, second = connect(ends), connect(ends)
    other_tau, other_receptor = connect(ends, tau_Delta=50.0), connect(ends, "dendritic_inh")
    assert sums(ends).users == [first.common, second.common]
    assert sums(ends, tau_Delta=50.0).users == [other_tau.common]
    assert sums(ends, "dendritic_inh").users == [other_receptor.common]
    assert sums(ends) is sums(ends)
    assert sums(ends, tau_Delta=50.0).tau_Delta == 50.0
    assert sums(ends, "dendritic_inh").receptor == "dendritic_inh"


def test_synapses_of_one_projection_are_grouped_by_tau_delta(ends):
    synapses = connect(ends, tau_Delta=[10.0, 20.0, 10.0, 30.0])
    assert all(sums(ends, tau_Delta=tau).users == [synapses.common] for tau in (10.0, 20.0, 30.0))
    assert synapses.get("tau_Delta").tolist() == [10.0, 20.0, 10.0, 30.0]


def test_sums_that_nobody_uses_are_given_up(ends):
    first, second = connect(ends), connect(ends)
    old = sums(ends)
    first.set({"tau_Delta": 40.0})
    assert old.users == [second.common]
    assert sums(ends) is old
    second.set({"tau_Delta": 40.0})
    assert old.users == []
    assert sums(ends) is not old
    assert sums(ends, tau_Delta=40.0).users == [first.common, second.common]
    ends[0].network.run(10)


def test_some_synapses_leave_and_others_stay(ends):
    synapses = connect(ends)
    synapses.set({"tau_Delta": 40.0}, [0, 3])
    assert sums(ends).users == sums(ends, tau_Delta=40.0).users == [synapses.common]
    synapses.set({"tau_Delta": 40.0}, [1, 2])
    assert sums(ends, tau_Delta=40.0).users == [synapses.common]
    assert synapses.get("tau_Delta").tolist() == [40.0] * 4


def test_the_time_looked_back_is_that_of_the_longest_delay(ends):
    first = connect(ends, delay=4)
    assert sums(ends).look_back == 4
    connect(ends, delay=[1, 9, 1, 1])
    assert sums(ends).look_back == 9
    connect(ends, delay=2)
    assert sums(ends).look_back == 9
    first.set_delay_steps(30)
    assert sums(ends).look_back == 30


def test_a_refused_projection_leaves_no_sums(ends):
    with pytest.raises(ValueError):
        connect(ends, weight=9.0, tau_Delta=77.0)
    with pytest.raises(ValueError):
        connect(ends, tau_Delta=[77.0, 78.0, 79.0, -1.0])
    fresh = sums(ends, tau_Delta=77.0)
    assert fresh.users == []


def test_neighbours_with_equal_time_constants_form_runs():
    network = Network(H)
    cells = UrbanczikSenn(network, 6)
    cells.set({"dendrite_cm": [0.3, 0.3, 0.2, 0.2, 0.3, 0.3], "theta": np.linspace(-60.0, -50.0, 6)})
    error = DendriticError(cells, "dendritic_exc", 100.0)
    assert error.sums[0].runs.tolist() == [0, 0, 1, 1, 2, 2]
    cells.set({"dendrite_cm": 0.3})
    assert error.sums[0].runs.tolist() == [0] * 6


def block_length(**lab):
    """Of the sums, and after how long a synapse is brought up to date; both in steps."""
    probe = Lab([[1]], **lab)
    error = DendriticError.of(probe.cells, probe.receptor, probe.rule["tau_Delta"])
    return error.block_steps, error.horizon


RATES = {
    "usual": {},
    "short tau_Delta": {"tau_Delta": 2.0},
    "very short tau_Delta": {"tau_Delta": 0.3},
    "slow dendrite": {"cell": {"dendrite_cm": 1.5}},
    "fast dendrite": {"cell": {"dendrite_cm": 0.01}},
}


@pytest.mark.parametrize("delay", [1, 7, 150])
@pytest.mark.parametrize("name", RATES)
def test_spikes_and_delays_around_the_ends_of_blocks(name, delay):
    """Each update falls on, one before or one behind an end; with the delay added or not."""
    lab = {"delay": delay, "seed": 2, **RATES[name]}
    block, _ = block_length(**lab)
    ends = block * np.arange(1, 1 + max(4, 1500 // block))
    around = np.concatenate([ends - 1, ends, ends + 1])
    trains = [
        np.unique(ends),
        np.unique(around)[::2],
        np.unique(np.concatenate([around, around + delay])),
        np.unique(ends + delay),
    ]
    trains = [train[(train > 0) & (train < 4000)] for train in trains]
    made = Lab(trains, **lab).run(int(max(train.max() for train in trains)) + 1)
    cell = {"dendrite_cm": 0.3, **lab.get("cell", {})}
    for k in range(len(trains)):
        made.check(k, tau_L=cell["dendrite_cm"] / 0.03)


@pytest.mark.parametrize("off", [-1, 0, 1])
@pytest.mark.parametrize("name", ["usual", "short tau_Delta", "fast dendrite"])
def test_silence_as_long_as_the_horizon(name, off):
    """Intervals that end where a synapse is brought up to date before its sums are forgotten."""
    block, horizon = block_length(**RATES[name])
    intervals = [horizon + off, 2 * horizon + off, 3 * block, horizon - block + off, horizon + block + off]
    train = 5 + np.cumsum([0, *intervals])
    if train[-1] > 40_000:
        train = train[:3]
    made = Lab([train, [5], [5, 6]], **RATES[name]).run(int(train[-1]) + 2)
    cell = {"dendrite_cm": 0.3, **RATES[name].get("cell", {})}
    for k in range(3):
        made.check(k, tau_L=cell["dendrite_cm"] / 0.03)


@pytest.mark.parametrize("tau_Delta", [0.1, 100.0])
def test_delays_far_longer_than_a_block_and_than_the_horizon(tau_Delta):
    lab = Lab([[5, 900, 901, 1800], [1000]], delay=1500, tau_Delta=tau_Delta)
    lab.run(4000)
    lab.check(0)


@pytest.mark.parametrize("look_back", [9, 200])
def test_a_longer_look_back_amid_a_run_leaves_other_synapses_alone(look_back):
    trains = [np.arange(3, 1000, 17), np.arange(5, 1000, 71)]
    lab = Lab(trains, n_cells=2)
    lab.run(517)
    connect((source(lab.network, [600]), lab.cells), delay=look_back)
    lab.run(483)
    for k in range(4):
        lab.check(k)


def test_memory_does_not_grow_with_time():
    """Neither for a silent synapse nor for one whose last spike was long ago, nor for an axon."""
    lab = Lab([[], [3], np.arange(0, 400_000, 100)], n_cells=4, axonal=20)
    lab.network.remove_recorder(lab.error)
    lab.network.remove_recorder(lab.spikes)
    lab.synapses.record_events([])
    lab.run(20_000)
    lab.synapses.clear_events()
    tracemalloc.start()
    for _ in range(10):
        lab.run(20_000)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 10_000


def test_a_population_without_learning_keeps_no_sums(ends):
    ends[0].set_spikes(in_ms([[1], [2]]))
    ends[0].network.run(10)
    assert sums(ends).look_back == 0


class Learner(IF_cond_exp):
    """Cells that no rule knows: they declare what may be learnt from them, by names of parameters and by numbers."""

    LEARNABLE = {
        "excitatory": Learnable({"spikes": ErrorVariable("v", 15.0)}, "cm", 0.05, "tau_syn_E", 1.0, "nA"),
        "inhibitory": Learnable({"spikes": ErrorVariable("gsyn_inh", 15.0)}, 0.4, 0.1, 7.0, -1.0, "nA"),
    }


@pytest.mark.parametrize(
    "receptor, variable, eta, tau_L, tau_s",
    [("excitatory", "v", 1e-3, 10.0, 5.0), ("inhibitory", "gsyn_inh", 1.0, 4.0, 7.0)],
)
def test_what_is_learnt_follows_the_declaration_alone(receptor, variable, eta, tau_L, tau_s):
    network = Network(H, 3)
    cells = Learner(network, 1)
    cells.set({"cm": 0.5})
    train = np.arange(3, 1000, 17)
    rule = {"weight": 0.05, "eta": eta, "tau_Delta": 40.0, "w_min": 0.0, "w_max": 1e6}
    src = source(network, train)
    synapses = Projection(UrbanczikSennSynapses, src, cells, receptor, [0], [0], 2, rule)
    for other in ("excitatory", "inhibitory"):
        Projection(UrbanczikSennSynapses, src, cells, other, [0], [0], 5, {"weight": 0.01})
    seen = SampleRecorder(cells, variable, [0])
    network.run(1000)
    error = seen.data[:, 0]
    due = walk(error, train, {}, delay=2, tau_L=tau_L, tau_s=tau_s, inhibitory=receptor == "inhibitory", **rule)
    assert np.ptp(due) > 1e-3
    assert abs(synapses.get("weight")[0] - due[-1]) < 1e-8 * np.ptp(due)
    found = DendriticError.of(cells, receptor, 40.0)
    assert found.depends_on == ({"cm", "tau_syn_E"} if receptor == "excitatory" else set())


def test_receptors_from_which_nothing_can_be_learnt_are_refused():
    network = Network(H)
    cells = IF_cond_exp(network, 1)
    with pytest.raises(ValueError, match=r"'excitatory' of IF_cond_exp is not allowed; .* that predicts its soma$"):
        Projection(UrbanczikSennSynapses, cells, cells, "excitatory", [0], [0], 1, {})


def test_memory_for_a_delay_is_there_before_anything_changes(monkeypatch):
    def refuse(population, look_back):
        assert look_back == 300
        raise MemoryError

    lab = Lab([np.arange(3, 300, 17)], n_cells=3, delay=2)
    lab.run(200)
    kept = lab.synapses.get("weight"), lab.synapses.get_delay_steps()
    monkeypatch.setattr(shared_errors, "DendriticError", SimpleNamespace(memory=refuse))
    with pytest.raises(MemoryError):
        lab.synapses.set({"eta": 0.9}, delay_steps=300)
    monkeypatch.undo()
    np.testing.assert_equal((lab.synapses.get("weight"), lab.synapses.get_delay_steps()), kept)
    lab.run(200).check(0)
