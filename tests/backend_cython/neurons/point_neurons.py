"""A cell of any kind under the same trains of input as its readable twin."""

import numpy as np
from backend_cython.electrodes import StepCurrent
from backend_cython.network import Network
from backend_cython.recorder import SampleRecorder, SpikeRecorder

from backend_cython.neurons.responses import compose
from tests.reference.point_neuron import Response, simulate

from ..helpers import H, source, static

TWINS = {"tau_syn": "tau", "tau_decay": "tau", "tau_rise": "tau_rise", "e_syn": "e_rev"}


def trains(n_steps, n_trains, n_spikes=12, seed=1):
    """Sorted steps of spikes that arrive (after one step) within the run."""
    rng = np.random.default_rng(seed)
    return [np.sort(rng.choice(np.arange(1, n_steps - 1), n_spikes, replace=False)) for _ in range(n_trains)]


class Bench:
    """Cells of one kind; the same input reaches each of them through all receptors."""

    def __init__(self, cls, n_steps, weights, size=1, h=H, currents=None, initial=None, **parameters):
        self.n_steps, self.h, self.currents = n_steps, h, currents
        self.network = Network(h, 5)
        self.cells = cls(self.network, size)
        self.cells.set(parameters)
        for name, value in (initial or {}).items():
            self.cells.initialize(name, value)
        self.arrivals = np.zeros((n_steps + 1, len(cls.RECEPTORS)))
        given = trains(n_steps, len(cls.RECEPTORS))
        for k, (receptor, weight) in enumerate(zip(cls.RECEPTORS, weights)):
            pre = source(self.network, given[k])
            if h != H:
                pre.set_spikes([given[k] * h])
            static(pre, self.cells, 1, weight, receptor)
            self.arrivals[given[k] + 1, k] = weight
        if currents is not None:
            electrode = StepCurrent(self.network)
            electrode.set(np.arange(n_steps), currents)
            electrode.inject(self.cells, 0, np.arange(size))
        cells = np.arange(size)
        self.recorders = {name: SampleRecorder(self.cells, name, cells) for name in cls.RECORDABLES}
        self.spikes = SpikeRecorder(self.cells)

    def run(self, n_steps=None):
        self.network.run(n_steps or self.n_steps)
        return self

    def trace(self, name, cell=0):
        return self.recorders[name].data[:, cell]

    def fired(self, cell=0):
        """Steps of the spikes of a cell."""
        cells, steps = self.spikes.data
        return steps[cells == cell].tolist()

    def twin(self, membrane, responses, **initial):
        return simulate(membrane, responses, self.arrivals, self.h, self.currents, **initial)


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
