"""A container for everything that belongs to a model."""

import sys
from collections.abc import Iterable, Mapping, Set
from functools import partial
from itertools import chain
from types import ModuleType
from typing import Any

import neo
from pyNN import network
from pyNN.common import Assembly, Population, PopulationView, Projection

from ..parameters.calls import check_arguments_of
from ..parameters.hints import File, Names, Number
from ..recording.neo_export import write
from ..recording.population_recorder import assembly_block, check_offered
from ..simulation.gate import gate
from .cell_groups import record_all


class InOrder(dict):
    """A set whose members keep the order in which they were added, so that seeds give the same results every time."""

    def add(self, member: Any) -> None:
        self[member] = None

    def update(self, members: Iterable[Any]) -> None:  # type: ignore[override]
        for member in members:
            self.add(member)


class Network(network.Network):
    """Populations, views, assemblies and projections, together, in the order in which they are added.

    Parameters
    ----------
    *components : Population, PopulationView, Assembly or Projection
    """

    def __init__(self, *components: Any) -> None:
        super().__init__()
        self._populations, self._views, self._assemblies, self._projections = (InOrder() for _ in range(4))
        self.add(*components)

    @property
    def populations(self) -> Set[Any]:
        """All populations, those of views and assemblies included."""
        return self._populations.keys()

    @property
    def views(self) -> Set[Any]:
        """The views."""
        return self._views.keys()

    @property
    def assemblies(self) -> Set[Any]:
        """The assemblies."""
        return self._assemblies.keys()

    @property
    def projections(self) -> Set[Any]:
        """The projections."""
        return self._projections.keys()

    @property
    def sim(self) -> ModuleType:
        """The simulator: this package."""
        return sys.modules[__name__.split(".")[0]]

    def __repr__(self):
        parts = ("populations", "views", "assemblies", "projections")
        counts = [f"{len(getattr(self, part))} {part}" for part in parts if getattr(self, part)]
        return f"{type(self).__name__}({', '.join(counts)})"

    def add(self, *components: Any) -> None:
        """Add components.

        Raises
        ------
        TypeError
            For anything else; nothing is added then.
        """
        for component in components:
            if not isinstance(component, (Population, PopulationView, Assembly, Projection)):
                raise TypeError(
                    f"Network.add: {component!r} is not allowed; it must be a population, view, assembly or projection"
                )
        super().add(*components)

    def filter(self, cell_types: Any = None) -> Any:
        """An assembly of the populations that have one of these cell types ("all": those that can be injected into).

        Raises
        ------
        TypeError
            For anything but cell types.
        """
        everything = isinstance(cell_types, str) and cell_types == "all"
        classes = isinstance(cell_types, (list, tuple, set)) and all(isinstance(cls, type) for cls in cell_types)
        if not (everything or classes):
            raise TypeError(f"Network.filter: {cell_types!r} is not allowed; it must be 'all', or a list of cell types")
        return super().filter(cell_types)

    @gate.access
    def record(
        self,
        variables: Names | None,
        to_file: File | None = None,
        sampling_interval: Number | None = None,
        include_spike_source: bool = True,
    ) -> None:
        """Record variables of all cells, or of all but sources of spikes; see `Population.record`."""
        everything = chain(self.populations, self.assemblies)
        groups = [group for group in everything if include_spike_source or group.injectable]
        for group in groups:
            group.check_present()
        record_all(groups, variables, to_file, sampling_interval)

    @gate.access
    def get_data(
        self,
        variables: Names = "all",
        gather: bool | str = True,
        clear: bool = False,
        annotations: Mapping[str, Any] | None = None,
    ) -> list[neo.Block]:
        """Recorded data of the assemblies, a `neo.Block` for each; see `Assembly.get_data`."""
        cells = [cells for assembly in self.assemblies for cells in assembly.populations]
        check_offered("the network", cells, variables)
        if clear:
            for group in cells:
                group.check_present()
        blocks = [assembly_block(assembly, variables, gather, False, annotations, None) for assembly in self.assemblies]
        # assemblies may have cells in common
        if clear:
            for group in cells:
                group.recorder.clear()
        return blocks

    def write_data(
        self,
        io: File,
        variables: Names = "all",
        gather: bool | str = True,
        clear: bool = False,
        annotations: Mapping[str, Any] | None = None,
    ) -> None:
        """Write what `get_data` returns to a Neo IO, or to a file."""
        get = partial(self.get_data, variables, gather, annotations=annotations)
        written = [cells.recorder for assembly in self.assemblies for cells in assembly.populations]
        write(get, io, gather, written if clear else [])


check_arguments_of(Network)
