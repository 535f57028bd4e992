"""What scripts of sPyNNaker find in place of ``pyNN.spiNNaker``."""

import numpy as np
import pytest

import pyurbanczik
from pyurbanczik.scripts import spinnaker as sim

from ..test_main import run

SCRIPT = """
import pyNN.spiNNaker as sim
from pacman.model.partitioner_splitters import SplitterFixedLegacy
from spynnaker.pyNN.extra_algorithms.splitter_components import SplitterPoissonDelegate
from spynnaker.pyNN.utilities import neo_convertor
from spynnaker.pyNN.utilities.neo_convertor import convert_spikes

sim.setup(timestep=1.0, min_delay=1.0, n_chips_required=4, time_scale_factor=10)
sim.set_number_of_neurons_per_core(sim.IF_curr_exp, 5 / 2)
sim.set_number_of_synapse_cores(sim.IF_curr_exp, 1)
source = sim.Population(2, sim.SpikeSourceArray, {"spike_times": [1.0, 3.0]}, label="in", seed=3,
                        additional_parameters={"splitter": SplitterPoissonDelegate(), "max_rate": 100})
cells = sim.Population(2, sim.IF_curr_exp(), neurons_per_core=1, splitter=SplitterFixedLegacy())
sim.Projection(source, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=5.0, delay=1.0))
source.record("spikes")
cells.record(["v", "gsyn_exc"])
sim.run(10.0)
print(sim.name(), convert_spikes(source.get_data()).tolist())
print(neo_convertor.convert_data(cells.get_data(), "gsyn_exc").shape)
sim.end()
"""


def test_a_script_that_places_its_network(tmp_path):
    result = run(tmp_path, code=SCRIPT)
    assert result.stderr == ""
    assert result.stdout == "pyurbanczik [[0.0, 1.0], [0.0, 3.0], [1.0, 1.0], [1.0, 3.0]]\n(22, 3)\n"


def test_a_script_of_the_time_when_it_was_one_package(tmp_path):
    script = SCRIPT.replace("import pyNN.spiNNaker as sim", "import spynnaker8 as sim")
    script = script.replace("spynnaker.pyNN.utilities", "spynnaker8.utilities")
    script += "import spynnaker8.extra_models as q\nprint(q.IFCurDelta.__name__)\nsim.SpikeInjector"
    result = run(tmp_path, code=script)
    assert result.stdout.splitlines()[-2:] == ["(22, 3)", "IF_curr_delta"]
    assert result.stderr.splitlines()[-1].startswith("AttributeError: pyNN.spiNNaker.SpikeInjector: devices")


OTHER_PARTS = ["spynnaker.pyNN.models", "spynnaker8.models", "pacman.model.graphs as graphs"]


@pytest.mark.parametrize("statement", [f"import {part}" for part in OTHER_PARTS])
def test_other_parts_are_refused_by_name(tmp_path, statement):
    result = run(tmp_path, code=statement)
    assert result.returncode == 1
    assert "pyurbanczik" in result.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", [*sim.MISSING, "spam"])
def test_what_is_missing_is_named(name):
    with pytest.raises(AttributeError, match=rf"^pyNN\.spiNNaker\.{name}: \w.+"):
        getattr(sim, name)
    with pytest.raises(AttributeError, match=rf"^pyNN\.spiNNaker\.extra_models\.{name}: \w.+"):
        getattr(sim.extra_models, name)


def test_everything_else_is_this_package():
    assert sim.HH_cond_exp is pyurbanczik.HH_cond_exp
    assert sim.extra_models.IFCurDelta is pyurbanczik.IF_curr_delta


def test_placing_changes_nothing():
    def spikes(create, **placing):
        pyurbanczik.setup(rng_seed=4)
        source = create(3, pyurbanczik.SpikeSourcePoisson(rate=100.0), **placing)
        source.record("spikes")
        pyurbanczik.run(100.0)
        return sim.convert_spikes(source.get_data())

    placed = spikes(sim.Population, seed=7, additional_parameters={"max_rate": 200.0})
    np.testing.assert_array_equal(placed, spikes(pyurbanczik.Population))


@pytest.mark.parametrize("arguments", [{"sead": 1}, {"additional_parameters": {"sead": 1}}])
def test_other_arguments_are_refused(arguments):
    pyurbanczik.setup()
    with pytest.raises(pyurbanczik.errors.NonExistentParameterError, match="sead"):
        sim.Population(1, sim.IF_curr_exp(), **arguments)


@pytest.mark.parametrize("arguments", [("IF_curr_exp", 5), (sim.IF_curr_exp, 0), (sim.IF_curr_exp, "x")])
def test_numbers_of_neurons_are_checked(arguments):
    with pytest.raises(ValueError, match="set_number_of_neurons_per_core"):
        sim.set_number_of_neurons_per_core(*arguments)


@pytest.mark.parametrize("name", ["IF_curr_exp", "IF_curr_alpha"])
def test_synaptic_currents(name):
    """One unit of weight is the first value of an exponential current, and the peak of an alpha-shaped one."""
    pyurbanczik.setup(timestep=0.1)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    cells = sim.Population(1, getattr(sim, name)(tau_syn_E=2.0))
    sim.Projection(source, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.5, delay=1.0))
    cells.record(["gsyn_exc", "gsyn_inh"])
    pyurbanczik.run(10.0)
    rows = cells.spinnaker_get_data("gsyn_exc")
    assert rows[:, 2].max() == pytest.approx(0.5, rel=1e-12)
    assert not cells.spinnaker_get_data("gsyn_inh")[:, 2].any()
    np.testing.assert_allclose(rows[:, 1], np.arange(101) * 0.1)
