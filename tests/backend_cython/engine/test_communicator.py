"""Results do not depend on the number of processes: bit by bit. Threads stand for the processes here."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SampleRecorder, SpikeRecorder
from backend_cython.neurons.spike_source_array import SpikeSourceArray
from backend_cython.neurons.spike_source_poisson import SpikeSourcePoisson
from backend_cython.neurons.standard_cells import IF_cond_exp
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.synapses.static import StaticSynapses

from ..helpers import H, in_ms
from ..processes import run_processes
from .test_network import assert_same
from .test_partition import KINDS, Everything, change, every_kind

N_STEPS = 600


@pytest.fixture(scope="module")
def whole():
    """What one process makes of each kind of network."""
    return {str(kind): Everything(1, **kind).run(N_STEPS).data() for kind in KINDS.values()}


def together(size, threads, kind, work):
    """What `size` processes record of ``work(network)``."""
    networks = run_processes(size, lambda processes: work(Everything(threads, **kind, processes=processes)))
    return networks[0].data(*networks[1:])


@every_kind
@pytest.mark.parametrize("size, threads", [(2, 1), (4, 1), (2, 2), (9, 1)])
def test_the_number_of_processes_changes_nothing(kind, size, threads, whole):
    assert_same(together(size, threads, kind, lambda network: network.run(N_STEPS)), whole[str(kind)])


@every_kind
def test_nor_does_the_division_of_a_run(kind, whole):
    run = lambda network: network.run(1, 3, 298, 0, 2, N_STEPS - 304)  # noqa: E731
    assert_same(together(2, 1, kind, run), whole[str(kind)])


@every_kind
def test_a_reset_repeats_the_run(kind, whole):
    def run(network):
        network.run(333).network.reset()
        return network.run(N_STEPS)

    assert_same(together(3, 1, kind, run), whole[str(kind)])


@every_kind
def test_changes_in_mid_run(kind):
    one = change(Everything(1, **kind)).data()
    assert_same(together(3, 1, kind, change), one)


def chain(processes, n_spikes=1, read=False, delay=1):
    """Cells that each spike as often as those of a source array, with synapses onto the last one."""
    network = Network(H, processes=processes)
    sources = SpikeSourceArray(network, 6)
    sources.set_spikes(in_ms([np.arange(5, 5 + 3 * n_spikes, 3)] * 6))
    cells, last = IF_cond_exp(network, 6), IF_cond_exp(network, 3)
    cells.set({"tau_refrac": 0.1})
    own = np.arange(6)[cells.local]
    Projection(StaticSynapses, sources, cells, "excitatory", own, own, delay, {"weight": 9.0})
    if read:
        own = np.arange(6 if last.local.start < last.local.stop == 3 else 0)
        Projection(StaticSynapses, cells, last, "excitatory", own, np.full(len(own), 2), delay, {"weight": 0.5})
    recorder = SpikeRecorder(last)
    network.run(400)
    return network, recorder


def calls(size, **given):
    """Collective calls that a process makes in `chain`."""
    networks = run_processes(size, lambda processes: chain(processes, **given)[0])
    return networks[0].processes.communicator.calls


def test_spikes_that_reach_no_synapse_are_not_exchanged():
    assert calls(2) < 10
    # of two steps each, since what arrives acts from the next step on
    assert 200 < calls(2, read=True) < 210


@pytest.mark.parametrize("size, looks, late, interval", [
    (1, False, False, 1), (2, False, False, 2), (2, True, False, 1), (2, False, True, 1)])  # fmt: skip
def test_processes_exchange_spikes_of_dendritic_cells_every_second_step(size, looks, late, interval):
    """Unless somebody looks at what input changes, or some of it comes without a delay."""

    def run(processes):
        network = Network(H, processes=processes)
        cells = UrbanczikSenn(network, 8)
        own = np.arange(8)[cells.local]
        Projection(StaticSynapses, cells, cells, "dendritic_exc", np.zeros(len(own), int), own, 1, {})
        if late:
            Projection(StaticSynapses, cells, cells, "soma_exc", np.zeros(len(own), int), own, 0, {}, axonal_steps=1)
        SampleRecorder(cells, "isyn_exc" if looks else "rate", own)
        network.run(20)
        return network

    for network in run_processes(size, run) if size > 1 else [run(None)]:
        assert network.interval == interval


@pytest.mark.parametrize("named", [False, True])
def test_spikes_of_a_third_party_are_exchanged(named):
    """Cells that are presynaptic to nothing, but whose spikes the synapses of a projection are said to read."""

    def run(processes):
        network = Network(H, processes=processes)
        sources = SpikeSourceArray(network, 2)
        cells, others = IF_cond_exp(network, 4), IF_cond_exp(network, 4)
        others.set({"i_offset": 2.0, "tau_refrac": 0.1})
        own = np.arange(4)[cells.local]
        third_parties = [others] if named else []
        synapses = Projection(
            *(StaticSynapses, sources, cells, "excitatory", np.zeros(len(own), int), own, 1, {}),
            third_parties=third_parties,
        )
        assert synapses.needs_spikes_of == [sources, *third_parties]
        network.run(400)
        return network.processes.communicator.calls

    calls = run_processes(2, run)[0]
    assert 200 < calls < 212 if named else calls < 12


def test_more_spikes_than_a_message_holds():
    """They are passed by a second call, and messages are larger from then on."""
    one = chain(None, 60, read=True, delay=64)[1].data[1]
    assert len(one) > 10
    for size in (2, 3):
        networks = run_processes(size, lambda processes: chain(processes, 60, read=True, delay=64))
        assert_same(np.concatenate([recorder.data[1] for _, recorder in networks]), one)
        # 4 for two projections, 3 when the run begins, 7 intervals, and what is too long once or twice
        assert 15 <= networks[0][0].processes.communicator.calls <= 16


@pytest.mark.parametrize("n", [100, 1000])
def test_processes_have_contiguous_nearly_equal_shares(n):
    def shares(processes):
        network = Network(H, threads=2, processes=processes)
        return IF_cond_exp(network, n).local, SpikeSourcePoisson(network, n).local

    found = run_processes(3, shares)
    assert [share[1] for share in found] == [slice(0, n)] * 3
    bounds = [0] + [share[0].stop for share in found]
    assert [share[0].start for share in found] == bounds[:-1]
    assert bounds[-1] == n
    assert np.ptp(np.diff(bounds)) <= 16


def test_processes_that_do_different_things_end():
    def run(processes):
        network = Network(H, processes=processes)
        UrbanczikSenn(network, 4)
        network.run(10 if processes.rank else 20)

    told = r"process 0: run 20 steps from step 0 on .*; process 1: run 10 steps .*"
    with pytest.raises(RuntimeError, match=rf"^the processes are not doing the same \({told}\); they must all run"):
        run_processes(2, run)


def test_a_process_that_has_ended_is_missed():
    def run(processes):
        if processes.rank:
            processes.leave()
        else:
            Network(H, processes=processes).run(10)

    with pytest.raises(RuntimeError, match="process 1: has ended"):
        run_processes(2, run)


@pytest.mark.parametrize("kind", [SpikeSourcePoisson, SpikeSourceArray])
def test_sources_that_differ_are_refused(kind):
    def run(processes):
        network = Network(H, processes=processes)
        sources = kind(network, 2)
        if kind is SpikeSourceArray:
            sources.set_spikes(in_ms([[3], [4 + processes.rank]]))
        else:
            sources.set({"rate": [3.0, 4.0 + processes.rank]})
        network.run(10)

    with pytest.raises(RuntimeError, match=rf"^the parameters of {kind.__name__} \(population 0\) differ between"):
        run_processes(2, run)


def test_variables_of_cells_of_another_process_are_refused():
    def record(processes):
        cells = UrbanczikSenn(Network(H, processes=processes), 4)
        SampleRecorder(cells, "soma.v", [2 * processes.rank])
        return SampleRecorder(cells, "soma.v", [2 * processes.rank, 3])

    with pytest.raises(ValueError, match=r"^SampleRecorder\.indices: 3 is not allowed; it must be a cell of this proc"):
        run_processes(2, record)


def test_targets_of_another_process_are_refused():
    def connect(processes):
        cells = UrbanczikSenn(Network(H, processes=processes), 4)
        return Projection(StaticSynapses, cells, cells, "soma_exc", [0], [0], 1, {}).size

    with pytest.raises(
        ValueError,
        match=r"^StaticSynapses\.post_index: 0 to 0 is not allowed; the targets must be cells of this process$",
    ):
        run_processes(2, connect)
