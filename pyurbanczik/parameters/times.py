"""Times and the steps in which the core counts them."""

import math
from typing import Any

import numpy as np

from backend_cython.model import schema as declare
from backend_cython.numerics.time_grid import delays_on_grid

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


def nearest_step(time: float, timestep: float) -> int:
    """The time step nearest to a time, of two that are as near the later one, as in NEST."""
    # 0.15 ms / 0.1 ms is a little less than 1.5
    return math.floor(time / timestep + (0.5 + 1e-9))


def _steps_per_millisecond(timestep):
    """A whole number, or 0 if there is none."""
    nearest = round(1.0 / timestep)
    return nearest if abs(nearest * timestep - 1.0) < 1e-12 else 0


def to_time(steps: Any, timestep: float) -> Any:
    """The time (ms) of a number of steps, or of an array of them.

    Where the time step divides a millisecond, steps are divided by their number in a millisecond: 3 steps of
    0.1 ms are 0.3 ms then, and not the next larger double, which multiplying by a rounded 0.1 yields.
    """
    per_millisecond = _steps_per_millisecond(timestep)
    return steps / per_millisecond if per_millisecond else steps * timestep


def delay_on_grid(delay: Any, timestep: float) -> tuple[Any, Any]:
    """The steps nearest to a delay (ms), one at least, and the delay that acts: as it was given if that is the time of
    its steps but for rounding, otherwise the time of the steps. Likewise for an array of delays.
    """
    delays = np.asarray(delay, dtype=float)
    steps, acting = delays_on_grid(delays.ravel(), timestep, _steps_per_millisecond(timestep))
    return (steps, acting) if delays.ndim else (int(steps[0]), float(acting[0]))


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
