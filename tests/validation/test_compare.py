"""Scripts compared with NEST: our models there, wrong ones found, faults mended, refusals by name."""

import importlib.util

import numpy as np
import pytest

from pyurbanczik.compare import compare
from pyurbanczik.compare.judge.verdicts import DIFFERS, DOCUMENTED, EQUAL
from pyurbanczik.compare.launch.processes import Order, run

pytestmark = pytest.mark.usefixtures("nest")

# A soma that cannot fire, so that single runs can be compared; everything on NEST that this package adds to PyNN.
MODELS = """
import numpy as np
import quantities as pq
import pyurbanczik as sim
from pyNN.parameters import Sequence
from pyNN.random import NumpyRNG, RandomDistribution

rng = NumpyRNG(seed=4)
sim.setup(timestep=0.1 * pq.ms, min_delay=0.1)
cell = sim.UrbanczikSenn(soma={"cm": 300 * pq.pF, "i_offset": -40.0}, dendrite={"cm": 0.35}, phi_max=0.15 * pq.kHz)
neurons = sim.Population(3, cell, initial_values={"v": -70.0, "dendrite.v": -60.0}, label="neurons")
neurons.set(soma_g_leak=[0.03, 0.04, 0.05])
inputs = sim.Population(8, sim.SpikeSourceArray(spike_times=[]), label="inputs")
rule = sim.UrbanczikSennSynapse(weight=90 * pq.pA, delay=1.2, eta=4.0, tau_Delta=50.0, w_max=1.35)
learning = sim.Projection(
    inputs, neurons, sim.FixedProbabilityConnector(0.7, rng=rng), rule, receptor_type="dendritic_exc", label="learning"
)
inhibition = sim.Projection(
    inputs, neurons, sim.AllToAllConnector(),
    sim.StaticSynapse(weight=RandomDistribution("uniform", (0.01, 0.03), rng=rng), delay=0.5),
    receptor_type="dendritic_inh",
)
teacher = sim.Population(1, sim.WeightedSpikeSourceArray(spike_times=[20.0, 20.1, 55.5], spike_weights=[1.0, 2.0, 0.5]))
for receptor in ("soma_exc", "soma_inh"):
    sim.Projection(teacher, neurons, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.3), receptor_type=receptor)
electrode = sim.DCSource(amplitude=500 * pq.pA, start=30.0, stop=60.0)
electrode.inject_into(neurons, location="soma")
neurons.record("v", locations=["soma", "dendrite"])
others = sim.Population(2, cell, initial_values={"v": -65.0}, label="others")
others.record(["v_star", "rate", "error"], sampling_interval=0.5)
neurons.record(["v_star", "rate_star", "gsyn_exc", "gsyn_inh", "isyn_exc", "isyn_inh"])
learning.record("weight")
times = np.random.default_rng(1)
for k in range(4):
    # from the first step on; when data were read, NEST is a min_delay ahead
    first = 1 if k != 2 else 2
    trains = [np.sort(np.append(times.choice(np.arange(3, 300), 4), first)) * 0.1 + 30.0 * k for _ in range(8)]
    inputs.set(spike_times=[Sequence(train) for train in trains])
    sim.run(30.0)
    if k == 1:
        neurons.get_data(clear=True)
sim.end()
"""


def compared(tmp_path, text, simulator="nest"):
    """The report of a script that differs as documented."""
    script = tmp_path / "script.py"
    script.write_text(text)
    report = compare(script, simulator)
    assert report.verdict == DOCUMENTED, str(report)
    return report


def test_our_models_on_nest(tmp_path):
    report = compared(tmp_path, MODELS)
    signals = {found.variable for found in report.comparisons if found.what == "signal"}
    assert {"soma.v", "dendrite.v", "v_star", "error", "rate", "v_star of segment 1"} <= signals
    by_what = {found.what: found for found in report.comparisons if found.of == "learning"}
    assert by_what["connections"].verdict == by_what["recorded weights"].verdict == EQUAL
    ours = report.runs["pyurbanczik"].simulations[0]
    assert len(ours.projections[0].events["weight"].times) > 200
    change = abs(ours.projections[0].final.values["weight"] - 0.09)
    assert change.max() > 0.01  # nA: something was learnt
    assert "first-sample" not in report.runs["nest"].mended


NATIVE = """
import pyurbanczik as sim

sim.setup(timestep=0.1, min_delay=0.1)
cell = sim.native_cell_type("pp_cond_exp_mc_urbanczik")(
    soma={"C_m": 300.0, "I_e": -40000.0}, dendritic={"C_m": 350.0, "V_m": -60.0}, phi_max=0.15
)
neurons = sim.Population(2, cell, label="neurons")
assert neurons.get("soma")["C_m"] == 300.0
neurons.record(["V_m.s", "V_m.p", "g_ex.s", "I_ex.p", "spikes"])
generator = sim.native_cell_type("spike_generator")(spike_times=[10.0, 20.0, 30.0])
inputs = sim.Population(3, generator, label="inputs")
rule = sim.native_synapse_type("urbanczik_synapse")(weight=90.0, delay=1.2, eta=4.0, Wmin=0.0, Wmax=1350.0)
learning = sim.Projection(
    inputs, neurons, sim.AllToAllConnector(), rule, receptor_type="dendritic_exc", label="learning"
)
assert learning.get("weight", format="array").tolist() == [[90.0, 90.0]] * 3
learning.record("weight")
weighted = sim.native_cell_type("spike_generator")(spike_times=[5.0, 15.0], spike_weights=[1.0, 2.5])
teacher = sim.Population(1, weighted, label="teacher")
fixed = sim.native_synapse_type("static_synapse")(weight=3.0, delay=0.5)
sim.Projection(teacher, neurons, sim.AllToAllConnector(), fixed, receptor_type="soma_exc")
electrode = sim.native_electrode_type("dc_generator")(amplitude=500.0, start=20.0, stop=40.0)
electrode.inject_into(neurons)
sim.run(60.0)
sim.end()
"""


def test_models_under_the_names_of_nest(tmp_path):
    report = compared(tmp_path, NATIVE)
    verdicts = {(found.what, found.of, found.variable): found.verdict for found in report.comparisons}
    assert verdicts["recorded weights", "learning", "weight"] == EQUAL
    assert {variable for what, _, variable in verdicts if what == "signal"} == {"V_m.s", "V_m.p", "g_ex.s", "I_ex.p"}
    (learning, _) = report.runs["nest"].simulations[0].projections
    assert abs(learning.final.values["weight"] - 90.0).max() > 0.5  # pA


WRONG = """
import pyNN.nest as sim
sim.setup(timestep=0.1, min_delay=0.1)
# a script can tell where it is; a simulator that is wrong could not be asked to be so
slow = 20.1 if "on_nest" in sim.Population.__module__ else 20.0
right = sim.Population(2, sim.IF_curr_exp(i_offset=1.0), label="right")
wrong = sim.Population(2, sim.IF_curr_exp(i_offset=[0.0, 0.9], tau_m=slow), label="wrong")
for cells in (right, wrong):
    cells.record(["v", "spikes"])
sim.run(80.0)
"""


def test_a_wrong_cell_is_found_and_where(tmp_path):
    script = tmp_path / "wrong.py"
    script.write_text(WRONG)
    report = compare(script, ["nest"])
    assert (report.verdict, report.status) == (DIFFERS, 1)
    found = {(c.of, c.variable): c for c in report.comparisons if c.what in ("signal", "spikes")}
    assert found["right", "v"].verdict == EQUAL
    assert found["wrong", "v"].verdict == DIFFERS
    assert found["wrong", "v"].at == pytest.approx(0.1)  # the first sample after the start


FAULTS = """
import numpy as np
import pyNN.nest as sim
from pyNN.random import NumpyRNG, RandomDistribution

rng = NumpyRNG(seed=1)
sim.setup(timestep=0.1, min_delay=0.5)
source = sim.Population(30, sim.SpikeSourceArray(spike_times=0.1 * np.arange(3, 900, 17)), label="source")
delta = sim.Population(4, sim.IF_curr_delta(v_thresh=-50.0), label="delta")
delta.initialize(v=RandomDistribution("uniform", (-65.0, -55.0), rng=rng))
rule = sim.STDPMechanism(
    timing_dependence=sim.SpikePairRule(A_plus=0.05, A_minus=0.02),
    weight_dependence=sim.GutigWeightDependence(w_max=3.0, mu_plus=0.3, mu_minus=0.7),
    weight=1.0,
    delay=0.5,
)
plastic = sim.Projection(source, delta, sim.FixedProbabilityConnector(0.5, rng=rng), rule, label="plastic")
single = sim.Projection(source[0:1], delta[1:2], sim.OneToOneConnector(), sim.StaticSynapse(weight=0.5, delay=0.5))
adapting = sim.Population(2, sim.IF_cond_exp_gsfa_grr(i_offset=0.8), label="adapting")
delta.record(["v", "spikes"])
adapting.record(["v", "g_s", "g_r"])
plastic.record("weight") if hasattr(plastic, "record") else None
sim.run(90.0)
"""


def test_faults_of_the_interface_are_mended(tmp_path):
    script = tmp_path / "faults.py"
    script.write_text(FAULTS)
    report = compare(script, ["nest"])
    assert report.status == 0, str(report)
    weights = [c for c in report.comparisons if (c.what, c.of) == ("recorded weights", "plastic")]
    assert [c.verdict for c in weights] == [EQUAL]
    mended = {"w-max-unit", "first-sample", "spike-array-rounding", "off-grid", "unrecordable-v", "gutig-exponents"}
    assert mended | {"single-cell-view", "gsfa-grr-states"} == set(report.runs["nest"].mended)


REFUSED = """
import pyurbanczik as sim
sim.setup(timestep=0.1, min_delay=0.1)
cells = sim.Population(2, sim.UrbanczikSenn())
source = sim.Population(2, sim.SpikeSourceArray(spike_times=[5.0]))
weighted = sim.Population(1, sim.WeightedSpikeSourceArray(spike_times=[5.0]))
def join(pre, synapse, receptor):
    return sim.Projection(pre, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
plastic = join(source, sim.UrbanczikSennSynapse(weight=0.1, w_max=1.0), "dendritic_exc")
calls = {
    "model": lambda: sim.DendriticNeuron,
    "current": lambda: sim.UrbanczikSenn(dendrite={"i_offset": 0.1}),
    "location": lambda: sim.DCSource(amplitude=0.1).inject_into(cells, location="dendrite"),
    "fraction": lambda: sim.UrbanczikSennSynapse(dendritic_delay_fraction=0.5),
    "receptor": lambda: join(source, sim.StaticSynapse(weight=0.1), "dendritic"),
    "generator": lambda: join(weighted, sim.UrbanczikSennSynapse(weight=0.1, w_max=1.0), "dendritic_exc"),
    "interval": lambda: plastic.record("weight", sampling_interval=1.0),
    "variable": lambda: plastic.record("eta"),
    "state": lambda: cells.initialize(gsyn_exc=0.1),
}
for name, call in calls.items():
    try:
        call()
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}")
    else:
        print(f"{name}: accepted")
"""


def test_what_nest_cannot_do_is_refused_by_name(tmp_path):
    script = tmp_path / "refused.py"
    script.write_text(REFUSED)
    result = run(Order("nest", str(script)))
    assert result.error is None, result.error
    told = dict(line.split(": ", 1) for line in result.output.splitlines() if ": " in line)
    for name, word in {
        "model": "DendriticNeuron",
        "current": "dendrite_i_offset",
        "location": "dendrite",
        "fraction": "dendritic_delay_fraction",
        "receptor": "dendritic",
        "generator": "WeightedSpikeSourceArray",
        "interval": "sampling_interval",
        "variable": "eta",
        "state": "gsyn_exc",
    }.items():
        assert "accepted" not in told[name] and word in told[name], told[name]


def test_an_error_of_nest_is_its_own(tmp_path):
    script = tmp_path / "fails.py"
    script.write_text("import pyNN.nest as sim\nsim.setup()\nsim.Population(1, sim.Vogels2011Rule())\n")
    result = run(Order("nest", str(script)))
    assert "NEST has no Vogels2011Rule" in result.error


OTHERS = """
import numpy as np
import pyNN.nest as sim
from pyNN.random import NumpyRNG, RandomDistribution

rng = NumpyRNG(seed=1)
sim.setup(timestep=0.1, min_delay=0.5)
times = np.random.default_rng(2)
trains = [np.unique(times.integers(10, 1000, 4)) * 0.1 for _ in range(40)]
inputs = sim.Population(40, sim.SpikeSourceArray(spike_times=trains), label="inputs")
cells = sim.Population(10, sim.IF_cond_exp(), label="cells")
others = sim.Population(5, sim.IF_cond_exp(), label="others")
for group in (cells, others):
    group.initialize(v=RandomDistribution("uniform", (-65.0, -55.0), rng=rng))
connector, synapse = sim.FixedProbabilityConnector(0.5, rng=rng), sim.StaticSynapse(weight=0.008, delay=1.0)
joined = sim.Projection(inputs, cells, connector, synapse, label="joined")
sim.Projection(inputs[0:1], cells[0:1], sim.OneToOneConnector(), synapse)
cells.record(["spikes", "v", "gsyn_exc"])
others.record("v")
sim.run(100.0)
"""


@pytest.mark.parametrize("simulator", ["neuron", "brian2"])
def test_other_simulators_differ_as_documented(simulator, tmp_path, monkeypatch):
    if importlib.util.find_spec(simulator) is None:
        pytest.skip(f"needs {simulator}")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "brian_preferences").write_text('codegen.target = "numpy"\n')  # without a compiler
    report = compared(tmp_path, OTHERS, simulator)
    verdicts = {(found.what, found.of, found.variable): found for found in report.comparisons}
    assert verdicts["connections", "joined", "cells"].verdict == EQUAL
    ours, theirs = (
        next(group for group in report.runs[name].simulations[0].populations if group.label == "others")
        for name in ("pyurbanczik", simulator)
    )
    first, theirs_first = (group.segments[0].signals["v"].values[0] for group in (ours, theirs))
    np.testing.assert_allclose(first, theirs_first, rtol=1e-12)
    assert verdicts["signal", "cells", "v"].entry == f"{simulator}-steps"
    assert "first-sample" in report.runs[simulator].mended
