"""Samples, spikes and events, and the memory that they are kept in."""

import numpy as np
import pytest

from backend_cython.engine.failure import Failure
from backend_cython.engine.network import Network
from backend_cython.engine.team import can_use_threads
from backend_cython.model.recorder import EventLog, SampleRecorder, SpikeRecorder
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn

from ..helpers import H, Lab, in_ms, silent, source, static

needs_threads = pytest.mark.skipif(not can_use_threads(), reason="built without OpenMP")


def three_cells(threads=1):
    """Three silent cells on their way from different potentials to rest."""
    cells = silent(Network(H, threads=threads), 3)
    cells.initialize("soma.v", [-50.0, -55.0, -60.0])
    return cells


@pytest.fixture
def cells():
    return three_cells()


def trace(cells, n_steps):
    """The potential at every step, looked at between runs of one step."""
    values = [cells.value("soma.v")]
    for _ in range(n_steps):
        cells.network.advance(1)
        values.append(cells.value("soma.v"))
    cells.network.reset()
    return np.array(values)


@pytest.mark.parametrize("indices", [[0], [2], [0, 1, 2], [2, 0], [1, 1], [-1]])
@pytest.mark.parametrize("interval", [1, 2, 3, 7, 50])
def test_samples_are_the_values_at_their_steps(cells, indices, interval):
    expected = trace(cells, 20)
    recorder = SampleRecorder(cells, "soma.v", indices, interval)
    cells.network.run(20)
    np.testing.assert_array_equal(recorder.data, expected[::interval, indices])


@pytest.mark.parametrize("interval", [1, 3, 10])
@pytest.mark.parametrize("parts", [(20,), (1,) * 20, (9, 1, 10), (0, 20, 0), (10, 10)])
def test_divided_runs_fill_one_record(cells, interval, parts):
    expected = trace(cells, 20)
    one, two = (SampleRecorder(cells, "soma.v", indices, interval) for indices in ([1], [0, 1]))
    for n in parts:
        cells.network.run(n)
        steps = cells.network.step // interval + 1
        assert len(one.data) == len(two.data) == one.n == two.n == steps
    np.testing.assert_array_equal(one.data, expected[::interval, [1]])
    np.testing.assert_array_equal(two.data, expected[::interval, [0, 1]])


@pytest.mark.parametrize("interval", [1, 4])
@pytest.mark.parametrize("indices", [[1], [0, 2]])
def test_a_recorder_made_amid_a_run_starts_there(cells, interval, indices):
    expected = trace(cells, 30)
    cells.network.run(9)
    recorder = SampleRecorder(cells, "soma.v", indices, interval)
    assert (recorder.start_step, recorder.n, recorder.data.shape) == (9, 0, (0, len(indices)))
    cells.network.run(6)
    cells.network.run(15)
    np.testing.assert_array_equal(recorder.data, expected[9::interval, indices])


@pytest.mark.parametrize("indices", [[1], [0, 2]])
def test_clear_starts_anew_and_leaves_what_was_handed_out(cells, indices):
    expected = trace(cells, 30)
    recorder = SampleRecorder(cells, "soma.v", indices, 2)
    cells.network.run(9)
    kept = recorder.data
    recorder.clear()
    assert (recorder.n, recorder.start_step) == (0, 9)
    cells.network.run(21)
    np.testing.assert_array_equal(kept, expected[:10:2, indices])
    np.testing.assert_array_equal(recorder.data, expected[9::2, indices])


@pytest.mark.parametrize("threads", [1, pytest.param(2, marks=needs_threads)])
@pytest.mark.parametrize("indices", [[1], [0, 2], [2, 0, 1]])
@pytest.mark.parametrize("interval", [1, 3, 50])
def test_discarding_between_pieces_loses_no_sample_and_takes_no_memory(threads, indices, interval):
    cells = three_cells(threads)
    expected = trace(cells, 200)
    recorder = SampleRecorder(cells, "soma.v", indices, interval)
    recorder.discard()
    pieces, starts, memory = [], [], set()
    for _ in range(20):
        cells.network.run(10)
        pieces.append(recorder.data.copy())
        starts.append(recorder.start_step)
        memory.add(recorder.data.__array_interface__["data"][0])
        recorder.discard()
        assert recorder.n == 0
    np.testing.assert_array_equal(np.concatenate(pieces), expected[::interval, indices])
    assert starts == np.cumsum([0] + [len(piece) * interval for piece in pieces[:-1]]).tolist()
    assert len(memory) <= 2
    recorder.clear()
    cells.network.run(interval)
    assert recorder.data.shape == (2, len(indices))


def test_reset_clears(cells):
    recorder, spikes = SampleRecorder(cells, "soma.v", [0, 1], 3), SpikeRecorder(cells)
    cells.network.run(10)
    kept = recorder.data.copy()
    cells.network.reset()
    assert (recorder.n, recorder.start_step, len(spikes.data[0])) == (0, 0, 0)
    cells.network.run(10)
    np.testing.assert_array_equal(recorder.data, kept)


def test_what_was_handed_out_stays_while_the_record_grows(cells):
    recorder = SampleRecorder(cells, "soma.v", [0])
    cells.network.run(10)
    early = recorder.data
    copy = early.copy()
    for _ in range(20):
        cells.network.run(37)
    np.testing.assert_array_equal(early, copy)
    np.testing.assert_array_equal(recorder.data[:11], copy)
    assert recorder.n == 751


@pytest.mark.parametrize("indices", [[0], [0, 1]])
def test_data_is_a_view(cells, indices):
    recorder = SampleRecorder(cells, "soma.v", indices)
    cells.network.run(5)
    assert np.shares_memory(recorder.data, recorder.data)


def test_values_initialized_before_the_first_run_count(cells):
    recorder = SampleRecorder(cells, "soma.v", [0])
    cells.initialize("soma.v", -42.0)
    cells.network.run(1)
    assert recorder.data[0, 0] == -42.0


def test_derived_variables_are_up_to_date_in_the_first_sample(cells):
    recorder = SampleRecorder(cells, "rate", [0, 1])
    cells.set({"phi_max": 100.0, "rate_slope": 0.0})
    cells.network.run(1)
    assert recorder.data[0].tolist() == [100.0, 100.0]


@pytest.mark.parametrize("variable", list(UrbanczikSenn.RECORDABLES))
def test_one_cell_and_several_give_the_same(variable):
    lab = Lab([[3, 20, 40]], n_cells=2)
    single, both = (SampleRecorder(lab.cells, variable, indices) for indices in ([1], [0, 1]))
    lab.run(200)
    np.testing.assert_array_equal(single.data[:, 0], both.data[:, 1])
    assert np.ptp(single.data) > 0.0 or variable in ("isyn_inh", "gsyn_exc", "gsyn_inh")


def test_no_columns(cells):
    recorder = SampleRecorder(cells, "soma.v", [])
    for n in (3, 5):
        cells.network.run(n)
    cells.network.reset()
    cells.network.run(2)
    assert recorder.data.size == 0


@pytest.mark.parametrize("indices", [[3], [0, 3], [-4], [10**9]])
def test_cells_outside_are_refused(cells, indices):
    with pytest.raises(IndexError):
        SampleRecorder(cells, "soma.v", indices)
    assert cells.network.recorders.members == []


@pytest.mark.parametrize("interval", [0, -1])
def test_impossible_intervals_are_refused(cells, interval):
    with pytest.raises(ValueError) as error:
        SampleRecorder(cells, "soma.v", [0], interval)
    assert str(error.value) == (f"SampleRecorder.interval_steps: {interval} is not allowed; it must be at least 1")
    assert cells.network.recorders.members == []


def test_unknown_variables_are_refused(cells):
    with pytest.raises(KeyError, match=r"UrbanczikSenn has no 'v'; it has soma\.v, dendrite\.v"):
        SampleRecorder(cells, "v", [0])
    with pytest.raises(KeyError, match="SpikeSourceArray has no 'v'"):
        SampleRecorder(source(cells.network, []), "v", [0])


def test_weights_of_static_synapses(cells):
    synapses = static(source(cells.network, [1]), cells, weight=[1.0, 2.0, 3.0])
    one, all_ = (SampleRecorder(synapses, "weight", indices, 2) for indices in ([2], [0, 1, 2]))
    cells.network.run(4)
    synapses.set({"weight": 7.0}, [2])
    cells.network.run(4)
    assert one.data[:, 0].tolist() == all_.data[:, 2].tolist() == [3.0, 3.0, 3.0, 7.0, 7.0]
    assert all_.data[-1].tolist() == [1.0, 2.0, 7.0]


@pytest.mark.parametrize("indices", [[1], [1, 0]])
def test_weights_of_plastic_synapses_are_integrated_to_each_sample(indices):
    lab = Lab([[3, 20, 40]], n_cells=2)
    recorder = SampleRecorder(lab.synapses, "weight", indices, 10)
    got = [lab.synapses.get("weight")[indices]]
    for _ in range(20):
        lab.run(10)
        got.append(lab.synapses.get("weight")[indices])
    np.testing.assert_array_equal(recorder.data, got)


# ---- spikes


def test_spikes_in_order_of_time_then_of_cell():
    network = Network(H)
    src = source(network, [0, 2, 2, 9], [0, 2], [1, 10])
    recorder = SpikeRecorder(src)
    network.run(10)
    cell, step = recorder.data
    assert list(zip(step.tolist(), cell.tolist())) == [
        (0, 0),
        (0, 1),
        (1, 2),
        (2, 0),
        (2, 0),
        (2, 1),
        (9, 0),
        (10, 2),
    ]


def test_no_spikes(cells):
    recorder = SpikeRecorder(cells)
    cells.network.run(100)
    assert [column.shape for column in recorder.data] == [(0,), (0,)]


def test_a_spike_recorder_made_or_cleared_amid_a_run():
    network = Network(H)
    src = source(network, [0, 5, 6, 7, 12])
    first = SpikeRecorder(src)
    network.run(5)
    second = SpikeRecorder(src)
    network.run(1)
    assert first.data[1].tolist() == [0, 5, 6] and first.n == 3
    first.clear()
    network.run(10)
    assert first.data[1].tolist() == [7, 12]
    assert second.data[1].tolist() == [6, 7, 12]


def test_tens_of_thousands_of_spikes():
    """The log grows while it is written, within a step too."""
    network = Network(H)
    src = source(network, *[[0, 3, 3, 4]] * 8000)
    recorder = SpikeRecorder(src)
    network.run(2)
    early = recorder.data
    network.run(3)
    cell, step = recorder.data
    np.testing.assert_array_equal(step, np.repeat([0, 3, 4], [8000, 16000, 8000]))
    np.testing.assert_array_equal(cell[:8000], np.arange(8000))
    np.testing.assert_array_equal(cell[8000:24000], np.repeat(np.arange(8000), 2))
    np.testing.assert_array_equal(early[0], np.arange(8000))


def test_spikes_handed_out_are_copies():
    network = Network(H)
    src = source(network, [1])
    recorder = SpikeRecorder(src)
    network.run(2)
    recorder.data[1][:] = 77
    assert recorder.data[1].tolist() == [1]


def test_spike_times_given_behind_the_present_are_recorded_once():
    network = Network(H)
    src = source(network, [2])
    recorder = SpikeRecorder(src)
    network.run(5)
    src.set_spikes(in_ms([[2, 5, 6]]))
    network.run(5)
    assert recorder.data[1].tolist() == [2, 6]


def test_an_empty_log():
    log = EventLog(0, Failure())
    log.select()
    log.clear()
    assert [len(column) for column in log.read()] == [0, 0, 0]
