"""DendriticNeuron as users compose it: parts, names, receptors, recordings, refusals."""

import re

import numpy as np
import pytest
import quantities as pq

import pyurbanczik as sim
from pyurbanczik.parameters import NonExistentParameterError


def compose(**parts):
    return sim.DendriticNeuron(basal=sim.Dendrite(cm=0.2), apical=sim.Dendrite(g_to_soma=0.4), **parts)


def test_flat_nested_and_composed_parameters_are_the_same():
    cell = compose(soma=sim.Soma(cm=0.25), rate_function=sim.Logistic(phi_max=100.0), tau_refrac=2.0)
    cells = sim.Population(3, cell)
    expected = {"soma_cm": 0.25, "basal_cm": 0.2, "basal.g_to_soma": 0.6, "apical_g_to_soma": 0.4, "phi_max": 100.0}
    for name, value in {**expected, "tau_refrac": 2.0}.items():
        assert cells.get(name) == value
    assert cells.get("apical")["g_to_soma"] == 0.4
    cells.set(apical={"g_to_soma": 0.5}, soma_cm=300 * pq.pF, theta=[-50.0, -51.0, -52.0])
    assert cells.get("apical_g_to_soma") == 0.5
    assert cells.get("soma.cm") == 0.3
    np.testing.assert_array_equal(cells.get("theta"), [-50.0, -51.0, -52.0])


def test_parts_set_what_was_given_of_them():
    cells = sim.Population(2, compose(rate_function=sim.Softplus(gain=50.0)))
    before = {name: cells.get(name) for name in cells.celltype.default_parameters}
    cells.set(
        basal=sim.Dendrite(g_leak=[0.04, 0.05]), soma=sim.Soma(cm=300 * pq.pF), rate_function=sim.Softplus(beta=0.2)
    )
    changed = {"basal_g_leak": [0.04, 0.05], "soma_cm": 0.3, "beta": 0.2}
    for name, value in (before | changed).items():
        np.testing.assert_array_equal(cells.get(name), value)


@pytest.mark.parametrize(
    ("cell", "given", "allowed"),
    [
        (compose, {"basal": 3}, "basal: 3 .* a Dendrite, or a dictionary"),
        (compose, {"basal": sim.Soma()}, r"basal: Soma\(\) .* a Dendrite, or a dictionary"),
        (compose, {"soma": sim.Dendrite()}, r"soma: Dendrite\(\) .* a Soma, or a dictionary"),
        (compose, {"rate_function": sim.Softplus()}, r"rate_function: Softplus\(\) .* a Logistic"),
        (sim.UrbanczikSenn, {"soma": 3}, "soma: 3 .* a dictionary"),
        (sim.UrbanczikSenn, {"dendrite": sim.Dendrite()}, r"dendrite: Dendrite\(\) .* a dictionary"),
        (lambda: sim.PointNeuron(sim.LIF(), E=sim.ExpPSR()), {"E": sim.ExpPSR()}, "E: .* a dictionary"),
    ],
)
def test_what_is_no_part_is_refused(cell, given, allowed):
    cells = sim.Population(2, cell())
    with pytest.raises(sim.errors.InvalidParameterValueError, match=rf"^{type(cell()).__name__}\.{allowed}"):
        cells.set(**given)
    with pytest.raises(TypeError):
        cells.set(**given)


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: compose(basal_cm=0.3), "DendriticNeuron.basal_cm: 0.2 beside 0.3 is"),
        (lambda: compose(soma={"cm": 0.1}, soma_cm=0.2), "DendriticNeuron.soma_cm: 0.1 beside 0.2 is"),
        (lambda: compose(rate_function=sim.Logistic(theta=-50.0), theta=-40.0), "theta: -50.0 beside -40.0 is"),
        (lambda: sim.UrbanczikSenn(soma={"cm": 0.1}, soma_cm=0.2), "UrbanczikSenn.soma_cm: 0.1 beside 0.2 is"),
        (lambda: sim.Population(2, compose()).set(basal_cm=0.3, basal={"cm": 0.4}), "basal_cm: 0.3 beside 0.4 is"),
        (lambda: sim.Population(2, compose()).set(**{"soma.cm": 0.3, "soma_cm": 0.4}), "soma_cm: 0.3 beside 0.4 is"),
        (
            lambda: sim.Population(2, sim.PointNeuron(sim.LIF(), E=sim.ExpPSR())).set(
                E={"tau_syn": 3.0}, **{"E.tau_syn": 4.0}
            ),
            "PointNeuron.E.tau_syn: 3.0 beside 4.0 is",
        ),
    ],
)
def test_what_is_given_twice_is_refused(make, match):
    with pytest.raises(sim.errors.InvalidParameterValueError, match=f"{match} not allowed; .* one value, given once"):
        make()


def test_names():
    cell = compose(rate_function=sim.Softplus(50.0, 0.3, -60.0))
    assert cell.labels == ("basal", "apical")
    assert cell.receptor_types == (
        *("basal_exc", "basal_inh", "apical_exc", "apical_inh", "soma_exc", "soma_inh"),
        *("basal", "apical"),
    )
    for label in cell.labels:
        for signal, unit in (("v", "mV"), ("isyn_exc", "nA"), ("v_star", "mV"), ("rate_star", "Hz"), ("error", "1/mV")):
            assert cell.units[f"{label}.{signal}"] == unit
            assert f"{label}.{signal}" in cell.recordable
    assert type(compose()) is type(compose(soma={"cm": 0.1}))
    assert type(compose()) is not type(cell)
    assert {"gain", "beta", "theta"} < set(cell.default_parameters)


def test_recordings_at_locations_and_weights_of_either_sign():
    sim.setup(timestep=0.1)
    cells = sim.Population(2, compose(tau_refrac=3.0), initial_values={"v": -65.0, "apical.v": -60.0})
    trains = sim.Population(2, sim.SpikeSourceArray(spike_times=[[5.0], [9.0]]))
    connector = sim.FromListConnector([(0, 0, 0.3, 0.1), (1, 1, -0.3, 0.1)])
    sim.Projection(trains, cells, connector, sim.StaticSynapse(), receptor_type="apical")
    sim.DCSource(amplitude=0.1, start=20.0).inject_into(cells, location="basal")
    cells.record("v", locations=["soma", "basal", "apical"])
    cells.record(["apical.isyn_exc", "spikes"])
    sim.run(30.0)
    signals = {s.name: s for s in cells.get_data().segments[0].analogsignals}
    assert set(signals) == {"soma.v", "basal.v", "apical.v", "apical.isyn_exc"}
    assert signals["apical.isyn_exc"].units == pq.nA
    np.testing.assert_allclose(signals["apical.isyn_exc"].max(axis=0).magnitude, [0.3, 0.0], atol=1e-12)
    np.testing.assert_allclose(signals["apical.isyn_exc"].min(axis=0).magnitude, [0.0, -0.3], atol=1e-12)
    assert signals["soma.v"][0, 0] == -65.0 * pq.mV
    assert signals["apical.v"][0, 0] == -60.0 * pq.mV
    basal = signals["basal.v"].magnitude[:, 0]
    assert basal[-1] > basal[200] + 1.0


@pytest.mark.parametrize("label", ["self", "cls", "name", "parameters", "label"])
def test_labels_may_be_names_of_arguments(label):
    cells = sim.Population(2, sim.DendriticNeuron(**{label: sim.Dendrite(cm=0.2)}))
    cells.set(**{label: {"cm": 0.1}})
    cells[0:1].set(**{label: sim.Dendrite(g_leak=0.05)})
    assert cells.get(f"{label}_cm") == 0.1
    np.testing.assert_array_equal(cells.get(f"{label}.g_leak"), [0.05, 0.03])


def test_a_bound_that_follows_from_other_values_is_told_from_the_value():
    cell = sim.DendriticNeuron(a=sim.Dendrite(cm=0.001, g_leak=1e-9, g_from_soma=10.0))
    with pytest.raises(ValueError, match=r"a_cm: 0\.001 nF .* at least 0\.0010000000001 nF"):
        sim.Population(1, cell)


def test_learning_in_each_dendrite():
    cells = sim.Population(1, compose(rate_function=sim.Logistic(theta=-65.0)))
    trains = sim.Population(5, sim.SpikeSourcePoisson(rate=80.0))
    rule = sim.UrbanczikSennSynapse(weight=0.05, eta=0.02, w_max=1.0)
    learning = [
        sim.Projection(trains, cells, sim.AllToAllConnector(), rule, receptor_type=receptor)
        for receptor in ("basal_exc", "apical_exc", "basal")
    ]
    sim.run(300.0)
    for projection in learning:
        assert np.ptp(projection.get("weight", format="array")) > 0.0
    with pytest.raises(sim.errors.ConnectionError, match="soma_exc"):
        sim.Projection(trains, cells, sim.AllToAllConnector(), rule, receptor_type="soma_exc")


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda: sim.DendriticNeuron(), TypeError, "a dendrite at least"),
        (lambda: sim.DendriticNeuron(theta=sim.Dendrite()), ValueError, "label of a dendrite: 'theta'"),
        (
            lambda: sim.DendriticNeuron(**{"my dendrite": sim.Dendrite()}),
            ValueError,
            "'my dendrite' .* a name as of a var",
        ),
        (lambda: sim.DendriticNeuron(**{"class": sim.Dendrite()}), ValueError, "label of a dendrite: 'class'"),
        (
            lambda: sim.DendriticNeuron(soma_cm=sim.Dendrite()),
            ValueError,
            "'soma_cm' .* no name of a parameter of 'soma'",
        ),
        (lambda: sim.DendriticNeuron(a=sim.Dendrite(), a_v_rest=sim.Dendrite()), ValueError, "'a_v_rest' .* of 'a'"),
        (lambda: sim.DendriticNeuron(soma=sim.Dendrite()), ValueError, "label of a dendrite: 'soma'"),
        (lambda: sim.DendriticNeuron(a=sim.Dendrite(), a_exc=sim.Dendrite()), ValueError, "'a_exc'"),
        (lambda: compose(soma=sim.Logistic()), TypeError, "must be a Soma"),
        (
            lambda: sim.DendriticNeuron(rate_function=sim.Dendrite()),
            TypeError,
            r"DendriticNeuron.rate_function: Dendrite\(\) .* a Logistic",
        ),
        (lambda: compose(rate_function="logistic"), TypeError, "rate_function: 'logistic'"),
        (lambda: compose(gain=1.0), NonExistentParameterError, "gain"),
        (lambda: compose(apical_cm=-1.0), ValueError, "apical_cm: -1.0 nF"),
        (lambda: compose(rate_slope=2000.0), ValueError, "rate_slope: 2000.0 .* between 0 and 1000"),
        (lambda: sim.UrbanczikSenn(rate_slope=2000.0), ValueError, "rate_slope: 2000.0 .* between 0 and 1000"),
        (lambda: sim.Logistic(rate_slope=2000.0), ValueError, "rate_slope: 2000.0 .* between 0 and 1000"),
        (lambda: sim.Dendrite(g_to_soma=-0.1), ValueError, "Dendrite.g_to_soma: -0.1 uS"),
        (lambda: sim.Dendrite(cm=1 * pq.mV), ValueError, "Dendrite.cm"),
        (lambda: sim.Soma(g_to_soma=0.1), NonExistentParameterError, "g_to_soma"),
        (lambda: sim.Softplus(1.0, 1.0, 1.0, 1.0), TypeError, "at most 3"),
        (lambda: sim.Softplus(1.0, gain=2.0), TypeError, "given twice"),
    ],
)
def test_refusals(make, error, match):
    with pytest.raises(error, match=match):
        make()


@pytest.mark.parametrize("given", [{}, {"basal": 3}, {"basal": object}], ids=str)
def test_a_neuron_without_dendrites_says_what_was_given(sim, given):
    shown = f"basal={given['basal']!r}" if given else "nothing"
    with pytest.raises(TypeError, match=f"DendriticNeuron needs a dendrite at least, .*; {re.escape(shown)} was given"):
        sim.DendriticNeuron(**given)
