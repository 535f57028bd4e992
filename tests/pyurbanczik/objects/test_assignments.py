"""Parameters that are no attributes: an assignment sets them, or is refused and says what to use instead."""

import re

import numpy as np
import pytest

from ..test_wrong_inputs import MODELS

COMPONENTS = ["LIF", "ExpPSR", "Soma", "Dendrite", "Logistic", "SpikePairRule", "AdditiveWeightDependence"]


def refused(thing, name, instead):
    message = (
        rf"^{type(thing).__name__}\.{name} = \.\.\. is not allowed, as it would set nothing; .*{re.escape(instead)}"
    )
    with pytest.raises(AttributeError, match=message):
        setattr(thing, name, 3.0)
    assert name not in vars(thing)


@pytest.mark.parametrize("model", [name for name in MODELS if not hasattr(MODELS[name], "inject_into")])
def test_models(sim, model):
    thing = MODELS[model]()
    for name in thing.default_parameters:
        refused(thing, name, f"give it to {model}({name}=...)")
    thing.remark = "text"


@pytest.mark.parametrize("model", [name for name in MODELS if hasattr(MODELS[name], "inject_into")])
def test_electrodes_are_set(sim, model):
    thing = MODELS[model]()
    for name, value in thing.default_parameters.items():
        setattr(thing, name, value)
        np.testing.assert_array_equal(getattr(thing, name), getattr(value, "value", value))


@pytest.mark.parametrize("part", COMPONENTS)
def test_parts(sim, part):
    thing = getattr(sim, part)()
    for name in getattr(thing, "default_parameters", None) or thing.declared:
        refused(thing, name, f"give it to {type(thing).__name__}({name}=...)")


def test_composed_cells(sim):
    cell = sim.DendriticNeuron(basal=sim.Dendrite())
    for name in ("basal", "soma", "basal_cm", "phi_max"):
        refused(cell, name, f"DendriticNeuron({name}=...)")
    refused(sim.PointNeuron(sim.LIF(), fast=sim.ExpPSR()), "tau_m", "PointNeuron(tau_m=...)")


def test_mechanisms_have_what_pynn_reads_of_them(sim):
    rule = sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence(w_max=5.0))
    rule.weight = 2.0
    assert rule.parameter_space["weight"].base_value == 2.0
    with pytest.raises(sim.errors.InvalidParameterValueError, match=r"STDPMechanism\.weight"):
        rule.weight = "text"
    refused(rule, "tau_plus", "STDPMechanism(tau_plus=...)")


def test_choices(sim):
    for thing, names in (
        (sim.DendriticErrorSynapse(), ("error", "kernel", "bounds", "modulator")),
        (sim.DendriticNeuron(basal=sim.Dendrite()), ("rate_function",)),
        (
            sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence()),
            ("timing_dependence", "weight_dependence", "voltage_dependence"),
        ),
    ):
        for name in names:
            with pytest.raises(AttributeError, match=rf"^{type(thing).__name__}\.{name} = \.\.\. is not allowed"):
                setattr(thing, name, "rate")


def test_what_lasts(sim):
    cells = sim.Population(2, sim.UrbanczikSenn(), label="cells")
    sources = sim.Population(2, sim.SpikeSourceArray())
    projection = sim.Projection(sources, cells, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse(), label="p")
    things = (cells, cells[:1], cells + sources, projection, sim.Modulator(), sim.SpikeModulator(cells))
    for again in (False, True):
        for thing in things[:3]:
            for name in ("phi_max", "soma_cm", "dendrite"):
                refused(thing, name, f"use set({name}=...)")
            refused(thing, "v", "use initialize(v=...)")
            thing.remark = "text"
        refused(projection, "weight", "use set(weight=...)")
        refused(projection, "u", "use initialize(u=...)")
        refused(things[4], "value", "use set(...)")
        refused(things[5], "tau", "use set(tau=...)")
        if not again:
            sim.setup()
