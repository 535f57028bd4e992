"""Faults that several simulators of PyNN share, mended in a process that runs one script."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from pyNN.connectors import MapConnector
from pyNN.random import RandomDistribution

from .faults import mended


def mend_connectors() -> None:
    """Let masks of one cell be arrays, in all simulators of PyNN."""
    connect = MapConnector._standard_connect
    if hasattr(connect, "__wrapped__"):
        return

    @functools.wraps(connect)
    def _standard_connect(self, projection, connection_map_generator, distance_map=None):
        def masks(*arguments):
            for mask in connection_map_generator(*arguments):
                if mask is not True and np.ndim(mask) == 0 and projection.pre.size == 1:
                    mended("single-cell-view")
                    mask = np.atleast_1d(mask)
                yield mask

        return connect(self, projection, masks, distance_map)

    MapConnector._standard_connect = _standard_connect


def mend_initial_values(sim: Any) -> None:
    """Let populations of a simulator draw initial values once, when they are given."""
    for cls in (sim.Population, sim.PopulationView):
        cls._set_initial_value_array = _drawn_once(cls._set_initial_value_array)


def _drawn_once(function):
    @functools.wraps(function)
    def _set_initial_value_array(self, variable, value):
        draw_once(value)
        function(self, variable, value)

    return _set_initial_value_array


def draw_once(value: Any) -> None:
    """Put numbers in place of the distribution of a lazy array, which would give others whenever it is read."""
    if isinstance(value.base_value, RandomDistribution):
        value.base_value, value.operations = value.evaluate(simplify=False), []
        mended("first-sample")
