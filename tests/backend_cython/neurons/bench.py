"""Cells of one model with one spike train for each receptor, everything recorded."""

import numpy as np

from backend_cython.engine.network import Network
from backend_cython.model.current_source import StepCurrent
from backend_cython.model.recorder import SampleRecorder, SpikeRecorder
from backend_cython.neurons.spike_source_array import SpikeSourceArray

from ..helpers import H, static


class Bench:
    """`size` cells of the model `cls`.

    Parameters
    ----------
    variables : iterable of str
        What is recorded besides the spikes.
    synapses : dict, optional
        ``{receptor: (steps of arrival, weight)}``
    **parameters
        Of the cells.
    """

    def __init__(self, cls, variables, size=1, timestep=H, seed=0, synapses=None, **parameters):
        self.network = Network(timestep, seed)
        self.cells = cls(self.network, size)
        self.cells.set(parameters)
        self.recorders = {name: SampleRecorder(self.cells, name, np.arange(size)) for name in variables}
        self.spikes = SpikeRecorder(self.cells)
        for receptor, (steps, weight) in (synapses or {}).items():
            train = SpikeSourceArray(self.network, 1)
            train.set_spikes([timestep * (np.asarray(steps, dtype=float) - 1.0)])
            static(train, self.cells, weight=weight, receptor=receptor)

    def inject(self, steps, amplitudes):
        """A current into all cells, each amplitude (nA) from its step on."""
        electrode = StepCurrent(self.network)
        electrode.set(np.asarray(steps), np.asarray(amplitudes))
        electrode.inject(self.cells, 0, np.arange(self.cells.size))

    def arrivals(self, n_steps, synapses=None):
        """What arrives at each step, an array of shape (n_steps + 1, number of receptors)."""
        arriving = np.zeros((n_steps + 1, len(self.cells.RECEPTORS)))
        for receptor, (steps, weight) in (synapses or {}).items():
            arriving[list(steps), self.cells.RECEPTORS.index(receptor)] += weight
        return arriving

    def data(self, name, cell=0):
        """Values at steps 0 … n."""
        return self.recorders[name].data[:, cell]

    def spike_steps(self, cell=0):
        cells, steps = self.spikes.data
        return steps[cells == cell].tolist()

    @staticmethod
    def check_repeatable(make, variables, n_steps):
        """A run in one go, in pieces, and once more after a reset gives the same bits."""
        whole, parts = make(), make()
        whole.network.run(n_steps)
        for n in (1, n_steps // 3, n_steps - n_steps // 3 - 1):
            parts.network.run(n)
        expected = {name: whole.recorders[name].data.copy() for name in variables}, whole.spike_steps()
        for _ in range(2):
            for name in variables:
                np.testing.assert_array_equal(parts.recorders[name].data, expected[0][name])
            assert parts.spike_steps() == expected[1]
            parts.network.reset()
            parts.network.run(n_steps)
        assert expected[1], "a run without spikes proves little"
