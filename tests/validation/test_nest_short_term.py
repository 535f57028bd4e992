"""Dynamic and stochastic synapses in NEST and in ours, under the same trains.

NEST's weight recorder tells what each spike transmitted; a spike that is not transmitted leaves no trace there.
"""

import numpy as np
import pytest

import pyurbanczik as sim
from pyurbanczik.compare.judge.confidence import largest_z, z_of_difference

from .cases import poisson_train

DT = 0.1
KILO = 1e3  # nA, µS in pA, nS
DURATION = 2000.0
MODELS = [
    {"U": 0.5, "tau_rec": 100.0, "tau_facil": 0.0},
    {"U": 0.04, "tau_rec": 50.0, "tau_facil": 1000.0},
    {"U": 0.9, "tau_rec": 800.0, "tau_facil": 200.0},
    {"U": 1.0, "tau_rec": 20.0, "tau_facil": 5.0},
]
IN_NEST = {"tau_facil": "tau_fac", "p": "p_transmit"}


def train(seed, rate=30.0):
    return poisson_train(np.random.default_rng(seed), rate, 5.0, DURATION - 10.0, DT)


def theirs(nest, model, times, parameters, n=1, weight=1.0, seed=3):
    """What each of `n` synapses transmitted at each spike, shape (spikes, synapses)."""
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.set(resolution=DT, rng_seed=seed)
    generator = nest.Create("spike_generator", params={"spike_times": np.round(times - DT, 6)})
    source, targets = nest.Create("parrot_neuron"), nest.Create("parrot_neuron", n)
    recorder = nest.Create("weight_recorder")
    nest.CopyModel(model, "recorded_synapse", {"weight_recorder": recorder})
    nest.Connect(generator, source, syn_spec={"delay": DT})
    native = {IN_NEST.get(name, name): value for name, value in parameters.items()}
    spec = {"synapse_model": "recorded_synapse", "weight": KILO * weight, "delay": 1.0, **native}
    nest.Connect(source, targets, syn_spec=spec)
    nest.Simulate(DURATION)
    events = recorder.events
    transmitted = np.zeros((len(times), n))
    spike = np.searchsorted(times, np.round(events["times"], 6) - DT / 2)
    transmitted[spike, events["targets"] - targets[0].global_id] = events["weights"] / KILO
    return transmitted


def ours(synapse_type, times, n=1, seed=4, tau_syn=3.0):
    """The same from `Projection.record`."""
    sim.setup(timestep=DT, rng_seed=seed)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
    targets = sim.Population(n, sim.UrbanczikSenn(phi_max=0.0, soma_tau_syn_E=tau_syn))
    prj = sim.Projection(source, targets, sim.AllToAllConnector(), synapse_type, receptor_type="soma_exc")
    prj.record("transmitted")
    sim.run(DURATION)
    signals = prj.get_data().segments[0].irregularlysampledsignals
    np.testing.assert_allclose(signals[0].times.magnitude, times, atol=1e-9)
    return np.hstack([signal.magnitude for signal in signals])


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("tau_psc", [2.0, 15.0])
def test_tsodyks_synapse(nest, model, tau_psc):
    """Both propagate exactly; what remains is rounding."""
    times = train(21)
    expected = theirs(nest, "tsodyks_synapse", times, {**model, "tau_psc": tau_psc})
    got = ours(sim.TsodyksMarkramSynapse(weight=1.0, delay=1.0, **model), times, tau_syn=tau_psc)
    assert len(times) > 40 and np.ptp(expected) > 0.02
    np.testing.assert_allclose(got, expected, rtol=1e-12)


@pytest.mark.statistics
@pytest.mark.parametrize("p", [0.1, 0.5])
def test_bernoulli_synapse(nest, p):
    times, n = train(22), 2000
    expected = theirs(nest, "bernoulli_synapse", times, {"p": p}, n)
    got = ours(sim.SimpleStochasticSynapse(weight=1.0, delay=1.0, p=p), times, n)
    assert set(np.unique(got)) == set(np.unique(expected)) == {0.0, 1.0}
    z = [*z_of_difference(got.T, expected.T), z_of_difference(got.mean(axis=0), expected.mean(axis=0))]
    assert np.abs(z).max() < largest_z(len(z))


@pytest.mark.statistics
@pytest.mark.parametrize("model", MODELS[:3])
@pytest.mark.parametrize("n_sites", [4])
def test_quantal_stp_synapse(nest, model, n_sites):
    """Means and variances at every spike, and correlations of successive spikes, agree once NEST's synapse starts
    with all its vesicles and at rest (u = U), as ours does by itself.
    """
    times, n = train(23, rate=20.0), 2000
    at_rest = {"u": model["U"], "a": n_sites, "n": n_sites}
    expected = theirs(nest, "quantal_stp_synapse", times, {**model, **at_rest}, n)
    got = ours(sim.MultiQuantalSynapse(weight=1.0, delay=1.0, n=n_sites, **model), times, n)
    z = []
    for statistic in (lambda x: x, np.square, lambda x: x[1:] * x[:-1]):
        a, b = statistic(got).T, statistic(expected).T
        varied = (a.std(axis=0) > 0.05) & (b.std(axis=0) > 0.05)
        z.extend(z_of_difference(a[:, varied], b[:, varied]))
    assert len(z) > 30
    assert np.abs(z).max() < largest_z(len(z))


# ---- where NEST is not followed


def test_equal_time_constants(nest):
    """τ_rec = τ_psc: not a number in NEST, the limit in ours."""
    times = train(24)
    model = {"U": 0.3, "tau_facil": 50.0}
    assert np.isnan(theirs(nest, "tsodyks_synapse", times, {**model, "tau_rec": 20.0, "tau_psc": 20.0})).all()
    near = theirs(nest, "tsodyks_synapse", times, {**model, "tau_rec": 20.0, "tau_psc": 20.0 * (1 + 1e-6)})
    got = ours(sim.TsodyksMarkramSynapse(weight=1.0, tau_rec=20.0, **model), times, tau_syn=20.0)
    np.testing.assert_allclose(got, near, rtol=1e-5)


@pytest.mark.statistics
def test_a_quantal_synapse_begins_at_rest_and_with_all_vesicles(nest):
    """NEST's begins with u = 0.5 and one vesicle, whatever U and n are."""
    times, n = np.array([10.0]), 4000
    model = {"U": 0.1, "n": 6, "tau_rec": 100.0, "tau_facil": 0.0}
    for found, due in (
        (theirs(nest, "quantal_stp_synapse", times, model, n), 0.5),
        (ours(sim.MultiQuantalSynapse(weight=1.0, **model), times, n), 6 * 0.1),
    ):
        error = found.std(ddof=1) / np.sqrt(n)
        assert abs(found.mean() - due) < largest_z(2) * error
