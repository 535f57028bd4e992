"""Population, PopulationView and Assembly."""

import math
import reprlib
from collections.abc import Callable, Mapping
from copy import copy
from functools import partial
from typing import Any

import neo
import numpy as np
from pyNN import common
from pyNN.core import deprecated
from pyNN.parameters import LazyArray
from pyNN.random import RandomDistribution

from . import simulator
from .arguments import check_arguments_of
from .cell_groups import CellGroup, CellsOfOnePopulation
from .changes import carry_out
from .connectivity.structures import check_structure
from .hints import Cells, File, Names
from .lifetime import changing, reading
from .neurons.base import CellType
from .parameters import Entry, refuse
from .parameters import simplify as simplified
from .recording.neo_export import write
from .recording.population_recorder import Recorder, assembly_block
from .selection import checked_places, checked_selector, places_of
from .suggestions import close_to
from .units import is_integer

# Cells are counted in 32 bits.
MOST_CELLS = 2**31 - 1


class Assembly(CellGroup, common.Assembly):
    """Populations and views as one group of cells, in the order in which they are given.

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
        super()._insert(element)

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

        Parameters are those of `Population.get_data`.
        """
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
        write(get, io, gather, partial(get, clear=True) if clear else None)


class PopulationView(CellsOfOnePopulation, common.PopulationView):
    """Some cells of a population, in a given order: ``population[2:5]``, ``population[mask]``.

    What is set through the view is set in the population.

    Parameters
    ----------
    parent : Population or PopulationView
    selector : slice, integer array or boolean mask
    label : str, optional
    """

    _assembly_class = Assembly

    def __init__(self, parent: Any, selector: Any, label: str | None = None) -> None:
        if not isinstance(parent, CellsOfOnePopulation):
            raise TypeError(
                f"PopulationView.parent: {parent!r} is not allowed; it must be a population or a view of one"
            )
        self._simulator = parent.simulation
        allowed = "a slice, a mask of all cells, or a sequence of numbers"
        chosen = checked_selector("PopulationView", "selector", selector, parent.size, allowed)
        if not np.arange(parent.size)[chosen].size:
            refuse("PopulationView", "selector", repr(selector), f"a choice of at least one cell of {parent.label!r}")
        super().__init__(parent, chosen, label)
        self.root = parent.root
        self.root_indices = self.all_cells.astype(np.int64) - int(self.root.first_id)
        self._made = True

    def _get_view(self, selector, label=None):
        return PopulationView(self, selector, label)

    def __hash__(self):
        return hash((id(self.root), self.root_indices.tobytes()))

    def index_in_grandparent(self, indices: Any) -> np.ndarray:
        """Indices in the population of cells given by their indices here."""
        indices = np.asarray(indices)
        if ((indices < -self.size) | (indices >= self.size)).any():
            refuse(self.label, "indices", reprlib.repr(indices), f"numbers below {self.size}")
        return self.root_indices[indices]

    def index_from_parent_index(self, indices: Any) -> int | np.ndarray:
        """The index in the view of a cell (an int), or of several cells (an array), given by indices in the parent.

        Raises
        ------
        IndexError
            For a cell that is not in the view.
        """
        wanted = np.array(indices, dtype=np.int64)
        return places_of(self.label, wanted, np.arange(self.parent.size)[self.mask])

    @property
    def initial_values(self) -> dict[str, Any]:
        """Initial values of the cells, as ``{name: LazyArray}``."""
        return {
            name: LazyArray(lazy[self.root_indices] if self.size else lazy.base_value, shape=(self.size,), dtype=float)
            for name, lazy in self.root.initial_values.items()
        }


class Population(CellsOfOnePopulation, common.Population):
    """Cells of one type.

    Parameters
    ----------
    size : int or tuple of int
        Number of cells, or the dimensions of a grid of them.
    cellclass : cell type
        An instance, ``UrbanczikSenn(phi_max=100.0)``; or a class, with `cellparams`.
    cellparams : dict, optional
        Parameters for a `cellclass` that is a class.
    structure : pyNN.space structure, optional
        Positions of the cells; a line by default.
    initial_values : dict, optional
        Initial values of state variables, see `initialize`.
    label : str, optional

    Raises
    ------
    TypeError
        For a cell type of another simulator.
    pyNN.errors.InvalidParameterValueError, pyNN.errors.InvalidDimensionsError
        For values that are not allowed; nothing is created then.
    """

    _recorder_class = Recorder
    _assembly_class = Assembly
    root_indices = None
    _get_view = PopulationView._get_view

    @changing
    def __init__(
        self,
        size: int,
        cellclass: Any,
        cellparams: Mapping[str, Any] | None = None,
        structure: Any = None,
        initial_values: Mapping[str, Any] | None = None,
        label: str | None = None,
    ) -> None:
        self.given = {}
        initial_values = dict(initial_values or {})
        is_class = isinstance(cellclass, type)
        if not (issubclass(cellclass, CellType) if is_class else isinstance(cellclass, CellType)):
            raise TypeError(
                f"Population.cellclass: {cellclass!r} is not allowed; it must be a cell type of {simulator.name}"
            )
        dimensions = size if isinstance(size, tuple) and size else (size,)
        if not all(map(is_integer, dimensions)) or not 1 <= math.prod(map(int, dimensions)) <= MOST_CELLS:
            refuse("Population", "size", reprlib.repr(size), f"a number of cells from 1 to {MOST_CELLS}, or a tuple")
        if structure is not None:
            check_structure(structure, math.prod(map(int, dimensions)))
        if cellparams is not None and not is_class:
            refuse("Population", "cellparams", reprlib.repr(cellparams), "None beside a cell type that is an instance")
        if is_class:
            cellparams = dict(cellparams or {})
        self.core = None
        try:
            super().__init__(size, cellclass, cellparams, structure, {}, label)
            # after the defaults, which a name for several states must override
            self.initialize(**initial_values)
        except BaseException:
            self._forget()
            raise
        self._made = True

    @changing
    def _set_positions(self, positions):
        entry = Entry(self.label, "positions")
        given = entry.check(entry.convert(positions))
        if np.shape(given) != (3, self.size):
            entry.refuse(repr(positions), f"finite numbers, an array of shape (3, {self.size})")
        super()._set_positions(np.array(given))

    positions = property(
        common.Population._get_positions, _set_positions, doc="Positions of the cells, shape (3, size)."
    )

    @changing
    def _set_structure(self, structure):
        check_structure(structure, self.size)
        # structures of different kinds cannot be compared
        if type(structure) is not type(self._structure) or structure != self._structure:
            self._positions = None
            self._structure = structure

    structure = property(common.Population._get_structure, _set_structure, doc="How the cells lie in space.")

    @property
    def root(self) -> Any:
        return self

    @property
    def all_cells(self) -> np.ndarray:
        """An array of the cells."""
        table = self.simulation.cells
        cells = table.get(self._first)
        if cells is None:
            cells = np.empty(self.size, dtype=object)
            cells[:] = [simulator.ID(n, self) for n in range(self._first, self._first + self.size)]
            table[self._first] = cells
        return cells

    def _places_of(self, numbers):
        places = numbers - self._first
        return checked_places(self.label, numbers, places, (places >= 0) & (places < self.size))

    @property
    def first_id(self) -> common.IDMixin:
        """The first cell, whose number is the smallest."""
        return self.all_cells[0]

    @property
    def last_id(self) -> common.IDMixin:
        """The last cell, whose number is the largest."""
        return self.all_cells[-1]

    # PyNN sets what follows from the numbers of the cells; kept here, a cell would keep its population for ever
    @first_id.setter
    def first_id(self, cell: Any) -> None:
        pass

    @last_id.setter
    def last_id(self, cell: Any) -> None:
        pass

    def _create_cells(self):
        state = self.simulation
        values = self.celltype.initial_parameters(self.size)
        self.core = self.celltype.create(state.network, self.size)
        carry_out([self.celltype.writing(self, values)])
        self._first = state.id_counter
        state.id_counter += self.size
        self._mask_local = np.zeros(self.size, dtype=bool)
        self._mask_local[self.core.local] = True
        self.everywhere = state.processes is None or self.core.replicated
        state.populations.append(self)

    def _forget(self):
        """Leave nothing behind, since the population could not be made as it was asked for."""
        state = self.simulation
        if self.core is not None:
            state.network.remove_population(self.core)
        if self in state.populations:
            state.populations.remove(self)
            state.cells.pop(self._first, None)
            state.id_counter -= self.size


check_arguments_of(Population, PopulationView, Assembly, simulator.ID)
