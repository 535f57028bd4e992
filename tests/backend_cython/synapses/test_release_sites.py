"""Stochastic release: draw by draw against a twin that uses the same numbers, and its laws."""

import numpy as np
import pytest
from scipy import stats

from backend_cython.engine.network import FIRST_CONNECTION_STREAM, Network
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SampleRecorder
from backend_cython.numerics.philox import uniforms
from backend_cython.synapses.multi_quantal import MultiQuantalSynapses
from backend_cython.synapses.simple_stochastic import SimpleStochasticSynapses
from backend_cython.synapses.stochastic_tsodyks_markram import StochasticTsodyksMarkramSynapses
from tests.reference.short_term import depression, release, release_probability, vesicle_ready

from ..helpers import Ear, H, silent, source

TRAIN = np.array([3, 40, 41, 60, 300, 300, 450, 1200])
MODELS = [
    {"U": 0.5, "tau_rec": 100.0, "tau_facil": 0.0},
    {"U": 0.2, "tau_rec": 20.0, "tau_facil": 500.0},
    {"U": 1.0, "tau_rec": 50.0, "tau_facil": 30.0},
]
SEED = 11
FALSE_ALARM = 1e-5  # of a whole test


def largest_z(n_comparisons):
    """Two-sided bound that the largest of n_comparisons |z| exceeds with the probability of a false alarm."""
    return stats.norm.isf(FALSE_ALARM / (2 * n_comparisons))


def lab(kind, n_connections=1, train=TRAIN, weights=None, **parameters):
    """One source, whose spikes reach one cell by many connections."""
    network = Network(H, SEED)
    src, cells = source(network, train, weights=weights), silent(network)
    pairs = np.zeros(n_connections, int), np.zeros(n_connections, int)
    synapses = Projection(kind, src, cells, "soma_exc", *pairs, 1, {"weight": 2.0, **parameters})
    for name in kind.RECORDABLES:
        synapses.record_events(variable=name)
    return synapses


def recorded(synapses, name):
    """Values at the spikes, a row a spike, a column a connection."""
    return synapses.events_of(name)[2].reshape(-1, synapses.size)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("n", [1, 2, 7])
def test_quantal_release_draw_by_draw(model, n):
    synapses = lab(MultiQuantalSynapses, 3, n=n, **model)
    synapses.network.run(2000)
    u = release_probability(H * TRAIN, model["U"], model["tau_facil"])
    np.testing.assert_allclose(recorded(synapses, "u"), np.repeat(u[:, None], 3, axis=1), rtol=1e-12)
    for k in range(3):
        numbers = uniforms(SEED, FIRST_CONNECTION_STREAM + k, 2 * n * len(TRAIN))
        available, released = release(H * TRAIN, u, model["tau_rec"], n, numbers)
        np.testing.assert_array_equal(recorded(synapses, "a")[:, k], available)
        np.testing.assert_array_equal(recorded(synapses, "released")[:, k], released)
        np.testing.assert_allclose(recorded(synapses, "transmitted")[:, k], 2.0 * released)


@pytest.mark.parametrize("model", MODELS)
def test_one_site_draw_by_draw(model):
    """With one site and without a given u, both models are the same."""
    one, quantal = lab(StochasticTsodyksMarkramSynapses, 4, **model), lab(MultiQuantalSynapses, 4, **model)
    for synapses in (one, quantal):
        synapses.network.run(2000)
    for name, other in (("u", "u"), ("R", "a"), ("released", "released"), ("transmitted", "transmitted")):
        np.testing.assert_allclose(recorded(one, name), recorded(quantal, other), rtol=1e-12)
    assert 0 < recorded(one, "released").sum() < 4 * len(TRAIN)


def test_each_spike_passes_or_not_draw_by_draw():
    synapses = lab(SimpleStochasticSynapses, 3, p=[0.0, 0.5, 1.0])
    synapses.network.run(2000)
    passed = recorded(synapses, "transmitted") / 2.0
    drawn = uniforms(SEED, FIRST_CONNECTION_STREAM + 1, len(TRAIN)) <= 0.5
    np.testing.assert_array_equal(passed, np.transpose([0.0 * drawn, drawn, 1.0 + 0.0 * drawn]))


@pytest.mark.parametrize(
    "kind, certain",
    [
        (SimpleStochasticSynapses, {"p": 1.0}),
        (StochasticTsodyksMarkramSynapses, {"U": 1.0, "tau_rec": 0.01}),
        (MultiQuantalSynapses, {"U": 1.0, "n": 3, "tau_rec": 0.01}),
    ],
)
def test_a_factor_multiplies_what_arrives(kind, certain):
    network = Network(H)
    ear = Ear(network)
    src = source(network, [4, 50], weights=[[2.5, -1.0]])
    Projection(kind, src, ear.cells, "soma_exc", [0], [0], 7, {"weight": 1e-3, **certain})
    network.run(100)
    quanta = certain.get("n", 1)
    assert ear.heard() == [(11, 0, 2.5 * quanta), (57, 0, -1.0 * quanta)]


# ---- states


@pytest.mark.parametrize("tau_facil", [0.0, 40.0])
def test_a_given_release_probability_relaxes_to_U(tau_facil):
    model = {"U": 0.3, "tau_facil": tau_facil}
    synapses = lab(MultiQuantalSynapses, train=[200], **model)
    synapses.initialize({"u": 0.8})
    sampled = SampleRecorder(synapses, "u", [0], 100)
    for _ in range(2):
        synapses.network.run(400)
        left = np.exp(-20.0 / tau_facil) if tau_facil else 0.0
        met = 0.3 + 0.5 * left
        after = 0.3 + 0.7 * met if tau_facil else 0.3
        assert recorded(synapses, "u").ravel() == pytest.approx([met], rel=1e-12)
        values = sampled.data.ravel()
        if tau_facil:
            assert values[0] == 0.8
            assert values[1:3] == pytest.approx([0.3 + 0.5 * np.exp(-10.0 / tau_facil), after], rel=1e-12)
            assert values[4] == pytest.approx(0.3 + (after - 0.3) * left, rel=1e-12)
        else:
            assert values.tolist() == [0.3] * 5
        synapses.network.reset()


def test_initial_states_follow_their_parameters_until_the_run_begins():
    synapses = lab(MultiQuantalSynapses, 2, U=0.1, n=[2, 5], tau_facil=10.0)
    assert synapses.value("u").tolist() == [0.1, 0.1] and synapses.value("a").tolist() == [2.0, 5.0]
    synapses.set({"U": 0.6, "n": [3, 4]})
    assert synapses.value("u").tolist() == [0.6, 0.6] and synapses.value("a").tolist() == [3.0, 4.0]
    synapses.initialize({"u": 0.2, "a": 1}, [1])
    synapses.set({"U": 0.7, "n": 6})
    assert synapses.value("u").tolist() == [0.7, 0.2] and synapses.value("a").tolist() == [6.0, 1.0]
    synapses.network.run(2000)
    synapses.network.reset()
    assert synapses.value("u").tolist() == [0.7, 0.2] and synapses.value("a").tolist() == [6.0, 1.0]


@pytest.mark.parametrize("kind, name", [(StochasticTsodyksMarkramSynapses, "R"), (MultiQuantalSynapses, "a")])
def test_sites_that_begin_empty_are_recovering(kind, name):
    synapses = lab(kind, 50, train=[], tau_rec=10.0)
    synapses.initialize({name: 0})
    assert synapses.value(name).sum() == 0
    synapses.network.run(100)
    due = -10.0 * np.log([uniforms(SEED, FIRST_CONNECTION_STREAM + k, 1)[0] for k in range(50)])
    np.testing.assert_array_equal(synapses.value(name), due <= 10.0)
    assert 10 < synapses.value(name).sum() < 45


def test_recovery_stretches_with_its_time_constant():
    synapses = lab(MultiQuantalSynapses, 40, train=[10], U=1.0, n=3, tau_rec=10.0)
    synapses.network.run(60)
    synapses.set({"tau_rec": 30.0}, np.arange(20))
    drawn = [uniforms(SEED, FIRST_CONNECTION_STREAM + k, 6)[1::2] for k in range(40)]
    due = 1.0 - 10.0 * np.log(drawn)
    slow = due.copy()[:20]
    slow[slow > 6.0] = 6.0 + 3.0 * (slow[slow > 6.0] - 6.0)
    due[:20] = slow
    for step in (60, 100, 200, 400):
        synapses.network.run(step - synapses.network.step)
        np.testing.assert_array_equal(synapses.value("a"), (due <= H * step + 1e-9).sum(axis=1))


def test_sites_come_full_and_go():
    synapses = lab(MultiQuantalSynapses, 2, train=[10], U=1.0, n=[3, 4], tau_rec=1e9)
    synapses.network.run(20)
    assert synapses.value("a").tolist() == [0.0, 0.0]
    synapses.set({"n": 6}, [0])
    assert synapses.value("a").tolist() == [3.0, 0.0]
    synapses.set({"n": [2, 7]})
    assert synapses.value("a").tolist() == [0.0, 3.0]
    synapses.set({"n": 1})
    assert synapses.value("a").tolist() == [0.0, 0.0]
    synapses.network.reset()
    assert synapses.value("a").tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "states, message",
    [
        ({"a": 4}, r"\.a: 4 is not allowed; it must be at most the number of release sites, 3$"),
        ({"u": 0.1, "a": [2, 6]}, r"\.a: 6 is not allowed; it must be at most the number of release sites, 5$"),
        ({"a": 0.5}, r"\.a: 0\.5 is not allowed; it must be zero or a positive integer$"),
        ({"a": -1}, r"\.a: -1\.0 is not allowed"),
        ({"u": 1.01}, r"\.u: 1\.01 is not allowed; it must be between 0 and 1$"),
        ({"u": np.nan}, r"\.u: nan is not allowed"),
    ],
)
def test_impossible_states_are_refused(states, message):
    synapses = lab(MultiQuantalSynapses, 2, n=[3, 5])
    with pytest.raises(ValueError, match=message):
        synapses.initialize(states)
    assert synapses.value("u").tolist() == [0.5, 0.5] and synapses.value("a").tolist() == [3.0, 5.0]


# ---- laws

COPIES = 40000


@pytest.mark.statistics
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("n", [1, 5])
def test_released_vesicles_are_binomial(model, n):
    """Sites are independent: at each spike the number released is binomial, with the product of the probabilities that
    a site holds a vesicle and that it releases it. G-test of the whole distribution.
    """
    train = np.unique(TRAIN)
    synapses = lab(MultiQuantalSynapses, COPIES, train=train, n=n, **model)
    synapses.network.run(2000)
    u = release_probability(H * train, model["U"], model["tau_facil"])
    ready = vesicle_ready(H * train, u, model["tau_rec"])
    p_values = []
    for counted, probability in (("released", ready * u), ("a", ready)):
        for row, p in zip(recorded(synapses, counted), probability):
            due = COPIES * stats.binom.pmf(np.arange(n + 1), n, p)
            found = np.bincount(row.astype(int), minlength=n + 1)
            kept = due > 5.0
            assert found[~kept].sum() < 40
            if kept.sum() > 1:
                due = due[kept] * found[kept].sum() / due[kept].sum()
                p_values.append(stats.power_divergence(found[kept], due, lambda_="log-likelihood").pvalue)
    assert len(p_values) >= 8 and min(p_values) > FALSE_ALARM / len(p_values)


@pytest.mark.statistics
def test_recovery_between_spikes_is_exponential():
    synapses = lab(StochasticTsodyksMarkramSynapses, COPIES, train=[10], U=0.6, tau_rec=20.0)
    sampled = SampleRecorder(synapses, "R", np.arange(COPIES), 50)
    synapses.network.run(1000)
    times = H * 50 * np.arange(1, 21)
    due = 1.0 - 0.6 * np.exp(-(times - 1.0) / 20.0)
    z = (sampled.data[1:].mean(axis=1) - due) / np.sqrt(due * (1.0 - due) / COPIES)
    assert np.abs(z).max() < largest_z(20)


@pytest.mark.statistics
def test_the_mean_is_the_deterministic_synapse():
    train = np.arange(10, 2000, 150)
    synapses = lab(StochasticTsodyksMarkramSynapses, COPIES, train=train, U=0.4, tau_rec=80.0)
    synapses.network.run(2000)
    mean = recorded(synapses, "transmitted").mean(axis=1) / 2.0
    due = depression(H * train, 0.4, 80.0)
    z = (mean - due) / np.sqrt(due * (1.0 - due) / COPIES)
    assert np.abs(z).max() < largest_z(len(train))


@pytest.mark.statistics
def test_spikes_pass_independently():
    """Bernoulli trials: right counts, and no correlation between spikes or between connections."""
    p = 0.3
    synapses = lab(SimpleStochasticSynapses, 400, train=np.arange(1, 401), p=p)
    synapses.network.run(401)
    passed = recorded(synapses, "transmitted") / 2.0
    centred = (passed - p) / np.sqrt(p * (1.0 - p))
    z = [
        centred.sum() / 400.0,
        *(centred.sum(axis=0) / 20.0),
        *(centred.sum(axis=1) / 20.0),
        (centred[1:] * centred[:-1]).sum() / np.sqrt(399 * 400),
        (centred[:, 1:] * centred[:, :-1]).sum() / np.sqrt(399 * 400),
    ]
    # sums of 400 trials are a little skewed: 5 % more than the normal bound
    assert np.abs(z).max() < 1.05 * largest_z(len(z))
