"""What NEST takes without a word, and what it cannot do, is refused on it as it is elsewhere."""

import json
import os
import subprocess
import sys

import pytest

# NEST is asked once, in a process of its own: it changes what PyNN is.
SCRIPT = """
import json
import pyurbanczik.on_nest as sim

sim.setup(timestep=0.1, min_delay=0.1)
inputs = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0]))
cells = sim.Population(2, sim.UrbanczikSenn(soma_cm=0.2))
every = sim.AllToAllConnector()
rule = sim.UrbanczikSennSynapse
native = sim.native_synapse_type("urbanczik_synapse")


def learning(synapse=None, connector=every, receptor="dendritic_exc"):
    return sim.Projection(inputs, cells, connector, synapse or rule(weight=0.1, w_max=0.2), receptor_type=receptor)


plastic = learning()
found = {}
for case in CASES:
    try:
        value = eval(case)
        found[case] = repr(getattr(value, "tolist", lambda: value)())
    except Exception as error:
        found[case] = f"{type(error).__name__}: {error}"
    found["weights after " + case] = repr(plastic.get(["weight", "w_max"], "list", with_address=False))
print("FOUND" + json.dumps(found))
"""
ALLOWED = {
    'cells.get("soma.cm")': "0.2",
    'cells.get(["soma.cm", "soma_cm"])': "[np.float64(0.2), np.float64(0.2)]",
    'cells[0:1].get("soma.cm")': "0.2",
    'cells.get("soma")["cm"].tolist()': "0.2",
    'plastic.get("w_max", "array")[0, 0]': "0.2",
    'sim.DCSource(location="soma").inject_into(cells)': "None",
    'sim.native_electrode_type("dc_generator")(amplitude=3.0).inject_into(cells)': "None",
    'learning(native(weight=90.0, Wmax=100.0)).get(["weight", "Wmax"], "list")[0]': "(0.0, 0.0, 90.0, 100.0)",
    'learning(receptor="dendritic_inh").get("weight", "array")[0, 0]': "0.1",
}
VALUE = "InvalidParameterValueError: "
NAME = "NonExistentParameterError: "
CONNECTION = "InvalidConnectionError: "
REFUSED = {
    'cells.get("soma.foo")': f"{NAME}UrbanczikSenn has no parameter 'soma.foo'; it has",
    'sim.DCSource(location="dendrite")': f"{VALUE}DCSource.location: 'dendrite' is not allowed on NEST",
    'sim.DCSource().inject_into(cells, location="dendrite")': f"{VALUE}DCSource.inject_into.location",
    "sim.DCSource(foo=1.0)": f"{NAME}DCSource has no parameter 'foo'; it has amplitude",
    "sim.StaticSynapse(foo=1.0)": f"{NAME}StaticSynapse has no parameter 'foo'; it has delay",
    "rule(foo=1.0)": f"{NAME}UrbanczikSennSynapse has no parameter 'foo'; it has delay",
    'rule(eta=float("nan"))': f"{VALUE}UrbanczikSennSynapse.eta: nan is not allowed",
    "rule(eta=-1.0)": f"{VALUE}UrbanczikSennSynapse.eta: -1.0 is not allowed",
    "rule(tau_Delta=0.0)": f"{VALUE}UrbanczikSennSynapse.tau_Delta: 0.0 ms is not allowed",
    "rule(delay=-1.0)": f"{VALUE}UrbanczikSennSynapse.delay: -1.0 ms is not allowed",
    "rule(weight=0.3, w_max=0.2)": f"{VALUE}UrbanczikSennSynapse.weight: 0.3 nA is not allowed",
    "native(weight=300.0, Wmax=200.0)": f"{VALUE}urbanczik_synapse.weight: 300.0 pA is not allowed",
    "learning(connector=sim.FromListConnector([(0, 0, 0.3)], column_names=['weight']))": (
        f"{VALUE}UrbanczikSennSynapse.weight: 0.3 nA is not allowed; it must be at most w_max, 0.2 nA"
    ),
    "plastic.set(weight=0.3)": (
        f"{VALUE}UrbanczikSennSynapse.weight: 0.3 nA is not allowed; it must be at most w_max, 0.2 nA"
    ),
    "plastic.set(w_max=0.05)": f"{VALUE}UrbanczikSennSynapse.weight: 0.1 nA is not allowed",
    "plastic.set(eta=-1.0)": f"{VALUE}UrbanczikSennSynapse.eta: -1.0 is not allowed",
    'learning(receptor="soma_exc")': (
        f"{CONNECTION}UrbanczikSennSynapse.receptor_type: 'soma_exc' of UrbanczikSenn is not allowed; it must "
        "be a receptor on a dendrite that predicts its soma (dendritic_exc, dendritic_inh)"
    ),
    'learning(native(weight=90.0, Wmax=100.0), receptor="soma_exc")': (
        f"{CONNECTION}urbanczik_synapse.receptor_type: 'soma_exc' of UrbanczikSenn is not allowed"
    ),
    "sim.Projection(inputs, sim.Population(1, sim.IF_cond_exp()), every, rule(), receptor_type='excitatory')": (
        f"{CONNECTION}UrbanczikSennSynapse.receptor_type: 'excitatory' of IF_cond_exp is not allowed"
    ),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    pytest.importorskip("nest")
    code = SCRIPT.replace("CASES", json.dumps([*ALLOWED, *REFUSED]))
    path = os.pathsep.join(filter(None, [os.getcwd(), os.environ.get("PYTHONPATH")]))
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path_factory.mktemp("on_nest"),
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.partition("FOUND")[2].splitlines()[0])


@pytest.mark.parametrize("case", ALLOWED)
def test_allowed(found, case):
    assert found[case] == ALLOWED[case]


@pytest.mark.parametrize("case", REFUSED)
def test_refused_without_a_trace(found, case):
    assert found[case].startswith(REFUSED[case])
    assert found[f"weights after {case}"] == repr([(0.1, 0.2)] * 4)
