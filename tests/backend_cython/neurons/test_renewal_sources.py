"""Renewal sources: their spikes are those of the twin with the same random numbers, and have the laws."""

import numpy as np
import pytest
from scipy import stats

from backend_cython.engine.network import Network
from backend_cython.model.recorder import SpikeRecorder
from backend_cython.neurons.spike_source_gamma import SpikeSourceGamma
from backend_cython.neurons.spike_source_inh_gamma import SpikeSourceInhGamma
from backend_cython.neurons.spike_source_poisson_refractory import SpikeSourcePoissonRefractory
from backend_cython.numerics.philox import uniforms
from tests.reference import renewal

from ..helpers import H

SEED = 11


def make(cls, size=1, timestep=H, bins=None, **parameters):
    network = Network(timestep, SEED)
    sources = cls(network, size)
    sources.set(parameters)
    if bins is not None:
        sources.set_bins(*([column] * size for column in bins))
    return network, sources, SpikeRecorder(sources)


def steps(recorder, cell=0):
    cells, step = recorder.data
    return step[cells == cell]


def draws(stream):
    yield from uniforms(SEED, stream, 20_000)


def due(laws, stream=0, start=0.0, stop=1e3, stream_draws=None):
    if not isinstance(laws, list):
        laws = [(0.0, laws)]
    return np.ceil(renewal.times(laws, stream_draws or draws(stream), start, stop) / H)


def gamma(alpha, beta):
    return renewal.GammaLaw(alpha, 1e3 / beta)


def dead(rate, tau):
    return renewal.DeadTimeLaw(1e3 / rate, tau)


@pytest.mark.parametrize("alpha, beta", [(0.3, 20.0), (1.0, 100.0), (2.0, 300.0), (7.5, 500.0), (400.0, 4e4)])
def test_gamma_intervals(alpha, beta):
    network, _, recorder = make(SpikeSourceGamma, 2, alpha=alpha, beta=beta)
    network.run(10_000)
    for i in range(2):
        assert len(steps(recorder, i)) > 20
        np.testing.assert_array_equal(steps(recorder, i), due(gamma(alpha, beta), i))


@pytest.mark.parametrize("rate, tau", [(80.0, 0.0), (80.0, 5.0), (150.0, 6.6), (9000.0, 0.05)])
def test_dead_time(rate, tau):
    network, _, recorder = make(SpikeSourcePoissonRefractory, 2, rate=rate, tau_refrac=tau)
    network.run(10_000)
    for i in range(2):
        assert len(steps(recorder, i)) > 20
        np.testing.assert_array_equal(steps(recorder, i), due(dead(rate, tau), i))


BINS = ([3.0, 6.0, 0.7, 3.0], [0.004, 0.001, 0.01, 0.002], [0.0, 150.0, 400.0, 405.5])
INH_LAWS = [(t, renewal.GammaLaw(a, 1e3 * b)) for a, b, t in zip(*BINS)]


def test_inhomogeneous_gamma():
    network, _, recorder = make(SpikeSourceInhGamma, 3, bins=BINS, start=[0.0, 170.0, 2.0])
    network.run(10_000)
    for i, start in enumerate([0.0, 170.0, 2.0]):
        assert len(steps(recorder, i)) > 60
        np.testing.assert_array_equal(steps(recorder, i), due(INH_LAWS, i, start))


def test_fine_bins_of_equal_parameters_are_one():
    n = 700
    fine = (np.full(n, 4.0), np.full(n, 0.003), 1.1 * np.arange(n) + 30.0)
    network, _, recorder = make(SpikeSourceInhGamma, bins=fine)
    network.run(10_000)
    np.testing.assert_array_equal(steps(recorder), due(renewal.GammaLaw(4.0, 3.0)))


def test_cells_may_differ():
    network, _, recorder = make(SpikeSourceGamma, 2, alpha=[2.0, 5.0], beta=[300.0, 100.0])
    network.run(10_000)
    np.testing.assert_array_equal(steps(recorder, 0), due(gamma(2.0, 300.0), 0))
    np.testing.assert_array_equal(steps(recorder, 1), due(gamma(5.0, 100.0), 1))


MODELS = {
    "gamma": (SpikeSourceGamma, {"alpha": 3.0, "beta": 400.0}, gamma(3.0, 400.0)),
    "dead": (SpikeSourcePoissonRefractory, {"rate": 130.0, "tau_refrac": 4.0}, dead(130.0, 4.0)),
    "inh": (SpikeSourceInhGamma, {"bins": BINS}, INH_LAWS),
}
models = pytest.mark.parametrize("model", MODELS)


@models
def test_start_duration_and_reset(model):
    cls, parameters, law = MODELS[model]
    network, _, recorder = make(cls, 2, start=[30.0, 0.0], duration=[400.0, np.inf], **parameters)
    expected = due(law, 0, 30.0, 430.0), due(law, 1)
    for _ in range(2):
        network.run(10_000)
        for i in range(2):
            np.testing.assert_array_equal(steps(recorder, i), expected[i])
        network.reset()


@models
def test_runs_may_be_split(model):
    cls, parameters, _ = MODELS[model]
    network, _, whole = make(cls, 2, **parameters)
    network.run(3000)
    network, _, parts = make(cls, 2, **parameters)
    for n in (1, 999, 1500, 500):
        network.run(n)
    np.testing.assert_array_equal(whole.data, parts.data)


CHANGES = [
    (SpikeSourceGamma, {"alpha": 3.0, "beta": 400.0}, {"alpha": 6.0, "beta": 300.0}, gamma(3, 400), gamma(6, 300)),
    (SpikeSourceGamma, {"alpha": 3.0, "beta": 400.0}, {"alpha": 3.0, "beta": 2e3}, gamma(3, 400), gamma(3, 2e3)),
    (
        SpikeSourcePoissonRefractory,
        {"rate": 130.0, "tau_refrac": 4.0},
        {"rate": 100.0, "tau_refrac": 9.0},
        dead(130, 4),
        dead(100, 9),
    ),
]


@pytest.mark.parametrize("cls, before, after, old, new", CHANGES)
def test_a_change_leaves_age_and_draw(cls, before, after, old, new):
    """The twin knows of the change beforehand: the process has one hazard, whose parameters change."""
    network, sources, recorder = make(cls, 2, **before)
    network.run(5003)
    sources.set(after, [0])
    network.run(4997)
    np.testing.assert_array_equal(steps(recorder, 0), due([(0.0, old), (500.3, new)], 0))
    np.testing.assert_array_equal(steps(recorder, 1), due(old, 1))
    network.reset()
    network.run(10_000)
    np.testing.assert_array_equal(steps(recorder, 0), due(new, 0))


def test_new_bins_leave_age_and_draw():
    network, sources, recorder = make(SpikeSourceInhGamma, 2, bins=BINS)
    network.run(4000)
    sources.set_bins([[5.0]], [[0.001]], [[0.0]], [1])
    network.run(6000)
    np.testing.assert_array_equal(steps(recorder, 0), due(INH_LAWS, 0))
    changed = [*INH_LAWS[:2], (400.0, renewal.GammaLaw(5.0, 1.0))]
    np.testing.assert_array_equal(steps(recorder, 1), due(changed, 1))


@models
def test_setting_the_same_again_changes_nothing(model):
    cls, parameters, law = MODELS[model]
    network, sources, recorder = make(cls, **parameters)
    network.run(5000)
    sources.set({name: value for name, value in parameters.items() if name != "bins"} or {"start": 0.0})
    if cls is SpikeSourceInhGamma:
        sources.set_bins(*([column] for column in BINS))
    network.run(5000)
    np.testing.assert_array_equal(steps(recorder), due(law))


@pytest.mark.parametrize("cls, rate", [(SpikeSourceGamma, "beta"), (SpikeSourcePoissonRefractory, "rate")])
def test_a_rate_from_zero_and_back(cls, rate):
    network, sources, recorder = make(cls, **{rate: 0.0})
    network.run(100)
    sources.set({rate: 2000.0})
    network.run(100)
    sources.set({rate: 0.0})
    network.run(1000)
    got = steps(recorder)
    assert len(got) > 3
    assert got.min() > 100 and got.max() <= 200
    sources.set({rate: 2000.0})
    network.run(100)
    assert steps(recorder).max() > 1200


@models
def test_a_process_whose_duration_ended_begins_anew(model):
    cls, parameters, _ = MODELS[model]
    network, sources, recorder = make(cls, 200, duration=50.0, **parameters)
    network.run(1000)
    sources.set({"duration": 1e10})
    network.run(1)
    later = np.sum(recorder.data[1] > 500)
    assert later < 30, "nothing of the time in between is made up for"
    network.run(1000)
    assert np.sum(recorder.data[1] > 1001) > 1000


@models
def test_a_later_start_begins_anew(model):
    cls, parameters, _ = MODELS[model]
    network, sources, recorder = make(cls, **parameters)
    network.run(1000)
    sources.set({"start": 300.0})
    network.run(5000)
    got = steps(recorder)
    assert not np.any((got > 1000) & (got <= 3000)) and np.any(got > 3000)


def test_a_source_made_amid_a_run_begins_there():
    network = Network(H, SEED)
    network.run(500_000)
    sources = SpikeSourceGamma(network, 300)
    sources.set({"alpha": 3.0, "beta": 300.0})
    recorder = SpikeRecorder(sources)
    network.run(100)
    assert 150 < len(recorder.data[0]) < 450


@pytest.mark.statistics
@models
def test_stationary_from_the_start(model):
    """Counts in 2 ms windows from the start on; 4.5 standard errors, a false alarm once in 10^5 for each."""
    cls, parameters, _ = MODELS[model]
    if model == "inh":
        parameters = {"bins": ([3.0], [0.0025], [0.0])}
    n = 20_000
    network, _, recorder = make(cls, n, **parameters)
    network.run(200)
    mean = {"gamma": 7.5, "dead": 1e3 / 130.0, "inh": 7.5}[model]
    counts = np.histogram(recorder.data[1], bins=np.arange(0, 201, 20) + 0.5)[0]
    expected = n * 2.0 / mean
    assert np.abs(counts - expected).max() < 4.5 * np.sqrt(expected)


@pytest.mark.statistics
@pytest.mark.parametrize(
    "model, cdf",
    [
        ("gamma", lambda x: stats.gamma.cdf(x, 3.0, scale=2.5)),
        ("dead", lambda x: stats.expon.cdf(x, 4.0, 1e3 / 130.0 - 4.0)),
    ],
)
def test_law_of_intervals(model, cdf):
    """Kolmogorov and Smirnov at a confidence of 1 − 10^−5; the grid of 0.001 ms is far below its resolution."""
    cls, parameters, _ = MODELS[model]
    network, _, recorder = make(cls, 200, timestep=0.001, **parameters)
    network.run(500_000)
    cells, step = recorder.data
    order = np.lexsort((step, cells))
    same = np.diff(cells[order]) == 0
    # only the first ones of each train: an interval at the end of a run is there only if it is short
    number = np.arange(len(order))
    first = np.maximum.accumulate(np.where(np.concatenate([[True], ~same]), number, 0))
    intervals = 0.001 * np.diff(step[order])[same & (number - first <= 20)[1:]]
    assert len(intervals) > 3500
    assert stats.kstest(intervals, cdf).pvalue > 1e-5


@pytest.mark.statistics
def test_inhomogeneous_rate_follows_its_histogram():
    """With parameters that change slowly the rate is 1 / (a b); 4.5 standard errors."""
    n, tbins = 4000, np.arange(0.0, 1000.0, 250.0)
    a, b = np.array([4.0, 4.0, 1.0, 9.0]), np.array([0.002, 0.001, 0.008, 0.002])
    network, _, recorder = make(SpikeSourceInhGamma, n, bins=(a, b, tbins))
    network.run(10_000)
    counts = np.histogram(recorder.data[1], bins=np.array([1000, 2500, 3500, 5000, 6000, 7500, 8500, 10_000]) + 0.5)[0]
    mean = n * np.array([150.0, 150.0, 150.0, 150.0]) / (1e3 * a * b)
    assert (np.abs(counts[::2] - mean) < 4.5 * np.sqrt(mean * np.maximum(1 / a, 0.1))).all()


@pytest.mark.parametrize(
    "cls, parameters, message",
    [
        (SpikeSourceGamma, {"alpha": 0.0}, r"SpikeSourceGamma\.alpha: 0\.0 is not allowed; it must be positive"),
        (SpikeSourceGamma, {"alpha": 1e7}, r"alpha: 10000000\.0 is not allowed; .* at most a million"),
        (SpikeSourceGamma, {"beta": -1.0}, r"beta: -1\.0 Hz is not allowed"),
        (SpikeSourceGamma, {"beta": 1e17}, r"beta: 1e\+17 Hz \(index 0\) .*a million spikes a time step"),
        (SpikeSourceGamma, {"start": -1.0}, r"start: -1\.0"),
        (SpikeSourcePoissonRefractory, {"rate": 100.0, "tau_refrac": 10.0}, r"tau_refrac: 10\.0 .* below 10 "),
        (SpikeSourcePoissonRefractory, {"tau_refrac": -1.0}, r"tau_refrac: -1\.0"),
        (SpikeSourcePoissonRefractory, {"rate": np.inf}, r"rate: inf"),
        (SpikeSourceInhGamma, {"duration": -1.0}, r"duration: -1\.0"),
    ],
)
def test_impossible_parameters_are_refused(cls, parameters, message):
    _, sources, _ = make(cls)
    with pytest.raises(ValueError, match=message):
        sources.set(parameters)


@pytest.mark.parametrize(
    "a, b, tbins, message",
    [
        ([1.0, 2.0], [1.0], [0.0], r"SpikeSourceInhGamma\.a: 2 values for 1 bins \(source 1\)"),
        ([1.0], [1.0, 2.0], [0.0], r"\.b: 2 values for 1 bins"),
        ([], [], [], r"\.a: 0 values for 0 bins"),
        ([1.0, -1.0], [1.0, 1.0], [0.0, 1.0], r"\.a: -1\.0 \(index 1\)"),
        ([1e7], [1.0], [0.0], r"\.a: 10000000\.0 .* at most a million"),
        ([1.0], [0.0], [0.0], r"\.b: 0\.0"),
        ([1.0, 1.0], [1.0, 1.0], [1.0, 1.0], r"\.tbins: 1\.0 ms after 1\.0 ms is not allowed; it must be increasing"),
        ([1.0], [1.0], [np.nan], r"\.tbins: nan"),
        ([1.0], [1e-11], [0.0], r"\.b: 1e-11 .* million"),
    ],
)
def test_impossible_bins_are_refused(a, b, tbins, message):
    network, sources, recorder = make(SpikeSourceInhGamma, 2, bins=BINS)
    with pytest.raises(ValueError, match=message):
        sources.set_bins([[2.0], a], [[1.0], b], [[0.0], tbins])
    network.run(10_000)
    np.testing.assert_array_equal(steps(recorder), due(INH_LAWS))
