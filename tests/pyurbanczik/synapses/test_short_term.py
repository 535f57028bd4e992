"""Synapses with short-term plasticity or chance: names, values, states and recording."""

import numpy as np
import pytest
import quantities as pq
from pyNN import errors
from pyNN.standardmodels import synapses as standard

import pyurbanczik

NAMES = (
    "TsodyksMarkramSynapse",
    "SimpleStochasticSynapse",
    "StochasticTsodyksMarkramSynapse",
    "MultiQuantalSynapse",
)
RECORDABLES = {
    "TsodyksMarkramSynapse": ("weight", "u", "x", "y", "transmitted"),
    "SimpleStochasticSynapse": ("weight", "transmitted"),
    "StochasticTsodyksMarkramSynapse": ("weight", "u", "R", "released", "transmitted"),
    "MultiQuantalSynapse": ("weight", "u", "a", "released", "transmitted"),
}
STATES = {
    "TsodyksMarkramSynapse": {"u": 0.0, "x": 1.0, "y": 0.0},
    "SimpleStochasticSynapse": {},
    "StochasticTsodyksMarkramSynapse": {"u": 0.0, "R": 1.0},
    "MultiQuantalSynapse": {"u": "U", "a": "n"},
}
every_type = pytest.mark.parametrize("name", NAMES)


def network(sim, synapse, n_post=2, **options):
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[1.0, 4.0, 4.5], [2.0]]))
    cells = sim.Population(n_post, sim.UrbanczikSenn())
    options = {"receptor_type": "soma_exc", "label": "prj", **options}
    return sim.Projection(source, cells, sim.AllToAllConnector(), synapse, **options)


@every_type
def test_names_and_defaults_are_those_of_pynn(sim, name):
    cls, model = getattr(sim, name), getattr(standard, name)
    assert cls.default_parameters == model.default_parameters
    assert cls.__name__ == name and issubclass(cls, model)
    assert cls.recordable == RECORDABLES[name]
    assert cls.default_initial_values == STATES[name]
    assert set(cls.units) == {*cls.default_parameters, *cls.recordable}
    for word in (*cls.default_parameters, *cls.recordable):
        assert word in cls.__doc__ or word == "transmitted"
    assert name in dir(pyurbanczik)


@every_type
def test_recording_at_spikes_and_on_a_grid(sim, name):
    prj = network(sim, getattr(sim, name)(weight=0.5, delay=0.3))
    prj.record("all")
    prj.record("all", sampling_interval=0.5)
    sim.run(6.0)
    (segment,) = prj.get_data().segments
    at_spikes = {}
    for signal in segment.irregularlysampledsignals:
        at_spikes.setdefault(signal.name, []).append(signal)
    assert tuple(at_spikes) == prj.synapse_type.recordable
    for variable, signals in at_spikes.items():
        assert [s.times.rescale("ms").magnitude.tolist() for s in signals] == [[1.0, 4.0, 4.5]] * 2 + [[2.0]] * 2
        assert all(s.units == pq.Quantity(1.0, prj.find_units(variable)) for s in signals)
        assert [s.annotations["postsynaptic_index"] for s in signals] == [0, 1, 0, 1]
    grids = {signal.name: signal for signal in segment.analogsignals}
    assert tuple(grids) == tuple(v for v in prj.synapse_type.recordable if v not in ("released", "transmitted"))
    for grid in grids.values():
        assert grid.shape == (13, 4)
        assert grid.array_annotations["presynaptic_index"].tolist() == [0, 0, 1, 1]
    assert prj.find_units("weight") == prj.find_units("transmitted") == "uS"
    assert {prj.find_units(v) for v in STATES[name]} <= {"dimensionless"}


def test_what_exists_only_at_spikes_has_no_grid(sim):
    prj = network(sim, sim.TsodyksMarkramSynapse())
    with pytest.raises(errors.InvalidParameterValueError, match=r"prj\.record.*'transmitted'.*at presynaptic spikes"):
        prj.record(["u", "transmitted"], sampling_interval=1.0)
    with pytest.raises(errors.RecordingError, match="it offers weight, u, x, y, transmitted"):
        prj.record("a")
    sim.run(2.0)
    (segment,) = prj.get_data().segments
    assert not segment.analogsignals and not segment.irregularlysampledsignals


def test_chosen_connections_and_variables(sim):
    prj = network(sim, sim.TsodyksMarkramSynapse(weight=0.5))
    prj.record("u", connections=[0, 3])
    prj.record("x", connections=1)
    sim.run(6.0)
    found = prj.get_data().segments[0].irregularlysampledsignals
    assert [(s.name, s.annotations["presynaptic_index"], s.annotations["postsynaptic_index"]) for s in found] == [
        ("u", 0, 0),
        ("u", 1, 1),
        ("x", 0, 1),
    ]
    only = prj.get_data("x").segments[0].irregularlysampledsignals
    assert [s.name for s in only] == ["x"] and only[0].magnitude[0, 0] == 1.0


def test_segments_and_clearing(sim):
    prj = network(sim, sim.MultiQuantalSynapse(weight=0.5, n=3))
    prj.record(["released", "transmitted"])
    sim.run(6.0)
    sim.reset(repeat=True)
    sim.run(3.0)
    first, second = prj.get_data(clear=True).segments
    for name in ("released", "transmitted"):
        a, b = ([s for s in segment.irregularlysampledsignals if s.name == name] for segment in (first, second))
        assert [len(s) for s in a] == [3, 3, 1, 1] and [len(s) for s in b] == [1] * 4
        assert [s.magnitude[0, 0] for s in a] == [s.magnitude[0, 0] for s in b]
    sim.run(3.0)
    (last,) = prj.get_data().segments
    assert [len(s) for s in last.irregularlysampledsignals] == [2, 2, 0, 0] * 2


# ---- states


def values(sim, prj, name):
    """Of each connection, at the present time."""
    prj.record(name, sampling_interval=0.1)
    sim.run(0.1)
    return prj.get_data(name).segments[-1].analogsignals[0].magnitude[0].tolist()


def test_initialize_takes_what_set_takes(sim):
    def distribution():
        return sim.RandomDistribution("uniform", (0.2, 0.4), rng=sim.NumpyRNG(seed=3))

    for given, expected in (
        (0.25, [0.25] * 4),
        ([0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.3, 0.4]),
        (np.array([[0.1, 0.2], [0.3, 0.4]]), [0.1, 0.2, 0.3, 0.4]),
        (lambda d: 0.1 * d, [0.0, 0.1, 0.1, 0.0]),
        ("0.5 + 0.1*d", [0.5, 0.6, 0.6, 0.5]),
        (distribution(), distribution().next(4).tolist()),
    ):
        sim.setup(timestep=0.1)
        prj = network(sim, sim.TsodyksMarkramSynapse(tau_facil=50.0))
        prj.initialize(u=given)
        assert prj.initial_values["u"].evaluate(simplify=False) == pytest.approx(expected)
        assert values(sim, prj, "u") == pytest.approx(expected)


def test_initial_values_are_at_hand(sim):
    prj = network(sim, sim.MultiQuantalSynapse(U=0.2, n=np.array([[1, 2], [3, 4]])))
    assert prj.initial_values["u"].evaluate(simplify=True) == 0.2
    assert prj.initial_values["a"].evaluate().tolist() == [1.0, 2.0, 3.0, 4.0]
    assert network(sim, sim.SimpleStochasticSynapse()).initial_values == {}


def test_initialize_from_the_parameters_of_the_synapse_type(sim):
    synapse = sim.MultiQuantalSynapse(U=0.04, n=5, tau_facil=200.0, weight=0.01)
    prj = network(sim, synapse)
    prj.initialize(a=synapse.parameter_space["n"], u=synapse.parameter_space["U"])
    assert values(sim, prj, "a") == [5.0] * 4
    prj.record("u")
    sim.run(3.0)
    events = prj.get_data().segments[0].irregularlysampledsignals
    assert [s.magnitude[0, 0] for s in events] == pytest.approx([0.04] * 4)


def test_initialize_now_and_at_resets(sim):
    prj = network(sim, sim.TsodyksMarkramSynapse(tau_facil=20.0))
    prj.record(["u", "x"], sampling_interval=1.0)
    sim.run(5.0)
    prj.initialize(u=0.5, x=0.125)
    sim.run(1.0)
    sim.reset()
    sim.run(1.0)
    middle, after = ({s.name: s.magnitude for s in segment.analogsignals} for segment in prj.get_data().segments)
    assert middle["u"][6] == pytest.approx([0.5 * np.exp(-1.0 / 20.0)] * 4)
    assert after["u"][0].tolist() == [0.5] * 4 and after["x"][0].tolist() == [0.125] * 4


@pytest.mark.parametrize(
    "bad",
    [
        dict(u=0.3, x=1.2),
        dict(u=-0.1),
        dict(u=np.nan),
        dict(y=0.5),
        dict(x=[0.1, 0.2, 0.3, 1.1]),
        dict(u="a"),
    ],
)
def test_impossible_states_are_refused(sim, bad):
    """In no part of the projection anything is changed then."""
    source = sim.Population(1, sim.SpikeSourceArray())
    cells = sim.Population(2, sim.UrbanczikSenn()) + sim.Population(2, sim.UrbanczikSenn())
    synapse = sim.TsodyksMarkramSynapse(tau_facil=10.0)
    prj = sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type="soma_exc")
    with pytest.raises(errors.InvalidParameterValueError):
        prj.initialize(**bad)
    with pytest.raises(errors.NonExistentParameterError):
        prj.initialize(u=0.5, a=1)
    with pytest.raises(errors.InvalidDimensionsError):
        prj.initialize(u=[0.5, 0.5])
    assert values(sim, prj, "u") == [0.0] * 4 and values(sim, prj, "x") == [1.0] * 4
    prj.initialize(u=[0.1, 0.2, 0.3, 0.4])
    prj.record("u", sampling_interval=0.1)
    sim.reset()
    assert values(sim, prj, "u") == [0.1, 0.2, 0.3, 0.4]


# ---- values


@pytest.mark.parametrize(
    "name, bad",
    [
        ("TsodyksMarkramSynapse", dict(U=1.1)),
        ("TsodyksMarkramSynapse", dict(tau_rec=0.0)),
        ("TsodyksMarkramSynapse", dict(tau_facil=-1.0)),
        ("SimpleStochasticSynapse", dict(p=-0.1)),
        ("SimpleStochasticSynapse", dict(p=np.nan)),
        ("StochasticTsodyksMarkramSynapse", dict(U=np.nan)),
        ("MultiQuantalSynapse", dict(n=0)),
        ("MultiQuantalSynapse", dict(n=2.5)),
        ("MultiQuantalSynapse", dict(n=-3)),
        ("MultiQuantalSynapse", dict(tau_rec=np.inf)),
    ],
)
def test_impossible_values_are_refused(sim, name, bad):
    with pytest.raises(errors.InvalidParameterValueError, match=f"^{name}.{next(iter(bad))}: "):
        getattr(sim, name)(**bad)
    prj = network(sim, getattr(sim, name)())
    with pytest.raises(errors.InvalidParameterValueError):
        prj.set(weight=0.1, **bad)
    assert prj.get("weight", format="list", with_address=False) == [0.0] * 4


def test_values_read_back(sim):
    given = np.array([[1, 2], [3, 9]])
    prj = network(sim, sim.MultiQuantalSynapse(n=given, U=0.2, weight=0.125))
    np.testing.assert_array_equal(prj.get("n", format="array"), given)
    sim.run(3.0)
    prj.set(n=4, tau_rec=7.5, U=[0.1, 0.2, 0.3, 0.4])
    assert prj.get(["n", "tau_rec", "U"], format="list", with_address=False) == [
        (4.0, 7.5, u) for u in (0.1, 0.2, 0.3, 0.4)
    ]
    prj[1].n = 2
    assert prj[1].n == 2.0 and prj[0].n == 4.0


def test_certain_and_impossible_transmission(sim):
    prj = network(sim, sim.SimpleStochasticSynapse(weight=0.5, p=np.array([[0.0, 1.0], [1.0, 0.0]])))
    prj.record("transmitted")
    sim.run(6.0)
    signals = prj.get_data().segments[0].irregularlysampledsignals
    assert [s.magnitude.ravel().tolist() for s in signals] == [[0.0] * 3, [0.5] * 3, [0.5], [0.0]]


def test_chance_follows_the_seed(sim):
    def run(seed):
        sim.setup(timestep=0.1, rng_seed=seed)
        times = np.arange(1.0, 101.0)
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
        cells = sim.Population(3, sim.UrbanczikSenn())
        synapse = sim.SimpleStochasticSynapse(weight=1.0)
        prj = sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type="soma_exc")
        prj.record("transmitted")
        sim.run(102.0)
        return np.hstack([s.magnitude for s in prj.get_data().segments[0].irregularlysampledsignals])

    np.testing.assert_array_equal(run(1), run(1))
    assert 100 < (run(1) != run(2)).sum() < 200
