"""The neuron with any number of dendrites, against its twin: potentials, rates, predictions, spikes, errors."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.current_source import StepCurrent
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SampleRecorder, SpikeRecorder
from backend_cython.neurons.dendritic_types import RATE_FUNCTIONS, dendritic_neuron
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.numerics.philox import uniforms
from backend_cython.synapses.static import StaticSynapses
from backend_cython.synapses.urbanczik_senn import UrbanczikSennSynapses
from tests.reference import dendritic_neuron as twin

from ..helpers import H, source, static

SILENT = {"phi_max": 0.0}
LABELS = ("basal", "apical", "tuft", "oblique")


def make(labels=("basal", "apical"), rate_function="logistic", size=1, seed=4, timestep=H, **parameters):
    network = Network(timestep, seed)
    cells = dendritic_neuron(labels, rate_function)(network, size)
    cells.set(parameters)
    return network, cells


def record(cells, names=None):
    return {name: SampleRecorder(cells, name, np.arange(cells.size)) for name in names or cells.RECORDABLES}


def random_cell(rng, labels, back, **given):
    cell = twin.defaults(labels)
    for name in cell:
        if name.endswith(("cm", "g_leak", "g_to_soma", "tau_syn_E", "tau_syn_I")):
            cell[name] *= rng.uniform(0.5, 2.0)
        elif name.endswith("v_rest"):
            cell[name] += rng.uniform(-5.0, 5.0)
        elif name.endswith("i_offset"):
            cell[name] = rng.uniform(-0.2, 0.2)
        elif name.endswith("g_from_soma"):
            cell[name] = back * rng.uniform(0.2, 1.0)
    return {**cell, **given}


@pytest.mark.parametrize("back", [0.0, 0.3])
@pytest.mark.parametrize("n_dendrites", [1, 2, 4])
@pytest.mark.parametrize(("strength", "timestep"), [(0.1, H), (3.0, H), (0.1, 0.3), (0.1, 1.0), (0.5, 1.0)])
def test_potentials(n_dendrites, back, strength, timestep):
    """Input at all receptors and compartments; conductances of up to 3 uS."""
    labels, n = LABELS[:n_dendrites], 150
    rng = np.random.default_rng([n_dendrites, int(back > 0), int(strength)])
    cell = random_cell(rng, labels, back)
    network, cells = make(labels, timestep=timestep, **cell, **SILENT)
    v_init = rng.uniform(-75.0, -55.0, 1 + n_dendrites)
    for compartment, v in zip(cells.COMPARTMENTS, v_init):
        cells.initialize(f"{compartment}.v", v)
    arrivals = np.zeros((n + 1, 2 * n_dendrites + 2))
    signs = np.array([1.0, -1.0] * n_dendrites + [1.0, 1.0])
    for row in range(2 * n_dendrites + 2):
        steps = np.sort(rng.choice(np.arange(1, n - 2), 5, replace=False))
        weight = rng.uniform(0.1, 0.4) if row < 2 * n_dendrites else rng.uniform(0.5, 1.0) * strength
        arrivals[steps + 1, row] += signs[row] * weight
        static(source(network, steps), cells, 1, weight, cells.RECEPTORS[row])
    for c, label in enumerate(labels):
        arrivals[21, 2 * c] -= 0.25
        static(source(network, [20]), cells, 1, -0.25, label)
    currents = rng.uniform(-0.3, 0.3, (n, 1 + n_dendrites))
    for compartment in range(1 + n_dendrites):
        electrode = StepCurrent(network)
        electrode.set(np.arange(n), currents[:, compartment])
        electrode.inject(cells, compartment, [0])
    traces = record(cells)
    network.run(n)
    v, synaptic = twin.integrate(cell, labels, timestep, arrivals, currents, v_init)
    for c, compartment in enumerate(cells.COMPARTMENTS):
        np.testing.assert_allclose(traces[f"{compartment}.v"].data[:, 0], v[:, c], rtol=0, atol=1e-6)
    names = [f"{label}.isyn_{kind}" for label in labels for kind in ("exc", "inh")] + ["gsyn_exc", "gsyn_inh"]
    for row, name in enumerate(names):
        np.testing.assert_allclose(traces[name].data[:, 0], synaptic[:, row], rtol=1e-12, atol=1e-13)
    assert np.ptp(v[:, 0]) > 2.0


FIRING = {
    "logistic": {"phi_max": 200.0, "rate_slope": 0.5, "beta": 1 / 3, "theta": -66.0},
    "softplus": {"gain": 60.0, "beta": 0.4, "theta": -66.0},
    "rectified": {"gain": 20.0, "theta": -69.0, "phi_max": 120.0},
    "exponential": {"rho_0": 50.0, "beta": 0.3, "theta": -66.0},
}


def draws(seed, stream):
    numbers = iter(-np.log(uniforms(seed, stream, 20_000)))
    return lambda: next(numbers)


@pytest.mark.parametrize("tau_refrac", [0.0, 3.0])
@pytest.mark.parametrize("rate_function", RATE_FUNCTIONS)
def test_rates_predictions_spikes_and_errors(rate_function, tau_refrac):
    labels, n = ("basal", "apical"), 20_000
    cell = {**twin.defaults(labels), **FIRING[rate_function], "tau_refrac": tau_refrac, "soma_i_offset": 2.0}
    cell["apical_v_rest"] = -64.0
    network, cells = make(labels, rate_function, **cell)
    for label, train in (("basal", np.arange(10, n, 170)), ("apical", np.arange(60, n, 290))):
        static(source(network, train), cells, 1, 0.5, label)
    traces, spikes = record(cells), SpikeRecorder(cells)
    network.run(n)
    got = {name: trace.data[:, 0] for name, trace in traces.items()}
    n_spikes = np.bincount(spikes.data[1], minlength=n + 1)
    assert n_spikes.sum() > 30

    rate, _ = twin.rate_and_log_slope(rate_function, got["soma.v"], cell)
    np.testing.assert_allclose(got["rate"], rate, rtol=1e-12, atol=1e-12)
    left, hazard, draw = 0, 0.0, draws(4, cells.first_stream)
    hazard = draw()
    expected = np.zeros(n + 1, dtype=int)
    for k in range(1, n + 1):
        if left > 0:
            left -= 1
            continue
        hazard -= rate[k] * 1e-3 * H
        while hazard <= 0.0:
            expected[k] += 1
            if tau_refrac:
                left, hazard = round(tau_refrac / H), draw()
                break
            hazard += draw()
    np.testing.assert_array_equal(n_spikes, expected)
    for label in labels:
        v_star = twin.prediction(cell, labels, label, got[f"{label}.v"])
        np.testing.assert_allclose(got[f"{label}.v_star"], v_star, rtol=1e-14)
        rate_star, _ = twin.rate_and_log_slope(rate_function, v_star, cell)
        np.testing.assert_allclose(got[f"{label}.rate_star"], rate_star, rtol=1e-12, atol=1e-12)
        error = twin.error_of_spikes(rate_function, v_star, n_spikes, H, cell)
        np.testing.assert_allclose(got[f"{label}.error"][1:], error[1:], rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("parameters", [{}, {"soma_cm": 0.1}, {"soma_cm": 0.02}, {"g_from_soma": 0.3}])
@pytest.mark.parametrize("timestep", [H, 0.4])
def test_one_dendrite_is_the_two_compartment_neuron(parameters, timestep):
    n, back = 400, parameters.get("g_from_soma", 0.0)
    network = Network(timestep, 4)
    somatic = {name: value for name, value in parameters.items() if name != "g_from_soma"}
    known, general = UrbanczikSenn(network, 1), dendritic_neuron(("dendrite",))(network, 1)
    known.set({"phi_max": 0.0, "g_soma_to_dendrite": back, **somatic})
    general.set({"phi_max": 0.0, "dendrite_g_from_soma": back, **somatic})
    for target, label in ((known, "dendritic"), (general, "dendrite")):
        for receptor, weight in ((f"{label}_exc", 0.4), (f"{label}_inh", 0.3), ("soma_exc", 0.5), ("soma_inh", 0.2)):
            static(source(network, np.arange(5, n, 37)), target, 1, weight, receptor)
    names = "soma.v", "dendrite.v"
    expected, got = record(known, names), record(general, names)
    network.run(n)
    for name in names:
        np.testing.assert_allclose(got[name].data, expected[name].data, rtol=0, atol=1e-9)
        assert np.ptp(expected[name].data) > 0.5


@pytest.mark.parametrize("rate_function", ["logistic", "rectified"])
def test_more_spikes_than_a_step_can_hold_are_refused(rate_function):
    _, cells = make(rate_function=rate_function)
    with pytest.raises(ValueError, match=r"phi_max: 1000000000000.0 Hz .*a million spikes a time step"):
        cells.set({"phi_max": 1e12, "tau_refrac": 0.0})
    cells.set({"phi_max": 1e12})


@pytest.mark.parametrize("labels", [("basal", "apical"), ("apical",)])
@pytest.mark.parametrize("rate_function", ["logistic", "rectified"])
def test_cells_of_different_parameters_and_many_cells(labels, rate_function):
    """More cells than one strip, runs of equal ones among them, each as if it were alone."""
    size, n = 150, 60
    rng = np.random.default_rng(3)
    threshold = np.repeat(rng.uniform(-60.0, -50.0, 5), [1, 80, 2, 60, 7])
    network, cells = make(labels, rate_function, size, theta=threshold, phi_max=0.0)
    weights = rng.uniform(0.1, 3.0, size)
    for i in range(size):
        static(source(network, [i % 7]), cells, 1, weights[i], "soma_exc", ([0], [i]))
        static(source(network, [i % 5]), cells, 1, weights[i], "apical_exc", ([0], [i]))
    traces = record(cells, ["soma.v", "apical.v", "apical.rate_star"])
    network.run(n)
    for i in (0, 1, 80, 81, 149):
        other, single = make(labels, rate_function, theta=threshold[i], phi_max=0.0)
        static(source(other, [i % 7]), single, 1, weights[i], "soma_exc")
        static(source(other, [i % 5]), single, 1, weights[i], "apical_exc")
        expected = record(single, traces)
        other.run(n)
        for name, trace in traces.items():
            np.testing.assert_allclose(trace.data[:, i], expected[name].data[:, 0], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "value"),
    [("soma_cm", 1e-9), ("apical_cm", 1e-9), ("basal_tau_syn_I", 1e-9), ("apical_g_to_soma", -1.0), ("beta", -1.0)],
)
def test_impossible_parameters_are_refused(name, value):
    _, cells = make()
    with pytest.raises(ValueError, match=name):
        cells.set({name: value})


def test_the_rule_of_the_two_compartment_neuron_learns_the_same():
    """UrbanczikSennSynapse on both, onto receptors of either sign."""
    network = Network(H, 4)
    known, general = UrbanczikSenn(network, 1), dendritic_neuron(("dendrite",))(network, 1)
    for cells in (known, general):
        # silent, which is an error too, as dendrites do not know of the current into the soma
        cells.set({"theta": -65.0, "soma_i_offset": -20.0})
    rule = {"weight": 0.2, "eta": 0.3, "tau_Delta": 50.0, "w_max": 0.5}
    pairs = [([0], [0], 2, rule)] * 2
    for receptor in ("exc", "inh", None):
        trains = source(network, np.arange(3, 6000, 41))
        names = [f"{label}_{receptor}" if receptor else label for label in ("dendritic", "dendrite")]
        expected, got = (
            Projection(UrbanczikSennSynapses, trains, cells, name, *pair)
            for cells, name, pair in zip((known, general), names, pairs)
        )
        network.run(2000)
        errors = known.value("error"), 15.0 * general.value("dendrite.error")
        np.testing.assert_allclose(*errors, rtol=1e-9)
        np.testing.assert_allclose(got.get("weight"), expected.get("weight"), rtol=1e-9)
        assert abs(got.get("weight")[0] - 0.2) > 1e-4


@pytest.mark.parametrize("threads", [2, 3])
def test_any_number_of_threads_and_any_split_give_the_same(threads):
    def run(threads, *pieces):
        network = Network(H, 4, threads)
        cells = dendritic_neuron(("basal", "apical"), "softplus")(network, 50)
        cells.set({"theta": np.linspace(-75.0, -65.0, 50), "tau_refrac": 0.0, "apical_g_from_soma": np.arange(50) % 2})
        trains = source(network, np.arange(3, 400, 7))
        for receptor in ("basal", "soma_exc"):
            Projection(StaticSynapses, trains, cells, receptor, [0] * 50, np.arange(50), 2, {"weight": 0.2})
        traces, spikes = record(cells), SpikeRecorder(cells)
        for piece in pieces:
            network.run(piece)
        return [trace.data for trace in traces.values()], spikes.data

    expected, got = run(1, 300), run(threads, 120, 1, 179)
    for a, b in zip(expected[0], got[0]):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(expected[1], got[1])
    assert len(expected[1][0]) > 20


@pytest.mark.parametrize("cells", [UrbanczikSenn, dendritic_neuron(("basal", "apical"))])
def test_recording_anew_goes_on_with_the_error_of_the_last_step(cells):
    def errors(restart):
        network = Network(H, 4)
        population = cells(network, 3)
        population.set({"theta": -72.0})
        name = next(name for name in population.RECORDABLES if name.endswith("error"))
        recorder = SampleRecorder(population, name, np.arange(3))
        network.run(25)
        if restart:
            recorder.clear()
        network.run(25)
        return recorder.data

    expected = errors(False)
    np.testing.assert_array_equal(errors(True), expected[25:])
    assert np.abs(expected[25]).min() > 0.0
