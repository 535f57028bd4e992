"""Times and the steps in which the core counts them."""

import math
from typing import Any

import numpy as np

from backend_cython.model import schema as declare

from .entries import Entry
from .hints import Number
from .refusals import refuse
from .units import is_lazy

# Times that are longer could not be counted in steps, see `backend_cython.model.schema`.
LONGEST_TIME = declare.LONGEST_TIME
# Every float is a whole number of these parts of a millisecond.
PARTS = 2**1074


def exactly(time: float) -> int:
    """A time (ms) in `PARTS` of a millisecond, so that sums are exact; ``/ PARTS`` yields the nearest float."""
    numerator, denominator = time.as_integer_ratio()
    return numerator * (PARTS // denominator)


def to_steps(time: Any, timestep: float) -> int:
    """Nearest number of time steps."""
    return int(np.rint(time / timestep))


def nearest_step(time: Any, timestep: float) -> Any:
    """The time step nearest to a time (a float), or to each of an array; of two that are as near the later one, as in
    NEST.
    """
    # 0.15 ms / 0.1 ms is a little less than 1.5
    steps = time / timestep + (0.5 + 1e-9)
    return math.floor(steps) if isinstance(steps, float) else np.floor(steps).astype(int)


def to_time(steps: Any, timestep: float) -> Any:
    """The time (ms) of a number of steps, or of an array of them.

    Where the time step divides a millisecond, steps are divided by their number in a millisecond: 3 steps of
    0.1 ms are 0.3 ms then, and not the next larger double, which multiplying by a rounded 0.1 yields.
    """
    per_millisecond = round(1.0 / timestep)
    if abs(per_millisecond * timestep - 1.0) < 1e-12:
        return steps / per_millisecond
    return steps * timestep


def on_grid(times: Any, steps: Any, timestep: float) -> Any:
    """Times (ms) on the grid: as they were given where that is the time of their steps but for rounding, otherwise the
    time of the steps. A number stays a float.
    """
    given, exact = np.abs(times / timestep - steps) <= 1e-9 * np.maximum(steps, 1), to_time(steps, timestep)
    if isinstance(times, float):
        return times if given else float(exact)
    return np.where(given, times, exact)


def checked_interval(owner: str, interval: Number, timestep: float) -> float:
    """A sampling interval (ms, or a quantity), in ms."""
    allowed = f"a positive multiple of the time step, {timestep} ms"
    if is_lazy(interval) or isinstance(interval, str | bool):
        refuse(owner, "sampling_interval", repr(interval), allowed)
    interval = Entry(owner, "sampling_interval", "any", "ms").number(interval)
    if not timestep / 2 < interval <= LONGEST_TIME:
        refuse(owner, "sampling_interval", f"{interval} ms", allowed)
    if abs(to_steps(interval, timestep) * timestep - interval) > 1e-6 * timestep:
        refuse(owner, "sampling_interval", f"{interval} ms", allowed)
    return interval
