"""Current sources under NEST's names and in NEST's units (pA), so that a NEST script ports line by line."""

from typing import Any

import neo
import numpy as np
from pyNN.models import BaseCurrentSource
from pyNN.parameters import ArrayParameter

from ..electrodes import ACSource, CurrentSource, DCSource, NoisyCurrentSource, StepCurrentSource
from ..parameters import Entry, refuse
from ..simulation.lifetime import Member, changing
from .advice import look_up, refuse_status
from .time_grid import FOREVER, check_window, on_grid

MILLI = 1e-3  # pA → nA, ms → s
WINDOW = {"origin": 0.0, "start": 0.0, "stop": FOREVER}  # ms; start and stop count from origin


class NativeElectrodeType(Member, BaseCurrentSource):
    """What the current sources with NEST's names share: each steers one of our own.

    As in NEST a current takes one delay to its cells, the `min_delay` of :func:`setup` (the time step if that is
    "auto"). Parameters are attributes; what is set reads back as the same number.
    """

    source: Any = None
    default_parameters = {}
    units = {
        **dict.fromkeys(("amplitude", "amplitude_values", "offset", "mean", "std"), "pA"),
        **dict.fromkeys(("origin", "start", "stop", "amplitude_times", "dt"), "ms"),
        "frequency": "Hz",
        "phase": "degrees",
    }
    rules = {
        "stop": "any",
        **dict.fromkeys(("frequency", "std"), "non-negative"),
        "dt": "interval",
    }
    picklable = CurrentSource.picklable

    @changing
    def __init__(self, location: str | None = "soma", **parameters: Any) -> None:
        given = {**self.default_parameters, **self._checked(parameters)}
        object.__setattr__(self, "_delay", self.simulation.default_delay())
        object.__setattr__(self, "_source", self.source(location=location, **self._own(**given)))
        self._given.update(given)

    @property
    def _given(self):
        return self._source._native

    def _checked(self, parameters):
        owner, checked = type(self).__name__, {}
        for name, value in parameters.items():
            if name not in self.default_parameters:
                refuse_status(owner, name, self.default_parameters)
            if name not in self.units:
                checked[name] = value
                continue
            current = self.units[name] == "pA"
            entry = Entry(owner, name, self.rules.get(name, "finite"), self.units[name], MILLI if current else 1.0)
            several = isinstance(self.default_parameters[name], tuple)
            value = value.value if isinstance(value, ArrayParameter) else value
            checked[name] = (
                np.atleast_1d(entry.check(entry.convert(value))).tolist() if several else entry.number(value)
            )
        return checked

    def _own(self, **given):
        """The parameters of `source`."""
        raise NotImplementedError

    def _window(self, origin, start, stop):
        """When the current begins and ends to act."""
        check_window(type(self).__name__, {"origin": origin, "start": start, "stop": stop})
        return {"start": origin + start + self._delay, "stop": origin + stop + self._delay}

    @changing
    def set_parameters(self, **parameters: Any) -> None:
        """Change parameters from the present time on."""
        checked = self._checked(parameters)
        self._source.set_parameters(**self._own(**{**self._given, **checked}))
        self._given.update(checked)

    def get_parameters(self) -> dict[str, Any]:
        """All parameters, as a dict."""
        return dict(self._given)

    def __getattr__(self, name):
        if name in type(self).default_parameters:
            return self._given[name]
        raise AttributeError(
            f"{type(self).__name__} has no {name!r}; its parameters are {', '.join(self.default_parameters)}"
        )

    def __setattr__(self, name, value):
        self.set_parameters(**{name: value})

    def inject_into(self, cells: Any, location: str | None = None) -> None:
        """Inject the current into cells; see `DCSource.inject_into`."""
        self._source.inject_into(cells, location)

    def record(self) -> None:
        """Record the current, as it arrives at the cells, from the present time on; see `DCSource.record`."""
        self._source.record()

    def get_data(self) -> neo.Block:
        """The recorded current, in nA, as a Neo signal."""
        return self._source.get_data()


class dc_generator(NativeElectrodeType):
    """NEST's constant current: `amplitude` (pA) from `start` to `stop` (ms after `origin`)."""

    source = DCSource
    default_parameters = {"amplitude": 0.0, **WINDOW}

    def _own(self, amplitude, **window):
        return {"amplitude": MILLI * amplitude, **self._window(**window)}


class ac_generator(NativeElectrodeType):
    """NEST's sine: `amplitude`, `offset` (pA), `frequency` (Hz), `phase` (degrees) at t = 0, from `start` to `stop`
    (ms after `origin`).
    """

    source = ACSource
    default_parameters = {"amplitude": 0.0, "offset": 0.0, "frequency": 0.0, "phase": 0.0, **WINDOW}

    def _own(self, amplitude, offset, frequency, phase, origin, start, stop):
        return {
            "amplitude": MILLI * amplitude,
            "offset": MILLI * offset,
            "frequency": frequency,
            "phase": phase + 360.0 * frequency * MILLI * (origin + start),
            **self._window(origin, start, stop),
        }


class step_current_generator(NativeElectrodeType):
    """NEST's steps of current: `amplitude_values` (pA) from each of `amplitude_times` (ms) on.

    The times are positive multiples of the time step; with `allow_offgrid_times` others mean the end of their step.
    They do not count from `origin`. The current is 0 outside of `start` to `stop` (ms after `origin`).
    """

    source = StepCurrentSource
    default_parameters = {"amplitude_times": (), "amplitude_values": (), "allow_offgrid_times": False, **WINDOW}

    def _own(self, amplitude_times, amplitude_values, allow_offgrid_times, **window):
        owner = type(self).__name__
        if not isinstance(allow_offgrid_times, (bool, np.bool_)):
            refuse(owner, "allow_offgrid_times", repr(allow_offgrid_times), "True or False")
        times = np.asarray(amplitude_times, dtype=np.float64)
        amplitudes = np.multiply(amplitude_values, MILLI)
        if times.shape != amplitudes.shape:
            refuse(owner, "amplitude_values", f"{amplitudes.size} values for {times.size} times", "one for each time")
        if not (np.isfinite(times) & (times > 0)).all():
            refuse(owner, "amplitude_times", amplitude_times, "positive and finite")
        times = on_grid(owner, "amplitude_times", times, allow_offgrid_times)
        if (np.diff(times) <= 0.5 * self.simulation.dt).any():
            refuse(owner, "amplitude_times", amplitude_times, "at increasing time steps")
        return self._within(times + self._delay, amplitudes, **self._window(**window))

    @staticmethod
    def _within(times, amplitudes, start, stop):
        """The steps from `start` to `stop`, with what is in force at `start` as the first and 0 as the last."""
        first, end = np.searchsorted(times, [start, stop], side="left")
        pieces = [(times[first:end], amplitudes[first:end])]
        if 0 < first <= end and (first == times.size or times[first] > start) and start < stop:
            pieces.insert(0, ([start], amplitudes[first - 1 : first]))
        if end > 0 and stop < FOREVER:
            pieces.append(([stop], [0.0]))
        times, amplitudes = (np.concatenate(column) for column in zip(*pieces))
        return {"times": times, "amplitudes": amplitudes}


class noise_generator(NativeElectrodeType):
    """NEST's white noise: `mean` and `std` (pA), drawn anew every `dt`, from `start` to `stop` (ms after `origin`).

    Other than in NEST, all cells into which it is injected get the same current; see `NoisyCurrentSource`.
    """

    source = NoisyCurrentSource
    default_parameters = {"mean": 0.0, "std": 0.0, "dt": 1.0, **WINDOW}

    def _own(self, mean, std, dt, **window):
        return {"mean": MILLI * mean, "stdev": MILLI * std, "dt": dt, **self._window(**window)}


NATIVE_ELECTRODE_TYPES = {
    cls.__name__: cls for cls in (dc_generator, ac_generator, step_current_generator, noise_generator)
}


def native_electrode_type(model_name: str) -> type:
    """The current source that NEST calls `model_name`, with NEST's names and units.

    Parameters
    ----------
    model_name : str
        "dc_generator", "ac_generator", "step_current_generator" or "noise_generator".

    Returns
    -------
    type
        A class; call it with NEST's parameters.

    Raises
    ------
    pyNN.errors.NoModelAvailableError
        For another name; it says what to use instead.
    """
    return look_up("native electrode type", NATIVE_ELECTRODE_TYPES, model_name)
