"""Gap junctions against the exact solution of passive cells."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.current_source import StepCurrent
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SampleRecorder
from backend_cython.model.schema import Compartment
from backend_cython.neurons.spike_source_array import SpikeSourceArray
from backend_cython.synapses.electrical import ElectricalSynapses, NudgingSynapses
from tests.reference.gap import somata

from ..helpers import H, silent, source

PAIRS = [(0, 1, 0.05), (2, 1, 0.2), (0, 2, 0.01)]
PARAMETERS = {
    "soma_cm": [0.3, 0.5, 0.25],
    "soma_g_leak": [0.03, 0.02, 0.04],
    "soma_v_rest": [-70.0, -60.0, -75.0],
    "g_dendrite_to_soma": [0.1, 0.0, 0.3],
    "soma_i_offset": [0.0, 0.5, -0.2],
    "dendrite_v_rest": [-70.0, -72.0, -68.0],
}
START = [(-50.0, -60.0), (-80.0, -70.0), (-65.0, -40.0)]


def cells_of(network, size=3):
    cells = silent(network, size)
    cells.set({name: np.array(values)[:size] for name, values in PARAMETERS.items()})
    for name, column in (("soma.v", 0), ("dendrite.v", 1)):
        cells.initialize(name, [pair[column] for pair in START[:size]])
    return cells


def join(pre, post, pairs=PAIRS):
    pairs = sorted(pairs)
    index_pre, index_post, weight = zip(*pairs) if pairs else ((), (), ())
    return Projection(ElectricalSynapses, pre, post, None, index_pre, index_post, 1, {"weight": weight})


def recorded(h=H, duration=20.0, pairs=PAIRS):
    network = Network(h)
    cells = cells_of(network)
    join(cells, cells, pairs)
    recorder = SampleRecorder(cells, "soma.v", np.arange(3))
    network.run(round(duration / h))
    return recorder.data


def exact(h=H, duration=20.0, pairs=PAIRS):
    network = Network(h)
    cells = cells_of(network)
    parameters = [{name: cells.get(name)[i] for name in cells.PARAMETERS} for i in range(3)]
    return somata(parameters, pairs, START, h * np.arange(round(duration / h) + 1))


def test_passive_cells():
    error = np.abs(recorded() - exact()).max()
    assert error < 0.03  # mV, of 30 mV between the cells at first; the first step has nothing to look back at


def test_the_error_is_of_second_order():
    coarse, fine = (np.abs(recorded(h) - exact(h))[round(1.0 / h) :].max() for h in (0.1, 0.025))
    assert 12 < coarse / fine < 20


def test_without_junctions_nothing_flows():
    np.testing.assert_array_equal(recorded(pairs=[]), recorded(pairs=[(0, 1, 0.0)]))


def test_two_populations_feel_each_other():
    """The same junctions within a population and between two."""
    network = Network(H)
    left, right = cells_of(network), cells_of(network)
    join(left, right, [(0, 1, 0.05), (0, 2, 0.2)])
    a, b = (SampleRecorder(cells, "soma.v", np.arange(3)) for cells in (left, right))
    network.run(200)
    together = recorded(pairs=[(0, 1, 0.05), (0, 2, 0.2)])
    np.testing.assert_allclose(a.data[:, 0], together[:, 0], rtol=1e-14)
    np.testing.assert_allclose(b.data[:, 1:], together[:, 1:], rtol=1e-14)


def test_junctions_in_both_directions_add():
    doubled = [(0, 1, 0.05), (1, 0, 0.03)]
    np.testing.assert_allclose(recorded(pairs=doubled), recorded(pairs=[(0, 1, 0.08)]), rtol=1e-13)


def test_a_cell_joined_to_itself_feels_nothing():
    np.testing.assert_array_equal(recorded(pairs=[(1, 1, 0.1)]), recorded(pairs=[]))


def test_other_currents_flow_as_well():
    network = Network(H)
    cells = cells_of(network)
    join(cells, cells)
    electrode = StepCurrent(network)
    electrode.set([0], [0.5])
    electrode.inject(cells, 0, [0])
    cells.set({"soma_i_offset": [-0.5, 0.5, -0.2]})
    recorder = SampleRecorder(cells, "soma.v", np.arange(3))
    network.run(200)
    np.testing.assert_allclose(recorder.data, recorded(), rtol=1e-12)


class Clamped(SpikeSourceArray):
    """Cells that fire when they are told to, at potentials that the test sets."""

    RECEPTORS = ("excitatory",)
    COMPARTMENTS = {"soma": Compartment("v", 1.0, coupled=True)}

    def allocate_states(self):
        super().allocate_states()
        self.allocate("v")


@pytest.mark.parametrize("fires", [True, False])
def test_a_potential_that_a_spike_has_reset_is_not_extrapolated(fires):
    network = Network(H)
    clamped, cell = Clamped(network, 1), silent(network, g_dendrite_to_soma=0.0)
    clamped.set_spikes([[10 * H] if fires else []])
    join(clamped, cell, [(0, 0, 0.05)])
    v, g_leak, rest, tau = cell.state("soma.v"), 0.03, -70.0, 0.3 / 0.03
    clamped.state("v")[:] = -50.0
    network.run(9)
    before = v[0]
    network.run(1)
    clamped.state("v")[:] = -70.0
    now = v[0]
    network.run(1)
    current = 0.05 * ((-70.0 if fires else -80.0) - (1.5 * now - 0.5 * before))
    end = rest + current / g_leak
    assert v[0] == pytest.approx(end + (now - end) * np.exp(-H / tau), abs=1e-9)


def test_runs_may_be_split_and_repeated():
    network = Network(H)
    cells = cells_of(network)
    join(cells, cells)
    recorder = SampleRecorder(cells, "soma.v", np.arange(3))
    for _ in range(2):
        for n in (1, 1, 48, 150):
            network.run(n)
        np.testing.assert_array_equal(recorder.data, recorded())
        network.reset()


def test_setting_the_weight():
    network = Network(H)
    cells = cells_of(network)
    junctions = join(cells, cells, [(0, 1, 0.0), (0, 2, 0.01)])
    junctions.set({"weight": 0.05}, [0])
    assert junctions.get("weight").tolist() == [0.05, 0.01]
    recorder = SampleRecorder(cells, "soma.v", np.arange(3))
    network.run(200)
    np.testing.assert_array_equal(recorder.data, recorded(pairs=[(0, 1, 0.05), (0, 2, 0.01)]))


def test_what_cannot_be_joined():
    network = Network(H)
    cells, spikes = cells_of(network), source(network, [1])
    with pytest.raises(ValueError, match="presynaptic cells: SpikeSourceArray is not allowed"):
        join(spikes, cells, [(0, 0, 0.1)])
    with pytest.raises(ValueError, match="postsynaptic cells: SpikeSourceArray is not allowed"):
        join(cells, spikes, [(0, 0, 0.1)])


@pytest.mark.parametrize("weight", [-0.1, np.nan, np.inf])
def test_impossible_conductances(weight):
    cells = cells_of(Network(H))
    with pytest.raises(ValueError, match=r"ElectricalSynapses\.weight"):
        join(cells, cells, [(0, 1, weight)])


def test_conductances_too_large_for_the_time_step():
    cells = cells_of(Network(H))
    junctions = join(cells, cells, [(0, 1, 1.4), (1, 2, 1.0)])
    with pytest.raises(
        ValueError, match=r"sum of 2\.6 uS at \w+synaptic cell 1 .* at most 2\.5 uS, half of soma_cm / time step"
    ):
        junctions.set({"weight": 1.2}, [1])
    with pytest.raises(ValueError, match=r"sum of 3 uS at \w+synaptic cell 0 .* at most 1\.5"):
        join(cells, cells, [(0, 1, 0.8), (2, 0, 0.8)])
    assert junctions.get("weight").tolist() == [1.4, 1.0]


@pytest.mark.parametrize("threads", [1, 2])
def test_nudging_acts_on_the_target_alone(threads):
    """Two teachers, of which one has a teacher itself, against the exact solution of cells coupled in one direction."""
    network = Network(H, threads=threads)
    cells = cells_of(network)
    pre, post, weight = [0, 1, 2], [1, 2, 1], [0.05, 0.02, 0.1]
    Projection(NudgingSynapses, cells, cells, None, pre, post, 1, {"weight": weight})
    recorder = SampleRecorder(cells, "soma.v", np.arange(3))
    network.run(200)
    parameters = [{name: cells.get(name)[i] for name in cells.PARAMETERS} for i in range(3)]
    expected = somata(parameters, zip(pre, post, weight), START, H * np.arange(201), both=False)
    error = np.abs(recorder.data - expected)
    assert error.max() < 0.02  # in the first step, for which no slope is known
    assert error[150:].max() < 1e-3
    alone = somata(parameters, [], START, H * np.arange(201))
    np.testing.assert_allclose(recorder.data[:, 0], alone[:, 0], atol=1e-6)
    assert np.abs(expected[:, 1:] - alone[:, 1:]).max() > 1.0


def test_nudging_too_strong_for_the_time_step_counts_at_the_target_alone():
    network = Network(H)
    cells = cells_of(network)
    Projection(NudgingSynapses, cells, cells, None, [0, 0], [1, 2], 1, {"weight": 1.2})
    with pytest.raises(ValueError, match=r"a sum of 3\.8 uS at \w+synaptic cell 1"):
        Projection(NudgingSynapses, cells, cells, None, [0, 2], [1, 1], 1, {"weight": 1.3})


def test_conductances_of_all_projections_count():
    """Gap junctions and nudging, from several populations, connected and set later; a refusal leaves no trace."""
    network = Network(H)
    cells, others = cells_of(network), cells_of(network)
    junctions = join(cells, cells, [(0, 1, 0.9)])
    nudging = Projection(NudgingSynapses, others, cells, None, [2], [1], 1, {"weight": 0.9})
    with pytest.raises(ValueError, match=r"a sum of 2\.7 uS at \w+synaptic cell 1 over all projections .* 2\.5 uS"):
        join(others, cells, [(0, 1, 0.9)])
    with pytest.raises(ValueError, match=r"a sum of 2\.6 uS at \w+synaptic cell 1"):
        Projection(NudgingSynapses, cells, cells, None, [0], [1], 1, {"weight": 0.8})
    # at the cells that nudge nothing flows
    join(others, others, [(1, 2, 1.2)])
    assert len(network.projections.members) == 3
    for projection, cell in ((junctions, 0), (nudging, 1)):
        with pytest.raises(ValueError, match=rf"weight: a sum of [\d.]+ uS at postsynaptic cell {cell}"):
            projection.set({"weight": 1.7})
        assert projection.get("weight").tolist() == [0.9]
    with pytest.raises(ValueError, match=r"soma_cm: 0\.35 nF at cell 1 .* at least 0\.36 nF: .* sum to 1\.8 uS"):
        cells.set({"soma_cm": [0.3, 0.35, 0.25]})
    junctions.set({"weight": 0.1})
    nudging.set({"weight": 1.5})
    cells.set({"soma_cm": [0.3, 0.35, 0.25]})
    join(cells, cells, [(2, 1, 0.14)])
    with pytest.raises(ValueError, match=r"soma_cm: 0\.34 nF at cell 1"):
        cells.set({"soma_cm": [0.3, 0.34, 0.25]})


def test_projections_that_are_connected_together_are_refused_together():
    network = Network(H)
    cells, others = cells_of(network), cells_of(network)
    found = []
    Projection(ElectricalSynapses, cells, cells, None, [0], [1], 1, {"weight": 1.4}, beside=found)
    with pytest.raises(ValueError, match=r"a sum of 2\.6 uS at \w+synaptic cell 1 over all projections"):
        Projection(NudgingSynapses, others, cells, None, [2], [1], 1, {"weight": 1.2}, beside=found)
    assert len(found) == 1
    assert not network.projections.members and not network.electrodes.members and not cells.observers.members
    Projection(NudgingSynapses, others, cells, None, [2], [1], 1, {"weight": 1.1}, beside=found)
    for projection in found:
        projection.join()
    assert network.projections.members == found
    with pytest.raises(ValueError, match="over all projections"):
        found[1].set({"weight": 1.2})
