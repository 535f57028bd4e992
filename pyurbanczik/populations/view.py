"""Some cells of a population."""

import reprlib
from typing import Any

import numpy as np
from pyNN import common
from pyNN.parameters import LazyArray

from ..parameters import refuse
from ..parameters.calls import check_arguments_of
from ..parameters.selection import checked_selector, places_of
from .assembly import Assembly
from .cell_groups import CellsOfOnePopulation


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
        return places_of(str(self.label), wanted, np.arange(self.parent.size)[self.mask])

    @property
    def initial_values(self) -> dict[str, Any]:
        """Initial values of the cells, as ``{name: LazyArray}``."""
        return {
            name: LazyArray(lazy[self.root_indices] if self.size else lazy.base_value, shape=(self.size,), dtype=float)
            for name, lazy in self.root.initial_values.items()
        }


check_arguments_of(PopulationView)
