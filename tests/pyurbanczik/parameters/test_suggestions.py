"""Whoever misspells a name is told what may have been meant."""

import pytest

from pyurbanczik.parameters.suggestions import close_to


@pytest.mark.parametrize(
    "name, names, expected",
    [
        ("phi_mx", ["theta", "phi_max"], "; did you mean 'phi_max'?"),
        ("PHI_MAX", ["theta", "phi_max"], "; did you mean 'phi_max'?"),
        ("zzz", ["theta", "phi_max"], ""),
        ("zzz", [], ""),
        (3, ["theta"], ""),
    ],
)
def test_the_most_similar_name(name, names, expected):
    assert close_to(name, names) == expected


@pytest.fixture
def parts(sim):
    class Parts:
        cells = sim.Population(2, sim.UrbanczikSenn(), label="cells")
        source = sim.Population(2, sim.SpikeSourceArray(), label="source")
        projection = sim.Projection(
            source, cells, sim.AllToAllConnector(), sim.UrbanczikSennSynapse(), receptor_type="dendritic_exc"
        )

    return Parts


MISSPELT = {
    "cell type": (lambda sim, p: sim.UrbanczikSen(), "UrbanczikSenn"),
    "parameter": (lambda sim, p: sim.UrbanczikSenn(phi_mx=1.0), "phi_max"),
    "nested parameter": (lambda sim, p: sim.UrbanczikSenn(soma={"cmm": 1.0}), "soma_cm"),
    "parameter of a part": (lambda sim, p: sim.Dendrite(g_tosoma=1.0), "g_to_soma"),
    "set": (lambda sim, p: p.cells.set(phi_mx=1.0), "phi_max"),
    "get": (lambda sim, p: p.cells.get("phi_mx"), "phi_max"),
    "attribute of a cell": (lambda sim, p: p.cells[0].phi_mx, "phi_max"),
    "initial value": (lambda sim, p: p.cells.initialize(dendrit=-60.0), "dendrite.v"),
    "recordable": (lambda sim, p: p.cells.record("vstar"), "v_star"),
    "location": (lambda sim, p: p.cells.record("v", locations=["dendrit"]), "dendrite.v"),
    "what was recorded": (lambda sim, p: p.cells.get_data("vstar"), "v_star"),
    "unit of": (lambda sim, p: p.cells.find_units("vstar"), "v_star"),
    "parameter of a synapse": (lambda sim, p: sim.UrbanczikSennSynapse(tau_delta=1.0), "tau_Delta"),
    "set of a projection": (lambda sim, p: p.projection.set(wieght=1.0), "weight"),
    "get of a projection": (lambda sim, p: p.projection.get("wieght", "list"), "weight"),
    "format": (lambda sim, p: p.projection.get("weight", "lst"), "list"),
    "recordable of a synapse": (lambda sim, p: p.projection.record("weights"), "weight"),
    "unit of a synapse": (lambda sim, p: p.projection.find_units("wieght"), "weight"),
    "receptor": (
        lambda sim, p: sim.Projection(p.source, p.cells, sim.AllToAllConnector(), receptor_type="dendrite_exc"),
        "dendritic_exc",
    ),
    "argument of a connector": (lambda sim, p: sim.FixedProbabilityConnector(p_conect=0.1), "p_connect"),
    "argument of a rule": (lambda sim, p: sim.SpikePairRule(tau_pls=1.0), "tau_plus"),
    "choice": (lambda sim, p: sim.DendriticErrorSynapse(error="spike"), "spikes"),
    "electrode": (lambda sim, p: sim.DCSource(amplitud=1.0), "amplitude"),
    "place of an electrode": (lambda sim, p: p.cells.inject(sim.DCSource(), "dendrit"), "dendrite"),
    "modulator": (lambda sim, p: sim.SpikeModulator(p.cells, tua=1.0), "tau"),
    "set of a modulator": (lambda sim, p: sim.SpikeModulator(p.cells).set(wieght=1.0), "weight"),
    "native type": (lambda sim, p: sim.native_cell_type("spike_genrator"), "spike_generator"),
    "native parameter": (lambda sim, p: sim.native_cell_type("pp_cond_exp_mc_urbanczik")(tref=1.0), "t_ref"),
    "label": (lambda sim, p: (p.cells + p.source).get_population("sorce"), "source"),
    "argument of run": (lambda sim, p: sim.run(1.0, callback=[]), "callbacks"),
    "argument of a population": (lambda sim, p: sim.Population(1, sim.UrbanczikSenn(), lable="x"), "label"),
    "argument of a projection": (
        lambda sim, p: sim.Projection(p.source, p.cells, sim.AllToAllConnector(), receptor="soma_exc"),
        "receptor_type",
    ),
    "generator": (lambda sim, p: sim.NativeRNG(sed=1), "seed"),
}


@pytest.mark.parametrize("name", MISSPELT)
def test_a_misspelt_name_is_refused_with_a_suggestion(sim, parts, name):
    call, meant = MISSPELT[name]
    with pytest.raises(Exception, match=f"did you mean '{meant}'"):
        call(sim, parts)


def test_setup_warns_where_it_is_called(sim):
    with pytest.warns(UserWarning, match="did you mean 'timestep'") as caught:
        sim.setup(timestp=0.1)
    assert caught[0].filename == __file__


def test_errors_of_what_a_function_calls_are_left_alone(sim):
    def callback(t):
        return dict(t, wrong=1).copy(extra=2)

    with pytest.raises(TypeError) as error:
        sim.run(1.0, callbacks=[callback])
    assert "did you mean" not in str(error.value)
