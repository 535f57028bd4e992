"""Spike sources, many of a kind, since only their statistics can agree."""

from functools import partial

from .pynn_networks import recorded, setup

N_SOURCES = 200
DURATION = 4500.0  # ms
START = 400.0  # ms; not every simulator starts a process as if it had run before
SOURCES = {
    "Poisson": ("SpikeSourcePoisson", {"rate": 60.0}),
    "Poisson, a window": ("SpikeSourcePoisson", {"rate": 200.0, "start": 1000.0, "duration": 1500.0}),
    "dead time": ("SpikeSourcePoissonRefractory", {"rate": 60.0, "tau_refrac": 8.0}),
    "gamma, shape 2": ("SpikeSourceGamma", {"alpha": 2.0, "beta": 120.0}),
    "gamma, shape 5": ("SpikeSourceGamma", {"alpha": 5.0, "beta": 300.0}),
}


def fire(name, parameters, sim):
    setup(sim)
    sources = sim.Population(N_SOURCES, getattr(sim, name)(**parameters))
    sources.record("spikes")
    sim.run(DURATION)
    return recorded(sources, [])


SCRIPTS = {label: partial(fire, *values) for label, values in SOURCES.items()}
