"""The neuron, against the readable twin: potentials, rates, spikes, errors."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.current_source import StepCurrent
from backend_cython.model.recorder import SampleRecorder, SpikeRecorder
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.numerics.philox import uniforms
from tests.reference import neuron, rule, transfer

from ..helpers import H, source, static

FIRING = {"theta": -68.0, "soma_i_offset": 3.0}


def draws(seed, stream):
    """The exponential draws of a cell, one after the other."""
    numbers = iter(-np.log(uniforms(seed, stream, 20_000)))
    return lambda: next(numbers)


def make(size=1, seed=4, h=H, **parameters):
    network = Network(h, seed)
    cells = UrbanczikSenn(network, size)
    cells.set(parameters)
    return network, cells


def traces(cells, *names):
    return [SampleRecorder(cells, name, np.arange(cells.size)) for name in names]


CELLS = {
    "default": {},
    "somatic conductances above the rule's range": {"soma_cm": 0.02},
    "current back into the dendrite": {"g_soma_to_dendrite": 0.3},
    "dendrite as fast as its input": {"dendrite_cm": 0.09},
    "no coupling": {"g_dendrite_to_soma": 0.0},
    "offsets": {"soma_i_offset": 2.0, "dendrite_i_offset": -1.0, "dendrite_v_rest": -60.0},
}


@pytest.mark.parametrize("name", CELLS)
def test_potentials_and_inputs(name):
    """Input of all four receptors, at the first steps and later; injected current in both compartments."""
    n, cell = 60, dict(neuron.DEFAULTS, phi_max=0.0, **CELLS[name])
    cell.update(dendrite_tau_syn_I=4.0, soma_tau_syn_E=2.0, soma_tau_syn_I=5.0)
    network, cells = make(**cell)
    arrivals = np.zeros((n + 1, 4))
    for receptor, (trains, weight) in enumerate([([1, 20], 0.4), ([5], 0.3), ([2, 30], 0.2), ([3], 0.1)]):
        arrivals[np.array(trains) + 1, receptor] = weight
        static(source(network, trains), cells, 1, weight, cells.RECEPTORS[receptor])
    currents = np.zeros((n, 2))
    currents[10:25], currents[15:, 1] = 0.7, -0.2
    for compartment in range(2):
        electrode = StepCurrent(network)
        electrode.set(np.arange(n), currents[:, compartment])
        electrode.inject(cells, compartment, [0])
    recorders = traces(cells, "soma.v", "dendrite.v", "isyn_exc", "isyn_inh", "gsyn_exc", "gsyn_inh")
    network.run(n)
    due = neuron.integrate(cell, H, arrivals, currents, (cell["soma_v_rest"], cell["dendrite_v_rest"]))
    for recorder, values in zip(recorders, (due.v_soma, due.v_dendrite, *due.synaptic.T)):
        np.testing.assert_allclose(recorder.data[:, 0], values, rtol=0, atol=1e-7)
    assert recorders[3].data.min() < -0.2 and recorders[5].data.max() > 0.09


@pytest.mark.parametrize(
    "shape", [{}, {"rate_slope": 0.0}, {"rate_slope": 3.0, "beta": 1.0}, {"beta": 0.0}, {"phi_max": 0.0}]
)
def test_rates_prediction_and_error(shape):
    network, cells = make(2, **{**FIRING, **shape, "tau_refrac": [0.0, 2.0]})
    cells.initialize("soma.v", [-60.0, -90.0])
    cells.initialize("dendrite.v", [-50.0, -75.0])
    recorders = traces(cells, "soma.v", "dendrite.v", "v_star", "rate", "rate_star", "error")
    spikes = SpikeRecorder(cells)
    network.run(500)
    v_soma, v_dendrite, v_star, rate, rate_star, error = (recorder.data for recorder in recorders)
    cell = {name: cells.get(name)[0] for name in cells.PARAMETERS}
    phi = transfer.transfer_parameters(cell)
    np.testing.assert_allclose(v_star, transfer.prediction(v_dendrite, cell), rtol=1e-13)
    np.testing.assert_allclose(rate, transfer.phi(v_soma, **phi), rtol=1e-12)
    np.testing.assert_allclose(rate_star, transfer.phi(v_star, **phi), rtol=1e-12)
    counts = np.zeros(v_soma.shape)
    np.add.at(counts, spikes.data[::-1], 1)
    for i in range(2):
        np.testing.assert_allclose(error[:, i], rule.delta_pi(v_dendrite[:, i], counts[:, i], H, cell), atol=1e-12)
    assert not error[0].any()


@pytest.mark.parametrize("potential, rate", [(-1e5, 0.0), (1e5, 150.0)])
def test_extreme_potentials(potential, rate):
    network, cells = make()
    cells.initialize("soma.v", potential)
    cells.initialize("dendrite.v", potential)
    recorders = traces(cells, "soma.v", "rate", "rate_star", "error", "v_star")
    network.run(3)
    assert all(np.isfinite(recorder.data).all() for recorder in recorders)
    np.testing.assert_allclose(recorders[1].data[:2, 0], rate, atol=1e-12)


@pytest.mark.parametrize("tau_refrac", [0.0, 0.1, 0.3, 3.0])
@pytest.mark.parametrize("phi_max", [150.0, 5e4])
def test_spikes_use_up_the_draws_of_the_stream(tau_refrac, phi_max):
    """Down to the last spike: the twin fires with the same numbers on the recorded potential."""
    network, cells = make(3, **FIRING, tau_refrac=tau_refrac, phi_max=phi_max)
    (v,) = traces(cells, "soma.v")
    spikes = SpikeRecorder(cells)
    network.run(3000)
    cell = {name: cells.get(name)[0] for name in cells.PARAMETERS}
    index, step = spikes.data
    for i in range(3):
        due = neuron.fire(v.data[:, i], H, cell, draws(4, cells.first_stream + i))
        np.testing.assert_array_equal(np.bincount(step[index == i], minlength=3001), due)
        assert due.sum() > 10
    if tau_refrac == 0.0 and phi_max > 1e4:
        assert due.max() > 1
    elif tau_refrac > 0.0:
        assert np.diff(np.flatnonzero(due)).min() > tau_refrac / H - 1e-6


def test_thousands_of_spikes_in_one_step():
    network, cells = make(phi_max=1e8, rate_slope=0.0, tau_refrac=0.0)
    spikes = SpikeRecorder(cells)
    (error,) = traces(cells, "error")
    network.run(20)
    counts = np.bincount(spikes.data[1], minlength=21)[1:]
    assert abs(counts.mean() - 1e4) < 4.5 * np.sqrt(1e4 / 20)
    assert not error.data.any()  # h vanishes where phi is constant


def test_silence():
    network, cells = make(5, phi_max=0.0)
    spikes, (rate, error) = SpikeRecorder(cells), traces(cells, "rate", "error")
    network.run(1000)
    assert len(spikes.data[0]) == 0
    assert not rate.data.any() and not error.data.any()


def test_different_neurons_do_as_they_do_among_equals():
    """Runs of equal neighbours are stepped together; where one ends must not matter, bit for bit."""
    theta, cm = [-68.0, -68.0, -66.0, -66.0, -68.0], [0.3, 0.3, 0.3, 0.2, 0.3]

    def record(**parameters):
        network, cells = make(5, **{**FIRING, **parameters})
        recorders = traces(cells, "soma.v", "rate", "error")
        static(source(network, [3, 50, 90]), cells, 2, 0.1)
        network.run(400)
        return np.stack([recorder.data for recorder in recorders])

    mixed = record(theta=theta, soma_cm=cm)
    for i in range(5):
        np.testing.assert_array_equal(mixed[:, :, i], record(theta=theta[i], soma_cm=cm[i])[:, :, i])


@pytest.mark.parametrize("size", [2, 4, 9, 23])
def test_a_neuron_among_equals_does_as_it_does_alone(size):
    """Many are stepped by loops over vectors, with exceptions for strong conductances; bit for bit the same."""

    def record(theta):
        network, cells = make(size, **{**FIRING, "theta": theta})
        recorders = traces(cells, *cells.RECORDABLES)
        weight = np.where(np.arange(size) % 7 == 1, 30.0, 0.01 * np.arange(size))
        for receptor in cells.RECEPTORS:
            static(source(network, [3, 50, 90]), cells, 2, weight, receptor)
        spikes = SpikeRecorder(cells)
        network.run(200)
        return np.stack([recorder.data for recorder in recorders]), np.array(spikes.data)

    values, spikes = record(FIRING["theta"])
    assert np.unique(spikes[0]).size == size
    for i in range(size):
        theta = np.full(size, FIRING["theta"] + 0.25)
        theta[i] = FIRING["theta"]
        alone, spikes_alone = record(theta)
        np.testing.assert_array_equal(values[:, :, i], alone[:, :, i])
        np.testing.assert_array_equal(spikes[:, spikes[0] == i], spikes_alone[:, spikes_alone[0] == i])


def test_parameters_of_one_cell_may_change_amid_a_run():
    """They act from then on, and on that cell alone."""

    def record(change):
        network, cells = make(3, **FIRING)
        recorders = traces(cells, "soma.v", "error")
        network.run(100)
        if change:
            cells.set({"soma_i_offset": 8.0, "tau_refrac": 0.0}, [1])
        network.run(100)
        return np.stack([recorder.data for recorder in recorders])

    changed, same = record(True), record(False)
    np.testing.assert_array_equal(changed[:, :, [0, 2]], same[:, :, [0, 2]])
    np.testing.assert_array_equal(changed[:, :101], same[:, :101])
    assert np.all(changed[0, 101:, 1] > same[0, 101:, 1])


def test_a_change_of_the_offset_acts_like_a_current():
    network, cells = make(phi_max=0.0)
    (v,) = traces(cells, "soma.v")
    network.run(20)
    cells.set({"soma_i_offset": 1.5})
    network.run(20)
    currents = np.zeros((40, 2))
    currents[20:, 0] = 1.5
    due = neuron.integrate(dict(neuron.DEFAULTS), H, np.zeros((41, 4)), currents)
    np.testing.assert_allclose(v.data[:, 0], due.v_soma, rtol=0, atol=1e-7)


BAD = {
    "finite": [np.nan, np.inf],
    "positive": [0.0, -1.0, np.nan, np.inf],
    "time": [-1.0, np.nan, np.inf],
    "non-negative": [-1e-9, np.nan, np.inf],
    "slope": [-1e-9, 1001.0, np.nan, np.inf],
}


@pytest.mark.parametrize("name", list(UrbanczikSenn.PARAMETERS))
def test_every_impossible_parameter_is_refused(name):
    network, cells = make(3)
    declared = UrbanczikSenn.PARAMETERS[name]
    unit = "" if declared.unit == "dimensionless" else f" {declared.unit}"
    for bad in BAD[declared.allowed]:
        for given, text in ((bad, f"{bad}{unit}"), ([cells.get(name)[0], bad, bad], rf"{bad}{unit} \(index 1\)")):
            with pytest.raises(ValueError, match=rf"^UrbanczikSenn\.{name}: {text} is not allowed; it must be "):
                cells.set({name: given})
    assert cells.get(name).tolist() == [UrbanczikSenn.PARAMETERS[name].default] * 3
    network.run(2)


LEAST = {
    "soma_cm": 1e-3 * H * 0.63,
    "dendrite_cm": 1e-3 * H * 0.13,
    **{name: 1e-3 * H for name in UrbanczikSenn.PARAMETERS if "tau_syn" in name},
}


@pytest.mark.parametrize("name", list(LEAST))
def test_time_constants_far_below_the_step_are_refused(name):
    """From a thousandth of the time step on they are allowed, and harmless."""
    network, cells = make(2, g_soma_to_dendrite=0.1)
    with pytest.raises(
        ValueError, match=rf"^UrbanczikSenn\.{name}: .* \(index 1\) is not allowed; it must be at least "
    ):
        cells.set({name: [1.0, 0.999 * LEAST[name]]})
    assert cells.get(name).tolist() == [UrbanczikSenn.PARAMETERS[name].default] * 2
    cells.set({name: 1.001 * LEAST[name]})
    for receptor in cells.RECEPTORS:
        static(source(network, [0, 1, 2]), cells, 1, 0.1, receptor)
    network.run(10)
    assert np.all((cells.value("soma.v") > -80.0) & (cells.value("soma.v") < 0.0))


def test_a_conductance_may_make_a_capacitance_too_small():
    _, cells = make()
    cells.set({"soma_cm": 1e-3})
    with pytest.raises(
        ValueError,
        match=r"^UrbanczikSenn\.soma_cm: 0\.001 nF \(index 0\) is not allowed; it must be at least 0\.005",
    ):
        cells.set({"g_dendrite_to_soma": 50.0})
    assert cells.get("g_dendrite_to_soma")[0] == 0.6


def test_facts_for_the_layer_above():
    assert UrbanczikSenn.RECEPTORS == ("dendritic_exc", "dendritic_inh", "soma_exc", "soma_inh", "dendritic")
    assert list(UrbanczikSenn.COMPARTMENTS) == ["soma", "dendrite"]
    assert set(UrbanczikSenn.PARAMETERS) == set(neuron.DEFAULTS)
    for name, value in neuron.DEFAULTS.items():
        assert UrbanczikSenn.PARAMETERS[name].default == pytest.approx(value, rel=1e-15)


def test_rates_are_exact_but_for_rounding():
    """Of exponentials large and small."""
    network = Network(H, 1)
    cells = UrbanczikSenn(network, 4001)
    theta = np.linspace(-300.0, 160.0, cells.size)
    cells.set({"theta": theta, "beta": 3.0, "phi_max": 1.0})
    network.run(0)
    odds = 0.5 * np.exp((3.0 * (theta + 70.0)).astype(np.longdouble))
    np.testing.assert_allclose(cells.value("rate"), (1.0 / (1.0 + odds)).astype(float), rtol=2e-15)
