"""How NEST puts times on the grid of its steps."""

from typing import Any

import numpy as np

from ..parameters import Entry, refuse
from ..simulation import simulator

TIC = 1e-3  # ms; the unit of NEST's clock
FOREVER = 1.7976931348623157e308  # NEST's time that never comes, ms


def on_grid(owner: str, name: str, times: Any, offgrid_allowed: bool | None = False) -> np.ndarray:
    """The times of the steps that NEST takes for `times`, in ms.

    A time that is at most half a tic away from a step means this step; another one means the end of the step in which
    it lies if `offgrid_allowed`, and is refused otherwise. (None: refused without a word on how to allow it.)
    """
    times = np.asarray(times, dtype=np.float64)
    steps = np.rint(times / simulator.state.dt)
    off = np.abs(times - steps * simulator.state.dt) > 0.5 * TIC * (1 + 1e-9)
    if off.any():
        if not offgrid_allowed:
            advice = "" if offgrid_allowed is None else ", unless allow_offgrid_times is set"
            refuse(owner, name, times[off].flat[0], f"a multiple of the time step, {simulator.state.dt} ms{advice}")
        steps = np.where(off, np.ceil(times / simulator.state.dt), steps)
    return steps * simulator.state.dt


def check_window(owner: str, window: Any) -> None:
    """`origin`, `start` and `stop`, as numbers or arrays: on the grid, and in order."""
    for name, values in window.items():
        values = Entry(owner, name, "duration" if name == "stop" else "time", "ms").check(values)
        if name != "stop" or np.min(values) < FOREVER:
            on_grid(owner, name, np.where(np.less(values, 1e15), values, 0.0), None)
    if np.any(np.less(window["stop"], window["start"])):
        refuse(owner, "stop", window["stop"], f"at least start, {window['start']}")
