"""Changes that happen as a whole or not at all."""

from copy import deepcopy

import pytest

from pyurbanczik.parameters.changes import carry_out, draws_undone
from pyurbanczik.random_numbers import NativeRNG


def change(name, log, refused=False):
    log.append(f"check {name}")
    if refused:
        raise ValueError(name)
    yield
    log.append(f"change {name}")


def test_all_checks_come_before_all_changes():
    log = []
    carry_out([change("a", log), change("b", log)])
    assert log == ["check a", "check b", "change a", "change b"]


def test_one_refusal_is_one_of_all():
    log = []
    with pytest.raises(ValueError, match="b"):
        carry_out([change("a", log), change("b", log, refused=True)])
    assert log == ["check a", "check b"]


@pytest.mark.parametrize("make", [lambda sim: sim.NumpyRNG(seed=3), lambda sim: NativeRNG(seed=3)])
def test_draws_of_what_is_refused_are_undone(sim, make):
    rng = make(sim)
    with pytest.raises(ValueError), draws_undone(sim.RandomDistribution("uniform", (0, 1), rng=rng)):
        rng.next(5)
        raise ValueError
    assert rng.next() == make(sim).next()
    with draws_undone(rng):
        second = rng.next()
    assert rng.next() != second


@pytest.mark.parametrize("make", [lambda sim: sim.NumpyRNG(seed=3), lambda sim: NativeRNG(seed=3)])
def test_a_projection_that_is_refused_leaves_its_generator_alone(sim, make):
    rng = make(sim)
    cells = sim.Population(5, sim.IF_cond_exp())
    for synapse in (sim.StaticSynapse(weight=lambda d: -1.0), sim.MultiQuantalSynapse(weight=0.1, n=lambda d: 1.5)):
        with pytest.raises(ValueError):
            sim.Projection(
                cells, cells, sim.FixedProbabilityConnector(0.5, rng=rng), synapse, receptor_type="excitatory"
            )
    assert rng.next() == make(sim).next()
    assert not sim.simulator.state.network.projections.members


@pytest.mark.parametrize("make", [lambda sim: sim.NumpyRNG(seed=3), lambda sim: NativeRNG(seed=3)])
@pytest.mark.parametrize("name", ["FixedNumberPostConnector", "FixedNumberPreConnector", "FixedTotalNumberConnector"])
def test_numbers_of_connections_are_drawn_in_vain(sim, make, name):
    rng = make(sim)
    with pytest.raises(ValueError, match=rf"{name}\.n: "):
        getattr(sim, name)(sim.RandomDistribution("uniform", (0, 3), rng=rng))
    assert rng.next() == make(sim).next()
    cells = sim.Population(5, sim.IF_cond_exp())
    connector = getattr(sim, name)(sim.RandomDistribution("uniform_int", (1, 3), rng=rng), rng=make(sim))
    before = deepcopy(rng)
    with pytest.raises(ValueError):
        sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=-0.1), receptor_type="excitatory")
    assert rng.next() == before.next()
