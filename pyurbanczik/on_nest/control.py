"""Setting NEST up and running it to the time that was asked for.

pyNN.nest runs NEST a min_delay ahead, since what happens in the last interval reaches recorders in the next one. Then
nothing that a script sets between two runs acts at once. Here NEST gets ahead only when data are read.
"""

from __future__ import annotations

from typing import Any

import nest
import numpy as np
from pyNN import common
from pyNN.nest import control, simulator

from ..compare.faults import mended
from .units import without_units

state = simulator.state


class State(type(state)):  # type: ignore[misc]
    """The state of pyNN.nest; `ahead` is by how much NEST is ahead of the time of the script, ms."""

    ahead = 0.0

    @property
    def t(self) -> float:
        return max(float(np.around(self.t_kernel - self.ahead - self._time_offset, decimals=12)), 0.0)

    def run(self, simtime: float) -> None:
        for population in self.populations:
            if population._deferred_parrot_connections:
                population._connect_parrot_neurons()
        for device in self.recording_devices:
            if not device._connected:
                device.connect_to_cells()
        if simtime > 0:
            self.running = True
            steps = round((simtime - self.ahead) / self.dt)
            if steps > 0:
                nest.Simulate(steps * self.dt)
                self.ahead = 0.0
            else:
                self.ahead -= simtime

    def run_until(self, tstop: float) -> None:
        if tstop - self.t > self.dt / 2:
            self.run(tstop - self.t)

    def flush(self) -> None:
        """Let what happened until now reach the recorders."""
        if self.running and self.ahead < self.min_delay - self.dt / 2:
            steps = round((self.min_delay - self.ahead) / self.dt)
            nest.Simulate(steps * self.dt)
            self.ahead += steps * self.dt

    def reset(self) -> None:
        super().reset()
        self.ahead = 0.0
        for population in self.populations:
            if getattr(population.celltype, "has_times", False):
                population._set_parameters(population.celltype.native_parameters)

    def clear(self) -> None:
        super().clear()
        self.ahead = 0.0


state.__class__ = State


@without_units
def setup(*arguments: Any, **keywords: Any) -> int:
    """pyNN.nest's `setup`, with spikes on the grid of time steps."""
    if keywords.get("spike_precision") != "on_grid":
        mended("off-grid")
    keywords["spike_precision"] = "on_grid"
    return control.setup(*arguments, **keywords)


end = control.end
_run, _run_until = common.build_run(simulator)
run, run_until = without_units(_run), without_units(_run_until)
run_for = run
reset = common.build_reset(simulator)
initialize = without_units(common.initialize)
get_current_time, get_time_step, get_min_delay, get_max_delay, num_processes, rank = common.build_state_queries(
    simulator
)
