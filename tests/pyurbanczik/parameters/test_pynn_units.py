"""PyNN's own constructors, which scripts import from PyNN, keep units."""

from collections import deque

import numpy as np
import pytest
import quantities as pq
from pyNN import connectors, errors
from pyNN.parameters import ArrayParameter, LazyArray, ParameterSpace, Sequence

FORMS = {
    "list": list,
    "tuple": tuple,
    "deque": deque,
    "array of objects": lambda items: np.array([*items, None], dtype=object)[:-1],
}


@pytest.fixture(params=FORMS)
def form(request):
    return FORMS[request.param]


@pytest.mark.parametrize("kind", [ArrayParameter, Sequence])
def test_sequences(sim, kind, form):
    times = kind(form([0.001 * pq.s, 2.0 * pq.ms, 3.0]))
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=times))
    np.testing.assert_array_equal(source.get("spike_times").value, [1.0, 2.0, 3.0])
    source.set(spike_times=[kind(value=form([0.004 * pq.s])), kind(times)])
    assert [train.value.tolist() for train in source.get("spike_times")] == [[4.0], [1.0, 2.0, 3.0]]
    current = sim.StepCurrentSource(times=times, amplitudes=kind(form([1.0 * pq.pA, 2e-3, 3e-6 * pq.uA])))
    np.testing.assert_allclose(current.amplitudes, [1e-3, 2e-3, 3e-3], rtol=1e-15)
    with pytest.raises(errors.InvalidParameterValueError, match=r"SpikeSourceArray\.spike_times: .* must be in ms"):
        sim.SpikeSourceArray(spike_times=kind(form([1.0 * pq.mV])))


def test_sequences_of_other_sources(sim):
    rates = sim.SpikeSourceInhGamma(
        a=Sequence([1.0, 2.0]), b=Sequence([5 * pq.ms, 0.01]), tbins=Sequence([0, 1 * pq.s])
    )
    cells = sim.Population(1, rates)
    assert cells.get("b").value.tolist() == [0.005, 0.01] and cells.get("tbins").value.tolist() == [0.0, 1000.0]


def test_lazy_arrays(sim, form):
    lazy = LazyArray(form([0.02 * pq.s, 10.0 * pq.ms]))
    of_floats = LazyArray([0.02 * pq.s, 10.0 * pq.ms], dtype=float)
    for given in (of_floats, lazy, 2.0 * lazy / 2.0, LazyArray(lazy), ParameterSpace({"tau_m": lazy})["tau_m"]):
        cells = sim.Population(2, sim.IF_cond_exp(tau_m=given))
        np.testing.assert_allclose(cells.get("tau_m"), [20.0, 10.0], rtol=1e-15)
    cells.initialize(v=LazyArray(form([-0.065 * pq.V, -70.0 * pq.mV])))
    assert cells.initial_values["v"].evaluate().tolist() == [-65.0, -70.0]
    weights = LazyArray([[1.0 * pq.nS, 2.0 * pq.nS], [3.0 * pq.nS, 4.0 * pq.nS]])
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weights))
    np.testing.assert_allclose(projection.get("weight", "array"), [[1e-3, 2e-3], [3e-3, 4e-3]], rtol=1e-15)
    with pytest.raises(errors.InvalidParameterValueError, match=r"IF_cond_exp\.tau_m: .* must be in ms"):
        sim.Population(2, sim.IF_cond_exp(tau_m=LazyArray(form([1.0 * pq.mV, 2.0 * pq.ms]))))


def test_items_of_lazy_arrays(sim):
    times = LazyArray([0.02, 0.01] * pq.s)
    times[1] = 30.0 * pq.ms
    assert sim.Population(2, sim.IF_cond_exp(tau_m=times)).get("tau_m").tolist() == [20.0, 30.0]
    with pytest.raises(ValueError):
        times[1] = 30.0
    plain = LazyArray([20.0, 10.0])
    for units in (30.0 * pq.ms, [30.0 * pq.ms]):
        with pytest.raises(errors.InvalidParameterValueError, match="it must be a plain number"):
            plain[1:] = units
    assert plain.evaluate().tolist() == [20.0, 10.0]


@pytest.mark.parametrize("kind", ["own", "of PyNN"])
def test_lists_of_connections(sim, form, kind):
    cells = sim.Population(2, sim.IF_cond_exp())
    make = sim.FromListConnector if kind == "own" else connectors.FromListConnector
    rows = [(0, 1, 5.0 * pq.nS, 1.0 * pq.ms), (1, 1, 0.005, 1e-3 * pq.s)]
    projection = sim.Projection(cells, cells, make(conn_list=[form(row) for row in rows]), sim.StaticSynapse())
    np.testing.assert_allclose(projection.get(["weight", "delay"], "list"), [(0, 1, 5e-3, 1.0), (1, 1, 5e-3, 1.0)])
    with pytest.raises(errors.InvalidParameterValueError, match=r"FromListConnector\.conn_list: .* must be in uS"):
        sim.Projection(cells, cells, make([(0, 1, 5.0 * pq.pA, 1.0)]), sim.StaticSynapse())


def test_generators_of_this_simulator_draw_plain_numbers(sim):
    parameters = {"mu": -65.0 * pq.mV, "sigma": 1.0}
    with pytest.raises(errors.InvalidParameterValueError, match=r"NativeRNG\.normal\.mu: .* without a unit"):
        sim.NativeRNG(1).next(3, "normal", parameters)


def test_what_has_no_units_is_what_it_was(sim):
    given = np.arange(3)
    assert Sequence(given).value is given and Sequence([1, 2]).value.dtype == float
    assert LazyArray([1, 2]).base_value.dtype.kind == "i" and LazyArray([1, 2], dtype=float).base_value.dtype == float
    assert LazyArray("2*d").operations == [] and callable(LazyArray("2*d").base_value)
    assert connectors.FromListConnector([(0, 1)]).conn_list.dtype.kind == "i"
    with pytest.raises(ValueError):
        Sequence(["a"])
