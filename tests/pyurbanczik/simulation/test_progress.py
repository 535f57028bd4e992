"""The bar of a run."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from pyNN.errors import InvalidParameterValueError

from pyurbanczik.parameters import exactly
from pyurbanczik.simulation import progress

tqdm_auto = pytest.importorskip("tqdm.auto")


@pytest.fixture
def bars(monkeypatch):
    """All bars that have been shown, as lists of how far they were, last what there was in all."""
    shown = []

    class Bar:
        def __init__(self, total, disable, bar_format):
            self.total, self.n = total, 0.0
            self.steps = []
            shown.append(self)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.closed = True

        def update(self, more):
            self.n += more
            self.steps.append(self.n)

    monkeypatch.setattr(tqdm_auto, "tqdm", Bar)
    return shown


def test_a_bar_is_full_at_the_end(sim, bars):
    sim.run(12.3)
    sim.run(7.7, progress=True)
    sim.run_until(50.0, progress=True)
    sim.run(0.0, progress=True)
    assert [bar.total for bar in bars] == pytest.approx([7.7, 30.0, 0.0])
    assert all(bar.n == pytest.approx(bar.total) and bar.closed for bar in bars)
    assert len(bars[1].steps) > 1
    assert bars[1].steps == sorted(bars[1].steps)
    assert sim.get_current_time() == 50.0


def test_callbacks_are_called_as_without_a_bar(sim, bars):
    def times(**options):
        called = []
        sim.reset()
        sim.run(20.0, callbacks=[lambda t: called.append(t) or t + 3.0], **options)
        return called

    assert times(progress=True) == times()
    assert bars[0].n == pytest.approx(20.0)


def test_results_are_those_without_a_bar(sim, bars, monkeypatch):
    monkeypatch.setattr(progress, "PERIOD", 1e-5)
    cells = sim.Population(3, sim.UrbanczikSenn(soma_i_offset=0.5))
    cells.record(["v", "spikes"])
    for shown in (False, True):
        sim.run(50.0, progress=shown)
        sim.reset(repeat=True)
    first, second = cells.get_data().segments
    assert np.array_equal(first.analogsignals[0], second.analogsignals[0])
    assert list(map(list, first.spiketrains)) == list(map(list, second.spiketrains))


def test_a_run_that_is_broken_off_closes_its_bar_where_it_is(sim, bars):
    def stop(t):
        if t > 4.0:
            raise KeyboardInterrupt
        return t + 5.0

    with pytest.raises(KeyboardInterrupt):
        sim.run(20.0, callbacks=[stop], progress=True)
    assert bars[0].closed
    assert bars[0].n == pytest.approx(5.0)


def test_processes_run_the_same_pieces_however_long_each_takes(sim, bars, monkeypatch):
    clock = iter(np.cumsum(np.random.default_rng(1).exponential(1.0, 10000)))
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))

    class State:
        network = SimpleNamespace(step=7)
        dt, mpi_rank, processes = 0.1, 1, object()
        reached = []

        nearest_step = staticmethod(sim.simulator.state.nearest_step)

        def advance(self, time):
            self.network.step = self.nearest_step(time)
            self.reached.append(self.network.step)

    with progress.progress_bar(State(), 1007, True) as run_until:
        run_until(exactly(100.7))
    assert State.reached == [*range(17, 1008, 10), 1007]


def test_without_tqdm_it_says_what_to_install(sim, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ImportError, match=r"pip install \"pyurbanczik\[progress\]\""):
        sim.run(1.0, progress=True)
    assert sim.get_current_time() == 0.0


@pytest.mark.parametrize("value", [1, "yes", None])
def test_what_is_no_truth_value_is_refused(sim, value):
    with pytest.raises(InvalidParameterValueError, match="True or False"):
        sim.run(1.0, progress=value)
    assert sim.get_current_time() == 0.0


def test_a_real_bar_ends_at_all_of_it(sim, capsys):
    sim.run(30.0, progress=True)
    assert "100%" in capsys.readouterr().err
