"""What is shown of cells, synapses, populations, projections and modulators."""

import inspect

import numpy as np
import pytest

import pyurbanczik
from pyurbanczik.objects.presentation import Shown


@pytest.mark.parametrize(
    "made",
    [
        "UrbanczikSenn()",
        "UrbanczikSenn(phi_max=100.0, theta=-50.5)",
        "UrbanczikSenn(tau_refrac=[1.0, 2.0])",
        "IF_cond_exp(tau_m=10.0)",
        "SpikeSourceArray(spike_times=[1.0, 2.0, 3.0])",
        "LIF(tau_m=10.0)",
        "CondExpPostSynapticResponse(tau_syn=2.0)",
        "DendriticNeuron(basal=Dendrite(), apical=Dendrite(g_to_soma=0.4))",
        "DendriticNeuron(soma=Soma(cm=0.2), basal=Dendrite(), rate_function=Softplus(), tau_refrac=1.0)",
        "DendriticNeuron(basal=Dendrite(), rate_function=Logistic(phi_max=100.0))",
        "StaticSynapse(weight=0.1, delay=2.0)",
        "UrbanczikSennSynapse(weight=0.05, eta=0.17)",
        "DendriticErrorSynapse(error='rate', eta=0.01)",
        "DendriticErrorSynapse(modulator=Modulator(value=2.0))",
        "STDPMechanism(SpikePairRule(tau_plus=10.0), AdditiveWeightDependence(w_max=0.1), weight=0.01)",
        "TsodyksMarkramSynapse(U=0.2)",
        "DCSource(amplitude=0.5, stop=10.0)",
        "AllToAllConnector(allow_self_connections=False)",
        "FixedProbabilityConnector(p_connect=0.5)",
        "Modulator(value=0.0)",
    ],
)
def test_what_is_shown_makes_the_same_again(sim, made):
    first = eval(made, vars(pyurbanczik))
    assert repr(first) == made
    assert repr(eval(repr(first), vars(pyurbanczik))) == made
    for shown in (first.describe(), first._repr_html_()):
        assert type(first).__name__ in shown


def test_every_model_can_be_shown(sim):
    models = [m for m in vars(sim).values() if isinstance(m, type) and issubclass(m, Shown)]
    abstract = {sim.NativeCellType, sim.NativeSynapseType, sim.NativeElectrodeType}
    with_parts = {sim.DendriticNeuron, sim.STDPMechanism, sim.Assembly}
    models = [m for m in {*models} - abstract - with_parts if all(p.default is not p.empty for p in _needed(m))]
    assert len(models) > 30
    for model in models:
        assert repr(model()) == f"{model.__name__}({'value=1.0' if model is sim.Modulator else ''})"


def _needed(model):
    parameters = list(inspect.signature(model.__init__).parameters.values())[1:]
    return [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.POSITIONAL_ONLY, p.KEYWORD_ONLY)]


def test_a_population_shows_the_present_values(sim):
    cells = sim.Population(4, sim.UrbanczikSenn(phi_max=100.0), label="cells")
    assert repr(cells) == "Population(4, UrbanczikSenn(phi_max=100.0), label='cells')"
    cells.set(phi_max=150.0, theta=[-50.0, -51.0, -52.0, -53.0])
    assert repr(cells) == "Population(4, UrbanczikSenn(theta=<4 values, -53 to -50>), label='cells')"
    assert repr(cells[:2]).startswith("PopulationView(2, UrbanczikSenn(theta=[-50.0, -51.0])")
    description = cells.describe().splitlines()
    assert description[0] == "Population 'cells'"
    assert description[1].split() == ["cells", "4", "×", "UrbanczikSenn"]
    assert description[-1].split() == ["theta", "<4", "values,", "-53", "to", "-50>", "mV", "(default", "-55.0)"]
    assert "<td>theta</td><td>&lt;4 values, -53 to -50&gt;</td><td>mV</td><td>-55.0</td>" in cells._repr_html_()


def test_an_assembly_shows_its_members(sim):
    both = sim.Population(2, sim.IF_cond_exp(tau_m=10.0), label="a") + sim.Population(3, sim.UrbanczikSenn(), label="b")
    assert repr(both).startswith("Assembly(5, IF_cond_exp(tau_m=10.0), UrbanczikSenn(), label=")
    assert [line.split() for line in both.describe().splitlines()[2:]] == [
        ["'a'", "2", "×", "IF_cond_exp(tau_m=10.0)"],
        ["'b'", "3", "×", "UrbanczikSenn()"],
    ]


def test_a_projection_shows_the_present_values(sim):
    cells = sim.Population(2, sim.UrbanczikSenn(), label="cells")
    source = sim.Population(3, sim.SpikeSourceArray(), label="source")
    rule = sim.UrbanczikSennSynapse(weight=0.05, delay=0.5)
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), rule, receptor_type="dendritic_exc")
    assert repr(projection) == (
        "Projection('source→cells', 6 connections, 'dendritic_exc', UrbanczikSennSynapse(weight=0.05, delay=0.5))"
    )
    projection.set(weight=np.arange(6) / 100, eta=0.2)
    rows = {line.split()[0]: line.split()[1:] for line in projection.describe().splitlines()[1:]}
    assert rows["weight"] == ["<6", "values,", "0", "to", "0.05>", "nA", "(default", "0.0)"]
    assert rows["eta"] == ["0.2", "(default", "0.07)"]
    assert rows["delay"] == ["0.5", "ms", "(default", "0.1)"]
    assert rows["onto"] == ["dendritic_exc", "of", "'cells'"]
    assert "<td>eta</td><td>0.2</td>" in projection._repr_html_()


def test_other_templates_are_those_of_pynn(sim):
    cells = sim.Population(2, sim.UrbanczikSenn(), label="cells")
    assert cells.describe(template=None)["label"] == "cells"
    assert cells.describe("population_default.txt").startswith('Population "cells"')
    assert cells.celltype.describe("$name", "string") == "UrbanczikSenn"


def test_modulators_and_networks_show_what_they_are(sim):
    cells = sim.Population(2, sim.SpikeSourcePoisson(), label="dopamine cells")
    modulator = sim.SpikeModulator(cells, tau=100.0)
    modulator.set(baseline=0.5)
    assert repr(modulator) == "SpikeModulator(population='dopamine cells', tau=100.0, weight=1.0, baseline=0.5)"
    assert repr(sim.Network(cells)) == "Network(1 populations)"
    reward = sim.Modulator(1.0)
    reward.set([1.0, 3.0])
    assert repr(reward) == "Modulator(value=[1.0, 3.0])"


def test_what_ended_can_be_shown(sim):
    cells = sim.Population(2, sim.UrbanczikSenn(phi_max=100.0), label="cells")
    sim.setup()
    assert "phi_max=100.0" in repr(cells)
    assert "phi_max" in cells.describe()
