"""Cells of one type."""

import math
import reprlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from pyNN import common

from ..connectivity.structures import check_structure
from ..neurons.base import CellType
from ..parameters import Entry, refuse
from ..parameters.calls import check_arguments_of
from ..parameters.changes import carry_out
from ..parameters.selection import checked_places
from ..parameters.units import is_integer
from ..recording.population_recorder import Recorder
from ..simulation import simulator
from ..simulation.lifetime import changing
from .assembly import Assembly
from .cell_groups import CellsOfOnePopulation
from .view import PopulationView

# Cells are counted in 32 bits.
MOST_CELLS = 2**31 - 1


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
        self.core: Any = None
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
            if not self._made:
                # PyNN wants to know the first and the last one; objects for all of them cost more than a population
                return np.array([self._first, self._first + self.size - 1])
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
        return self._cell(0)

    @property
    def last_id(self) -> common.IDMixin:
        """The last cell, whose number is the largest."""
        return self._cell(self.size - 1)

    def _cell(self, index):
        cells = self.simulation.cells.get(self._first)
        return simulator.ID(self._first + index, self) if cells is None else cells[index]

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


check_arguments_of(Population, simulator.ID)
