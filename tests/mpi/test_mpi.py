"""Several processes under a real MPI."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

from . import connectors, everything, learning, saving
from .launching import ENVIRONMENT, ROOT, launch, launch_script, told, why_not

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())

TWO_CELLS = """
sim.setup(timestep=0.1)
cells = sim.Population(2, sim.UrbanczikSenn(soma_i_offset=6.0))
cells.record(["spikes", "soma.v"])
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What one process makes of a network with everything."""
    return alone(everything, tmp_path_factory.mktemp("whole") / "data", 1)


def alone(script, file, *arguments):
    """What a script writes to a file in a single process."""
    subprocess.run(
        [sys.executable, "-m", script.__name__, file, *map(str, arguments)],
        cwd=ROOT,
        check=True,
        env={**ENVIRONMENT, "PYURBANCZIK_MPI": "0"},
        timeout=180,
    )
    return pickle.loads(file.read_bytes())


@pytest.mark.parametrize("n, threads", [(2, 1), (4, 1), (2, 2)])
def test_results_are_the_same_to_the_last_bit(n, threads, whole, tmp_path):
    finished = launch(n, "-m", everything.__name__, tmp_path / "data", threads)
    assert finished.returncode == 0, finished.stderr
    found = pickle.loads((tmp_path / "data").read_bytes())
    assert len(found) == len(whole)
    for mine, theirs in zip(found, whole):
        np.testing.assert_equal(mine, theirs)


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """What one process makes of a network that learns from all errors."""
    return alone(learning, tmp_path_factory.mktemp("learnt") / "data", 1)


@pytest.mark.parametrize("n, threads, pieces", [(2, 2, 3)])
def test_learning_from_any_error_is_the_same_to_the_last_bit(n, threads, pieces, learnt, tmp_path):
    finished = launch(n, "-m", learning.__name__, tmp_path / "data", threads, pieces)
    assert finished.returncode == 0, finished.stderr
    found = pickle.loads((tmp_path / "data").read_bytes())
    for mine, theirs in zip(found, learnt, strict=True):
        np.testing.assert_equal(mine, theirs)


@pytest.fixture(scope="module")
def uncut(tmp_path_factory):
    """What one process makes of a network at once, of which it takes the halves together otherwise."""
    return alone(saving, tmp_path_factory.mktemp("uncut") / "data", 2)


@pytest.mark.parametrize("first, second", [(1, 2), (2, 1), (3, 2)])
def test_a_run_that_is_cut_goes_on_with_other_processes(first, second, uncut, tmp_path):
    state, data = tmp_path / "state", tmp_path / "data"
    for n, threads, half in ((first, 1, "save"), (second, 2, "load")):
        finished = launch(n, "-m", saving.__name__, data, threads, state, half)
        assert finished.returncode == 0, finished.stderr
    found = pickle.loads(data.read_bytes())
    for mine, theirs in zip(found, uncut, strict=True):
        np.testing.assert_equal(mine, theirs)


def test_all_processes_refuse_the_state_of_another_network(tmp_path):
    lines = told(
        2,
        f"""
for n in (5, 6):
    sim.setup()
    cells = sim.Population(n, sim.IF_cond_exp())
    if n == 5:
        sim.save_state({str(tmp_path / "state")!r})
for path in ({str(tmp_path / "state")!r}, {str(tmp_path / "missing")!r}):
    try:
        sim.load_state(path)
    except (ValueError, OSError) as error:
        tell(type(error).__name__, "5 IF_cond_exp" in str(error))
sim.run(1.0)
""",
        tmp_path,
    )
    assert lines == [["InvalidParameterValueError True", "FileNotFoundError False"]] * 2


def test_much_is_learnt_in_that_network(learnt):
    """Each projection that is plastic has weights that came a long way."""
    lists = [found for found in learnt if isinstance(found, list) and found and isinstance(found[0], tuple)]
    for connections in lists[:7]:
        weights = np.array(connections)[:, 2]
        assert np.ptp(weights) > 1e-3


def test_connections_are_the_same(tmp_path):
    finished = launch(3, "-m", connectors.__name__, tmp_path / "found")
    assert finished.returncode == 0, finished.stderr
    found, expected = pickle.loads((tmp_path / "found").read_bytes()), alone(connectors, tmp_path / "expected")
    for mine, theirs in zip(found, expected, strict=True):
        assert mine == theirs
        assert mine[1] > 0


def test_much_happens_in_that_network(whole):
    counts = [found for found in whole if isinstance(found, dict) and "presynaptic_index" not in found]
    assert min(sum(count.values()) for count in counts[:6]) >= 8


def test_each_process_has_its_cells(tmp_path):
    lines = told(
        3,
        """
sim.setup()
cells, sources = sim.Population(8, sim.IF_cond_exp()), sim.Population(5, sim.SpikeSourcePoisson())
prj = sim.Projection(sources, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))
both = cells + sources
own = [int(cells.id_to_index(cell)) for cell in cells]
try:
    others = [cell for cell in cells.all() if not cell.local][0].tau_m
except sim.errors.NotLocalError as error:
    others = "refused"
for cell in cells:
    cell.tau_m = 10.0 + cells.id_to_index(cell)
tell(sim.rank(), sim.num_processes(), own, cells.local_size, sources.local_size, others, len(prj), prj.size(),
     len(both.local_cells), cells[1:7].get("tau_m"), cells[1:7].get("tau_m", gather=True), cells.get("cm"))
""",
        tmp_path,
    )
    assert lines == [
        ["0 3 [0, 1] 2 5 refused 10 40 7 11.0 [11. 12. 13. 14. 15. 16.] 1.0"],
        ["1 3 [2, 3, 4] 3 5 refused 15 40 8 [12. 13. 14.] [12. 13. 14.] 1.0"],
        ["2 3 [5, 6, 7] 3 5 refused 15 40 8 [15. 16.] [15. 16.] 1.0"],
    ]


def test_a_sample_without_a_seed_is_the_same_everywhere(tmp_path):
    mine, theirs = told(
        2,
        """
sim.setup()
cells, more = sim.Population(200, sim.IF_cond_exp()), sim.Population(50, sim.IF_cond_exp())
for group in (cells, cells[20:90], cells + more):
    tell(*map(int, group.sample(20).all_cells))
tell(*cells.sample(3).all_cells)
""",
        tmp_path,
    )
    assert mine == theirs
    assert mine[0] != mine[1]


def test_earlier_segments_are_gathered_when_others_are_recorded(tmp_path):
    lines = told(
        2,
        TWO_CELLS
        + """
sim.run(1.0)
sim.reset()
cells.record(None)
cells.record("dendrite.v")
sim.run(2.0)
tell([[(s.name, s.shape) for s in segment.analogsignals] for segment in cells.get_data().segments])
""",
        tmp_path,
    )
    whole = [[("soma.v", (11, 2))], [("dendrite.v", (21, 2))]]
    assert lines == [[str(whole)], [str([[(name, (n, 1)) for name, (n, _) in signals] for signals in whole])]]


def test_data_are_gathered_where_they_are_wanted(tmp_path):
    lines = told(
        2,
        TWO_CELLS
        + """
plastic = sim.UrbanczikSennSynapse(weight=0.05, eta=0.3)
prj = sim.Projection(cells, cells, sim.AllToAllConnector(), plastic, receptor_type="dendritic_exc")
prj.record("weight", sampling_interval=1.0)
sim.run(50.0)
for gather in (True, False):
    segment = cells.get_data(gather=gather).segments[0]
    weights = prj.get_data(gather=gather).segments[0].analogsignals[0]
    tell(len(segment.spiketrains), segment.analogsignals[0].shape, len(cells.get_spike_counts(gather)),
         weights.shape, weights.array_annotations["postsynaptic_index"], len(prj.get("weight", "list", gather=gather)),
         np.isnan(prj.get("weight", "array", gather=gather)).sum(), np.isnan(cells.mean_spike_count(gather)))
tell(len(prj.get("weight", "list", gather="all")), np.isnan(prj.get("weight", "array", gather="all")).sum())
""",
        tmp_path,
    )
    assert lines == [
        ["2 (501, 2) 2 (51, 4) [0 1 0 1] 4 0 False", "1 (501, 1) 1 (51, 2) [0 0] 2 2 False", "4 0"],
        ["1 (501, 1) 1 (51, 2) [1 1] 2 2 True", "1 (501, 1) 1 (51, 2) [1 1] 2 2 False", "4 0"],
    ]


def test_data_are_written_once(tmp_path):
    finished = launch_script(
        2,
        TWO_CELLS
        + f"""
sim.run(10.0)
cells.write_data({str(tmp_path / "gathered.pkl")!r})
cells.write_data({str(tmp_path / "local.pkl")!r}, gather=False)
cells.record("spikes", to_file={str(tmp_path / "end.pkl")!r})
sim.end()
""",
    )
    assert finished.returncode == 0, finished.stderr
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["end.pkl", "gathered.pkl", "local.pkl.0", "local.pkl.1"]
    block = pickle.loads((tmp_path / "gathered.pkl").read_bytes())
    assert len(block.segments[0].spiketrains) == 2
    assert len(pickle.loads((tmp_path / "end.pkl").read_bytes()).segments[0].spiketrains) == 2


def test_each_process_has_a_file_of_hdf5(tmp_path):
    neo = pytest.importorskip("neo.io")
    pytest.importorskip("nixio")
    path = str(tmp_path / "local.nix")
    finished = launch_script(2, f"{TWO_CELLS}sim.run(10.0)\ncells.write_data({path!r}, gather=False)\nsim.end()\n")
    assert finished.returncode == 0, finished.stderr
    assert sorted(one.name for one in tmp_path.iterdir()) == ["local.nix.0", "local.nix.1"]
    for rank in range(2):
        block = neo.NixIO(f"{path}.{rank}", "ro").read_block()
        assert [train.annotations["source_index"] for train in block.segments[0].spiketrains] == [rank]


def test_text_files_are_written_by_one_process(tmp_path):
    finished = launch_script(
        2,
        TWO_CELLS
        + f"""
import time
more = sim.Population(2, sim.IF_cond_exp())
static = sim.Projection(cells, more, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))
junctions = sim.Projection(more, more, sim.AllToAllConnector(), sim.ElectricalSynapse(weight=0.1))
time.sleep(0.5 * sim.rank())
cells.save_positions({str(tmp_path / "view")!r})
(cells + more).save_positions({str(tmp_path / "assembly")!r})
junctions.save("weight", {str(tmp_path / "junctions")!r})
static.save("weight", {str(tmp_path / "local")!r}, gather=False)
static.save("weight", {str(tmp_path / "static")!r})
""",
    )
    assert finished.returncode == 0, finished.stderr
    n_lines = {
        path.name: len([line for line in path.read_text().splitlines() if not line.startswith("#")])
        for path in tmp_path.iterdir()
    }
    assert n_lines == {"view": 2, "assembly": 4, "junctions": 4, "local": 2, "static": 4}


def test_there_may_be_more_processes_than_cells(tmp_path):
    lines = told(
        3,
        TWO_CELLS
        + """
more = sim.Population(1, sim.UrbanczikSenn(soma_i_offset=6.0))
plastic = sim.UrbanczikSennSynapse(weight=0.05, eta=0.3, tau_Delta=lambda d: 50.0 + 9.0 * d)
prj = sim.Projection(cells, more + cells, sim.AllToAllConnector(), plastic, receptor_type="dendritic_exc")
prj.record("weight")
sim.run(30.0)
prj.set(tau_Delta=70.0, delay=2.0)
prj.set(eta=0.2, w_max=0.3)
more.set(soma_i_offset=5.0)
sim.run(10.0)
both = cells + more
tell(len(both.get_data().segments[0].spiketrains), both.get("soma_cm", gather=True, simplify=False),
     len(prj.get_data().segments[0].irregularlysampledsignals), np.shape(prj.get("weight", "list")), len(prj))
sim.reset()
sim.run(5.0)
tell(len(both.get("tau_refrac", simplify=False)), len(cells.get_spike_counts()), len(cells.get_data().segments))
""",
        tmp_path,
    )
    assert lines == [
        ["2 [0.3 0.3 0.3] 6 (6, 3) 0", "0 2 2"],
        ["1 [0.3] 2 (2, 3) 2", "1 1 2"],
        ["1 [0.3 0.3] 4 (4, 3) 4", "2 1 2"],
    ]


# What one process does while the other runs, and what the job then says.
FAILURES = {
    "an exception": ("raise ValueError('something is wrong')", "ValueError: something is wrong"),
    "a value that is refused": ("cells.set(soma_cm=-1.0)", "soma_cm: -1.0 nF is not allowed"),
    "an interrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "an early end": ("raise SystemExit(3)", "process 1: has ended"),
    "another run": ("sim.run(20.0)", "process 0: run 10000000 steps from step 0 on with 1 populations"),
    "another projection": (
        "sim.Projection(cells, cells, sim.AllToAllConnector(), label='extra')",
        "process 1: connect extra",
    ),
    "another population": (
        "cells = sim.Population(3, sim.UrbanczikSenn())",
        "run 10000000 steps from step 0 on with 2 populations",
    ),
    "another seed": (
        "sim.setup(rng_seed=7); cells = sim.Population(2, sim.UrbanczikSenn(soma_i_offset=6.0))",
        "time step 0.1 ms, seed 7 and trial 0",
    ),
    "another size": (
        "sim.setup(); cells = sim.Population(3, sim.UrbanczikSenn(soma_i_offset=6.0))",
        "population 0 differs between processes (process 0: 2 UrbanczikSenn; process 1: 3 UrbanczikSenn)",
    ),
    "another question": ("cells.get_data()", "process 1: gather what was recorded of"),
}


@pytest.mark.parametrize("action, message", FAILURES.values(), ids=FAILURES)
def test_a_process_that_fails_ends_all(action, message):
    finished = launch_script(
        2,
        TWO_CELLS
        + f"""
if sim.rank() == 1:
    {action}
sim.run(1e6)
""",
        timeout=180,
    )
    assert finished.returncode != 0
    assert message in finished.stderr
    assert "of 2 failed and ends the others" in finished.stderr


def test_processes_record_the_same():
    finished = launch_script(
        2,
        TWO_CELLS
        + """
if sim.rank() == 1:
    cells.record("dendrite.v")
sim.run(1.0)
cells.get_data()
""",
    )
    assert finished.returncode != 0
    assert "process 0: gather what was recorded of population0: soma.v, spikes; process 1: gather" in finished.stderr


def test_a_failure_amid_a_run_ends_all():
    finished = launch_script(
        2,
        TWO_CELLS
        + """
def fail(t):
    if t > 3.0 and sim.rank() == 0:
        raise RuntimeError("enough")
    return t + 1.0

sim.run(1e6, callbacks=[fail])
""",
        timeout=180,
    )
    assert finished.returncode != 0
    assert "process 0 of 2 failed and ends the others" in finished.stderr
    assert "RuntimeError: enough" in finished.stderr


def test_sources_without_a_seed_are_refused():
    finished = launch_script(
        2,
        """
sim.setup()
sim.Population(3, sim.SpikeSourcePoisson(rate=sim.RandomDistribution("uniform", (1.0, 2.0))))
sim.run(1.0)
""",
    )
    assert finished.returncode != 0
    assert "the parameters of SpikeSourcePoisson (population 0) differ between processes" in finished.stderr


def test_files_that_grow_are_refused():
    pytest.importorskip("zarr")
    finished = launch_script(2, TWO_CELLS + "cells.record('dendrite.v', to_file='run.zarr')")
    assert finished.returncode != 0
    assert "several processes cannot write to one such file" in finished.stderr


def test_processes_may_simulate_by_themselves(tmp_path):
    script = "import os; os.environ['PYURBANCZIK_MPI'] = '0'; import pyurbanczik as sim\n"
    finished = launch(2, "-c", script + "assert sim.setup() == 0; sim.run(int(os.environ.get('PMI_RANK', 3)) + 1.0)")
    assert finished.returncode == 0, finished.stderr
