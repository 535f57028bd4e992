import subprocess
import sys

import neo
import numpy as np
import pytest
from pyNN.errors import InvalidParameterValueError

import pyurbanczik as sim

from .conftest import pyplot


def test_matplotlib_is_imported_only_when_something_is_drawn():
    code = "import sys, pyurbanczik; pyurbanczik.plotting.raster; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_raster_has_a_dot_for_each_spike(small):
    block = small.inputs.get_data()
    ax = sim.plotting.raster(block)
    times, cells = ax.lines[0].get_data()
    for number, train in enumerate(block.segments[-1].spiketrains):
        assert np.array_equal(times[cells == number], train.magnitude)
    assert ax.get_xlabel() == "time (ms)"
    assert ax.get_ylabel() == "cell of inputs"
    assert ax.get_xlim() == (0.0, 40.0)


def test_raster_numbers_cells_of_a_view_as_its_population_does(small):
    ax = sim.plotting.raster(small.inputs[1:].get_data())
    assert set(ax.lines[0].get_ydata()) == {1, 2}


def test_raster_numbers_cells_of_an_assembly_through(small):
    ax = sim.plotting.raster((small.inputs + small.inputs[0:1]).get_data("spikes"))
    assert ax.get_ylabel() == "cell of inputs"
    several = [*small.inputs.get_data().segments[0].spiketrains, *small.cells.get_data().segments[0].spiketrains]
    ax = sim.plotting.raster(several)
    assert ax.get_ylabel() == "cell"
    assert ax.get_ylim() == (-0.5, 4.5)


def test_raster_draws_into_axes_that_are_given(small):
    first = sim.plotting.raster(small.inputs.get_data(), segment=0)
    assert sim.plotting.raster(small.inputs.get_data().segments[1].spiketrains[0], first, color="red") is first
    assert len(first.lines) == 2


def test_traces_of_one_unit_are_in_one_panel(small):
    block = small.cells.get_data()
    ax = sim.plotting.traces(block, ["soma.v", "dendrite.v"], cells=1)
    assert ax.get_ylabel() == "potential (mV)"
    assert [line.get_label() for line in ax.lines] == ["soma.v", "dendrite.v"]
    signal = next(s for s in block.segments[-1].analogsignals if s.name == "dendrite.v")
    assert np.array_equal(ax.lines[1].get_ydata(), signal.magnitude[:, 1])
    assert np.array_equal(ax.lines[1].get_xdata(), signal.times.rescale("ms").magnitude)


def test_traces_have_a_panel_for_each_unit(small):
    panels = sim.plotting.traces(small.cells.get_data())
    assert [panel.get_ylabel() for panel in panels] == ["potential (mV)", "rate (Hz)", "error"]
    assert [len(panel.lines) for panel in panels] == [4, 4, 2]
    assert [panel.get_xlabel() for panel in panels] == ["", "", "time (ms)"]


def test_traces_count_cells_that_joined_later():
    sim.setup(timestep=0.1)
    cells = sim.Population(3, sim.IF_curr_exp(i_offset=[0.1, 0.2, 0.3]))
    cells[1:2].record("v")
    sim.run(1.0)
    cells.record("v")
    sim.run(1.0)
    later = sim.plotting.traces(cells.get_data(), cells=[0, -1]).lines
    assert [len(line.get_xdata()) for line in later] == [11, 11]
    assert later[0].get_ydata()[-1] < later[1].get_ydata()[-1]
    (first,) = sim.plotting.traces(cells.get_data(), cells=1).lines
    assert len(first.get_xdata()) == 21


def test_traces_take_signals_and_modulators():
    sim.setup()
    reward = sim.Modulator(times=[0.0, 2.0], values=[1.0, 3.0])
    reward.record()
    sim.run(4.0)
    ax = sim.plotting.traces(reward.get_data())
    assert ax.lines[0].get_ydata()[[0, -1]].tolist() == [1.0, 3.0]
    assert ax.get_ylabel() == "modulator"


def test_traces_of_what_has_no_name_say_which_quantity_it_is():
    sim.setup(timestep=0.1)
    cell = sim.Population(1, sim.IF_curr_exp())
    electrode = sim.DCSource(amplitude=0.5)
    electrode.inject_into(cell)
    electrode.record()
    sim.run(1.0)
    assert sim.plotting.traces(electrode.get_data()).get_ylabel() == "current (nA)"


def test_what_cannot_be_drawn_is_refused(small):
    block = small.cells.get_data()
    refused = [
        (lambda: sim.plotting.traces(block, "some.v"), "did you mean 'soma.v'"),
        (lambda: sim.plotting.traces(block, cells=2), "of which there are 2"),
        (lambda: sim.plotting.traces(block, cells=0.5), "numbers of channels"),
        (lambda: sim.plotting.traces(block, segment=2), "one of 2 segments"),
        (lambda: sim.plotting.traces(block, ax=[pyplot.figure().gca()]), "3, one for each unit"),
        (lambda: sim.plotting.traces([1.0]), "neo Block, Segment or signal"),
        (lambda: sim.plotting.traces(small.inputs.get_data()), "call record() before run"),
        (lambda: sim.plotting.raster(small.learning.get_data()), 'call record("spikes") before run'),
        (lambda: sim.plotting.raster(3), "list of spike trains"),
    ]
    for draw, message in refused:
        with pytest.raises(InvalidParameterValueError) as error:
            draw()
        assert message in str(error.value)


def test_axes_are_those_of_matplotlib(small):
    cells, learning = small.cells.get_data(), small.learning.get_data()
    for draw in (
        lambda ax: sim.plotting.raster(cells, ax),
        lambda ax: sim.plotting.traces(cells, "soma.v", ax),
        lambda ax: sim.plotting.traces(cells, "soma.v", [ax]),
        lambda ax: sim.plotting.weights(learning, ax),
        lambda ax: sim.plotting.weight_matrix(learning, ax),
        lambda ax: sim.plotting.learning_curve(cells, 10.0, ax),
        lambda ax: sim.plotting.network(small.learning, ax=ax),
    ):
        for wrong in (3, "ax", pyplot.figure()):
            with pytest.raises(InvalidParameterValueError, match=r"plotting\.\w+\.ax: .* axes of matplotlib"):
                draw(wrong)


def test_what_was_recorded_before_any_run_is_drawn_empty():
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.UrbanczikSenn())
    learning = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.UrbanczikSennSynapse(w_max=1.0))
    cells.record(["spikes", "soma.v"])
    learning.record("weight")
    assert not len(sim.plotting.raster(cells.get_data()).lines[0].get_xdata())
    assert len(sim.plotting.traces(cells.get_data(), "soma.v").lines[0].get_xdata()) == 1
    assert not sim.plotting.weights(learning.get_data()).collections[0].get_paths()


def test_without_matplotlib_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r'needs the package matplotlib: pip install "pyurbanczik\[plot\]"'):
        sim.plotting.raster(neo.SpikeTrain([1.0], units="ms", t_stop=2.0))
