"""Current sources: DC, AC, steps and noise, injected into any compartment, with a record of their own."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from pyNN.parameters import ArrayParameter, Sequence
from pyNN.standardmodels import build_translations, electrodes

from backend_cython.model.current_source import NoiseCurrent, SineCurrent, StepCurrent

from .objects.presentation import ShownModel, changed
from .parameters import (
    LONGEST_TIME,
    Entry,
    NonExistentParameterError,
    is_lazy,
    refuse,
    refuse_choice,
    to_steps,
    to_time,
)
from .parameters.calls import check_arguments_of
from .simulation.lifetime import Member, changing, reading

# What the numbers of all current sources are in.
UNITS = {
    **dict.fromkeys(("amplitude", "amplitudes", "offset", "mean", "stdev"), "nA"),
    **dict.fromkeys(("start", "stop", "times", "dt"), "ms"),
    "frequency": "Hz",
    "phase": "degrees",
}


def in_space(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as PyNN's parameter space takes them."""
    return {name: Sequence(value) if np.ndim(value) else value for name, value in values.items()}


class CurrentSource(ShownModel, Member):
    """Mixin of all current sources: parameters, injection, and the record.

    A current that the source has *at* time t flows over (t, t + time step], so that a potential changes one
    step later. Parameters are attributes; a change counts from the present time on.
    """

    core: Any = None
    _values: dict[str, Any]
    rules = {"stop": "any"}
    units = UNITS
    picklable = "what get_parameters() returns"

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.translations = build_translations(*((name, name) for name in cls.default_parameters))

    @changing
    def __init__(self, location: str | None = "soma", **parameters: Any) -> None:
        state = self.simulation
        for own, value in (
            ("_location", location),
            ("_network", state.network),
            ("_values", None),
            ("_past", []),
            ("_native", {}),  # what an electrode with NEST's names was given that steers this one
            ("_record_from", None),
            ("_timestep", state.dt),
        ):
            object.__setattr__(self, own, value)
        self._check_names(parameters)
        values = self._checked({**self._defaults(), **parameters})
        super().__init__(**in_space(values))
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "_core", self.core(state.network))
        self._apply(self._core, values)
        # a source without a name must live as long as the cells that it drives
        state.current_sources.append(self)

    def _defaults(self):
        return dict(self.default_parameters)

    def _changed(self, values=None):
        return changed(self._values, self._defaults(), self.units)

    # ---- parameters

    def _check_names(self, parameters):
        for name in parameters:
            if name not in self.default_parameters:
                raise NonExistentParameterError(name, type(self).__name__, self.default_parameters)

    def _checked(self, values):
        """Values as floats or arrays, refused if they are impossible."""
        owner = type(self).__name__
        result = {}
        for name, value in values.items():
            if is_lazy(value):
                refuse(owner, name, repr(value), "a number")
            rule = self.rules.get(name) or CurrentSource.rules.get(name, "finite")
            entry = Entry(owner, name, rule, self.units[name])
            several = isinstance(self.default_parameters[name], Sequence)
            given = value.value if isinstance(value, ArrayParameter) else value
            result[name] = entry.take(given) if several else entry.number(given)
        return result

    def _apply(self, core, values):
        """Pass checked values on to the core."""
        raise NotImplementedError

    def __getattr__(self, name):
        if name in type(self).default_parameters:
            value = self._values[name]
            return value.copy() if np.ndim(value) else value
        if name == "set":
            raise AttributeError("set a parameter by its name, e.g. source.amplitude = 0.5, or use set_parameters()")
        raise AttributeError(
            f"{type(self).__name__} has no {name!r}; its parameters are {', '.join(type(self).default_parameters)}"
        )

    def __setattr__(self, name, value):
        if name.startswith("_") or hasattr(type(self), name) or name == "parameter_space":
            object.__setattr__(self, name, value)
        else:
            self.set_parameters(**{name: value})

    @changing
    def set_parameters(self, copy: bool = True, **parameters: Any) -> None:
        """Change parameters from the present time on.

        Raises
        ------
        pyNN.errors.InvalidParameterValueError, pyNN.errors.NonExistentParameterError
            For what is not allowed; nothing is changed then.
        """
        self._check_names(parameters)
        values = self._checked({**self._values, **parameters})
        self._freeze_record()
        self._apply(self._core, values)
        self._values = values
        self.parameter_space.update(**in_space(values))

    def get_parameters(self) -> dict[str, Any]:
        """All parameters, as a dict."""
        return {name: getattr(self, name) for name in self.default_parameters}

    def _steps(self, time):
        return to_steps(min(max(time, -LONGEST_TIME), LONGEST_TIME), self._timestep)

    # ---- injection

    @changing
    def inject_into(self, cells: Any, location: str | None = None) -> None:
        """Inject the current into cells.

        Parameters
        ----------
        cells : Population, PopulationView, Assembly, or sequence of cells
        location : str, optional
            A compartment of the cells, "soma" by default.

        Raises
        ------
        TypeError
            If there are spike sources among the cells; nothing is injected then.
        pyNN.errors.InvalidParameterValueError
            If the cells have no such compartment; nothing is injected then.
        """
        location = self._location if location is None else location
        targets = {}
        for cell in getattr(cells, "all_cells", cells):
            targets.setdefault(cell.parent, []).append(int(cell) - int(cell.parent.first_id))
        for population in targets:
            population.check_present()
            compartments = population.core.COMPARTMENTS
            if not compartments:
                raise TypeError(
                    f"{type(self).__name__} cannot be injected into {population.label!r}: a "
                    f"{type(population.celltype).__name__} takes no current"
                )
            if location not in compartments:
                of = f" for {type(population.celltype).__name__}"
                refuse_choice(type(self).__name__, "location", location, compartments, of)
        for population, indices in targets.items():
            self._core.inject(population.core, list(population.core.COMPARTMENTS).index(location), np.array(indices))

    # ---- record

    @changing
    def record(self) -> None:
        """Record the current from the present time on, or go on if it is being recorded."""
        if self._record_from is None:
            self._begin_record()

    def _begin_record(self):
        self._past = []
        self._record_from = self._network.step

    def _amplitudes(self, first, last):
        return self._core.amplitudes_at(np.arange(first, last, dtype=np.int64))

    def _freeze_record(self):
        """Keep the record of the past, which new parameters would change."""
        if self._record_from is not None and self._network.step > self._known_until():
            self._past.append(self._amplitudes(self._known_until(), self._network.step))

    def _known_until(self):
        """The step up to which the record is kept."""
        return self._record_from + sum(map(len, self._past))

    def _save(self):
        arrays = {f"value/{name}": np.asarray(value) for name, value in self._values.items() if np.ndim(value)}
        arrays |= {f"past/{number}": past for number, past in enumerate(self._past)}
        values = {name: value for name, value in self._values.items() if not np.ndim(value)}
        facts = {"values": values, "past": len(self._past), "record from": self._record_from, "native": self._native}
        return facts, arrays

    def _restoring(self, facts, arrays):
        given = {name.partition("/")[2]: value for name, value in arrays.items() if name.startswith("value/")}
        values = self._checked({**facts["values"], **given})

        def restore():
            self._apply(self._core, values)
            self.parameter_space.update(**in_space(values))
            self._native.update(facts["native"])
            past = [arrays[f"past/{number}"] for number in range(facts["past"])]
            for name, value in (("_values", values), ("_past", past), ("_record_from", facts["record from"])):
                object.__setattr__(self, name, value)

        return restore

    def rewind(self) -> None:
        """Begin the record anew at a reset."""
        if self._record_from is not None:
            self._begin_record()

    @reading
    def _get_data(self):
        """``(times in ms, currents in nA)`` from the start of the record to the present, inclusive."""
        if self._record_from is None:
            raise RuntimeError(f"{type(self).__name__}: call record() before the simulation to record the current")
        end = self._network.step + 1
        times = to_time(np.arange(self._record_from, end), self._timestep)
        return times, np.concatenate([*self._past, self._amplitudes(self._known_until(), end)])


def save(source: CurrentSource) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The state of a source: what JSON can hold, and arrays."""
    return source._save()


def restoring(source: CurrentSource, facts: dict[str, Any], arrays: dict[str, np.ndarray]) -> Callable[[], None]:
    """Check that; a function that takes it over."""
    return source._restoring(facts, arrays)


class DCSource(CurrentSource, electrodes.DCSource):
    r"""A constant current over [start, stop).

    .. math:: I(t) = \text{amplitude}

    Parameters
    ----------
    amplitude : float
        nA
    start, stop : float
        ms
    location : str, optional
        Compartment into which it is injected if `inject_into` names none; "soma" by default.
    """

    core = StepCurrent
    default_parameters = electrodes.DCSource.default_parameters

    def _apply(self, core, values):
        start, stop = self._steps(values["start"]), self._steps(values["stop"])
        core.set([start, max(start, stop)], [values["amplitude"], 0.0])


class ACSource(CurrentSource, electrodes.ACSource):
    r"""A current that oscillates over [start, stop).

    .. math::
        I(t) = \text{offset}
               + \text{amplitude} \cdot \sin(2\pi\,\text{frequency}\,(t - \text{start}) + \text{phase})

    Parameters
    ----------
    amplitude, offset : float
        nA
    frequency : float
        Hz, zero or positive.
    phase : float
        Degrees, at `start`.
    start, stop : float
        ms
    location : str, optional
        As for :class:`DCSource`.
    """

    core = SineCurrent
    default_parameters = electrodes.ACSource.default_parameters
    rules = {"frequency": "non-negative"}

    def _apply(self, core, values):
        core.set(
            self._steps(values["start"]),
            self._steps(values["stop"]),
            values["amplitude"],
            values["offset"],
            values["frequency"],
            values["phase"],
        )


class StepCurrentSource(CurrentSource, electrodes.StepCurrentSource):
    """A current that changes at given times: ``amplitudes[i]`` from ``times[i]`` on, and nothing before
    ``times[0]``.

    Parameters
    ----------
    times : sequence of float
        ms, not negative, increasing. They are rounded to time steps; of several that fall on one step the
        last counts.
    amplitudes : sequence of float
        nA, one for each time.
    location : str, optional
        As for :class:`DCSource`.
    """

    core = StepCurrent
    default_parameters = electrodes.StepCurrentSource.default_parameters
    rules = {"times": "non-negative"}

    def _checked(self, values):
        values = super()._checked(values)
        times, amplitudes = np.atleast_1d(values["times"]), np.atleast_1d(values["amplitudes"])
        owner = type(self).__name__
        if times.size != amplitudes.size:
            refuse(
                owner,
                "amplitudes",
                f"{amplitudes.size} amplitudes for {times.size} times",
                "one for each time",
            )
        falls = np.diff(times) <= 0
        if falls.any():
            worst = int(np.argmax(falls))
            refuse(owner, "times", f"{times[worst + 1]} ms after {times[worst]} ms", "increasing")
        steps = np.rint(times / self._timestep)
        last = np.concatenate([np.diff(steps) > 0, np.ones(min(1, steps.size), dtype=bool)])
        return {"times": to_time(steps[last], self._timestep), "amplitudes": amplitudes[last]}

    def _apply(self, core, values):
        core.set(np.rint(values["times"] / self._timestep).astype(np.int64), values["amplitudes"])


class NoisyCurrentSource(CurrentSource, electrodes.NoisyCurrentSource):
    r"""A current that is drawn anew from a normal distribution at fixed intervals, over [start, stop).

    .. math:: I(t) = \xi_k \text{ for } t - \text{start} \in [k\,dt, (k + 1)\,dt), \qquad
        \xi_k \sim \mathcal{N}(\text{mean}, \text{stdev}^2)

    Parameters
    ----------
    mean, stdev : float
        nA; `stdev` zero or positive.
    dt : float
        Interval, ms, a multiple of the time step; by default the time step.
    start, stop : float
        ms
    location : str, optional
        As for :class:`DCSource`.

    Notes
    -----
    All cells into which it is injected get the same current, where NEST draws another one for each cell. For
    currents that are independent of each other, each cell gets a source of its own::

        for cell in population:
            NoisyCurrentSource(mean=0.1, stdev=0.2).inject_into([cell])
    """

    core = NoiseCurrent
    default_parameters = electrodes.NoisyCurrentSource.default_parameters
    rules = {"stdev": "non-negative", "dt": "interval"}

    def _defaults(self):
        return {**self.default_parameters, "dt": self.simulation.dt}

    def _checked(self, values):
        values = super()._checked(values)
        steps = to_steps(values["dt"], self._timestep)
        if steps < 1 or abs(steps * self._timestep - values["dt"]) > 1e-6 * self._timestep:
            refuse(type(self).__name__, "dt", f"{values['dt']} ms", f"a multiple of the time step, {self._timestep} ms")
        return values

    def _apply(self, core, values):
        core.set(
            self._steps(values["start"]),
            self._steps(values["stop"]),
            values["mean"],
            values["stdev"],
            to_steps(values["dt"], self._timestep),
        )


check_arguments_of(DCSource, ACSource, StepCurrentSource, NoisyCurrentSource)
