"""What populations, views of them and assemblies have in common."""

from typing import Any

import neo
import numpy as np
from pyNN import common, errors
from pyNN.parameters import LazyArray
from pyNN.random import NumpyRNG

from ..connectivity.files import opened
from ..objects.assignments import NoAssignments
from ..objects.presentation import ShownCells
from ..parameters import NonExistentParameterError, NonExistentStateError, fill, refuse
from ..parameters import simplify as simplified
from ..parameters.changes import carry_out, draws_undone, together
from ..parameters.hints import File, Names, Number
from ..parameters.selection import NoSuchCellError, checked_selector, places_of
from ..recording.population_recorder import NotRecordedError
from ..recording.written_at_end import check_promise, promise
from ..simulation.lifetime import Labelled, changing, reading
from ..storage.flushing import is_recording_file


class CellGroup(ShownCells, NoAssignments, Labelled):
    """What populations, views and assemblies have in common."""

    _made = False
    size: int

    def _instead(self, name):
        # compartments have any names
        if hasattr(type(self), name):
            return None
        for celltype in (cells.celltype for cells in self.members):
            if name in celltype.default_parameters or name in celltype.compartments:
                return f"use set({name}=...)"
            if name in celltype.states or name in celltype.state_groups:
                return f"use initialize({name}=...)"
        return None

    def inject(self, current_source: Any, location: str | None = None) -> None:
        """Inject a current into all cells, at a location ("soma", if none is given).

        Raises
        ------
        TypeError
            If the cells are spike sources.
        """
        current_source.inject_into(self, location=location)

    @property
    def members(self) -> list[Any]:
        """The populations and views of which the group consists."""
        return getattr(self, "populations", [self])

    @property
    def local_mask(self) -> np.ndarray:
        """Which of the cells this process computes."""
        return self._mask_local

    @local_mask.setter
    def local_mask(self, mask: np.ndarray) -> None:
        # under the name by which PyNN asks for it
        self._mask_local = mask

    @changing
    def set(self, /, **parameters: Any) -> None:
        """Set parameters of all cells.

        Parameters
        ----------
        **parameters
            Numbers, arrays of one value a cell, functions of the index or `RandomDistribution` objects, in
            PyNN's units. Parameters of a compartment may be given as a dictionary, those of a `DendriticNeuron` also
            as a `Soma`, `Dendrite` or rate function, of which only what was given is set. Each population of an
            assembly takes them for itself.

        Raises
        ------
        pyNN.errors.InvalidParameterValueError, pyNN.errors.InvalidDimensionsError
            For a value that is not allowed; nothing is changed then.
        pyNN.errors.NonExistentParameterError
            For an unknown name; nothing is changed then.
        """
        carry_out(cells._setting(parameters) for cells in self.members)

    @changing
    def initialize(self, **initial_values: Any) -> None:
        """Set initial values of state variables: now, and at every reset.

        Parameters
        ----------
        **initial_values
            Numbers, arrays, functions of the index or `RandomDistribution` objects. Names that are no
            identifiers are passed as ``initialize(**{"soma.v": -65.0})``.

        Raises
        ------
        pyNN.errors.InvalidParameterValueError, pyNN.errors.InvalidDimensionsError
            For a value that is not finite or has the wrong size; nothing is changed then.
        pyNN.errors.NonExistentParameterError
            For an unknown name; nothing is changed then.
        """
        with draws_undone(*initial_values.values()):
            carry_out(cells._initializing(initial_values) for cells in self.members)

    def __getitem__(self, index):
        """A cell, or a view of several: by number, slice, mask or numbers."""
        if isinstance(index, (int, np.integer)) and not isinstance(index, bool):
            if not -self.size <= index < self.size:
                raise IndexError(f"{self.label} has no cell {index}, but {self.size} cells")
            return super().__getitem__(int(index) % self.size)
        allowed = "a number, a slice, a mask of all cells, or a sequence of numbers"
        return super().__getitem__(checked_selector(f"{self.label}[]", "index", index, self.size, allowed))

    def sample(self, n: int, rng: Any = None) -> Any:
        """A view of `n` different cells drawn at random, the same ones in all processes."""
        if not isinstance(n, (int, np.integer)) or isinstance(n, bool) or not 1 <= n <= self.size:
            refuse(f"{self.label}.sample", "n", repr(n), f"an integer from 1 to {self.size}")
        return super().sample(int(n), rng or self._shared_rng())

    def __contains__(self, cell):
        """Whether a cell, or the cell of a number, is one of the group."""
        try:
            return np.ndim(self.id_to_index(cell)) == 0
        except (NoSuchCellError, errors.InvalidParameterValueError):
            return False

    def id_to_index(self, id: Any) -> int | np.ndarray:
        """The index of a cell, or indices of several.

        Raises
        ------
        IndexError
            For a cell that is not one of the group; it is a `ValueError` as well.
        """
        # a cell would make a view to find that it has no parameter of that name
        cells = id if isinstance(id, int) else getattr(id, "all_cells", id)
        for cell in [cells] if isinstance(cells, int) or not np.ndim(cells) else cells:
            # their numbers begin anew in each simulation
            if getattr(cell, "parent", self).simulation is not self.simulation:
                raise NoSuchCellError(f"{self.label} has no cell {int(cell)} of another simulation")
        return self._places_of(np.array(cells, dtype=np.int64))

    def _places_of(self, numbers):
        return places_of(self.label, numbers, self.all_cells.astype(np.int64))

    def is_local(self, id: Any) -> bool | np.ndarray:
        """Whether a cell of the group is computed by this process; an array for several."""
        local = self.local_mask[self.id_to_index(id)]
        return local if np.ndim(local) else bool(local)

    @reading
    def get_spike_counts(self, gather: bool | str = True) -> dict[int, int]:
        """Number of spikes of each cell whose spikes are being recorded, since the start of the recording or the last
        reset: ``{cell: number}``.

        Parameters
        ----------
        gather : bool
            With several processes: return the numbers of all cells in process 0. Otherwise, and in the other
            processes, they are those of the local cells.

        Raises
        ------
        pyNN.errors.RecordingError
            If the spikes of none of the cells are being recorded; it is a `pyNN.errors.NothingToWriteError` as well.
        """
        recorded = [cells for cells in self.members if cells.recorder.records_spikes(cells.record_filter)]
        if not recorded:
            raise NotRecordedError(self.label, "spikes")
        counts = {}
        for cells in recorded:
            counts.update(cells.recorder.count("spikes", gather, cells.record_filter))
        return counts

    def mean_spike_count(self, gather: bool | str = True) -> Any:
        """Mean of `get_spike_counts`, which see. With `gather`, processes other than 0 get NaN."""
        counts = self.get_spike_counts(gather)
        if gather and self.simulation.mpi_rank:
            return np.nan
        return float(np.mean(list(counts.values()))) if counts else 0

    def _shared_rng(self):
        """A generator without a seed of the user's, with which all processes draw the same."""
        seed = int(np.random.SeedSequence().generate_state(1)[0])
        if self.simulation.processes:
            seed = self.simulation.processes.share(f"sample {self.label}", seed)[0]
        return NumpyRNG(seed=seed)

    def save_positions(self, file: File) -> None:
        """Write index, x, y and z of all cells to a text file (process 0 does)."""
        if self.simulation.mpi_rank == 0:
            with opened(f"{self.label}.save_positions", file, "w") as stream:
                super().save_positions(stream)

    @changing
    def record(
        self,
        variables: Names | None,
        to_file: File | None = None,
        sampling_interval: Number | None = None,
        locations: Names | None = None,
    ) -> None:
        """Record variables of all cells, from now on.

        Parameters
        ----------
        variables : str or list of str
            Names from ``celltype.recordable``, or "all"; None stops all recording of the population.
        to_file : str, path or Neo IO, optional
            Where `end()`, or the next `setup()`, writes the data: all that is recorded to it of the same cells, as
            one block. Several groups of cells may share a file of a format that holds several blocks (".nix",
            ".h5"). A name that ends in ".zarr" is that of a file which is written while the simulation runs, so
            that memory does not limit its duration: `get_data` reads from it when it is asked to, and
            :func:`read_recording` after a crash or in another process. Any number of populations and projections
            may share it.
        sampling_interval : float, optional
            ms, a multiple of the time step (the default), the same for all signals of a population. It does not
            concern spikes, all of which are recorded, at their own times.
        locations : str or list of str, optional
            Compartments: ``record("v", locations=["soma", "dendrite"])`` means "soma.v" and "dendrite.v". A
            variable that belongs to no compartment is recorded once.

        Raises
        ------
        pyNN.errors.RecordingError
            For a variable that the cells do not have; nothing is changed then, nor by the errors below.
        pyNN.errors.InvalidParameterValueError
            For an interval that is not allowed, for a variable that is being recorded elsewhere, for a name of a
            file with an ending that nobody knows, and for a file that has no room for these cells too.
        OSError
            For a ".zarr" file that exists (`FileExistsError`: recordings are not written over) or cannot be made.
        ImportError
            For a ".zarr" file without the package zarr (the extra "files").
        """
        record_all([self], variables, to_file, sampling_interval, locations)

    def _record(self, variables, file, at_end, sampling_interval, locations):
        """`record` as a change, to a file that is written in the run, or to one that is written `at_end`."""
        yield from together(cells._recording(variables, file, sampling_interval, locations) for cells in self.members)
        promise(self, variables, locations, at_end)


def record_all(
    groups: list[CellGroup],
    variables: Names | None,
    to_file: File | None = None,
    sampling_interval: Number | None = None,
    locations: Names | None = None,
) -> None:
    """Record variables of several groups of cells, or of none if one of them refuses; see `CellGroup.record`."""
    file = to_file if variables is not None and is_recording_file(to_file) else None
    at_end = to_file if file is None else None
    check_promise(groups, at_end)
    carry_out(group._record(variables, file, at_end, sampling_interval, locations) for group in groups)


class CellsOfOnePopulation(CellGroup):
    """What a population and a view of it have in common.

    `root` is the population at the root, whose core population and tables hold the cells, and
    `root_indices` are the cells in it (None for all of them).
    """

    celltype: Any
    root: Any
    root_indices: Any
    recorder: Any
    _record_filter: Any

    @property
    def record_filter(self) -> Any:
        """The cells of which the recorder of the population is asked; None for all of them."""
        return self._record_filter

    @reading
    def get(self, parameter_names: Names, gather: bool | str = False, simplify: bool = True) -> Any:
        """Values of one parameter, or a list of them for several.

        Parameters
        ----------
        parameter_names : str or sequence of str
            Names of parameters; the name of a compartment gives a dictionary.
        gather : bool
            With several processes: return the values of all cells in process 0. Otherwise, and in the other
            processes, they are those of the local cells.
        simplify : bool
            Return one number where all cells have the same value.

        Returns
        -------
        float or array of shape (size,), or list of these
            In PyNN's units (those of NEST for native cell types).

        Raises
        ------
        pyNN.errors.NonExistentParameterError
            For an unknown name.
        """
        if isinstance(parameter_names, str):
            return self._get(parameter_names, gather, simplify)
        return [self._get(name, gather, simplify) for name in parameter_names]

    def _get(self, name, gather, simplify):
        celltype = self.celltype
        if name in celltype.default_parameters:
            return self._read(name, gather, simplify)
        members = celltype.group(name)
        if members:
            return {inner: self._read(own, gather, simplify) for inner, own in members.items()}
        return self._read(celltype.own_name(name), gather, simplify)

    def _read(self, name, gather, simplify):
        if self.root.everywhere:
            return self.celltype.read(self.root, name, self.root_indices, simplify)
        local = np.flatnonzero(self.local_mask)
        own = local if self.root_indices is None else self.root_indices[local]
        if not gather:
            return self.celltype.read(self.root, name, own, simplify and own.size > 0)
        values = self.celltype.read(self.root, name, own, False)
        found = self.simulation.processes.gather(f"get {name} of {self.label}", (local, values))
        if found is not None:
            places, values = (np.concatenate(column) for column in zip(*found))
            values = values[np.argsort(places)]
        return simplified(values) if simplify else values

    @reading
    def _values_to_show(self) -> dict[str, Any]:
        """Values of all parameters of the cells in this process, as far as they can be told from what is shown."""
        own = self.root_indices
        if not self.root.everywhere:
            local = np.flatnonzero(self.local_mask)
            own = local if own is None else own[local]
        celltype = self.celltype
        return {name: celltype.to_show(self.root, name, own) for name in celltype.default_parameters}

    def _setting(self, parameters):
        """`set` as a change."""
        celltype = self.celltype
        values = celltype.evaluate(celltype.flatten(parameters), self.size)
        yield from celltype.writing(self.root, values, self.root_indices) if values else [None]

    def _initializing(self, initial_values):
        """`initialize` as a change."""
        celltype, population = self.celltype, self.root
        drawn = {}
        for name, value in initial_values.items():
            drawn[name] = celltype.check_state(population, name, value, self.size)
        values = {}
        for name, value in celltype.resolve_states(drawn).items():
            if isinstance(value, str):
                value = celltype.read(population, value, self.root_indices)
            values[name] = value
        yield
        for name, value in values.items():
            term = celltype.states[name]
            population.core.initialize(term.core, np.asarray(value) * term.factor, self.root_indices, checked=True)
            self._note_initial_value(name, value)
        for group, members in celltype.state_groups.items():
            if not values.keys().isdisjoint(members):
                population.initial_values[group] = population.initial_values[members[0]]

    def _note_initial_value(self, name, value):
        table = self.root.initial_values
        if self.root_indices is None:
            table[name] = LazyArray(value if np.ndim(value) else float(value), shape=(self.size,), dtype=float)
        else:
            values = table[name].evaluate() * np.ones(self.root.size)
            fill(values, self.root_indices, value)
            table[name] = LazyArray(values, shape=values.shape, dtype=float)

    def _get_cell_initial_value(self, id, variable):
        self._check_state(variable)
        return self.root.initial_values[variable][self.root.id_to_index(id)]

    def _check_state(self, variable):
        known = [*self.celltype.state_groups, *self.celltype.states]
        if not isinstance(variable, str) or variable not in known:
            raise NonExistentStateError(variable, type(self.celltype).__name__, known)

    def _set_cell_initial_value(self, id, variable, value):
        self._check_state(variable)
        id.as_view().initialize(**{variable: value})

    def __add__(self, other):
        """An assembly of this and another group of cells."""
        if not isinstance(other, CellGroup):
            raise TypeError(f"{self.label} + {other!r} is not possible: what is added must be a group of cells")
        return self._assembly_class(*self.members, *other.members)

    def find_units(self, variable: str) -> str:
        """Units of a variable or parameter, as a string.

        Raises
        ------
        pyNN.errors.NonExistentParameterError
            For an unknown name.
        """
        name = getattr(variable, "name", variable)
        units = self.celltype.units
        for known in (name, name.replace(".", "_")):
            if known in units:
                return units[known]
        raise NonExistentParameterError(name, type(self.celltype).__name__, units)

    def _recording(self, variables, file, sampling_interval, locations):
        """`record`, to a file that is written while the simulation runs or in memory (None), as a change."""
        if variables is None:
            yield
            self.recorder.reset()
        else:
            ids = None if self.root_indices is None else self.all_cells
            yield from self.recorder.recording(variables, ids, sampling_interval, locations, file)

    @reading
    def get_data(
        self,
        variables: Names | None = "all",
        gather: bool | str = True,
        clear: bool = False,
        locations: Names | None = None,
    ) -> neo.Block:
        """What has been recorded, as a `neo.Block` with a segment for each run between resets.

        Parameters
        ----------
        variables : str or list of str
            What to return; everything by default. Of what is left out no copy is made, so that an empty list needs no
            memory: ``get_data([], clear=True)`` forgets what there would be no room for.
        gather : bool
            With several processes: return the data of all cells in process 0. Otherwise, and in the other
            processes, they are those of the local cells. All processes must call it.
        clear : bool
            Forget what has been recorded so far; a recording then begins anew at the present time.
        locations : str or list of str, optional
            As for `record`.

        Returns
        -------
        neo.Block
            Each segment with one `AnalogSignal` a variable (a channel a cell; T/interval + 1 samples from the
            start on, both ends included) and one `SpikeTrain` a cell, from the time on from which
            the cell is recorded. Signals are the memory of the recording, not copies of it: what is changed in
            place, as by ``v -= v.mean()``, is changed for later calls as well; take ``v.copy()`` first. For what is
            recorded to a ".zarr" file there are Neo's proxy objects in their places, whose
            `load(time_slice=..., channel_indexes=...)` reads from the file.
        """
        return super().get_data(variables, gather, clear, locations)

    write_data = reading(common.populations.BasePopulation.write_data)

    @changing
    def annotate(self, **annotations: Any) -> None:
        super().annotate(**annotations)

    @changing
    def _set_cell_position(self, cell, position):
        super()._set_cell_position(cell, position)
