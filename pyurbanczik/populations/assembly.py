"""Several populations and views as one group of cells."""

import logging
from collections.abc import Callable, Mapping
from copy import copy
from functools import partial
from typing import Any

import neo
import numpy as np
from pyNN import common
from pyNN.core import deprecated
from pyNN.random import RandomDistribution

from ..parameters import simplify as simplified
from ..parameters.calls import check_arguments_of
from ..parameters.hints import Cells, File, Names
from ..parameters.suggestions import close_to
from ..recording.neo_export import write
from ..recording.population_recorder import assembly_block, check_offered
from ..simulation import simulator
from ..simulation.lifetime import reading
from .cell_groups import CellGroup, CellsOfOnePopulation

# by which PyNN's assemblies warn
logger = logging.getLogger("PyNN")


class Assembly(CellGroup, common.Assembly):
    """Populations and views as one group of cells, in the order in which they are given. What is there already is left
    out, with a warning.

    Parameters
    ----------
    *populations : Population or PopulationView
        All of one simulation.
    label : str, optional
    """

    def __init__(self, *populations: Cells, label: str | None = None) -> None:
        for group in populations:
            if not isinstance(group, CellsOfOnePopulation):
                raise TypeError(f"Assembly: {group!r} is not allowed; it must be a population or a view of one")
        if populations:
            self._simulator = populations[0].simulation
        super().__init__(*populations, **({} if label is None else {"label": label}))
        self._made = True

    def get_population(self, label: str) -> Any:
        """The population or view with a label; a `KeyError` if none of them has it."""
        for group in self.populations:
            if group.label == label:
                return group
        labels = [group.label for group in self.populations]
        raise KeyError(f"{self.label} has no population {label!r}, but {labels}{close_to(label, labels)}")

    def _insert(self, element):
        if element.simulation is not self.simulation:
            (self if element.simulation is simulator.state else element).check_present()
        own = [_places(cells) for cells in self.populations if cells.root is element.root]
        if own:
            new = ~np.isin(_places(element), np.concatenate(own))
            if not new.all():
                left_out = element.size - np.count_nonzero(new)
                logger.warning(
                    "An assembly contains each cell once: of %r, %d of %d cells are left out",
                    element.label,
                    left_out,
                    element.size,
                )
                if not new.any():
                    return
                element = element._get_view(new, element.label)
        self.populations.append(element)

    def __copy__(self):
        return type(self)(*self.populations, label=self.label)

    def __deepcopy__(self, memo):
        return copy(self)

    @property
    def position_generator(self) -> Callable[[int], np.ndarray]:
        """A function of indices that returns positions of shape (number of indices, 3), as those of populations do."""
        return lambda i: self.positions.T[i]

    @property
    def receptor_types(self) -> list[str]:
        """Receptor types that all populations have, in the order of the first: it decides on the defaults."""
        common_types = super().receptor_types
        return [name for name in self.populations[0].celltype.receptor_types if name in common_types]

    @reading
    def get(self, parameter_names: Names, gather: bool | str = False, simplify: bool = True) -> Any:
        """Values of one parameter, or a list of them for several, of the cells of all populations; see
        `Population.get`.
        """
        if not isinstance(parameter_names, str):
            return [self.get(name, gather, simplify) for name in parameter_names]
        values = np.hstack([cells.get(parameter_names, gather, simplify=False) for cells in self.populations])
        return simplified(values) if simplify else values

    @deprecated("set(parametername=rand_distr)")
    def rset(self, parametername: str, rand_distr: RandomDistribution) -> None:
        """Set a parameter to random values."""
        self.set(**{parametername: rand_distr})

    def find_units(self, variable: str) -> str:
        """Units of a variable or parameter, as a string; a `ValueError` if the populations disagree."""
        units = super().find_units(variable)
        return units.pop()

    @reading
    def get_data(
        self,
        variables: Names | None = "all",
        gather: bool | str = True,
        clear: bool = False,
        annotations: Mapping[str, Any] | None = None,
        locations: Names | None = None,
    ) -> neo.Block:
        """Recorded data of all populations in one `neo.Block`, one channel or spike train a cell.

        Parameters are those of `Population.get_data`. A variable is refused only if none of the populations has it.
        """
        check_offered(self.label, self.populations, variables, locations)
        return assembly_block(self, variables, gather, clear, annotations, locations)

    @reading
    def write_data(
        self,
        io: File,
        variables: Names | None = "all",
        gather: bool | str = True,
        clear: bool = False,
        annotations: Mapping[str, Any] | None = None,
        locations: Names | None = None,
    ) -> None:
        """Write what `get_data` returns to a Neo IO, or to a file."""
        get = partial(self.get_data, variables, gather, annotations=annotations, locations=locations)
        write(get, io, gather, [cells.recorder for cells in self.populations] if clear else [])


def _places(cells):
    """The numbers of the cells of a population or view in the population at the root."""
    return np.arange(cells.size) if cells.root_indices is None else cells.root_indices


check_arguments_of(Assembly)
