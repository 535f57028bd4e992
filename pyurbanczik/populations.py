"""Population, PopulationView and Assembly."""

import math
import reprlib
from collections.abc import Mapping
from copy import copy
from functools import partial

import numpy as np
from pyNN import common
from pyNN.core import deprecated
from pyNN.parameters import LazyArray
from pyNN.random import NumpyRNG
from pyNN.space import BaseStructure

from . import simulator
from .arguments import check_argument, check_arguments_of
from .changes import carry_out, draws_undone, together
from .lifetime import Labelled, changing, reading
from .neurons.base import CellType
from .parameters import NonExistentParameterError, fill, refuse
from .parameters import simplify as simplified
from .recording.flushing import is_recording_file
from .recording.neo_export import check_target, write, write_at_end
from .recording.population_recorder import NotRecordedError, Recorder, assembly_block
from .selection import checked_selector, numbers_of, places_of
from .units import is_integer

# Cells are counted in 32 bits.
MOST_CELLS = 2**31 - 1


class _Group(Labelled):
    """What populations, views and assemblies have in common."""

    def inject(self, current_source, location=None):
        """Inject a current into all cells, at a location ("soma", if none is given).

        Raises
        ------
        TypeError
            If the cells are spike sources.
        """
        current_source.inject_into(self, location=location)

    @property
    def _members(self):
        """The populations and views of which the group consists."""
        return getattr(self, "populations", [self])

    @changing
    def set(self, **parameters):
        """Set parameters of all cells.

        Parameters
        ----------
        **parameters
            Numbers, arrays of one value a cell, functions of the index or `RandomDistribution` objects, in
            PyNN's units. Parameters of a compartment may be given as a dictionary. Each population of an assembly
            takes them for itself.

        Raises
        ------
        pyNN.errors.InvalidParameterValueError, pyNN.errors.InvalidDimensionsError
            For a value that is not allowed; nothing is changed then.
        pyNN.errors.NonExistentParameterError
            For an unknown name; nothing is changed then.
        """
        carry_out(cells._setting(parameters) for cells in self._members)

    @changing
    def initialize(self, **initial_values):
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
            carry_out(cells._initializing(initial_values) for cells in self._members)

    def __getitem__(self, index):
        """A cell, or a view of several: by number, slice, mask or numbers."""
        if isinstance(index, (int, np.integer)) and not isinstance(index, bool):
            if not -self.size <= index < self.size:
                raise IndexError(f"{self.label} has no cell {index}, but {self.size} cells")
            return super().__getitem__(int(index) % self.size)
        allowed = "a number, a slice, a mask of all cells, or a sequence of numbers"
        return super().__getitem__(checked_selector(f"{self.label}[]", "index", index, self.size, allowed))

    def sample(self, n, rng=None):
        """A view of `n` different cells drawn at random, the same ones in all processes."""
        if not isinstance(n, (int, np.integer)) or isinstance(n, bool) or not 1 <= n <= self.size:
            refuse(f"{self.label}.sample", "n", repr(n), f"an integer from 1 to {self.size}")
        return super().sample(int(n), rng or self._shared_rng())

    def is_local(self, id):
        """Whether a cell of the group is computed by this process."""
        return bool(self._mask_local[self.id_to_index(id)])

    @reading
    def get_spike_counts(self, gather=True):
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
        recorded = [cells for cells in self._members if cells.recorder.records_spikes(cells._record_filter)]
        if not recorded:
            raise NotRecordedError(self.label, "spikes")
        counts = {}
        for cells in recorded:
            counts.update(cells.recorder.count("spikes", gather, cells._record_filter))
        return counts

    def mean_spike_count(self, gather=True):
        """Mean of `get_spike_counts`, which see. With `gather`, processes other than 0 get NaN."""
        counts = self.get_spike_counts(gather)
        if gather and self._simulator.state.mpi_rank:
            return np.nan
        return float(np.mean(list(counts.values()))) if counts else 0

    def _shared_rng(self):
        """A generator without a seed of the user's, with which all processes draw the same."""
        seed = int(np.random.SeedSequence().generate_state(1)[0])
        if self._simulator.state.processes:
            seed = self._simulator.state.processes.share(f"sample {self.label}", seed)[0]
        return NumpyRNG(seed=seed)

    def save_positions(self, file):
        """Write index, x, y and z of all cells to a text file (process 0 does)."""
        if self._simulator.state.mpi_rank == 0:
            super().save_positions(file)

    @changing
    def record(self, variables, to_file=None, sampling_interval=None, locations=None):
        """Record variables of all cells, from now on.

        Parameters
        ----------
        variables : str or list of str
            Names from ``celltype.recordable``, or "all"; None stops all recording of the population.
        to_file : str, path or Neo IO, optional
            Where `end()` writes the data. A name that ends in ".zarr" is that of a file which is written while
            the simulation runs, so that memory does not limit its duration: `get_data` reads from it when it is
            asked to, and :func:`read_recording` after a crash or in another process. Any number of populations
            and projections may share it.
        sampling_interval : float, optional
            ms, a multiple of the time step (the default), the same for all signals of a population.
        locations : str or list of str, optional
            Compartments: ``record("v", locations=["soma", "dendrite"])`` means "soma.v" and "dendrite.v". A
            variable that belongs to no compartment is recorded once.

        Raises
        ------
        pyNN.errors.RecordingError
            For a variable that the cells do not have; nothing is changed then, nor by the errors below.
        pyNN.errors.InvalidParameterValueError
            For an interval that is not allowed, for a variable that is being recorded elsewhere, and for a name
            of a file with an ending that nobody knows.
        OSError
            For a ".zarr" file that exists (`FileExistsError`: recordings are not written over) or cannot be made.
        ImportError
            For a ".zarr" file without the package zarr (the extra "files").
        """
        carry_out([self._record(variables, to_file, sampling_interval, locations)])

    def _record(self, variables, to_file, sampling_interval, locations):
        """`record` as a change."""
        file = to_file if variables is not None and is_recording_file(to_file) else None
        if file is None:
            check_target(f"{self.label}.record", to_file)
        yield from together(cells._recording(variables, file, sampling_interval, locations) for cells in self._members)
        if file is None:
            write_at_end(self, variables, locations, to_file)


class _Cells(_Group):
    """What a population and a view of it have in common.

    `_population` is the population at the root, whose core population and tables hold the cells, and
    `_indices` are the cells in it (None for all of them).
    """

    @reading
    def get(self, parameter_names, gather=False, simplify=True):
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
        if self._population.everywhere:
            return self.celltype.read(self._population, name, self._indices, simplify)
        local = np.flatnonzero(self._mask_local)
        own = local if self._indices is None else self._indices[local]
        if not gather:
            return self.celltype.read(self._population, name, own, simplify and own.size > 0)
        values = self.celltype.read(self._population, name, own, False)
        found = self._simulator.state.processes.gather(f"get {name} of {self.label}", (local, values))
        if found is not None:
            places, values = (np.concatenate(column) for column in zip(*found))
            values = values[np.argsort(places)]
        return simplified(values) if simplify else values

    def _setting(self, parameters):
        """`set` as a change."""
        celltype = self.celltype
        values = celltype.evaluate(celltype.flatten(parameters), self.size)
        yield from celltype.writing(self._population, values, self._indices) if values else [None]

    def _initializing(self, initial_values):
        """`initialize` as a change."""
        celltype, population = self.celltype, self._population
        drawn = {}
        for name, value in initial_values.items():
            drawn[name] = celltype.check_state(population, name, value, self.size)
        values = {}
        for name, value in celltype.resolve_states(drawn).items():
            if isinstance(value, str):
                value = celltype.read(population, value, self._indices)
            values[name] = value
        yield
        for name, value in values.items():
            term = celltype.states[name]
            population._core.initialize(term.core, np.asarray(value) * term.factor, self._indices)
            self._note_initial_value(name, value)
        for group, members in celltype.state_groups.items():
            if any(name in values for name in members):
                population.initial_values[group] = population.initial_values[members[0]]

    def _note_initial_value(self, name, value):
        table = self._population.initial_values
        if self._indices is None:
            table[name] = LazyArray(value if np.ndim(value) else float(value), shape=(self.size,), dtype=float)
        else:
            values = table[name].evaluate() * np.ones(self._population.size)
            fill(values, self._indices, value)
            table[name] = LazyArray(values, shape=values.shape, dtype=float)

    def _get_cell_initial_value(self, id, variable):
        self._check_state(variable)
        return self._population.initial_values[variable][self._population.id_to_index(id)]

    def _check_state(self, variable):
        known = [*self.celltype.state_groups, *self.celltype.states]
        if not isinstance(variable, str) or variable not in known:
            raise NonExistentParameterError(variable, f"initial values of {type(self.celltype).__name__}", known)

    def _set_cell_initial_value(self, id, variable, value):
        self._check_state(variable)
        id.as_view().initialize(**{variable: value})

    def __add__(self, other):
        """An assembly of this and another group of cells."""
        if not isinstance(other, _Group):
            raise TypeError(f"{self.label} + {other!r} is not possible: what is added must be a group of cells")
        return Assembly(*self._members, *other._members)

    def find_units(self, variable):
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
            yield from self.recorder.recording(variables, self.all_cells, sampling_interval, locations, file)

    @reading
    def get_data(self, variables="all", gather=True, clear=False, locations=None):
        """What has been recorded, as a `neo.Block` with a segment for each run between resets.

        Parameters
        ----------
        variables : str or list of str
            What to return; everything by default.
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
            start on, both ends included) and one `SpikeTrain` a cell. The samples are those of the recorder,
            not a copy. For what is recorded to a ".zarr" file there are Neo's proxy objects in their places,
            whose `load(time_slice=..., channel_indexes=...)` reads from the file.
        """
        return super().get_data(variables, gather, clear, locations)

    write_data = reading(common.populations.BasePopulation.write_data)

    @changing
    def annotate(self, **annotations):
        super().annotate(**annotations)

    @changing
    def _set_cell_position(self, cell, position):
        super()._set_cell_position(cell, position)

    def _get_view(self, selector, label=None):
        return PopulationView(self, selector, label)


class Assembly(_Group, common.Assembly):
    """Populations and views as one group of cells, in the order in which they are given.

    Parameters
    ----------
    *populations : Population or PopulationView
        All of one simulation.
    label : str, optional
    """

    def __init__(self, *populations, label=None):
        for group in populations:
            if not isinstance(group, _Cells):
                raise TypeError(f"Assembly: {group!r} is not allowed; it must be a population or a view of one")
        check_argument("Assembly", "label", label)
        if populations:
            self._simulator = populations[0]._simulator
        super().__init__(*populations, **({} if label is None else {"label": label}))

    def id_to_index(self, id):
        """The index of a cell, or indices of several; an `IndexError` for those that are not among the cells."""
        return numbers_of(self, id)

    def _insert(self, element):
        if element._simulator is not self._simulator:
            (self if element._simulator is simulator.state else element).check_present()
        super()._insert(element)

    def __copy__(self):
        return type(self)(*self.populations, label=self.label)

    def __deepcopy__(self, memo):
        return copy(self)

    @property
    def position_generator(self):
        """A function of indices that returns positions of shape (number of indices, 3), as those of populations do."""
        return lambda i: self.positions.T[i]

    @property
    def receptor_types(self):
        """Receptor types that all populations have, in the order of the first: it decides on the defaults."""
        common_types = super().receptor_types
        return [name for name in self.populations[0].celltype.receptor_types if name in common_types]

    @reading
    def get(self, parameter_names, gather=False, simplify=True):
        """Values of one parameter, or a list of them for several, of the cells of all populations; see
        `Population.get`.
        """
        if not isinstance(parameter_names, str):
            return [self.get(name, gather, simplify) for name in parameter_names]
        values = np.hstack([cells.get(parameter_names, gather, simplify=False) for cells in self.populations])
        return simplified(values) if simplify else values

    @deprecated("set(parametername=rand_distr)")
    def rset(self, parametername, rand_distr):
        """Set a parameter to random values."""
        self.set(**{parametername: rand_distr})

    def find_units(self, variable):
        """Units of a variable or parameter, as a string; a `ValueError` if the populations disagree."""
        units = super().find_units(variable)
        return units.pop()

    @reading
    def get_data(self, variables="all", gather=True, clear=False, annotations=None, locations=None):
        """Recorded data of all populations in one `neo.Block`, one channel or spike train a cell.

        Parameters are those of `Population.get_data`.
        """
        return assembly_block(self, variables, gather, clear, annotations, locations)

    @reading
    def write_data(self, io, variables="all", gather=True, clear=False, annotations=None, locations=None):
        """Write what `get_data` returns to a Neo IO, or to a file."""
        get = partial(self.get_data, variables, gather, annotations=annotations, locations=locations)
        write(get, io, gather, partial(get, clear=True) if clear else None)


class PopulationView(_Cells, common.PopulationView):
    """Some cells of a population, in a given order: ``population[2:5]``, ``population[mask]``.

    What is set through the view is set in the population.

    Parameters
    ----------
    parent : Population or PopulationView
    selector : slice, integer array or boolean mask
    label : str, optional
    """

    _assembly_class = Assembly

    def __init__(self, parent, selector, label=None):
        if not isinstance(parent, _Cells):
            raise TypeError(
                f"PopulationView.parent: {parent!r} is not allowed; it must be a population or a view of one"
            )
        self._simulator = parent._simulator
        allowed = "a slice, a mask of all cells, or a sequence of numbers"
        chosen = checked_selector("PopulationView", "selector", selector, parent.size, allowed)
        if not np.arange(parent.size)[chosen].size:
            refuse("PopulationView", "selector", repr(selector), f"a choice of at least one cell of {parent.label!r}")
        super().__init__(parent, chosen, label)
        self._population = parent._population
        self._indices = self.all_cells.astype(np.int64) - int(self._population.first_id)

    def id_to_index(self, id):
        """The index of a cell, or indices of several; an `IndexError` for those that are not among the cells."""
        return numbers_of(self, id)

    def __hash__(self):
        return hash((id(self._population), self._indices.tobytes()))

    def index_in_grandparent(self, indices):
        """Indices in the population of cells given by their indices here."""
        indices = np.asarray(indices)
        if ((indices < -self.size) | (indices >= self.size)).any():
            refuse(self.label, "indices", reprlib.repr(indices), f"numbers below {self.size}")
        return self._indices[indices]

    def index_from_parent_index(self, indices):
        """The index in the view of a cell (an int), or of several cells (an array), given by indices in the parent.

        Raises
        ------
        IndexError
            For a cell that is not in the view.
        """
        return places_of(self.label, indices, np.arange(self.parent.size)[self.mask])

    @property
    def initial_values(self):
        """Initial values of the cells, as ``{name: LazyArray}``."""
        return {
            name: LazyArray(lazy[self._indices] if self.size else lazy.base_value, shape=(self.size,), dtype=float)
            for name, lazy in self._population.initial_values.items()
        }


class Population(_Cells, common.Population):
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
    _indices = None

    @changing
    def __init__(self, size, cellclass, cellparams=None, structure=None, initial_values=None, label=None):
        self._given = {}
        if not isinstance(initial_values, Mapping | None):
            refuse("Population", "initial_values", repr(initial_values), "a dictionary, or None")
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
            self._check_structure(structure)
        if not (isinstance(cellparams, Mapping) if is_class and cellparams else not cellparams):
            allowed = "a dictionary" if is_class else "None beside a cell type that is an instance"
            refuse("Population", "cellparams", reprlib.repr(cellparams), allowed)
        if is_class:
            cellparams = dict(cellparams or {})
        self._core = None
        try:
            super().__init__(size, cellclass, cellparams, structure, {}, label)
            # after the defaults, which a name for several states must override
            self.initialize(**initial_values)
        except BaseException:
            self._forget()
            raise

    @changing
    def _set_positions(self, positions):
        try:
            given = np.array(positions, dtype=float)
        except (TypeError, ValueError, OverflowError):
            given = np.empty(0)
        if given.shape != (3, self.size) or not np.isfinite(given).all():
            refuse(self.label, "positions", repr(positions), f"finite numbers, an array of shape (3, {self.size})")
        super()._set_positions(given)

    positions = property(
        common.Population._get_positions, _set_positions, doc="Positions of the cells, shape (3, size)."
    )

    @changing
    def _set_structure(self, structure):
        self._check_structure(structure)
        # structures of different kinds cannot be compared
        if type(structure) is not type(self._structure) or structure != self._structure:
            self._positions = None
            self._structure = structure

    def _check_structure(self, structure):
        if not isinstance(structure, BaseStructure):
            refuse("Population", "structure", repr(structure), "a structure of pyNN.space")

    structure = property(common.Population._get_structure, _set_structure, doc="How the cells lie in space.")

    @property
    def _population(self):
        return self

    @property
    def all_cells(self):
        """An array of the cells."""
        table = self._simulator.state.cells
        cells = table.get(self._first)
        if cells is None:
            cells = np.empty(self.size, dtype=object)
            cells[:] = [simulator.ID(n, self) for n in range(self._first, self._first + self.size)]
            table[self._first] = cells
        return cells

    @property
    def first_id(self):
        """The first cell, whose number is the smallest."""
        return self.all_cells[0]

    @property
    def last_id(self):
        """The last cell, whose number is the largest."""
        return self.all_cells[-1]

    # PyNN sets what follows from the numbers of the cells; kept here, a cell would keep its population for ever
    @first_id.setter
    def first_id(self, cell):
        pass

    @last_id.setter
    def last_id(self, cell):
        pass

    def _create_cells(self):
        state = self._simulator.state
        values = self.celltype.initial_parameters(self.size)
        self._network_token = state.network_token
        self._core = self.celltype.create(state.network, self.size)
        carry_out([self.celltype.writing(self, values)])
        self._first = state.id_counter
        state.id_counter += self.size
        self._mask_local = np.zeros(self.size, dtype=bool)
        self._mask_local[self._core.local] = True
        self.everywhere = state.processes is None or self._core.everywhere
        state.populations.append(self)

    def _forget(self):
        """Leave nothing behind, since the population could not be made as it was asked for."""
        state = self._simulator.state
        if self._core is not None:
            state.network.remove_population(self._core)
        if self in state.populations:
            state.populations.remove(self)
            state.cells.pop(self._first, None)
            state.id_counter -= self.size


check_arguments_of(Population, PopulationView, Assembly, simulator.ID)
