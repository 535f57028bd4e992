"""Current sources under NEST's names and in NEST's units (pA), so that a NEST script ports line by line."""

import numpy as np
from pyNN.models import BaseCurrentSource

from .electrodes import ACSource, DCSource, NoisyCurrentSource, StepCurrentSource
from .values import NonExistentParameterError, look_up

MILLI = 1e-3  # pA → nA
FOREVER = {"start": 0.0, "stop": 1.7976931348623157e308}


class NativeElectrodeType(BaseCurrentSource):
    """What the current sources with NEST's names share: each steers one of our own.

    Parameters are attributes; what is set reads back as the same number.
    """

    source = None
    names = {}  # {NEST's name: (ours, our number for a value of 1)}
    default_parameters = {}

    def __init__(self, location="soma", **parameters):
        given = {**self.default_parameters, **self._checked(parameters)}
        object.__setattr__(self, "_given", given)
        object.__setattr__(self, "_source", self.source(location=location, **self._translated(given)))

    def _checked(self, parameters):
        for name in parameters:
            if name not in self.default_parameters:
                raise NonExistentParameterError(name, type(self).__name__, self.default_parameters)
        return parameters

    def _translated(self, parameters):
        translated = {}
        for name, value in parameters.items():
            own, factor = self.names[name]
            translated[own] = value if factor == 1.0 else np.multiply(value, factor)
        return translated

    def set_parameters(self, **parameters):
        """Change parameters from the present time on."""
        self._source.set_parameters(**self._translated(self._checked(parameters)))
        self._given.update(parameters)

    def get_parameters(self):
        """All parameters, as a dict."""
        return dict(self._given)

    def __getattr__(self, name):
        if name in type(self).default_parameters:
            return self._given[name]
        raise AttributeError(f"{type(self).__name__} has no {name!r}; its parameters are {', '.join(self._given)}")

    def __setattr__(self, name, value):
        self.set_parameters(**{name: value})

    def inject_into(self, cells, location=None):
        """Inject the current into cells; see `DCSource.inject_into`."""
        self._source.inject_into(cells, location)

    def record(self):
        """Record the current from the present time on."""
        self._source.record()

    def get_data(self):
        """The recorded current, in nA, as a Neo signal."""
        return self._source.get_data()


class dc_generator(NativeElectrodeType):
    """NEST's constant current: `amplitude` (pA) from `start` to `stop` (ms)."""

    source = DCSource
    names = {"amplitude": ("amplitude", MILLI), "start": ("start", 1.0), "stop": ("stop", 1.0)}
    default_parameters = {"amplitude": 0.0, **FOREVER}


class ac_generator(NativeElectrodeType):
    """NEST's sine: `amplitude`, `offset` (pA), `frequency` (Hz), `phase` (degrees) at `start`, until `stop` (ms)."""

    source = ACSource
    names = {
        **dc_generator.names,
        "offset": ("offset", MILLI),
        "frequency": ("frequency", 1.0),
        "phase": ("phase", 1.0),
    }
    default_parameters = {"amplitude": 0.0, "offset": 0.0, "frequency": 0.0, "phase": 0.0, **FOREVER}


class step_current_generator(NativeElectrodeType):
    """NEST's steps of current: `amplitude_values` (pA) from each of `amplitude_times` (ms) on."""

    source = StepCurrentSource
    names = {"amplitude_times": ("times", 1.0), "amplitude_values": ("amplitudes", MILLI)}
    default_parameters = {"amplitude_times": (), "amplitude_values": ()}


class noise_generator(NativeElectrodeType):
    """NEST's white noise: `mean` and `std` (pA), drawn anew every `dt`, from `start` to `stop` (ms)."""

    source = NoisyCurrentSource
    names = {
        "mean": ("mean", MILLI),
        "std": ("stdev", MILLI),
        "dt": ("dt", 1.0),
        "start": ("start", 1.0),
        "stop": ("stop", 1.0),
    }
    default_parameters = {"mean": 0.0, "std": 0.0, "dt": 1.0, **FOREVER}


NATIVE_ELECTRODE_TYPES = {
    cls.__name__: cls for cls in (dc_generator, ac_generator, step_current_generator, noise_generator)
}


def native_electrode_type(model_name):
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
        For another name.
    """
    return look_up("native electrode type", NATIVE_ELECTRODE_TYPES, model_name)
