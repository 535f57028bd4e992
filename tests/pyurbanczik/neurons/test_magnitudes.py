"""A warning of numbers in NEST's units."""

import warnings

import pytest


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda sim: sim.UrbanczikSenn(soma_cm=300.0), "soma_cm: 300 nF .* 300 pF in NEST's units are 0.3 nF"),
        (lambda sim: sim.UrbanczikSenn(dendrite={"cm": 300.0}), "dendrite_cm"),
        (lambda sim: sim.UrbanczikSenn(soma_g_leak=30.0), "30 nS in NEST's units are 0.03 µS"),
        (lambda sim: sim.UrbanczikSenn(phi_max=0.15), "phi_max: 0.15 Hz .* 0.15 1/ms in NEST's units are 150 Hz"),
        (lambda sim: sim.UrbanczikSenn(phi_max=0.15, theta=-55.0), "phi_max"),
        (lambda sim: sim.IF_cond_exp(cm=250.0), "IF_cond_exp.cm"),
        (lambda sim: sim.DendriticNeuron(basal=sim.Dendrite(cm=300.0)), "basal_cm"),
        (lambda sim: sim.DendriticNeuron(basal=sim.Dendrite(), rate_function=sim.Logistic(phi_max=0.15)), "phi_max"),
        (lambda sim: sim.Population(1, sim.UrbanczikSenn, {"soma_cm": 300.0}), "soma_cm"),
    ],
)
def test_magnitudes_that_look_like_those_of_nest_are_warned_of(sim, make, message):
    with pytest.warns(UserWarning, match=message):
        make(sim)


@pytest.mark.parametrize(
    "make",
    [
        lambda sim: sim.UrbanczikSenn(),
        lambda sim: sim.UrbanczikSenn(soma_cm=10.0, phi_max=1.0, soma_g_leak=10.0),
        lambda sim: sim.UrbanczikSenn(phi_max=0.0),
        lambda sim: sim.UrbanczikSenn(soma_cm=100.0, soma_v_rest=0.0, dendrite_v_rest=0.0, theta=1.0, phi_max=0.15),
        lambda sim: sim.IF_cond_exp(),
        lambda sim: sim.native_cell_type("pp_cond_exp_mc_urbanczik")(soma={"C_m": 300.0}, phi_max=0.15),
    ],
)
def test_usual_magnitudes_and_numbers_without_units_are_not(sim, make):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make(sim)


def test_the_warning_is_about_the_line_of_the_user(sim):
    with pytest.warns(UserWarning) as caught:
        sim.UrbanczikSenn(soma_cm=300.0)
    assert caught[0].filename == __file__
