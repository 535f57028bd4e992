"""Potentials below threshold of random cells with dendrites, against DOP853; one dendrite against UrbanczikSenn."""

import numpy as np
import pytest

import pyurbanczik as sim
from tests.reference import dendritic_neuron as twin

H, N_STEPS = 0.1, 40
LABELS = ("basal", "apical", "tuft", "oblique")


def logarithmic(rng, low, high):
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def random_cell(rng, labels):
    """Parameters over two to three decades, couplings in both directions that may be zero."""
    cell = twin.defaults(labels)
    for name in cell:
        if name.endswith("cm"):
            cell[name] = logarithmic(rng, 0.02, 1.0)
        elif name.endswith("g_leak"):
            cell[name] = logarithmic(rng, 0.002, 0.2)
        elif name.endswith("soma") and "_g_" in name:
            cell[name] = 0.0 if rng.random() < 0.25 else logarithmic(rng, 0.01, 2.0)
        elif "tau_syn" in name:
            cell[name] = logarithmic(rng, 0.1, 100.0)
        elif name.endswith("v_rest"):
            cell[name] += rng.uniform(-10.0, 10.0)
        elif name.endswith("i_offset"):
            cell[name] = rng.uniform(-1.0, 1.0)
    return cell


def connect(cells, trains, weights):
    """A train onto each receptor."""
    for steps, weight, receptor in zip(trains, weights, cells.celltype.receptor_types):
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[H * steps]))
        synapse = sim.StaticSynapse(weight=weight, delay=H)
        sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)


def recorded(cells, names):
    signals = {signal.name: signal.magnitude[:, 0] for signal in cells.get_data().segments[0].analogsignals}
    return np.stack([signals[f"{name}.v"] for name in names], axis=1)


@pytest.mark.parametrize("seed", range(40))
def test_random_cells(seed):
    """Within 1e-6 mV, with somatic conductances of up to 3 uS."""
    rng = np.random.default_rng(seed)
    labels = LABELS[: rng.integers(1, 5)]
    places = ("soma", *labels)
    cell, v_init = random_cell(rng, labels), rng.uniform(-90.0, -40.0, 1 + len(labels))
    sim.setup(timestep=H, min_delay=H)
    kind = sim.DendriticNeuron(rate_function=sim.Logistic(phi_max=0.0), **dict.fromkeys(labels, sim.Dendrite()))
    cells = sim.Population(1, kind, initial_values={f"{place}.v": v for place, v in zip(places, v_init)})
    cells.set(**cell)
    rows = 2 * len(labels) + 2
    trains = [np.sort(rng.choice(np.arange(1, N_STEPS - 2), 3, replace=False)) for _ in range(rows)]
    weights = np.append(rng.uniform(0.05, 1.0, rows - 2), [logarithmic(rng, 0.001, 1.0) for _ in range(2)])
    connect(cells, trains, weights)
    cells.record("v", locations=list(places))
    sim.run(H * N_STEPS)
    arrivals = np.zeros((N_STEPS + 1, rows))
    for row, (steps, weight) in enumerate(zip(trains, weights)):
        arrivals[steps + 1, row] = -weight if row % 2 and row < rows - 2 else weight
    v, _ = twin.integrate(cell, labels, H, arrivals, np.zeros((N_STEPS, len(places))), v_init)
    np.testing.assert_allclose(recorded(cells, places), v, rtol=0, atol=1e-6)


@pytest.mark.parametrize("seed", range(40))
def test_one_dendrite(seed):
    """Within 1e-9 mV."""
    rng = np.random.default_rng(seed)
    p = random_cell(rng, ("dendrite",))
    trains, weights = [np.arange(1 + k, 200, 37) for k in range(4)], (0.4, 0.3, 1.5, 1.5)
    sim.setup(timestep=H, min_delay=H)
    general = sim.DendriticNeuron(dendrite=sim.Dendrite(), rate_function=sim.Logistic(phi_max=0.0))
    cells = [sim.Population(1, cell) for cell in (general, sim.UrbanczikSenn(phi_max=0.0))]
    cells[0].set(**p)
    coupling = {"dendrite_g_to_soma": "g_dendrite_to_soma", "dendrite_g_from_soma": "g_soma_to_dendrite"}
    cells[1].set(**{coupling.get(name, name): value for name, value in p.items()})
    for population in cells:
        population.initialize(v=-65.0)
        connect(population, trains, weights)
        population.record("v", locations=["soma", "dendrite"])
    sim.run(20.0)
    got, expected = (recorded(population, ("soma", "dendrite")) for population in cells)
    assert np.ptp(expected) > 1.0
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("tau_syn", [1.0, 3.0, 5.0])
def test_what_the_end_of_a_step_misses_of_steady_input(tau_syn):
    """h²/(12 τ_L τ_s): the prediction is that of the end of a step, and the soma follows the whole of it."""
    h, tau, g_leak = 0.5, 10.0, 0.1
    sim.setup(timestep=h, min_delay=h)
    dendrite = sim.Dendrite(cm=tau * g_leak, g_leak=g_leak, v_rest=0.0, tau_syn_E=tau_syn, g_to_soma=0.1)
    soma, silent = sim.Soma(cm=0.2, g_leak=0.03, v_rest=0.0), sim.Logistic(phi_max=0.0)
    cell = sim.DendriticNeuron(soma=soma, rate_function=silent, basal=dendrite)
    cells = sim.Population(1, cell, initial_values={"v": 0.0})
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=h * np.arange(1, 601)))
    synapse = sim.StaticSynapse(weight=0.1, delay=h)
    sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type="basal")
    cells.record(["soma.v", "basal.v_star"])
    sim.run(300.0)
    soma, predicted = recorded(cells, ["soma"])[-1, 0], cells.get_data().filter(name="basal.v_star")[0].magnitude[-1, 0]
    assert 1.0 - predicted / soma == pytest.approx(h**2 / (12.0 * tau * tau_syn), rel=0.02)
