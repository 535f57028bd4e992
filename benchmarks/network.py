"""The network that every peer builds, described without any simulator.

N neurons share K inputs, whose plastic synapses end on their dendrites: each input reaches each neuron. Two more
spike trains teach the somata, through an excitatory and an inhibitory conductance. In a recurrent network the
neurons themselves are the inputs of all others.

A peer is a class ``Simulation(network, duration, threads, record)`` with

* ``advance(ms)``: go on for so long; seconds of wall time that the simulation itself took;
* ``weights()``: weights of the plastic synapses now, nA, an array (K, N).

All peers get the very same spike times, one draw of a Poisson process on the time grid.
"""

from dataclasses import dataclass, field

import numpy as np

from examples.urbanczik_senn_2014_fig1b import TIMESTEP, standard_units

TEACHER_RATE = 100.0  # Hz
TEACHER_WEIGHT = 0.03  # uS, of the excitatory and of the inhibitory train
UNIT_VOLTAGE = 15.0  # mV, θ − E_L of the published parameters, in the rule and in its kernel
FIRST_SPIKE = 1.0  # ms; relay neurons, which some peers need, have to be set ahead of the spike


def standard_cell(**changed):
    """Parameters of the neuron of the experiment, with those of its dendrite changed as given."""
    cell = standard_units().cell
    return cell | {"dendrite": cell["dendrite"] | changed}


@dataclass(frozen=True)
class Network:
    targets: int = 100
    inputs: int = 100
    rate: float = 10.0  # Hz, of each input; in a recurrent network about what comes out
    silent: int = 0  # inputs, the first ones, that never spike
    recurrent: bool = False
    delay: float = TIMESTEP  # ms, of the plastic synapses
    drive: float = 10.0  # mV by which all inputs together lift the dendrite when they spike at 10 Hz
    cell: dict = field(default_factory=standard_cell)
    eta_scale: float = 1.0
    last_together: bool = False  # every input spikes in the last step
    seed: int = 1

    @classmethod
    def of_neurons(cls, n):
        """n neurons that excite each other's dendrites and rest near threshold; none excites itself."""
        return cls(n, n, rate=40.0, recurrent=True, drive=1.0, cell=standard_cell(v_rest=-64.0))

    @classmethod
    def deterministic(cls, n, k):
        """Certain to spike whenever it is not refractory, so that the weights are the same in every simulator.

        The rate of 1e6 Hz multiplies the error, and the learning rate makes up for it.
        """
        cell = standard_cell() | {"phi_max": 1e6, "theta": -75.0}
        return cls(n, k, cell=cell, eta_scale=1e-3, last_together=True)

    @property
    def size(self):
        """Number of plastic synapses."""
        return self.inputs * (self.targets - self.recurrent)

    @property
    def synapse(self):
        """Parameters of the rule as in the experiment, with weights that suit the number of inputs."""
        # a spike every 100 ms of a current w that decays within tau_syn gives a mean of w tau_syn / 100 ms
        dendrite = self.cell["dendrite"]
        weight = self.drive * dendrite["g_leak"] / (self.inputs * dendrite["tau_syn_E"] * 0.01)
        eta = self.eta_scale * standard_units().synapse["eta"] * weight / standard_units().synapse["weight"]
        return {
            "weight": weight,
            "eta": eta,
            "tau_Delta": 100.0,
            "w_min": 0.0,
            "w_max": 15.0 * weight,
            "delay": self.delay,
        }

    def trains(self, duration):
        """Spike times of each input up to `duration`, ms."""
        rng = np.random.default_rng(self.seed)
        trains = [poisson(rng, 0.0 if i < self.silent else self.rate, duration) for i in range(self.inputs)]
        return [np.append(train, duration) for train in trains] if self.last_together else trains

    def teacher(self, duration):
        """Spike times of the excitatory and of the inhibitory teacher, ms."""
        rng = np.random.default_rng(self.seed + 1)
        return [poisson(rng, TEACHER_RATE, duration) for _ in range(2)]


def poisson(rng, rate, duration):
    """Times on the grid, at most one a step, and none before FIRST_SPIKE."""
    n = rng.poisson(rate * 1e-3 * duration)
    steps = np.unique(rng.integers(round(FIRST_SPIKE / TIMESTEP), round(duration / TIMESTEP), n))
    return np.round(steps * TIMESTEP, 6)


def in_order(trains):
    """Steps and inputs of all spikes, sorted by step and then by input."""
    steps = np.concatenate([np.rint(times / TIMESTEP).astype(np.int64) for times in trains])
    inputs = np.repeat(np.arange(len(trains)), [times.size for times in trains])
    order = np.lexsort((inputs, steps))
    return steps[order], inputs[order]
