"""Scripts in processes of their own, with this simulator alone."""

import pytest
from pyNN import errors

import pyurbanczik
from pyurbanczik.compare.command import main
from pyurbanczik.compare.launch.processes import Order, run

SCRIPT = """
import sys
import pyNN.neuron as sim
sim.setup(timestep=0.1, rng_seed=7)
source = sim.Population(5, sim.SpikeSourcePoisson(rate=100.0), label="source")
cells = sim.Population(3, sim.IF_curr_exp(), label="cells")
plastic = sim.STDPMechanism(
    timing_dependence=sim.SpikePairRule(), weight_dependence=sim.AdditiveWeightDependence(w_max=2.0), weight=1.0
)
joined = sim.Projection(source, cells, sim.AllToAllConnector(), plastic, label="joined")
cells.record("v")
joined.record("weight")
sim.run(20.0)
cells.get_data(clear=True)
sim.run(30.0)
print(sys.argv)
if "fail" in sys.argv:
    raise ValueError("as asked")
sim.end()
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    return str(path)


def test_everything_is_collected(script):
    result = run(Order("pyurbanczik", script, ("--its", "own")))
    assert (result.error, result.problems) == (None, [])
    assert "['--its', 'own']" in result.output.replace(repr(script) + ", ", "")
    (simulation,) = result.simulations
    assert (simulation.timestep, simulation.duration) == (0.1, 50.0)
    assert simulation.seconds.keys() == {"build", "run"}
    source, cells = simulation.populations
    assert (source.celltype, source.size, source.records_spikes) == ("SpikeSourcePoisson", 5, False)
    assert len(source.segments[0].spike_times) > 0  # recorded all the same
    # what was cleared, and what came afterwards
    assert [segment.signals["v"].values.shape for segment in cells.segments] == [(201, 3), (301, 3)]
    (joined,) = simulation.projections
    assert (joined.pre, joined.post, joined.receptor, joined.synapse) == ([0], [1], "excitatory", "STDPMechanism")
    assert len(joined.initial) == len(joined.final) == 15
    assert (joined.initial.values["weight"] == 1.0).all()
    assert len(joined.events["weight"].times) == 3 * len(source.segments[0].spike_times)


def test_seeds_are_shifted(script):
    first, again, other = (run(Order("pyurbanczik", script, (), shift)) for shift in (0, 0, 1))
    times = [result.simulations[0].populations[0].segments[0].spike_times for result in (first, again, other)]
    assert times[0].tolist() == times[1].tolist() != times[2].tolist()


def test_a_simulator_agrees_with_itself(script, tmp_path, capsys):
    output = tmp_path / "output"
    assert main([script, "--with", "pyurbanczik", "--threads", "2", "--output", str(output)]) == 0
    assert {path.name for path in output.iterdir()} == {"report.json", "index.html"}
    assert "verdict: equal" in capsys.readouterr().out


def test_an_error_of_the_script_is_told(script, capsys):
    assert main([script, "fail", "--with", "pyurbanczik"]) == 2
    error = capsys.readouterr().err
    assert "ValueError: as asked" in error and "pyurbanczik could not run the script" in error


def test_a_script_without_a_simulation_is_not_equal_to_itself(tmp_path, capsys):
    path = tmp_path / "empty.py"
    path.write_text("import pyNN.nest as sim")
    assert main([str(path), "--with", "pyurbanczik"]) == 2
    assert "calls setup() of no simulator" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere.py", "--with", "nest"],
        ["{script}", "--with", "nset"],
        ["{script}", "--with", "nest", "--seeds", "0"],
        ["{script}", "--with", "nest", "--output", "{script}"],
        ["{script}", "--with", "nest", "--output", "{script}/folder"],
    ],
)
def test_what_is_impossible_is_refused(script, arguments, capsys):
    assert main([argument.format(script=script) for argument in arguments]) == 2
    assert "is not allowed; it must be" in capsys.readouterr().err


def test_the_module_is_the_function(script):
    with pytest.raises(errors.InvalidParameterValueError, match="simulators"):
        pyurbanczik.compare(script, [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("script", 1e18),
        ("script", "nowhere.py"),
        ("simulators", 1j),
        ("simulators", ["nset"]),
        ("simulators", [[]]),
        ("arguments", "--fast"),
        ("arguments", [1]),
        ("threads", 0),
        ("threads", True),
        ("seeds", 1.5),
        ("seeds", None),
        ("confidence", "high"),
        ("confidence", 1.0),
        ("jobs", -1),
        ("output", 3),
    ],
)
def test_every_argument_is_checked_before_anything_runs(script, name, value):
    with pytest.raises(errors.InvalidParameterValueError, match=rf"compare\.{name}"):
        pyurbanczik.compare(**{"script": script, name: value})
