"""A cell of any kind under the same trains of input as its readable twin."""

import numpy as np

from backend_cython.neurons.responses import compose
from tests.reference.point_neuron import Response, simulate

from ..helpers import H
from .bench import Bench

TWINS = {"tau_syn": "tau", "tau_decay": "tau", "tau_rise": "tau_rise", "e_syn": "e_rev"}


def trains(n_steps, n_trains, n_spikes=12, seed=1):
    """Sorted steps of spikes that arrive (after one step) within the run."""
    rng = np.random.default_rng(seed)
    return [np.sort(rng.choice(np.arange(1, n_steps - 1), n_spikes, replace=False)) for _ in range(n_trains)]


class Driven(Bench):
    """Cells of one kind under a train through each receptor, and under one current (nA) a step."""

    def __init__(self, cls, n_steps, weights, size=1, h=H, currents=None, initial=None, **parameters):
        given = zip(cls.RECEPTORS, trains(n_steps, len(cls.RECEPTORS)), weights)
        synapses = {receptor: (steps + 1, weight) for receptor, steps, weight in given}
        super().__init__(cls, cls.RECORDABLES, size, h, synapses=synapses, **parameters)
        self.n_steps, self.h, self.currents = n_steps, h, currents
        self.arriving = self.arrivals(n_steps, synapses)
        for name, value in (initial or {}).items():
            self.cells.initialize(name, value)
        if currents is not None:
            self.inject(np.arange(n_steps), currents)

    def run(self, n_steps=None):
        self.network.run(n_steps or self.n_steps)
        return self

    def twin(self, membrane, responses, **initial):
        return simulate(membrane, responses, self.arriving, self.h, self.currents, **initial)


def twin_response(kind, **parameters):
    """The twin of a response with PyNN's names."""
    values = {TWINS[name]: value for name, value in parameters.items()}
    if kind.startswith("cond"):
        values.setdefault("e_rev", 0.0)
    return Response(kind.split("_")[1], **values)


def composed(membrane, responses):
    """A class of cells, the values of its parameters, and the twins of its responses.

    `responses` is ``{receptor: (kind, {parameter: value})}``.
    """
    cls = compose(membrane, {receptor: kind for receptor, (kind, _) in responses.items()})
    values = {f"{receptor}.{name}": v for receptor, (_, given) in responses.items() for name, v in given.items()}
    return cls, values, [twin_response(kind, **given) for kind, given in responses.values()]
