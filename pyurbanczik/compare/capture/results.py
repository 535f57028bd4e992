"""What one run of a script in one simulator left behind, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Signal:
    """A recorded variable: values of shape (samples, cells or connections), in `unit`."""

    unit: str
    start: float  # ms
    interval: float  # ms
    columns: np.ndarray  # numbers of the cells or connections
    values: np.ndarray

    def times(self) -> np.ndarray:
        """Times of the samples, ms."""
        return self.start + self.interval * np.arange(len(self.values))


@dataclass
class Segment:
    """What a population recorded between two resets (or until it was cleared)."""

    spike_cells: np.ndarray  # index in the population of each spike
    spike_times: np.ndarray  # ms
    signals: dict[str, Signal] = field(default_factory=dict)


@dataclass
class PopulationResult:
    """One population.

    records_spikes says whether the script itself records them; native, whether the simulator's own generator draws
    parameters or initial values.
    """

    label: str
    celltype: str
    size: int
    records_spikes: bool = False
    segments: list[Segment] = field(default_factory=list)
    native: bool = False


@dataclass
class Connections:
    """Connections in canonical order: by the two cells, then by their values."""

    pre: np.ndarray
    post: np.ndarray
    values: dict[str, np.ndarray]

    @classmethod
    def ordered(cls, pre: np.ndarray, post: np.ndarray, values: dict[str, np.ndarray]) -> Connections:
        """The same connections, whatever the order of a simulator: parallel ones by delay, then by weight."""
        order = np.lexsort([*(values[name] for name in ("weight", "delay") if name in values), post, pre])
        return cls(pre[order], post[order], {name: column[order] for name, column in values.items()})

    def __len__(self):
        return len(self.pre)


@dataclass
class WeightEvents:
    """A variable of connections, one value at each presynaptic spike, by connection and then by time."""

    unit: str
    pre: np.ndarray
    post: np.ndarray
    times: np.ndarray
    values: np.ndarray


@dataclass
class ProjectionResult:
    """One projection between populations given by their numbers.

    carried has the weights that the last spikes carried, where that was noted; native says whether the simulator's own
    generator chooses connections or draws their parameters.
    """

    label: str
    pre: list[int]
    post: list[int]
    receptor: str
    synapse: str
    initial: Connections | None = None
    final: Connections | None = None
    carried: Connections | None = None
    events: dict[str, WeightEvents] = field(default_factory=dict)
    signals: dict[str, Signal] = field(default_factory=dict)
    native: bool = False


@dataclass
class Simulation:
    """All between one ``setup`` and the next."""

    timestep: float
    duration: float = 0.0
    seconds: dict[str, float] = field(default_factory=dict)
    populations: list[PopulationResult] = field(default_factory=list)
    projections: list[ProjectionResult] = field(default_factory=list)


@dataclass
class RunResult:
    """One run of a script in one simulator.

    error is the traceback with which the script ended, if it did; mended names the faults of the simulator's interface
    that were mended for this script; problems are things that could not be read.
    """

    simulator: str
    version: str
    seed_shift: int
    simulations: list[Simulation] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    mended: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    error: str | None = None
    output: str = ""
