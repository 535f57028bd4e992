"""Sources of spikes at given times, without relay neurons."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
from pyNN.nest import simulator
from pyNN.nest.standardmodels import cells
from pyNN.parameters import Sequence
from pyNN.standardmodels import build_translations

from .. import neurons
from ..compare.faults import mended
from .units import plain_parameters


def _in_steps(train, first, timestep):
    """A train on the grid, to the digits that NEST's check allows, from a step on."""
    steps = np.rint(np.asarray(train.value, dtype=float) / timestep)
    return Sequence(np.round(steps[steps >= first] * timestep, 9))


def train_translation(first: int) -> tuple:
    """Times given to PyNN as times for NEST, where those before a step are left out."""

    def move(trains):
        timestep = simulator.state.dt
        if isinstance(trains, Sequence):
            return _in_steps(trains, first, timestep)
        moved = np.empty(len(trains), dtype=object)
        moved[:] = [_in_steps(train, first, timestep) for train in trains]
        return moved

    def forward(**parameters):
        times = deepcopy(parameters["spike_times"])
        times.apply(move)
        return times

    return "spike_times", "spike_times", forward, lambda **parameters: parameters["spike_times"]


class SpikeSourceArray(cells.SpikeSourceArray):
    __doc__ = cells.SpikeSourceArray.__doc__

    # NEST takes no spikes at 0
    translations = build_translations(train_translation(first=1))
    # a neuron that fires when it is told to: what goes from it is as from any other neuron
    nest_name = dict.fromkeys(("on_grid", "off_grid"), "spike_train_injector")
    uses_parrot = always_local = False
    has_times = True  # which count from the last reset
    units = {"spike_times": "ms", "spikes": "ms"}

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**plain_parameters(parameters, self.units))
        mended("spike-array-rounding")


class WeightedSpikeSourceArray(neurons.WeightedSpikeSourceArray):
    """:class:`pyurbanczik.WeightedSpikeSourceArray` by NEST's ``spike_generator``, which reaches static synapses."""

    translations = build_translations(train_translation(first=0), ("spike_weights", "spike_weights"))
    nest_name = dict.fromkeys(("on_grid", "off_grid"), "spike_generator")
    uses_parrot, always_local, has_times = False, True, True
    is_device = True  # whose connections are all of one model
    standard_receptor_type = True
    injectable = False
    conductance_based = False
