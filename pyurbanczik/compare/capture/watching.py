"""What a script builds and records in a simulator, taken down while it runs.

Classes and functions of the simulator are wrapped in place: this is for a process that runs one script.
"""

from __future__ import annotations

import functools
import inspect
import time
from typing import Any

import numpy as np

from ..documented import LAST_WEIGHTS
from . import harvest
from .results import PopulationResult, ProjectionResult, Simulation

DEFAULT_SEED = 42  # of pyNN.nest


class Capture:
    """Takes down everything that happens in one simulator, in `simulations`: one for each call of ``setup``.

    Parameters
    ----------
    sim : module
        The simulator.
    seed_shift : int
        Added to the seed that a script gives to ``setup``, or to the simulator's default one.
    threads : int, optional
        In place of what a script gives to ``setup``.
    """

    def __init__(self, sim: Any, seed_shift: int = 0, threads: int | None = None) -> None:
        self.sim, self.seed_shift, self.threads = sim, seed_shift, threads
        self.simulations: list[Simulation] = []
        self.problems: list[str] = []
        self._present: _Present | None = None

    def install(self) -> None:
        """Wrap what a script may call; a script must import the simulator after that."""
        sim = self.sim
        sim.setup, sim.end = self._beginning(sim.setup), self._ending(sim.end)
        for name in ("run", "run_for", "run_until"):
            setattr(sim, name, self._timed(getattr(sim, name)))
        for cls in (sim.Population, sim.Projection):
            cls.__init__ = self._registering(cls.__init__)

    def finish(self) -> None:
        """Take what the present simulation holds."""
        if self._present is not None:
            self._present.close()
            self._present = None

    def _beginning(self, function):
        declared = inspect.signature(function).parameters.get("rng_seed")
        default = DEFAULT_SEED if declared is None else declared.default

        @functools.wraps(function)
        def setup(*arguments: Any, **keywords: Any) -> Any:
            self.finish()
            if self.seed_shift:
                keywords["rng_seed"] = (keywords.get("rng_seed") or default) + self.seed_shift
                np.random.seed(self.seed_shift)  # noqa: NPY002  (the generator of some simulators)
            if self.threads is not None:
                keywords["threads"] = self.threads
            result = function(*arguments, **keywords)
            self._present = _Present(self.sim, self.problems)
            self.simulations.append(self._present.simulation)
            return result

        return setup

    def _ending(self, function):
        @functools.wraps(function)
        def end(*arguments: Any, **keywords: Any) -> Any:
            self.finish()
            return function(*arguments, **keywords)

        return end

    def _timed(self, function):
        @functools.wraps(function)
        def run(*arguments: Any, **keywords: Any) -> Any:
            present = self._present
            if present is None:
                return function(*arguments, **keywords)
            present.enter()
            try:
                return function(*arguments, **keywords)
            finally:
                present.leave()

        return run

    def _registering(self, construct):
        @functools.wraps(construct)
        def __init__(instance: Any, *arguments: Any, **keywords: Any) -> None:
            construct(instance, *arguments, **keywords)
            if self._present is not None:
                self._present.register(instance)

        return __init__


class _Present:
    """The simulation that goes on."""

    def __init__(self, sim: Any, problems: list[str]) -> None:
        self.sim, self.problems = sim, problems
        self.simulation = Simulation(timestep=float(sim.get_time_step()))
        self.populations, self.projections, self.noted = [], [], []
        self.began, self.depth, self.reading = time.perf_counter(), 0, False

    def register(self, instance: Any) -> None:
        """Note a population or projection."""
        if isinstance(instance, self.sim.Population):
            drawn = [instance.celltype.parameter_space, instance.initial_values]
            native = any(map(harvest.draws_natively, drawn))
            celltype = type(instance.celltype).__name__
            result = PopulationResult(instance.label, celltype, instance.size, native=native)
            self.populations.append(instance)
            self.simulation.populations.append(result)
            self._keep_what_is_cleared(instance, result)
        else:
            pre, post = (self._numbers(cells) for cells in (instance.pre, instance.post))
            receptor, synapse = str(instance.receptor_type), type(instance.synapse_type).__name__
            self.projections.append(instance)
            native = harvest.is_native(getattr(instance._connector, "rng", None))
            native = native or harvest.draws_natively(instance.synapse_type.parameter_space)
            self.simulation.projections.append(
                ProjectionResult(instance.label, pre, post, receptor, synapse, native=native)
            )

    def _numbers(self, cells):
        """The numbers of the populations to which cells belong."""
        if hasattr(cells, "populations"):
            return [number for part in cells.populations for number in self._numbers(part)]
        while hasattr(cells, "parent"):
            cells = cells.parent
        return [number for number, population in enumerate(self.populations) if population is cells]

    def enter(self) -> None:
        """A run begins."""
        seconds = self.simulation.seconds
        if not seconds:
            seconds.update(build=time.perf_counter() - self.began, run=0.0)
            self._before_the_first_run()
        if not self.depth:
            self.entered = time.perf_counter()
        self.depth += 1

    def leave(self) -> None:
        """A run ends."""
        self.depth -= 1
        if not self.depth:
            self.simulation.seconds["run"] += time.perf_counter() - self.entered

    def _before_the_first_run(self):
        """Note the connections, and record all spikes: without them nobody sees where a network diverges first."""
        for population, result in zip(self.populations, self.simulation.populations):
            result.records_spikes = harvest.records_spikes(population)
            if not result.records_spikes:
                self._try(population, population.record, "spikes")
        for projection, result in zip(self.projections, self.simulation.projections):
            result.initial = self._try(projection, harvest.connections, projection)
            if self._notes_carried(result) and not self._try(projection, harvest.records_weights, projection):
                self._try(projection, projection.record, "weight")
                self.noted.append(projection)

    def _notes_carried(self, projection):
        """Simulators differ in what they call the present weight; here it can be told what it was at the last spike."""
        return self.sim.__name__ == "pyurbanczik" and projection.synapse in LAST_WEIGHTS[0].models

    def close(self) -> None:
        """Read everything, while it is still there."""
        self.simulation.duration = float(self.sim.get_current_time())
        if not self.simulation.seconds:
            self.simulation.seconds.update(build=time.perf_counter() - self.began, run=0.0)
        else:
            for population, result in zip(self.populations, self.simulation.populations):
                result.segments += self._try(population, harvest.segments, population) or []
        for projection, found in zip(self.projections, self.simulation.projections):
            found.final = self._try(projection, harvest.connections, projection)
            if self._notes_carried(found):
                found.carried = self._try(projection, harvest.carried_weights, projection)
            if not any(projection is noted for noted in self.noted):
                self._try(projection, harvest.recorded_of_connections, projection, found)

    def _keep_what_is_cleared(self, population, result):
        """What a script reads with ``clear=True`` is taken down before it is gone."""
        recorder = population.recorder
        get, signature = recorder.get, inspect.signature(recorder.get)

        @functools.wraps(get)
        def kept(*arguments: Any, **keywords: Any) -> Any:
            if not self.reading and signature.bind(*arguments, **keywords).arguments.get("clear"):
                result.segments += self._try(population, harvest.segments, population) or []
            return get(*arguments, **keywords)

        recorder.get = kept

    def _try(self, owner, function, *arguments):
        """What cannot be read is told in the report; it must not end the script."""
        self.reading = True
        try:
            return function(*arguments)
        except Exception as error:
            self.problems.append(f"{owner.label}: {type(error).__name__}: {error}")
        finally:
            self.reading = False
